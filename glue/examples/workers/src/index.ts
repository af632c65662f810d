// A worker in front of an origin: pages, sessions, experiments and a rate limit out of one cache.

import { initFerrite } from "@ferrite/edge";

interface Env {
  ORIGIN: string;
}

// One cache an isolate, for as long as that lives. It may be made here, and used in handlers.
const cache = await initFerrite({ maxMemory: "64mb", evictionPolicy: "allkeys-lru" });

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (isOverLimit(request.headers.get("CF-Connecting-IP") ?? "")) {
      return new Response("Too Many Requests", { status: 429 });
    }
    switch (pathname) {
      case "/login":
        return logIn(searchParams.get("user") ?? "");
      case "/account":
        return account(request.headers.get("Authorization") ?? "");
      case "/variant":
        return variant(searchParams.get("experiment") ?? "", searchParams.get("user") ?? "");
      default:
        return page(request, env.ORIGIN + pathname);
    }
  },
};

/** A hundred requests a minute and address. */
function isOverLimit(clientIp: string): boolean {
  const key = `rate:${clientIp}`;
  const count = cache.incr(key);
  if (count === 1) cache.expire(key, 60);
  return count > 100;
}

async function page(request: Request, url: string): Promise<Response> {
  const isCacheable = request.method === "GET" && !request.headers.has("Authorization");
  if (!isCacheable) return fetch(url, request);

  const key = `page:${url}`;
  const cached = cache.get(key);
  if (cached !== null) return new Response(cached, { headers: { "X-Cache": "HIT" } });

  const response = await fetch(url);
  const body = await response.text();
  if (response.ok) cache.set(key, body, { ex: 60 });
  return new Response(body, { status: response.status, headers: { "X-Cache": "MISS" } });
}

/** Here the isolate alone knows of a session; a real one comes from a store when it is not found. */
function logIn(userId: string): Response {
  const token = crypto.randomUUID();
  cache.hset(`session:${token}`, { userId, since: Date.now() });
  cache.expire(`session:${token}`, 1800);
  return new Response(token);
}

function account(token: string): Response {
  const session = cache.hgetall(`session:${token}`);
  if (!session?.userId) return new Response("Log in first", { status: 401 });
  return new Response(`Hello, ${session.userId}`);
}

function variant(experiment: string, userId: string): Response {
  const key = `ab:${experiment}:${userId}`;
  let assigned = cache.get(key);
  if (assigned === null) {
    assigned = Math.random() < 0.5 ? "A" : "B";
    cache.set(key, assigned, { ex: 3600 });
  }
  return new Response(assigned);
}
