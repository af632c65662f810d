// The caches that are compared, each as { get, set, count, evict }; `evict`, where there is one, is called
// once, and has every further new entry cost an old one. All that know a time to live have one on
// every entry; of the others there are lru.min, LRUMap and Map.
//
// It runs in any runtime: `make` makes a cache of ours with its options.

const TTL_SECONDS = 3600;
const BYTES_AN_ENTRY = 48; // beyond the value, at most: key, expiry, index

async function ferrite({ entries, valueBytes, make }) {
  const maxMemory = entries * (valueBytes + BYTES_AN_ENTRY) + 2 ** 21;
  const cache = make({ maxMemory, seed: Uint32Array.of(1, 2, 3, 4) });
  return {
    cache,
    set: (key, value) => cache.set(key, value, { ex: TTL_SECONDS }),
    count: () => cache.dbsize(),
    evict() {
      cache.configSet("maxmemory", cache.memory.buffer.byteLength - 2 ** 16);
      for (let i = 0; cache.info().evicted_keys === 0; i++)
        for (let k = 0; k < 1000; k++) this.set(`evict:${i}:${k}`, "x".repeat(valueBytes));
    },
  };
}

const OURS = {
  ferrite: async (options) => {
    const { cache, ...contender } = await ferrite(options);
    const get = options.form === "bytes" ? (key) => cache.getBytes(key) : (key) => cache.get(key);
    return { ...contender, get };
  },
  "ferrite views": async (options) => {
    const { cache, ...contender } = await ferrite(options);
    return { ...contender, get: (key) => cache.getView(key) };
  },
};

const of = (cache, evict = () => {}) => ({
  get: (key) => cache.get(key),
  set: (key, value) => cache.set(key, value),
  count: () => cache.size,
  evict,
});

const PEERS = {
  "lru-cache": async ({ entries }) => {
    const { LRUCache } = await import("lru-cache");
    return of(new LRUCache({ max: entries, ttl: TTL_SECONDS * 1000 }));
  },
  "quick-lru": async ({ entries }) => {
    const { default: QuickLRU } = await import("quick-lru");
    return of(new QuickLRU({ maxSize: entries, maxAge: TTL_SECONDS * 1000 }));
  },
  "tiny-lru": async ({ entries }) => {
    const { lru } = await import("tiny-lru");
    return of(lru(entries, TTL_SECONDS * 1000));
  },
  "lru.min": async ({ entries }) => {
    const { createLRU } = await import("lru.min");
    return of(createLRU({ max: entries }));
  },
  LRUMap: async ({ entries }) => {
    const { LRUMap } = await import("mnemonist");
    return of(new LRUMap(entries));
  },
  ttlcache: async ({ entries }) => {
    const { TTLCache } = await import("@isaacs/ttlcache");
    return of(new TTLCache({ max: entries, ttl: TTL_SECONDS * 1000 }));
  },
  // It refuses what is over its maximum, and evicts nothing.
  "node-cache": async () => {
    const { default: NodeCache } = await import("node-cache");
    const cache = new NodeCache({ stdTTL: TTL_SECONDS, useClones: false, checkperiod: 0 });
    return { ...of(cache, undefined), evict: undefined, count: () => cache.keys().length };
  },
  // The oldest is deleted by hand.
  Map: async ({ entries }) => {
    const cache = new Map();
    const oldest = cache.keys();
    const contender = of(cache, () => {
      contender.set = (key, value) => {
        cache.set(key, value);
        if (cache.size > entries) cache.delete(oldest.next().value);
      };
    });
    return contender;
  },
};

const CONTENDERS = { ...OURS, ...PEERS };
export const PEER_NAMES = Object.keys(PEERS);

/** { name, entries, valueBytes, form: "text" or "bytes", make } */
export function contend(options) {
  return CONTENDERS[options.name](options);
}
