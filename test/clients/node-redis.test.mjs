// node-redis through what programs use of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClientPool, RESP_TYPES } from "redis";
import { NODE_REDIS, NODE_REDIS_AT, openNodeRedis } from "./clients.mjs";
import { BINARY, LARGE, NUMBERS, until } from "./values.mjs";

const AS_BUFFERS = { [RESP_TYPES.BLOB_STRING]: Buffer };

for (const kind of NODE_REDIS) {
  const check = (what, body) =>
    test(`${kind.name}: ${what}`, async (t) => {
      const client = await openNodeRedis(t, kind);
      await client.flushAll();
      await body(client, t);
    });

  check("arguments and replies as objects", async (client) => {
    assert.equal(await client.mSet({ a: "1", b: "2" }), "OK");
    assert.deepEqual(await client.mGet(["a", "b", "c"]), ["1", "2", null]);
    assert.equal(await client.set("a", "new", { EX: 100, GET: true }), "1");
    assert.equal(await client.ttl("a"), 100);
    assert.equal(await client.hSet("user", { name: "Ann", age: 30 }), 2);
    assert.deepEqual({ ...(await client.hGetAll("user")) }, { name: "Ann", age: "30" });
    assert.deepEqual(await client.hmGet("user", ["age", "none"]), ["30", null]);
    const entries = [
      { value: "one", score: 1 },
      { value: "two", score: 2.5 },
    ];
    assert.equal(await client.zAdd("board", entries), 2);
    assert.deepEqual(await client.zRangeWithScores("board", 0, -1), entries);
    assert.equal(await client.zScore("board", "two"), 2.5);
    assert.deepEqual(await client.zPopMax("board"), entries[1]);
    assert.equal(await client.sAdd("tags", ["x", "y"]), 2);
    assert.deepEqual((await client.sMembers("tags")).sort(), ["x", "y"]);
    assert.deepEqual(await client.lmPop(["none", "user2"], "LEFT"), null);
    const settings = await client.configGet("maxmemory-p*");
    assert.deepEqual({ ...settings }, { "maxmemory-policy": "noeviction" });
    assert.match(await client.info("server"), /^redis_version:7\.0\./m);
    const [get] = await client.commandInfo(["get"]);
    assert.equal(get.name, "get");
    assert.ok(get.flags.has("readonly"));
    assert.deepEqual(await client.commandGetKeys(["MSET", "a", "1", "b", "2"]), ["a", "b"]);
  });

  check("requests of one turn as a pipeline", async (client) => {
    const replies = await Promise.all(NUMBERS.map((i) => client.incrBy("sum", i)));
    let sum = 0;
    assert.deepEqual(
      replies,
      NUMBERS.map((i) => (sum += i)),
    );
    const piped = client.multi();
    for (const i of NUMBERS) piped.set(`key:${i}`, `${i}`).get(`key:${i}`);
    assert.deepEqual(
      await piped.execAsPipeline(),
      NUMBERS.flatMap((i) => ["OK", `${i}`]),
    );
  });

  check("transactions", async (client) => {
    assert.deepEqual(await client.multi().set("a", "1").incr("a").get("a").exec(), ["OK", 2, "2"]);
    await assert.rejects(client.multi().set("a", "9").addCommand(["SET", "a"]).exec());
    assert.equal(await client.get("a"), "2");
    const failing = client.multi().incr("a").hGet("a", "f").incr("a");
    await assert.rejects(failing.exec(), ({ replies, errorIndexes }) => {
      assert.deepEqual([replies[0], replies[2], errorIndexes], [3, 4, [1]]);
      assert.match(replies[1].message, /^WRONGTYPE /);
      return true;
    });
  });

  check("a transaction fails if what it watches changes meanwhile", async (client, t) => {
    const other = await openNodeRedis(t, kind);
    const pay = async (meanwhile) => {
      await client.watch("balance");
      const balance = Number(await client.get("balance"));
      await meanwhile();
      return client
        .multi()
        .set("balance", `${balance - 1}`)
        .exec();
    };
    const conflict = { name: "Error", message: /watched keys has been changed/ };
    assert.deepEqual(await pay(() => other.set("unrelated", "2")), ["OK"]);
    await assert.rejects(
      pay(() => other.set("balance", "100")),
      conflict,
    );
    await assert.rejects(
      pay(() => other.del("balance")),
      conflict,
    );
    assert.deepEqual(await pay(() => client.unwatch().then(() => other.incr("balance"))), ["OK"]);
  });

  check("scan iterators", async (client) => {
    const piped = client.multi();
    for (const i of NUMBERS) {
      piped.set(`key:${i}`, `${i}`).hSet("hash", `field:${i}`, `${i}`);
      piped.sAdd("set", `member:${i}`).zAdd("sorted", { score: i, value: `member:${i}` });
    }
    await piped.execAsPipeline();
    const collect = async (iterator, of = (item) => item) => {
      const found = new Set();
      for await (const some of iterator) for (const item of some) found.add(of(item));
      return [...found].sort();
    };
    const names = (kind) => NUMBERS.map((i) => `${kind}:${i}`).sort();

    assert.deepEqual(await collect(client.scanIterator({ MATCH: "key:*" })), names("key"));
    assert.deepEqual(await collect(client.scanIterator({ TYPE: "hash", COUNT: 500 })), ["hash"]);
    assert.deepEqual(
      await collect(client.hScanIterator("hash"), (entry) => entry.field),
      names("field"),
    );
    assert.deepEqual(await collect(client.sScanIterator("set", { COUNT: 50 })), names("member"));
    assert.deepEqual(
      await collect(client.zScanIterator("sorted"), (entry) => entry.value),
      names("member"),
    );
  });

  check("binary keys and values", async (client) => {
    const binary = client.withTypeMapping(AS_BUFFERS);
    assert.equal(await binary.set(BINARY, BINARY), "OK");
    assert.deepEqual(await binary.get(BINARY), BINARY);
    assert.deepEqual(await binary.keys("*"), [BINARY]);
    await binary.hSet("hash", BINARY, BINARY);
    assert.deepEqual(await binary.hKeys("hash"), [BINARY]);
    await client.set("é", "日本語 🦀");
    assert.equal(await client.get("é"), "日本語 🦀");
  });

  check("large values", async (client) => {
    const binary = client.withTypeMapping(AS_BUFFERS);
    assert.equal(await binary.set("large", LARGE), "OK");
    assert.deepEqual(await binary.get("large"), LARGE);
    assert.equal(await binary.rPush("list", [LARGE, "small", LARGE]), 3);
    assert.deepEqual((await binary.lRange("list", 0, -1))[2], LARGE);
    const copies = await binary.mGet(Array(20).fill("large"));
    assert.ok(copies.length === 20 && copies.every((copy) => copy.equals(LARGE)));
  });

  check("pops that wait in a pool of connections", async (client, t) => {
    const pool = createClientPool({ ...NODE_REDIS_AT, ...kind.options }, { minimum: 3 });
    pool.on("error", () => {});
    await pool.connect();
    t.after(() => pool.destroy());
    const blocked = (count) => until(async () => (await blockedClients(client)) === count);

    const list = pool.blPop(["queue", "other"], 0);
    await blocked(1);
    const board = pool.bzPopMax("board", 0);
    await blocked(2);
    const both = client.multi().rPush("other", ["a", "b"]);
    await both.zAdd("board", { score: 2, value: "two" }).exec();
    assert.deepEqual({ ...(await list) }, { key: "other", element: "a" });
    assert.deepEqual({ ...(await board) }, { key: "board", value: "two", score: 2 });
    assert.equal(await pool.brPop("nothing", 0.05), null);
    await blocked(0);
  });

  check("connects again after its connection was killed", async (client, t) => {
    const killer = await openNodeRedis(t, kind);
    const ready = new Promise((resolve) => client.once("ready", resolve));
    assert.equal(await killer.clientKill({ filter: "ID", id: await client.clientId() }), 1);
    await ready;
    assert.equal(await client.set("a", "1"), "OK");
    assert.equal(await client.get("a"), "1");
  });

  check("a name, and what the server knows of it", async (client, t) => {
    const named = await openNodeRedis(t, kind, { name: "worker", clientInfoTag: "test" });
    assert.equal(await named.clientGetName(), "worker");
    const about = await named.clientInfo();
    assert.equal(about.name, "worker");
    assert.equal(about.db, 0);
    assert.equal(about.id, await named.clientId());
    assert.ok((await client.clientList()).some(({ name }) => name === "worker"));
    await named.close();
    await until(async () => !(await client.clientList()).some(({ name }) => name === "worker"));
  });

  check("errors", async (client) => {
    await client.rPush("list", "1");
    for (const [asked, message] of [
      [client.get("list"), "WRONGTYPE Operation against a key holding the wrong kind of value"],
      [client.sendCommand(["SET", "a"]), "ERR wrong number of arguments for 'set' command"],
      [client.set("a", "1", { EX: 0 }), "ERR invalid expire time in 'set' command"],
      [client.incr("list"), /^WRONGTYPE /],
      [client.sendCommand(["nosuch"]), /^ERR unknown command 'nosuch'/],
    ])
      await assert.rejects(asked, { message });
    assert.equal(await client.ping(), "PONG");
  });
}

const caching = { options: { RESP: 3, clientSideCache: { ttl: 0, maxEntries: 100 } } };

test("node-redis caches what it reads, until the server says that it changed", async (t) => {
  const [client, other] = [await openNodeRedis(t, caching), await openNodeRedis(t, NODE_REDIS[1])];
  await other.flushAll();
  await other.set("a", "1");
  assert.equal(await client.get("a"), "1");
  const requests = async () =>
    Number(/^total_commands_processed:(\d+)/m.exec(await other.info("stats"))[1]);
  const before = await requests();
  for (let i = 0; i < 100; i++) assert.equal(await client.get("a"), "1");
  assert.ok((await requests()) - before < 10);
  await other.set("a", "2");
  await until(async () => (await client.get("a")) === "2");
  await other.del("a");
  await until(async () => (await client.get("a")) === null);
  await other.set("b", "1", { PX: 50 });
  assert.equal(await client.get("b"), "1");
  await until(async () => (await client.get("b")) === null);
  await other.set("c", "1");
  assert.equal(await client.get("c"), "1");
  await other.flushAll();
  await until(async () => (await client.get("c")) === null);
});

async function blockedClients(client) {
  return Number(/^blocked_clients:(\d+)/m.exec(await client.info("clients"))[1]);
}
