// What the benchmarks that replay request traces are told: which traces, with which module and seed. The
// traces are the whole ones in a folder, if there is one, else the slice in test/traces.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { unpackTrace } from "../traces/trace.mjs";

const path = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** The options of the command line -> { seed, module, traces: yields [name, trace] }. */
export function readOptions(benchmark) {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      seed: { type: "string", default: "1" },
      module: { type: "string", default: path("build/ferrite.wasm") },
      traces: { type: "string", default: path("../shared/traces") },
    },
  });
  return {
    seed: Number(values.seed),
    module: new WebAssembly.Module(readFileSync(values.module)),
    traces: unpacked(findTraces(benchmark, values)),
  };
}

/** One at a time, since some are large. */
function* unpacked(traces) {
  for (const { name, path } of traces) yield [name, unpackTrace(readFileSync(path))];
}

/** -> [{ name, path }]. `quick` asks for the slice; `only` names traces, with commas between. */
function findTraces(benchmark, { traces: folder, quick, only }) {
  const slice = path("test/traces/web07.kvt2.gz");
  if (quick || !existsSync(folder)) {
    console.log(
      `${benchmark}: the slice of web07 in test/traces alone, as the whole traces are not`,
    );
    console.log(`asked for, or not there (${folder}).`);
    return [{ name: "web07 (slice)", path: slice }];
  }
  return readdirSync(folder)
    .filter((file) => file.endsWith(".kvt2.gz"))
    .sort()
    .map((file) => ({ name: file.replace(".kvt2.gz", ""), path: `${folder}/${file}` }))
    .filter(({ name }) => !only || only.split(",").includes(name));
}
