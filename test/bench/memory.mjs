// What the memory engine shows: a hard budget, density, no calcification, collections that cost
// little. Each figure is printed with its target and whether that was met; speed.mjs and
// types.mjs have speed.
//
//   node test/bench/memory.mjs [--quick] [--only budget,density,peers,shifts,collections] [--seed 1]
//                              [--module build/ferrite.wasm]
//
// --quick: at 8 MiB alone, without peers and collections. The exit code tells only
// whether the measuring itself failed.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measureBudget, measureRefusal } from "./memory/budget.mjs";
import { measureCollections } from "./memory/collections.mjs";
import { knowAll, measureAll, measureDensity, measureOverhead } from "./memory/density.mjs";
import { comparePeers, fillPeers } from "./memory/peers.mjs";
import { judgeShifts, playShifts } from "./memory/shifts.mjs";
import { bars } from "./plots.mjs";
import { KIB, MIB, printSummary } from "./report.mjs";
import { writePlot, writeResults } from "./results.mjs";
import { measureBeside } from "./rounds.mjs";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    measure: { type: "string" },
    only: { type: "string", default: "budget,density,peers,shifts,collections" },
    seed: { type: "string", default: "1" },
    module: {
      type: "string",
      default: fileURLToPath(new URL("../../build/ferrite.wasm", import.meta.url)),
    },
  },
});
const seed = Number(options.seed);
const parts = new Set(options.only.split(","));
const moduleBytes = readFileSync(options.module);
const module = new WebAssembly.Module(moduleBytes);
const budgets = (...all) => (options.quick ? [8 * MIB] : all);
const densityBudgets = budgets(64 * MIB, 8 * MIB, MIB);

/** The density of each kind of values takes as long as all the rest, and is measured beside it. */
function measureDensityBeside() {
  const words = { measure: densityBudgets.join(), module: options.module, seed };
  return measureBeside(import.meta.url, words);
}

async function compare() {
  console.log(`memory: ${moduleBytes.length} bytes of ferrite.wasm, allkeys-lru, seed ${seed}`);
  const found = {};
  const density = parts.has("density") ? measureDensityBeside() : [];
  if (parts.has("budget")) {
    measureBudget(module, budgets(256 * KIB, MIB, 8 * MIB, 64 * MIB), seed);
    measureRefusal(moduleBytes, budgets(MIB, 8 * MIB, 64 * MIB), seed);
  }
  if (parts.has("collections") && !options.quick)
    found.collections = await measureCollections(module, seed);
  const peers = parts.has("peers") && !options.quick ? await fillPeers(seed) : null;
  const shifts = parts.has("shifts") ? playShifts(module, budgets(64 * MIB, 8 * MIB), seed) : null;
  knowAll(await density);
  if (parts.has("density")) {
    found.density = measureDensity(module, densityBudgets, seed);
    if (!options.quick) found.overhead = measureOverhead(module, seed);
  }
  if (peers) found.peers = comparePeers(module, peers, seed);
  if (shifts) found.shifts = judgeShifts(module, shifts, seed);
  console.log();
  printSummary("memory");
  writeResults("memory", { seed, ...found });
  if (found.peers) writePlot("memory", "entries", plotPeers(found.peers));
}

function plotPeers(peers) {
  const groups = [...new Set(peers.map(({ values }) => values))].map((title) => ({
    title,
    bars: peers
      .filter(({ values }) => values === title)
      .map(({ name, entries_per_64_mib: value }) => ({ name, value })),
  }));
  const title =
    "Entries with a TTL that live in 64 MiB, by the size of their values (keys of 17 B)";
  return bars({ title, groups, x: { label: "entries" } });
}

if (options.measure) {
  const each = options.measure.split(",").map(Number);
  console.log(JSON.stringify(measureAll(module, each, seed)));
} else {
  await compare();
}
