// What a cache may be made with, and what is said of the rest.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Ferrite, FerriteError, initFerrite } from "../../glue/platform/node.js";

const LEAST = 262144;
const GLUE = new URL("../../glue/platform/node.js", import.meta.url).href;

async function refused(options, ...parts) {
  await assert.rejects(initFerrite(options), (error) => {
    assert.ok(error instanceof FerriteError, String(error));
    assert.equal(error.code, "ARGUMENT");
    for (const part of parts) assert.ok(error.message.includes(part), error.message);
    return true;
  });
}

test("without options: 32mb, allkeys-lru", async () => {
  const cache = await initFerrite();
  assert.equal(cache.info().maxmemory, 32 * 1024 * 1024);
  assert.equal(cache.info().maxmemory_policy, "allkeys-lru");
  assert.equal((await initFerrite({})).info().maxmemory, 32 * 1024 * 1024);
  assert.equal((await initFerrite({ maxMemory: undefined })).info().maxmemory, 32 * 1024 * 1024);
});

test("maxMemory is read as Redis reads it", async () => {
  const cases = {
    "512kb": 512 * 1024,
    "1mb": 1024 * 1024,
    "1MB": 1024 * 1024,
    "1m": 1_000_000,
    "300k": 300_000,
    "1gb": 1024 ** 3,
    "1g": 1e9,
    1048576: 1048576,
    "1048576b": 1048576,
  };
  for (const [text, bytes] of Object.entries(cases)) {
    const { maxmemory } = (await initFerrite({ maxMemory: text })).info();
    assert.ok(maxmemory <= bytes && maxmemory > bytes - 65536, `${text}: ${maxmemory}`);
  }
  assert.equal((await initFerrite({ maxMemory: 2 ** 20 })).info().maxmemory, 2 ** 20);
});

test("a wrong maxMemory is named, with what is allowed", async () => {
  for (const maxMemory of [
    "64 mb",
    "mb",
    "",
    "1.5mb",
    "-1",
    "1tb",
    -1,
    1.5,
    NaN,
    Infinity,
    null,
    {},
    true,
    1n,
  ]) {
    await refused({ maxMemory }, "maxMemory", '"64mb"');
  }
});

test("a maxMemory too small names the least that works", async () => {
  for (const maxMemory of [0, 1, 1000, LEAST - 1, "100kb"]) {
    await refused({ maxMemory }, "maxMemory", `${LEAST} bytes`);
  }
  const cache = await initFerrite({ maxMemory: LEAST });
  assert.equal(cache.set("key", "value"), "OK");
  assert.equal(cache.get("key"), "value");
});

test("a maxMemory too large names the most that works", async () => {
  await refused({ maxMemory: 2 ** 32 }, "maxMemory", "at most 4294901760 bytes");
  await refused({ maxMemory: "5gb" }, "maxMemory", "at most 4294901760 bytes");
});

test("each eviction policy of Redis, and no other", async () => {
  const policies = ["noeviction", "volatile-ttl"];
  for (const kind of ["lru", "lfu", "random"]) policies.push(`allkeys-${kind}`, `volatile-${kind}`);
  for (const evictionPolicy of policies) {
    const cache = await initFerrite({ evictionPolicy });
    assert.equal(cache.info().maxmemory_policy, evictionPolicy);
  }
  for (const evictionPolicy of ["lru", "", "ALLKEYS", 1, null, "toString"]) {
    await refused({ evictionPolicy }, "evictionPolicy", ...policies);
  }
});

test("now is the clock, read once a call", async () => {
  let time = 1_000_000;
  let calls = 0;
  const cache = await initFerrite({ now: () => (calls++, time) });
  cache.set("key", "value", { ex: 10 });
  assert.equal(calls, 1);
  assert.equal(cache.ttl("key"), 10);
  time += 9_999;
  assert.equal(cache.get("key"), "value");
  assert.equal(cache.pttl("key"), 1);
  time += 1;
  assert.equal(cache.get("key"), null);
  assert.equal(calls, 5);
  for (const now of [5, "now", null, {}]) await refused({ now }, "now", "a function");
});

test("a clock that gives no time is refused, and nothing happens", async () => {
  let time = 1000;
  const cache = await initFerrite({ now: () => time });
  cache.set("key", "value");
  for (time of [NaN, -1, 2 ** 53, Infinity]) {
    for (const call of [
      () => cache.get("key"),
      () => cache.set("key", "x"),
      () => cache.del("key"),
    ]) {
      assert.throws(call, { name: "FerriteError", code: "ARGUMENT", message: /now\(\)/ });
    }
  }
  time = 1000;
  assert.equal(cache.get("key"), "value");
});

test("the default clock follows a Date that is replaced", async (t) => {
  const cache = await initFerrite();
  const { now } = Date;
  t.after(() => (Date.now = now));
  Date.now = () => 4_000_000_000_000;
  cache.set("key", "value", { ex: 1 });
  assert.equal(cache.pexpiretime("key"), 4_000_000_001_000);
});

test("a seed is four words or sixteen bytes", async () => {
  const words = Uint32Array.of(0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c);
  const bytes = Uint8Array.from({ length: 16 }, (_, i) => i);
  const order = async (seed) => {
    const cache = await initFerrite({ seed });
    for (let i = 0; i < 200; i++) cache.set(`key${i}`, "");
    return cache.keys("*").join();
  };
  assert.equal(await order(words), await order(bytes));
  assert.notEqual(await order(words), await order(Uint32Array.of(1, 2, 3, 4)));
  assert.notEqual(await order(undefined), await order(undefined));
  for (const seed of [1, "seed", null, new Uint8Array(15), new Uint32Array(3), [1, 2, 3, 4]]) {
    await refused({ seed }, "seed", "Uint32Array of 4", "Uint8Array of 16");
  }
});

test("a seed is drawn for each cache as it is made, never as the package is loaded", () => {
  const code = `
    import crypto from "node:crypto";
    const draw = crypto.randomFillSync;
    const drawn = [];
    crypto.randomFillSync = (words) => (drawn.push(draw(words)), words);
    const { createFerrite } = await import(${JSON.stringify(GLUE)});
    const { readFileSync } = await import("node:fs");
    const wasm = new WebAssembly.Module(readFileSync(new URL("../ferrite.wasm", ${JSON.stringify(GLUE)})));
    const counts = [drawn.length];
    for (const options of [{}, {}, { seed: new Uint32Array(4) }, undefined]) {
      createFerrite(wasm, options);
      counts.push(drawn.length);
    }
    console.log(counts.join(), new Set(drawn.map(String)).size, drawn.every(({ length }) => length === 4));
  `;
  const out = execFileSync(process.execPath, ["--input-type=module", "-e", code]);
  assert.equal(out.toString(), "0,1,2,2,3 3 true\n");
});

test("an unknown option is named, with those there are", async () => {
  await refused(
    { maxmemory: "64mb" },
    '"maxmemory"',
    "maxMemory, evictionPolicy, now, seed, record",
  );
  await refused({ toString: 1 }, '"toString"', "maxMemory");
  for (const options of [5, null, true]) await refused(options, "options", "an object");
  await refused("64mb", "options", "an object");
});

test("the default clock moves on between any two calls with an await between them", async (t) => {
  const { now } = Date;
  t.after(() => (Date.now = now));
  let time = 4_000_000_000_000;
  let readings = 0;
  Date.now = () => (readings++, time);
  const cache = await initFerrite();
  for (let burst = 0; burst < 3; burst++) {
    readings = 0;
    for (let i = 0; i < 1000; i++) cache.set(`key:${i}`, "value", { px: 10 });
    assert.equal(cache.pexpiretime("key:0"), time + 10);
    assert.ok(readings > 10 && readings < 100, `${readings} readings in a burst of 1000 calls`);
    await null;
    time += 10;
    for (let i = 0; i < 1000; i++) assert.equal(cache.get(`key:${i}`), null);
    await null;
    time += 10;
  }
  for (let i = 0; i < 100; i++) {
    await null;
    time++;
    assert.equal(cache.call("SET", "a", "b", "PXAT", time + 1), "OK");
    assert.equal(cache.pexpiretime("a"), time + 1);
  }
});

/* --- before the first request, where a platform has no randomness and a clock that stands at 0 ---- */

const wasm = readFileSync(new URL("../../glue/ferrite.wasm", import.meta.url));
const isTooEarly = (error) => error instanceof FerriteError && error.code === "TOOEARLY";

test("a cache that is made where there is no randomness is seeded when it is used first", () => {
  const drawn = [];
  let isEarly = true;
  const crypto = {
    getRandomValues(words) {
      if (isEarly) throw new Error("not allowed within global scope");
      drawn.push(words.fill(7));
      return words;
    },
  };
  const module = new WebAssembly.Module(wasm);
  const options = { maxMemory: "1mb", now: () => 5000 };
  const early = new Ferrite(module, options, crypto);
  for (const use of [
    () => early.set("a", "b"),
    () => early.get("a"),
    () => early.exec("PING\r\n"),
  ]) {
    assert.throws(use, isTooEarly);
  }
  assert.throws(() => new Ferrite(module, { maxMemory: 1 }, crypto), /maxMemory/);

  isEarly = false;
  const seeded = new Ferrite(module, { ...options, seed: new Uint32Array(4).fill(7) });
  for (const cache of [early, seeded]) {
    for (let i = 0; i < 100; i++) cache.set(`key${i}`, i, { ex: 60 });
  }
  assert.equal(drawn.length, 1);
  assert.deepEqual(early.keys("*"), seeded.keys("*")); // the order that the seed makes
  assert.equal(early.memory.buffer.byteLength, seeded.memory.buffer.byteLength);
});

test("where Date.now() is 0, the default clock refuses, and a clock that is given does not", async (t) => {
  const { now } = Date;
  t.after(() => (Date.now = now));
  Date.now = () => 0;
  const cache = await initFerrite();
  const given = await initFerrite({ now: () => 0 });
  assert.throws(() => cache.set("key", "value", { ex: 60 }), isTooEarly);
  assert.equal(given.set("key", "value"), "OK");
  Date.now = () => 1_700_000_000_000;
  assert.equal(cache.get("key"), null);
  cache.set("key", "value", { ex: 60 });
  assert.equal(cache.get("key"), "value");
});
