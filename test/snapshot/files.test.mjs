// Whole files: a redis-server starts from what a cache dumps, and a cache loads what a redis-server has
// saved; key by key, the digests of values and the expiries are the same.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { initFerrite } from "../../glue/platform/node.js";
import { dump, dumpStream, load } from "../../glue/snapshot.js";
import { freshDirectory } from "../keeper.mjs";
import * as forms from "./forms.mjs";
import { bytesOf, checkRdb, seeded, startCache, startRedis } from "./peers.mjs";

const LATER_MS = 4102444800000;

async function bytesOfDump(cache) {
  const chunks = [];
  for await (const chunk of dump(cache)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function* piecesOf(bytes, random) {
  for (let at = 0; at < bytes.length; ) {
    const size = random.pick([1, 2, 100, 5000, 70000, 300000]);
    yield Uint8Array.from(bytes.subarray(at, at + size));
    at += size;
  }
}

/** Commands that make keys of every type and many sizes. */
function* keyspace(random) {
  const words = (n, make) => Array.from({ length: n }, (_, i) => make(i));
  for (let i = 0; i < 300; i++) yield ["SET", `string ${i}`, random.bytes(random.below(300))];
  for (let i = 0; i < 50; i++) yield ["SET", `${i}`, `${random.below(1e9) - 5e8}`];
  yield ["SET", "", ""];
  yield ["SET", random.bytes(300), "of a long name"];
  yield ["SET", "a".repeat(300), "of a name that is compressed"];
  yield ["SET", "large", random.bytes(300000)];
  yield ["SET", "large and compressed", "<p>text</p>".repeat(30000)];
  for (const size of [1, 100, 600, 30000]) {
    for (let at = 0; at < size; at += 1000) {
      const n = Math.min(1000, size - at);
      yield ["RPUSH", `list ${size}`, ...words(n, (i) => `element ${i + at}`)];
      yield ["SADD", `set ${size}`, ...words(n, (i) => `member ${i + at}`)];
      yield ["SADD", `numbers ${size}`, ...words(n, (i) => `${(i + at) * 7}`)];
      yield [
        "ZADD",
        `sorted ${size}`,
        ...words(2 * n, (i) => (i % 2 ? `m ${i + at}` : `${i / 4}`)),
      ];
      yield [
        "HSET",
        `hash ${size}`,
        ...words(2 * n, (i) => `${i % 2 ? "value" : "field"} ${i + at}`),
      ];
    }
  }
  yield ["RPUSH", "list of large", random.bytes(100000), "b".repeat(200000), "c"];
  for (let i = 0; i < 100; i++) yield ["PEXPIREAT", `string ${i}`, `${LATER_MS + i}`];
  yield ["PEXPIREAT", "hash 30000", `${LATER_MS}`];
}

const keysOf = async (redis) => (await redis.ask("KEYS", "*")).sort();
async function pictureOf(redis, keys) {
  const all = await redis.askAll([
    ["DEBUG", "DIGEST-VALUE", ...keys],
    ...keys.map((key) => ["PEXPIRETIME", key]),
  ]);
  return keys.map((key, i) => `${key} ${all[0][i]} ${all[i + 1]}`);
}

test("a redis-server starts from a dump, and what it saves is loaded", async (t) => {
  const random = seeded(t);
  const cache = await startCache();
  const redis = await startRedis();
  t.after(() => redis.stop());
  for (const words of keyspace(random)) {
    const ours = cache.ask(...words);
    assert.equal(`${ours}`, `${await redis.ask(...words)}`);
  }
  const keys = await keysOf(redis);
  const picture = await pictureOf(redis, keys);

  const directory = freshDirectory();
  const file = join(directory, "dump.rdb");
  writeFileSync(file, await bytesOfDump(cache));
  assert.match(checkRdb(file), /RDB looks OK/);
  const started = await startRedis({}, directory);
  t.after(() => started.stop());
  assert.deepEqual(await keysOf(started), keys);
  assert.deepEqual(await pictureOf(started, keys), picture);

  for (const compression of ["yes", "no"]) {
    await redis.ask("CONFIG", "SET", "rdbcompression", compression);
    assert.equal(await redis.ask("SAVE"), "OK");
    const saved = readFileSync(join(redis.directory, "dump.rdb"));
    const again = await startCache();
    let calls = 0;
    const result = await load(again, piecesOf(saved, random), { progress: () => calls++ });
    assert.deepEqual(result, { loaded: keys.length, expired: 0, kept: 0, skipped: {} });
    assert.equal(calls, keys.length);
    assert.equal(again.ask("DBSIZE"), keys.length);
    await started.ask("FLUSHALL");
    for (const key of keys) {
      const expiry = Math.max(0, again.ask("PEXPIRETIME", key));
      const value = again.ask("DUMP", key);
      assert.equal(await started.ask("RESTORE", key, expiry, value, "ABSTTL"), "OK");
    }
    assert.deepEqual(await pictureOf(started, keys), picture);
  }
});

test("streams, functions and other databases are skipped, and counted", async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  await redis.ask("SET", "k", "v");
  for (let i = 0; i < 300; i++) await redis.ask("XADD", "stream", "*", "field", `value ${i}`);
  await redis.ask("XGROUP", "CREATE", "stream", "group", "0");
  await redis.ask("XREADGROUP", "GROUP", "group", "me", "COUNT", 9, "STREAMS", "stream", ">");
  await redis.ask("FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function() end)");
  await redis.ask("SET", "short", "lived", "PX", 60);
  await redis.ask("SELECT", 3);
  await redis.ask("SET", "elsewhere", "v");
  await redis.ask("DEBUG", "SET-ACTIVE-EXPIRE", 0);
  await redis.ask("SAVE");
  const saved = readFileSync(join(redis.directory, "dump.rdb"));
  const cache = await startCache();
  await new Promise((resolve) => setTimeout(resolve, 80));
  assert.deepEqual(await load(cache, saved), {
    loaded: 1,
    expired: 1,
    kept: 0,
    skipped: { stream: 1, function: 1, "database 3": 1 },
  });
  assert.deepEqual(cache.ask("KEYS", "*"), ["k"]);
  assert.equal((await load(cache, saved, { database: 3 })).loaded, 1);
  assert.equal(cache.ask("GET", "elsewhere"), "v");
});

test("keys that are there are replaced, or kept", async () => {
  const from = await startCache();
  from.ask("SET", "k", "new");
  from.ask("SET", "other", "new");
  const file = await bytesOfDump(from);
  const cache = await startCache();
  cache.ask("SET", "k", "old");
  const kept = await load(cache, file, { replace: false });
  assert.deepEqual(kept, { loaded: 1, expired: 0, kept: 1, skipped: {} });
  assert.equal(cache.ask("GET", "k"), "old");
  assert.equal((await load(cache, file)).loaded, 2);
  assert.equal(cache.ask("GET", "k"), "new");
});

test("a smaller budget evicts by policy; without one, what has no room is skipped", async () => {
  const from = await startCache();
  for (let i = 0; i < 5000; i++) from.ask("SET", `k${i}`, "x".repeat(500));
  for (let i = 0; i < 20000; i++) from.ask("SADD", "set", `member ${i}`);
  const file = await bytesOfDump(from);
  const lru = await startCache({ maxMemory: "1mb", evictionPolicy: "allkeys-lru" });
  const { loaded, skipped } = await load(lru, file);
  assert.ok(loaded >= 5000 && (skipped["no memory"] ?? 0) <= 1);
  assert.ok(lru.ask("DBSIZE") > 1000 && lru.memory.buffer.byteLength <= 1 << 20);
  const full = await startCache({ maxMemory: "1mb", evictionPolicy: "noeviction" });
  const result = await load(full, file);
  assert.equal(result.loaded + result.skipped["no memory"], 5001);
  assert.equal(full.ask("DBSIZE"), result.loaded);
});

test("a file cut anywhere, or with a byte changed, is refused with the offset; what came before stays", async (t) => {
  const random = seeded(t);
  const from = await startCache();
  for (let i = 0; i < 9; i++) from.ask("SET", `k${i}`, "v".repeat(i * 9));
  from.ask("RPUSH", "list", "a", "b");
  from.ask("HSET", "hash", "f", "v");
  from.ask("ZADD", "sorted", 1.5, "m");
  from.ask("PEXPIREAT", "list", LATER_MS);
  const file = await bytesOfDump(from);
  const cache = await startCache();
  for (let size = 0; size < file.length; size++) {
    cache.ask("FLUSHALL");
    const error = await load(cache, file.subarray(0, size)).catch((e) => e);
    assert.equal(error.code, "CORRUPT", `${size}: ${error}`);
    assert.match(error.message, /corrupt at byte \d+: /);
    assert.equal(error.result.loaded, cache.ask("DBSIZE"));
    for (const key of cache.ask("KEYS", "*"))
      assert.equal(cache.ask("DUMP", key), from.ask("DUMP", key));
  }
  for (let i = 0; i < 3000; i++) {
    const spoilt = Buffer.from(file);
    spoilt[random.below(file.length)] ^= 1 << random.below(8);
    cache.ask("FLUSHALL");
    const error = await load(cache, spoilt, { database: spoilt.length ? 0 : 1 }).catch((e) => e);
    assert.ok(error instanceof Error, "no checksum told");
    assert.equal(error.code, "CORRUPT", `${error.stack}`);
  }
});

test("other commands run between the chunks of a dump: each key once, none torn, none missing", async (t) => {
  const random = seeded(t);
  const cache = await startCache();
  const STAYING = 3000;
  const value = (i, version) => `${version} `.repeat(40 + (i % 50));
  for (let i = 0; i < STAYING; i++) cache.ask("SET", `stays ${i}`, value(i, 0));
  for (let i = 0; i < 20000; i++) cache.ask("SET", `goes ${i}`, value(i, 0));
  const pieces = [];
  let version = 0;
  let going = 20000;
  for await (const chunk of dump(cache)) {
    pieces.push(chunk);
    version++;
    for (let i = 0; i < 700; i++) {
      const key = `stays ${random.below(STAYING)}`;
      cache.ask("SET", key, value(Number(key.slice(6)), version));
      if (going > 0) cache.ask("DEL", `goes ${--going}`);
      else cache.ask("SET", `comes ${version} ${i}`, value(i, 0));
    }
  }
  assert.ok(version > 20, `${version} chunks`);
  const file = Buffer.concat(pieces);
  const loaded = await startCache();
  await load(loaded, file);
  // How often a key is in the file, its name being told by its length in front.
  const times = new Map();
  const text = file.toString("latin1");
  for (const { 0: name, index } of text.matchAll(/(stays|goes) \d+/g))
    if (text.charCodeAt(index - 1) === name.length) times.set(name, (times.get(name) ?? 0) + 1);
  for (let i = 0; i < STAYING; i++) {
    assert.equal(times.get(`stays ${i}`), 1);
    const got = loaded.ask("GET", `stays ${i}`);
    assert.equal(got, value(i, Number(got.split(" ")[0])));
  }
  for (const key of loaded.ask("KEYS", "goes *")) assert.equal(times.get(key), 1, key);
});

test("a stream of a dump may be given up, and options are checked", async () => {
  const cache = await startCache();
  for (let i = 0; i < 1000; i++) cache.ask("SET", `k${i}`, "x".repeat(1000));
  const loaded = await startCache();
  assert.equal((await load(loaded, dumpStream(cache))).loaded, 1000);
  const reader = dumpStream(cache).getReader();
  assert.equal((await reader.read()).done, false);
  await reader.cancel();
  await assert.rejects(load(cache, "text of no bytes"), { code: "ARGUMENT" });
  await assert.rejects(load(cache, 5), { code: "ARGUMENT" });
  await assert.rejects(load(cache, [], { nonsense: 1 }), { code: "ARGUMENT" });
  await assert.rejects(load(cache, [], { replace: 1 }), { code: "ARGUMENT" });
  await assert.rejects(load(cache, bytesOf("REDIS0099")), /no RDB file/);
});

test("a large collection that is cut off leaves nothing", async () => {
  const from = await startCache();
  for (let i = 0; i < 30000; i++) from.ask("RPUSH", "list", `element ${i}`);
  const file = await bytesOfDump(from);
  const cache = await startCache();
  cache.ask("SET", "list", "as it was");
  await assert.rejects(load(cache, file.subarray(0, 200000)), { code: "CORRUPT" });
  assert.deepEqual(cache.ask("KEYS", "*"), ["list"]);
  assert.equal(cache.ask("GET", "list"), "as it was");
});

test("an item that comes twice, far apart, is refused, and the key stays as it was", async () => {
  const names = Array.from({ length: 20000 }, (_, i) => `item ${i}`);
  const twice = [...names, names[0]];
  const { string, length, double } = forms;
  for (const [type, item] of [
    [2, string],
    [3, (name) => string(name) + forms.textScore(1.5)],
    [4, (name) => string(name) + string("value")],
    [5, (name) => string(name) + double(1.5)],
  ]) {
    const cache = await startCache();
    cache.ask("SET", "k", "as it was");
    const fileOf = (all) =>
      forms.file([String.fromCharCode(type), string("k"), length(all.length), ...all.map(item)]);
    await assert.rejects(load(cache, fileOf(twice)), { code: "CORRUPT" });
    assert.deepEqual(cache.ask("KEYS", "*"), ["k"]);
    assert.equal(cache.ask("GET", "k"), "as it was");
    assert.equal((await load(cache, fileOf(names))).loaded, 1);
    assert.equal(cache.ask({ 2: "SCARD", 4: "HLEN" }[type] ?? "ZCARD", "k"), 20000);
  }
});

test("a piece may have more items than JavaScript takes arguments", async () => {
  const few = forms.listpack(["a".repeat(70000)]);
  const many = forms.listpack(Array.from({ length: 300000 }, (_, i) => `${i % 10}`));
  const nodes = [few, many].map((node) => forms.length(2) + forms.string(node)).join("");
  const cache = await startCache();
  const list = `\x12${forms.string("list")}${forms.length(2)}${nodes}`;
  const set = `\x02${forms.string("set")}${forms.length(1)}${forms.string("")}`;
  assert.equal((await load(cache, forms.file([list, set]))).loaded, 2);
  assert.equal(cache.ask("LLEN", "list"), 300001);
  assert.deepEqual(cache.ask("LRANGE", "list", -3, -1), ["7", "8", "9"]);
});

test("how values were used is kept, however large they are", async () => {
  const fill = (cache, size) => {
    const items = Array.from({ length: size }, (_, i) => `${i}`);
    cache.call("SET", `string ${size}`, "x".repeat(10 * size));
    for (const word of ["RPUSH", "SADD"]) cache.call(word, `${word} ${size}`, ...items);
    for (const word of ["ZADD", "HSET"])
      cache.call(word, `${word} ${size}`, ...items.flatMap((item) => [item, item]));
  };
  const used = (cache, size, word) =>
    ["string", "RPUSH", "SADD", "ZADD", "HSET"].map((name) =>
      cache.ask("OBJECT", word, `${name} ${size}`),
    );
  let time = 1e12;
  const now = () => time;
  for (const [policy, word] of [
    ["allkeys-lfu", "FREQ"],
    ["allkeys-lru", "IDLETIME"],
  ]) {
    const caches = [];
    for (let i = 0; i < 2; i++) caches.push(await startCache({ evictionPolicy: policy, now }));
    const [from, to] = caches;
    for (const size of [1, 20000]) fill(from, size);
    if (word === "FREQ")
      for (const key of from.keys("*"))
        from.call("RESTORE", key, 0, from.dump(key), "REPLACE", "FREQ", 77);
    for (let i = 0; i < 200; i++) {
      time += 1500;
      for (const cache of caches) cache.set("clock", `${i}`);
    }
    await load(to, dump(from), { now });
    for (const size of [1, 20000]) {
      const figures = used(to, size, word);
      for (const [i, figure] of used(from, size, word).entries()) {
        assert.ok(word === "FREQ" ? figure > 60 : figure > 200, `${word} ${figure}`);
        assert.ok(Math.abs(figures[i] - figure) <= 3, `${size}: ${figures} of ${figure}`);
      }
    }
  }
});

test("how a key was used is asked for only where the policy keeps it, which may change", async () => {
  for (const evictionPolicy of ["allkeys-lru", "volatile-lfu", "noeviction", "allkeys-adaptive"]) {
    const cache = await startCache({ evictionPolicy });
    for (let i = 0; i < 200; i++) cache.set(`k${i}`, "v".repeat(9000));
    const { call } = cache;
    let refused = 0;
    cache.call = (...words) => {
      try {
        return call.apply(cache, words);
      } catch (error) {
        refused++;
        throw error;
      }
    };
    const chunks = [];
    for await (const chunk of dump(cache)) chunks.push(chunk);
    assert.equal(refused, 0, evictionPolicy);
    const changing = [];
    for await (const chunk of dump(cache)) {
      const policies = ["allkeys-lfu", "volatile-adaptive-bytes", "allkeys-random"];
      call.call(cache, "CONFIG", "SET", "maxmemory-policy", policies[changing.length % 3]);
      changing.push(chunk);
    }
    assert.ok(changing.length > 10);
    for (const file of [chunks, changing])
      assert.equal((await load(await startCache(), file)).loaded, 200);
  }
});

test("a cold start with 10,000 keys", async (t) => {
  const from = await startCache();
  for (let i = 0; i < 10000; i++)
    from.set(`page:${i}`, "<html>".repeat(10 + (i % 50)), { ex: 3600 });
  const file = await bytesOfDump(from);
  const start = performance.now();
  const cache = await startCache();
  await load(cache, file);
  const ms = performance.now() - start;
  assert.equal(cache.dbsize(), 10000);
  const text = `${file.length} bytes of 10,000 keys are loaded in ${ms.toFixed(0)} ms`;
  console.log(text);
  t.diagnostic(text);
});

test("a scan comes by each key once, though the index shrinks under it", async (t) => {
  const random = seeded(t);
  const cache = await startCache();
  for (let trial = 0; trial < 60; trial++) {
    cache.ask("FLUSHALL");
    for (let i = 0; i < 2000; i++) cache.ask("SET", `${i % 8 ? "goes" : "stays"} ${i}`, "v");
    const seen = [];
    const turn = random.between(20, 1900);
    let cursor = "0";
    do {
      const [next, keys] = cache.ask("SCAN", cursor);
      const before = seen.length;
      seen.push(...keys);
      cursor = next;
      if (before >= turn || seen.length < turn) continue;
      for (let i = 0; i < 2000; i++) if (i % 8) cache.ask("DEL", `goes ${i}`);
    } while (cursor !== "0");
    const staying = seen.filter((key) => key.startsWith("stays"));
    assert.equal(staying.length, new Set(staying).size, `trial ${trial}`);
    assert.equal(new Set(staying).size, 250);
  }
});

test("a key whose time comes while it is dumped does not come back without one", async () => {
  const later = () => 2e12;
  let dumped = 0;
  for (let px = 1; px < 20; px++) {
    let time = 1e12; // each call takes a millisecond
    const cache = await initFerrite({ maxMemory: "1mb", now: () => time++ });
    cache.set("key", "value", { px });
    const chunks = [];
    for await (const chunk of dump(cache)) chunks.push(chunk);
    const other = await initFerrite({ maxMemory: "1mb", now: later });
    const { loaded, expired } = await load(other, chunks, { now: later });
    assert.equal(loaded, 0);
    dumped += expired;
  }
  assert.ok(dumped > 0 && dumped < 19);
});
