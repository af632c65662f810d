// What a tier is over one redis-server: with each client, in each mode.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { createClient, createClientPool } from "redis";
import { initFerrite } from "../../glue/platform/node.js";
import { createTier } from "../../glue/tier/index.js";
import { isTracked, Node, until, warm } from "./nodes.mjs";
import { CLIENTS, openTier, UNTRACKED } from "./remotes.mjs";

const BINARY = Uint8Array.from({ length: 256 }, (_, i) => i);

let server;
before(async () => (server = await Node.start()));
after(() => server.stop());

for (const client of [...CLIENTS, ...UNTRACKED]) {
  const check = (modes, what, body) => {
    for (const tracking of UNTRACKED.includes(client) ? modes.filter((mode) => !mode) : modes) {
      test(`${client.name}, tracking ${tracking}: ${what}`, async (t) => {
        await server.admin.flushall();
        const open = (options) => openTier(t, client, server.port, { tracking, ...options });
        await body(open, server.admin);
      });
    }
  };
  const TRACKED = ["default", "broadcast"];
  const ALL = [...TRACKED, false];

  check(ALL, "values are what was set, as text and as bytes", async (open, other) => {
    const tier = await open();
    for (const [value, text] of [
      ["é 🦀", "é 🦀"],
      ["", ""],
      [12, "12"],
      [7n, "7"],
    ]) {
      assert.equal(await tier.set("key", value), "OK");
      assert.equal(await other.get("key"), text);
      for (let i = 0; i < 3; i++) assert.equal(await tier.get("key"), text);
    }
    if (client.isText) await assert.rejects(tier.set("key", BINARY), { name: "FerriteError" });
    else {
      await tier.set("key", BINARY);
      assert.deepEqual(new Uint8Array(await other.getBuffer("key")), BINARY);
      await warm(tier, "key");
      assert.deepEqual(await tier.getBytes("key"), BINARY);
    }
    await tier.del("key");
    assert.equal(await other.exists("key"), 0);
    assert.equal(await tier.get("key"), null);
  });

  check(
    ALL,
    "a copy is as good as the remote, and is asked for there once",
    async (open, other) => {
      const tier = await open();
      await other.set("key", "value");
      await warm(tier, "key");
      const { remoteCalls, localHits } = tier.stats();
      for (let i = 0; i < 100; i++) assert.equal(await tier.get("key"), "value");
      assert.equal(tier.stats().remoteCalls, remoteCalls);
      assert.equal(tier.stats().localHits, localHits + 100);
    },
  );

  check(ALL, "many who miss at once ask once", async (open, other) => {
    const tier = await open();
    await other.set("key", "value");
    const values = await Promise.all(Array.from({ length: 50 }, () => tier.getBytes("key")));
    assert.equal(tier.stats().remoteCalls, 1);
    values[0][0] = 0; // and each has bytes of its own
    assert.deepEqual(values[1], new TextEncoder().encode("value"));
  });

  check(ALL, "a copy does not outlive the remote's TTL", async (open, other) => {
    const tier = await open({ maxStaleMs: 60_000 });
    await other.set("long", "value");
    await warm(tier, "long");
    for (let i = 0; i < 20; i++) {
      await other.set("key", "value", "PX", 30);
      const ends = performance.now() + 32; // by when it has expired there
      while (performance.now() < ends) await tier.get("key");
      assert.equal(await tier.get("key"), null);
    }
  });

  check(TRACKED, "whoever writes, the copy is gone", async (open, other) => {
    const tier = await open();
    const second = await open();
    const changes = [
      () => other.set("key", "changed"),
      () => other.append("key", "!"),
      () => second.set("key", "of another"),
      () => other.rename("key", "away").then(() => other.rename("away", "key")),
      () => other.del("key"),
      () => other.set("key", "new"),
      () => second.del("key"),
      () => other.set("key", "brief", "PX", 5).then(() => sleep(10)),
      () => other.flushall(),
    ];
    await other.set("key", "value");
    for (const change of changes) {
      await tier.get("key");
      if (await other.exists("key")) await warm(tier, "key");
      await change();
      const now = await other.get("key");
      await until(async () => (await tier.get("key")) === now, `${change} is seen`);
    }
  });

  check(TRACKED, "a read that a write overtakes is not kept", async (open, other) => {
    const tier = await open({ maxStaleMs: 10_000 });
    await other.set("key", "0");
    await warm(tier, "key");
    for (let i = 1; i <= 300; i++) {
      const reads = [];
      const write = other.set("key", `${i}`);
      for (let j = 0; j < 5; j++) {
        reads.push(tier.get("key"));
        await sleep(0);
      }
      await Promise.all([write, ...reads]);
      await until(async () => (await tier.get("key")) === `${i}`, `write ${i} is seen`);
    }
    assert.ok(tier.stats().discarded > 0);
  });

  check(["broadcast"], "prefixes: what has none of them is not kept", async (open, other) => {
    const tier = await open({ prefixes: ["page:", "user:"] });
    await other.mset("page:1", "a", "user:1", "b", "else", "c");
    await warm(tier, "page:1");
    await warm(tier, "user:1");
    const { localHits } = tier.stats();
    for (let i = 0; i < 5; i++) assert.equal(await tier.get("else"), "c");
    assert.equal(tier.stats().localHits, localHits);
    await other.set("user:1", "new");
    await until(async () => (await tier.get("user:1")) === "new", "the change is seen");
  });

  check(ALL, "what is absent is kept if asked", async (open, other) => {
    const tier = await open({ negativeMs: 60_000 });
    await warm(tier, "absent");
    const { remoteCalls } = tier.stats();
    assert.equal(await tier.get("absent"), null);
    assert.equal(tier.stats().remoteCalls, remoteCalls);
    await other.set("absent", "here");
    await until(async () => (await tier.get("absent")) === "here", "it is there");
    const without = await open();
    await assert.rejects(
      until(() => without.get("never").then(() => without.stats().localHits), "", 100),
    );
  });

  check(
    TRACKED,
    "a broken connection ends its copies, and another makes new ones",
    async (open, other) => {
      const tier = await open({ maxStaleMs: 60_000 });
      await other.set("key", "old");
      for (let i = 0; i < 5; i++) {
        await warm(tier, "key");
        const { flushes } = tier.stats();
        assert.ok((await server.cut(isTracked)) > 0);
        await until(() => tier.stats().flushes > flushes, "it is noticed");
        await other.set("key", `new ${i}`);
        assert.equal(await tier.get("key"), `new ${i}`);
      }
    },
  );

  check(
    TRACKED,
    "a node that stands still: no copy is older than the bound",
    async (open, other) => {
      const tier = await open({ maxStaleMs: 200, timeoutMs: 300 });
      await other.set("key", "value");
      await warm(tier, "key");
      server.pause();
      const paused = performance.now();
      try {
        let served = 0;
        for (;;) {
          const asked = performance.now();
          const value = await tier.get("key").catch((error) => error);
          if (value !== "value") {
            assert.equal(value.name, "FerriteError");
            assert.equal(value.code, "REMOTE");
            break;
          }
          served = asked - paused;
          await sleep(5);
        }
        assert.ok(served <= 200, `served ${served} ms after`);
      } finally {
        server.resume();
      }
      await until(() => tier.get("key").catch(() => {}), "the remote is back");
      await warm(tier, "key");
    },
  );

  check(
    ALL,
    "a wrong type is the remote's error, and no sign that it is down",
    async (open, other) => {
      const tier = await open();
      await other.lpush("list", 1);
      await tier.get("key");
      for (let i = 0; i < 3; i++) {
        await assert.rejects(tier.get("list"), {
          name: "FerriteError",
          code: "WRONGTYPE",
          message: "WRONGTYPE Operation against a key holding the wrong kind of value",
        });
      }
      assert.equal(tier.stats().remoteFailures, 0);
    },
  );
}

for (const client of [...CLIENTS, ...UNTRACKED]) {
  test(`${client.name}: what the remote refuses is its own error, and is not tried again`, async (t) => {
    const errors = [];
    const onError = (error) => errors.push(error);
    const tier = await openTier(t, client, server.port, { onError });
    const behind = await openTier(t, client, server.port, { onError, writeBehind: true });
    await server.admin.flushall();
    await server.admin.set("there", "value");
    await server.admin.config("SET", "maxmemory", 1);
    try {
      assert.equal(await tier.get("there"), "value");
      await assert.rejects(tier.set("key", "value"), { name: "FerriteError", code: "OOM" });
      assert.equal(await tier.getOrSet("key", () => "made", { lock: false }), "made");
      assert.equal(errors.at(-1).code, "OOM");
    } finally {
      await server.admin.config("SET", "maxmemory", 0);
    }
    await server.admin.call("ACL", "SETUSER", "default", "-set");
    try {
      await assert.rejects(tier.set("key", "value"), { code: /^(NOPERM|ERR)$/ });
      await behind.set("key", "value");
      await behind.flush();
      assert.match(errors.at(-1).message, /^(NOPERM|ERR) .*(permission|can't run)/);
    } finally {
      await server.admin.call("ACL", "SETUSER", "default", "+set");
    }
    assert.equal(tier.stats().remoteFailures, 0);
  });
}

test("a remote of one's own: what fails there is asked once", async () => {
  const values = new Map();
  const asked = [];
  const remote = {
    nodeOf: () => "mine",
    async get(key) {
      asked.push(key);
      if (key === "bad") throw new Error("no");
      return { value: values.get(key) ?? null, ttlMs: Infinity };
    },
    set: async (key, value) => void values.set(key, value),
    del: async (key) => void values.delete(key),
  };
  const tier = createTier(await initFerrite(), remote);
  await tier.set("key", "value");
  for (let i = 0; i < 3; i++) assert.equal(await tier.get("key"), "value");
  await assert.rejects(tier.get("bad"), { code: "REMOTE", message: /no$/ });
  assert.deepEqual(asked, ["key", "bad"]);
});

test("a pool of node-redis", async (t) => {
  const url = `redis://127.0.0.1:${server.port}`;
  const pool = createClientPool({ url }, { minimum: 2, maximum: 3 });
  await pool.on("error", () => {}).connect();
  t.after(() => pool.destroy());
  for (const tracking of ["default", "broadcast"]) {
    await server.admin.flushall();
    const tier = createTier(await initFerrite(), pool, { tracking });
    t.after(() => tier.close());
    await tier.set("key", BINARY);
    await warm(tier, "key");
    assert.deepEqual(await tier.getBytes("key"), BINARY);
    await server.admin.set("key", "new");
    await until(async () => (await tier.get("key")) === "new", "it is told");
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, i) => tier.getOrSet(`made:${i % 10}`, () => "x", { ex: 9 })),
    );
    assert.deepEqual(new Set(made), new Set(["x"]));
    assert.deepEqual(await server.admin.keys("lock:*"), []);
    await tier.del("key");
    assert.equal(await server.admin.exists("key"), 0);
  }
});

test("bad arguments and options are refused", async () => {
  const cache = await initFerrite();
  for (const [ask, message] of [
    [() => createTier({}, null), /^cache is an object \(Object\); allowed: /],
    [() => createTier(cache, {}), /^remote is an object \(Object\); allowed: a client of ioredis/],
    [
      () => createTier(cache, null, { maxStale: 1 }),
      /^option "maxStale" is 1 .* allowed: tracking, /,
    ],
    [() => createTier(cache, null, { maxStaleMs: 1 }), /^option "maxStaleMs" is 1 .* at least 30/],
    [() => createTier(cache, null, { tracking: "default" }), /cannot tell of changes/],
    [() => createTier(cache, null, { prefixes: ["a"] }), /with tracking: "broadcast"/],
    [() => createTier(cache, null, { writeBehind: true }), /there is no remote/],
  ]) {
    assert.throws(ask, { name: "FerriteError", code: "ARGUMENT", message });
  }
  const prefixed = new Redis({ keyPrefix: "app:", lazyConnect: true });
  assert.throws(
    () => createTier(cache, prefixed),
    /^FerriteError: keyPrefix of the remote is "app:"/,
  );
  const prefixedToo = createClient({ keyPrefix: "app:" });
  assert.throws(() => createTier(cache, prefixedToo), /^FerriteError: keyPrefix of the remote is/);
  const prefixedPool = createClientPool({ keyPrefix: "app:" });
  assert.throws(() => createTier(cache, prefixedPool), /^FerriteError: keyPrefix of the remote is/);
  const tier = createTier(cache, null);
  for (const ask of [
    () => tier.get(1),
    () => tier.get("\ud800"),
    () => tier.set("key", {}),
    () => tier.set("key", NaN),
    () => tier.set("key", "value", { ex: 1.5 }),
    () => tier.set("key", "value", { ex: 1, px: 1 }),
    () => tier.getOrSet("key", "value"),
    () => tier.getOrSet("key", () => "value", { ex: 0 }),
    () => tier.getOrSet("key", () => ({})),
  ]) {
    await assert.rejects(ask, { name: "FerriteError", code: "ARGUMENT" });
  }
});
