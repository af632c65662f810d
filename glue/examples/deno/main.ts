// A server in front of an origin: a page is asked for once a minute, and is a copy in between.
import { initFerrite } from "@ferrite/edge";

const ORIGIN = Deno.env.get("ORIGIN") ?? "https://origin.example.com";

// One cache a process, for as long as that lives.
const cache = await initFerrite({ maxMemory: "64mb", evictionPolicy: "allkeys-lru" });

Deno.serve((request) => {
  const { pathname, search } = new URL(request.url);
  const url = ORIGIN + pathname + search;
  const isCacheable = request.method === "GET" && !request.headers.has("Authorization");
  return isCacheable ? page(url) : fetch(new Request(url, request));
});

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
