// The cache, in a worker that the browser has once for all tabs of a site.

import { initFerrite } from "@ferrite/edge";

// Not awaited here: tabs that come meanwhile would not be heard.
const cache = initFerrite({ maxMemory: "8mb", evictionPolicy: "allkeys-lru" });

addEventListener("connect", ({ ports: [port] }) => {
  port.onmessage = async ({ data: { id, words } }) => {
    try {
      port.postMessage({ id, reply: (await cache).call(...words) });
    } catch (error) {
      port.postMessage({ id, error: error.message });
    }
  };
});
