// Run by "deno test", in a project where the package is installed.
import assert from "node:assert/strict";
import { createFerrite, Ferrite, FerriteError, initFerrite } from "@ferrite/edge";
import source module from "@ferrite/edge/ferrite.wasm";

const early = await initFerrite({ maxMemory: "1mb" });
early.set("key", "value", { ex: 60 });

Deno.test("what is set at module scope is there", () => {
  assert.equal(early.get("key"), "value");
  assert.equal(early.ttl("key"), 60);
});

Deno.test("no permission is needed", { permissions: "none" }, async () => {
  const cache = await initFerrite();
  assert.equal(cache.set("key", "value"), "OK");
  assert.equal(cache.get("key"), "value");
  assert.equal(early.get("key"), "value");
  assert.equal(cache.dbsize(), 1);
});

Deno.test("ferrite.wasm is a module to import", { permissions: "none" }, () => {
  assert.ok(module instanceof WebAssembly.Module);
  assert.ok(createFerrite(module) instanceof Ferrite);
});

const url = new URL(import.meta.resolve("@ferrite/edge/ferrite.wasm"));

Deno.test("or to read, which takes a permission", { permissions: { read: [url] } }, async () => {
  assert.ok(createFerrite(await Deno.readFile(url)) instanceof Ferrite);
  assert.ok((await initFerrite(fetch(url), {})) instanceof Ferrite);
});

Deno.test("an error is Redis's", () => {
  early.set("text", "value");
  assert.throws(() => early.incr("text"), FerriteError);
  assert.throws(() => early.incr("text"), /^FerriteError: ERR value is not an integer/);
});

Deno.test("it is never more than the budget", () => {
  const cache = createFerrite(module, { maxMemory: "1mb" });
  for (let i = 0; i < 20_000; i++) cache.set(`key${i}`, "x".repeat(100));
  assert.ok(cache.memory.buffer.byteLength <= 1 << 20);
  assert.ok(cache.info().evicted_keys > 0);
  assert.ok(cache.get("key19999") !== null);
});

Deno.test("a worker's cache is its own", { permissions: { read: true } }, async () => {
  const worker = new Worker(import.meta.resolve("./worker.js"), { type: "module" });
  const said = await new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
  });
  worker.terminate();
  assert.deepEqual(said, [null, "the worker's"]);
  assert.equal(early.get("key"), "value");
});
