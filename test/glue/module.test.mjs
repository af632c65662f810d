// The forms in which the module may be given, and that each cache is one of its own.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import initDefault, {
  createFerrite,
  Ferrite,
  FerriteError,
  initFerrite,
} from "../../glue/platform/node.js";

const wasm = await readFile(new URL("../../glue/ferrite.wasm", import.meta.url));

function works(cache) {
  assert.ok(cache instanceof Ferrite);
  assert.equal(cache.set("key", "value"), "OK");
  assert.equal(cache.get("key"), "value");
}

test("initFerrite is also the default export", () => assert.equal(initDefault, initFerrite));

test("the module that comes with the package", async () => {
  works(await initFerrite());
  works(await initFerrite({ maxMemory: "1mb" }));
});

test("a module, bytes, a Response, or a promise of one", async () => {
  const arrayBuffer = wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length);
  const forms = [
    () => new WebAssembly.Module(wasm),
    () => WebAssembly.compile(wasm),
    () => wasm,
    () => new Uint8Array(wasm),
    () => new DataView(arrayBuffer),
    () => arrayBuffer,
    () => new Response(wasm, { headers: { "content-type": "application/wasm" } }),
    () => new Response(wasm),
    () => Promise.resolve(new Response(wasm)),
    () => Promise.resolve(arrayBuffer),
    () => runInNewContext("new WebAssembly.Module(bytes)", { WebAssembly, bytes: arrayBuffer }),
  ];
  for (const form of forms) {
    works(await initFerrite(form()));
    const cache = await initFerrite(form(), { maxMemory: "1mb" });
    works(cache);
    assert.equal(cache.info().maxmemory, 1024 * 1024);
  }
});

test("createFerrite takes a module or bytes, at once", () => {
  works(createFerrite(wasm));
  works(createFerrite(new WebAssembly.Module(wasm), { maxMemory: "1mb" }));
});

test("what is no module is refused", async () => {
  const refusal = (text) => (error) => {
    assert.ok(error instanceof FerriteError, String(error));
    assert.ok(error.message.includes(text), error.message);
    return true;
  };
  await assert.rejects(initFerrite(undefined, {}), refusal("module is undefined"));
  await assert.rejects(initFerrite("ferrite.wasm", {}), refusal('module is "ferrite.wasm"'));
  await assert.rejects(initFerrite(Promise.resolve({}), {}), refusal("module is an object"));
  await assert.rejects(initFerrite(new Response("", { status: 404 })), refusal("404"));
  const page = new Response("<!doctype html>", { headers: { "content-type": "text/html" } });
  await assert.rejects(initFerrite(page), refusal("is no WebAssembly, but text/html"));
  await assert.rejects(initFerrite(new Response(new Uint8Array(3))), refusal("no WebAssembly"));
  for (const source of [undefined, {}, "x", 5, Promise.resolve(wasm), new Response(wasm)]) {
    assert.throws(() => createFerrite(source), refusal("module is"));
  }
  const other = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  assert.throws(() => createFerrite(other), refusal("not a Ferrite Edge module"));
  assert.throws(() => createFerrite(Uint8Array.of(1, 2, 3)), WebAssembly.CompileError);
});

test("the memory is the module's, and within the budget", async () => {
  const cache = await initFerrite({ maxMemory: "1mb" });
  assert.ok(cache.memory instanceof WebAssembly.Memory);
  for (let i = 0; i < 20_000; i++) cache.set(`key${i}`, "x".repeat(100));
  assert.ok(cache.memory.buffer.byteLength <= 1024 * 1024);
  assert.ok(cache.dbsize() > 1000);
  assert.ok(cache.info().evicted_keys > 0);
});

test("caches are independent of each other", async () => {
  const module = await WebAssembly.compile(wasm);
  const one = createFerrite(module, { maxMemory: "1mb" });
  const two = createFerrite(module, { maxMemory: "2mb", now: () => 5000 });
  for (let i = 0; i < 1000; i++) {
    one.set(`key${i}`, `one${i}`);
    two.set(`key${i}`, `two${i}`, { px: 100 });
  }
  for (let i = 0; i < 1000; i++) {
    assert.equal(one.get(`key${i}`), `one${i}`);
    assert.equal(two.get(`key${i}`), `two${i}`);
  }
  two.flushall();
  assert.equal(two.dbsize(), 0);
  assert.equal(one.dbsize(), 1000);
  assert.equal(one.get("key7"), "one7");
  assert.notEqual(one.memory, two.memory);
});
