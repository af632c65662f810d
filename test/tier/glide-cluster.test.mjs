// valkey-glide's client of a cluster. It tells nobody what was invalidated, so copies live for the bound.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { GlideClusterClient } from "@valkey/valkey-glide";
import { Cluster } from "ioredis";
import { initFerrite } from "../../glue/platform/node.js";
import { slotOf } from "../../glue/tier/slot.js";
import { createTier } from "../../glue/tier/index.js";
import { startCluster } from "./nodes.mjs";

const KEYS = Array.from({ length: 40 }, (_, i) => `key:${i}`);
const MAX_STALE_MS = 200;

test("valkey-glide, a cluster", async (t) => {
  const nodes = await startCluster(2);
  const addresses = nodes.map(({ port }) => ({ host: "127.0.0.1", port }));
  const client = await GlideClusterClient.createClient({ addresses });
  const other = new Cluster(addresses);
  const options = { maxStaleMs: MAX_STALE_MS, timeoutMs: 300 };
  const tier = createTier(await initFerrite(), client, options);
  t.after(async () => {
    await tier.close();
    client.close();
    other.disconnect();
    await Promise.all(nodes.map((node) => node.stop()));
  });

  await t.test("keys of all primaries are read and written, as bytes too", async () => {
    for (const key of KEYS) assert.equal(await tier.set(key, Uint8Array.of(0, 255)), "OK");
    for (const { admin } of nodes.slice(0, 2)) assert.ok((await admin.dbsize()) > 5);
    for (const key of KEYS) {
      assert.deepEqual(await other.getBuffer(key), Buffer.of(0, 255));
      assert.deepEqual(await tier.getBytes(key), Uint8Array.of(0, 255));
    }
    for (const key of KEYS) await tier.del(key);
    assert.equal(await tier.get(KEYS[0]), null);
  });

  await t.test("a loader runs once in all isolates, and no lock is left", async () => {
    const second = createTier(await initFerrite(), client, options);
    let loads = 0;
    const load = async () => (loads++, await sleep(50), "made");
    const all = KEYS.flatMap((key) => [tier, second].map((one) => one.getOrSet(key, load)));
    assert.deepEqual(new Set(await Promise.all(all)), new Set(["made"]));
    assert.equal(loads, KEYS.length);
    for (const { admin } of nodes.slice(0, 2)) assert.deepEqual(await admin.keys("lock:*"), []);
    await second.close();
  });

  await t.test("there is no tracking: what another wrote is seen within the bound", async () => {
    await assert.rejects(
      async () => createTier(await initFerrite(), client, { tracking: "default" }),
      { code: "ARGUMENT", message: /cannot tell of changes/ },
    );
    for (const key of KEYS) {
      await tier.set(key, "old");
      await tier.get(key);
    }
    for (const key of KEYS) await other.set(key, "new");
    const written = performance.now();
    let hasHit = false;
    for (const key of KEYS) hasHit ||= (await tier.get(key)) === "old";
    assert.ok(hasHit, "copies are kept");
    await sleep(MAX_STALE_MS - (performance.now() - written));
    for (const key of KEYS) assert.equal(await tier.get(key), "new");
  });

  await t.test("a primary that does not answer holds up no key of another", async () => {
    const ofSecond = (key) => slotOf(key) >= 8192;
    nodes[1].pause();
    try {
      const failed = KEYS.filter(ofSecond).map((key) => tier.set(key, "x"));
      const told = await Promise.allSettled(failed);
      assert.ok(told.every(({ reason }) => reason?.code === "REMOTE"));
      const rest = KEYS.filter((key) => !ofSecond(key));
      for (const key of rest) assert.equal(await tier.set(key, "newer"), "OK");
    } finally {
      nodes[1].resume();
    }
    for (const key of KEYS.filter(ofSecond)) {
      while ((await tier.set(key, "again").catch(({ code }) => code)) !== "OK") await sleep(10);
    }
  });
});
