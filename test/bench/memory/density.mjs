// Density: how much of the budget is keys and values, after four times the budget has been written.
// Every entry has a TTL. What is live is counted by reading every key back.

import { RedisPeer } from "../../redis/peers.mjs";
import { encodeArray } from "../../redis/resp.mjs";
import { Cache, KEY_BYTES, OK, TOO_LARGE } from "../module.mjs";
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
const TIMES_WRITTEN = 4;
const LOWER_TARGET_BELOW = 64 * MIB;
const LOWER_BY = 0.05;
const WEB_SIGMA = 1.5;
const ENTRIES_ENOUGH = 2000;
const MOST_RUNS = 16;

/* --- sizes of values: a name, and a function of the entry's number ----------------------------- */

export const fixed = (size) => ({ name: bytes(size), sizeOf: () => size });

/** Uniform from 3/4 to 5/4 of `size`. */
const spread = (size) => ({
  name: `${bytes(size)} +-25%`,
  sizeOf: (seed, id) => Math.round(size * (0.75 + random(seed, id) / 2)),
});

/** Lognormal, from 1 B to `most`: what lies above is drawn again. */
export const webLike = (most) => ({
  name: `web-like, to ${bytes(most)}`,
  sizeOf: (seed, id) => {
    for (let stream = seed; ; stream += 1000) {
      const size = Math.round(2 * KIB * Math.exp(WEB_SIGMA * randomNormal(stream, id)));
      if (size <= most) return Math.max(1, size);
    }
  },
});

const TARGETS = [
  [16, 0.64],
  [64, 0.8],
  [256, 0.9],
  [KIB, 0.95],
  [16 * KIB, 0.97],
  [100 * KIB, 0.97],
].flatMap(([size, target]) => [
  { values: fixed(size), target },
  { values: spread(size), target },
]);
TARGETS.push({ values: webLike(MIB), target: 0.95 });

/* --- ours ------------------------------------------------------------------------------------- */

export const timeOf = (sets) => START_MS + Math.floor(sets / SETS_A_MS);

/** Returns { share: of the budget, count: entries that live }. */
export function fillAndCount(module, budgetBytes, { sizeOf }, seed) {
  const cache = new Cache(module, budgetBytes, seed);
  let sets = 0;
  for (let written = 0; written < TIMES_WRITTEN * budgetBytes; sets++) {
    const size = sizeOf(seed, sets);
    const status = cache.set(sets, size, TTL_MS, timeOf(sets));
    if (status !== OK && !(status === TOO_LARGE && size > budgetBytes / 2))
      throw new Error(`ferrite_set of ${size} B in ${budgetBytes}: status ${status}`);
    written += KEY_BYTES + size;
  }
  const { liveBytes, ids } = readBack(cache, sets, (id) => sizeOf(seed, id), timeOf(sets));
  if (cache.count(timeOf(sets)) !== ids.length) throw new Error("DBSIZE is not what can be read");
  return { share: liveBytes / budgetBytes, count: ids.length };
}

/** Reads the entries 0..count, or those of a list of ids, and returns what lives of them. */
export function readBack(cache, entries, sizeOf, nowMs) {
  const ids = [];
  let liveBytes = 0;
  const count = typeof entries === "number" ? entries : entries.length;
  for (let i = 0; i < count; i++) {
    const id = typeof entries === "number" ? i : entries[i];
    const size = cache.get(id, nowMs);
    if (size < 0) continue;
    if (size !== sizeOf(id)) throw new Error(`entry ${id} has ${size} B, not ${sizeOf(id)}`);
    liveBytes += KEY_BYTES + size;
    ids.push(id);
  }
  return { liveBytes, ids };
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

export function steadyShare(module, budgetBytes, values, seed) {
  const name = `${values.name} in ${budgetBytes}`;
  if (!known.has(name)) known.set(name, meanShare(module, budgetBytes, values, seed));
  return known.get(name);
}

export function measureDensity(module, budgets, seed) {
  const rows = [
    ["values", ...budgets.flatMap((budget) => [bytes(budget), "entries", "target", ""])],
  ];
  for (const { values, target } of TARGETS) {
    const { name } = values;
    const row = [name];
    for (const budget of budgets) {
      progress(`density: ${name} in ${bytes(budget)}`);
      const { share, count } = steadyShare(module, budget, values, seed);
      const least = budget < LOWER_TARGET_BELOW ? target - LOWER_BY : target;
      row.push(percent(share), count, `${Math.round(100 * least)}%`);
      row.push(verdict(share >= least, `density, ${name} in ${bytes(budget)}: ${percent(share)}`));
    }
    rows.push(row);
  }
  progressDone();
  console.log(
    `\nDensity: live key and value bytes, of the budget, after ${TIMES_WRITTEN} times the budget was written.`,
  );
  console.log(
    `Keys of ${KEY_BYTES} B, all with a TTL; web-like: lognormal, median 2 KiB, sigma ${WEB_SIGMA}. With few`,
  );
  console.log(`entries the mean of up to ${MOST_RUNS} runs.`);
  printTable(rows);
}

/* --- redis-server ----------------------------------------------------------------------------- */

const REDIS_BUDGET_BYTES = 64 * MIB;
const REDIS_BATCH = 2000;

/** The same entries in a real redis-server; its share of the budget, beside ours. */
export async function measureRedis(module, seed, valueBytes = 64) {
  let redis;
  try {
    redis = await RedisPeer.start();
  } catch (error) {
    console.log(`\nredis-server could not be started, so its figure is absent: ${error.message}`);
    return;
  }
  try {
    const { live, entries } = await fillRedis(redis, valueBytes);
    const ours = steadyShare(module, REDIS_BUDGET_BYTES, fixed(valueBytes), seed);
    progressDone();
    console.log(
      `\nThe same with ${valueBytes} B values in ${bytes(REDIS_BUDGET_BYTES)}, beside Redis:`,
    );
    printTable([
      ["", "live", "entries", "bytes of budget an entry"],
      [
        `redis-server ${redis.version}, allkeys-lru`,
        percent(live / REDIS_BUDGET_BYTES),
        entries,
        (REDIS_BUDGET_BYTES / entries).toFixed(1),
      ],
      ["ferrite", percent(ours.share), ours.count, (REDIS_BUDGET_BYTES / ours.count).toFixed(1)],
    ]);
  } finally {
    redis.stop();
  }
}

async function fillRedis(redis, valueBytes) {
  await redis.begin(2);
  await exchange(redis, [
    ["CONFIG", "SET", "maxmemory", `${REDIS_BUDGET_BYTES}`],
    ["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"],
  ]);
  const entryBytes = KEY_BYTES + valueBytes;
  const sets = Math.ceil((TIMES_WRITTEN * REDIS_BUDGET_BYTES) / entryBytes);
  const value = "v".repeat(valueBytes);
  for (let id = 0; id < sets; id += REDIS_BATCH) {
    if (id % (250 * REDIS_BATCH) === 0) progress(`density: redis-server, ${id} of ${sets} entries`);
    const batch = [];
    for (let i = id; i < Math.min(sets, id + REDIS_BATCH); i++)
      batch.push(["SET", Cache.key(i), value, "PX", `${TTL_MS}`]);
    const reply = await exchange(redis, batch);
    if (reply !== "+OK\r\n".repeat(batch.length)) throw new Error(`redis: ${reply.slice(0, 200)}`);
  }
  let entries = 0;
  const header = `$${valueBytes}\r\n`;
  for (let id = 0; id < sets; id += REDIS_BATCH) {
    const keys = [];
    for (let i = id; i < Math.min(sets, id + REDIS_BATCH); i++) keys.push(Cache.key(i));
    const reply = await exchange(redis, [["MGET", ...keys]]);
    entries += reply.split(header).length - 1;
  }
  return { live: entries * entryBytes, entries };
}

function exchange(redis, commands) {
  return redis.exchange(commands.map(encodeArray).join(""));
}
