// What a get and a set are made of, one step after another, and which functions of the module they go
// through: for profile.mjs, in a process of its own.

import { readFileSync } from "node:fs";
import { Session } from "node:inspector";
import { promisify } from "node:util";
import { createFerrite } from "../../../glue/platform/node.js";
import { median } from "../rounds.mjs";

const BATCH = 1000;
const KEY_BYTES = 17;
const VALUE_BYTES = 64;
const NOW_MS = 1.8e12;
const TTL_MS = 3_600_000;
const KEYS_A_CALL = 50; // of MGET

const encoder = new TextEncoder();
const { utf8Slice } = Buffer.prototype;
const keyOf = (prefix, entry) => prefix + (100_000_000_000 + entry);

/** In [0, below), as the native program draws them. */
function drawing() {
  let state = 1;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state * below) / 2 ** 32);
  };
}

/** The module by itself, filled. */
function fill(module, entries) {
  const { exports } = new WebAssembly.Instance(module);
  exports.ferrite_init(entries * 128 + 2 ** 21, 1, 1, 2, 3, 4);
  const at = exports.ferrite_io() >>> 0;
  const views = () => {
    const io = new Uint32Array(exports.memory.buffer, at, 6);
    const bytes = new Uint8Array(exports.memory.buffer);
    return { io, bytes, window: bytes.subarray(io[0], io[0] + io[1]) };
  };
  let seen = views();
  for (let entry = 0; entry < entries; entry++) {
    encoder.encodeInto(keyOf("page:", entry) + `${entry}`.padStart(VALUE_BYTES, "0"), seen.window);
    exports.ferrite_set(KEY_BYTES, VALUE_BYTES, 0, TTL_MS, NOW_MS);
    if (seen.io.length === 0) seen = views();
  }
  return { ...exports, ...seen };
}

/* Each step has a loop of its own, and does what the one before does and one thing more. */

const keys = new Array(BATCH);
const values = Array.from({ length: BATCH }, (_, i) =>
  Buffer.from(`${i}`.padStart(VALUE_BYTES, "0")).toString("latin1"),
);
export let sink;

function stepsOf({ ferrite_abi_version: nothing, ferrite_get: get, ferrite_set: set, ...views }) {
  const { io, bytes, window } = views;
  return {
    loop() {
      for (let i = 0; i < BATCH; i++) sink = keys[i].length;
    },
    join() {
      for (let i = 0; i < BATCH; i++) sink = keys[i].charCodeAt(0);
    },
    encode() {
      for (let i = 0; i < BATCH; i++) sink = encoder.encodeInto(keys[i], window).written;
    },
    call() {
      for (let i = 0; i < BATCH; i++) {
        encoder.encodeInto(keys[i], window);
        sink = nothing();
      }
    },
    lookUp() {
      for (let i = 0; i < BATCH; i++) {
        encoder.encodeInto(keys[i], window);
        sink = get(KEY_BYTES, NOW_MS);
      }
    },
    decode() {
      for (let i = 0; i < BATCH; i++) {
        encoder.encodeInto(keys[i], window);
        get(KEY_BYTES, NOW_MS);
        sink = utf8Slice.call(bytes, io[2], io[2] + io[3]);
      }
    },
    encodePair() {
      for (let i = 0; i < BATCH; i++)
        sink = encoder.encodeInto(keys[i] + values[i], window).written;
    },
    callPair() {
      for (let i = 0; i < BATCH; i++) {
        encoder.encodeInto(keys[i] + values[i], window);
        sink = nothing();
      }
    },
    store() {
      for (let i = 0; i < BATCH; i++) {
        encoder.encodeInto(keys[i] + values[i], window);
        sink = set(KEY_BYTES, VALUE_BYTES, 0, TTL_MS, NOW_MS);
      }
    },
  };
}

const packageSteps = (cache) => ({
  get() {
    for (let i = 0; i < BATCH; i++) sink = cache.get(keys[i]);
  },
  getBytes() {
    for (let i = 0; i < BATCH; i++) sink = cache.getBytes(keys[i]);
  },
  getView() {
    for (let i = 0; i < BATCH; i++) sink = cache.getView(keys[i]);
  },
  set() {
    for (let i = 0; i < BATCH; i++) sink = cache.set(keys[i], values[i], { ex: 3600 });
  },
  mget() {
    for (let i = 0; i < BATCH; i += KEYS_A_CALL) sink = cache.mget(keys.slice(i, i + KEYS_A_CALL));
  },
});

function fillIn(prefix, entries, draw) {
  for (let i = 0; i < BATCH; i++) {
    keys[i] = keyOf(prefix, draw(entries));
  }
}

/** ns an operation of each step: the median of `rounds` batches, one step after another, as caches of the
 * processor hold then what this step touches, and not what another does. */
function time(steps, rounds, entries) {
  const timeStep = (step, prefix) => {
    const draw = drawing();
    const times = [];
    for (let round = -rounds >> 1; round < rounds; round++) {
      fillIn(prefix, entries, draw);
      const start = process.hrtime.bigint();
      step();
      const spent = Number(process.hrtime.bigint() - start) / BATCH;
      if (round >= 0) times.push(spent);
    }
    return median(times);
  };
  const all = Object.entries(steps).map(([name, step]) => [name, timeStep(step, "page:")]);
  return { ...Object.fromEntries(all), miss: timeStep(steps.lookUp, "none:") };
}

/** The functions of the module in which the time of gets goes -> [[name, samples], ..], most first. */
async function sample(named, entries) {
  const { lookUp } = stepsOf(fill(new WebAssembly.Module(readFileSync(named)), entries));
  const draw = drawing();
  const session = new Session();
  session.connect();
  const post = promisify(session.post.bind(session));
  await post("Profiler.enable");
  await post("Profiler.setSamplingInterval", { interval: 100 });
  await post("Profiler.start");
  for (let round = 0; round < 2000; round++) {
    fillIn("page:", entries, draw);
    for (let again = 0; again < 3; again++) lookUp();
  }
  const { profile } = await post("Profiler.stop");
  const samples = new Map();
  for (const { callFrame, hitCount } of profile.nodes) {
    const { functionName, url } = callFrame;
    if (!url.startsWith("wasm:") || hitCount === 0) continue;
    samples.set(functionName, (samples.get(functionName) ?? 0) + hitCount);
  }
  return [...samples].sort(([, a], [, b]) => b - a);
}

/** -> { steps, functions } */
export async function measureSteps({ module, named, entries, rounds }) {
  const compiled = new WebAssembly.Module(readFileSync(module));
  const cache = createFerrite(compiled, { maxMemory: entries * 128 + 2 ** 21 });
  for (let entry = 0; entry < entries; entry++)
    cache.set(keyOf("page:", entry), `${entry}`.padStart(VALUE_BYTES, "0"), { ex: 3600 });
  const steps = { ...stepsOf(fill(compiled, entries)), ...packageSteps(cache) };
  return { steps: time(steps, rounds, entries), functions: await sample(named, entries) };
}
