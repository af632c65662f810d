// The worker of the page that this project comes from, as it is there but for this import. A worker that is
// a module has no modules among its bindings any more: page-with-module.js gives it the one it asks for.
import initFerrite, { type Ferrite as FerriteCacheInstance } from "@ferrite/edge";

interface Env {
  FERRITE_WASM: WebAssembly.Module;
}

let cache: FerriteCacheInstance | null = null;

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    // Initialize Ferrite once per isolate
    if (!cache) {
      cache = await initFerrite(env.FERRITE_WASM, {
        maxMemory: "64mb",
        evictionPolicy: "allkeys-lru",
      });
    }

    const url = new URL(request.url);

    // Example: cache API responses
    const cacheKey = `page:${url.pathname}`;
    const cached = cache.get(cacheKey);
    if (cached) {
      return new Response(cached, {
        headers: { "X-Cache": "HIT" },
      });
    }

    const response = await fetch(request);
    const body = await response.text();

    // Cache for 60 seconds
    cache.set(cacheKey, body, { ex: 60 });

    return new Response(body, {
      headers: { "X-Cache": "MISS" },
    });
  },
};
