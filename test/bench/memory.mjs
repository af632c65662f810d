// What the memory engine shows: a hard budget, density, no calcification, no pauses, collections
// that cost little. Each figure is printed with its target and whether that was met; speed.mjs and
// types.mjs have speed.
//
//   node test/bench/memory.mjs [--quick] [--only budget,density,shifts,pauses,collections] [--seed 1]
//                              [--module build/ferrite.wasm]
//
// --quick: at 8 MiB alone, without redis-server, pauses and collections. The exit code tells only
// whether the measuring itself failed.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measureBudget, measureRefusal } from "./memory/budget.mjs";
import { measureCollections } from "./memory/collections.mjs";
import { measureDensity, measureRedis } from "./memory/density.mjs";
import { measurePauses } from "./memory/pauses.mjs";
import { measureShifts } from "./memory/shifts.mjs";
import { KIB, MIB, printSummary } from "./report.mjs";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "budget,density,shifts,pauses,collections" },
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

console.log(`memory: ${moduleBytes.length} bytes of ferrite.wasm, allkeys-lru, seed ${seed}`);
if (parts.has("budget")) {
  measureBudget(module, budgets(256 * KIB, MIB, 8 * MIB, 64 * MIB), seed);
  measureRefusal(moduleBytes, budgets(MIB, 8 * MIB, 64 * MIB), seed);
}
if (parts.has("density")) {
  measureDensity(module, budgets(64 * MIB, 8 * MIB, MIB), seed);
  if (!options.quick) await measureRedis(module, seed);
}
if (parts.has("shifts")) measureShifts(module, budgets(64 * MIB, 8 * MIB), seed);
if (parts.has("pauses") && !options.quick) measurePauses(seed);
if (parts.has("collections") && !options.quick) await measureCollections(module, seed);
console.log();
printSummary("memory");
