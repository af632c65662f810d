// Runs a WASI guest with this process's standard input and output, and says first, on standard error,
// how many milliseconds it took to compile and instantiate it.
import { readFileSync } from "node:fs";
import { WASI } from "node:wasi";

const bytes = readFileSync(process.argv[2]);
const began = performance.now();
const wasi = new WASI({ version: "preview1", returnOnExit: true });
const imports = { wasi_snapshot_preview1: wasi.wasiImport };
const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
console.error((performance.now() - began).toFixed(3));
process.exitCode = wasi.start(instance);
