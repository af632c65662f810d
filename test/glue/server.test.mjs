// Commands about the cache itself.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { initFerrite } from "../../glue/platform/node.js";

const text = (string) => new TextEncoder().encode(string);

let cache;
beforeEach(async () => {
  cache = await initFerrite({ maxMemory: "1mb", now: () => 1_700_000_000_000 });
});

test("ping, echo", () => {
  assert.equal(cache.ping(), "PONG");
  assert.equal(cache.ping("hello"), "hello");
  assert.deepEqual(cache.pingBytes("hello"), text("hello"));
  assert.equal(cache.echo("hello"), "hello");
  assert.deepEqual(cache.echoBytes(text("hello")), text("hello"));
  assert.equal(cache.echo(5), "5");
});

test("dbsize, flushdb, flushall", () => {
  for (const flush of ["flushdb", "flushall"]) {
    for (const options of [undefined, {}, { async: true }, { sync: true }]) {
      cache.mset("a", "1", "b", "2");
      assert.equal(cache.dbsize(), 2);
      assert.equal(cache[flush](options), "OK");
      assert.equal(cache.dbsize(), 0);
    }
    assert.throws(() => cache[flush]({ now: true }), { code: "ARGUMENT", message: /async, sync/ });
  }
});

test("object", () => {
  cache.mset("int", "12", "text", "abc", "long", "x".repeat(100));
  assert.equal(cache.objectEncoding("int"), "int");
  assert.equal(cache.objectEncoding("text"), "embstr");
  assert.equal(cache.objectEncoding("long"), "raw");
  assert.equal(cache.objectIdletime("text"), 0);
  assert.equal(cache.objectRefcount("text"), 1);
  assert.equal(cache.objectEncoding("nothing"), null);
  assert.throws(() => cache.objectFreq("text"), { code: "ERR" });
  cache.configSet("maxmemory-policy", "allkeys-lfu");
  assert.equal(typeof cache.objectFreq("text"), "number");
});

test("memoryUsage, memoryStats", () => {
  for (let i = 0; i < 500; i++) cache.set(`key${i}`, "x".repeat(1000));
  assert.ok(cache.memoryUsage("key7") >= 1004);
  assert.ok(cache.memoryUsage("key7", { samples: 0 }) < 1100);
  assert.equal(cache.memoryUsage("nothing"), null);
  const stats = cache.memoryStats();
  assert.equal(typeof stats["total.allocated"], "number");
  assert.equal(stats["keys.count"], 500);
});

test("info is an object, numbers where numeric", () => {
  cache.mset("a", "1", "b", "2");
  cache.expire("a", 60);
  cache.get("a");
  cache.get("nothing");
  const info = cache.info();
  assert.equal(info.maxmemory, 1024 * 1024);
  assert.ok(info.used_memory > 0 && info.used_memory <= info.maxmemory);
  assert.equal(info.keys, 2);
  assert.equal(info.expires, 1);
  assert.equal(info.keyspace_hits, 1);
  assert.equal(info.keyspace_misses, 1);
  assert.equal(info.evicted_keys, 0);
  assert.equal(info.expired_keys, 0);
  assert.match(String(info.redis_version), /^7\./);
  cache.flushall();
  assert.equal(cache.info().keys, 0);
  const memory = cache.info("memory");
  assert.equal(memory.maxmemory, 1024 * 1024);
  assert.equal(memory.keyspace_hits, undefined);
  assert.equal(memory.keys, undefined);
});

test("config", () => {
  assert.deepEqual(cache.configGet("maxmemory"), { maxmemory: "1048576" });
  assert.deepEqual(Object.keys(cache.configGet("maxmemory*")).sort(), [
    "maxmemory",
    "maxmemory-policy",
    "maxmemory-samples",
  ]);
  assert.deepEqual(cache.configGet("nothing"), {});
  assert.equal(cache.configSet("maxmemory-policy", "noeviction"), "OK");
  assert.equal(cache.configSet({ "maxmemory-samples": 7 }), "OK");
  assert.equal(cache.configGet("maxmemory-samples")["maxmemory-samples"], "7");
  assert.throws(() => cache.configSet("nothing", "x"), { code: "ERR" });
  cache.get("nothing");
  assert.equal(cache.configResetstat(), "OK");
  assert.equal(cache.info().keyspace_misses, 0);
});

test("command", () => {
  const all = cache.command();
  assert.equal(all.length, cache.commandCount());
  const [get, none] = cache.commandInfo("get", "nothing");
  assert.equal(get[0], "get");
  assert.equal(get[1], 2);
  assert.equal(none, null);
  const docs = cache.commandDocs("get");
  assert.equal(docs.get.group, "string");
});

test("every command of the cache has a method", () => {
  const methods = { object: "objectEncoding", memory: "memoryUsage", config: "configGet" };
  methods["cl.throttle"] = "throttle";
  for (const [name] of cache.command()) {
    const method = methods[name] ?? name;
    assert.equal(typeof cache[method], "function", name);
  }
});

test("at a full budget with nothing to evict: Redis's OOM error, and reads go on", async () => {
  const full = await initFerrite({ maxMemory: "256kb", evictionPolicy: "noeviction" });
  const oom = {
    name: "FerriteError",
    code: "OOM",
    message: "OOM command not allowed when used memory > 'maxmemory'.",
  };
  full.set("first", "value");
  const fill = (set) => () => {
    for (let i = 0; i < 10_000; i++) set(`key${i}`, "x".repeat(1000));
  };
  assert.throws(
    fill((key, value) => full.set(key, value)),
    oom,
  );
  assert.throws(
    fill((key, value) => full.setnx(key, value)),
    oom,
  );
  assert.throws(() => full.set("large", "x".repeat(100_000)), oom);
  assert.throws(() => full.call("SET", "large", "x".repeat(100_000)), oom);
  assert.equal(full.get("first"), "value");
  assert.equal(full.del("first"), 1);
});
