// ioredis, and iovalkey that was made of it, through what programs use of them.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { IOREDIS, openIORedis } from "./clients.mjs";
import { BINARY, LARGE, NUMBERS, until } from "./values.mjs";

for (const kind of IOREDIS) {
  const shown = (inRESP2, inRESP3) => (kind.shows === 3 ? inRESP3 : inRESP2);

  const check = (what, body) =>
    test(`${kind.name}: ${what}`, async (t) => {
      const client = openIORedis(t, kind);
      await client.flushall();
      await body(client, t);
    });

  check("arguments and replies as objects", async (client) => {
    assert.equal(await client.mset({ a: 1, b: "2" }), "OK");
    assert.deepEqual(await client.mget("a", "b"), ["1", "2"]);
    assert.equal(await client.hset("user", new Map([["name", "Ann"]])), 1);
    assert.equal(await client.hset("user", { age: 30 }), 1);
    assert.deepEqual(await client.hgetall("user"), { name: "Ann", age: "30" });
    assert.deepEqual(await client.hgetall("nobody"), {});
    assert.equal(await client.set("a", "new", "EX", 100, "GET"), "1");
    assert.equal(await client.zadd("board", 1, "one", 2.5, "two"), 2);
    assert.deepEqual(
      await client.zrange("board", 0, -1, "WITHSCORES"),
      shown(
        ["one", "1", "two", "2.5"],
        [
          ["one", 1],
          ["two", 2.5],
        ],
      ),
    );
    const values = await client.config("GET", "maxmemory-policy");
    assert.deepEqual(
      values,
      shown(["maxmemory-policy", "noeviction"], { "maxmemory-policy": "noeviction" }),
    );
    assert.match(await client.info("server"), /^redis_version:7\.0\./m);
  });

  check("a pipeline", async (client) => {
    const replies = await client.pipeline().set("text", "hello").incr("text").get("text").exec();
    assert.deepEqual(replies[0], [null, "OK"]);
    assert.equal(replies[1][0].message, "ERR value is not an integer or out of range");
    assert.deepEqual(replies[2], [null, "hello"]);

    const long = client.pipeline();
    for (const i of NUMBERS) long.set(`key:${i}`, i).get(`key:${i}`);
    const values = (await long.exec()).map(([error, value]) => error ?? value);
    assert.deepEqual(
      values,
      NUMBERS.flatMap((i) => ["OK", `${i}`]),
    );
  });

  check("requests of one turn as a pipeline", async (client, t) => {
    const automatic = openIORedis(t, kind, { enableAutoPipelining: true });
    await automatic.ping(); // what goes out while it connects is no pipeline
    const replies = await Promise.all(NUMBERS.map((i) => automatic.incrby("sum", i)));
    let sum = 0;
    assert.deepEqual(
      replies,
      NUMBERS.map((i) => (sum += i)),
    );
  });

  check("transactions", async (client) => {
    const replies = await client.multi().set("a", 1).incr("a").hget("a", "f").get("a").exec();
    assert.deepEqual(replies.slice(0, 2), [
      [null, "OK"],
      [null, 2],
    ]);
    assert.match(replies[2][0].message, /^WRONGTYPE /);
    assert.deepEqual(replies[3], [null, "2"]);

    await assert.rejects(client.multi().set("a", 9).call("set", "a").exec(), /^.*EXECABORT/);
    assert.equal(await client.get("a"), "2");

    await client.multi({ pipeline: false });
    assert.equal(await client.set("a", 9), "QUEUED");
    assert.equal(await client.discard(), "OK");
    assert.equal(await client.get("a"), "2");
  });

  check("a transaction fails if what it watches changes meanwhile", async (client, t) => {
    const other = openIORedis(t, kind);
    await client.mset({ balance: 10, unrelated: 1 });
    const pay = async (meanwhile) => {
      await client.watch("balance", "absent");
      const balance = Number(await client.get("balance"));
      await meanwhile();
      return client
        .multi()
        .set("balance", balance - 1)
        .exec();
    };
    assert.deepEqual(await pay(() => other.set("unrelated", 2)), [[null, "OK"]]);
    assert.equal(await pay(() => other.set("balance", 100)), null);
    assert.equal(await pay(() => other.lpush("absent", 1)), null);
    assert.equal(await pay(() => other.del("absent")), null);
    assert.equal(await pay(() => other.pexpire("balance", 100_000)), null);
    assert.equal(await pay(() => other.flushall()), null);
    assert.equal(await pay(() => client.set("balance", 5)), null);
    assert.deepEqual(await pay(() => client.unwatch().then(() => other.incr("balance"))), [
      [null, "OK"],
    ]);
    await client.set("brief", 1, "PX", 200); // it is there when it is watched, on a busy machine, too
    await client.watch("brief");
    await until(async () => (await other.exists("brief")) === 0);
    assert.equal(await client.multi().set("a", 1).exec(), null);
  });

  check("scans as streams", async (client) => {
    const pipeline = client.pipeline();
    for (const i of NUMBERS) {
      pipeline.set(`key:${i}`, i).hset("hash", `field:${i}`, i);
      pipeline.sadd("set", `member:${i}`).zadd("sorted", i, `member:${i}`);
    }
    await pipeline.exec();
    const collect = async (stream) => {
      const found = [];
      for await (const some of stream) found.push(...some);
      return found;
    };
    const names = (kind) => NUMBERS.map((i) => `${kind}:${i}`).sort();
    const everySecond = (_, i) => i % 2 === 0;

    const keys = await collect(client.scanStream({ match: "key:*", count: 100 }));
    assert.deepEqual([...new Set(keys)].sort(), names("key"));
    assert.deepEqual(await collect(client.scanStream({ type: "zset" })), ["sorted"]);
    const fields = await collect(client.hscanStream("hash"));
    assert.deepEqual([...new Set(fields.filter(everySecond))].sort(), names("field"));
    const members = await collect(client.sscanStream("set", { match: "member:*" }));
    assert.deepEqual([...new Set(members)].sort(), names("member"));
    const scored = await collect(client.zscanStream("sorted"));
    assert.deepEqual([...new Set(scored.filter(everySecond))].sort(), names("member"));
  });

  check("binary keys and values", async (client) => {
    assert.equal(await client.set(BINARY, BINARY), "OK");
    assert.deepEqual(await client.getBuffer(BINARY), BINARY);
    assert.deepEqual(await client.keysBuffer("*"), [BINARY]);
    await client.hset("hash", BINARY, BINARY);
    assert.deepEqual(await client.hkeysBuffer("hash"), [BINARY]);
    await client.rpush("list", BINARY, "", BINARY);
    assert.deepEqual(await client.lrangeBuffer("list", 0, -1), [BINARY, Buffer.of(), BINARY]);
    await client.set("é", "日本語 🦀");
    assert.equal(await client.get("é"), "日本語 🦀");
  });

  check("large values", async (client) => {
    assert.equal(await client.set("large", LARGE), "OK");
    assert.deepEqual(await client.getBuffer("large"), LARGE);
    assert.equal(await client.hset("hash", "field", LARGE), 1);
    assert.deepEqual(await client.hgetBuffer("hash", "field"), LARGE);
    assert.equal(await client.rpush("list", LARGE, "small", LARGE), 3);
    assert.deepEqual(await client.lindexBuffer("list", -1), LARGE);
    const copies = await client.mgetBuffer(...Array(20).fill("large"));
    assert.ok(copies.length === 20 && copies.every((copy) => copy.equals(LARGE)));
    const both = await Promise.all(Array.from({ length: 20 }, () => client.getBuffer("large")));
    assert.ok(both.every((copy) => copy.equals(LARGE)));
  });

  check("pops that wait for another connection", async (client, t) => {
    const [first, second] = [openIORedis(t, kind), openIORedis(t, kind)];
    await Promise.all([first.ping(), second.ping()]);
    const blocked = (count) => until(async () => (await blockedClients(client)) === count);

    const waiting = first.blpop("queue", "other", 0);
    await blocked(1);
    const behind = second.brpop("queue", 0);
    await blocked(2);
    assert.equal(await client.rpush("queue", "a", "b", "c"), 3);
    assert.deepEqual(await waiting, ["queue", "a"]);
    assert.deepEqual(await behind, ["queue", "c"]);
    assert.deepEqual(await client.lrange("queue", 0, -1), ["b"]);

    const moved = first.blmove("empty", "target", "LEFT", "RIGHT", 0);
    const least = second.bzpopmin("board", 0);
    await blocked(2);
    await client.multi().lpush("empty", "x").zadd("board", 2, "two", 1, "one").exec();
    assert.equal(await moved, "x");
    assert.deepEqual(await client.lrange("target", 0, -1), ["x"]);
    assert.deepEqual(await least, shown(["board", "one", "1"], ["board", "one", 1]));

    const many = first.blmpop(0, 2, "none", "some", "LEFT", "COUNT", 2);
    await blocked(1);
    await client.rpush("some", 1, 2, 3);
    assert.deepEqual(await many, ["some", ["1", "2"]]);

    const before = Date.now();
    assert.equal(await first.blpop("nothing", 0.1), null);
    assert.ok(Date.now() - before >= 99);
    assert.equal(await blockedClients(client), 0);
  });

  check("a client that waits can be told to stop", async (client, t) => {
    const waiter = openIORedis(t, kind);
    const id = await waiter.client("ID");
    const asked = waiter.blpop("queue", 0);
    await until(async () => (await blockedClients(client)) === 1);
    assert.equal(await client.client("UNBLOCK", id), 1);
    assert.equal(await asked, null);
    const again = assert.rejects(waiter.blpop("queue", 0), /^.*UNBLOCKED/);
    await until(async () => (await blockedClients(client)) === 1);
    assert.equal(await client.client("UNBLOCK", id, "ERROR"), 1);
    await again;
  });

  check("connects again after its connection was killed", async (client, t) => {
    const killer = openIORedis(t, kind);
    await client.client("SETNAME", "victim");
    const ended = once(client, "close");
    assert.equal(await killer.client("KILL", "ID", await client.client("ID")), 1);
    await ended;
    assert.equal(await client.set("a", 1), "OK");
    assert.equal(await client.client("GETNAME"), null);
  });

  check("what was sent when the connection breaks is sent again", async (client, t) => {
    const waiter = openIORedis(t, kind);
    const id = await waiter.client("ID");
    const popped = waiter.blpop("queue", 0);
    await until(async () => (await blockedClients(client)) === 1);
    assert.equal(await client.client("KILL", "ID", id), 1);
    await until(async () => (await blockedClients(client)) === 1);
    await client.rpush("queue", "a", "b");
    assert.deepEqual(await popped, ["queue", "a"]);
  });

  check("a name, many clients, and how they end", async (client, t) => {
    const named = Array.from({ length: 20 }, (_, i) =>
      openIORedis(t, kind, { connectionName: `client-${i}` }),
    );
    await Promise.all(named.map((one) => one.ping()));
    const listed = await client.client("LIST");
    for (let i = 0; i < 20; i++) assert.match(listed, new RegExp(` name=client-${i} `));
    await Promise.all(named.map((one) => one.quit()));
    await until(async () => !/ name=client-/.test(await client.client("LIST")));
  });

  check("errors", async (client) => {
    await client.rpush("list", 1);
    for (const [asked, message] of [
      [client.get("list"), "WRONGTYPE Operation against a key holding the wrong kind of value"],
      [client.set("a"), "ERR wrong number of arguments for 'set' command"],
      [client.set("a", 1, "EX", 0), "ERR invalid expire time in 'set' command"],
      [client.call("nosuch"), "ERR unknown command 'nosuch', with args beginning with: "],
      [client.select(99), "ERR DB index is out of range"],
      [client.exec(), "ERR EXEC without MULTI"],
      [client.object("FREQ", "list"), /^ERR An LFU maxmemory policy is not selected/],
    ])
      await assert.rejects(asked, { message });
    assert.equal(await client.ping(), "PONG");
  });
}

async function blockedClients(client) {
  return Number(/^blocked_clients:(\d+)/m.exec(await client.info("clients"))[1]);
}
