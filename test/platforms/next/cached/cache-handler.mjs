import { initFerrite } from "@ferrite/edge";
import { cacheHandler } from "@ferrite/edge/next";

const cache = await initFerrite({ maxMemory: "4mb" });
globalThis.cacheOfNext = cache; // for app/state

export default cacheHandler(cache);
