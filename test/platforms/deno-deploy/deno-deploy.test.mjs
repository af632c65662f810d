// Deno as it is on Deno Deploy: with all permissions, and too old for a source phase import.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkExample } from "../deno/example.mjs";
import { createProject } from "../project.mjs";
import { runIn, runtime } from "../runtimes.mjs";

const DENO = runtime("deno-deploy");
const USE = `import { initFerrite } from "@ferrite/edge";
  console.log((await initFerrite()).set("key", "value"));`;

test("the example", (t) => checkExample(t, DENO, ["--allow-all"]));

test("ferrite.wasm is read, and no other file", async (t) => {
  const { folder } = createProject(t, { "main.js": USE });
  const run = (...words) => runIn(folder, DENO, "run", "--no-prompt", ...words, "main.js");
  assert.equal(await run("--allow-read=node_modules/@ferrite/edge/ferrite.wasm"), "OK\n");
  await assert.rejects(run(), /Requires read access to ".*ferrite.wasm"/);
});
