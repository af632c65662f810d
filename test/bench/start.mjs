// Cold start: how long it takes from the bytes of ferrite.wasm to a cache, and how much memory one takes
// before anything is in it.
//
//   node test/bench/start.mjs [--rounds 15]
//
// Each figure is of a process of its own. In Node.js, Deno and Bun a program compiles the module and
// makes a cache of 64 MiB, then sets a key and gets it. workerd compiles what it loads by itself, and its
// clock stands still: there it is the time of a request that makes a cache, less that of the one
// before, which makes none, both seen from outside.

import { parseArgs } from "node:util";
import { createFerrite } from "../../glue/platform/node.js";
import { fileURLToPath } from "node:url";
import {
  bytes,
  KIB,
  MIB,
  printSummary,
  printTable,
  progress,
  progressDone,
  verdict,
} from "./report.mjs";
import { writeResults } from "./results.mjs";
import { median, summary } from "./rounds.mjs";
import { bundleWorker, jsonOf, MODULE, ownModule, programOf, WORDS } from "./speed/runtimes.mjs";
import { startWorker } from "./speed/worker.mjs";

const MOST_MS = 1;
const MOST_AT_REST = 256 * KIB;
const BUDGETS = [MIB, 64 * MIB, 1024 * MIB];
const JUDGED = ["Node.js", "Deno", "workerd"];
const PROGRAM = fileURLToPath(new URL("speed/first.mjs", import.meta.url));

const WORKER = `
  import module from "./ferrite.wasm";
  import { Ferrite } from "../../../glue/entry.js";
  export default {
    async fetch(request) {
      if ((await request.text()) === "nothing") return new Response("value");
      const cache = new Ferrite(module, { maxMemory: "64mb" });
      cache.set("key", "value");
      return new Response(cache.get("key"));
    },
  };`;

async function inWorker() {
  const worker = await startWorker(bundleWorker("first", WORKER));
  const time = async (body) => {
    const before = performance.now();
    if ((await worker.ask(body)) !== "value") throw new Error("the worker has no value");
    return performance.now() - before;
  };
  try {
    for (let i = 0; i < 5; i++) await time("nothing");
    const nothing = await time("nothing");
    return { make: (await time("make")) - nothing };
  } finally {
    await worker.stop();
  }
}

/** -> { compile, make, use }, in ms; of workerd, make and use together. */
const STARTS = {
  "Node.js": () => jsonOf(process.execPath, [PROGRAM, MODULE, "node"]),
  Deno: () => jsonOf(programOf("deno"), [...WORDS.deno, PROGRAM, MODULE, "deno"]),
  Bun: () => jsonOf(programOf("bun"), [...WORDS.bun, PROGRAM, MODULE, "bun"]),
  workerd: inWorker,
};

async function measure(name, rounds) {
  const runs = [];
  for (let round = 0; round < rounds; round++) {
    progress(`start: ${name}, ${round + 1} of ${rounds}`);
    runs.push(await STARTS[name]());
  }
  return runs;
}

const { values: options } = parseArgs({ options: { rounds: { type: "string", default: "15" } } });
const rounds = Number(options.rounds);
const rows = [
  ["", "compile, ms", "instantiate + init, ms", "first SET + GET, ms", "start, ms", ""],
];
const results = {};
for (const name of Object.keys(STARTS)) {
  try {
    const runs = (results[name] = await measure(name, rounds));
    const column = (part) =>
      runs[0][part] === undefined
        ? "-"
        : summary(
            runs.map((run) => run[part]),
            2,
          );
    const totals = runs.map(({ compile = 0, make }) => compile + make);
    const met = JUDGED.includes(name)
      ? verdict(median(totals) < MOST_MS, `start in ${name}: ${median(totals).toFixed(2)} ms`)
      : "";
    rows.push([name, ...["compile", "make", "use"].map(column), summary(totals, 2), met]);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    rows.push([name, "not run", error.message, "", "", ""]);
  }
}
progressDone();
console.log(
  `start: median of ${rounds} processes (least-most); in Node.js, Deno and workerd the target`,
);
console.log(
  `is less than ${MOST_MS} ms from the bytes to a cache. Of workerd: what a request that makes one`,
);
console.log("and uses it takes more; it has compiled the module before.");
printTable(rows);

console.log(`\nMemory of an empty cache; the target is less than ${bytes(MOST_AT_REST)}.`);
const atRest = BUDGETS.map((maxMemory) => ({
  maxMemory,
  atRest: createFerrite(ownModule(), { maxMemory }).memory.buffer.byteLength,
}));
printTable([
  ["budget", "at rest", ""],
  ...atRest.map(({ maxMemory, atRest }) => [
    bytes(maxMemory),
    bytes(atRest),
    verdict(atRest < MOST_AT_REST, `${bytes(atRest)} at rest of ${bytes(maxMemory)}`),
  ]),
]);
writeResults("start", { rounds, starts_ms: results, atRest_bytes: atRest });
console.log();
printSummary("start");
