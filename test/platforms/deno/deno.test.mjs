// What Deno makes of the package and of the example, from outside.
import assert from "node:assert/strict";
import { readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createProject } from "../project.mjs";
import { runIn, runtime } from "../runtimes.mjs";
import { checkExample } from "./example.mjs";

const DENO = runtime("deno");
const TYPES = readFileSync(new URL("../package/types.ts", import.meta.url), "utf8");
const SAY = `import { initFerrite } from "@ferrite/edge";
  const cache = await initFerrite();
  cache.set("key", "value", { ex: 60 });
  console.log(cache.get("key"), cache.ttl("key"));`;
const SAID = "value 60\n";

test("installed by npm: it runs without a permission, and its types are right", async (t) => {
  const { folder } = createProject(t, { "main.js": SAY, "types.ts": TYPES });
  assert.equal(await runIn(folder, DENO, "run", "--no-prompt", "main.js"), SAID);
  await runIn(folder, DENO, "check", "types.ts");
});

test("installed by deno add: the example", (t) => checkExample(t, DENO));

const IMPORTS = {
  "@ferrite/edge": "./ferrite/platform/deno.js",
  "@ferrite/edge/tier": "./ferrite/tier/index.js",
};

test("without npm: a folder of the package's files, and an import map", async (t) => {
  const { folder } = createProject(t, {
    "main.js": SAY,
    "types.ts": TYPES,
    "deno.json": JSON.stringify({ imports: IMPORTS }),
  });
  renameSync(join(folder, "node_modules/@ferrite/edge"), join(folder, "ferrite"));
  for (const name of ["node_modules", "package.json", "packed"])
    rmSync(join(folder, name), { recursive: true });
  assert.equal(await runIn(folder, DENO, "run", "--no-prompt", "main.js"), SAID);
  await runIn(folder, DENO, "check", "types.ts");
});
