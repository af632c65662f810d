// The Wasmtime that is inside wizer: it runs a WASI guest as what wizer calls initialisation.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { directory, NotRun } from "../rows.mjs";

const PACKAGE = `@bytecodealliance/wizer-${process.platform}-${process.arch}`;

/** -> { program, version: Wasmtime's, words: the arguments that run `guest` } */
export function findWasmtime(guest) {
  let program;
  try {
    program = createRequire(import.meta.url).resolve(`${PACKAGE}/wizer`);
  } catch {
    throw new NotRun(`${PACKAGE} is not here`);
  }
  const version = /wasmtime-(\d+\.\d+\.\d+)/.exec(readFileSync(program, "latin1"))[1];
  const output = `${directory("wasmtime")}initialised.wasm`;
  const words = ["--allow-wasi", "--init-func", "_start", "-o", output, guest];
  return { program, version, words };
}
