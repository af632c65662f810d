// DUMP and RESTORE: what a real redis-server dumps is restored here, and the other way round, for every
// type, and the digest that it has of the value is the same; and what is no value changes nothing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as forms from "./forms.mjs";
import { seeded, startCache, startRedis } from "./peers.mjs";

const { payload, length, string, integer, compressed } = forms;

let redis;
let cache;
before(async () => {
  redis = await startRedis({ rdbcompression: "yes", "proto-max-bulk-len": "512mb" });
  cache = await startCache();
});
after(() => redis.stop());

const chunks = (list, size) =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.slice(i * size, (i + 1) * size),
  );

// Around where lengths take another byte, or Redis another encoding.
const LENGTHS = [0, 1, 11, 12, 20, 21, 44, 45, 63, 64, 65, 127, 128, 253, 254, 255, 4095, 4096];
const LONG = [16383, 16384, 70000];
const COUNTS = [1, 2, 7, 63, 64, 127, 128, 129, 255, 256, 511, 512, 513, 1500];
const NUMBERS = [
  0, 1, 12, 13, 127, 128, -1, -128, -129, 255, 4095, 4096, -4096, -4097, 32767, 32768,
];
NUMBERS.push(-32768, -32769, 8388607, 8388608, -8388608, -8388609, 2147483647, 2147483648);
NUMBERS.push(-2147483648, -2147483649, "9223372036854775807", "-9223372036854775808");
const ODD_NUMBERS = ["-0", "007", "+1", "1.0", " 1", "9223372036854775808", "99999999999999999999"];

/** Texts of all kinds; those that begin alike are pressed together. */
function text(random, size = random.pick(LENGTHS)) {
  if (random.chance(0.2)) return `${random.pick([...NUMBERS, ...ODD_NUMBERS])}`;
  if (random.chance(0.5)) return random.bytes(size);
  return random.pick(["a", "ab", "<li>text</li>", "\0"]).repeat(size).slice(0, size);
}

/** Commands that make the value a key holds, of any type. */
function* values(random) {
  for (const value of [...NUMBERS, ...ODD_NUMBERS]) yield [["SET", "k", `${value}`]];
  for (const size of [...LENGTHS, ...LONG])
    for (const value of [random.bytes(size), "ab".repeat(size).slice(0, size)])
      yield [["SET", "k", value]];
  yield [["PFADD", "k", ...Array.from({ length: 500 }, (_, i) => `${i}`)]];
  const score = () =>
    random.pick([0, -0.5, 1.5, 1e300, -1e-300, 3, 1 / 3, "inf", "-inf", random.below(1e9)]);
  for (const count of COUNTS)
    for (const kind of ["numbers", "short", "any"]) {
      const make = (i) =>
        kind === "numbers"
          ? `${(i - 7) * 37 ** (i % 6)}`
          : kind === "short"
            ? `m${i}`
            : text(random);
      const names = Array.from({ length: count }, (_, i) => make(i));
      const of = (word, items) => chunks(items, 100).map((part) => [word, "k", ...part.flat()]);
      yield of("RPUSH", names);
      yield of("SADD", names);
      yield of(
        "ZADD",
        names.map((name) => [`${score()}`, name]),
      );
      yield of(
        "HSET",
        names.map((name, i) => [name, kind === "any" ? text(random) : make(i)]),
      );
    }
  for (const word of ["RPUSH", "SADD"])
    yield [[word, "k", random.bytes(70000), "a".repeat(70000), ""]];
  yield [["HSET", "k", random.bytes(70000), "b".repeat(90000), "", ""]];
  yield [["ZADD", "k", "1", random.bytes(70000), "2", ""]];
}

const digest = async (key) => (await redis.ask("DEBUG", "DIGEST-VALUE", key))[0];

test("values are exchanged both ways", async (t) => {
  const random = seeded(t);
  let made = 0;
  for (const commands of values(random)) {
    await redis.askAll([["DEL", "k", "ours"], ...commands]);
    cache.ask("DEL", "k", "theirs");
    for (const words of commands) cache.ask(...words);
    const expected = await digest("k");
    const title = `${commands[0][0]} of ${commands.length} commands, ${commands[0].length} words`;
    assert.equal(await redis.ask("RESTORE", "ours", 0, cache.ask("DUMP", "k")), "OK", title);
    assert.equal(await digest("ours"), expected, `ours there: ${title}`);
    assert.equal(cache.ask("RESTORE", "theirs", 0, await redis.ask("DUMP", "k")), "OK", title);
    await redis.ask("RESTORE", "ours", 0, cache.ask("DUMP", "theirs"), "REPLACE");
    assert.equal(await digest("ours"), expected, `theirs here: ${title}`);
    made++;
  }
  assert.ok(made > 200);
});

test("nodes of a list that are not packed", async () => {
  await redis.ask("DEBUG", "QUICKLIST-PACKED-THRESHOLD", "100b");
  const elements = ["a".repeat(500), "b", "c".repeat(101), "", `${"d".repeat(99)}`];
  await redis.ask("RPUSH", "nodes", ...elements);
  assert.equal(cache.ask("RESTORE", "nodes", 0, await redis.ask("DUMP", "nodes")), "OK");
  assert.deepEqual(cache.ask("LRANGE", "nodes", 0, -1), elements);
});

/** Forms that older ones wrote, [name, payload, how Redis shows it, the same as shown]. */
function oldForms() {
  const long = "x".repeat(300);
  const far = `${"abc".repeat(30)}${"Z".repeat(400)}abcabc`;
  const mixed = ["", "a", long, "12", "13", "-1", "-129", "-32769", "8388608", "-2147483649", far];
  mixed.push(
    "y".repeat(20000),
    "127",
    "128",
    "-128",
    "4096",
    "-4097",
    "9223372036854775807",
    "007",
  );
  const names = mixed.map((name, i) => `${name}#${i}`).concat("5", "-70000");
  const scores = names.map((_, i) => (i === 3 ? Infinity : i === 4 ? -Infinity : i / 4 - 2));
  const pairs = names.map((name, i) => [name, mixed[i % mixed.length]]);
  const pressed = (text) => (text.length > 20 ? compressed(text) : string(text));
  const scored = names
    .map((name, i) => [name, scores[i]])
    .sort(([, a], [, b]) => a - b)
    .map(([name, score]) => [name, `${score}`.replace("Infinity", "inf")]);
  return [
    ["string", payload(0, string(far)), "GET"],
    ["string of LZF", payload(0, compressed(far)), "GET"],
    ["string of LZF without copies", payload(0, compressed(long, true)), "GET"],
    ...[1, 2, 4].map((n) => [`string of ${n} bytes`, payload(0, integer(-7, n)), "GET"]),
    ["list", payload(1, length(mixed.length) + mixed.map(pressed).join("")), "LRANGE"],
    ["list of integers", payload(1, length(2) + integer(-129, 2) + integer(65536, 4)), "LRANGE"],
    ["set", payload(2, length(names.length) + names.map(pressed).join("")), "SMEMBERS"],
    [
      "sorted set with scores of text",
      payload(
        3,
        length(names.length) +
          names.map((name, i) => pressed(name) + forms.textScore(scores[i])).join(""),
      ),
      "ZRANGE",
    ],
    [
      "sorted set",
      payload(
        5,
        length(names.length) +
          names.map((name, i) => pressed(name) + forms.double(scores[i])).join(""),
      ),
      "ZRANGE",
    ],
    ["hash", payload(4, length(pairs.length) + pairs.flat().map(pressed).join("")), "HGETALL"],
    ["hash of integers", payload(4, length(1) + integer(5, 1) + integer(6, 4)), "HGETALL"],
    ["zipmap", payload(9, string(forms.zipmap(pairs))), "HGETALL"],
    ["zipmap with holes", payload(9, compressed(forms.zipmap(pairs, 3))), "HGETALL"],
    ["ziplist of a list", payload(10, compressed(forms.ziplist(mixed))), "LRANGE"],
    ...[
      ["16", 2, [-5, 0, 32767]],
      ["32", 4, [-70000, 5]],
      ["64", 8, [-5000000000, 5]],
    ].map(([bits, bytes, numbers]) => [
      `intset of ${bits} bits`,
      payload(11, string(forms.intset(numbers, bytes))),
      "SMEMBERS",
    ]),
    ["ziplist of a sorted set", payload(12, string(forms.ziplist(scored.flat()))), "ZRANGE"],
    ["ziplist of a hash", payload(13, string(forms.ziplist(pairs.flat()))), "HGETALL"],
    [
      "ziplists of a list",
      payload(
        14,
        length(3) + [mixed, ["1"], mixed].map((part) => compressed(forms.ziplist(part))).join(""),
      ),
      "LRANGE",
    ],
    ["listpack of a hash", payload(16, compressed(forms.listpack(pairs.flat()))), "HGETALL"],
    ["listpack of a sorted set", payload(17, string(forms.listpack(scored.flat()))), "ZRANGE"],
    [
      "listpacks of a list",
      payload(
        18,
        length(3) +
          [mixed, ["1"], mixed]
            .map((part) => length(2) + compressed(forms.listpack(part)))
            .join(""),
      ),
      "LRANGE",
    ],
    [
      "a node of one element",
      payload(18, length(2) + length(1) + compressed(far) + length(1) + string("y")),
      "LRANGE",
    ],
    ["of an older version", payload(0, string("old"), 6), "GET"],
  ];
}

const ALL = { GET: [], LRANGE: [0, -1], SMEMBERS: [], ZRANGE: [0, -1, "WITHSCORES"], HGETALL: [] };
const sorted = (command, reply) =>
  command === "SMEMBERS" || command === "HGETALL" ? [...reply].sort() : reply;

for (const [name, dumped, command] of oldForms())
  test(`${name} is read as Redis reads it`, async () => {
    assert.equal(await redis.ask("RESTORE", "old", 0, dumped, "REPLACE"), "OK");
    assert.equal(cache.ask("RESTORE", "old", 0, dumped, "REPLACE"), "OK");
    const shown = await redis.ask(command, "old", ...ALL[command]);
    assert.deepEqual(
      sorted(command, cache.ask(command, "old", ...ALL[command])),
      sorted(command, shown),
    );
    assert.equal(await redis.ask("RESTORE", "again", 0, cache.ask("DUMP", "old"), "REPLACE"), "OK");
    assert.equal(await digest("again"), await digest("old"));
  });

test("every form, cut short or with a byte changed, is refused or restored, and changes nothing else", (t) => {
  const random = seeded(t);
  const { crc64 } = forms;
  cache.ask("SET", "kept", "as it was");
  let refused = 0;
  const good = [];
  for (const [name, dumped] of oldForms()) {
    const value = dumped.slice(0, -10);
    for (let i = 0; i < 60; i++) {
      const at = random.below(value.length);
      const changed = String.fromCharCode(random.chance(0.3) ? 255 : random.below(256));
      const spoilt =
        i % 2 ? value.slice(0, at) : value.slice(0, at) + changed + value.slice(at + 1);
      const whole = `${spoilt}\x0a\0`;
      const crc = Buffer.alloc(8);
      crc.writeBigUInt64LE(crc64(whole));
      const reply = cache.ask("RESTORE", "kept", 0, whole + crc.toString("latin1"), "REPLACE");
      if (reply === "OK") {
        good.push(name);
        cache.ask("SET", "kept", "as it was");
        continue;
      }
      assert.ok(/^-ERR Bad data format$|^-OOM/.test(reply), reply);
      assert.equal(cache.ask("GET", "kept"), "as it was");
      assert.equal(cache.ask("DBSIZE") > 0, true);
      refused++;
    }
  }
  assert.ok(refused > 500 && good.length > 0, `${refused} refused, ${good.length} not`);
});

test("errors and options are Redis's", async () => {
  const value = payload(0, string("v"));
  const list = payload(1, length(1) + string("e"));
  const past = 1;
  const conversations = [
    ["DUMP", "absent"],
    ["DUMP"],
    ["RESTORE", "k", "0"],
    ["RESTORE", "k", "0", "short"],
    ["RESTORE", "k", "0", `${value.slice(0, -1)}!`],
    ["RESTORE", "k", "0", payload(0, string("v"), 11)],
    ["RESTORE", "k", "0", payload(8, string("v"))],
    ["RESTORE", "k", "0", payload(200, string("v"))],
    ["RESTORE", "k", "0", payload(1, length(0))],
    ["RESTORE", "k", "0", payload(2, length(2) + string("m") + string("m"))],
    ["RESTORE", "k", "0", payload(5, length(1) + string("m") + forms.double(NaN))],
    ["RESTORE", "k", "-1", value],
    ["RESTORE", "k", "x", value],
    ["RESTORE", "k", "0", value, "IDLETIME"],
    ["RESTORE", "k", "0", value, "IDLETIME", "-1"],
    ["RESTORE", "k", "0", value, "IDLETIME", "x"],
    ["RESTORE", "k", "0", value, "IDLETIME", "1", "FREQ", "1"],
    ["RESTORE", "k", "0", value, "FREQ", "256"],
    ["RESTORE", "k", "0", value, "FREQ", "-1"],
    ["RESTORE", "k", "0", value, "NONSENSE"],
    ["RESTORE", "k", "0", value],
    ["RESTORE", "k", "0", value],
    ["RESTORE", "k", "x", "short", "FREQ", "1"],
    ["RESTORE", "k", "10000000", list, "replace"],
    ["TYPE", "k"],
    ["RESTORE", "k", `${past}`, value, "ABSTTL", "REPLACE"],
    ["EXISTS", "k"],
    ["RESTORE", "k", `${past}`, list, "ABSTTL"],
    ["EXISTS", "k"],
    ["RESTORE", "k", "4000000000000", list, "ABSTTL", "IDLETIME", "0"],
    ["PEXPIRETIME", "k"],
    ["RESTORE", "k", "0", list, "REPLACE"],
    ["PTTL", "k"],
    ["RESTORE", "k", "9223372036854775807", value, "REPLACE"],
    ["EXISTS", "k"],
    ["CONFIG", "SET", "maxmemory-policy", "allkeys-lfu"],
    ["RESTORE", "k", "0", list, "REPLACE", "FREQ", "200"],
    ["OBJECT", "FREQ", "k"],
    ["CONFIG", "SET", "maxmemory-policy", "noeviction"],
    ["COMMAND", "INFO", "dump", "restore"],
  ];
  await redis.ask("FLUSHALL");
  cache.ask("FLUSHALL");
  const flags = (reply) =>
    Array.isArray(reply) && Array.isArray(reply[0])
      ? reply.map((c) => c.slice(0, 6).map((part) => [part].flat().sort()))
      : reply;
  for (const words of conversations)
    assert.deepEqual(
      String(flags(cache.ask(...words))),
      String(flags(await redis.ask(...words))),
      words.map((word) => word.slice(0, 20)).join(" "),
    );
});

test("a field that comes twice is refused, which Redis lets pass in a small hash", () => {
  const twice = ["m", "1", "m", "2"].map(string).join("");
  const reply = cache.ask("RESTORE", "twice", 0, payload(4, length(2) + twice));
  assert.equal(reply, "-ERR Bad data format");
});

test("KEEP leaves the value as it is, and restores how it was used", () => {
  cache.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu");
  const before = cache.ask("RPUSH", "kept list", "a", "b");
  assert.equal(cache.ask("RESTORE", "absent", 0, "", "KEEP", "FREQ", 100), "-ERR no such key");
  assert.equal(cache.ask("RESTORE", "kept list", 0, "", "KEEP", "FREQ", 100), "OK");
  assert.equal(cache.ask("OBJECT", "FREQ", "kept list"), 100);
  assert.equal(cache.ask("LLEN", "kept list"), before);
  assert.equal(cache.ask("RESTORE", "kept list", 0, "", "KEEP"), "OK");
  assert.equal(cache.ask("OBJECT", "FREQ", "kept list"), 100);
  cache.ask("CONFIG", "SET", "maxmemory-policy", "noeviction");
});

test("a dump takes no recency, and no memory", () => {
  cache.ask("FLUSHALL");
  const before = cache.memory.buffer.byteLength;
  for (let i = 0; i < 20000; i++) cache.ask("SADD", "big", `member ${i}`);
  const grown = cache.memory.buffer.byteLength;
  assert.ok(cache.ask("DUMP", "big").length > 200_000);
  assert.equal(cache.memory.buffer.byteLength, grown);
  assert.ok(grown >= before);
});
