// Every command on strings, its options, its reply, and its bytes form.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { initFerrite } from "../../glue/platform/node.js";

const NOW = 1_700_000_000_000;
const bytes = (...list) => Uint8Array.from(list);
const text = (string) => new TextEncoder().encode(string);
const replyError = (message) => ({ name: "FerriteError", message, code: message.split(" ")[0] });

let time;
let cache;
beforeEach(async () => {
  time = NOW;
  cache = await initFerrite({ maxMemory: "1mb", now: () => time });
});

test("get, getBytes", () => {
  assert.equal(cache.get("key"), null);
  assert.equal(cache.getBytes("key"), null);
  cache.set("key", "value");
  assert.equal(cache.get("key"), "value");
  assert.deepEqual(cache.getBytes("key"), text("value"));
  cache.set("key", "");
  assert.equal(cache.get("key"), "");
  assert.deepEqual(cache.getBytes("key"), bytes());
});

test("set", () => {
  assert.equal(cache.set("key", "one"), "OK");
  assert.equal(cache.set("key", "two", {}), "OK");
  assert.equal(cache.get("key"), "two");
  assert.equal(cache.ttl("key"), -1);
});

test("set with an expiry", () => {
  for (const [options, expected] of [
    [{ ex: 60 }, NOW + 60_000],
    [{ px: 1500 }, NOW + 1500],
    [{ exat: NOW / 1000 + 7 }, NOW + 7000],
    [{ pxat: NOW + 77 }, NOW + 77],
    [{ ex: 60n }, NOW + 60_000],
    [{ ex: "60" }, NOW + 60_000],
    [{ ex: 60, nx: undefined, px: undefined, xx: false }, NOW + 60_000],
  ]) {
    assert.equal(cache.set("key", "value", options), "OK");
    assert.equal(cache.pexpiretime("key"), expected);
  }
  assert.equal(cache.set("key", "value", { ex: undefined }), "OK");
  assert.equal(cache.pexpiretime("key"), -1);
  assert.equal(cache.set("key", "value", { pxat: NOW - 1 }), "OK");
  assert.equal(cache.get("key"), null);
});

test("set with keepttl", () => {
  cache.set("key", "one", { ex: 60 });
  assert.equal(cache.set("key", "two", { keepttl: true }), "OK");
  assert.equal(cache.ttl("key"), 60);
  assert.equal(cache.set("key", "three", { keepttl: false }), "OK");
  assert.equal(cache.ttl("key"), -1);
});

test("set with nx and xx", () => {
  assert.equal(cache.set("key", "one", { xx: true }), null);
  assert.equal(cache.get("key"), null);
  assert.equal(cache.set("key", "one", { nx: true, ex: 5 }), "OK");
  assert.equal(cache.set("key", "two", { nx: true }), null);
  assert.equal(cache.get("key"), "one");
  assert.equal(cache.set("key", "two", { xx: true, px: 5 }), "OK");
  assert.equal(cache.get("key"), "two");
});

test("set with get; setBytes", () => {
  assert.equal(cache.set("key", "one", { get: true }), null);
  assert.equal(cache.set("key", "two", { get: true, ex: 60 }), "one");
  assert.equal(cache.ttl("key"), 60);
  assert.deepEqual(cache.setBytes("key", "three", { get: true }), text("two"));
  assert.equal(cache.setBytes("key", "four"), "OK");
  assert.equal(cache.set("key", "five", { get: false }), "OK");
  assert.equal(cache.set("other", "x", { get: true, xx: true }), null);
  assert.equal(cache.exists("other"), 0);
});

test("options of set that Redis refuses are refused in its words, and change nothing", () => {
  cache.set("key", "value", { ex: 60 });
  const syntax = replyError("ERR syntax error");
  assert.throws(() => cache.set("key", "x", { ex: 1, px: 1 }), syntax);
  assert.throws(() => cache.set("key", "x", { nx: true, xx: true }), syntax);
  assert.throws(() => cache.set("key", "x", { keepttl: true, ex: 1 }), syntax);
  const invalid = replyError("ERR invalid expire time in 'set' command");
  for (const ex of [0, -1, -(2 ** 60), 9223372036854775807n]) {
    assert.throws(() => cache.set("key", "x", { ex }), invalid);
  }
  assert.throws(() => cache.set("key", "x", { px: 0 }), invalid);
  const integer = replyError("ERR value is not an integer or out of range");
  for (const ex of [1.5, "x", "", 2n ** 64n]) {
    assert.throws(() => cache.set("key", "x", { ex }), integer);
  }
  assert.equal(cache.get("key"), "value");
  assert.equal(cache.ttl("key"), 60);
});

test("options of set of a wrong kind, or that there are not", () => {
  const refused = (options, message) =>
    assert.throws(() => cache.set("key", "x", options), { code: "ARGUMENT", message });
  refused({ ttl: 60 }, /"ttl".*ex, px, exat, pxat, nx, xx, keepttl, get/);
  refused({ EX: 60 }, /"EX"/);
  refused({ ex: NaN }, /finite/);
  refused({ ex: null }, /"ex" is null/);
  refused({ ex: {} }, /"ex" is an object/);
  refused({ ex: bytes(0x35) }, /"ex" is an object/);
  refused({ nx: 1 }, /"nx" is 1.*true, false/);
  refused(60, /options is 60/);
  refused("EX", /options is "EX"/);
  refused(null, /options is null/);
  refused(["ex", 60], /"0"/);
  assert.equal(cache.exists("key"), 0);
});

test("setnx, setex, psetex", () => {
  assert.equal(cache.setnx("key", "one"), 1);
  assert.equal(cache.setnx("key", "two"), 0);
  assert.equal(cache.get("key"), "one");
  assert.equal(cache.setex("key", 60, "two"), "OK");
  assert.equal(cache.pttl("key"), 60_000);
  assert.equal(cache.psetex("key", 61, "three"), "OK");
  assert.equal(cache.pttl("key"), 61);
  assert.equal(cache.get("key"), "three");
  assert.throws(
    () => cache.setex("key", 0, "x"),
    replyError("ERR invalid expire time in 'setex' command"),
  );
});

test("getset, getdel", () => {
  assert.equal(cache.getset("key", "one"), null);
  assert.equal(cache.getset("key", "two"), "one");
  assert.deepEqual(cache.getsetBytes("key", "three"), text("two"));
  assert.equal(cache.getdel("key"), "three");
  assert.equal(cache.getdel("key"), null);
  cache.set("key", "four");
  assert.deepEqual(cache.getdelBytes("key"), text("four"));
  assert.equal(cache.exists("key"), 0);
});

test("getex", () => {
  assert.equal(cache.getex("key"), null);
  cache.set("key", "value");
  assert.equal(cache.getex("key"), "value");
  for (const [options, expected] of [
    [{ ex: 60 }, NOW + 60_000],
    [{ px: 1500 }, NOW + 1500],
    [{ exat: NOW / 1000 + 7 }, NOW + 7000],
    [{ pxat: NOW + 77 }, NOW + 77],
    [{ persist: true }, -1],
  ]) {
    assert.equal(cache.getex("key", options), "value");
    assert.equal(cache.pexpiretime("key"), expected);
  }
  assert.deepEqual(cache.getexBytes("key", { ex: 5 }), text("value"));
  assert.equal(cache.ttl("key"), 5);
  assert.throws(() => cache.getex("key", { ex: 1, px: 1 }), replyError("ERR syntax error"));
  assert.throws(() => cache.getex("key", { nx: true }), { code: "ARGUMENT" });
});

test("mget, mset, msetnx", () => {
  assert.equal(cache.mset("a", "1", "b", 2), "OK");
  assert.deepEqual(cache.mget("a", "nothing", "b"), ["1", null, "2"]);
  assert.deepEqual(cache.mget(["a", "b"]), ["1", "2"]);
  assert.deepEqual(cache.mgetBytes("a", "nothing"), [text("1"), null]);
  assert.equal(cache.mset({ a: "3", c: 4n }), "OK");
  assert.equal(cache.mset(new Map([[bytes(0xff), bytes(0xfe)]])), "OK");
  assert.deepEqual(cache.getBytes(bytes(0xff)), bytes(0xfe));
  assert.equal(
    cache.mset([
      ["d", "5"],
      ["e", "6"],
    ]),
    "OK",
  );
  assert.deepEqual(cache.mget("a", "c", "d", "e"), ["3", "4", "5", "6"]);
  assert.equal(cache.msetnx({ a: "x", z: "y" }), 0);
  assert.equal(cache.exists("z"), 0);
  assert.equal(cache.msetnx("y", "1", "z", "2"), 1);
  assert.throws(() => cache.mget(), replyError("ERR wrong number of arguments for 'mget' command"));
  assert.throws(() => cache.mset(), replyError("ERR wrong number of arguments for 'mset' command"));
  assert.throws(
    () => cache.mset({}),
    replyError("ERR wrong number of arguments for 'mset' command"),
  );
  assert.throws(
    () => cache.mset("a", "1", "b"),
    /wrong number of arguments for 'mset'|ERR wrong number/,
  );
});

test("append, strlen", () => {
  assert.equal(cache.append("key", "abc"), 3);
  assert.equal(cache.append("key", "é"), 5);
  assert.equal(cache.strlen("key"), 5);
  assert.equal(cache.strlen("nothing"), 0);
});

test("getrange, substr, setrange", () => {
  cache.set("key", "Hello World");
  assert.equal(cache.getrange("key", 0, 4), "Hello");
  assert.equal(cache.getrange("key", -5, -1), "World");
  assert.equal(cache.getrange("key", 5, 1), "");
  assert.equal(cache.getrange("nothing", 0, -1), "");
  assert.deepEqual(cache.getrangeBytes("key", 0, 1), text("He"));
  assert.equal(cache.substr("key", 0, 4), "Hello");
  assert.deepEqual(cache.substrBytes("key", 6, -1), text("World"));
  assert.equal(cache.setrange("key", 6, "Redis"), 11);
  assert.equal(cache.get("key"), "Hello Redis");
  assert.equal(cache.setrange("gap", 3, "x"), 4);
  assert.deepEqual(cache.getBytes("gap"), bytes(0, 0, 0, 0x78));
  assert.throws(() => cache.setrange("key", -1, "x"), replyError("ERR offset is out of range"));
});

test("incr, decr, incrby, decrby", () => {
  assert.equal(cache.incr("n"), 1);
  assert.equal(cache.incr("n"), 2);
  assert.equal(cache.decr("n"), 1);
  assert.equal(cache.incrby("n", 10), 11);
  assert.equal(cache.incrby("n", -20), -9);
  assert.equal(cache.decrby("n", 1n), -10);
  assert.equal(cache.incrby("n", "15"), 5);
  cache.set("text", "x");
  assert.throws(
    () => cache.incr("text"),
    replyError("ERR value is not an integer or out of range"),
  );
  assert.throws(
    () => cache.incrby("n", 1.5),
    replyError("ERR value is not an integer or out of range"),
  );
  assert.throws(() => cache.incrby("n", undefined), {
    code: "ARGUMENT",
    message: /increment is undefined/,
  });
});

test("integers that a number cannot hold are bigints", () => {
  cache.set("n", "9007199254740990");
  assert.equal(cache.incr("n"), 9007199254740991);
  assert.equal(cache.incr("n"), 9007199254740992n);
  assert.equal(cache.incrby("n", 1n), 9007199254740993n);
  assert.equal(cache.incrby("n", 9223372036854775807n - 9007199254740993n), 9223372036854775807n);
  assert.equal(cache.get("n"), "9223372036854775807");
  assert.throws(() => cache.incr("n"), replyError("ERR increment or decrement would overflow"));
  cache.set("n", -9223372036854775808n);
  assert.equal(cache.incr("n"), -9223372036854775807n);
  cache.set("n", "-9007199254740990");
  assert.equal(cache.decr("n"), -9007199254740991);
  assert.equal(cache.decr("n"), -9007199254740992n);
  cache.set("n", "99999999999999");
  for (let digits = 14; digits < 16; digits++) {
    assert.equal(cache.incr("n"), 10 ** digits);
    cache.append("n", "x");
    cache.set("n", "9".repeat(digits + 1));
  }
});

test("incrbyfloat", () => {
  assert.equal(cache.incrbyfloat("x", 0.1), "0.1");
  assert.equal(cache.incrbyfloat("x", "0.2"), "0.3");
  assert.equal(cache.incrbyfloat("x", 1e21), "1000000000000000000000"); // 64 bits of precision
  cache.set("x", 5);
  assert.equal(cache.incrbyfloat("x", -2), "3");
  assert.equal(cache.incrbyfloat("x", 1e-7), "3.0000001");
  assert.throws(() => cache.incrbyfloat("x", Infinity), { code: "ARGUMENT", message: /finite/ });
  assert.throws(() => cache.incrbyfloat("x", "x"), replyError("ERR value is not a valid float"));
});

test("lcs, lcsBytes", () => {
  cache.mset("a", "ohmytext", "b", "mynewtext");
  assert.equal(cache.lcs("a", "b"), "mytext");
  assert.deepEqual(cache.lcsBytes("a", "b"), text("mytext"));
  assert.equal(cache.lcs("a", "nothing"), "");
  assert.equal(cache.lcs("a", "b", { len: true }), 6);
  assert.deepEqual(cache.lcs("a", "b", { idx: true, len: false }), {
    matches: [
      [
        [4, 7],
        [5, 8],
      ],
      [
        [2, 3],
        [0, 1],
      ],
    ],
    len: 6,
  });
  const long = { idx: true, minmatchlen: 4, withmatchlen: true };
  const expected = { matches: [[[4, 7], [5, 8], 4]], len: 6 };
  assert.deepEqual(cache.lcs("a", "b", long), expected);
  assert.deepEqual(cache.lcsBytes("a", "b", long), expected);
  assert.throws(
    () => cache.lcs("a", "b", { len: true, idx: true }),
    replyError("ERR If you want both the length and indexes, please just use IDX."),
  );
  assert.throws(() => cache.lcs("a", "b", { length: true }), { code: "ARGUMENT" });
});

test("setbit, getbit", () => {
  assert.equal(cache.setbit("key", 7, 1), 0);
  assert.equal(cache.setbit("key", 7n, "0"), 1);
  assert.equal(cache.setbit("key", 20, 1), 0);
  assert.deepEqual(cache.getBytes("key"), bytes(0, 0, 8));
  assert.equal(cache.getbit("key", 20), 1);
  assert.equal(cache.getbit("key", 100), 0);
  const range = (what) => replyError(`ERR ${what} is not an integer or out of range`);
  assert.throws(() => cache.setbit("key", -1, 1), range("bit offset"));
  assert.throws(() => cache.setbit("key", 1, 2), range("bit"));
  assert.throws(() => cache.setbit("key", 1, true), { code: "ARGUMENT", message: /bit is true/ });
});

test("bitcount, bitpos", () => {
  cache.set("key", bytes(0xff, 0xf0, 0x00));
  assert.equal(cache.bitcount("key"), 12);
  assert.equal(cache.bitcount("key", 1, -1), 4);
  assert.equal(cache.bitcount("key", 5, 9, "BIT"), 5);
  assert.equal(cache.bitcount("key", 5n, "9", "byte"), 0);
  assert.equal(cache.bitpos("key", 0), 12);
  assert.equal(cache.bitpos("key", 1, 2), -1);
  assert.equal(cache.bitpos("key", 0, 2, -1), 16);
  assert.equal(cache.bitpos("key", 1, 9, -1, "bit"), 9);
  assert.throws(() => cache.bitcount("key", 1), replyError("ERR syntax error"));
  assert.throws(() => cache.bitcount("key", 0, 1, "nibble"), replyError("ERR syntax error"));
  assert.throws(() => cache.bitpos("key", 2), replyError("ERR The bit argument must be 1 or 0."));
});

test("bitop", () => {
  cache.mset("a", bytes(0x0f, 0xff), "b", bytes(0x3c));
  for (const [operation, expected] of [
    ["AND", bytes(0x0c, 0)],
    ["or", bytes(0x3f, 0xff)],
    ["XOR", bytes(0x33, 0xff)],
  ]) {
    assert.equal(cache.bitop(operation, "to", "a", "b"), 2);
    assert.deepEqual(cache.getBytes("to"), expected);
    assert.equal(cache.bitop(operation, "to", ["b", "a"]), 2);
    assert.deepEqual(cache.getBytes("to"), expected);
  }
  assert.equal(cache.bitop("NOT", "a", "a"), 2);
  assert.deepEqual(cache.getBytes("a"), bytes(0xf0, 0));
  assert.equal(cache.bitop("OR", "a", "nothing"), 0);
  assert.equal(cache.exists("a"), 0);
});

test("bitfield, bitfield_ro", () => {
  assert.deepEqual(cache.bitfield("key"), []);
  assert.deepEqual(cache.bitfield("key", ["SET", "u8", 0, 255], ["get", "i4", "#1"]), [0, -1]);
  assert.deepEqual(
    cache.bitfield("key", ["INCRBY", "u8", 0, 1], ["OVERFLOW", "SAT"], ["INCRBY", "u8", 0, -9n]),
    [0, 0],
  );
  assert.deepEqual(cache.bitfield("key", ["OVERFLOW", "FAIL"], ["INCRBY", "u8", 0, 256]), [null]);
  const least = -9223372036854775808n;
  assert.deepEqual(cache.bitfield("key", ["SET", "i64", 8, least], ["GET", "i64", 8]), [0, least]);
  assert.deepEqual(cache.bitfield_ro("key", ["GET", "u1", 8], ["GET", "u1", 9]), [1, 0]);
  assert.throws(
    () => cache.bitfield_ro("key", ["SET", "u1", 0, 1]),
    replyError("ERR BITFIELD_RO only supports the GET subcommand"),
  );
});

test("numbers as values are printed as JavaScript prints them", () => {
  const printed = [
    [5, "5"],
    [-0, "0"],
    [1.5, "1.5"],
    [1e21, "1e+21"],
    [2n ** 70n, "1180591620717411303424"],
  ];
  for (const [value, expected] of printed) {
    cache.set("key", value);
    assert.equal(cache.get("key"), expected);
    cache.getset("key", value);
    assert.equal(cache.get("key"), expected);
  }
});
