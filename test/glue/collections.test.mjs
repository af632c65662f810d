// Hashes, lists and sets through the package's methods.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { initFerrite } from "../../glue/index.js";

let cache;
beforeEach(async () => (cache = await initFerrite({ maxMemory: "4mb" })));

const bytes = (text) => new TextEncoder().encode(text);

test("a session as a hash", () => {
  assert.equal(cache.hgetall("session:1"), null);
  assert.equal(cache.hset("session:1", { user: "ada", visits: 1 }), 2);
  assert.equal(cache.hset("session:1", "user", "eve", "city", "Zürich"), 1);
  assert.equal(cache.hincrby("session:1", "visits", 2), 3);
  const session = cache.hgetall("session:1");
  assert.equal(Object.getPrototypeOf(session), null);
  assert.deepEqual({ ...session }, { user: "eve", visits: "3", city: "Zürich" });
  assert.equal(cache.hget("session:1", "city"), "Zürich");
  assert.deepEqual(cache.hgetBytes("session:1", "city"), bytes("Zürich"));
  assert.equal(cache.hget("session:1", "absent"), null);
  assert.deepEqual(cache.hmget("session:1", "user", "absent"), ["eve", null]);
  assert.deepEqual(cache.hmgetBytes("session:1", ["user"]), [bytes("eve")]);
  assert.deepEqual(cache.hkeys("session:1").sort(), ["city", "user", "visits"]);
  assert.deepEqual(cache.hvals("session:1").sort(), ["3", "Zürich", "eve"]);
  assert.equal(cache.hsetnx("session:1", "user", "bob"), 0);
  assert.equal(cache.hlen("session:1"), 3);
  assert.equal(cache.hstrlen("session:1", "city"), 7);
  assert.equal(cache.hexists("session:1", "city"), 1);
  assert.equal(cache.hdel("session:1", "city", "absent"), 1);
  assert.equal(cache.hmset("session:1", new Map([["a", "b"]])), "OK");
  assert.equal(cache.hgetallBytes("session:1").length, 3);
});

test("a field called __proto__ is a field", () => {
  cache.hset("h", "__proto__", "value");
  assert.equal(cache.hgetall("h")["__proto__"], "value");
});

test("lists", () => {
  assert.equal(cache.rpush("l", "a", "b", "c"), 3);
  assert.equal(cache.lpush("l", ["z", 1]), 5);
  assert.deepEqual(cache.lrange("l", 0, -1), ["1", "z", "a", "b", "c"]);
  assert.deepEqual(cache.lrangeBytes("l", -1, -1), [bytes("c")]);
  assert.equal(cache.lindex("l", 1), "z");
  assert.deepEqual(cache.lindexBytes("l", 1), bytes("z"));
  assert.equal(cache.lset("l", 0, "y"), "OK");
  assert.equal(cache.linsert("l", "BEFORE", "a", "x"), 6);
  assert.equal(cache.lrem("l", 0, "b"), 1);
  assert.equal(cache.ltrim("l", 1, 2), "OK");
  assert.deepEqual(cache.lrange("l", 0, -1), ["z", "x"]);
  assert.equal(cache.lpushx("absent", "a"), 0);
  assert.equal(cache.rpushx("l", "w"), 3);
  assert.equal(cache.llen("l"), 3);
  assert.throws(() => cache.lset("l", 9, "v"), { message: /index out of range/ });
});

test("sets", () => {
  assert.equal(cache.sadd("s", "a", "b", "a"), 2);
  assert.equal(cache.sismember("s", "a"), 1);
  assert.deepEqual(cache.smismember("s", ["a", "c"]), [1, 0]);
  assert.deepEqual(cache.smembers("s").sort(), ["a", "b"]);
  assert.equal(cache.smembersBytes("s").length, 2);
  assert.equal(cache.srem("s", "a"), 1);
  assert.equal(cache.scard("s"), 1);
  assert.equal(cache.type("s"), "set");
  assert.throws(() => cache.get("s"), { code: "WRONGTYPE" });
});

test("a hash of a hundred thousand fields goes in and comes out whole", async () => {
  const large = await initFerrite({ maxMemory: "16mb" });
  const fields = Array.from({ length: 100_000 }, (_, i) => [`field:${i}`, `value ${i}`]);
  for (let i = 0; i < fields.length; i += 1000)
    assert.equal(large.hset("large", fields.slice(i, i + 1000)), 1000);
  assert.equal(large.hlen("large"), 100_000);
  const all = large.hgetall("large");
  for (const [field, value] of fields) assert.equal(all[field], value);
  assert.equal(large.del("large"), 1);
  assert.equal(large.dbsize(), 0);
});
