// How fast get and set are through the JavaScript API, beside lru-cache and Map.
//
//   node test/bench/speed.mjs [--rounds 7] [--entries 10000,100000,1000000] [--seed 1]
//
// Keys are 17 ASCII characters, freshly concatenated for each operation (in batches, before the
// clock starts); values 64; the keys' popularity is Zipf with exponent 0.99; every entry has a TTL,
// except in Map, which knows none. Each cache has all the entries, and no more, before it starts.
//
// Rounds alternate between contenders, each in a process of its own (rounds.mjs).
import { parseArgs } from "node:util";
import { alternate, flat, measureApart, summary } from "./rounds.mjs";

const TTL_SECONDS = 3600;
const BATCH = 1000;
const WARM_UP_BATCHES = 400;
const BATCHES = 1000;

const CONTENDERS = {
  ferrite: async (entries) => {
    const { initFerrite } = await import("../../glue/platform/node.js");
    const cache = await initFerrite({ maxMemory: entries * 128 + 2 ** 20 });
    return {
      get: (key) => cache.get(key),
      set: (key, value) => cache.set(key, value, { ex: TTL_SECONDS }),
      count: () => cache.dbsize(),
    };
  },
  "lru-cache": async (entries) => {
    const { LRUCache } = await import("lru-cache");
    const cache = new LRUCache({ max: entries, ttl: TTL_SECONDS * 1000 });
    return {
      get: (key) => cache.get(key),
      set: (key, value) => cache.set(key, value),
      count: () => cache.size,
    };
  },
  Map: async () => {
    const cache = new Map();
    return {
      get: (key) => cache.get(key),
      set: (key, value) => cache.set(key, value),
      count: () => cache.size,
    };
  },
};

/* --- one contender, in a process of its own --------------------------------------------------- */

async function measure(name, entries, seed) {
  const random = randomNumbers(seed);
  const cache = await CONTENDERS[name](entries);
  const values = Array.from({ length: 256 }, (_, i) => flat(`${1000 + i}`.padEnd(64, "value ")));
  for (let i = 0; i < entries; i++) cache.set(keyOf(i), values[i & 255]);
  if (cache.count() !== entries) throw new Error(`${name} holds ${cache.count()} of ${entries}`);

  const ranks = zipf(entries, 2 ** 20, random);
  let next = 0;
  const keys = new Array(BATCH);
  const get = () => {
    let length = 0;
    for (let i = 0; i < BATCH; i++) length += cache.get(keys[i]).length;
    if (length !== BATCH * 64) throw new Error(`${name} gave ${length} characters`);
  };
  const set = () => {
    for (let i = 0; i < BATCH; i++) cache.set(keys[i], values[(i + next) & 255]);
  };
  const time = (operation) => {
    for (let i = 0; i < BATCH; i++) keys[i] = keyOf(ranks[next++ & (ranks.length - 1)]);
    const start = process.hrtime.bigint();
    operation();
    return Number(process.hrtime.bigint() - start);
  };
  const figures = {};
  for (const [operation, run] of Object.entries({ get, set })) {
    for (let i = 0; i < WARM_UP_BATCHES; i++) time(run);
    let nanoseconds = 0;
    for (let i = 0; i < BATCHES; i++) nanoseconds += time(run);
    figures[operation] = nanoseconds / (BATCHES * BATCH);
  }
  return figures;
}

// 17 characters; the two parts are joined when somebody first looks at them, as with any key that
// a program has just put together.
function keyOf(i) {
  return "page:" + (100_000_000_000 + i);
}

function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

// `count` entries drawn with probability 1 / rank^0.99, the ranks dealt out at random.
function zipf(entries, count, random) {
  const entryOfRank = Uint32Array.from({ length: entries }, (_, i) => i);
  for (let i = entries - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [entryOfRank[i], entryOfRank[j]] = [entryOfRank[j], entryOfRank[i]];
  }
  const cumulative = new Float64Array(entries);
  let sum = 0;
  for (let i = 0; i < entries; i++) cumulative[i] = sum += (i + 1) ** -0.99;
  return Uint32Array.from({ length: count }, () => {
    const point = random() * sum;
    let low = 0;
    let high = entries - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (cumulative[middle] < point) low = middle + 1;
      else high = middle;
    }
    return entryOfRank[low];
  });
}

/* --- all of them ------------------------------------------------------------------------------ */

function compare(rounds, sizes, seed) {
  console.log(
    `get and set, ns per operation: median of ${rounds} rounds (least-most), seed ${seed}`,
  );
  print("entries", "", ...Object.keys(CONTENDERS), "ferrite is faster than lru-cache");
  for (const entries of sizes) {
    const runs = alternate(Object.keys(CONTENDERS), rounds, (name, round) =>
      measureApart(import.meta.url, { measure: name, entries, seed: seed + round }),
    );
    for (const operation of ["get", "set"]) {
      const columns = Object.keys(CONTENDERS).map((name) =>
        summary(
          runs.map((run) => run[name][operation]),
          0,
        ),
      );
      const ratios = runs.map((run) => run["lru-cache"][operation] / run.ferrite[operation]);
      print(entries, operation, ...columns, `${summary(ratios, 2)} times`);
    }
  }
}

function print(entries, operation, ...columns) {
  console.log(
    `${entries}`.padStart(8),
    operation.padEnd(4),
    ...columns.map((text) => text.padStart(16)),
  );
}

const { values: options } = parseArgs({
  options: {
    measure: { type: "string" },
    rounds: { type: "string", default: "7" },
    entries: { type: "string", default: "10000,100000,1000000" },
    seed: { type: "string", default: "1" },
  },
});
const sizes = options.entries.split(",").map(Number);
const seed = Number(options.seed);
if (options.measure) {
  console.log(JSON.stringify(await measure(options.measure, sizes[0], seed)));
} else {
  compare(Number(options.rounds), sizes, seed);
}
