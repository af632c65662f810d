// Runs a wasm32-wasi program over node:wasi: cargo's runner. It sees the table of cases, no other file.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { WASI } from "node:wasi";

const wasi = new WASI({
  version: "preview1",
  args: process.argv.slice(2),
  env: { FERRITE_CASES: "/cases" },
  preopens: { "/cases": fileURLToPath(new URL("../../cases", import.meta.url)) },
});
const module = await WebAssembly.compile(readFileSync(process.argv[2]));
const instance = await WebAssembly.instantiate(module, wasi.getImportObject());
process.exitCode = wasi.start(instance);
