// How long single operations take under a mixed load with eviction: the longest, the 99.99th percentile,
// and all of them in a plot.
//
//   node test/bench/pauses.mjs [--seconds 6] [--entries 1000000] [--seed 1] [--contenders ferrite,Map]
//
// Each contender, in a process of its own, has all the entries (17-byte keys, 64-byte values), evicts
// for each new one, and is asked for keys drawn by Zipf's law from twice as many: 9 gets, 1 set. After half
// a million draws others become the popular ones: else nothing would be new any more. Keys and
// values are made before the clock starts. Own time is without what other programs took of the processor
// (a call is taken to be no longer than what its batch spent on it). node-cache evicts nothing, and is
// left out.

import { parseArgs } from "node:util";
import { createFerrite } from "../../glue/platform/node.js";
import { distribution } from "./plots.mjs";
import { printSummary, printTable, progress, progressDone, verdict } from "./report.mjs";
import { writePlot, writeResults } from "./results.mjs";
import { measureApart } from "./rounds.mjs";
import { DRAWN, keyOf, randomNumbers, valuesOf } from "./speed/cell.mjs";
import { contend, PEER_NAMES } from "./speed/contenders.mjs";
import { ownModule } from "./speed/runtimes.mjs";

const TIMES_SHORTER = 20;
const VALUE_BYTES = 64;
const CALLS_A_BATCH = 64;
const BUCKETS_A_DOUBLING = 8;
const LEAST_MS = 1e-5;
const SHIFT = 7919;

/* --- one contender, in a process of its own ----------------------------------------------------- */

const bucketOf = (ms) =>
  Math.max(0, Math.floor(Math.log2(Math.max(ms, LEAST_MS) / LEAST_MS) * BUCKETS_A_DOUBLING));
const timeOf = (bucket) => LEAST_MS * 2 ** (bucket / BUCKETS_A_DOUBLING);

async function measure({ name, entries, seconds, seed }) {
  const random = randomNumbers(seed);
  const make = (options) => createFerrite(ownModule(), options);
  const cache = await contend({ name, entries, valueBytes: VALUE_BYTES, form: "text", make });
  const valueOf = valuesOf("text", VALUE_BYTES);
  for (let i = 0; i < entries; i++) cache.set(keyOf(i), valueOf(i));
  cache.evict();
  const draws = DRAWN.zipf(2 * entries, random);
  const keys = new Array(CALLS_A_BATCH);
  const values = new Array(CALLS_A_BATCH);
  const counts = [];
  const longest = { wall: 0, own: 0 };
  let calls = 0;
  let next = 0;
  const nextEntry = () => {
    const round = Math.floor(next / draws.length);
    return (draws[next++ % draws.length] + round * SHIFT) % (2 * entries);
  };
  let found = 0; // a get whose answer nobody wants might not be made
  const load = (until, note) => {
    while (performance.now() < until) {
      for (let i = 0; i < CALLS_A_BATCH; i++) {
        const entry = nextEntry();
        keys[i] = keyOf(entry);
        values[i] = i % 10 === 0 ? valueOf(entry) : undefined;
      }
      let wall = 0;
      const before = process.cpuUsage();
      for (let i = 0; i < CALLS_A_BATCH; i++) {
        const start = performance.now();
        if (values[i] !== undefined) cache.set(keys[i], values[i]);
        else if (cache.get(keys[i])) found++;
        const spent = performance.now() - start;
        if (spent > wall) wall = spent;
        if (note) {
          const bucket = bucketOf(spent);
          counts[bucket] = (counts[bucket] ?? 0) + 1;
        }
      }
      const { user, system } = process.cpuUsage(before);
      if (!note) continue;
      calls += CALLS_A_BATCH;
      longest.wall = Math.max(longest.wall, wall);
      longest.own = Math.max(longest.own, Math.min(wall, (user + system) / 1000));
    }
  };
  load(performance.now() + Math.min(2, seconds) * 1000, false); // the compiler has seen it all then
  load(performance.now() + seconds * 1000, true);
  if (found === 0) throw new Error(`${name} has found nothing`);
  return { calls, longest, counts: Array.from(counts, (count) => count ?? 0) };
}

/* --- all of them -------------------------------------------------------------------------------- */

const { values: options } = parseArgs({
  options: {
    measure: { type: "string" },
    seconds: { type: "string", default: "6" },
    entries: { type: "string", default: "1000000" },
    contenders: {
      type: "string",
      default: ["ferrite", ...PEER_NAMES.filter((name) => name !== "node-cache")].join(","),
    },
    seed: { type: "string", default: "1" },
  },
});

/** The least time, in ms, that at most 1 - share of all calls took as long as or longer than. */
function percentile({ counts, calls }, share) {
  let seen = 0;
  for (let bucket = 0; bucket < counts.length; bucket++) {
    seen += counts[bucket];
    if (seen >= calls * share) return timeOf(bucket + 1);
  }
  throw new Error("no calls");
}

function compare(names, entries, seconds, seed) {
  const runs = new Map();
  for (const name of names) {
    progress(`pauses: ${name}, ${seconds} s`);
    const ask = JSON.stringify({ name, entries, seconds, seed });
    runs.set(name, measureApart(import.meta.url, { measure: ask }, ["--max-old-space-size=4096"]));
  }
  progressDone();
  console.log(
    `pauses: ${seconds} s of mixed load (9 gets, 1 set) at ${entries.toLocaleString("en")} entries, seed ${seed}, in ms;`,
  );
  console.log(`at most a ${TIMES_SHORTER}th of the best peer.`);
  const figures = [...runs].map(([name, run]) => ({
    name,
    calls: run.calls,
    "longest, own time": run.longest.own,
    "longest, wall": run.longest.wall,
    "p99.99": percentile(run, 0.9999),
    "p99.9": percentile(run, 0.999),
    median: percentile(run, 0.5),
  }));
  const columns = Object.keys(figures[0]).slice(2);
  const rows = [["", "calls", ...columns]];
  for (const { name, calls, ...times } of figures)
    rows.push([name, calls.toLocaleString("en"), ...columns.map((c) => times[c].toPrecision(3))]);
  printTable(rows);
  const [ours, ...theirs] = figures;
  for (const column of theirs.length > 0 ? ["longest, own time", "p99.99"] : []) {
    const most = Math.min(...theirs.map((figure) => figure[column])) / TIMES_SHORTER;
    const what = `pauses, ${column}: ${ours[column].toPrecision(3)} ms, at most ${most.toPrecision(3)}`;
    console.log(`  ${verdict(ours[column] <= most, what).padEnd(6)}  ${what}`);
  }
  const svg = distribution({
    title: `Single operations of a mixed load at ${entries.toLocaleString("en")} entries`,
    series: [...runs].map(([name, { counts }]) => ({
      name,
      counts: counts
        .map((count, bucket) => [1000 * timeOf(bucket), count])
        .filter(([, count]) => count),
    })),
    x: { label: "µs", format: (us) => us.toLocaleString("en") },
  });
  writePlot("pauses", "distribution", svg);
  writeResults("pauses", { seconds, entries, seed, times_ms: figures });
  console.log();
  printSummary("pauses");
}

if (options.measure) console.log(JSON.stringify(await measure(JSON.parse(options.measure))));
else {
  const { contenders, entries, seconds, seed } = options;
  compare(contenders.split(","), Number(entries), Number(seconds), Number(seed));
}
