// PFADD, PFCOUNT and PFMERGE; that their bytes are Redis's is shown against a redis-server.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { initFerrite } from "../../glue/platform/node.js";

let cache;
beforeEach(async () => {
  cache = await initFerrite({ maxMemory: "1mb" });
});

const numbers = (from, to) => Array.from({ length: to - from }, (_, i) => `n${from + i}`);

test("pfadd, pfcount", () => {
  assert.equal(cache.pfcount("s"), 0);
  assert.equal(cache.pfadd("s", "a", "b", "c", "a"), 1);
  assert.equal(cache.pfadd("s", "b"), 0);
  assert.equal(cache.pfadd("s", ["d", 5, 5n, Uint8Array.of(53)]), 1);
  assert.equal(cache.pfcount("s"), 5);
  assert.equal(cache.pfadd("new"), 1);
  assert.equal(cache.pfadd("new", []), 0);
  assert.equal(cache.type("new"), "string");
  assert.equal(cache.getBytes("new").length, 18);
});

test("a count is within 3% of the truth, and a sketch within 12 KiB", () => {
  for (const many of [100, 1000, 10_000, 100_000]) {
    cache.del("s");
    for (let i = 0; i < many; i += 1000) cache.pfadd("s", numbers(i, Math.min(i + 1000, many)));
    assert.ok(Math.abs(cache.pfcount("s") - many) <= 0.03 * many);
    assert.ok(cache.strlen("s") <= 12304);
  }
});

test("pfmerge, and pfcount of several", () => {
  cache.pfadd("a", numbers(0, 400));
  cache.pfadd("b", numbers(200, 600));
  assert.equal(cache.pfmerge("all", "a", "b", "absent"), "OK");
  assert.equal(cache.pfcount("all"), cache.pfcount("a", "b"));
  assert.equal(cache.pfcount(["a", "b", "absent"]), cache.pfcount("all"));
  assert.ok(Math.abs(cache.pfcount("all") - 600) < 18);
  cache.pfadd("large", numbers(0, 5000));
  assert.equal(cache.pfmerge("all", ["large"]), "OK");
  assert.deepEqual(cache.getBytes("all").subarray(16), cache.getBytes("large").subarray(16));
  assert.equal(cache.pfmerge("copy", "all"), "OK");
  assert.equal(cache.pfmerge("empty"), "OK");
  assert.equal(cache.pfcount("empty"), 0);
});

test("a sketch keeps its expiry, and can be carried elsewhere", () => {
  cache.pfadd("s", "a");
  cache.expire("s", 100);
  cache.pfadd("s", numbers(0, 3000));
  assert.equal(cache.ttl("s"), 100);
  cache.set("t", cache.getBytes("s"));
  assert.equal(cache.pfcount("t"), cache.pfcount("s"));
});

test("what is no sketch is refused, and stays as it was", () => {
  const text = (code, message) => ({ name: "FerriteError", code, message });
  const wrong = text("WRONGTYPE", "WRONGTYPE Key is not a valid HyperLogLog string value.");
  const corrupt = text("INVALIDOBJ", "INVALIDOBJ Corrupted HLL object detected");
  cache.set("s", "some text");
  for (const call of ["pfadd", "pfcount", "pfmerge"]) assert.throws(() => cache[call]("s"), wrong);
  assert.equal(cache.get("s"), "some text");
  const bytes = new Uint8Array(50).fill(1, 16);
  bytes.set([0x48, 0x59, 0x4c, 0x4c, 1]);
  bytes[15] = 0x80;
  cache.set("s", bytes);
  assert.throws(() => cache.pfcount("s"), corrupt);
  assert.throws(() => cache.pfmerge("other", "s"), corrupt);
  assert.throws(() => cache.pfadd("s", numbers(0, 100)), corrupt);
  assert.deepEqual(cache.getBytes("s"), bytes);
  assert.equal(cache.exists("other"), 0);
  assert.throws(() => cache.pfadd({}, "a"), { code: "ARGUMENT" });
  assert.throws(() => cache.pfadd("s", {}), { code: "ARGUMENT" });
});

test("at a full budget with nothing to evict, counting goes on", async () => {
  const full = await initFerrite({ maxMemory: "256kb", evictionPolicy: "noeviction" });
  full.pfadd("a", numbers(0, 500));
  full.pfadd("b", numbers(0, 5000));
  assert.throws(() => {
    for (let i = 0; ; i++) full.set(`key:${i}`, "x".repeat(i % 50));
  }, /OOM/);
  const before = full.getBytes("a");
  assert.throws(() => full.pfadd("a", numbers(1000, 3000)), { code: "OOM" });
  assert.throws(() => full.pfmerge("a", "b"), { code: "OOM" });
  assert.deepEqual(full.getBytes("a"), before);
  assert.ok(full.pfcount("a", "b") >= full.pfcount("a"));
  const count = full.pfcount("b");
  for (let i = 5000; i < 6000; i += 50) full.pfadd("b", numbers(i, i + 50)); // dense: in place
  assert.ok(full.pfcount("b") > count);
});
