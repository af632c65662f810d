// A page cache at the edge, in front of an origin. Nothing here knows of Node: `handle` takes a
// Request and gives a Response, as edge workers do.

import { initFerrite } from "@ferrite/edge";

export async function createEdge({ origin, maxMemory }) {
  const cache = await initFerrite({ maxMemory, evictionPolicy: "allkeys-lru" });

  async function handle(request) {
    const { pathname } = new URL(request.url);
    const key = `page:${pathname}`;

    const cached = cache.get(key);
    if (cached !== null) return new Response(cached, { headers: { "X-Cache": "HIT" } });

    const response = await fetch(origin + pathname);
    const body = await response.text();
    if (response.ok) cache.set(key, body, { ex: secondsToKeep(response) });
    return new Response(body, { status: response.status, headers: { "X-Cache": "MISS" } });
  }

  return { handle, cache };
}

/** What the origin allows, or a minute. */
function secondsToKeep(response) {
  const maxAge = /max-age=(\d+)/.exec(response.headers.get("cache-control") ?? "");
  return maxAge ? Number(maxAge[1]) : 60;
}
