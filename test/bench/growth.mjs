// How the time of a get grows with the number of entries, beside Map.
//
//   node test/bench/growth.mjs [--rounds 1] [--most 8000000] [--seed 1]
//
// Keys are 17 ASCII characters, freshly concatenated, drawn evenly; values 64, which Map has from a
// few hundred strings that it shares, to its advantage. Each contender grows in a process of its own,
// and is asked whenever it has twice as many. A miss of the processor's caches is measured in
// the same process: by a walk at random through as many lines of 64 bytes as there are entries.

import { parseArgs } from "node:util";
import { createFerrite } from "../../glue/platform/node.js";
import { lines } from "./plots.mjs";
import { printSummary, printTable, progress, progressDone, verdict } from "./report.mjs";
import { writePlot, writeResults } from "./results.mjs";
import { alternate, flat, measureApart, median, summary } from "./rounds.mjs";
import { keyOf, randomNumbers } from "./speed/cell.mjs";
import { ownModule } from "./speed/runtimes.mjs";

const LEAST = 1000;
const BATCH = 1000;
const BATCHES = 120; // a third of them to warm up
const MOST_MISSES = 2;
const STEPS_OF_WALK = 2_000_000;

const CONTENDERS = {
  ferrite: (most) => createFerrite(ownModule(), { maxMemory: most * 112 + 2 ** 21 }),
  Map: () => new Map(),
};

/* --- one contender, in a process of its own ----------------------------------------------------- */

function timeGets(cache, entries, random) {
  const keys = new Array(BATCH);
  const times = [];
  for (let batch = 0; batch < BATCHES; batch++) {
    for (let i = 0; i < BATCH; i++) keys[i] = keyOf(Math.floor(random() * entries));
    let length = 0;
    const start = performance.now();
    for (let i = 0; i < BATCH; i++) length += cache.get(keys[i]).length;
    times.push(((performance.now() - start) * 1e6) / BATCH);
    if (length !== BATCH * 64) throw new Error(`gave ${length} characters`);
  }
  return median(times.slice(BATCHES / 3));
}

/** ns of a read that depends on the one before, anywhere in so many lines. */
function timeMiss(count, random) {
  const words = 16; // in a line
  const next = new Uint32Array(count * words);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * i);
    [order[i], order[j]] = [order[j], order[i]];
  }
  for (let i = 0; i < count; i++) next[order[i] * words] = order[(i + 1) % count] * words;
  let at = 0;
  const start = performance.now();
  for (let i = 0; i < STEPS_OF_WALK; i++) at = next[at];
  const spent = performance.now() - start;
  if (at % words !== 0) throw new Error("the walk left its lines");
  return (spent * 1e6) / STEPS_OF_WALK;
}

function measure({ name, most, seed }) {
  const random = randomNumbers(seed);
  const values = Array.from({ length: 256 }, (_, i) => flat(`${1000 + i}`.padEnd(64, "value ")));
  const cache = CONTENDERS[name](most);
  const points = [];
  let filled = 0;
  for (let entries = LEAST; entries <= most; entries *= 2) {
    for (; filled < entries; filled++) cache.set(keyOf(filled), values[filled & 255]);
    points.push([entries, timeGets(cache, entries, random)]);
  }
  const count = name === "Map" ? cache.size : cache.dbsize();
  if (count !== filled) throw new Error(`${name} holds ${count} of ${filled}`);
  return { points, miss: timeMiss(filled, random) };
}

/* --- both --------------------------------------------------------------------------------------- */

const { values: options } = parseArgs({
  options: {
    measure: { type: "string" },
    rounds: { type: "string", default: "1" },
    most: { type: "string", default: "8192000" },
    seed: { type: "string", default: "1" },
  },
});

function compare(rounds, most, seed) {
  const names = Object.keys(CONTENDERS);
  const runs = alternate(names, rounds, (name, round) => {
    progress(`growth: ${name}, round ${round + 1} of ${rounds}`);
    const ask = JSON.stringify({ name, most, seed: seed + round });
    return measureApart(import.meta.url, { measure: ask }, ["--max-old-space-size=6144"]);
  });
  progressDone();
  console.log(
    `growth: ns a get, by entries; median of ${rounds} rounds (least-most), seed ${seed}`,
  );
  const at = (name, i) => runs.map((run) => run[name].points[i][1]);
  const sizes = runs[0].ferrite.points.map(([entries]) => entries);
  printTable([
    ["entries", ...names],
    ...sizes.map((entries, i) => [
      entries.toLocaleString("en"),
      ...names.map((name) => summary(at(name, i), 0)),
    ]),
  ]);
  const last = sizes.length - 1;
  const miss = median(runs.map((run) => run.ferrite.miss));
  const grown = median(runs.map(({ ferrite: { points } }) => points[last][1] - points[0][1]));
  const misses = grown / miss;
  const what = `growth: ${misses.toFixed(1)} misses a get`;
  console.log(
    `  From ${sizes[0]} to ${sizes[last]} entries a get has come to take ${grown.toFixed(0)} ns more. A read that misses all caches`,
  );
  console.log(
    `  takes ${miss.toFixed(0)} ns here: ${misses.toFixed(1)} misses a get, at most ${MOST_MISSES}: ${verdict(misses <= MOST_MISSES, what)}`,
  );
  const series = names.map((name) => ({
    name,
    points: sizes.map((entries, i) => [entries, median(at(name, i))]),
  }));
  const svg = lines({
    title: "A get, by the number of entries",
    panels: [{ title: "", series }],
    x: { label: "entries", log: true },
    y: {
      label: "ns a get",
      domain: [0, Math.max(...series.flatMap((s) => s.points.map((p) => p[1])))],
    },
  });
  writePlot("growth", "get", svg);
  writeResults("growth", {
    rounds,
    seed,
    gets_ns: Object.fromEntries(series.map((s) => [s.name, s.points])),
    miss_ns: miss,
  });
  console.log();
  printSummary("growth");
}

if (options.measure) console.log(JSON.stringify(measure(JSON.parse(options.measure))));
else compare(Number(options.rounds), Number(options.most), Number(options.seed));
