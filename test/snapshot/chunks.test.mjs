// A value leaves in chunks, as it was when its dump began, whatever comes between them; and no more of it
// than a few chunks is ever in JavaScript's memory, unless somebody writes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { dump, load } from "../../glue/snapshot.js";
import { seeded, startCache } from "./peers.mjs";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");

const MIB = 1 << 20;

function held() {
  collectGarbage();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

for (const [name, fill] of [
  ["a string", (cache) => cache.set("k", new Uint8Array(32 * MIB).fill(97))],
  [
    "a hash",
    (cache) => {
      for (let i = 0; i < 32; i++)
        cache.call(
          "HSET",
          "k",
          ...Array.from({ length: 2048 }, (_, j) => `field ${i} ${j >> 1}`.padEnd(512, "x")),
        );
    },
  ],
])
  test(`${name} of 32 MiB is dumped and loaded in bounded memory`, async () => {
    const cache = await startCache({ maxMemory: "96mb" });
    const other = await startCache({ maxMemory: "96mb" });
    fill(cache);
    let before = held();
    let peak = 0;
    let bytes = 0;
    let largest = 0;
    let chunks = 0;
    async function* watched() {
      for await (const chunk of dump(cache)) {
        bytes += chunk.length;
        largest = Math.max(largest, chunk.length);
        if (chunks++ % 8 === 0) peak = Math.max(peak, held() - before);
        yield chunk;
      }
    }
    for await (const _ of watched());
    console.log(`${name}: ${bytes} bytes, at most ${largest} a chunk, ${peak} more held`);
    assert.ok(bytes > 32 * MIB - 65536);
    assert.ok(largest < 256 * 1024);
    assert.ok(peak < 8 * MIB);
    await load(other, watched());
    other.flushall();
    before = held();
    peak = 0;
    assert.equal((await load(other, watched())).loaded, 1);
    console.log(`${name}, loaded: ${peak} more held`);
    assert.ok(peak < 8 * MIB);
    assert.deepEqual(other.dump("k").length, cache.dump("k").length);
  });

const KEYS = 12;
const nameOf = (i) => `key ${i}`;
const timeOf = (version) => 2e12 + version; // of a hash's fields
const sizeOf = (i) => 20 + i * 300; // items

/** Writes all of a key anew: each of its items says the version. */
function write(cache, i, version) {
  const items = Array.from({ length: sizeOf(i) }, (_, j) =>
    `${version} ${j} of a value`.padEnd(80),
  );
  const name = nameOf(i);
  cache.del(name);
  if (i % 4 === 0) cache.set(name, items.join(""));
  else if (i % 4 === 1) cache.call("RPUSH", name, ...items);
  else if (i % 4 === 2) cache.call("ZADD", name, ...items.flatMap((item) => [version, item]));
  else {
    const fields = items.map((_, j) => `field ${j}`);
    cache.call("HSET", name, ...items.flatMap((item, j) => [fields[j], item]));
    cache.call("HPEXPIREAT", name, timeOf(version), "FIELDS", fields.length, ...fields);
  }
}

function itemsOf(cache, i) {
  const name = nameOf(i);
  if (i % 4 === 0) return cache.get(name)?.match(/.{80}/gs) ?? [];
  if (i % 4 === 1) return cache.lrange(name, 0, -1);
  if (i % 4 === 2) return cache.call("ZRANGE", name, 0, -1);
  return cache.call("HVALS", name);
}

test("whatever is done between two chunks, no key is torn, none is there twice or missing", async (t) => {
  const random = seeded(t);
  let chunks = 0;
  let found = 0;
  for (let round = 0; round < 25; round++) {
    let time = 1e12;
    const cache = await startCache({
      maxMemory: round % 2 ? "2mb" : "64mb",
      evictionPolicy: "allkeys-lru",
      now: () => time,
    });
    const versions = Array(KEYS).fill(0);
    const gone = new Set();
    for (let i = 0; i < KEYS; i++) write(cache, i, 0);
    for (let i = 0; i < KEYS; i++) if (!cache.exists(nameOf(i))) gone.add(i);
    cache.takeChanges();
    const note = () => {
      const { all, changes } = cache.takeChanges();
      for (let i = 0; i < KEYS; i++)
        if (all || changes.some(({ key }) => Buffer.from(key).equals(Buffer.from(nameOf(i)))))
          if (!cache.exists(nameOf(i))) gone.add(i);
    };
    const pieces = [];
    for await (const chunk of dump(cache)) {
      pieces.push(chunk);
      chunks++;
      const i = random.below(KEYS);
      switch (random.below(8)) {
        case 0:
          break;
        case 1:
          cache.del(nameOf(i));
          gone.add(i);
          break;
        case 2:
          if (random.chance(0.2)) cache.flushall();
          break;
        case 3:
          cache.call("PEXPIRE", nameOf(i), 5);
          break;
        case 4:
          time += random.below(10);
          cache.tick();
          break;
        case 5:
          cache.set("large", "x".repeat(random.below(400_000)));
          break;
        default:
          write(cache, i, ++versions[i]);
          if (!cache.exists(nameOf(i))) gone.add(i);
      }
      for (let j = 0; j < KEYS; j++) if (!cache.exists(nameOf(j))) gone.add(j);
      if (random.chance(0.5)) note();
    }
    const loaded = await startCache({ now: () => 1e12 });
    const result = await load(loaded, pieces, { now: () => 1e12 });
    assert.deepEqual(result.skipped, {});
    assert.equal(result.loaded, loaded.dbsize(), "each key once");
    for (let i = 0; i < KEYS; i++) {
      const items = itemsOf(loaded, i);
      if (items.length === 0) {
        assert.ok(gone.has(i), `${nameOf(i)} is missing`);
        continue;
      }
      found++;
      assert.equal(items.length, sizeOf(i), nameOf(i));
      const [version, ...others] = new Set(items.map((item) => item.split(" ")[0]));
      assert.deepEqual(others, [], `${nameOf(i)} is torn`);
      if (i % 4 < 3) continue;
      const fields = items.map((_, j) => `field ${j}`);
      const times = loaded.call("HPEXPIRETIME", nameOf(i), "FIELDS", fields.length, ...fields);
      assert.deepEqual([...new Set(times)], [timeOf(Number(version))], `times of ${nameOf(i)}`);
    }
  }
  assert.ok(chunks > 200 && found > 100, `${chunks} chunks, ${found} keys`);
});

test("listeners are told, time goes on and a dump may be given up in the middle of a value", async () => {
  let time = 1e12;
  const cache = await startCache({ now: () => time });
  cache.set("k", "x".repeat(MIB));
  const other = async () => {
    const sizes = [];
    for await (const chunk of dump(cache)) sizes.push(chunk.length);
    return sizes;
  };
  const expected = await other();
  for (const disturb of [
    () => {},
    () => cache.takeChanges(),
    () => cache.takeChanges(false),
    () => cache.get("k"),
    () => cache.tick(),
    () => cache.exec("PING\r\n"),
    () => cache.onChanges(() => {})(),
    other,
  ]) {
    const told = [];
    const stop = cache.onChanges((changes) => told.push(changes));
    const chunks = dump(cache);
    const sizes = [(await chunks.next()).value.length];
    time += 5;
    await disturb();
    cache.set("time", "0", { px: 1 });
    time += 5;
    for await (const chunk of chunks) {
      sizes.push(chunk.length);
      assert.equal(cache.exists("time"), 0);
    }
    assert.deepEqual(sizes, expected);
    await new Promise((resolve) => setTimeout(resolve));
    assert.ok(told.length > 0);
    stop();
  }
  const chunks = dump(cache);
  await chunks.next();
  await chunks.return();
  time += 5;
  cache.set("time", "0", { px: 1 });
  time += 5;
  assert.equal(cache.exists("time"), 0);
});
