/*
 * A Cloudflare KV namespace. Nothing tells of changes there and nothing locks, and what one place writes others
 * may read a minute later. Its TTLs begin at a minute; the exact one is kept beside the value.
 */
const LEAST_TTL_S = 60;

export function kv(namespace) {
  return {
    nodeOf: () => "",

    async get(key) {
      const { value, metadata } = await namespace.getWithMetadata(key, { type: "arrayBuffer" });
      const ttlMs = metadata?.expires ? metadata.expires - Date.now() : Infinity;
      return value === null || ttlMs <= 0
        ? { value: null, ttlMs: Infinity }
        : { value: new Uint8Array(value), ttlMs };
    },

    set: (key, value, px) =>
      namespace.put(
        key,
        value,
        px === undefined
          ? {}
          : {
              expirationTtl: Math.max(LEAST_TTL_S, Math.ceil(px / 1000)),
              metadata: { expires: Date.now() + px },
            },
      ),

    del: (key) => namespace.delete(key),
  };
}
