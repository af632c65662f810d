// The store for Keyv: what @keyv/test-suite has, by Keyv 6 and by Keyv 5, and what it has not; and
// cacheable and cache-manager over it.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { initFerrite } from "@ferrite/edge";
import { KeyvFerrite } from "@ferrite/edge/keyv";
import keyvTestSuite, { keyvIteratorTests } from "@keyv/test-suite";
import { createCache } from "cache-manager";
import { Cacheable } from "cacheable";
import { expect } from "expect";
import Keyv6 from "keyv";
import Keyv5 from "keyv5";

// The suite is written for vitest, and for Keyv 5: this much of the one, over Node's own runner.
const vitest = (others = {}) => ({
  beforeEach,
  afterEach,
  it: (name, body) =>
    test(name, async () => {
      expect.setState({ assertionCalls: 0, expectedAssertionsNumber: null });
      await (others[name] ?? body)({ expect });
      for (const { error } of expect.extractExpectedAssertionsErrors()) throw error;
    }),
});

// What Keyv 6 has changed.
const OF_KEYV_6 = {
  ".deleteMany([keys]) with nonexistent keys resolves to false": async () => {
    const keyv = new Keyv6({ store: new KeyvFerrite(await initFerrite()) });
    await keyv.set("foo", "bar");
    assert.deepEqual(await keyv.delete(["foo", "foo1"]), [true, false]);
  },
};

for (const [version, Keyv, others] of [
  [6, Keyv6, OF_KEYV_6],
  [5, Keyv5, {}],
]) {
  describe(`@keyv/test-suite by Keyv ${version}`, async () => {
    const cache = await initFerrite();
    const store = () => new KeyvFerrite(cache);
    keyvTestSuite(vitest(others), Keyv, store);
    keyvIteratorTests(vitest(others), Keyv, store);
  });

  describe(`Keyv ${version}`, () => {
    test("clears its namespace alone, among more keys than a step, glob characters or not", async () => {
      const cache = await initFerrite({ evictionPolicy: "noeviction" });
      const open = (namespace) => new Keyv({ store: new KeyvFerrite(cache), namespace });
      const odd = open("a*[b]?\\c");
      const other = open("abbxc");
      for (let i = 0; i < 3000; i++) {
        await odd.set(`${i}`, i);
        await other.set(`${i}`, i);
      }
      cache.set("page:/", "the program's own");
      await odd.clear();
      assert.equal(cache.dbsize(), 3001);
      assert.equal(await odd.get("7"), undefined);
      assert.equal(await other.get("7"), 7);
      const found = new Map();
      for await (const [key, value] of other.iterator()) found.set(key, value);
      assert.equal(found.size, 3000);
      assert.equal(found.get("2999"), 2999);
      await new KeyvFerrite(cache).clear();
      assert.equal(cache.dbsize(), 1);
    });

    test("a value too large is refused, and says so", async () => {
      const cache = await initFerrite({ maxMemory: "1mb" });
      const keyv = new Keyv({ store: new KeyvFerrite(cache), throwOnErrors: false });
      const errors = [];
      keyv.on("error", (error) => errors.push(error));
      assert.equal(await keyv.set("large", "x".repeat(2 ** 20)), false);
      assert.equal(errors[0].code, "OOM");
      assert.equal(await keyv.get("large"), undefined);
    });

    test("what was evicted is missing, to getMany and to the iterator", async () => {
      const cache = await initFerrite({ maxMemory: "512kb" });
      const keyv = new Keyv({ store: new KeyvFerrite(cache) });
      for (let i = 0; i < 1000; i++) await keyv.set(`${i}`, "x".repeat(1000));
      const values = await keyv.get(["0", "999", "never"]);
      assert.deepEqual(values, [undefined, "x".repeat(1000), undefined]);
      let found = 0;
      for await (const [, value] of keyv.iterator()) found += value.length / 1000;
      assert.ok(found > 100 && found < 1000, `${found}`);
    });
  });
}

test("a time to live is in milliseconds of the cache's clock", async () => {
  let now = 1e12;
  const store = new KeyvFerrite(await initFerrite({ now: () => now }));
  await store.set("key", "value", 1500.5);
  now += 1500;
  assert.equal(await store.get("key"), "value");
  now += 1;
  assert.equal(await store.has("key"), false);
  await store.set("key", "value");
  await store.set("key", "value", -1); // over already
  assert.equal(await store.get("key"), undefined);
});

test("no cache, or no prefix, is refused", async () => {
  assert.throws(() => new KeyvFerrite(new Map()), { message: /^cache is an object \(Map\)/ });
  const cache = await initFerrite();
  assert.throws(() => new KeyvFerrite(cache, { prefix: 1 }), { message: /^prefix is 1/ });
});

test("cacheable, with the cache as its first or second layer", async () => {
  const cache = await initFerrite();
  for (const layer of ["primary", "secondary"]) {
    const cacheable = new Cacheable({ [layer]: new Keyv5({ store: new KeyvFerrite(cache) }) });
    await cacheable.set("key", { a: [1, null] }, "1h");
    assert.deepEqual(await cacheable.get("key"), { a: [1, null] });
    const [stored] = [...cache.scanIterator({ match: "*key" })];
    const ttl = cache.pttl(stored);
    assert.ok(ttl > 3_590_000 && ttl <= 3_600_000, `${ttl}`);
    let calls = 0;
    const wrapped = cacheable.wrap(async (n) => n + ++calls, { ttl: "1h", keyPrefix: "add" });
    assert.deepEqual([await wrapped(10), await wrapped(10), await wrapped(20)], [11, 11, 22]);
    assert.deepEqual(await cacheable.getMany(["key", "none"]), [{ a: [1, null] }, undefined]);
    assert.equal(await cacheable.delete("key"), true);
    assert.equal(await cacheable.get("key"), undefined);
    await cacheable.clear();
    assert.equal(cache.dbsize(), 0);
  }
});

test("cache-manager", async () => {
  const cache = await initFerrite();
  const manager = createCache({ stores: [new Keyv5({ store: new KeyvFerrite(cache) })] });
  await manager.set("key", { a: 1 }, 60_000);
  assert.deepEqual(await manager.get("key"), { a: 1 });
  const left = (await manager.ttl("key")) - Date.now();
  assert.ok(left > 59_000 && left <= 60_000, `${left}`);
  let calls = 0;
  const ask = () => manager.wrap("answer", async () => ++calls, 60_000);
  assert.deepEqual(await Promise.all([ask(), ask()]), [1, 1]);
  assert.equal(await ask(), 1);
  await manager.mset([
    { key: "1", value: 1 },
    { key: "2", value: "two", ttl: 60_000 },
  ]);
  assert.deepEqual(await manager.mget(["1", "2", "3"]), [1, "two", undefined]);
  await manager.mdel(["1", "2"]);
  assert.deepEqual(await manager.mget(["1", "2"]), [undefined, undefined]);
  await manager.clear();
  assert.equal(cache.dbsize(), 0);
});
