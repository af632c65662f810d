// The driver for unstorage beside that library's own driver in memory, in storages that are asked the
// same, and what its tests of drivers expect of each (they are not published).
import assert from "node:assert/strict";
import { test } from "node:test";
import { initFerrite } from "@ferrite/edge";
import { ferriteDriver } from "@ferrite/edge/unstorage";
import { createStorage, prefixStorage, restoreSnapshot, snapshot } from "unstorage";
import { Random } from "../redis/random.mjs";

const seed = Number(process.env.ADAPTERS_SEED ?? Math.floor(Math.random() * 2 ** 31));

const KEYS = ["a", "b:c", "b:d:e", "b:d:f", "b*:[c]?", "q?x=1", "/path/to.json", "é"];
const VALUES = ["text", "", 0, false, null, { a: [1, { b: null }] }, [], "\n\u0000"];

test(`as its driver in memory does (seed ${seed})`, async () => {
  const random = new Random(seed);
  const memory = createStorage();
  const cache = await initFerrite();
  cache.set("page:/", "the program's own");
  const storage = createStorage({ driver: ferriteDriver({ cache }) });
  const ask = {
    getItem: () => [random.pick(KEYS)],
    hasItem: () => [random.pick(KEYS)],
    setItem: () => [random.pick(KEYS), random.pick(VALUES)],
    removeItem: () => [random.pick(KEYS)],
    getKeys: () => [random.pick(["", "b", "b:d", "b*", "z"]), random.pick([{}, { maxDepth: 1 }])],
    getItems: () => [[random.pick(KEYS), { key: random.pick(KEYS) }]],
    setItems: () => [[{ key: random.pick(KEYS), value: random.pick(VALUES) }]],
    setMeta: () => [random.pick(KEYS), { note: "then" }],
    getMeta: () => [random.pick(KEYS)],
    clear: () => [random.pick(["", "b"])],
  };
  const asked = [];
  for (let i = 0; i < 3000; i++) {
    const method = random.pick(["setItem", "setItem", ...Object.keys(ask)]);
    const words = ask[method]();
    asked.push(`${method} ${JSON.stringify(words)}`);
    const [expected, actual] = [await memory[method](...words), await storage[method](...words)];
    if (method === "getKeys") for (const keys of [expected, actual]) keys.sort();
    assert.deepEqual(actual, expected, asked.slice(-20).join("\n"));
  }
  await storage.clear();
  assert.deepEqual(await storage.getKeys(), []);
  assert.equal(cache.dbsize(), 1);
});

test("a part alone is cleared", async () => {
  const driver = ferriteDriver({ cache: await initFerrite() });
  for (const key of ["b:c", "bc", "b*:c", "b*:d:e"]) await driver.setItem(key, "value");
  await driver.clear("b*:");
  assert.deepEqual((await driver.getKeys("")).sort(), ["b:c", "bc"]);
});

test("raw items are bytes", async () => {
  const cache = await initFerrite();
  const storage = createStorage({ driver: ferriteDriver({ cache }) });
  const bytes = new Uint8Array(256).map((_, i) => i);
  for (const value of [bytes, Buffer.from(bytes), bytes.buffer, new DataView(bytes.buffer)]) {
    await storage.setItemRaw("raw", value);
    assert.deepEqual(await storage.getItemRaw("raw"), bytes);
  }
  await storage.setItemRaw("raw", "text");
  assert.equal(await storage.getItem("raw"), "text");
  assert.equal(await storage.getItemRaw("none"), null);
  await assert.rejects(storage.setItemRaw("raw", { a: 1 }), { message: /^value is an object/ });
});

test("a time to live is in seconds of the cache's clock", async () => {
  let now = 1e12;
  const cache = await initFerrite({ now: () => now });
  const storage = createStorage({ driver: ferriteDriver({ cache, prefix: "p:", ttl: 60 }) });
  await storage.setItem("a", 1);
  await storage.setItem("b", 2, { ttl: 1.5 });
  assert.deepEqual([cache.pttl("p:a"), cache.pttl("p:b")], [60_000, 1_500]);
  now += 1_500;
  assert.deepEqual([await storage.getItem("a"), await storage.getItem("b")], [1, null]);
  now += 60_000;
  assert.deepEqual(await storage.getKeys(), []);
});

test("mounted, prefixed, in and out of a snapshot", async () => {
  const cache = await initFerrite();
  const storage = createStorage();
  storage.mount("fast", ferriteDriver({ cache }));
  const users = prefixStorage(storage, "fast:users");
  await users.setItem("ann", { name: "Ann" });
  assert.deepEqual(await storage.getItem("fast:users:ann"), { name: "Ann" });
  assert.equal(cache.get("unstorage:users:ann"), '{"name":"Ann"}');
  const saved = await snapshot(storage, "fast");
  await storage.clear("fast");
  assert.equal(await users.hasItem("ann"), false);
  await restoreSnapshot(storage, saved, "fast");
  assert.deepEqual(await users.getKeys(), ["ann"]);
  class Odd {}
  await assert.rejects(storage.setItem("fast:odd", new Odd()), /Cannot stringify value/);
});
