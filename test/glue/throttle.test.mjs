// CL.THROTTLE, against a table of what redis-cell answers and against a model of its own.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { initFerrite } from "../../glue/platform/node.js";

const NOW = 1_700_000_000_000;
let time;
let cache;
beforeEach(async () => {
  time = NOW;
  cache = await initFerrite({ maxMemory: "1mb", now: () => time });
});

test("throttle", () => {
  // Five at once, one a second: when, how many; limited, remaining, retryAfter, resetAfter.
  for (const [ms, quantity, limited, remaining, retryAfter, resetAfter] of [
    [0, 6, true, 5, -1, 0], // more than there can ever be
    [0, 1, false, 4, -1, 1],
    [0, 1, false, 3, -1, 2],
    [0, 1, false, 2, -1, 3],
    [0, 1, false, 1, -1, 4],
    [0, 1, false, 0, -1, 5],
    [0, 1, true, 0, 1, 5],
    [3000, 1, false, 2, -1, 3],
    [3100, 1, false, 1, -1, 4],
    [4000, 1, false, 1, -1, 4],
    [8000, 1, false, 4, -1, 1],
    [9500, 1, false, 4, -1, 1],
    [9500, 0, false, 4, -1, 1], // looks
    [9500, 2, false, 2, -1, 3],
    [9500, 5, true, 2, 3, 3],
  ]) {
    time = NOW + ms;
    const answer = cache.throttle("k", { maxBurst: 4, count: 1, period: 1, quantity });
    assert.deepEqual(answer, { limited, limit: 5, remaining, retryAfter, resetAfter });
  }
});

test("the reply is five integers", () => {
  assert.deepEqual(cache.call("CL.THROTTLE", "k", 15, 30, 60), [0, 16, 15, -1, 2]);
  assert.deepEqual(cache.call("cl.throttle", "k", 15, 30, 60, 16), [1, 16, 15, 2, 2]);
});

test("the key is the time in nanoseconds, and expires then", () => {
  cache.throttle("k", { maxBurst: 4, count: 3, period: 1 });
  assert.equal(cache.get("k"), String(BigInt(NOW) * 1_000_000n + 333_333_333n));
  assert.equal(cache.pttl("k"), 334);
  time += 334;
  assert.equal(cache.exists("k"), 0);
  cache.throttle("look", { maxBurst: 4, count: 3, period: 1, quantity: 0 });
  assert.equal(cache.exists("look"), 0);
});

test("what is out of range, or no time, is refused and changes nothing", () => {
  const refused = (args, message) =>
    assert.throws(() => cache.call("CL.THROTTLE", "k", ...args), { message });
  const range = "ERR value is not an integer or out of range";
  for (const args of [
    ...[
      [-1, 1, 1],
      [1, 0, 1],
      [1, -1, 1],
      [1, 1, 0],
      [1, 1, -5],
      [1, 1, 1, -1],
      ["x", 1, 1],
    ],
    ...[
      [1, 1.5, 1],
      [1, 1, ""],
      [1, 1, 1, "1 "],
      [1, 1, 2n ** 62n],
      [2n ** 63n - 1n, 1, 1],
    ],
    ...[
      [1, 1, 1, 2n ** 63n - 1n],
      [1, 2n ** 62n, 1],
      [2n ** 40n, 1, 1e9],
      [0, 1, 1e9, 2],
    ],
  ]) {
    refused(args, range);
  }
  const arity = "ERR wrong number of arguments for 'cl.throttle' command";
  refused([1, 1], arity);
  refused([1, 1, 1, 1, 1], arity);
  assert.equal(cache.exists("k"), 0);
  cache.set("k", "some text");
  refused([1, 1, 1], range);
  assert.equal(cache.get("k"), "some text");
  cache.set("k", "9223372036854775807");
  assert.equal(cache.throttle("k", { maxBurst: 1, count: 1, period: 1 }).limited, true);
  cache.set("k", "-9223372036854775808");
  assert.equal(cache.throttle("k", { maxBurst: 1, count: 1, period: 1 }).remaining, 1);
  time = 2 ** 53 - 1;
  refused([1, 1, 1], "ERR invalid expire time in 'cl.throttle' command");
});

test("options of a wrong kind, or that are missing", () => {
  const refused = (options, message) =>
    assert.throws(() => cache.throttle("k", options), { code: "ARGUMENT", message });
  refused(undefined, /maxBurst is undefined/);
  refused(null, /options is null/);
  refused({ maxBurst: 1, count: 1 }, /period is undefined/);
  refused({ maxBurst: 1, count: {}, period: 1 }, /"count" is an object/);
  refused({ maxBurst: 1, count: 1, period: 1, burst: 1 }, /"burst".*maxBurst, count, period/);
  assert.equal(cache.exists("k"), 0);
});

// The same in whole nanoseconds of any size: what came is a level that drains evenly.
class Model {
  levels = new Map(); // key -> when it is empty

  ask(key, burst, count, period, quantity) {
    const now = BigInt(time) * 1_000_000n;
    const interval = (BigInt(period) * 1_000_000_000n) / BigInt(count);
    const room = interval * BigInt(burst + 1);
    const stored = this.levels.get(key) ?? now;
    let level = stored > now ? stored - now : 0n;
    const wanted = level + interval * BigInt(quantity);
    const limited = wanted > room;
    if (!limited) level = wanted;
    if (!limited && quantity > 0) this.levels.set(key, now + level);
    const seconds = (span) => Number((span / 1_000_000n + 999n) / 1000n);
    return [
      limited ? 1 : 0,
      burst + 1,
      level < room ? Number((room - level) / interval) : 0,
      limited && quantity <= burst + 1 ? seconds(wanted - room) : -1,
      seconds(level),
    ];
  }
}

test("as a model answers, at any rate and time", () => {
  let state = (Math.random() * 2 ** 32) >>> 0;
  console.log(`throttle: seed ${state}`);
  const below = (n) => ((state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 8) % n;
  const pick = (...list) => list[below(list.length)];
  const model = new Model();
  for (let round = 0; round < 100; round++) {
    const keys = [`a${round}`, `b${round}`];
    const rate = () => [
      below(pick(2, 20, 1000)),
      1 + below(pick(3, 100, 100000)),
      1 + below(pick(2, 60, 86400)),
    ];
    const rates = [rate(), rate()];
    for (let i = 0; i < 300; i++) {
      const key = pick(...keys);
      const args = [...rates[below(20) ? 0 : 1], pick(1, 1, 1, 0, 2, below(30))];
      const title = `${key} ${args} at ${time}`;
      assert.deepEqual(cache.call("CL.THROTTLE", key, ...args), model.ask(key, ...args), title);
      const level = model.levels.get(key);
      assert.equal(cache.get(key), level > BigInt(time) * 1_000_000n ? String(level) : null, title);
      time += below(pick(1, 2, 100, 5000));
    }
  }
});
