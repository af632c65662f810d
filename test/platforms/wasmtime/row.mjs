// The C library in a WASI guest on the Wasmtime that is inside wizer: it plays the cases as what wizer
// calls initialisation. Of the time to instantiate, nothing shows from outside.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { buildGuest, directory, NotRun, played, row } from "../rows.mjs";

const PACKAGE = `@bytecodealliance/wizer-${process.platform}-${process.arch}`;

function findWizer() {
  try {
    return createRequire(import.meta.url).resolve(`${PACKAGE}/wizer`);
  } catch {
    throw new NotRun(`${PACKAGE} is not here`);
  }
}

await row("Wasmtime, WASI guest", () => {
  const program = findWizer();
  const version = /wasmtime-(\d+\.\d+\.\d+)/.exec(readFileSync(program, "latin1"))[1];
  const output = `${directory("wasmtime")}initialised.wasm`;
  const words = ["--allow-wasi", "--init-func", "_start", "-o", output, buildGuest()];
  return { version, ...played(program, words), instantiateMs: undefined };
});
