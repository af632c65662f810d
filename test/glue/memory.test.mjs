// Growth of memory, values larger than the windows, and that what was handed out stays.
import assert from "node:assert/strict";
import { test } from "node:test";
import { initFerrite } from "../../glue/platform/node.js";

function pattern(size, salt) {
  return Uint8Array.from({ length: size }, (_, i) => (i * 31 + salt * 17 + (i >> 8)) & 255);
}

test("views follow memory as it grows, on every path", async () => {
  const cache = await initFerrite({ maxMemory: "64mb" });
  const start = cache.memory.buffer.byteLength;
  let growths = 0;
  let before = start;
  for (let i = 0; i < 6000; i++) {
    const value = pattern(1000 + (i % 7) * 500, i);
    const key = `key${i}`;
    if (i % 4 === 0) cache.set(key, value);
    else if (i % 4 === 1) cache.call("SET", key, value);
    else if (i % 4 === 2) cache.setrange(key, 0, value);
    else
      cache.exec(
        Buffer.concat([
          Buffer.from(`*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${value.length}\r\n`),
          value,
          Buffer.from("\r\n"),
        ]),
      );
    const after = cache.memory.buffer.byteLength;
    if (after !== before) growths++;
    before = after;
    assert.deepEqual(i % 2 ? cache.getBytes(key) : cache.callBytes("GET", key), value);
  }
  assert.ok(growths > 10, `${growths} growths`);
  for (let i = 0; i < 6000; i += 97) {
    assert.deepEqual(cache.getBytes(`key${i}`), pattern(1000 + (i % 7) * 500, i));
  }
});

test("a view is the value in the cache's memory, and empty once that has grown", async () => {
  const cache = await initFerrite({ maxMemory: "64mb" });
  for (const size of [0, 1, 64, 5000, 100_000]) {
    cache.set("key", pattern(size, size));
    const view = cache.getView("key");
    assert.equal(view.buffer, cache.memory.buffer);
    assert.deepEqual(view, pattern(size, size));
  }
  assert.equal(cache.getView("nothing"), null);
  cache.rpush("list", "item");
  assert.throws(() => cache.getView("list"), { name: "FerriteError", code: "WRONGTYPE" });

  const view = cache.getView("key");
  cache.set("large", pattern(10_000_000, 0));
  assert.equal(view.length, 0);
  assert.deepEqual(cache.getView("key"), pattern(100_000, 100_000));
});

test("large values are written in place, and read whole", async () => {
  const cache = await initFerrite({ maxMemory: "64mb", now: () => 1_700_000_000_000 });
  for (const size of [4000, 4096, 5000, 65_535, 65_536, 1_000_000, 20_000_000]) {
    const value = pattern(size, size);
    assert.equal(cache.set("bytes", value, { ex: 60 }), "OK");
    assert.ok(Buffer.compare(cache.getBytes("bytes"), value) === 0);
    assert.equal(cache.ttl("bytes"), 60);
    const ascii = "0123456789".repeat(size / 10);
    assert.equal(cache.set("text", ascii), "OK");
    assert.ok(cache.get("text") === ascii);
    const mixed = "aé€😀".repeat(size / 10);
    assert.equal(cache.set("text", mixed, { nx: true }), null);
    assert.equal(cache.set("text", mixed, { xx: true }), "OK");
    assert.ok(cache.get("text") === mixed);
    assert.equal(cache.strlen("text"), mixed.length * 2);
    assert.equal(cache.getrange("text", 0, 2), "aé");
    assert.equal(cache.getdel("text").length, mixed.length);
  }
});

test("large values through commands, large keys, and small ones after", async () => {
  const cache = await initFerrite({ maxMemory: "16mb" });
  const value = "v".repeat(1_000_000);
  const key = "k".repeat(100_000);
  assert.equal(cache.call("SET", key, value), "OK");
  assert.ok(cache.get(key) === value);
  assert.equal(cache.get(`${key}x`), null);
  assert.equal(cache.append(key, value), 2_000_000);
  assert.equal(cache.set("small", "x"), "OK");
  assert.equal(cache.set(key, "short"), "OK");
  assert.equal(cache.get(key), "short");
  assert.equal(cache.getset(key, value), "short");
  assert.equal(cache.set(key, value, { get: true }), value);
  assert.deepEqual(cache.mget("small", key), ["x", value]);
  assert.deepEqual(cache.keys("k*"), [key]);
  assert.equal(cache.del(key), 1);
  assert.equal(cache.get("small"), "x");
});

test("a large window is given back", async () => {
  const cache = await initFerrite({ maxMemory: "4mb" });
  cache.mset("a", "x".repeat(1_000_000), "b", "y");
  cache.del("a");
  cache.ping();
  const { used_memory } = cache.info();
  assert.ok(used_memory < 500_000, `${used_memory} bytes used`);
});

test("what cannot fit is refused with nothing evicted, and the old value stays", async () => {
  const cache = await initFerrite({ maxMemory: "1mb" });
  for (let i = 0; i < 100; i++) cache.set(`key${i}`, "value");
  const large = "x".repeat(2_000_000);
  for (const call of [
    () => cache.set("key1", large),
    () => cache.set("key1", new Uint8Array(2_000_000)),
    () => cache.call("SET", "key1", large),
    () => cache.append("key1", large),
    () => cache.get(large),
    () => cache.mset("key1", "x", "key2", large),
  ]) {
    assert.throws(call, { name: "FerriteError", code: "OOM" });
    assert.equal(cache.get("key1"), "value");
    assert.equal(cache.dbsize(), 100);
  }
});

test("what was handed out never changes", async () => {
  const cache = await initFerrite({ maxMemory: "1mb" });
  const handed = [];
  for (let i = 0; i < 500; i++) {
    const value = pattern(100 + i * 3, i);
    cache.set("key", value);
    handed.push([
      value,
      cache.getBytes("key"),
      cache.callBytes("GET", "key"),
      cache.exec("GET key\r\n"),
    ]);
    cache.set("text", `value ${i}`);
    handed[i].push(cache.get("text"));
  }
  for (let i = 0; i < 20_000; i++) cache.set(`key${i}`, "#".repeat(200));
  handed.forEach(([value, direct, called, executed, text], i) => {
    assert.deepEqual(direct, value);
    assert.deepEqual(called, value);
    assert.deepEqual(new Uint8Array(executed.subarray(-value.length - 2, -2)), value);
    assert.equal(text, `value ${i}`);
  });
  const mine = pattern(100, 1);
  cache.set("key", mine);
  mine.fill(0);
  assert.deepEqual(cache.getBytes("key"), pattern(100, 1));
});

test("memory stays within the budget whatever is done", async () => {
  const budget = 512 * 1024;
  const cache = await initFerrite({ maxMemory: budget });
  let state = 42;
  const random = (n) => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) % n;
  for (let i = 0; i < 20_000; i++) {
    const key = `key${random(500)}`;
    const size = 1 << random(20);
    try {
      if (random(3)) cache.set(key, "x".repeat(size));
      else cache.append(key, "y".repeat(size >> 4));
    } catch (error) {
      assert.equal(error.code, "OOM");
    }
    assert.ok(cache.memory.buffer.byteLength <= budget);
  }
});
