// Fields that expire, as Redis 7.4 documents it: examples, and random commands compared with a model.
//
//   FIELDS_SEED=7 node --test test/glue/fields.test.mjs
import assert from "node:assert/strict";
import { test } from "node:test";
import { FerriteError, initFerrite } from "../../glue/platform/node.js";

const seed = Number(process.env.FIELDS_SEED ?? Math.floor(Math.random() * 1e9));
const START_MS = 1_800_000_000_000;

async function start(maxMemory = "4mb") {
  const clock = { now: START_MS };
  const cache = await initFerrite({ maxMemory, now: () => clock.now });
  return { cache, clock };
}

const fails = (cache, words, text) =>
  assert.throws(() => cache.call(...words.split(" ")), { message: text }, words);

test("a session whose parts end at different times", async () => {
  const { cache, clock } = await start();
  cache.hset("session:1", { user: "ada", token: "t", cart: "c" });
  assert.deepEqual(cache.hexpire("session:1", 60, ["token", "absent"]), [1, -2]);
  assert.deepEqual(cache.hpexpire("session:1", 500, "cart"), [1]);
  assert.deepEqual(cache.httl("session:1", "user", "token", "cart"), [-1, 60, 1]);
  assert.deepEqual(cache.hpttl("session:1", ["token", "absent"]), [60_000, -2]);
  assert.deepEqual(cache.hexpiretime("session:1", "token"), [START_MS / 1000 + 60]);
  assert.deepEqual(cache.hpexpiretime("session:1", "cart"), [START_MS + 500]);
  assert.deepEqual(cache.hexpire("session:1", 5, ["user", "token"], { nx: true }), [1, 0]);
  assert.deepEqual(cache.hpersist("session:1", "user", "user", "absent"), [1, -1, -2]);
  assert.equal(cache.call("OBJECT", "ENCODING", "session:1"), "listpackex");
  clock.now += 500;
  assert.deepEqual({ ...cache.hgetall("session:1") }, { user: "ada", token: "t" });
  clock.now += 59_500;
  assert.deepEqual({ ...cache.hgetall("session:1") }, { user: "ada" });
  assert.deepEqual(cache.hexpireat("session:1", 1, "user"), [2]);
  assert.equal(cache.exists("session:1"), 0);
  cache.hset("session:1", "user", "ada");
  assert.deepEqual(cache.hpexpireat("session:1", START_MS, ["user", "user"]), [2, -2]);
});

test("errors are those of 7.4, in its order", async () => {
  const { cache } = await start();
  cache.set("s", "string");
  cache.hset("h", "f", "v");
  const wrongType = "WRONGTYPE Operation against a key holding the wrong kind of value";
  const integer = "ERR value is not an integer or out of range";
  const missing = "ERR Mandatory argument FIELDS is missing or not at the right position";
  const match = "ERR The `numfields` parameter must match the number of arguments";
  const positive = "ERR Number of fields must be a positive integer";
  fails(cache, "HEXPIRE s x", "ERR wrong number of arguments for 'hexpire' command");
  fails(cache, "HTTL s FIELDS 1", "ERR wrong number of arguments for 'httl' command");
  fails(cache, "HEXPIRE s x FIELDS 1 f", wrongType);
  fails(cache, "HTTL s x y z", wrongType);
  fails(cache, "HPERSIST s x y z", wrongType);
  for (const key of ["h", "absent"]) {
    fails(cache, `HEXPIRE ${key} x y z u`, integer);
    fails(cache, `HEXPIRE ${key} -1 y z u`, "ERR invalid expire time, must be >= 0");
    fails(cache, `HEXPIRE ${key} -9223372036854775808 y z u`, /must be >= 0/);
    for (const [name, time] of [
      ["HEXPIRE", "70368744178"],
      ["HPEXPIRE", String(2 ** 46 - START_MS)],
      ["HEXPIREAT", "70368744178"],
      ["HPEXPIREAT", String(2 ** 46)],
      ["HEXPIREAT", "9223372036854775807"],
    ])
      fails(
        cache,
        `${name} ${key} ${time} y z u`,
        `ERR invalid expire time in '${name.toLowerCase()}' command`,
      );
    fails(cache, `HEXPIRE ${key} 1 y z u`, missing);
    fails(cache, `HEXPIRE ${key} 1 NX XX FIELDS 1 f`, missing);
    fails(cache, `HTTL ${key} y z u`, missing);
    fails(cache, `HPERSIST ${key} y z u`, missing);
    for (const count of ["0", "-1", "x", "9223372036854775808"]) {
      fails(cache, `HEXPIRE ${key} 1 GT FIELDS ${count} f`, /^ERR Parameter `numFields` should be/);
      fails(cache, `HPTTL ${key} FIELDS ${count} f`, positive);
      fails(cache, `HPERSIST ${key} FIELDS ${count} f`, positive);
    }
    fails(cache, `HEXPIRE ${key} 1 FIELDS 2 f`, match);
    fails(cache, `HEXPIRE ${key} 1 NX FIELDS 1`, match);
    fails(cache, `HEXPIRE ${key} 1 FIELDS 1 f g`, match);
    fails(cache, `HEXPIRETIME ${key} FIELDS 2 f`, match);
    fails(cache, `HPERSIST ${key} FIELDS 2 f`, match);
  }
  assert.deepEqual(cache.httl("h", "f"), [-1]);
  assert.deepEqual(cache.hexpire("absent", 10, ["a", "b"]), [-2, -2]);
  assert.deepEqual(cache.httl("absent", "a"), [-2]);
  assert.deepEqual(cache.hpersist("absent", "a"), [-2]);
  assert.deepEqual(cache.hpexpireat("h", 2 ** 46 - 1, "f"), [1]);
  assert.deepEqual(cache.hpexpiretime("h", "f"), [2 ** 46 - 1]);
});

test("requests that are lines, with fields that are nothing", async () => {
  const { cache } = await start();
  const ask = (line) => new TextDecoder().decode(cache.exec(`${line}\r\n`));
  assert.equal(ask('HSET h "" v a v b v c v d v'), ":5\r\n");
  assert.equal(
    ask('HEXPIRE h 10 FIELDS 9 "" a b c d x "" "y y" a'),
    "*9\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:-2\r\n:1\r\n:-2\r\n:1\r\n",
  );
  assert.equal(ask('HTTL h FIELDS 3 "" d x'), "*3\r\n:10\r\n:10\r\n:-2\r\n");
  assert.equal(ask('HPERSIST h FIELDS 4 "" a "" x'), "*4\r\n:1\r\n:1\r\n:-1\r\n:-2\r\n");
});

test("a large hash loses half of its fields at once, and its memory by and by", async () => {
  const { cache, clock } = await start("64mb");
  const COUNT = 200_000;
  const name = (i) => `field:${i}`;
  const all = Array.from({ length: COUNT }, (_, i) => name(i));
  for (let i = 0; i < COUNT; i += 2000)
    cache.hset("h", Object.fromEntries(all.slice(i, i + 2000).map((field) => [field, "value"])));
  const before = cache.memoryUsage("h");
  const odd = all.filter((_, i) => i % 2);
  assert.ok(cache.hpexpire("h", 1000, odd).every((reply) => reply === 1));
  assert.equal(cache.hlen("h"), COUNT);
  clock.now += 1000;
  assert.equal(cache.hlen("h"), COUNT / 2);
  assert.equal(Object.keys(cache.hgetall("h")).length, COUNT / 2);
  assert.equal(cache.hget("h", name(1)), null);
  assert.equal(cache.hget("h", name(2)), "value");
  for (let ticks = 0; cache.memoryUsage("h") > before * 0.7; ticks++) {
    assert.ok(ticks < 8000, `${cache.memoryUsage("h")} of ${before}`);
    clock.now += 100;
    cache.get("absent");
  }
  assert.equal(cache.hlen("h"), COUNT / 2);
  assert.ok(
    cache
      .hpexpire(
        "h",
        1000,
        all.filter((_, i) => i % 2 === 0),
      )
      .every((r) => r === 1),
  );
  clock.now += 1000;
  assert.equal(cache.exists("h"), 0);
  assert.equal(cache.hset("h", "new", "value"), 1);
  assert.equal(cache.hlen("h"), 1);
});

/* --- the model -------------------------------------------------------------------------------- */

// Key -> field -> { value, at }; at 0 is never.
class Model {
  constructor(clock) {
    this.clock = clock;
    this.keys = new Map();
  }

  hash(key) {
    const hash = this.keys.get(key) ?? new Map();
    for (const [field, { at }] of hash) if (at && at <= this.clock.now) hash.delete(field);
    if (hash.size === 0) this.keys.delete(key);
    return hash;
  }

  hset(key, pairs) {
    const hash = this.hash(key);
    let created = 0;
    for (const [field, value] of pairs) {
      created += !hash.has(field);
      hash.set(field, { value, at: 0 });
    }
    this.keys.set(key, hash);
    return created;
  }

  hsetnx(key, field, value) {
    return this.hash(key).has(field) ? 0 : this.hset(key, [[field, value]]);
  }

  hincrby(key, field, by) {
    const hash = this.hash(key);
    const old = hash.get(field) ?? { value: "0", at: 0 };
    if (!/^-?\d+$/.test(old.value)) return "ERR hash value is not an integer";
    const value = Number(old.value) + by;
    hash.set(field, { value: String(value), at: old.at });
    this.keys.set(key, hash);
    return value;
  }

  hdel(key, fields) {
    const hash = this.hash(key);
    const count = fields.filter((field) => hash.delete(field)).length;
    this.hash(key);
    return count;
  }

  hexpire(key, at, condition, fields) {
    const hash = this.hash(key);
    const replies = fields.map((field) => {
      const old = hash.get(field);
      if (!old) return -2;
      if (condition === "NX" && old.at) return 0;
      if (condition === "XX" && !old.at) return 0;
      if (condition === "GT" && !(old.at && at > old.at)) return 0;
      if (condition === "LT" && !(old.at === 0 || at < old.at)) return 0;
      if (at <= this.clock.now) {
        hash.delete(field);
        return 2;
      }
      old.at = at;
      return 1;
    });
    this.hash(key);
    return replies;
  }

  hpersist(key, fields) {
    const hash = this.hash(key);
    return fields.map((field) => {
      const old = hash.get(field);
      if (!old) return -2;
      const reply = old.at ? 1 : -1;
      old.at = 0;
      return reply;
    });
  }

  times(key, fields, form) {
    const hash = this.hash(key);
    return fields.map((field) => (hash.has(field) ? form(hash.get(field).at) : -2));
  }

  copy(from, to) {
    const hash = this.hash(from);
    if (hash.size === 0) return 0;
    this.keys.set(to, new Map([...hash].map(([field, item]) => [field, { ...item }])));
    return 1;
  }

  rename(from, to) {
    const hash = this.hash(from);
    if (hash.size === 0) return "ERR no such key";
    this.keys.delete(from);
    this.keys.set(to, hash);
    return "OK";
  }
}

function makeRandom(state) {
  return (below) => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return ((z ^ (z >>> 16)) >>> 0) % below;
  };
}

const ask = (cache, words) => {
  try {
    return cache.call(...words);
  } catch (error) {
    if (!(error instanceof FerriteError)) throw error;
    return error.message;
  }
};

const pairsOf = (flat) =>
  flat.flatMap((field, i) => (i % 2 ? [] : [`${field}=${flat[i + 1]}`])).sort();

async function playRandomly(number) {
  const random = makeRandom(number);
  const pick = (list) => list[random(list.length)];
  const { cache, clock } = await start("8mb");
  const model = new Model(clock);
  const NAMES = pick([4, 30, 400]); // small hashes, those that grow large, and large ones
  const keys = ["a", "b", "c"];
  const field = () => `f${random(NAMES)}`.padEnd(random(30) ? 0 : random(80), "-");
  const fields = () => Array.from({ length: 1 + random(random(20) ? 5 : 40) }, field);
  const value = () => (random(3) ? String(random(1000)) : "v".repeat(random(random(9) ? 20 : 300)));
  const text = (words) => `seed ${seed}, sequence ${number}: ${words.join(" ")}`;
  const check = (words, expected) => assert.deepEqual(ask(cache, words), expected, text(words));
  for (let step = 0; step < 600; step++) {
    const key = pick(keys);
    const some = fields();
    const counted = ["FIELDS", String(some.length), ...some];
    switch (random(16)) {
      case 0:
      case 1:
      case 2: {
        const pairs = some.map((name) => [name, value()]);
        check(["HSET", key, ...pairs.flat()], model.hset(key, pairs));
        break;
      }
      case 3:
        check(["HINCRBY", key, some[0], "7"], model.hincrby(key, some[0], 7));
        break;
      case 4:
        check(["HDEL", key, ...some], model.hdel(key, some));
        break;
      case 5:
        check(["HSETNX", key, some[0], "nx"], model.hsetnx(key, some[0], "nx"));
        break;
      case 6:
      case 7:
      case 8:
      case 9: {
        const [name, unit, base] = pick([
          ["HEXPIRE", 1000, clock.now],
          ["HPEXPIRE", 1, clock.now],
          ["HEXPIREAT", 1000, 0],
          ["HPEXPIREAT", 1, 0],
        ]);
        const wanted = clock.now + random(pick([5, 100, 5000, 1_000_000])) - random(3);
        const time = Math.max(0, Math.floor((wanted - base) / unit));
        const condition = pick(["", "", "NX", "XX", "GT", "lt"]);
        const words = [name, key, String(time), ...(condition ? [condition] : []), ...counted];
        check(words, model.hexpire(key, base + time * unit, condition.toUpperCase(), some));
        break;
      }
      case 10:
        check(["HPERSIST", key, ...counted], model.hpersist(key, some));
        break;
      case 11: {
        const left = (at, form) => (at ? form(at) : -1);
        const up = (ms) => Math.floor((ms + 999) / 1000);
        const now = clock.now;
        const [name, form] = pick([
          ["HTTL", (at) => left(at, (ms) => up(ms - now))],
          ["HPTTL", (at) => left(at, (ms) => ms - now)],
          ["HEXPIRETIME", (at) => left(at, up)],
          ["HPEXPIRETIME", (at) => left(at, (ms) => ms)],
        ]);
        check([name, key, ...counted], model.times(key, some, form));
        break;
      }
      case 12: {
        const to = pick(keys.filter((other) => other !== key));
        if (random(2)) check(["COPY", key, to, "REPLACE"], model.copy(key, to));
        else check(["RENAME", key, to], model.rename(key, to));
        break;
      }
      case 13: {
        const hash = model.hash(key);
        check(["HGET", key, some[0]], hash.get(some[0])?.value ?? null);
        check(
          ["HMGET", key, ...some],
          some.map((name) => hash.get(name)?.value ?? null),
        );
        check(["HEXISTS", key, some[0]], hash.has(some[0]) ? 1 : 0);
        check(["HSTRLEN", key, some[0]], hash.get(some[0])?.value.length ?? 0);
        break;
      }
      case 14:
        if (random(10) === 0)
          (check(["DEL", key], model.hash(key).size && 1), model.keys.delete(key));
        break;
      default:
        clock.now += random(pick([2, 50, 4000, 40_000]));
    }
    const hash = model.hash(key);
    check(["HLEN", key], hash.size);
    check(["EXISTS", key], hash.size ? 1 : 0);
    if (random(4)) continue;
    const words = ["HGETALL", key];
    const all = [...hash].flatMap(([name, item]) => [name, item.value]);
    assert.deepEqual(pairsOf(ask(cache, words)), pairsOf(all), text(words));
    assert.deepEqual(ask(cache, ["HKEYS", key]).sort(), [...hash.keys()].sort(), text(words));
    assert.equal(ask(cache, ["HVALS", key]).length, hash.size, text(words));
    const there = keys.filter((name) => model.hash(name).size);
    assert.deepEqual(ask(cache, ["KEYS", "*"]).sort(), there, text(["KEYS"]));
    check(["TYPE", key], hash.size ? "hash" : "none");
  }
}

test(`random commands are answered as the model answers them (seed ${seed})`, async () => {
  for (let i = 0; i < 300; i++) await playRandomly(seed + i);
});
