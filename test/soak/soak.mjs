// Every command of the table, for as long as wanted, in a cache that is full most of the time, under
// all policies, with a clock that jumps: at every call memory is within the budget, and what INFO and
// MEMORY say agrees; a sample of keys holds what it was given last, or nothing. A native twin, under
// sanitizers, on a poisoned heap, makes the same calls and answers the same; no reply of it shows
// memory that nobody has written; it is walked every so often: heap, ledger and index agree.
//
//   node test/soak/soak.mjs [options]
//     --minutes N         how long (10)
//     --calls N           how many calls, instead
//     --seed S            printed, so that a failure can be repeated (random)
//     --budget BYTES      (67108864)
//     --module PATH       the module (build/ferrite.wasm)
//     --twin PATH         the native twin: test/replay/replay.c in the checked build
//     --record FILE       a recording of it all, instead of a twin
//
// The last line is "soak: N passed, N failed", counting what is checked; the exit code is 0 if none
// failed.

import { execFileSync, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { POLICIES } from "../../glue/options.js";
import { Engine } from "../redis/engine.mjs";
import { Random } from "../redis/random.mjs";
import { encodeArray, parseReplies, quote } from "../redis/resp.mjs";
import { Mix } from "./mix.mjs";
import { Shadow } from "./shadow.mjs";

const { values: given } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    calls: { type: "string" },
    seed: { type: "string" },
    budget: { type: "string", default: String(64 << 20) },
    module: { type: "string", default: "build/ferrite.wasm" },
    twin: { type: "string" },
    record: { type: "string" },
  },
});
const seed = Number(given.seed ?? Math.floor(Math.random() * 1e9));
const budget = Number(given.budget);

const LEDGER_EVERY = 2000; // steps between looks at it
const PHASE_STEPS = 60_000; // between changes of the policy
const PIPE_BYTES = 1 << 16;
const MORE = 1; // a status

// --- the recording -------------------------------------------------------------------------------

/** Where pieces of a recording go, gathered: a file, or a pipe, which waits for its reader. */
class Recording {
  constructor(path) {
    this.file = openSync(path, "w");
    this.pieces = [];
    this.size = 0;
  }

  take(bytes) {
    this.pieces.push(bytes);
    this.size += bytes.length;
    if (this.size >= PIPE_BYTES) this.flush();
  }

  flush() {
    const bytes = Buffer.concat(this.pieces);
    this.pieces = [];
    this.size = 0;
    for (let at = 0; at < bytes.length; ) at += writeSync(this.file, bytes, at);
  }

  end() {
    this.flush();
    closeSync(this.file);
  }
}

/** A twin that replays what is recorded while it is. */
class Twin {
  constructor(program) {
    this.directory = mkdtempSync(join(tmpdir(), "ferrite-soak-"));
    const pipe = join(this.directory, "pipe");
    execFileSync("mkfifo", [pipe]);
    const twin = spawn(program, [pipe, "1000000", String(seed)], { stdio: "inherit" });
    this.code = new Promise((resolve) => twin.once("exit", resolve));
    this.recording = new Recording(pipe);
  }

  /** Did it answer the same? */
  async end() {
    try {
      this.recording.end();
    } catch (error) {
      if (error.code !== "EPIPE") throw error; // it has ended before, and will have said why
    }
    const code = await this.code;
    rmSync(this.directory, { recursive: true });
    return code === 0;
  }
}

// --- the cache -----------------------------------------------------------------------------------

class Cache extends Engine {
  calls = 0;

  constructor(record) {
    super(Engine.load(given.module), budget, 1, seed, record);
    this.counts = new Map(); // of commands, by name
    this.now = 1.8e12;
  }

  /** After every call. */
  check() {
    this.calls++;
    const used = this.wasm.memory.buffer.byteLength;
    if (used > budget) throw new Error(`memory: ${used} bytes of ${budget}`);
    if (this.stackIsShort) throw new Error("hardly any stack was left");
  }

  call(name, ...args) {
    const status = this.wasm[`ferrite_${name}`](...args);
    this.check();
    return status;
  }

  write(text) {
    new Uint8Array(this.wasm.memory.buffer, this.field(0)).set(Buffer.from(text, "latin1"));
  }

  /** The replies to a text of requests. A request too large for what is left is none. */
  ask = (text) => {
    if (this.call("request", text.length, this.now) !== 0) return null;
    const { status, reply, consumed } = this.run(Buffer.from(text, "latin1"), 2, this.now);
    this.check();
    if (status !== 0 || consumed !== text.length) throw new Error(`not consumed: ${quote(text)}`);
    return parseReplies(reply);
  };

  command(words) {
    const name = words[0].toUpperCase();
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    return this.ask(encodeArray(words))?.[0];
  }
}

// --- what is done --------------------------------------------------------------------------------

/** A value under a key, the way its size asks for. */
function put({ cache, mix, random }) {
  const key = mix.key();
  const size = mix.size();
  const flags = random.weighted([
    [8, 0],
    [1, 1],
    [1, 2],
    [1, 4],
  ]);
  const expiry = flags !== 4 && random.chance(0.4) ? random.between(1, 600_000) : 0;
  const value = mix.value(size, key);
  cache.call("request", 0, cache.now);
  cache.write(key);
  if (key.length + size <= cache.field(1)) {
    cache.write(key + value);
    cache.call("set", key.length, size, flags, expiry, cache.now);
  } else if (cache.call("reserve", key.length, size, flags, expiry, cache.now) === 0) {
    new Uint8Array(cache.wasm.memory.buffer, cache.field(2)).set(Buffer.from(value, "latin1"));
    if (random.chance(0.95)) cache.call("commit", cache.now);
  }
}

function get({ cache, mix }) {
  const key = mix.key();
  cache.write(key);
  cache.call("get", key.length, cache.now);
}

function command({ cache, mix, shadow }) {
  for (const words of mix.commands()) {
    const reply = cache.command(words);
    if (/^flush/i.test(words[0]) && reply?.value === "OK") shadow.clear();
  }
}

function shadowed({ cache, shadow }) {
  shadow.step(cache.ask, cache.now);
}

function passTime({ cache, random }) {
  cache.now += random.weighted([
    [80, random.between(1, 30)],
    [8, random.between(100, 5000)],
    [1, random.between(60_000, 3_600_000)],
    [8, -random.between(1, 500)],
  ]);
  if (random.chance(0.3)) cache.call("tick", cache.now);
  if (random.chance(0.3)) cache.call("changes", random.below(4));
}

function changePolicy({ cache, random }) {
  cache.command(["CONFIG", "SET", "maxmemory", "0"]);
  cache.command(["CONFIG", "SET", "maxmemory-policy", random.pick(POLICIES)]);
}

const ACTIONS = [
  [30, put],
  [25, get],
  [25, command],
  [12, shadowed],
  [8, passTime],
  [100 / PHASE_STEPS, changePolicy],
];

/** What INFO tells of memory and keys, beside what memory there is, MEMORY STATS and DBSIZE. */
function checkLedger(cache) {
  while (cache.call("tick", cache.now) === MORE); // what is gone is freed from call to call
  const info = Object.fromEntries(
    cache
      .command(["INFO"])
      .value.split("\r\n")
      .map((line) => line.split(":")),
  );
  const stats = cache.command(["MEMORY", "STATS"]).value.map(({ value }) => value);
  const stat = (name) => Number(stats[stats.indexOf(name) + 1]);
  const figure = (name) => Number(info[name]);
  const keys = Number(/keys=(\d+)/.exec(info.db0)?.[1] ?? 0);
  const rss = cache.wasm.memory.buffer.byteLength;
  const facts = {
    "used_memory_rss is the size of memory": figure("used_memory_rss") === rss,
    "used_memory is no more": figure("used_memory") <= rss,
    "used is overhead and data":
      figure("used_memory") === figure("used_memory_overhead") + figure("used_memory_dataset"),
    "MEMORY STATS says the same": stat("total.allocated") === figure("used_memory"),
    "and so of the index": stat("overhead.total") === figure("used_memory_overhead"),
    "and of keys": stat("keys.count") === keys,
    "DBSIZE counts the same": Number(cache.command(["DBSIZE"]).value) === keys,
  };
  for (const [fact, holds] of Object.entries(facts))
    if (!holds) throw new Error(`the ledger: not true that ${fact}; ${JSON.stringify(info)}`);
}

/** Commands of the table that were never asked. */
function neverAsked(cache) {
  const all = cache.command(["COMMAND", "INFO"]).value.map(({ value }) => value[0].value);
  return all.filter((name) => !cache.counts.has(name.toUpperCase()));
}

// -------------------------------------------------------------------------------------------------

const random = new Random(seed);
const twin = given.twin ? new Twin(given.twin) : null;
const recording = given.record ? new Recording(given.record) : twin?.recording;
const cache = new Cache(recording && ((bytes) => recording.take(bytes)));
const mix = new Mix(random);
const context = { random, cache, mix, shadow: new Shadow(random, mix) };

const started = Date.now();
const until = given.calls ? Infinity : started + Number(given.minutes) * 60_000;
const mostCalls = Number(given.calls ?? Infinity);
const failures = [];
console.log(`soak: seed ${seed}, ${budget} bytes`);
try {
  for (let step = 0; cache.calls < mostCalls && (step % 64 || Date.now() < until); step++) {
    random.weighted(ACTIONS)(context);
    if (step % LEDGER_EVERY === 0) checkLedger(cache);
  }
  const absent = neverAsked(cache);
  if (absent.length > 0) failures.push(`never asked: ${absent.join(" ")}`);
} catch (error) {
  failures.push(`at call ${cache.calls}: ${error.stack}`);
}
if (given.record) recording.end();
if (twin && !(await twin.end())) failures.push("the native twin does not agree, or is not whole");

for (const failure of failures) console.log(failure);
const seconds = (Date.now() - started) / 1000;
console.log(
  `${cache.calls} calls, ${seconds.toFixed(0)} s, ${cache.wasm.memory.buffer.byteLength} bytes`,
);
const checks = twin ? 6 : 5; // budget, stack, ledger, shadow, all commands, and the twin
console.log(`soak: ${checks - failures.length} passed, ${failures.length} failed`);
process.exitCode = failures.length ? 1 : 0;
