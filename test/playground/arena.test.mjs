// The picture's walk through memory, held against what the cache says of itself: it knows the heap's
// format, and has to go red when that changes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Arena, KINDS } from "../../glue/examples/playground/arena.js";
import { makeRandom, makeRequests } from "../../glue/examples/playground/load.js";
import { initFerrite } from "../../glue/platform/node.js";

const SEED = Number(process.env.SEED ?? (Date.now() % 1e9) + 1);
const CELLS = 8192;
const random = makeRandom(SEED);
const below = (count) => Math.floor(random() * count);
console.log(`seed ${SEED} (SEED=${SEED} repeats it)`);

const sum = (values) => values.reduce((total, value) => total + value, 0);
const idOf = Object.fromEntries(KINDS.map(({ id }, i) => [id, i]));

/** Figures that must agree, whatever is in the cache. */
function check(cache, arena) {
  const info = cache.info();
  const totals = arena.look().totals();
  const bytes = (id) => totals[idOf[id]].bytes;
  const blocks = (...ids) => sum(ids.map((id) => totals[idOf[id]].blocks));

  assert.equal(sum(KINDS.map(({ id }) => bytes(id))), arena.limit * 8, "all of the arena");
  assert.equal(bytes("untaken"), arena.limit * 8 - info.used_memory_rss);
  assert.equal(info.used_memory_rss - bytes("free"), info.used_memory);
  assert.equal(bytes("free"), arena.freeUnits * 8, "the heap's own ledger");
  assert.equal(bytes("index"), info.used_memory_overhead);
  const entries = blocks("s64", "s256", "s1k", "s16k", "large", "packed");
  assert.equal(entries, cache.dbsize(), "an entry a key");
  for (let kind = 0; kind < KINDS.length; kind++) {
    let inCells = 0;
    for (let cell = 0; cell < CELLS; cell++) inCells += arena.inCell(cell)[kind];
    assert.equal(inCells, totals[kind].bytes, `cells hold all ${KINDS[kind].id}`);
  }
  return totals;
}

/** Anything that makes blocks of another kind, or another size, or removes them. */
function someCommand() {
  const key = `key:${below(400)}${"x".repeat(below(8) === 0 ? below(400) : 0)}`;
  const text = (most) => "v".repeat(below(most) + 1);
  const commands = [
    () => ["SET", key, text(60)],
    () => ["SET", key, text(3000), "EX", "1000"],
    () => ["SET", key, text(40_000), "PXAT", "99999999999999"],
    () => ["DEL", key],
    () => ["EXPIRE", key, "5000"],
    () => ["APPEND", key, text(200)],
    () => ["HSET", `h${key}`, `f${below(3000)}`, text(30)],
    () => ["SADD", `s${key}`, ...Array.from({ length: below(60) + 1 }, () => below(1e6))],
    () => ["ZADD", `z${key}`, below(1e4), `m${below(1e5)}`],
    () => ["RPUSH", `l${key}`, ...Array.from({ length: below(80) + 1 }, () => text(20))],
    () => ["PFADD", `p${key}`, below(1e6)],
  ];
  return commands[below(commands.length)]();
}

test("the walk knows where the header says things are", () => {
  const header = readFileSync(new URL("../../src/heap/heap.h", import.meta.url), "utf8");
  const source = readFileSync(
    new URL("../../glue/examples/playground/arena.js", import.meta.url),
    "utf8",
  );
  const callEnd = Number(/CALL_END = (\d+)/.exec(header)[1]);
  const beyond = Number(/STATE_AT = CALL_END \+ (\d+)/.exec(header)[1]);
  const fixed = Number(/FIXED_BYTES = (\d+)/.exec(header)[1]);
  assert.match(source, new RegExp(`STATE_AT = ${callEnd + beyond};`));
  assert.match(source, new RegExp(`FIXED_BYTES = ${fixed};`));
});

for (const maxMemory of [256 << 10, 1 << 20, 4 << 20, 12 << 20]) {
  test(`after random commands in ${maxMemory >> 10} KiB`, async () => {
    const cache = await initFerrite({ maxMemory });
    const arena = new Arena(cache.memory, CELLS);
    check(cache, arena);
    for (let round = 0; round < 12; round++) {
      for (let i = 0; i < 400; i++) {
        try {
          cache.call(...someCommand());
        } catch (error) {
          assert.match(error.code, /^(OOM|WRONGTYPE)$/);
        }
      }
      check(cache, arena);
    }
    cache.flushall();
    check(cache, arena);
  });
}

test("every kind is met", async () => {
  const cache = await initFerrite({ maxMemory: "32mb" });
  const options = { keys: 20_000, skew: 0.8, valueBytes: 400, ttlSeconds: 60, seed: SEED };
  const next = makeRequests({ mix: "site", ...options });
  for (let i = 0; i < 25_000; i++) next()(cache);
  cache.set("large", new Uint8Array(100_000));
  const totals = check(cache, new Arena(cache.memory, CELLS));
  for (const [kind, { bytes }] of totals.entries()) assert.ok(bytes > 0, KINDS[kind].id);
});

test("what cells tell are the keys there are, with their values' lengths", async () => {
  const cache = await initFerrite({ maxMemory: "1mb" });
  for (let i = 0; i < 300; i++) cache.set(`key:${i}`, "v".repeat(below(5000)), { ex: 1000 });
  cache.sadd("set", "a", "b");
  const arena = new Arena(cache.memory, CELLS).look();
  const found = new Map();
  for (let cell = 0; cell < CELLS; cell++)
    for (const block of arena.describe(cell, Infinity))
      if (block.key !== undefined) found.set(block.key, block);
  const keys = cache.keys("*").sort();
  assert.deepEqual([...found.keys()].sort(), keys);
  for (const key of keys.filter((name) => name !== "set")) {
    assert.equal(found.get(key).what, "string");
    assert.equal(found.get(key).valueBytes, cache.strlen(key));
  }
  assert.equal(found.get("set").what, "set");
});

test("a look in slices sees what a look at once sees", async () => {
  const cache = await initFerrite({ maxMemory: "16mb" });
  for (let i = 0; i < 60_000; i++) cache.set(`key:${i}`, "v".repeat(below(100)));
  const whole = new Arena(cache.memory, CELLS).look();
  const sliced = new Arena(cache.memory, CELLS);
  sliced.begin();
  let slices = 1;
  while (!sliced.step(0)) slices++;
  assert.ok(slices > 5, `${slices} slices`);
  assert.deepEqual(sliced.totals(), whole.totals());
  assert.deepEqual(sliced.kinds, whole.kinds);
});

// What a check is worth: with one bit of a block's tag or length changed, it has to fail.
test("a block that is not as it should be is noticed", async () => {
  const cache = await initFerrite({ maxMemory: "1mb" });
  for (let i = 0; i < 3000; i++) cache.set(`key:${i}`, "v".repeat(70)); // 80 bytes, no padding
  const arena = new Arena(cache.memory, CELLS);
  check(cache, arena);
  const bytes = new Uint8Array(cache.memory.buffer);
  let cell = 1000;
  while (bytes[arena.covers[cell] * 8] !== "key:1000".length) cell++; // an entry's tag
  const at = arena.covers[cell] * 8;
  for (const [byte, bit] of [
    [0, 8],
    [0, 0x20],
    [0, 0x40],
    [1, 0x80],
    [1, 0x10],
  ]) {
    bytes[at + byte] ^= bit;
    assert.throws(() => check(cache, arena), `byte ${byte}, bit ${bit}`);
    bytes[at + byte] ^= bit;
  }
  check(cache, arena);
});
