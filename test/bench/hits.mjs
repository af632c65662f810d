// Hit ratio on request traces: of the module under its policies, and of others in as many bytes.
//
//   node test/bench/hits.mjs [--quick] [--only scarab,oltp] [--seed 1] [--module build/ferrite.wasm]
//                            [--traces ../shared/traces]
//
// Each request is a GET and, on a miss, a SET of the trace's key and value lengths, without a TTL, at
// the trace's times. Budgets are 1, 5, 10, 25% of the footprint, the keys and values of all objects,
// but at least 1 MiB; the module has that as its maxmemory, for all that it is.
//
// The others are simulated (hits/*.mjs). An entry costs exact LRU, S3-FIFO, ARC and W-TinyLFU its key
// and value and as much more as it costs the module: what of its budget is no key and no value under
// allkeys-lru in the same replay, by the entry, so that exact LRU holds as much as allkeys-lru does and
// all the difference is in the choice. Their queues, ghosts and counts are free. Redis is LRU by
// sampling, and pays for each entry what a real redis-server says that it takes; what that server takes
// for itself, some 0.9 MB, is free.
//
// The whole traces are replayed if they are there, else the slice in test/traces, which --quick asks
// for. The exit code tells only whether the measuring itself failed.

import { Arc } from "./hits/arc.mjs";
import { Lru } from "./hits/lru.mjs";
import { measureRedisEntries } from "./hits/redis-entries.mjs";
import { S3Fifo } from "./hits/s3-fifo.mjs";
import { SampledLru } from "./hits/sampled-lru.mjs";
import { WTinyLfu } from "./hits/w-tinylfu.mjs";
import { Cache, OK, POLICIES, TOO_LARGE } from "./module.mjs";
import { lines } from "./plots.mjs";
import {
  KIB,
  MIB,
  bytes,
  printSummary,
  printTable,
  progress,
  progressDone,
  verdict,
} from "./report.mjs";
import { writePlot, writeResults } from "./results.mjs";
import { readOptions } from "./traces.mjs";

const PERCENTS = [1, 5, 10, 25];
const LEAST_BUDGET = MIB;
const WASM_PAGE = 64 * KIB;
const REQUESTS_ENOUGH = 200_000; // of a shorter trace, the mean of several runs
const LOOKS = 8; // at what lives, in the second half of a replay
const DAY_SECONDS = 86_400;
const START_MS = 1.8e12;

const LRU = "allkeys-lru";
const ADAPTIVE = "allkeys-adaptive";
const ADAPTIVE_BYTES = "allkeys-adaptive-bytes";
const SIMULATED = { "exact LRU": Lru, "S3-FIFO": S3Fifo, ARC: Arc, "W-TinyLFU": WTinyLfu };
const EXACT = "exact LRU";
const REDIS = "Redis";

/* --- replays: { objectHits, byteHits, of all that is asked for, in percent } -------------------- */

class Score {
  #trace;
  #requests = 0;
  #hits = 0;
  #bytes = 0;
  #hitBytes = 0;

  constructor(trace) {
    this.#trace = trace;
  }

  add(id, hit) {
    const bytes = contentBytes(this.#trace, id);
    this.#requests++;
    this.#bytes += bytes;
    if (!hit) return;
    this.#hits++;
    this.#hitBytes += bytes;
  }

  get figures() {
    return {
      objectHits: (100 * this.#hits) / this.#requests,
      byteHits: (100 * this.#hitBytes) / this.#bytes,
    };
  }
}

const contentBytes = ({ keyBytes, valueBytes }, id) => keyBytes[id] + valueBytes[id];
const contentOf = (trace) => Float64Array.from(trace.keyBytes, (_, id) => contentBytes(trace, id));

/** By the module; `lookAt`, if given, is called a few times, with the cache and the time. */
function replay(module, policy, trace, budget, seed, lookAt) {
  const { requests, keyBytes, valueBytes, time } = trace;
  const cache = new Cache(module, budget, seed, { policy });
  const score = new Score(trace);
  const half = requests.length >> 1;
  const step = Math.ceil(half / LOOKS);
  for (let i = 0; i < requests.length; i++) {
    const id = requests[i];
    const seconds = time ? time[i] : Math.floor((i * DAY_SECONDS) / requests.length);
    const now = START_MS + 1000 * seconds;
    const hit = cache.get(id, now, keyBytes[id]) >= 0;
    score.add(id, hit);
    if (!hit) {
      const status = cache.set(id, valueBytes[id], 0, now, keyBytes[id]);
      if (status !== OK && !(status === TOO_LARGE && valueBytes[id] > budget / 2))
        throw new Error(`ferrite_set of ${valueBytes[id]} B in ${budget}: status ${status}`);
    }
    if (lookAt && i >= half && (i - half) % step === 0) lookAt(cache, now);
  }
  return score.figures;
}

/** By the module under allkeys-lru -> also `overhead`, bytes of the budget an entry beyond its own. */
function replayLru(module, trace, budget, seed) {
  let beyond = 0;
  let entries = 0;
  const figures = replay(module, LRU, trace, budget, seed, (cache, now) => {
    const saved = cache.save();
    beyond += budget;
    for (let id = 0; id < trace.keyBytes.length; id++) {
      if (cache.get(id, now, trace.keyBytes[id]) < 0) continue;
      entries++;
      beyond -= contentBytes(trace, id);
    }
    cache.restore(saved);
  });
  return { ...figures, overhead: beyond / entries };
}

/** By a simulated policy, to which an entry costs what `charges` has. */
function simulate(Policy, trace, budget, charges, seed) {
  const cache = new Policy(charges, budget, seed);
  const score = new Score(trace);
  for (const id of trace.requests) score.add(id, charges[id] <= budget && cache.request(id));
  return score.figures;
}

/* --- a cell: all of them, on a trace at a budget ------------------------------------------------ */

function measure(module, policies, trace, budget, redisCharges, seed) {
  const figures = {};
  const runs = Math.ceil(REQUESTS_ENOUGH / trace.requests.length);
  const several = (replayOnce) =>
    meanOf(Array.from({ length: runs }, (_, i) => replayOnce(seed + i)));
  const { overhead, ...lru } = several((seed) => replayLru(module, trace, budget, seed));
  for (const policy of policies)
    figures[policy] = several((seed) => replay(module, policy, trace, budget, seed));
  figures[LRU] = lru;
  const charges = contentOf(trace).map((bytes) => bytes + overhead);
  for (const [name, Policy] of Object.entries(SIMULATED))
    figures[name] = simulate(Policy, trace, budget, charges, seed);
  if (redisCharges)
    figures[REDIS] = several((seed) => simulate(SampledLru, trace, budget, redisCharges, seed));
  return { overhead, figures };
}

/** The budgets of a trace: [[percent of the footprint, bytes], ...], none twice. */
function budgetsOf(trace) {
  const footprint = sum(contentOf(trace));
  const budgets = new Map();
  for (const percent of PERCENTS) {
    const pages = Math.floor((footprint * percent) / 100 / WASM_PAGE);
    budgets.set(Math.max(LEAST_BUDGET, pages * WASM_PAGE), percent);
  }
  return [...budgets].map(([budget, percent]) => [percent, budget]);
}

function meanOf(objects) {
  const names = Object.keys(objects[0]);
  return Object.fromEntries(names.map((name) => [name, mean(objects.map((each) => each[name]))]));
}

const sum = (figures) => figures.reduce((sum, figure) => sum + figure, 0);
const mean = (figures) => sum(figures) / figures.length;

/* --- all of them ------------------------------------------------------------------------------ */

async function redisEntries(trace) {
  try {
    const { version, entryBytes } = await measureRedisEntries(trace);
    return { version, charges: entryBytes, overhead: mean(entryBytes) - mean(contentOf(trace)) };
  } catch (error) {
    progressDone();
    console.log(`redis-server could not be asked, so its figures are absent: ${error.message}`);
    return { overhead: null };
  }
}

/** A table of what the cells have under a name, with the mean in its last row. */
function printCells(title, cells, names, figure) {
  console.log(`\n${title}`);
  const rows = [["trace", "budget", "", "ours", "Redis's", ...names]];
  for (const { trace, percent, budget, overhead, redisOverhead, figures } of cells) {
    const share = `${percent}%`;
    const costs = [overhead, redisOverhead].map((cost) => cost?.toFixed(1) ?? "");
    const points = names.map((name) => figures[name][figure].toFixed(2));
    rows.push([trace, bytes(budget), share, ...costs, ...points]);
  }
  const means = names.map((name) => meanIn(cells, name, figure).toFixed(2));
  rows.push(["mean", "", "", "", "", ...means]);
  printTable(rows);
}

const meanIn = (cells, name, figure) => mean(cells.map(({ figures }) => figures[name][figure]));

/** Points that one policy is above another: on the mean, and where that is the least. */
function difference(cells, name, other, figure) {
  const points = cells.map(({ figures }) => figures[name][figure] - figures[other][figure]);
  return { mean: mean(points), least: Math.min(...points) };
}

const TARGETS = [
  { name: LRU, other: EXACT, figure: "objectHits", of: "least", points: -0.5 },
  { name: ADAPTIVE, other: REDIS, figure: "objectHits", of: "mean", points: 6 },
  { name: ADAPTIVE, other: REDIS, figure: "objectHits", of: "least", points: -0.5 },
  { name: ADAPTIVE_BYTES, other: EXACT, figure: "objectHits", of: "mean", points: 2 },
  { name: ADAPTIVE_BYTES, other: EXACT, figure: "byteHits", of: "mean", points: 0 },
];

const signed = (points) => `${points < 0 ? "" : "+"}${points.toFixed(2)}`;

/** The targets whose two are both there; returns what to write of them. */
function judge(cells, names) {
  const rows = [["points above", "", "hits of", "mean", "least cell", "target", ""]];
  const judged = [];
  for (const { name, other, figure, of, points } of TARGETS) {
    if (!names.includes(name) || !names.includes(other)) continue;
    const found = difference(cells, name, other, figure);
    const what = figure === "objectHits" ? "objects" : "bytes";
    const sentence = `${name}, ${what}: ${signed(found[of])} points, ${of}, above ${other}`;
    const met = verdict(found[of] >= points, sentence);
    rows.push([name, other, what, signed(found.mean), signed(found.least)]);
    rows.at(-1).push(`${of} ${signed(points)}`, met);
    judged.push({
      name,
      other,
      figure,
      of,
      target_points: points,
      points: found[of],
      verdict: met,
    });
  }
  console.log();
  printTable(rows);
  return judged;
}

function panelsOf(cells, names) {
  const traces = [...new Set(cells.map(({ trace }) => trace))];
  return traces.map((title) => ({
    title,
    series: names.map((name) => ({
      name,
      points: cells
        .filter(({ trace }) => trace === title)
        .map(({ budget, figures }) => [budget / MIB, figures[name].objectHits]),
    })),
  }));
}

const { seed, module, traces } = readOptions("hits");
const policies = POLICIES.filter((policy) => policy !== LRU);
const known = policies.filter((policy) => Cache.knows(module, policy));
const unknown = policies.filter((policy) => !known.includes(policy));

const cells = [];
let redisVersion;
for (const [name, trace] of traces) {
  progress(`hits: ${name}, in redis-server`);
  const redis = await redisEntries(trace);
  redisVersion ??= redis.version;
  for (const [percent, budget] of budgetsOf(trace)) {
    progress(`hits: ${name}, ${bytes(budget)}`);
    const { overhead, figures } = measure(module, known, trace, budget, redis.charges, seed);
    cells.push({ trace: name, percent, budget, overhead, redisOverhead: redis.overhead, figures });
  }
}
progressDone();

const order = [ADAPTIVE, ADAPTIVE_BYTES, LRU, ...Object.keys(SIMULATED), REDIS];
const names = order.filter((name) => cells.every(({ figures }) => name in figures));
console.log(
  `hits: percent, seed ${seed}; budgets in bytes and as shares of the footprint. "ours" and`,
);
console.log(
  `"Redis's": bytes that an entry costs beyond key and value, in the module under ${LRU}, which`,
);
console.log(`is what the simulated pay too, and in redis-server ${redisVersion ?? "(absent)"}.`);
for (const policy of unknown) console.log(`${policy}: the module does not have it; left out.`);
printCells("Object hit ratio", cells, names, "objectHits");
printCells("Byte hit ratio", cells, names, "byteHits");
const targets = judge(cells, names);
printSummary("hits");

writeResults("hits", {
  seed,
  redis: redisVersion,
  cells: cells.map(({ trace, percent, budget, overhead, redisOverhead, figures }) => ({
    trace,
    budget_percent_of_footprint: percent,
    budget_bytes: budget,
    bytes_per_entry: { ferrite: overhead, redis: redisOverhead },
    object_hit_percent: Object.fromEntries(names.map((name) => [name, figures[name].objectHits])),
    byte_hit_percent: Object.fromEntries(names.map((name) => [name, figures[name].byteHits])),
  })),
  targets,
});
writePlot(
  "hits",
  "budget",
  lines({
    title: "Objects found, by the memory that the cache may use",
    panels: panelsOf(cells, names),
    x: { label: "budget, MiB", log: true, ticks: [1, 1.2, 1.5, 2, 3, 5, 10, 20, 50] },
    y: { label: "hits, % of requests" },
  }),
);
