// One cell of the comparison: one contender, filled, and each operation timed, in any runtime.
//
// Keys are 17 ASCII characters, freshly concatenated for each operation, in batches, before the clock
// starts; so are the values that are set, each a string or Uint8Array of its own. Each cache has
// all the entries, and no more, before it starts. The exceptions come last, in a full cache that evicts:
// "mixed", 90 gets and 10 sets of a hundred, of twice as many keys as there is room for, and "new", sets
// of keys that were never there, each at the cost of an old one.

import { contend } from "./contenders.mjs";

const WARM_UP = 0.75; // batches, of those that are measured
const ENOUGH_MS = 1000; // for what takes long: some evict by a look at every entry
const DRAWS = 2 ** 19;

/** A key; its two parts are joined when somebody first looks at them, as of any that was just put together. */
export const keyOf = (i) => "page:" + (100_000_000_000 + i);
const absentKeyOf = (i) => "none:" + (100_000_000_000 + i);

const decoder = new TextDecoder();

/** (i) => the value of an entry, a new one each time. */
export function valuesOf(form, valueBytes) {
  const bytes = new Uint8Array(valueBytes).fill(0x76);
  return (i) => {
    for (let at = 0; at < 8; at++, i = Math.floor(i / 10)) bytes[at] = 0x30 + (i % 10);
    return form === "bytes" ? bytes.slice() : decoder.decode(bytes);
  };
}

export function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Numbers of entries: drawn evenly, or with probability 1 / rank^0.99, the ranks dealt out at random. */
export const DRAWN = {
  uniform: (entries, random) =>
    Uint32Array.from({ length: DRAWS }, () => Math.floor(random() * entries)),
  zipf(entries, random) {
    const entryOfRank = Uint32Array.from({ length: entries }, (_, i) => i);
    for (let i = entries - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [entryOfRank[i], entryOfRank[j]] = [entryOfRank[j], entryOfRank[i]];
    }
    const cumulative = new Float64Array(entries);
    let sum = 0;
    for (let i = 0; i < entries; i++) cumulative[i] = sum += (i + 1) ** -0.99;
    return Uint32Array.from({ length: DRAWS }, () => {
      const point = random() * sum;
      let low = 0;
      for (let high = entries - 1; low < high; ) {
        const middle = (low + high) >>> 1;
        if (cumulative[middle] < point) low = middle + 1;
        else high = middle;
      }
      return entryOfRank[low];
    });
  },
};

// One loop for each operation, since calls in a common one could not be inlined. What was read is
// looked at.
const LOOPS = {
  get(cache, keys, values, valueBytes) {
    let length = 0;
    for (let i = 0; i < keys.length; i++) length += cache.get(keys[i]).length;
    if (length !== keys.length * valueBytes) throw new Error(`gave ${length} bytes`);
  },
  miss(cache, keys) {
    let found = 0;
    for (let i = 0; i < keys.length; i++) if (cache.get(keys[i])) found++;
    if (found > 0) throw new Error(`found ${found} keys that are not there`);
  },
  set(cache, keys, values) {
    for (let i = 0; i < keys.length; i++) cache.set(keys[i], values[i]);
  },
  mixed(cache, keys, values) {
    let found = 0;
    for (let i = 0; i < keys.length; i++)
      if (i % 10 === 0) cache.set(keys[i], values[i]);
      else if (cache.get(keys[i])) found++;
    if (found === 0) throw new Error("found nothing");
  },
  new(cache, keys, values) {
    for (let i = 0; i < keys.length; i++) cache.set(keys[i], values[i]);
  },
};
export const OPERATIONS = Object.keys(LOOPS);

/**
 * Figures as { distribution: { operation: ns } }; of what a contender cannot, none. `now` gives
 * milliseconds, perhaps not at once.
 *   cell  { name, entries, valueBytes, form, seed, distributions, batch: operations, batches }
 */
export async function measureCell(cell, make, now) {
  const { name, entries, valueBytes, form, distributions, batch, batches } = cell;
  const random = randomNumbers(cell.seed);
  const cache = await contend({ name, entries, valueBytes, form, make });
  const valueOf = valuesOf(form, valueBytes);
  for (let i = 0; i < entries; i++) cache.set(keyOf(i), valueOf(i));
  if (cache.count() !== entries) throw new Error(`${name} holds ${cache.count()} of ${entries}`);

  const keys = new Array(batch);
  const values = new Array(batch);
  let unseen = 2 * entries;
  const time = async (operation, draws) => {
    const loop = LOOPS[operation];
    let next = 0;
    const run = async (count) => {
      let [spent, done] = [0, 0];
      for (; done < count && spent < ENOUGH_MS; done++) {
        for (let i = 0; i < batch; i++) {
          const entry = operation === "new" ? unseen++ : draws[next++ % draws.length];
          keys[i] = operation === "miss" ? absentKeyOf(entry) : keyOf(entry);
          if (operation !== "get" && operation !== "miss") values[i] = valueOf(entry);
        }
        const start = await now();
        loop(cache, keys, values, valueBytes);
        spent += (await now()) - start;
      }
      return (spent * 1e6) / (done * batch);
    };
    await run(batches * WARM_UP);
    return run(batches);
  };

  const figures = {};
  for (const distribution of distributions) {
    const draws = DRAWN[distribution](entries, random);
    figures[distribution] = {};
    for (const operation of ["get", "miss", "set"])
      figures[distribution][operation] = await time(operation, draws);
  }
  cache.evict?.();
  for (const operation of cache.evict ? ["mixed", "new"] : [])
    for (const distribution of distributions) {
      const draws = DRAWN[distribution](2 * entries, random);
      figures[distribution][operation] = await time(operation, draws);
    }
  return figures;
}
