// How fast get and set are through the JavaScript API, beside caches of npm and Map: speed/cell.mjs says
// what is measured, speed/contenders.mjs with whom.
//
//   node test/bench/speed.mjs [--only text,bytes,sizes,runtimes] [--rounds 3] [--seed 1]
//                             [--entries 10000,100000,1000000] [--contenders ferrite,lru-cache,Map]
//
// Rounds alternate between contenders, each in a process of its own (rounds.mjs); sizes and runtimes have a
// third of them. A ratio is the median of those of the rounds. lru-cache, node-cache, quick-lru, tiny-lru and ttlcache have a TTL on
// every entry, as ours has.

import { parseArgs } from "node:util";
import { createFerrite } from "../../glue/platform/node.js";
import { bars } from "./plots.mjs";
import { printSummary, printTable, progress, progressDone, verdict } from "./report.mjs";
import { writePlot, writeResults } from "./results.mjs";
import { alternate, measureApart, median, summary } from "./rounds.mjs";
import { measureCell, OPERATIONS } from "./speed/cell.mjs";
import { PEER_NAMES } from "./speed/contenders.mjs";
import { ownModule, RUNTIMES } from "./speed/runtimes.mjs";

const BATCH = 1000;
const batchesOf = (valueBytes) => (valueBytes > 10_000 ? 30 : 80);
const BOTH = ["zipf", "uniform"];
const CLOSEST = ["lru-cache", "Map"];

/** How many times as fast get and set are to be. */
const TARGETS = [
  { form: "text", entries: 10_000, than: "lru-cache", times: 1.1 },
  { form: "text", entries: 100_000, than: "lru-cache", times: 2.5 },
  { form: "text", entries: 100_000, than: "Map", times: 1.2 },
  { form: "text", entries: 1_000_000, than: "lru-cache", times: 3 },
  { form: "text", entries: 1_000_000, than: "Map", times: 1.8 },
  { form: "bytes", entries: 100_000, than: "Map", times: 1.5, operations: ["get"] },
  { form: "bytes", entries: 1_000_000, than: "Map", times: 1.5, operations: ["get"] },
];

const OPTIONS = {
  measure: { type: "string" },
  rounds: { type: "string", default: "3" },
  only: { type: "string", default: "text,bytes,sizes,runtimes" },
  entries: { type: "string", default: "10000,100000,1000000" },
  contenders: { type: "string" },
  seed: { type: "string", default: "1" },
};
const { values: options } = parseArgs({ options: OPTIONS });
const rounds = Number(options.rounds);
const seed = Number(options.seed);

/* --- cells ------------------------------------------------------------------------------------ */

// The full cross is for values of 64 B; of the rest one thing at a time, beside the closest.
function cellsOf(part) {
  const sizes = options.entries.split(",").map(Number);
  const ours = (form) => (form === "bytes" ? ["ferrite", "ferrite views"] : ["ferrite"]);
  const cell = (form, entries, valueBytes, peers) => ({
    names: options.contenders?.split(",") ?? [...ours(form), ...peers],
    rounds: part === "text" || part === "bytes" ? rounds : Math.ceil(rounds / 3),
    ...{ form, entries, valueBytes, distributions: ["zipf"] },
    ...{ batch: BATCH, batches: batchesOf(valueBytes) },
  });
  const cross = (form, peers) =>
    sizes.map((entries) => ({ ...cell(form, entries, 64, peers), distributions: BOTH }));
  switch (part) {
    case "text":
      return cross("text", PEER_NAMES);
    case "bytes":
      return cross("bytes", CLOSEST);
    case "sizes":
      return [16, 1024, 16_384].flatMap((valueBytes) =>
        ["text", "bytes"].map((form) =>
          cell(form, valueBytes > 10_000 ? 10_000 : 100_000, valueBytes, CLOSEST),
        ),
      );
    case "runtimes":
      return Object.keys(RUNTIMES).map((runtime) => ({
        ...cell("text", 100_000, 64, CLOSEST),
        ...{ runtime, batch: 50_000, batches: 5 },
      }));
    default:
      throw new Error(`there is no part ${part}`);
  }
}

const titleOf = ({ runtime = "Node.js", form, entries, valueBytes }) =>
  `${runtime}, ${entries.toLocaleString("en")} entries of ${valueBytes} B as ${form === "text" ? "strings" : "Uint8Arrays"}`;

/** -> [{ contender: { distribution: { operation: ns } } }, ...], of each round. */
function measure({ names, rounds, runtime, ...cell }) {
  return alternate(names, rounds, (name, round) => {
    progress(`speed: ${titleOf({ runtime, ...cell })}: ${name}, round ${round + 1} of ${rounds}`);
    const one = { ...cell, name, seed: seed + round };
    if (runtime) return RUNTIMES[runtime](one);
    return measureApart(import.meta.url, { measure: JSON.stringify(one) });
  });
}

/* --- what they say ---------------------------------------------------------------------------- */

function tabulate(cell, distribution, runs) {
  const heads = OPERATIONS.map((operation) => `${operation}, ns`);
  const rows = [[distribution, ...heads, "get: ferrite is", "set: ferrite is"]];
  const [ours] = cell.names;
  for (const name of cell.names) {
    const of = (who, operation) => runs.map((run) => run[who][distribution][operation]);
    const ratio = (operation) => {
      const base = of(ours, operation);
      return `${summary(
        of(name, operation).map((ns, i) => ns / base[i]),
        2,
      )} x`;
    };
    const figures = OPERATIONS.map((operation) =>
      of(name, operation)[0] === undefined ? "-" : summary(of(name, operation), 0),
    );
    rows.push([name, ...figures, ...["get", "set"].map((o) => (name === ours ? "" : ratio(o)))]);
  }
  printTable(rows);
}

function judge(cell, distribution, runs) {
  if (cell.runtime || cell.valueBytes !== 64) return;
  const targets = TARGETS.filter((t) => t.form === cell.form && t.entries === cell.entries);
  for (const { than, times, operations = ["get", "set"] } of targets)
    for (const operation of operations)
      for (const ours of cell.names.filter((name) => name.startsWith("ferrite"))) {
        if (!cell.names.includes(than)) continue;
        const ns = (run, name) => run[name][distribution][operation];
        const ratio = median(runs.map((run) => ns(run, than) / ns(run, ours)));
        const what = `${operation} of ${ours}, ${cell.form}, ${cell.entries}, ${distribution}: ${ratio.toFixed(2)} times ${than}, target ${times}`;
        console.log(`  ${verdict(ratio >= times, what).padEnd(6)}  ${what}`);
      }
}

function plot(form, results) {
  const groups = results.map(({ cell, runs }) => ({
    title: cell.entries.toLocaleString("en"),
    operations: Object.fromEntries(
      ["get", "set"].map((operation) => [
        operation,
        cell.names.map((name) => ({
          name,
          value: Math.round(median(runs.map((run) => run[name].zipf[operation]))),
        })),
      ]),
    ),
  }));
  for (const operation of ["get", "set"]) {
    const title = `${operation}: values of 64 B as ${form === "text" ? "strings" : "Uint8Arrays"}, Zipf 0.99, by entries`;
    const svg = bars({
      title,
      groups: groups.map(({ title, operations }) => ({ title, bars: operations[operation] })),
      x: { label: "ns an operation, less is better" },
    });
    writePlot("speed", `${form}-${operation}`, svg);
  }
}

async function compare() {
  console.log(
    `speed: ns an operation, median of ${rounds} rounds (least-most), seed ${seed}; "2.00 x": ferrite is`,
  );
  console.log("twice as fast as that row. Keys are fresh strings of 17 characters.");
  const all = [];
  for (const part of options.only.split(",")) {
    const results = [];
    for (const cell of cellsOf(part)) {
      const runs = await measureOrSay(cell);
      progressDone();
      if (!runs) continue;
      console.log(`\n${titleOf(cell)}`);
      for (const distribution of cell.distributions) {
        tabulate(cell, distribution, runs);
        judge(cell, distribution, runs);
      }
      results.push({ cell, runs });
    }
    if (part === "text" || part === "bytes") plot(part, results);
    all.push(...results.map(({ cell, runs }) => ({ part, ...cell, runs_ns: runs })));
  }
  writeResults("speed", { rounds, seed, cells: all });
  console.log();
  printSummary("speed");
}

/** null, having said why, where a runtime is not there. */
async function measureOrSay(cell) {
  try {
    return measure(cell);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    progressDone();
    console.log(`\n${titleOf(cell)}: not run, ${error.message}`);
    return null;
  }
}

if (options.measure) {
  const make = (options) => createFerrite(ownModule(), options);
  const figures = await measureCell(JSON.parse(options.measure), make, () => performance.now());
  console.log(JSON.stringify(figures));
} else {
  await compare();
}
