// Hit ratio under allkeys-lru, on request traces, beside exact LRU with as many entries.
//
//   node test/bench/hits.mjs [--quick] [--seed 1] [--module build/ferrite.wasm]
//                            [--traces ../shared/traces]
//
// Each request is a GET and, on a miss, a SET; all values have one size, chosen with the budget so
// that the cache holds about 1, 5, 10, 25% of the trace's objects; no TTLs. How many it really
// holds is counted (the mean of DBSIZE over the second half), and exact LRU gets that number.
// For orientation: sampled LRU as in Redis (5 samples, a pool of 16, ages as when sampled), too.
// The slice in test/traces is always replayed, the whole traces if they are there; --quick leaves
// them out. The exit code tells only whether the measuring itself failed.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { unpackTrace } from "../traces/trace.mjs";
import { Cache, KEY_BYTES, OK } from "./module.mjs";
import { random } from "./random.mjs";
import { KIB, printSummary, printTable, progress, progressDone, verdict } from "./report.mjs";

const PERCENTS = [1, 5, 10, 25];
const MOST_POINTS_BELOW = 0.5;
const REQUESTS_ENOUGH = 500_000; // of a short trace, the mean of several runs
const DAY_SECONDS = 86_400;
const START_MS = 1.8e12;

/* --- ours ------------------------------------------------------------------------------------- */

const LEAST_BUDGET = 256 * KIB;
const WASM_PAGE = 64 * KIB;
const LEAST_VALUE_BYTES = 64;
// Roughly what a cache takes for itself, and an entry beyond its key and value.
const OWN_BYTES = 48 * KIB;
const ENTRY_BYTES = KEY_BYTES + 15;

/** A budget and a size of values at which about `objects` entries fit. */
function dimension(objects) {
  const least = OWN_BYTES + objects * (ENTRY_BYTES + LEAST_VALUE_BYTES);
  const budget = Math.max(LEAST_BUDGET, Math.ceil(least / WASM_PAGE) * WASM_PAGE);
  const window = Math.min(Math.max(budget / 128, 4 * KIB), 64 * KIB); // two of them
  const forEntries = budget - OWN_BYTES - 2 * window;
  return { budget, valueBytes: Math.max(1, Math.floor(forEntries / objects - ENTRY_BYTES)) };
}

/** Returns { hits, entries }. */
function replay(module, trace, objects, seed) {
  const { requests, time } = trace;
  const { budget, valueBytes } = dimension(objects);
  const cache = new Cache(module, budget, seed);
  const half = requests.length >> 1;
  const requestsACount = Math.max(1, Math.floor(half / 500));
  let hits = 0;
  let entries = 0;
  let counts = 0;
  for (let i = 0; i < requests.length; i++) {
    const seconds = time ? time[i] : Math.floor((i * DAY_SECONDS) / requests.length);
    const now = START_MS + 1000 * seconds;
    if (cache.get(requests[i], now) >= 0) {
      hits++;
    } else {
      const status = cache.set(requests[i], valueBytes, 0, now);
      if (status !== OK) throw new Error(`ferrite_set of ${valueBytes} B: status ${status}`);
    }
    if (i >= half && i % requestsACount === 0) {
      entries += cache.count(now);
      counts++;
    }
  }
  return { hits, entries: Math.round(entries / counts) };
}

/* --- exact LRU -------------------------------------------------------------------------------- */

/** A circular list through `head`, the newest behind it, the oldest before it. */
function replayExact({ requests, keyBytes }, capacity) {
  const head = keyBytes.length;
  const newer = new Int32Array(head + 1).fill(-1); // -1: not in the cache
  const older = new Int32Array(head + 1);
  newer[head] = older[head] = head;
  let count = 0;
  let hits = 0;
  const unlink = (id) => {
    older[newer[id]] = older[id];
    newer[older[id]] = newer[id];
  };
  for (const id of requests) {
    if (newer[id] >= 0) {
      hits++;
      unlink(id);
    } else if (count < capacity) {
      count++;
    } else {
      const oldest = newer[head];
      unlink(oldest);
      newer[oldest] = -1;
    }
    newer[id] = head;
    older[id] = older[head];
    newer[older[head]] = id;
    older[head] = id;
  }
  return hits;
}

/* --- sampled LRU ------------------------------------------------------------------------------ */

const SAMPLES = 5;
const POOL = 16;

function replaySampled({ requests, keyBytes }, capacity, seed) {
  const slotOf = new Int32Array(keyBytes.length).fill(-1);
  const usedAt = new Int32Array(keyBytes.length);
  const resident = new Int32Array(capacity);
  const pool = []; // { id, usedAt }, the newest first
  let count = 0;
  let hits = 0;
  let draws = 0;

  const sample = () => {
    const id = resident[Math.floor(random(seed, draws++) * count)];
    if (pool.some((candidate) => candidate.id === id)) return;
    if (pool.length === POOL && usedAt[id] >= pool[0].usedAt) return;
    let at = pool.findIndex((candidate) => candidate.usedAt < usedAt[id]);
    if (at < 0) at = pool.length;
    pool.splice(at, 0, { id, usedAt: usedAt[id] });
    if (pool.length > POOL) pool.shift();
  };
  const evict = () => {
    for (;;) {
      for (let i = 0; i < SAMPLES; i++) sample();
      while (pool.length > 0) {
        const { id } = pool.pop();
        if (slotOf[id] >= 0) return id;
      }
    }
  };

  for (let i = 0; i < requests.length; i++) {
    const id = requests[i];
    if (slotOf[id] >= 0) {
      hits++;
    } else {
      let slot = count;
      if (count < capacity) {
        count++;
      } else {
        const victim = evict();
        slot = slotOf[victim];
        slotOf[victim] = -1;
      }
      slotOf[id] = slot;
      resident[slot] = id;
    }
    usedAt[id] = i;
  }
  return hits;
}

/* --- all of them ------------------------------------------------------------------------------ */

function findTraces(folder, quick) {
  const slice = fileURLToPath(new URL("../traces/web07.kvt2.gz", import.meta.url));
  const traces = [{ name: "web07 (slice)", path: slice }];
  if (quick) return traces;
  if (!existsSync(folder)) {
    console.log(
      `${folder} is absent: the slice in test/traces is replayed, the whole traces are not.`,
    );
    return traces;
  }
  for (const file of readdirSync(folder).sort()) {
    const [, name] = /^(.*)\.kvt2\.gz$/.exec(file) ?? [];
    if (name) traces.push({ name, path: `${folder}/${file}` });
  }
  return traces;
}

function mean(figures) {
  return figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
}

function measure(module, name, trace, share, seed) {
  const { requests, keyBytes } = trace;
  const objects = Math.max(1, Math.round((keyBytes.length * share) / 100));
  const runs = Array.from({ length: Math.ceil(REQUESTS_ENOUGH / requests.length) }, (_, run) => {
    const { hits, entries } = replay(module, trace, objects, seed + run);
    const exact = replayExact(trace, entries);
    const sampled = replaySampled(trace, entries, seed + run);
    return { entries, hits, exact, sampled };
  });
  const points = (figure) => (100 * mean(runs.map((run) => run[figure]))) / requests.length;
  const [ours, exact, sampled] = ["hits", "exact", "sampled"].map(points);
  const difference = ours - exact;
  return [
    name,
    `${share}%`,
    Math.round(mean(runs.map((run) => run.entries))),
    runs.length,
    ...[ours, exact].map((figure) => figure.toFixed(2)),
    `${difference < 0 ? "" : "+"}${difference.toFixed(2)}`,
    verdict(
      difference >= -MOST_POINTS_BELOW,
      `${name} at ${share}%: ${difference.toFixed(2)} points`,
    ),
    sampled.toFixed(2),
  ];
}

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    module: {
      type: "string",
      default: fileURLToPath(new URL("../../build/ferrite.wasm", import.meta.url)),
    },
    traces: {
      type: "string",
      default: fileURLToPath(new URL("../../../shared/traces", import.meta.url)),
    },
  },
});
const seed = Number(options.seed);
const module = new WebAssembly.Module(readFileSync(options.module));

console.log(`hits: object hit ratio in percent, allkeys-lru, seed ${seed}; the target is at most`);
console.log(`${MOST_POINTS_BELOW} points below exact LRU.`);
const rows = [
  ["trace", "objects", "entries", "runs", "ours", "exact LRU", "difference", "", "sampled LRU"],
];
for (const { name, path } of findTraces(options.traces, options.quick)) {
  const trace = unpackTrace(readFileSync(path));
  for (const share of PERCENTS) {
    progress(`hits: ${name}, ${share}% of ${trace.keyBytes.length} objects`);
    rows.push(measure(module, name, trace, share, seed));
  }
}
progressDone();
printTable(rows);
printSummary("hits");
