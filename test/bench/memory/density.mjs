// Density: how much of the budget is keys and values, after it has been written many times, as in a day
// or so. Every entry has a TTL. What is live is counted by reading every key back.

import { Cache, KEY_BYTES, OK, POLICIES, TOO_LARGE } from "../module.mjs";
import { random, randomNormal } from "../random.mjs";
import {
  KIB,
  MIB,
  bytes,
  percent,
  printTable,
  progress,
  progressDone,
  verdict,
} from "../report.mjs";

export const TTL_MS = 86_400_000;
const START_MS = 1.8e12;
const SETS_A_MS = 200; // how fast the clock runs
const TIMES_WRITTEN = 20;
const FEWER_TIMES = 2; // the smallest, and sizes that are spread: it takes long, and changes little
const LOWER_TARGET_BELOW = 64 * MIB;
const LOWER_BY = 0.05;
const OVERHEAD_BUDGET = 64 * MIB;
const OVERHEAD_VALUE_BYTES = 64;
const MOST_OVERHEAD_BYTES = 16;
const WEB_SIGMA = 1.5;
const ENTRIES_ENOUGH = 2000;
const MOST_RUNS = 16;

/* --- sizes of values: a name, and a function of the entry's number ----------------------------- */

export const fixed = (size) => ({
  name: bytes(size),
  sizeOf: () => size,
  times: size < OVERHEAD_VALUE_BYTES ? FEWER_TIMES : TIMES_WRITTEN,
});

/** Uniform from 3/4 to 5/4 of `size`. */
const spread = (size) => ({
  name: `${bytes(size)} +-25%`,
  sizeOf: (seed, id) => Math.round(size * (0.75 + random(seed, id) / 2)),
  times: FEWER_TIMES,
});

/** Lognormal, from 1 B to `most`: what lies above is drawn again. */
export const webLike = (most) => ({
  name: `web-like, to ${bytes(most)}`,
  times: TIMES_WRITTEN,
  sizeOf: (seed, id) => {
    for (let stream = seed; ; stream += 1000) {
      const size = Math.round(2 * KIB * Math.exp(WEB_SIGMA * randomNormal(stream, id)));
      if (size <= most) return Math.max(1, size);
    }
  },
});

const TARGETS = [
  [16, 0.64, 0.64],
  [64, 0.84, 0.8],
  [256, 0.92, 0.9],
  [KIB, 0.97, 0.95],
  [16 * KIB, 0.98, 0.97],
  [100 * KIB, 0.98, 0.97],
].flatMap(([size, target, spreadTarget]) => [
  { values: fixed(size), target },
  { values: spread(size), target: spreadTarget },
]);
TARGETS.push({ values: webLike(MIB), target: 0.98 });

/* --- ours ------------------------------------------------------------------------------------- */

export const timeOf = (sets) => START_MS + Math.floor(sets / SETS_A_MS);

/** Returns { share: of the budget, count: entries that live }. */
export function fillAndCount(module, budgetBytes, { sizeOf, times }, seed, policy) {
  const cache = new Cache(module, budgetBytes, seed, { policy });
  let sets = 0;
  for (let written = 0; written < times * budgetBytes; sets++) {
    const size = sizeOf(seed, sets);
    const status = cache.set(sets, size, TTL_MS, timeOf(sets));
    if (status !== OK && !(status === TOO_LARGE && size > budgetBytes / 2))
      throw new Error(`ferrite_set of ${size} B in ${budgetBytes}: status ${status}`);
    written += KEY_BYTES + size;
  }
  const { liveBytes, ids } = readBack(cache, sets, (id) => sizeOf(seed, id), timeOf(sets));
  return { share: liveBytes / budgetBytes, count: ids.length };
}

/**
 * Reads the entries 0..count, or those of a list of ids, and returns what lives of them. It begins with
 * the latest, most of which live, and ends when it has found as many as DBSIZE says that there are.
 */
export function readBack(cache, entries, sizeOf, nowMs) {
  const ids = [];
  let liveBytes = 0;
  let left = cache.count(nowMs);
  const count = typeof entries === "number" ? entries : entries.length;
  for (let i = count - 1; left > 0; i--) {
    if (i < 0) throw new Error(`DBSIZE says ${left} more than can be read`);
    const id = typeof entries === "number" ? i : entries[i];
    const size = cache.get(id, nowMs);
    if (size < 0) continue;
    if (size !== sizeOf(id)) throw new Error(`entry ${id} has ${size} B, not ${sizeOf(id)}`);
    liveBytes += KEY_BYTES + size;
    ids.push(id);
    left--;
  }
  return { liveBytes, ids: ids.reverse() };
}

/** The mean of several runs if there are few entries: what there is at the end varies. */
export function meanShare(module, budgetBytes, values, seed) {
  let share = 0;
  let count = 0;
  let runs = 0;
  while (runs < MOST_RUNS && count < ENTRIES_ENOUGH) {
    const result = fillAndCount(module, budgetBytes, values, seed + runs++);
    share += result.share;
    count += result.count;
  }
  return { share: share / runs, count: Math.round(count / runs) };
}

const known = new Map();
const nameOf = (values, budgetBytes) => `${values.name} in ${budgetBytes}`;

/** What lives of each kind of values at each budget -> [[name, { share, count }], ...] */
export function measureAll(module, budgets, seed) {
  return TARGETS.flatMap(({ values }) =>
    budgets.map((budget) => {
      progress(`density: ${values.name} in ${bytes(budget)}`);
      return [nameOf(values, budget), meanShare(module, budget, values, seed)];
    }),
  );
}

/** Takes over what another process has found so. */
export function knowAll(found) {
  for (const [name, result] of found) known.set(name, result);
}

export function steadyShare(module, budgetBytes, values, seed) {
  const name = nameOf(values, budgetBytes);
  if (!known.has(name)) known.set(name, meanShare(module, budgetBytes, values, seed));
  return known.get(name);
}

/** Returns what it has found, for the record. */
export function measureDensity(module, budgets, seed) {
  const found = [];
  const rows = [
    ["values", ...budgets.flatMap((budget) => [bytes(budget), "entries", "target", ""])],
  ];
  for (const { values, target } of TARGETS) {
    const { name } = values;
    const row = [name];
    for (const budget of budgets) {
      const { share, count } = steadyShare(module, budget, values, seed);
      const least = budget < LOWER_TARGET_BELOW ? target - LOWER_BY : target;
      row.push(percent(share), count, `${Math.round(100 * least)}%`);
      row.push(verdict(share >= least, `density, ${name} in ${bytes(budget)}: ${percent(share)}`));
      found.push({
        values: name,
        budget_bytes: budget,
        live_percent: 100 * share,
        target_percent: 100 * least,
        entries: count,
      });
    }
    rows.push(row);
  }
  progressDone();
  console.log(
    `\nDensity: live key and value bytes, of the budget, after ${TIMES_WRITTEN} times the budget was written (of`,
  );
  console.log(
    `16 B and of sizes that are spread, ${FEWER_TIMES} times). Keys of ${KEY_BYTES} B, all with a TTL;`,
  );
  console.log(
    `web-like: lognormal, median 2 KiB, sigma ${WEB_SIGMA}. With few entries the mean of up to ${MOST_RUNS} runs.`,
  );
  printTable(rows);
  return found;
}

/**
 * Bytes of the budget beyond key and value that an entry takes, under each policy that there is: what
 * adaptive ones keep of an entry is in it.
 */
export function measureOverhead(module, seed) {
  const found = [];
  const rows = [["", "entries", "bytes beyond key and value", "at most", ""]];
  const contents = KEY_BYTES + OVERHEAD_VALUE_BYTES;
  for (const policy of POLICIES.filter((policy) => Cache.knows(module, policy))) {
    progress(`density: ${policy}`);
    const values = { ...fixed(OVERHEAD_VALUE_BYTES), times: FEWER_TIMES };
    const { count } = fillAndCount(module, OVERHEAD_BUDGET, values, seed, policy);
    const overhead = OVERHEAD_BUDGET / count - contents;
    const judged = policy === POLICIES[0]; // of others, what they remember is told
    const what = `density, ${policy}: ${overhead.toFixed(1)} bytes an entry`;
    const met = judged && verdict(overhead <= MOST_OVERHEAD_BYTES, what);
    rows.push([
      policy,
      count,
      overhead.toFixed(1),
      ...(judged ? [MOST_OVERHEAD_BYTES, met] : ["", ""]),
    ]);
    found.push({ policy, entries: count, overhead_bytes_per_entry: overhead });
  }
  progressDone();
  console.log(
    `\nThe same for ${bytes(OVERHEAD_VALUE_BYTES)} values in ${bytes(OVERHEAD_BUDGET)}, by the entry, all in (${FEWER_TIMES} times the budget):`,
  );
  printTable(rows);
  return found;
}
