// The example of a snapshot in a page's own files, bundled as a page has it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { createProject } from "../project.mjs";
import { visitFolder } from "./visit.mjs";

const { build } = createRequire(new URL("../../../glue/package.json", import.meta.url))("esbuild");
const EXAMPLE = new URL("../../../glue/examples/snapshot/browser.js", import.meta.url);
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
const PAGE = `
import { initFerrite } from "@ferrite/edge";
import file from "@ferrite/edge/ferrite.wasm";
import { save, warmUp } from "./browser.js";

const open = () => initFerrite(fetch(new URL(file, import.meta.url)), { maxMemory: "4mb" });
const [first, second, third] = [await open(), await open(), await open()];
const before = await warmUp(first);
for (let i = 0; i < 1000; i++) first.set("key:" + i, "value " + i, { ex: 3600 });
await save(first);
const after = await warmUp(second);
first.set("key:0", "new");
await save(first);
await warmUp(third);
const said = { before, after, value: second.get("key:999"), ttl: second.ttl("key:999"), again: third.get("key:0") };
await fetch("/said", { method: "POST", body: JSON.stringify(said) });
`;

test("a page's own files: what was saved is there again, and what was saved last", async (t) => {
  const { folder } = createProject(t, {
    "page.js": PAGE,
    "browser.js": readFileSync(EXAMPLE, "utf8"),
    "out/index.html": '<!doctype html><script type="module" src="page.js"></script>',
  });
  await build({
    entryPoints: [join(folder, "page.js")],
    outdir: join(folder, "out"),
    bundle: true,
    format: "esm",
    loader: { ".wasm": "file" },
    conditions: ["browser"],
  });
  const { before, after, value, ttl, again } = JSON.parse(
    await visitFolder(join(folder, "out"), POLICY),
  );
  assert.deepEqual([before, after, value, again], [0, 1000, "value 999", "new"]);
  assert.ok(ttl > 3590 && ttl <= 3600);
});
