// One run of one contender of pauses.mjs: the longest SET, growing and evicting, as JSON.
//
//   node test/bench/memory/longest-set.mjs ferrite|lru-cache|Map <entries> <seed>

const TTL_SECONDS = 3600;
const WARM_UP_ENTRIES = 20_000;
const KEYS_A_CHECK = 1000;
const CALLS_A_BATCH = 64;
const BYTES_AN_ENTRY = 2 ** 27 / 1_000_000; // of budget: 128 MiB for a million

// `evicting()` tells whether a new entry costs an old one.
const CONTENDERS = {
  ferrite: async (entries, seed) => {
    const { initFerrite } = await import("../../../glue/platform/node.js");
    const maxMemory = Math.max(2 ** 20, Math.round(entries * BYTES_AN_ENTRY));
    const cache = await initFerrite({ maxMemory, seed: Uint32Array.of(seed, 1, 2, 3) });
    return {
      set: (key, value) => cache.set(key, value, { ex: TTL_SECONDS }),
      count: () => cache.dbsize(),
      evicting: () => cache.info().evicted_keys > 0,
    };
  },
  "lru-cache": async (entries) => {
    const { LRUCache } = await import("lru-cache");
    const cache = new LRUCache({ max: entries, ttl: TTL_SECONDS * 1000 });
    return {
      set: (key, value) => cache.set(key, value),
      count: () => cache.size,
      evicting: () => cache.size === entries,
    };
  },
  Map: async (entries) => {
    const cache = new Map();
    const oldest = cache.keys();
    return {
      set: (key, value) => {
        if (cache.size === entries) cache.delete(oldest.next().value);
        cache.set(key, value);
      },
      count: () => cache.size,
      evicting: () => cache.size === entries,
    };
  },
};

const VALUES = Array.from({ length: 256 }, (_, i) =>
  Buffer.from(`${1000 + i}`.padEnd(64, "value ")).toString("latin1"),
);

// Returns { wall, own } in ms. While the machine is busy a call may take long because other programs
// had their turn in it, so the processor time of each batch is looked at: `own` takes a call to be
// no longer than that of its batch. A key is joined of two parts when somebody first looks at it, as
// one that was just put together.
function longestSet(cache, from, count) {
  const longest = { wall: 0, own: 0 };
  for (let i = from; i < from + count; ) {
    let wall = 0;
    const before = process.cpuUsage();
    for (const end = Math.min(i + CALLS_A_BATCH, from + count); i < end; i++) {
      const key = "page:" + (100_000_000_000 + i);
      const value = VALUES[i & 255];
      const start = performance.now();
      cache.set(key, value);
      wall = Math.max(wall, performance.now() - start);
    }
    const { user, system } = process.cpuUsage(before);
    longest.wall = Math.max(longest.wall, wall);
    longest.own = Math.max(longest.own, Math.min(wall, (user + system) / 1000));
  }
  return longest;
}

async function measure(name, entries, seed) {
  // What is measured is the cache, not the compiler: that has seen it all in a smaller one.
  const small = await CONTENDERS[name](WARM_UP_ENTRIES / 4, seed);
  longestSet(small, 0, WARM_UP_ENTRIES);

  const cache = await CONTENDERS[name](entries, seed);
  const growing = longestSet(cache, 0, entries);
  if (cache.count() !== entries) throw new Error(`${name} holds ${cache.count()} of ${entries}`);
  let next = entries;
  for (; !cache.evicting(); next += KEYS_A_CHECK) longestSet(cache, next, KEYS_A_CHECK);
  const evicting = longestSet(cache, next, entries);
  return { growing, evicting };
}

const [name, entries, seed] = process.argv.slice(2);
console.log(JSON.stringify(await measure(name, Number(entries), Number(seed))));
