// When the remote is down, silent, or back: what is served, and what is asked.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Node, until, warm } from "./nodes.mjs";
import { startProxy } from "./proxy.mjs";
import { CLIENTS, openTier } from "./remotes.mjs";

let server;
let proxy;
before(async () => (server = await Node.start()));
after(() => server.stop());
beforeEach(async () => {
  await server.admin.flushall();
  proxy = await startProxy(server.port);
});
afterEach(() => proxy.close());

const DOWN = { name: "FerriteError", code: "REMOTE", message: /^the remote does not answer: / };

for (const client of CLIENTS) {
  for (const tracking of ["default", "broadcast"]) {
    const check = (what, body) =>
      test(`${client.name}, tracking ${tracking}: ${what}`, (t) =>
        body((options, port = server.port) => openTier(t, client, port, { tracking, ...options })));

    check("a connection that falls silent: no read is older than the bound", async (open) => {
      const maxStaleMs = 300;
      const tier = await open({ maxStaleMs, timeoutMs: 200 }, proxy.port);
      for (let round = 1; round <= 2; round++) {
        await server.admin.set("key", `old ${round}`);
        await until(async () => (await tier.get("key").catch(() => {})) === `old ${round}`, "old");
        await warm(tier, "key");
        await sleep(50 * round);
        proxy.silence();
        await server.admin.set("key", "new");
        const written = performance.now();
        let latest = 0;
        while (performance.now() < written + 2.5 * maxStaleMs) {
          const asked = performance.now();
          const value = await tier.get("key").catch(({ code }) => code);
          if (value === `old ${round}`) latest = asked - written;
          else assert.equal(value, "REMOTE");
          await sleep(3);
        }
        assert.ok(latest > 0, "the old value is served at first, else this shows nothing");
        assert.ok(latest <= maxStaleMs, `the old value was served ${latest} ms after`);
        proxy.speak();
        await until(async () => (await tier.get("key").catch(() => {})) === "new", "new");
      }
    });

    check(
      "staleIfError: what there is, until its TTL, and never while the remote answers",
      async (open) => {
        const tier = await open({ staleIfError: true, maxStaleMs: 100, timeoutMs: 200 });
        await server.admin.set("lasting", "value");
        await server.admin.set("brief", "value", "PX", 1500);
        const expires = performance.now() + 1500;
        await warm(tier, "lasting");
        await warm(tier, "brief");
        await server.kill();
        try {
          while (performance.now() < expires - 300) {
            assert.equal(await tier.get("lasting"), "value");
            assert.equal(await tier.get("brief"), "value");
            assert.equal(await tier.getOrSet("lasting", () => "loaded"), "value");
            await sleep(20);
          }
          assert.ok(tier.stats().stale > 0);
          await assert.rejects(tier.get("unknown"), DOWN);
          await sleep(400);
          await assert.rejects(tier.get("brief"), DOWN);
          assert.equal(await tier.get("lasting"), "value");
        } finally {
          await server.restart();
        }
        await server.admin.set("lasting", "new");
        await until(async () => (await tier.get("lasting")) === "new", "the new value");
        for (let i = 0; i < 200; i++) {
          assert.equal(await tier.get("lasting"), "new");
          await sleep(1);
        }
      },
    );
  }

  const check = (what, body) =>
    test(`${client.name}: ${what}`, (t) =>
      body((options, port = server.port) => openTier(t, client, port, options)));

  check("when it is down, errors come at once, and it is asked ever less often", async (open) => {
    const tier = await open({ timeoutMs: 1000, maxStaleMs: 100 });
    await tier.get("key");
    await server.kill();
    try {
      await assert.rejects(tier.get("key"), DOWN);
      await assert.rejects(tier.set("key", "value"), DOWN);
      await assert.rejects(
        tier.getOrSet("key", () => "value"),
        DOWN,
      );
      const { remoteCalls } = tier.stats();
      const began = performance.now();
      let asked = 0;
      while (performance.now() < began + 2000) {
        const some = Array.from({ length: 20 }, (_, i) => tier.get(`key ${i}`));
        for (const { status } of await Promise.allSettled(some)) assert.equal(status, "rejected");
        asked += some.length;
        await sleep(2);
      }
      const calls = tier.stats().remoteCalls - remoteCalls;
      assert.ok(
        calls < 30 && asked > 10 * calls,
        `${calls} calls of the remote for ${asked} reads`,
      );
    } finally {
      await server.restart();
    }
    await until(
      async () => (await tier.set("key", "value").catch(() => {})) === "OK",
      "it is back",
    );
    assert.equal(await tier.get("key"), "value");
  });

  check("when it is back, one tries first, and what many want is asked for once", async (open) => {
    const tier = await open({ timeoutMs: 500, maxStaleMs: 100 }, proxy.port);
    await server.admin.set("key", "value");
    await warm(tier, "key");
    proxy.silence();
    await until(
      () =>
        tier.get("key").then(
          () => false,
          () => true,
        ),
      "it is noticed",
    );
    await sleep(100); // longer than it is left alone at first
    const silent = tier.stats().remoteCalls;
    const some = Array.from({ length: 100 }, (_, i) => tier.get(`key ${i}`));
    for (const { reason } of await Promise.allSettled(some)) assert.equal(reason.code, "REMOTE");
    assert.equal(tier.stats().remoteCalls, silent + 1);
    proxy.speak();
    const before = tier.stats().remoteCalls;
    const ask = async () => {
      for (;;) {
        try {
          return await tier.get("key");
        } catch {
          await sleep(1);
        }
      }
    };
    const values = await Promise.all(Array.from({ length: 500 }, ask));
    assert.deepEqual(new Set(values), new Set(["value"]));
    const calls = tier.stats().remoteCalls - before;
    assert.ok(calls <= 10, `${calls} calls`);
  });
}
