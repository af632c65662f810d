// Clients behind a sentinel: their primary dies, and the replica takes over.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { createSentinel } from "redis";
import { initFerrite } from "../../glue/platform/node.js";
import { createTier } from "../../glue/tier/index.js";
import { freshDirectory, keep } from "../keeper.mjs";
import { freePort } from "../servers.mjs";
import { Node, until, warm } from "./nodes.mjs";

async function startSentinel(primary) {
  const port = await freePort();
  const directory = freshDirectory();
  const settings = [
    `port ${port}`,
    `dir ${directory}`,
    `sentinel monitor main 127.0.0.1 ${primary} 1`,
    "sentinel down-after-milliseconds main 1000",
    "sentinel failover-timeout main 2000",
  ];
  writeFileSync(join(directory, "sentinel.conf"), settings.join("\n"));
  const { stop } = keep(directory, "redis-server", [
    join(directory, "sentinel.conf"),
    "--sentinel",
  ]);
  return { port, stop };
}

const CLIENTS = {
  async ioredis(port) {
    const client = new Redis({
      sentinels: [{ host: "127.0.0.1", port }],
      name: "main",
      sentinelRetryStrategy: () => 100,
      retryStrategy: () => 100,
      maxRetriesPerRequest: 1,
    });
    client.on("error", () => {});
    return [client, () => client.disconnect()];
  },
  async "node-redis"(port) {
    const client = createSentinel({
      name: "main",
      sentinelRootNodes: [{ host: "127.0.0.1", port }],
    });
    await client.on("error", () => {}).connect();
    return [client, () => client.destroy()];
  },
};
const CASES = Object.keys(CLIENTS).flatMap((name) => [
  [name, "default", "dies"],
  [name, "broadcast", "dies"],
  [name, "default", "stands still"], // and goes on, as a primary, until it is told
]);

describe("failovers", { concurrency: CASES.length }, () => {
  for (const [name, tracking, fault] of CASES) {
    test(`${name}, tracking ${tracking}: the primary ${fault}`, async (t) => {
      const primary = await Node.start();
      const words = ["--replicaof", `127.0.0.1 ${primary.port}`, "--repl-diskless-sync-delay", "0"];
      const replica = await Node.start(...words);
      const sentinel = await startSentinel(primary.port);
      const [client, close] = await CLIENTS[name](sentinel.port);
      const tier = createTier(await initFerrite(), client, {
        tracking,
        maxStaleMs: 300,
        timeoutMs: 500,
      });
      t.after(async () => {
        await tier.close();
        await close();
        await Promise.all([sentinel, primary, replica].map((one) => one.stop()));
      });
      const state = async () => (await replica.admin.role())[3];
      await until(async () => (await state()) === "connected", "the replica is connected");
      const admin = new Redis(sentinel.port);
      const replicas = () => admin.call("SENTINEL", "REPLICAS", "main").catch(() => []);
      await until(async () => (await replicas()).length === 1, "the sentinel knows the replica");
      admin.disconnect();

      await tier.set("key", "old");
      await warm(tier, "key");
      await primary.admin.wait(1, 1000);
      if (fault === "dies") await primary.kill();
      else primary.pause();
      const gone = performance.now();
      await until(
        async () => (await replica.admin.role())[0] === "master",
        "the replica takes over",
      );
      await replica.admin.set("key", "new");
      let since = performance.now();
      if (fault !== "dies") {
        // Until it is told that it is a primary no more, it answers whoever is connected to it.
        since = Infinity;
        primary.resume();
        const isTold = async () => (await primary.admin.role().catch(() => []))[0] === "slave";
        until(isTold, "it is told").then(() => (since = performance.now()), assert.fail);
      }
      for (;;) {
        const asked = performance.now();
        const value = await tier.get("key").catch(({ code }) => code);
        if (value === "new") break;
        if (value !== "REMOTE")
          assert.ok(asked - since <= 300, `${value} ${asked - since} ms after`);
        assert.ok(asked - gone < 20_000, "it comes back");
        await sleep(5);
      }
      await until(() => since < performance.now() - 300, "the bound has passed");
      await warm(tier, "key");
      assert.equal(await tier.get("key"), "new");
      await replica.admin.set("key", "newer");
      await until(async () => (await tier.get("key")) === "newer", "the new primary tells");
      assert.equal(await tier.getOrSet("other", () => "made", { ex: 60 }), "made");
    });
  }
});
