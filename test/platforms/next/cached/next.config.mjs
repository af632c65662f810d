import { fileURLToPath } from "node:url";

export default {
  turbopack: { root: fileURLToPath(new URL("../../../..", import.meta.url)) },
  cacheHandler: fileURLToPath(new URL("cache-handler.mjs", import.meta.url)),
  cacheMaxMemorySize: 0,
};
