// Sorted sets, set algebra and SORT through the package's methods.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { initFerrite } from "../../glue/platform/node.js";

let cache;
beforeEach(async () => (cache = await initFerrite({ maxMemory: "4mb" })));

const bytes = (text) => new TextEncoder().encode(text);
const scored = (...pairs) => pairs.map(([value, score]) => ({ value, score }));

test("a leaderboard", () => {
  assert.equal(cache.zadd("board", 10, "ada", 30, "eve"), 2);
  assert.equal(cache.zadd("board", { score: 20, value: "bob" }), 1);
  assert.equal(cache.zadd("board", [[20, "cid"], { score: 5.5, value: "dan" }]), 2);
  assert.equal(cache.zincrby("board", 4.5, "dan"), 10);
  assert.equal(cache.zscore("board", "eve"), 30);
  assert.equal(cache.zscore("board", "nobody"), null);
  assert.deepEqual(cache.zmscore("board", "ada", "nobody"), [10, null]);
  assert.equal(cache.zcard("board"), 5);
  assert.equal(cache.zrank("board", "ada"), 0);
  assert.equal(cache.zrevrank("board", "ada"), 4);
  assert.equal(cache.zrank("board", "nobody"), null);
  assert.deepEqual(cache.zrange("board", 0, -1), ["ada", "dan", "bob", "cid", "eve"]);
  assert.deepEqual(
    cache.zrange("board", 0, 1, { rev: true, withScores: true }),
    scored(["eve", 30], ["cid", 20]),
  );
  assert.deepEqual(cache.zrevrange("board", 0, 0, { withScores: true }), scored(["eve", 30]));
  assert.equal(cache.zcount("board", "(10", 20), 2);
  assert.equal(cache.zrem("board", ["ada", "nobody"]), 1);
  assert.equal(cache.zremrangebyrank("board", -1, -1), 1);
  assert.equal(cache.zremrangebyscore("board", -Infinity, "(20"), 1);
  assert.deepEqual(cache.zrevrangeBytes("board", 0, -1), [bytes("cid"), bytes("bob")]);
});

test("options of zadd", () => {
  cache.zadd("z", 1, "a");
  assert.equal(cache.zadd("z", 2, "a", 2, "b", { nx: true }), 1);
  assert.equal(cache.zadd("z", 2, "a", 9, "c", { xx: true, ch: true }), 1);
  assert.equal(cache.zadd("z", 1, "a", { gt: true, ch: true }), 0);
  assert.equal(cache.zadd("z", 1, "a", { lt: true, ch: true }), 1);
  assert.equal(cache.zadd("z", 4, "a", { incr: true }), 5);
  assert.equal(cache.zadd("z", { score: 4, value: "a" }, { incr: true, nx: true }), null);
  assert.equal(cache.zadd("z", Infinity, bytes("b"), -Infinity, "d"), 1);
  assert.deepEqual(cache.zmscore("z", "b", "d"), [Infinity, -Infinity]);
  assert.throws(() => cache.zincrby("z", "-inf", "b"), { message: /not a number/ });
  assert.throws(() => cache.zadd("z", 1, "a", { ex: 5 }), { code: "ARGUMENT" });
  assert.throws(() => cache.zadd("z", { value: "a" }), { code: "ARGUMENT" });
  assert.throws(() => cache.zadd("z", "much", "a"), { message: /not a valid float/ });
  assert.throws(() => cache.zadd("z", 1), { message: /wrong number of arguments|syntax error/ });
});

test("ranges by score and by name", () => {
  cache.zadd(
    "z",
    [1, 2, 3, 4, 5, 6].map((score) => [score, `m${score}`]),
  );
  const limit = { offset: 1, count: 2 };
  assert.deepEqual(cache.zrange("z", 2, "(6", { by: "score", limit }), ["m3", "m4"]);
  assert.deepEqual(
    cache.zrange("z", Infinity, 2, { by: "score", rev: true, limit: { count: 1 } }),
    ["m6"],
  );
  assert.deepEqual(
    cache.zrangebyscore("z", "(2", 4, { withScores: true }),
    scored(["m3", 3], ["m4", 4]),
  );
  assert.deepEqual(cache.zrangebyscore("z", 1, 9, { limit: { offset: 4 } }), ["m5", "m6"]);
  assert.deepEqual(cache.zrevrangebyscore("z", 4, "-inf", { limit }), ["m3", "m2"]);
  assert.deepEqual(cache.zrangebyscoreBytes("z", 6, 6, { withScores: true }), [
    { value: bytes("m6"), score: 6 },
  ]);
  assert.equal(cache.zrangestore("part", "z", 1, -2), 4);
  assert.deepEqual(cache.zrangeBytes("part", 0, 0), [bytes("m2")]);
  assert.equal(cache.zrangestore("part", "z", 9, 5, { by: "score", rev: true }), 2);
  assert.deepEqual(cache.zrevrangebyscoreBytes("part", 9, 0, { limit: { count: 1 } }), [
    bytes("m6"),
  ]);
  cache.zadd(
    "names",
    [..."abcdef"].map((name) => [0, name]),
  );
  assert.deepEqual(cache.zrange("names", "[b", "(d", { by: "lex" }), ["b", "c"]);
  assert.deepEqual(cache.zrangebylex("names", "-", "+", { limit }), ["b", "c"]);
  assert.deepEqual(cache.zrangebylexBytes("names", bytes("[f"), "+"), [bytes("f")]);
  assert.deepEqual(cache.zrevrangebylex("names", "(c", "-"), ["b", "a"]);
  assert.deepEqual(cache.zrevrangebylexBytes("names", "[a", "-"), [bytes("a")]);
  assert.equal(cache.zlexcount("names", "(a", "[d"), 3);
  assert.equal(cache.zremrangebylex("names", "[a", "[e"), 5);
  assert.throws(() => cache.zrange("z", 0, 1, { by: "rank" }), { code: "ARGUMENT" });
  assert.throws(() => cache.zrangebyscore("z", 0, 1, { by: "score" }), { code: "ARGUMENT" });
  assert.throws(() => cache.zrangebyscore("z", 0, 1, { limit: [0, 1] }), { code: "ARGUMENT" });
  assert.throws(() => cache.zrange("z", 0, 1, { limit }), { message: /LIMIT is only supported/ });
  assert.throws(() => cache.zrangebylex("names", "b", "+"), { message: /not valid string range/ });
});

test("what is popped from sorted sets", () => {
  assert.equal(cache.zpopmin("z"), null);
  assert.deepEqual(cache.zpopmax("z", 2), []);
  const fill = () =>
    cache.zadd(
      "z",
      [..."abcdefgh"].map((name, i) => [i, name]),
    );
  fill();
  assert.deepEqual(cache.zpopmin("z"), { value: "a", score: 0 });
  assert.deepEqual(cache.zpopmax("z", 2), scored(["h", 7], ["g", 6]));
  assert.deepEqual(cache.zpopminBytes("z"), { value: bytes("b"), score: 1 });
  assert.deepEqual(cache.zpopmaxBytes("z", 1), [{ value: bytes("f"), score: 5 }]);
  assert.deepEqual(cache.zmpop(["none", "z"], "MAX", { count: 2 }), {
    key: "z",
    members: scored(["e", 4], ["d", 3]),
  });
  assert.deepEqual(cache.zmpopBytes("z", "min"), {
    key: bytes("z"),
    members: [{ value: bytes("c"), score: 2 }],
  });
  assert.equal(cache.zmpop("z", "MIN"), null);
  assert.equal(cache.bzpopmin("z", 1), null);
  fill();
  assert.deepEqual(cache.bzpopmin(["none", "z"]), { key: "z", value: "a", score: 0 });
  assert.deepEqual(cache.bzpopmax("z", 0.5), { key: "z", value: "h", score: 7 });
  assert.deepEqual(cache.bzpopminBytes("z").value, bytes("b"));
  assert.deepEqual(cache.bzpopmaxBytes("z").key, bytes("z"));
  assert.deepEqual(cache.bzmpop("z", "MIN", 0, { count: 2 }).members, scored(["c", 2], ["d", 3]));
  assert.deepEqual(cache.bzmpopBytes("z", "MAX").members, [{ value: bytes("f"), score: 5 }]);
  assert.throws(() => cache.bzpopmin("z", -1), { message: /timeout is negative/ });
});

test("members at random, and scans of them", () => {
  assert.equal(cache.zrandmember("z"), null);
  const members = Array.from({ length: 3000 }, (_, i) => [i / 4, `member:${i}`]);
  cache.zadd("z", members);
  assert.match(cache.zrandmember("z"), /^member:\d+$/);
  assert.equal(new Set(cache.zrandmember("z", 1000)).size, 1000);
  for (const { value, score } of cache.zrandmember("z", -20, { withScores: true }))
    assert.equal(value, `member:${score * 4}`);
  assert.ok(cache.zrandmemberBytes("z") instanceof Uint8Array);
  assert.equal(cache.zrandmemberBytes("z", 2).length, 2);
  assert.throws(() => cache.zrandmember("z", undefined, { withScores: true }), {
    code: "ARGUMENT",
  });
  assert.deepEqual(cache.zscan("none", 0), { cursor: "0", members: [] });
  assert.deepEqual(
    cache.zscan("z", "0", { match: "member:7" }).members,
    scored(["member:7", 1.75]),
  );
  assert.deepEqual(
    [...cache.zscanIterator("z", { count: 100 })].map(({ value, score }) => [score, value]).sort(),
    members.sort(),
  );
  const [first] = cache.zscanIteratorBytes("z", { match: "member:0" });
  assert.deepEqual(first, { value: bytes("member:0"), score: 0 });
  assert.equal(cache.zscanBytes("z", 0).cursor, "0");
});

test("unions, intersections and differences", () => {
  cache.sadd("s1", "a", "b", "c");
  cache.sadd("s2", "b", "c", "d");
  assert.deepEqual(cache.sunion("s1", "s2").sort(), ["a", "b", "c", "d"]);
  assert.deepEqual(cache.sinter(["s1", "s2"]).sort(), ["b", "c"]);
  assert.deepEqual(cache.sdiff("s1", "s2"), ["a"]);
  assert.deepEqual(cache.sdiffBytes("s1", "s2"), [bytes("a")]);
  assert.equal(cache.sunionBytes("s1", "s2").length, 4);
  assert.equal(cache.sinterBytes("s1", "none").length, 0);
  assert.equal(cache.sunionstore("all", "s1", "s2"), 4);
  assert.equal(cache.sinterstore("all", "s1", "s2"), 2);
  assert.equal(cache.sdiffstore("all", ["s1", "s2"]), 1);
  assert.deepEqual(cache.smembers("all"), ["a"]);
  assert.equal(cache.sintercard(["s1", "s2"]), 2);
  assert.equal(cache.sintercard(["s1", "s2"], { limit: 1 }), 1);
  cache.zadd("z1", 1, "a", 2, "b");
  cache.zadd("z2", 10, "b", Infinity, "e");
  assert.deepEqual(cache.zunion(["z1", "z2"]), ["a", "b", "e"]);
  assert.deepEqual(
    cache.zunion(["z1", "z2", "s1"], { weights: [2, 1, 100], aggregate: "max", withScores: true }),
    scored(["a", 100], ["b", 100], ["c", 100], ["e", Infinity]),
  );
  assert.deepEqual(cache.zinter(["z1", "z2"], { withScores: true }), scored(["b", 12]));
  assert.deepEqual(cache.zinterBytes(["z1", "z2"], { weights: [0, 1], withScores: true }), [
    { value: bytes("b"), score: 10 },
  ]);
  assert.deepEqual(cache.zunionBytes("z1"), [bytes("a"), bytes("b")]);
  assert.deepEqual(cache.zdiff(["z1", "z2"], { withScores: true }), scored(["a", 1]));
  assert.deepEqual(cache.zdiffBytes(["z2", "z1"]), [bytes("e")]);
  assert.equal(cache.zunionstore("z1", ["z1", "z2"], { aggregate: "MIN" }), 3);
  assert.equal(cache.zscore("z1", "b"), 2);
  assert.equal(cache.zinterstore("z3", ["z1", "s1"]), 2);
  assert.equal(cache.zdiffstore("z3", ["z1", "s1"]), 1);
  assert.equal(cache.zintercard(["z1", "z2"], { limit: 9 }), 2);
  assert.throws(() => cache.zunion(["z1"], { weights: 2 }), { code: "ARGUMENT" });
  assert.throws(() => cache.zunion(["z1"], { weights: [1, 2] }), { message: /syntax error/ });
  assert.throws(() => cache.zunion([]), { message: /wrong number|at least 1 input key/ });
});

test("sorting", () => {
  cache.rpush("l", 3, 10, 2, 1);
  assert.deepEqual(cache.sort("l"), ["1", "2", "3", "10"]);
  assert.deepEqual(cache.sort("l", { alpha: true, desc: true }), ["3", "2", "10", "1"]);
  assert.deepEqual(cache.sort("l", { limit: { offset: 1, count: 2 } }), ["2", "3"]);
  assert.deepEqual(cache.sort_ro("l", { limit: { count: 1 }, asc: true }), ["1"]);
  cache.mset("w:1", 9, "w:2", 8, "w:3", 7, "w:10", 6);
  cache.hset("of:2", "name", "two");
  assert.deepEqual(cache.sort("l", { by: "w:*" }), ["10", "3", "2", "1"]);
  assert.deepEqual(cache.sort("l", { by: "nosort", get: "of:*->name" }), [null, null, "two", null]);
  assert.deepEqual(cache.sort_ro("l", { get: ["#", "w:*"], limit: { count: 2 } }), [
    "1",
    "9",
    "2",
    "8",
  ]);
  assert.deepEqual(cache.sortBytes("l", { limit: { count: 1 } }), [bytes("1")]);
  assert.deepEqual(cache.sort_roBytes("l", { limit: { count: 1 }, get: "none:*" }), [null]);
  assert.equal(cache.sort("l", { by: "w:*", store: "sorted" }), 4);
  assert.deepEqual(cache.lrange("sorted", 0, -1), ["10", "3", "2", "1"]);
  assert.throws(() => cache.sort_ro("l", { store: "x" }), { code: "ARGUMENT" });
  cache.rpush("l", "text");
  assert.throws(() => cache.sort("l"), { message: /can't be converted into double/ });
});

test("a large list is sorted", async () => {
  const large = await initFerrite({ maxMemory: "64mb" });
  const numbers = Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 100_003);
  for (let i = 0; i < numbers.length; i += 1000) large.rpush("l", numbers.slice(i, i + 1000));
  const sorted = numbers.sort((a, b) => a - b).map(String);
  assert.deepEqual(large.sort("l"), sorted);
  assert.equal(large.sort("l", { desc: true, store: "l" }), numbers.length);
  assert.deepEqual(large.lrange("l", 0, -1), sorted.reverse());
  assert.ok(large.memory.buffer.byteLength <= 64 << 20);
});
