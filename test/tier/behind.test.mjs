// What is written behind waits in a bounded queue, is read from there, and comes to the remote in its time.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Node, warm } from "./nodes.mjs";
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

for (const client of CLIENTS) {
  const check = (what, body) =>
    test(`${client.name}: ${what}`, (t) =>
      body((options, port = server.port) => openTier(t, client, port, options)));

  check("resolves at once, is read here, and comes there, the last of each key", async (open) => {
    const tier = await open({ writeBehind: true });
    for (let i = 0; i <= 500; i++) await tier.set(`key ${i % 10}`, i, { ex: 100 });
    assert.equal(await tier.get("key 0"), "500");
    assert.equal(await tier.getOrSet("key 0", () => "loaded"), "500");
    const bytes = Uint8Array.of(1, 2, 3);
    await tier.set("bytes", bytes);
    bytes.fill(0); // they are the caller's again
    await tier.del("key 1");
    assert.equal(await tier.get("key 1"), null);
    await tier.flush();
    assert.equal(tier.stats().waiting, 0);
    assert.deepEqual(await server.admin.getBuffer("bytes"), Buffer.of(1, 2, 3));
    assert.equal(await server.admin.get("key 0"), "500");
    assert.equal(await server.admin.get("key 9"), "499");
    assert.equal(await server.admin.exists("key 1"), 0);
    assert.ok((await server.admin.pttl("key 9")) > 90_000);
    assert.ok(tier.stats().remoteCalls < 300, "some were overtaken by later ones");
    assert.equal(await tier.get("key 9"), "499");
  });

  check("what waits to be deleted is gone, and loaded anew", async (open) => {
    const tier = await open({ writeBehind: true, timeoutMs: 1000 }, proxy.port);
    await server.admin.set("key", "old");
    await warm(tier, "key");
    proxy.silence();
    await tier.del("key");
    assert.equal(await tier.get("key"), null);
    assert.equal(await tier.getOrSet("key", () => "loaded", { ex: 60 }), "loaded");
    assert.equal(await tier.get("key"), "loaded");
    proxy.speak();
    await tier.flush();
    assert.equal(await server.admin.get("key"), "loaded");
  });

  check("the queue is bounded, and waits for the remote", async (open) => {
    const errors = new Set();
    const tier = await open(
      {
        writeBehind: { maxKeys: 50, maxBytes: 10_000 },
        timeoutMs: 200,
        onError: ({ code }) => errors.add(code),
      },
      proxy.port,
    );
    proxy.silence();
    await assert.rejects(tier.set("large", "x".repeat(10_001)), { code: "OOM" });
    for (let i = 0; i < 50; i++) await tier.set(`key ${i}`, i);
    let room = false;
    const waiting = tier.set("one more", "value").then(() => (room = true));
    await tier.set("key 3", "again"); // which needs none
    await sleep(500);
    assert.equal(room, false);
    assert.equal(tier.stats().waiting, 50);
    proxy.speak();
    await waiting;
    await tier.flush();
    assert.equal(await server.admin.dbsize(), 51);
    assert.equal(await server.admin.get("key 3"), "again");
    assert.deepEqual(errors, new Set(["REMOTE"]));
    for (let i = 0; i < 30; i++) await tier.set(`key ${i}`, "x".repeat(900)); // by bytes
    await tier.flush();
    assert.equal(await server.admin.strlen("key 29"), 900);
  });

  check("what has expired in the queue is not tried again", async (open) => {
    const errors = new Set();
    const onError = ({ code }) => errors.add(code);
    const tier = await open({ writeBehind: true, timeoutMs: 100, onError }, proxy.port);
    proxy.silence();
    await tier.set("brief", "value", { px: 50 });
    assert.equal(await tier.get("brief"), "value");
    await sleep(60);
    assert.equal(await tier.get("brief"), null);
    await tier.set("lasting", "value");
    await tier.set("gone", "value");
    await tier.del("gone");
    await sleep(200); // longer than the first try may take
    proxy.speak();
    await tier.close();
    errors.delete("REMOTE");
    assert.deepEqual(errors, new Set());
    assert.equal(await server.admin.get("lasting"), "value");
    assert.equal(await server.admin.exists("gone"), 0);
    await assert.rejects(tier.set("late", "value"), { code: "CLOSED" });
  });
}
