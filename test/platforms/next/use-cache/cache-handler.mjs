import { initFerrite } from "@ferrite/edge";
import { useCacheHandler } from "@ferrite/edge/next";

const cache = await initFerrite({ maxMemory: "4mb" });
globalThis.cacheOfNext = cache; // for app/state

export default useCacheHandler(cache);
