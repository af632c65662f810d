// The examples, in the real runtimes: a file by Node.js, Deno and Bun, one after another; KV, Miniflare's.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { createProject } from "../platforms/project.mjs";
import { runIn, runtime } from "../platforms/runtimes.mjs";

const example = (name) =>
  readFileSync(new URL(`../../glue/examples/snapshot/${name}`, import.meta.url), "utf8");

test("a file that Node.js, Deno and Bun hand on", async (t) => {
  const { folder } = createProject(t, { "file.mjs": example("file.mjs") });
  const runtimes = [
    [process.execPath],
    [runtime("deno"), "run", "--allow-read", "--allow-write"],
    [runtime("bun")],
    [process.execPath],
  ];
  for (const [visit, [program, ...words]] of runtimes.entries()) {
    const printed = await runIn(folder, program, ...words, "file.mjs", "cache.rdb");
    if (visit > 0) assert.match(printed, /^1 keys from cache\.rdb, 0 had expired; \d+ ms\n/);
    assert.ok(printed.endsWith(`visit ${visit + 1}\n`), printed);
  }
});

test("KV: a new isolate has what another had", async (t) => {
  const { folder } = createProject(t, { "worker.mjs": example("worker.mjs") });
  const of = (path) => createRequire(new URL(path, import.meta.url));
  const { Miniflare } = of("../platforms/package.json")("miniflare");
  const { build } = of("../../glue/package.json")("esbuild");
  const { outputFiles } = await build({
    entryPoints: [join(folder, "worker.mjs")],
    bundle: true,
    write: false,
    format: "esm",
    conditions: ["workerd"],
    external: ["*.wasm"],
  });
  const options = {
    compatibilityDate: "2026-01-01",
    kvNamespaces: ["KV"],
    kvPersist: join(folder, "kv"),
    modulesRoot: "/",
    modules: [
      { type: "ESModule", path: "/platform/worker.mjs", contents: outputFiles[0].text },
      {
        type: "CompiledWasm",
        path: "/ferrite.wasm",
        contents: readFileSync(new URL("../../glue/ferrite.wasm", import.meta.url)),
      },
    ],
  };
  const first = new Miniflare(options);
  try {
    for (let i = 0; i < 1000; i++)
      await first.dispatchFetch(`http://localhost/${i}`, { method: "PUT", body: `value ${i}` });
    await (await first.getWorker()).scheduled({ cron: "0 * * * *" });
  } finally {
    await first.dispose();
  }
  const second = new Miniflare(options);
  try {
    for (const i of [0, 500, 999]) {
      const response = await second.dispatchFetch(`http://localhost/${i}`);
      assert.equal(await response.text(), `value ${i}`);
    }
    assert.equal((await second.dispatchFetch("http://localhost/1000")).status, 404);
  } finally {
    await second.dispose();
  }
});
