// A Cloudflare KV namespace: Miniflare's.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { initFerrite } from "../../glue/platform/node.js";
import { createTier } from "../../glue/tier/index.js";

const { Miniflare } = createRequire(new URL("../platforms/package.json", import.meta.url))(
  "miniflare",
);

const GLUE = fileURLToPath(new URL("../../glue/", import.meta.url));
const { build } = createRequire(new URL("../../glue/package.json", import.meta.url))("esbuild");

const WORKER = `
import { initFerrite } from "./platform/workerd.js";
import { createTier } from "./tier/index.js";
let tier;
let times = 0;
export default {
  async fetch(request, { KV }) {
    tier ??= createTier(await initFerrite({ maxMemory: "1mb" }), KV, { maxStaleMs: 60_000 });
    const load = async () => "made " + ++times;
    await tier.getOrSet("key", load, { ex: 60 });
    await tier.get("key");
    const value = await tier.getOrSet("key", load, { ex: 60 });
    return Response.json({ value, stats: tier.stats() });
  },
};`;

let miniflare;
let namespace;
before(async () => {
  miniflare = new Miniflare({
    modules: true,
    script: "export default { fetch: () => new Response() };",
    kvNamespaces: ["KV"],
  });
  namespace = await miniflare.getKVNamespace("KV");
});
after(() => miniflare.dispose());

const open = async (options) => createTier(await initFerrite(), namespace, options);

test("values are what was set, and expire when they should", async () => {
  const tier = await open();
  const other = await open();
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  await tier.set("text", "é 🦀", { ex: 3600 });
  await tier.set("bytes", bytes);
  await tier.set("brief", "value", { px: 700 });
  assert.equal(await other.get("text"), "é 🦀");
  assert.deepEqual(await other.getBytes("bytes"), bytes);
  assert.equal(await other.get("brief"), "value");
  assert.equal(await other.get("absent"), null);
  await sleep(750);
  assert.equal(await tier.get("brief"), null);
  assert.equal(await other.get("brief"), null);
  await tier.del("text");
  assert.equal(await tier.get("text"), null);
});

test("copies live as long as the bound", async () => {
  const tier = await open({ maxStaleMs: 200 });
  await namespace.put("key", "old");
  assert.equal(await tier.get("key"), "old");
  await namespace.put("key", "new");
  const { remoteCalls } = tier.stats();
  assert.equal(await tier.get("key"), "old");
  assert.equal(tier.stats().remoteCalls, remoteCalls);
  await sleep(210);
  assert.equal(await tier.get("key"), "new");
});

test("getOrSet runs a loader once in an isolate, and others find what it made", async () => {
  const [tier, other] = [await open(), await open()];
  let times = 0;
  const load = async () => `value ${++times}`;
  const ask = (one) => one.getOrSet("loaded", load, { ex: 60, swr: 60 });
  assert.deepEqual(await Promise.all(Array(10).fill(tier).map(ask)), Array(10).fill("value 1"));
  assert.equal(await ask(other), "value 1");
  assert.equal(times, 1);
});

test("in a Worker, too", async () => {
  const { outputFiles } = await build({
    stdin: { contents: WORKER, resolveDir: GLUE },
    bundle: true,
    write: false,
    format: "esm",
    external: ["*.wasm"],
  });
  const worker = new Miniflare({
    compatibilityDate: "2026-01-01",
    kvNamespaces: ["KV"],
    modules: [
      { type: "ESModule", path: "worker.mjs", contents: outputFiles[0].text },
      {
        type: "CompiledWasm",
        path: "../ferrite.wasm",
        contents: readFileSync(`${GLUE}ferrite.wasm`),
      },
    ],
    modulesRoot: "/",
  });
  try {
    const ask = async () => (await worker.dispatchFetch("http://localhost/")).json();
    const [first, second] = [await ask(), await ask()];
    assert.deepEqual([first.value, second.value], ["made 1", "made 1"]);
    assert.equal(second.stats.remoteCalls, first.stats.remoteCalls);
    const stored = await (await worker.getKVNamespace("KV")).get("key");
    assert.equal(stored, "made 1");
  } finally {
    await worker.dispose();
  }
});

test("there is no tracking", async () => {
  await assert.rejects(open({ tracking: "default" }), { code: "ARGUMENT" });
});
