// A cell in workerd, Deno and Bun: inside.mjs, bundled with the caches that are compared.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const FOLDER = path("build/bench/runtimes");
const MODULE = path("build/ferrite.wasm");
const PROGRAMS = {
  deno: { x64: "@deno/linux-x64-glibc/deno", arm64: "@deno/linux-arm64-glibc/deno" },
  bun: { x64: "@oven/bun-linux-x64/bin/bun", arm64: "@oven/bun-linux-aarch64/bin/bun" },
};

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

function inProgram(runtime, ...words) {
  const file = bundle("program", 'import { measureInProgram as run } from "./inside.mjs"; run();');
  return (cell) => {
    const args = [...words, file, MODULE, JSON.stringify(cell)];
    const options = {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, NO_COLOR: "1" },
    };
    return JSON.parse(execFileSync(programOf(runtime), args, options).toString());
  };
}

/** Serves one request, from a worker in a workerd of its own -> what it answers. */
export function askWorker(file, body) {
  const asked = spawnSync(process.execPath, [path("test/bench/speed/ask-worker.mjs"), file, body], {
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 2 ** 26,
  });
  if (asked.status !== 0) throw new Error(`workerd: ${asked.stdout}`);
  return JSON.parse(asked.stdout.toString());
}

export const RUNTIMES = {
  workerd: (cell) => {
    const text =
      'import module from "./ferrite.wasm"; import { workerOf } from "./inside.mjs"; export default workerOf(module);';
    const file = bundle("worker", text);
    writeFileSync(`${FOLDER}/ferrite.wasm`, readFileSync(MODULE));
    return askWorker(file, JSON.stringify(cell));
  },
  Deno: (cell) => inProgram("deno", "run", "-A", "--no-config", "--quiet")(cell),
  Bun: (cell) => inProgram("bun", "run")(cell),
};
