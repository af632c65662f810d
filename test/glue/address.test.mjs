// Addresses beyond 2 GiB, where an i32 read with its sign would be negative. One huge value whose
// bytes are never written takes the room below, so that the machine need not have it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createFerrite } from "../../glue/platform/node.js";

const HUGE_BYTES = 0xa0000000;
const wasm = readFileSync(new URL("../../glue/ferrite.wasm", import.meta.url));

// The cache, and the exports of the instance it made.
function open(options) {
  const { Instance } = WebAssembly;
  let exports;
  WebAssembly.Instance = function (module) {
    const instance = new Instance(module);
    ({ exports } = instance);
    return instance;
  };
  try {
    return [createFerrite(wasm, options), exports];
  } finally {
    WebAssembly.Instance = Instance;
  }
}

test("everything works at 3 GiB", () => {
  const time = 1_700_000_000_000;
  const [cache, exports] = open({ maxMemory: "3500mb", now: () => time });
  const io = () => new Uint32Array(cache.memory.buffer, exports.ferrite_io() >>> 0, 4);
  new Uint8Array(cache.memory.buffer, io()[0], 1)[0] = 0x68; // the key "h"
  assert.equal(exports.ferrite_reserve(1, HUGE_BYTES, 0, 0, time), 0);
  assert.equal(exports.ferrite_commit(time), 0);
  assert.equal(cache.strlen("h"), HUGE_BYTES);
  assert.ok(cache.memory.buffer.byteLength > 2.5 * 2 ** 30);

  const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => i * 7);
  cache.set("bytes", bytes);
  cache.set("text", "aé€😀".repeat(30_000));
  cache.call("SET", "called", bytes);
  cache.set("short", "value", { ex: 60 });
  assert.deepEqual(cache.getBytes("bytes"), bytes);
  const highest = [];
  for (const key of ["bytes", "text", "called"]) {
    assert.equal(cache.exists(key), 1);
    cache.get(key);
    highest.push(io()[2]);
  }
  assert.ok(Math.max(...highest) > 2 ** 31, `values at ${highest}`);
  assert.equal(cache.get("text"), "aé€😀".repeat(30_000));
  assert.deepEqual(cache.callBytes("GET", "called"), bytes);
  assert.deepEqual(cache.getrangeBytes("bytes", 1000, 1999), bytes.subarray(1000, 2000));
  assert.equal(cache.get("short"), "value");
  assert.equal(cache.ttl("short"), 60);
  assert.equal(cache.exec("GETRANGE text 0 0\r\n").length, 7);
  assert.equal(cache.del("h", "bytes", "text", "called"), 4);
  assert.equal(cache.get("short"), "value");
});
