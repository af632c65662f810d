import { initFerrite } from "@ferrite/edge";

const cache = await initFerrite({ maxMemory: "1mb" });
const before = cache.get("key");
cache.set("key", "the worker's");
self.postMessage([before, cache.get("key")]);
