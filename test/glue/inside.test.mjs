// Seeing inside: figures for Prometheus, the largest keys, and key events.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { initFerrite } from "../../glue/platform/node.js";

const SEED = new Uint32Array([1, 2, 3, 4]);

let time;
let cache;
beforeEach(async () => {
  time = 1_700_000_000_000;
  cache = await initFerrite({ maxMemory: "1mb", now: () => time, seed: SEED });
});

/* --- metrics: that its form is right, test/inproc has a parser say ----------------------------- */

test("metrics are the figures of INFO", () => {
  cache.mset("a", "1", "b", "2");
  cache.expire("a", 60);
  cache.get("a");
  cache.get("nothing");
  const text = cache.metrics();
  const value = (name) => Number(new RegExp(`^redis_${name} (.*)$`, "m").exec(text)?.[1]);
  const { used_memory, maxmemory } = cache.info();
  assert.equal(value("memory_used_bytes"), used_memory);
  assert.equal(value("memory_max_bytes"), maxmemory);
  assert.equal(value("memory_used_rss_bytes"), cache.memory.buffer.byteLength);
  assert.equal(value("keyspace_hits_total"), 1);
  assert.equal(value("keyspace_misses_total"), 1);
  assert.equal(value('db_keys{db="db0"}'), 2);
  assert.equal(value('db_keys_expiring{db="db0"}'), 1);
});

test("labels tell caches apart; those that are none are refused", () => {
  assert.match(cache.metrics({ labels: { isolate: 7 } }), /^redis_up\{isolate="7"\} 1$/m);
  for (const [options, message] of [
    [{ label: {} }, /^option "label" .* allowed: labels/],
    [5, /^options is 5/],
    [{ labels: "a" }, /^labels is "a"/],
    [{ labels: { "a b": "c" } }, /^label "a b"/],
    [{ labels: { __name__: "c" } }, /^label "__name__"/],
    [{ labels: { a: null } }, /^label "a" is null/],
  ])
    assert.throws(() => cache.metrics(options), { name: "FerriteError", message });
});

/* --- top ------------------------------------------------------------------------------------- */

test("the largest keys: exact while there are not more than are looked at", () => {
  for (let i = 0; i < 100; i++) cache.set(`key:${i}`, "x".repeat(10 * i));
  cache.set(new Uint8Array([0xff]), "x".repeat(5000));
  const { keys, sampled, top } = cache.top({ count: 3 });
  assert.deepEqual([keys, sampled], [101, 101]);
  assert.deepEqual(
    top.map(({ key }) => key),
    ["\ufffd", "key:99", "key:98"],
  );
  assert.equal(top[1].size, cache.memoryUsage("key:99"));
  assert.equal(cache.top().top.length, 10);
});

test("the largest keys of a sample, the same under one seed, and no use of them", async () => {
  const fill = (each) => {
    for (let i = 0; i < 5000; i++) each.set(`key:${i}`, "x".repeat(i % 100));
    return each;
  };
  fill(cache);
  time += 1_000_000;
  const idle = cache.objectIdletime("key:99");
  const before = cache.info();
  const first = cache.top({ count: 20, samples: 500 });
  assert.equal(cache.info().keyspace_hits, before.keyspace_hits);
  assert.ok(idle > 0 && cache.objectIdletime("key:99") === idle);
  assert.equal(first.keys, 5000);
  assert.ok(first.sampled > 400 && first.sampled <= 500, `${first.sampled}`);
  assert.equal(new Set(first.top.map(({ key }) => key)).size, 20);
  // Of the largest twentieth, 25 are expected among 500: 3 or less come once in a million.
  const large = first.top.filter(({ key }) => Number(key.slice(4)) % 100 >= 95);
  assert.ok(large.length > 3, `${large.length}`);
  time -= 1_000_000;
  const twin = await initFerrite({ maxMemory: "1mb", now: () => time, seed: SEED });
  assert.deepEqual(fill(twin).top({ count: 20, samples: 500 }), first);
});

test("the keys used most, under LFU", () => {
  assert.throws(
    () => (cache.set("a", 1), cache.top({ by: "hits" })),
    /LFU maxmemory policy is not/,
  );
  cache.configSet("maxmemory-policy", "allkeys-lfu");
  for (let i = 0; i < 100; i++) cache.set(`key:${i}`, "x");
  for (let i = 0; i < 1000; i++) cache.get("key:42");
  const { top } = cache.top({ by: "hits", count: 1 });
  assert.deepEqual(top, [{ key: "key:42", hits: cache.objectFreq("key:42") }]);
});

test("top: empty, and what is refused", () => {
  assert.deepEqual(cache.top(), { keys: 0, sampled: 0, top: [] });
  for (const [options, message] of [
    [{ by: "age" }, /^by is "age"; allowed: size, hits$/],
    [{ by: "constructor" }, /^by is/],
    [{ count: 0 }, /^count is 0/],
    [{ samples: 1.5 }, /^samples is 1.5/],
    [{ most: 1 }, /^option "most"/],
    [null, /^options is null/],
  ])
    assert.throws(() => cache.top(options), { name: "FerriteError", message });
});

/* --- key events ------------------------------------------------------------------------------- */

const decoder = new TextDecoder();
const shown = ({ all, changes }) =>
  all ? "all" : changes.map(({ kind, key }) => `${kind} ${decoder.decode(key)}`).join(", ");

function listen() {
  const told = [];
  const stop = cache.onChanges((changes) => told.push(shown(changes)));
  return { told, stop };
}

test("a listener is told what has happened, when the code that did it is done", async () => {
  cache.set("before", 1);
  const { told, stop } = listen();
  await turn();
  assert.deepEqual(told, []);
  cache.set("a", 1);
  cache.set("b", 1, { px: 10 });
  cache.get("a");
  cache.del("a");
  assert.deepEqual(told, []);
  await turn();
  assert.deepEqual(told.splice(0), ["changed a, changed b, changed a"]);
  time += 10;
  cache.get("b");
  await turn();
  assert.deepEqual(told.splice(0), ["expired b"]);
  cache.get("a");
  await turn();
  assert.deepEqual(told, []);
  cache.flushall();
  await turn();
  assert.deepEqual(told.splice(0), ["all"]);
  cache.exec("SET c 1\r\nSET d 1\r\n");
  stop();
  stop();
  cache.set("e", 1);
  await turn();
  assert.deepEqual(told, []);
});

test("nothing is lost in a burst of calls, whatever is evicted meanwhile", async () => {
  const live = new Set();
  cache.onChanges(({ all, changes }) => {
    assert.ok(!all);
    for (const { kind, key } of changes)
      live[kind === "changed" ? "add" : "delete"](decoder.decode(key));
  });
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 500; i++) cache.set(`a rather long key:${round}:${i}`, "x".repeat(500));
    await turn();
  }
  assert.ok(live.size < 3000);
  assert.deepEqual([...live].sort(), cache.keys("*").sort());
});

test("what waits is bounded: then all is as good as lost", async () => {
  const { told } = listen();
  for (let i = 0; i < 11_000; i++) cache.set(`${i % 100}`, i);
  await turn();
  assert.deepEqual(told.splice(0), ["all"]);
  const pairs = Array.from({ length: 2000 }, (_, i) => [`a rather long key:${i}`, i]);
  cache.mset(...pairs.flat()); // one call, more than the module has room for
  await turn();
  assert.deepEqual(told.splice(0), ["all"]);
  cache.set("a", 1);
  await turn();
  assert.deepEqual(told, ["changed a"]);
});

test("listeners, and who takes changes, do not take them from one another", async () => {
  const [one, two] = [listen(), listen()];
  cache.takeChanges();
  cache.set("a", 1);
  cache.get("a");
  assert.equal(shown(cache.takeChanges()), "changed a");
  cache.set("b", 1);
  await turn();
  assert.deepEqual(one.told, ["changed a, changed b"]);
  assert.deepEqual(two.told, one.told);
  one.stop();
  cache.set("c", 1);
  await turn();
  assert.equal(one.told.length, 1);
  assert.equal(two.told.at(-1), "changed c");
  two.stop();
  cache.set("d", 1);
  assert.equal(shown(cache.takeChanges(false)), "changed b, changed c, changed d");
  cache.set("e", 1);
  assert.equal(shown(cache.takeChanges()), "all");
});

test("a listener may call the cache, and what it does is told in turn", async () => {
  const told = [];
  cache.onChanges((changes) => {
    told.push(shown(changes));
    if (told.length === 1) cache.set("from the listener", 1);
  });
  cache.set("a", 1);
  await turn();
  assert.deepEqual(told, ["changed a", "changed from the listener"]);
  assert.throws(() => cache.onChanges("x"), { name: "FerriteError", message: /^listener is "x"/ });
});
