// How fast collections, counters and patterns of use are: through the JavaScript API beside plain
// JavaScript that does the same, and as RESP pipelines beside redis-server.
//
//   node test/bench/types.mjs [--only api,pipelines] [--rounds 5] [--seed 1]
//                             [--module build/ferrite.wasm]
//
// Commands that the cache does not have are shown as not measured.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { printSummary } from "./report.mjs";
import { measureApart } from "./rounds.mjs";
import { compareApi, measureApi } from "./types/api.mjs";
import { comparePipelines } from "./types/pipelines.mjs";

const { values: options } = parseArgs({
  options: {
    measure: { type: "string" },
    only: { type: "string", default: "api,pipelines" },
    rounds: { type: "string", default: "5" },
    seed: { type: "string", default: "1" },
    module: {
      type: "string",
      default: fileURLToPath(new URL("../../build/ferrite.wasm", import.meta.url)),
    },
  },
});
const rounds = Number(options.rounds);
const seed = Number(options.seed);
const module = new WebAssembly.Module(readFileSync(options.module));
const parts = new Set(options.only.split(","));

if (options.measure) {
  console.log(JSON.stringify(measureApi(options.measure, module, seed)));
} else {
  console.log(`types: medians of ${rounds} rounds (least-most), seed ${seed}`);
  if (parts.has("api")) {
    compareApi(rounds, (contender, round) =>
      measureApart(import.meta.url, {
        measure: contender,
        module: options.module,
        seed: seed + round,
      }),
    );
  }
  if (parts.has("pipelines")) {
    await comparePipelines(module, rounds, seed);
    console.log();
    printSummary("types");
  }
}
