// A worker that makes a cache at its first request, sets a key and gets it.
import { initFerrite } from "@ferrite/edge";

let cache;

export default {
  async fetch() {
    cache ??= await initFerrite({ maxMemory: "64mb" });
    cache.set("key", "value", { ex: 60 });
    return new Response(cache.get("key"));
  },
};
