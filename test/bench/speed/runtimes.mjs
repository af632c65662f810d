// A cell in workerd, Deno and Bun: inside.mjs, bundled with the caches that are compared.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const FOLDER = path("build/bench/runtimes");
export const MODULE = path("build/ferrite.wasm");
const PROGRAMS = {
  deno: { x64: "@deno/linux-x64-glibc/deno", arm64: "@deno/linux-arm64-glibc/deno" },
  bun: { x64: "@oven/bun-linux-x64/bin/bun", arm64: "@oven/bun-linux-aarch64/bin/bun" },
};

/** How each runs a file. */
export const WORDS = { deno: ["run", "-A", "--no-config", "--quiet"], bun: ["run"] };

/** ferrite.wasm of the build, compiled. */
export const ownModule = () => new WebAssembly.Module(readFileSync(MODULE));

/** A tool of the package's or the platforms' tests, that npm has installed there. */
export const requireTool = createRequire(path("glue/package.json"));

export function programOf(runtime) {
  const program = path(`test/platforms/node_modules/${PROGRAMS[runtime][process.arch]}`);
  if (existsSync(program)) return program;
  throw Object.assign(new Error(`${runtime} is not installed in test/platforms`), {
    code: "ENOENT",
  });
}

/** One file of JavaScript text that imports from this folder -> its path. */
export function bundle(name, text) {
  mkdirSync(FOLDER, { recursive: true });
  const outfile = `${FOLDER}/${name}.mjs`;
  requireTool("esbuild").buildSync({
    stdin: { contents: text, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    ...{ bundle: true, format: "esm", platform: "neutral", mainFields: ["module", "main"] },
    external: ["node:*", "*.wasm"],
    conditions: ["import"],
    alias: { events: "node:events" },
    logLevel: "error",
    outfile,
  });
  return outfile;
}

/** What a program prints, read as JSON. */
export function jsonOf(program, words) {
  const options = { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, NO_COLOR: "1" } };
  return JSON.parse(execFileSync(program, words, options).toString());
}

const PROGRAM = 'import { measureInProgram } from "./inside.mjs"; measureInProgram();';

function inProgram(runtime, cell) {
  const words = [...WORDS[runtime], bundle("program", PROGRAM), MODULE, JSON.stringify(cell)];
  return jsonOf(programOf(runtime), words);
}

/** A worker's file of JavaScript text, with ferrite.wasm beside it. */
export function bundleWorker(name, text) {
  const file = bundle(name, text);
  writeFileSync(`${FOLDER}/ferrite.wasm`, readFileSync(MODULE));
  return file;
}

const WORKER = `
  import module from "./ferrite.wasm";
  import { workerOf } from "./inside.mjs";
  export default workerOf(module);`;

function inWorker(cell) {
  const words = [path("test/bench/speed/worker.mjs"), bundleWorker("worker", WORKER)];
  return jsonOf(process.execPath, [...words, JSON.stringify(cell)]);
}

export const RUNTIMES = {
  workerd: inWorker,
  Deno: (cell) => inProgram("deno", cell),
  Bun: (cell) => inProgram("bun", cell),
};
