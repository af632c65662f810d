// A server in front of an origin: a page is asked for once a minute, and a client a hundred times.
import { initFerrite } from "@ferrite/edge";

const ORIGIN = process.env.ORIGIN ?? "https://origin.example.com";

// One cache a process, for as long as that lives.
const cache = await initFerrite({ maxMemory: "64mb", evictionPolicy: "allkeys-lru" });

const server = Bun.serve({
  fetch(request, server) {
    if (isOverLimit(server.requestIP(request)?.address ?? "")) {
      return new Response("Too Many Requests", { status: 429 });
    }
    const { pathname, search } = new URL(request.url);
    const url = ORIGIN + pathname + search;
    const isCacheable = request.method === "GET" && !request.headers.has("Authorization");
    return isCacheable ? page(url) : fetch(new Request(url, request));
  },
});
console.log(`Listening on ${server.url}`);

/** A hundred requests a minute and address. */
function isOverLimit(clientIp: string): boolean {
  const key = `rate:${clientIp}`;
  const count = cache.incr(key);
  if (count === 1) cache.expire(key, 60);
  return count > 100;
}

async function page(url: string): Promise<Response> {
  const key = `page:${url}`;
  const cached = cache.get(key);
  if (cached !== null) return answer(cached, 200, "HIT");

  const response = await fetch(url);
  const body = await response.text();
  if (response.ok) cache.set(key, body, { ex: 60 });
  return answer(body, response.status, "MISS");
}

function answer(body: string, status: number, from: "HIT" | "MISS"): Response {
  return new Response(body, { status, headers: { "X-Cache": from } });
}
