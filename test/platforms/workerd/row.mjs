// The package in workerd, in workers that wrangler has built. Clocks stand still in there, so the first
// request is measured from outside: of a new process, in which it makes the cache, sets a key and gets it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import workerd from "workerd";
import { createProject } from "../project.mjs";
import { cases, row } from "../rows.mjs";
import { serve } from "./workerd.mjs";

const ROUNDS = 6; // the first warms this process up

/** As a test is to `serve` and `createProject`: what is begun in `use` has ended behind it. */
async function scoped(use) {
  const ends = [];
  try {
    return await use({ after: (end) => ends.unshift(end) });
  } finally {
    for (const end of ends) await end();
  }
}

/** Builds the workers as a project that has the package installed -> the folder of what would be uploaded. */
async function build(scope, name) {
  const text = (path) => readFileSync(new URL(path, import.meta.url));
  const project = createProject(scope, {
    "cases/play.mjs": text("../../cases/play.mjs"),
    "platforms/inside.js": text("../inside.js"),
    "platforms/workerd/main.js": text(name),
    "wrangler.toml": `name = "row"\nmain = "platforms/workerd/main.js"\ncompatibility_date = "2024-01-01"\n`,
  });
  await project.run("wrangler", "deploy", "--dry-run", "--outdir", "out");
  return join(project.folder, "out");
}

async function playCases(scope) {
  const url = await serve(scope, await build(scope, "cases.js"), {});
  const response = await fetch(url, { method: "POST", body: cases() });
  const { differences, ...result } = await response.json();
  differences.forEach((difference) => console.log(difference));
  return result;
}

async function timeFirst(folder) {
  return scoped(async (scope) => {
    const url = await serve(scope, folder, {});
    const began = performance.now();
    const response = await fetch(url);
    assert.equal(await response.text(), "value");
    return performance.now() - began;
  });
}

async function timeFirsts(scope) {
  const folder = await build(scope, "first.js");
  const times = [];
  for (let round = 0; round < ROUNDS; round++) times.push(await timeFirst(folder));
  return times.slice(1).sort((a, b) => a - b)[(ROUNDS - 1) >> 1];
}

await row("Cloudflare Workers: workerd", () =>
  scoped(async (scope) => ({
    version: workerd.version,
    ...(await playCases(scope)),
    firstRequestMs: await timeFirsts(scope),
  })),
);
