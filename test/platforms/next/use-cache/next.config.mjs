import { fileURLToPath } from "node:url";

const handler = fileURLToPath(new URL("cache-handler.mjs", import.meta.url));

export default {
  turbopack: { root: fileURLToPath(new URL("../../../..", import.meta.url)) },
  cacheComponents: true,
  partialPrefetching: true,
  cacheHandlers: { default: handler, remote: handler },
};
