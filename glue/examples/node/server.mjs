// A server in front of an origin, with two caches: pages and what counts requests may be evicted by
// others, sessions are there until they end.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { initFerrite } from "@ferrite/edge";

const { ORIGIN = "https://origin.example.com", PORT = 3000 } = process.env;

const pages = await initFerrite({ maxMemory: "64mb", evictionPolicy: "allkeys-lru" });
const sessions = await initFerrite({ maxMemory: "16mb", evictionPolicy: "noeviction" });

const server = createServer(async (request, response) => {
  const { status = 200, headers, body } = await answer(request).catch(unavailable);
  response.writeHead(status, headers).end(body);
});
server.listen(PORT, () => console.log(`Listening on http://localhost:${server.address().port}`));

async function answer({ method, url, headers, socket }) {
  if (isOverLimit(socket.remoteAddress)) return { status: 429, body: "Too Many Requests" };
  const { pathname, search, searchParams } = new URL(url, "http://localhost");
  if (pathname === "/login") return logIn(searchParams.get("user") ?? "");
  if (pathname === "/account") return account(headers.authorization ?? "");
  if (method !== "GET") return { status: 405, headers: { Allow: "GET" } };
  return page(ORIGIN + pathname + search);
}

function unavailable(error) {
  console.error(error);
  return { status: 503, body: "Service Unavailable" };
}

/** A hundred requests a minute and address. */
function isOverLimit(clientIp) {
  const key = `rate:${clientIp}`;
  const count = pages.incr(key);
  if (count === 1) pages.expire(key, 60);
  return count > 100;
}

async function page(url) {
  const key = `page:${url}`;
  const cached = pages.getBytes(key);
  if (cached !== null) return { headers: { "X-Cache": "HIT" }, body: cached };

  const response = await fetch(url);
  const body = new Uint8Array(await response.arrayBuffer());
  if (response.ok) pages.set(key, body, { ex: 60 });
  return { status: response.status, headers: { "X-Cache": "MISS" }, body };
}

/** What does not fit is refused, and no session is thrown out for it. */
function logIn(userId) {
  const token = randomUUID();
  sessions.hset(`session:${token}`, { userId, since: Date.now() });
  sessions.expire(`session:${token}`, 1800);
  return { body: token };
}

function account(token) {
  const session = sessions.hgetall(`session:${token}`);
  if (!session?.userId) return { status: 401, body: "Log in first" };
  return { body: `Hello, ${session.userId}` };
}
