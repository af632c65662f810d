// The edge, inside workerd: the handler, and under /figures what its cache has to say.

import { createEdge } from "./handler.mjs";

let edge; // once an isolate
let mostBytes = 0; // the largest the cache's whole memory has been after any request

export default {
  async fetch(request, env) {
    edge ??= createEdge({ origin: env.ORIGIN, maxMemory: env.MAX_MEMORY });
    const { handle, cache } = await edge;
    if (new URL(request.url).pathname === "/figures") {
      return Response.json({ ...cache.info(), mostBytes });
    }
    const response = await handle(request);
    mostBytes = Math.max(mostBytes, cache.memory.buffer.byteLength);
    return response;
  },
};
