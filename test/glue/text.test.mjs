// Keys and values: text of every kind, bytes of every kind, and what is neither.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { runInNewContext } from "node:vm";
import { initFerrite } from "../../glue/platform/node.js";

const utf8 = (text) => new TextEncoder().encode(text);

let cache;
beforeEach(async () => {
  cache = await initFerrite({ maxMemory: "8mb" });
});

// Lengths around every limit at which text is written in another way.
const LENGTHS = [
  0, 1, 16, 23, 24, 25, 26, 100, 1000, 1023, 1024, 1025, 1365, 1366, 4000, 5000, 99_999,
];
const ALPHABETS = [
  "a",
  "é",
  "€",
  "😀",
  "aé€😀",
  "\0",
  "\ufeff",
  "\ufffd",
  "\u007f\u0080\u07ff\u0800\uffff",
];

test("text of every length and alphabet, as key and as value, by every path", () => {
  for (const alphabet of ALPHABETS) {
    for (const length of LENGTHS) {
      const text = alphabet.repeat(Math.ceil(length / alphabet.length));
      const label = `${JSON.stringify(alphabet)} ${length}`;
      cache.flushall();
      cache.set(text, text);
      assert.ok(cache.get(text) === text, label);
      assert.deepEqual(cache.getBytes(text), utf8(text), label);
      assert.ok(cache.call("GET", text) === text, label);
      assert.equal(cache.exists(text), 1, label);
      assert.equal(cache.strlen(utf8(text)), utf8(text).length, label);
      cache.flushall();
      cache.call("SET", text, text);
      assert.ok(cache.get(text) === text, label);
      cache.flushall();
      cache.set(`${"k".repeat(30)}${text}`, text, { ex: 60 });
      assert.ok(cache.get(`${"k".repeat(30)}${text}`) === text, label);
      assert.equal(cache.dbsize(), 1);
    }
  }
});

test("text that becomes non-ASCII only at its end", () => {
  for (const length of LENGTHS) {
    const text = `${"x".repeat(length)}é`;
    cache.set(text, text);
    cache.append("log", text);
    assert.ok(cache.get(text) === text);
    assert.ok(cache.call("GET", text) === text);
  }
  assert.ok(cache.get("log") === LENGTHS.map((length) => `${"x".repeat(length)}é`).join(""));
});

test("a byte order mark survives", () => {
  cache.set("\ufeffkey", "\ufeffvalue");
  assert.equal(cache.get("\ufeffkey"), "\ufeffvalue");
  assert.equal(cache.get("key"), null);
  assert.equal(cache.getrange("\ufeffkey", 0, -1), "\ufeffvalue");
  assert.deepEqual(cache.keys("*"), ["\ufeffkey"]);
  assert.equal(cache.echo("\ufeff"), "\ufeff");
});

test("bytes of every value, as key and as value, survive", () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  for (const size of [0, 1, 255, 256, 5000, 100_000]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => all[(i * 7 + size) & 255]);
    cache.flushall();
    cache.set(bytes, bytes);
    assert.deepEqual(cache.getBytes(bytes), bytes);
    assert.deepEqual(cache.callBytes("GET", bytes), bytes);
    assert.deepEqual(cache.getrangeBytes(bytes, 0, -1), bytes);
    assert.deepEqual(cache.keysBytes("*"), [bytes]);
    assert.equal(cache.del(bytes), 1);
    cache.call("SET", bytes, bytes);
    assert.deepEqual(cache.getBytes(bytes), bytes);
  }
});

test("a view of a part of a buffer is that part", () => {
  const part = utf8("-key-").subarray(1, 4);
  cache.set(part, part);
  assert.equal(cache.get("key"), "key");
  cache.set(Buffer.from("buffer"), Buffer.from("value"));
  assert.equal(cache.get("buffer"), "value");
  assert.equal(cache.getBytes("buffer").constructor, Uint8Array);
});

test("bytes of another realm are bytes", () => {
  const foreign = runInNewContext("Uint8Array.of(0x61, 0x62)");
  cache.set(foreign, foreign);
  assert.equal(cache.get("ab"), "ab");
  assert.equal(cache.exists(foreign), 1);
});

test("what is not UTF-8 reads as U+FFFD, as TextDecoder has it, and is whole as bytes", () => {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let state = 12345;
  for (let round = 0; round < 2000; round++) {
    const bytes = Uint8Array.from({ length: round % 40 }, () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      const byte = state >>> 24;
      return round & 1
        ? byte
        : [0x61, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0xed, 0xa0][byte % 12];
    });
    cache.set("key", bytes);
    assert.equal(cache.get("key"), decoder.decode(bytes), `bytes ${bytes}`);
    assert.deepEqual(cache.getBytes("key"), bytes);
  }
});

test("half a surrogate pair is refused everywhere, and nothing is stored", () => {
  const refused = { name: "FerriteError", code: "ARGUMENT", message: /surrogate/ };
  for (const half of [
    "\ud800",
    "\udc00",
    "\udc00\ud800",
    "a\ud83d",
    `${"x".repeat(30)}\udfff`,
    `${"€".repeat(5000)}\ud800`,
  ]) {
    for (const call of [
      () => cache.get(half),
      () => cache.getBytes(half),
      () => cache.set(half, "value"),
      () => cache.set("key", half),
      () => cache.set("key", half, { ex: 60 }),
      () => cache.set("key", half, { get: true }),
      () => cache.set("k".repeat(2000), half),
      () => cache.incr(half),
      () => cache.mset("other", "x", "key", half),
      () => cache.append("key", half),
      () => cache.call("SET", "key", half),
      () => cache.exec(`SET key ${half}\r\n`),
    ]) {
      assert.throws(call, refused);
    }
    assert.equal(cache.dbsize(), 0);
  }
});

test("what is neither text nor bytes is refused, never stored as [object Object]", () => {
  const nonsense = [
    undefined,
    null,
    true,
    {},
    [],
    ["a"],
    Symbol("s"),
    () => 1,
    new Date(),
    new Uint16Array(2),
    new ArrayBuffer(2),
    new Map(),
    new String("x"),
  ];
  for (const wrong of nonsense) {
    for (const call of [
      () => cache.get(wrong),
      () => cache.getBytes(wrong),
      () => cache.set(wrong, "value"),
      () => cache.set("key", wrong),
      () => cache.set("key", wrong, { get: true }),
      () => cache.setnx("key", wrong),
      () => cache.incr(wrong),
      () => cache.append("key", wrong),
      () => cache.mset("key", wrong),
      () => cache.mset("other", "x", wrong, "x"),
      () => cache.mget("key", wrong),
      () => cache.del("key", wrong),
      () => cache.rename("key", wrong),
      () => cache.call("SET", "key", wrong),
      () => cache.call(wrong),
      () => cache.exec(wrong),
    ]) {
      assert.throws(call, { name: "FerriteError", code: "ARGUMENT", message: /allowed: / });
    }
  }
  for (const number of [NaN, Infinity, -Infinity]) {
    assert.throws(() => cache.set("key", number), { code: "ARGUMENT", message: /finite/ });
  }
  for (const number of [5, 5n, NaN]) {
    for (const name of ["get", "getBytes", "incr", "del", "ttl", "type", "getdel", "strlen"]) {
      assert.throws(() => cache[name](number), { code: "ARGUMENT", message: /^key is/ });
    }
  }
  assert.equal(cache.dbsize(), 0);
});
