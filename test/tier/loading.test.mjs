// getOrSet: once in an isolate, once in all, stale while it is made anew, and without a remote.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { initFerrite } from "../../glue/platform/node.js";
import { createTier } from "../../glue/tier/index.js";
import { Node, until } from "./nodes.mjs";
import { CLIENTS, openTier, UNTRACKED } from "./remotes.mjs";

let server;
let plain; // one without scripts
before(async () => {
  server = await Node.start();
  plain = await Node.start("--rename-command", "EVAL", "");
});
after(() => Promise.all([server.stop(), plain.stop()]));
beforeEach(() => Promise.all([server.admin.flushall(), plain.admin.flushall()]));

// A loader that takes its time, gives another value each time, and counts how often it ran.
function slowly(ms, make = (time) => `value ${time}`) {
  const load = async () => {
    const time = ++load.times;
    await sleep(ms);
    load.done++;
    return make(time);
  };
  load.times = 0;
  load.done = 0;
  return load;
}

const fail = (time) => {
  throw new Error(`failure ${time}`);
};

const REMOTES = [
  ...[...CLIENTS, ...UNTRACKED].map((client) => ({
    name: client.name,
    open: (t, o) => openTier(t, client, server.port, o),
  })),
  { name: "no remote", open: async (t, o) => createTier(await initFerrite(), null, o) },
];

for (const { name, open } of REMOTES) {
  const alone = name === "no remote";
  const check = (what, body) => test(`${name}: ${what}`, body);

  check("many who ask at once wait for one loader", async (t) => {
    const tier = await open(t);
    const load = slowly(30);
    const ask = () => tier.getOrSet("key", load, { ex: 60 });
    const values = await Promise.all(Array.from({ length: 50 }, ask));
    assert.deepEqual(new Set(values), new Set(["value 1"]));
    assert.equal(await ask(), "value 1");
    assert.equal(await tier.get("key"), "value 1");
    assert.equal(load.times, 1);
  });

  check("a loader that throws stores nothing, and all who wait get the error", async (t) => {
    const tier = await open(t);
    const load = slowly(30, fail);
    const ask = () => tier.getOrSet("key", load, { ex: 60 });
    const answers = await Promise.allSettled(Array.from({ length: 20 }, ask));
    for (const { reason } of answers) assert.equal(reason.message, "failure 1");
    assert.equal(load.times, 1);
    assert.equal(await tier.get("key"), null);
    if (!alone) assert.deepEqual(await server.admin.keys("*"), []); // no lock, either
    assert.equal(await tier.getOrSet("key", () => "good", { ex: 60 }), "good");
  });

  check("bytes, numbers and nothing", async (t) => {
    const tier = await open(t);
    const bytes = Uint8Array.from(name === "@upstash/redis" ? [0, 65] : [0, 255, 128]);
    assert.deepEqual(await tier.getOrSetBytes("bytes", () => bytes), bytes);
    assert.deepEqual(await tier.getOrSetBytes("bytes", () => "other"), bytes);
    assert.equal(await tier.getOrSet("number", () => 12), "12");
    const load = slowly(1, () => null);
    for (let i = 1; i <= 3; i++) {
      assert.equal(await tier.getOrSet("nothing", load), null);
      assert.equal(load.times, i);
    }
  });

  check("that there is nothing is kept if asked", async (t) => {
    const tier = await open(t, { negativeMs: 60_000 });
    const load = slowly(1, () => null);
    await until(async () => {
      const { times } = load;
      assert.equal(await tier.getOrSet("key", load), null);
      return load.times === times;
    }, "it is kept");
    const { times } = load;
    for (let i = 0; i < 5; i++) assert.equal(await tier.getOrSet("key", load), null);
    assert.equal(load.times, times);
    await tier.set("key", "something");
    assert.equal(await tier.getOrSet("key", load), "something");
  });

  check("what is stale is served while it is made anew", async (t) => {
    const tier = await open(t);
    const load = slowly(100);
    const ask = () => tier.getOrSet("key", load, { ex: 0.5, swr: 10, jitter: 0 });
    assert.equal(await ask(), "value 1");
    await sleep(510);
    for (let i = 0; i < 5; i++) assert.equal(await ask(), "value 1");
    assert.equal(load.done, 1); // nobody waits
    await until(async () => (await ask()) === "value 2", "the new value");
    assert.equal(load.times, 2);
  });

  check("if it cannot be made anew, what is stale is served until its end", async (t) => {
    const errors = [];
    const tier = await open(t, { onError: (error) => errors.push(error) });
    const options = { ex: 0.05, swr: 0.5, jitter: 0 };
    await tier.getOrSet("key", () => "value", options);
    const ends = performance.now() + 550;
    await sleep(60);
    const ask = () => tier.getOrSet("key", slowly(1, fail), options);
    while (performance.now() < ends - 100) {
      assert.equal(await ask(), "value");
      await sleep(5);
    }
    await sleep(110);
    await assert.rejects(ask, { message: "failure 1" });
    assert.ok(errors.length > 1 && errors.every(({ message }) => message === "failure 1"));
  });

  check("what is set meanwhile is not overwritten by what was loaded before", async (t) => {
    const tier = await open(t);
    for (const change of [() => tier.set("key", "set"), () => tier.del("key")]) {
      await tier.del("key");
      const load = slowly(60, () => "loaded");
      const loading = tier.getOrSet("key", load, { ex: 60 });
      await until(() => load.times > 0, "the loader runs");
      await change();
      assert.equal(await loading, "loaded");
      assert.notEqual(await tier.get("key"), "loaded");
    }
  });

  check("TTLs are spread", async (t) => {
    const tier = await open(t);
    const ttls = [];
    for (let i = 0; i < 50; i++) {
      await tier.getOrSet(`key ${i}`, () => 1, { ex: 100, jitter: 0.5 });
      if (!alone) ttls.push(await server.admin.pttl(`key ${i}`));
    }
    if (alone) return;
    assert.ok(Math.min(...ttls) >= 49_000 && Math.max(...ttls) <= 100_000, `${ttls}`);
    assert.ok(Math.max(...ttls) - Math.min(...ttls) > 20_000, `${ttls}`);
  });
}

for (const client of CLIENTS) {
  const check = (what, body) => test(`${client.name}: ${what}`, body);
  const open = (t, options) => openTier(t, client, server.port, options);

  check("many isolates run one loader", async (t) => {
    const tiers = await Promise.all(Array.from({ length: 5 }, () => open(t)));
    const load = slowly(200);
    const ask = (tier) => tier.getOrSet("key", load, { ex: 60 });
    const values = await Promise.all([...tiers, ...tiers].map(ask));
    assert.deepEqual(new Set(values), new Set(["value 1"]));
    assert.equal(load.times, 1);
    assert.deepEqual(await server.admin.keys("*"), ["key"]);
    assert.equal(
      tiers.reduce((sum, tier) => sum + tier.stats().loads, 0),
      1,
    );
  });

  check("without a lock, each isolate runs it once", async (t) => {
    const tiers = await Promise.all([open(t), open(t)]);
    const load = slowly(50);
    const ask = (tier) => tier.getOrSet("key", load, { ex: 60, lock: false });
    await Promise.all([...tiers, ...tiers].map(ask));
    assert.equal(load.times, 2);
  });

  check("a lock whose owner is gone ends by itself", async (t) => {
    const tier = await open(t);
    await server.admin.set("lock:{key}", "another's", "PX", 300);
    const asked = performance.now();
    assert.equal(await tier.getOrSet("key", () => "value"), "value");
    assert.ok(performance.now() - asked > 250);
  });

  for (const scripts of [true, false])
    check(
      `a lock that is another's by now stays, and what it guards; scripts: ${scripts}`,
      async (t) => {
        const { admin, port } = scripts ? server : plain;
        const errors = [];
        const tier = await openTier(t, client, port, { onError: (error) => errors.push(error) });
        const image = Uint8Array.of(0, 200);
        assert.deepEqual(await tier.getOrSetBytes("image", () => image, { ex: 60 }), image);
        assert.deepEqual(await tier.getBytes("image"), image);
        assert.ok((await admin.pttl("image")) > 50_000);
        await assert.rejects(tier.getOrSet("bad", slowly(1, fail)), { message: "failure 1" });
        assert.deepEqual(await admin.keys("*"), ["image"]);
        const loading = tier.getOrSet("key", slowly(100), { ex: 60 });
        await until(() => admin.exists("lock:{key}"), "the lock");
        await admin.set("lock:{key}", "another's");
        assert.equal(await loading, "value 1");
        assert.equal(await admin.get("lock:{key}"), "another's");
        assert.equal(await admin.exists("key"), 0);
        const failing = tier.getOrSet("other", slowly(100, fail));
        await until(() => admin.exists("lock:{other}"), "the lock");
        await admin.set("lock:{other}", "another's");
        await assert.rejects(failing, { message: "failure 1" });
        assert.equal(await admin.get("lock:{other}"), "another's");
        assert.deepEqual(errors, []);
      },
    );

  check("what is stale is made anew once in all isolates", async (t) => {
    const tiers = await Promise.all([open(t), open(t), open(t)]);
    const load = slowly(50);
    const ask = (tier) => tier.getOrSet("key", load, { ex: 1, swr: 10, jitter: 0 });
    await Promise.all(tiers.map(ask));
    await sleep(1010);
    assert.deepEqual(await Promise.all(tiers.map(ask)), Array(3).fill("value 1"));
    await until(
      async () => (await Promise.all(tiers.map(ask))).every((v) => v === "value 2"),
      "new",
    );
    assert.equal(load.times, 2);
  });
}
