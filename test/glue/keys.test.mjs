// Every command on keys, its options, its reply, and its bytes form.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { initFerrite } from "../../glue/platform/node.js";

const NOW = 1_700_000_000_000;
const replyError = (message) => ({ name: "FerriteError", message, code: message.split(" ")[0] });

let time;
let cache;
beforeEach(async () => {
  time = NOW;
  cache = await initFerrite({ maxMemory: "4mb", now: () => time });
  cache.mset("a", "1", "b", "2", "c", "3");
});

test("del, unlink, exists, touch", () => {
  assert.equal(cache.exists("a", "b", "nothing", "a"), 3);
  assert.equal(cache.touch("a", "nothing"), 1);
  assert.equal(cache.del("a", "nothing"), 1);
  assert.equal(cache.unlink(["b", "c"]), 2);
  assert.equal(cache.exists("a"), 0);
  for (const name of ["del", "unlink", "exists", "touch"]) {
    assert.throws(
      () => cache[name](),
      replyError(`ERR wrong number of arguments for '${name}' command`),
    );
    assert.throws(() => cache[name]("a", 5), { code: "ARGUMENT", message: /key is 5/ });
  }
});

test("type", () => {
  assert.equal(cache.type("a"), "string");
  assert.equal(cache.type("nothing"), "none");
});

test("expire, pexpire, expireat, pexpireat", () => {
  assert.equal(cache.expire("a", 60), 1);
  assert.equal(cache.pexpiretime("a"), NOW + 60_000);
  assert.equal(cache.pexpire("a", 60n), 1);
  assert.equal(cache.pexpiretime("a"), NOW + 60);
  assert.equal(cache.expireat("a", NOW / 1000 + 9), 1);
  assert.equal(cache.pexpiretime("a"), NOW + 9000);
  assert.equal(cache.pexpireat("a", NOW + 99), 1);
  assert.equal(cache.pexpiretime("a"), NOW + 99);
  assert.equal(cache.expire("nothing", 60), 0);
  assert.equal(cache.expire("a", 0), 1);
  assert.equal(cache.exists("a"), 0);
  assert.throws(
    () => cache.expire("b", 1.5),
    replyError("ERR value is not an integer or out of range"),
  );
  assert.throws(() => cache.expire("b"), { code: "ARGUMENT", message: /seconds is undefined/ });
  assert.throws(
    () => cache.expire("b", 2n ** 62n),
    replyError("ERR invalid expire time in 'expire' command"),
  );
});

test("expire with nx, xx, gt, lt", () => {
  assert.equal(cache.expire("a", 60, { xx: true }), 0);
  assert.equal(cache.expire("a", 60, { nx: true }), 1);
  assert.equal(cache.expire("a", 50, { gt: true }), 0);
  assert.equal(cache.pexpire("a", 50_000, { lt: true }), 1);
  assert.equal(cache.expireat("a", NOW / 1000 + 99, { gt: true, xx: true }), 1);
  assert.equal(cache.pexpireat("a", NOW + 1, { nx: true }), 0);
  assert.equal(cache.ttl("a"), 99);
  assert.throws(() => cache.expire("a", 1, { gt: true, lt: true }), /^FerriteError: ERR GT and LT/);
  assert.throws(() => cache.expire("a", 1, { ex: 1 }), {
    code: "ARGUMENT",
    message: /nx, xx, gt, lt/,
  });
});

test("ttl, pttl, expiretime, pexpiretime, persist", () => {
  for (const name of ["ttl", "pttl", "expiretime", "pexpiretime"]) {
    assert.equal(cache[name]("a"), -1);
    assert.equal(cache[name]("nothing"), -2);
  }
  cache.pexpire("a", 59_600);
  assert.equal(cache.ttl("a"), 60);
  assert.equal(cache.pttl("a"), 59_600);
  assert.equal(cache.expiretime("a"), Math.floor((NOW + 59_600 + 500) / 1000));
  assert.equal(cache.pexpiretime("a"), NOW + 59_600);
  assert.equal(cache.persist("a"), 1);
  assert.equal(cache.persist("a"), 0);
  assert.equal(cache.ttl("a"), -1);
});

test("what has expired is gone", () => {
  cache.expire("a", 10);
  time += 9_999;
  assert.equal(cache.get("a"), "1");
  time += 1;
  assert.equal(cache.get("a"), null);
  assert.equal(cache.exists("a"), 0);
  assert.deepEqual(cache.keys("*").sort(), ["b", "c"]);
});

test("rename, renamenx, copy", () => {
  assert.equal(cache.rename("a", "d"), "OK");
  assert.equal(cache.get("d"), "1");
  assert.throws(() => cache.rename("nothing", "x"), replyError("ERR no such key"));
  assert.equal(cache.renamenx("d", "b"), 0);
  assert.equal(cache.renamenx("d", "e"), 1);
  assert.equal(cache.copy("e", "f"), 1);
  assert.equal(cache.copy("b", "f"), 0);
  assert.equal(cache.copy("b", "f", { replace: true }), 1);
  assert.equal(cache.get("f"), "2");
  assert.equal(cache.copy("b", "g", { db: 0, replace: false }), 1);
  assert.throws(() => cache.copy("b", "g", { db: 1 }), replyError("ERR DB index is out of range"));
});

test("randomkey", () => {
  assert.ok(["a", "b", "c"].includes(cache.randomkey()));
  assert.ok(cache.randomkeyBytes() instanceof Uint8Array);
  cache.flushall();
  assert.equal(cache.randomkey(), null);
  assert.equal(cache.randomkeyBytes(), null);
});

test("keys", () => {
  assert.deepEqual(cache.keys("*").sort(), ["a", "b", "c"]);
  assert.deepEqual(cache.keys("[ab]").sort(), ["a", "b"]);
  assert.deepEqual(cache.keys("nothing"), []);
  const found = cache.keysBytes("a");
  assert.deepEqual(found, [Uint8Array.of(0x61)]);
  assert.throws(() => cache.keys(), { code: "ARGUMENT", message: /pattern is undefined/ });
});

test("scan, with match, count and type", () => {
  for (let i = 0; i < 500; i++) cache.set(`key${i}`, "");
  const seen = new Set();
  let steps = 0;
  let cursor = 0;
  do {
    const page = cache.scan(cursor, { match: "key*", count: 10, type: "string" });
    assert.equal(typeof page.cursor, "string");
    for (const key of page.keys) seen.add(key);
    cursor = page.cursor;
    steps++;
  } while (cursor !== "0");
  assert.equal(seen.size, 500);
  assert.ok(steps > 5);
  const page = cache.scanBytes("0", { match: "a", count: 10_000n });
  assert.equal(page.cursor, "0");
  assert.deepEqual(page.keys, [Uint8Array.of(0x61)]);
  assert.deepEqual(cache.scan(0n, { type: "list", count: 10_000 }).keys, []);
  assert.throws(() => cache.scan("x"), replyError("ERR invalid cursor"));
  assert.throws(() => cache.scan(0, { count: 0 }), replyError("ERR syntax error"));
  assert.throws(() => cache.scan(0, { pattern: "x" }), {
    code: "ARGUMENT",
    message: /match, count, type/,
  });
});

test("scanIterator gives every key", () => {
  for (let i = 0; i < 500; i++) cache.set(`key${i}`, "");
  assert.equal(new Set(cache.scanIterator()).size, 503);
  assert.deepEqual([...new Set(cache.scanIterator({ match: "?", count: 7 }))].sort(), [
    "a",
    "b",
    "c",
  ]);
  for (const key of cache.scanIteratorBytes({ match: "key4*" }))
    assert.ok(key instanceof Uint8Array);
  for (const key of cache.scanIterator()) cache.del(key);
  assert.equal(cache.dbsize(), 0);
});

test("a reply of many pieces comes back whole", () => {
  const expected = [];
  for (let i = 0; i < 5000; i++) cache.set((expected[i] = `a key with number ${i}`), "");
  assert.deepEqual(cache.keys("a key*").sort(), expected.sort());
});

test("takeChanges", () => {
  const take = (keep) => {
    const { all, changes } = cache.takeChanges(keep);
    return all ? "all" : changes.map(({ kind, key }) => `${kind} ${new TextDecoder().decode(key)}`);
  };
  assert.equal(take(), "all"); // nobody had asked before a, b and c were set
  assert.deepEqual(take(), []);
  cache.set("a", "2");
  cache.set("ключ", "v", { px: 10 });
  cache.hset("h", "f", "v");
  cache.get("b");
  cache.del("b");
  assert.deepEqual(take(), ["changed a", "changed ключ", "changed h", "changed b"]);
  time += 10;
  assert.equal(cache.get("ключ"), null);
  assert.deepEqual(take(), ["expired ключ"]);
  cache.configSet("maxmemory-policy", "allkeys-lru");
  const seen = new Set();
  for (let i = 0; i < 200; i++) {
    cache.set(`k${i}`, "v".repeat(50_000));
    for (const change of take()) seen.add(change);
  }
  assert.ok(seen.has("evicted k0") && seen.has("changed k199") && !seen.has("evicted k199"));
  cache.flushall();
  assert.equal(take(false), "all");
  cache.set("a", "1");
  assert.equal(take(), "all");
});
