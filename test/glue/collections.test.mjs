// Hashes, lists, sets and places through the package's methods.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { initFerrite } from "../../glue/platform/node.js";

let cache;
beforeEach(async () => (cache = await initFerrite({ maxMemory: "4mb" })));

const bytes = (text) => new TextEncoder().encode(text);

test("a session as a hash", () => {
  assert.equal(cache.hgetall("session:1"), null);
  assert.equal(cache.hset("session:1", { user: "ada", visits: 1 }), 2);
  assert.equal(cache.hset("session:1", "user", "eve", "city", "Zürich"), 1);
  assert.equal(cache.hincrby("session:1", "visits", 2), 3);
  const session = cache.hgetall("session:1");
  assert.equal(Object.getPrototypeOf(session), null);
  assert.deepEqual({ ...session }, { user: "eve", visits: "3", city: "Zürich" });
  assert.equal(cache.hget("session:1", "city"), "Zürich");
  assert.deepEqual(cache.hgetBytes("session:1", "city"), bytes("Zürich"));
  assert.equal(cache.hget("session:1", "absent"), null);
  assert.deepEqual(cache.hmget("session:1", "user", "absent"), ["eve", null]);
  assert.deepEqual(cache.hmgetBytes("session:1", ["user"]), [bytes("eve")]);
  assert.deepEqual(cache.hkeys("session:1").sort(), ["city", "user", "visits"]);
  assert.deepEqual(cache.hvals("session:1").sort(), ["3", "Zürich", "eve"]);
  assert.equal(cache.hsetnx("session:1", "user", "bob"), 0);
  assert.equal(cache.hlen("session:1"), 3);
  assert.equal(cache.hstrlen("session:1", "city"), 7);
  assert.equal(cache.hexists("session:1", "city"), 1);
  assert.equal(cache.hdel("session:1", "city", "absent"), 1);
  assert.equal(cache.hmset("session:1", new Map([["a", "b"]])), "OK");
  assert.equal(cache.hgetallBytes("session:1").length, 3);
});

test("a field called __proto__ is a field", () => {
  cache.hset("h", "__proto__", "value");
  assert.equal(cache.hgetall("h")["__proto__"], "value");
});

test("lists", () => {
  assert.equal(cache.rpush("l", "a", "b", "c"), 3);
  assert.equal(cache.lpush("l", ["z", 1]), 5);
  assert.deepEqual(cache.lrange("l", 0, -1), ["1", "z", "a", "b", "c"]);
  assert.deepEqual(cache.lrangeBytes("l", -1, -1), [bytes("c")]);
  assert.equal(cache.lindex("l", 1), "z");
  assert.deepEqual(cache.lindexBytes("l", 1), bytes("z"));
  assert.equal(cache.lset("l", 0, "y"), "OK");
  assert.equal(cache.linsert("l", "BEFORE", "a", "x"), 6);
  assert.equal(cache.lrem("l", 0, "b"), 1);
  assert.equal(cache.ltrim("l", 1, 2), "OK");
  assert.deepEqual(cache.lrange("l", 0, -1), ["z", "x"]);
  assert.equal(cache.lpushx("absent", "a"), 0);
  assert.equal(cache.rpushx("l", "w"), 3);
  assert.equal(cache.llen("l"), 3);
  assert.throws(() => cache.lset("l", 9, "v"), { message: /index out of range/ });
});

test("what is popped goes", () => {
  const words = Array.from({ length: 500 }, (_, i) => `word:${i}`.padEnd(i, "."));
  cache.rpush("l", words);
  assert.equal(cache.lpop("l"), words[0]);
  assert.deepEqual(cache.rpopBytes("l"), bytes(words[499]));
  assert.deepEqual(cache.lpop("l", 200), words.slice(1, 201));
  assert.deepEqual(cache.rpop("l", 200), words.slice(299, 499).reverse());
  assert.deepEqual(cache.lrange("l", 0, -1), words.slice(201, 299));
  assert.equal(cache.lmove("l", "m", "LEFT", "right"), words[201]);
  assert.equal(cache.rpoplpush("l", "l"), words[298]);
  assert.equal(cache.lindex("l", 0), words[298]);
  assert.equal(cache.lpop("m"), words[201]);
  assert.equal(cache.exists("m"), 0);
  assert.equal(cache.lpop("m"), null);
  assert.equal(cache.lpop("m", 2), null);
});

test("what is popped is what was there, each once", () => {
  const members = Array.from({ length: 1000 }, (_, i) => `member:${i}`);
  cache.sadd("s", members);
  const popped = [cache.spop("s"), ...cache.spop("s", 300), ...cache.spop("s", 0)];
  assert.equal(cache.scard("s"), 699);
  popped.push(...cache.smembers("s"));
  assert.deepEqual(popped.sort(), members.sort());
  assert.equal(cache.spop("s", 1000).length, 699);
  assert.equal(cache.exists("s"), 0);
  assert.equal(cache.spop("s"), null);
  cache.sadd("s", "a");
  assert.equal(cache.smove("s", "t", "a"), 1);
  assert.deepEqual([cache.exists("s"), cache.spop("t")], [0, "a"]);
});

test("a popped value larger than any window arrives whole", () => {
  const value = "v".repeat(300_000);
  cache.rpush("l", "first", value, "last");
  const { reply } = cache.feed("LPOP l 2\r\n");
  assert.equal(reply.length, 4 + 11 + 9 + value.length + 2);
  assert.deepEqual(cache.lrange("l", 0, -1), ["last"]);
});

test("sets", () => {
  assert.equal(cache.sadd("s", "a", "b", "a"), 2);
  assert.equal(cache.sismember("s", "a"), 1);
  assert.deepEqual(cache.smismember("s", ["a", "c"]), [1, 0]);
  assert.deepEqual(cache.smembers("s").sort(), ["a", "b"]);
  assert.equal(cache.smembersBytes("s").length, 2);
  assert.equal(cache.srem("s", "a"), 1);
  assert.equal(cache.scard("s"), 1);
  assert.equal(cache.type("s"), "set");
  assert.throws(() => cache.get("s"), { code: "WRONGTYPE" });
});

test("places, how far apart they are, and what is near", () => {
  const cities = [
    [13.361389, 38.115556, "Palermo"],
    [15.087269, 37.502669, "Catania"],
  ];
  assert.equal(cache.geoadd("g", cities), 2);
  assert.equal(cache.geoadd("g", 2.352222, 48.856613, "Paris", { nx: true }), 1);
  assert.equal(cache.geoadd("g", 2.35, 48.85, bytes("Paris"), { xx: true, ch: true }), 1);
  assert.equal(cache.geodist("g", "Palermo", "Catania"), 166274.1516);
  assert.equal(cache.geodist("g", "Palermo", "Catania", "km"), 166.2742);
  assert.equal(cache.geodist("g", "Palermo", "absent"), null);
  assert.deepEqual(cache.geohash("g", ["Palermo", "absent"]), ["sqc8b49rny0", null]);
  const palermo = [13.361389338970184, 38.1155563954963];
  assert.deepEqual(cache.geopos("g", "Palermo", "absent"), [palermo, null]);
  const near = { fromlonlat: [15, 37], byradius: [200, "km"] };
  assert.deepEqual(cache.geosearch("g", { ...near, asc: true }), ["Catania", "Palermo"]);
  assert.deepEqual(cache.geosearchBytes("g", { ...near, count: 1 }), [bytes("Catania")]);
  const all = { withdist: true, withhash: true, withcoord: true };
  const [first, more] = cache.geosearch("g", { ...near, desc: true, ...all });
  const expected = { distance: 190.4424, hash: 3479099956230698, place: palermo };
  assert.deepEqual(first, { member: "Palermo", ...expected });
  assert.equal(more.member, "Catania");
  const box = { frommember: "Palermo", bybox: [10, 10, "km"], withdist: true };
  assert.deepEqual(cache.geosearchBytes("g", box), [{ member: bytes("Palermo"), distance: 0 }]);
  assert.equal(cache.geosearchstore("near", "g", { ...near, storedist: true }), 2);
  assert.deepEqual(cache.call("ZRANGE", "near", 0, -1), ["Catania", "Palermo"]);
  assert.throws(() => cache.geosearch("g", { ...near, fromlonlat: 5 }), { code: "ARGUMENT" });
  assert.throws(() => cache.geoadd("g", 200, 0, "x"), {
    message: /invalid longitude,latitude pair/,
  });
});

test("a search whose reply is larger than any window", async () => {
  const places = Array.from({ length: 20_000 }, (_, i) => [
    i / 200 - 50,
    i / 400 - 25,
    `place:${i}`,
  ]);
  assert.equal(cache.geoadd("g", places), 20_000);
  const everywhere = { fromlonlat: [0, 0], bybox: [20_000, 20_000, "km"] };
  const nearest = cache.geosearch("g", { ...everywhere, asc: true, withdist: true });
  assert.equal(nearest.length, 20_000);
  assert.ok(nearest.every(({ distance }, i) => i === 0 || distance >= nearest[i - 1].distance));
  const some = cache.geosearch("g", { ...everywhere, count: 100 });
  assert.deepEqual(
    some,
    nearest.slice(0, 100).map(({ member }) => member),
  );
  assert.equal(cache.geosearch("g", everywhere).length, 20_000);
  assert.equal(cache.geosearchstore("g", "g", { ...everywhere, count: 5000 }), 5000);
  assert.equal(cache.call("ZCARD", "g"), 5000);
});

test("a hash of a hundred thousand fields goes in and comes out whole", async () => {
  const large = await initFerrite({ maxMemory: "16mb" });
  const fields = Array.from({ length: 100_000 }, (_, i) => [`field:${i}`, `value ${i}`]);
  for (let i = 0; i < fields.length; i += 1000)
    assert.equal(large.hset("large", fields.slice(i, i + 1000)), 1000);
  assert.equal(large.hlen("large"), 100_000);
  const used = large.info().used_memory;
  const usage = large.memoryUsage("large");
  assert.ok(usage > 0.9 * used && usage < 1.1 * used, `${usage} of ${used}`);
  const all = large.hgetall("large");
  for (const [field, value] of fields) assert.equal(all[field], value);
  assert.equal(large.del("large"), 1);
  assert.equal(large.dbsize(), 0);
});

test("numbers in a hash have all their digits", () => {
  cache.hset("h", "n", "0.1");
  assert.equal(cache.hincrbyfloat("h", "n", 0.2), "0.3");
  assert.equal(cache.hincrbyfloat("h", "new", "-1.5"), "-1.5");
  const long = cache.hincrbyfloat("h", "long", "1e4000");
  assert.equal(long.length, 4000);
  assert.equal(cache.hget("h", "long"), long);
  cache.hset("h", "text", "x");
  assert.throws(() => cache.hincrbyfloat("h", "text", 1), { message: /hash value is not a float/ });
});

test("fields and members at random", () => {
  assert.equal(cache.hrandfield("h"), null);
  assert.deepEqual(cache.hrandfield("h", 2), []);
  assert.equal(cache.srandmember("s"), null);
  cache.hset("h", { a: "1", b: "2", c: "3" });
  assert.ok(["a", "b", "c"].includes(cache.hrandfield("h")));
  assert.deepEqual(cache.hrandfield("h", 9).sort(), ["a", "b", "c"]);
  assert.equal(new Set(cache.hrandfield("h", 2)).size, 2);
  for (const { field, value } of cache.hrandfield("h", -20, { withValues: true }))
    assert.equal(value, { a: "1", b: "2", c: "3" }[field]);
  assert.equal(cache.hrandfield("h", 2, { withValues: true }).length, 2);
  assert.deepEqual(Object.keys(cache.hrandfieldBytes("h", 1, { withValues: true })[0].value), [
    "0",
  ]);
  assert.throws(() => cache.hrandfield("h", undefined, { withValues: true }), { code: "ARGUMENT" });
  const members = Array.from({ length: 5000 }, (_, i) => `member:${i}`);
  cache.sadd("s", members);
  const drawn = cache.srandmember("s", 4000);
  assert.equal(new Set(drawn).size, 4000);
  assert.ok(drawn.every((member) => cache.sismember("s", member)));
  assert.equal(cache.srandmember("s", -10000).length, 10000);
  assert.equal(cache.srandmemberBytes("s", 3).length, 3);
  assert.ok(cache.srandmemberBytes("s") instanceof Uint8Array);
  assert.throws(() => cache.srandmember("s", -3000000000), { message: /out of range/ });
});

test("scans of what a key holds", () => {
  assert.deepEqual(cache.hscan("h", 0), { cursor: "0", entries: [] });
  cache.hset("h", { a: "1", b: "2" });
  assert.deepEqual(cache.hscan("h", "0", { match: "b*" }), { cursor: "0", entries: [["b", "2"]] });
  assert.deepEqual([...cache.hscanIteratorBytes("h", { match: "a" })], [[bytes("a"), bytes("1")]]);
  const members = Array.from({ length: 3000 }, (_, i) => `member:${i}`);
  cache.sadd("s", members);
  cache.hset(
    "large",
    members.flatMap((member) => [member, `of ${member}`]),
  );
  const first = cache.sscan("s", 0, { count: 20 });
  assert.notEqual(first.cursor, "0");
  assert.ok(first.members.length >= 20 && first.members.length < 500);
  assert.deepEqual([...cache.sscanIterator("s")].sort(), [...members].sort());
  assert.equal([...cache.sscanIteratorBytes("s", { count: 500 })].length, 3000);
  const entries = [...cache.hscanIterator("large", { match: "member:1*" })];
  assert.equal(entries.length, 1111);
  assert.ok(entries.every(([field, value]) => value === `of ${field}`));
  assert.equal(cache.hscanBytes("large", 0, { count: 3000 }).entries.length, 3000);
  assert.equal(typeof cache.sscanBytes("s", 0).cursor, "string");
  assert.throws(() => cache.sscan("h", 0), { code: "WRONGTYPE" });
  assert.throws(() => cache.sscan("s", "x"), { message: /invalid cursor/ });
});

test("positions in a list", () => {
  cache.rpush("l", ..."abcabcabc");
  assert.equal(cache.lpos("l", "b"), 1);
  assert.equal(cache.lpos("l", "b", { rank: -1 }), 7);
  assert.equal(cache.lpos("l", "x"), null);
  assert.deepEqual(cache.lpos("l", "b", { count: 0 }), [1, 4, 7]);
  assert.deepEqual(cache.lpos("l", "c", { rank: -2, count: 2, maxlen: 7 }), [5, 2]);
  assert.deepEqual(cache.lpos("absent", "c", { count: 1 }), []);
  const many = Array.from({ length: 5000 }, (_, i) => `element:${i % 50}`);
  cache.rpush("many", many);
  assert.deepEqual(
    cache.lpos("many", "element:7", { rank: -1, count: 0 }),
    Array.from({ length: 100 }, (_, i) => 4957 - 50 * i),
  );
  assert.equal(cache.lrem("many", -99, "element:7"), 99);
  assert.equal(cache.lpos("many", "element:7"), 7);
  assert.equal(cache.lpos("many", "element:7", { rank: 2 }), null);
  assert.throws(() => cache.lpos("l", "b", { rank: 0 }), { message: /RANK can't be zero/ });
});

test("taking from the first list there is, at once", () => {
  assert.equal(cache.lmpop(["m", "l"], "LEFT"), null);
  cache.rpush("l", ..."abcdefghijkl");
  assert.deepEqual(cache.lmpop(["m", "l"], "LEFT", { count: 2 }), {
    key: "l",
    elements: ["a", "b"],
  });
  assert.deepEqual(cache.lmpop("l", "right"), { key: "l", elements: ["l"] });
  assert.deepEqual(cache.lmpopBytes("l", "LEFT"), { key: bytes("l"), elements: [bytes("c")] });
  assert.deepEqual(cache.blpop(["m", "l"], 5), { key: "l", element: "d" });
  assert.deepEqual(cache.brpop("l"), { key: "l", element: "k" });
  assert.deepEqual(cache.blpopBytes("l"), { key: bytes("l"), element: bytes("e") });
  assert.deepEqual(cache.brpopBytes("l", 0.5), { key: bytes("l"), element: bytes("j") });
  assert.deepEqual(cache.blmpop("l", "RIGHT", 0, { count: 2 }), {
    key: "l",
    elements: ["i", "h"],
  });
  assert.deepEqual(cache.blmpopBytes("l", "LEFT").elements, [bytes("f")]);
  assert.equal(cache.blmove("l", "m", "LEFT", "LEFT"), "g");
  assert.equal(cache.brpoplpush("m", "n", 1), "g");
  assert.equal(cache.exists("l", "m"), 0);
  assert.equal(cache.blpop("l"), null);
  assert.equal(cache.blmove("l", "m", "LEFT", "LEFT", 0), null);
  assert.throws(() => cache.blpop("l", -1), { message: /timeout is negative/ });
});
