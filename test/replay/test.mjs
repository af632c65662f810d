// The same calls, times and seed give the same bytes, anywhere: what was recorded of random sessions is
// replayed by the module in V8 and in JavaScriptCore, and natively. All answers are those of the
// recording, and on the way the arenas are the same, byte for byte. On heaps that are poisoned, with
// this or with that, the answers are the same, too.
//
//     node test/replay/test.mjs [--seed S]
//
// It needs what build.sh makes: build/replay and build/replay-checked.

import { equal, notEqual, ok } from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Engine } from "../redis/engine.mjs";
import { BUDGET_BYTES, FerritePeer } from "../redis/peers.mjs";
import { play } from "../redis/play.mjs";
import { makeSequence } from "../redis/sequence.mjs";

const SEQUENCES = 400;
const SOAK_CALLS = 40_000;
const EVERY = 5000; // calls between points where arenas are compared

const { values: given } = parseArgs({ options: { seed: { type: "string" } } });
const seed = Number(given.seed ?? Math.floor(Math.random() * 1e9));
const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "ferrite-replay-"));

// --- recordings ----------------------------------------------------------------------------------

class RecordedPeer extends FerritePeer {
  pieces = [];

  startAnew() {
    const record = (bytes) => this.pieces.push(bytes);
    this.engine = new Engine(this.module, BUDGET_BYTES, 0, this.seed++, record);
    this.budgetBytes = BUDGET_BYTES;
  }
}

/** Of sequences that are compared with redis, one after the other in one cache. */
async function recordSequences() {
  const peer = new RecordedPeer("build/ferrite.wasm");
  for (let number = 0; number < SEQUENCES; number++) {
    const { trouble } = await play(peer, makeSequence(seed, number), false);
    equal(trouble, null);
  }
  const file = join(directory, "sequences");
  writeFileSync(file, Buffer.concat(peer.pieces));
  return file;
}

/** Of every command, in a cache of that size that is full. */
function recordSoak(budget, offset) {
  const file = join(directory, `soak-${budget}`);
  const options = ["--calls", SOAK_CALLS, "--seed", seed + offset, "--budget", budget];
  execFileSync("node", [path("../soak/soak.mjs"), ...options.map(String), "--record", file]);
  return file;
}

// --- replays -------------------------------------------------------------------------------------

const PLAYERS = {
  V8: [process.execPath, path("replay.mjs")],
  JavaScriptCore: [path("node_modules/.bin/bun"), path("replay.mjs")],
  native: [path("../../build/replay")],
};
const CHECKED = [path("../../build/replay-checked")];

function replay([program, ...words], file, ...more) {
  const args = [...words, file, String(EVERY), ...more.map(String)];
  const { stdout, stderr, error, status } = spawnSync(program, args, { encoding: "utf8" });
  if (error) throw error;
  return { lines: stdout.trimEnd().split("\n"), status, trouble: stdout + stderr };
}

/** Everywhere with the same answers, and the same arenas at every point; returns how many points. */
function expectTheSame(file) {
  const [first, ...others] = Object.entries(PLAYERS).map(([name, player]) => {
    const { lines, status, trouble } = replay(player, file);
    equal(status, 0, `${name}: ${trouble}`);
    return [name, lines];
  });
  for (const [name, lines] of others)
    equal(lines.join("\n"), first[1].join("\n"), `${name} differs from ${first[0]}`);
  return first[1].length;
}

const INFO = /INFO [0-9a-f]{8}$/;
const ARENA = /arena [0-9a-f]{8}/;

function expectPoisonUnseen(file) {
  const [clean, ...poisoned] = [[], [seed], [seed + 1]].map((poison) =>
    replay(CHECKED, file, ...poison),
  );
  for (const { lines, status, trouble } of [clean, ...poisoned]) {
    equal(status, 0, trouble);
    equal(INFO.exec(lines.at(-1))[0], INFO.exec(clean.lines.at(-1))[0]);
  }
  const arenas = [clean, ...poisoned].map(({ lines }) => ARENA.exec(lines.at(-1))[0]);
  equal(new Set(arenas).size, 3, "the poison is in the arena");
}

// --- the checks ----------------------------------------------------------------------------------

const checks = {
  async "sequences of commands, in V8, in JavaScriptCore, natively"() {
    files.push(await recordSequences());
    ok(expectTheSame(files[0]) > 1);
  },
  "every command in a full cache of 1 MiB"() {
    files.push(recordSoak(1 << 20, 0));
    ok(expectTheSame(files[1]) > SOAK_CALLS / EVERY);
  },
  "every command in one of 256 KiB"() {
    files.push(recordSoak(1 << 18, 1));
    ok(expectTheSame(files[2]) > SOAK_CALLS / EVERY);
  },
  "every command in one of 8 MiB"() {
    files.push(recordSoak(8 << 20, 2));
    ok(expectTheSame(files[3]) > SOAK_CALLS / EVERY);
  },
  "what a poisoned heap answers, whatever the poison"() {
    for (const file of files) expectPoisonUnseen(file);
  },
  "another answer is noticed, and by all"() {
    const damaged = readFileSync(files[0]);
    damaged[damaged.length - 1] ^= 1; // of the hash of the last reply
    const file = join(directory, "damaged");
    writeFileSync(file, damaged);
    for (const player of [...Object.values(PLAYERS), CHECKED]) {
      const { lines, status } = replay(player, file);
      equal(status, 1);
      ok(/, 1 answered otherwise;/.test(lines.at(-1)), lines.at(-1));
      ok(lines.some((line) => /^call \d+ \(\w+\): status \d, .* recorded: /.test(line)));
    }
  },
  "what ends in the middle of a call is replayed up to there"() {
    const whole = readFileSync(files[0]);
    const text = "*1\r\n$4\r\nPING\r\n";
    const last = Buffer.from([2 | 0x80, 0, text.length, 2, text.length, ...Buffer.from(text)]);
    const file = join(directory, "torn");
    writeFileSync(file, Buffer.concat([whole, last]));
    for (const player of [...Object.values(PLAYERS), CHECKED]) {
      const { lines, status, trouble } = replay(player, file);
      equal(status, 0, trouble);
      ok(/^call \d+ \(run\) is the last, not answered/.test(lines.at(-2)), lines.at(-2));
    }
  },
  "another seed, another arena"() {
    const changed = readFileSync(files[1]);
    changed[8 + 1 + 8 + 1] ^= 1; // behind "FERRITE1", the call, its budget and its policy
    const file = join(directory, "reseeded");
    writeFileSync(file, changed);
    const arenas = [files[1], file].map(
      (name) => ARENA.exec(replay(PLAYERS.native, name).lines[0])?.[0],
    );
    notEqual(arenas[0], arenas[1]);
  },
};

const files = [];
let failed = 0;
console.log(`replay: seed ${seed}`);
for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`  ok      ${name}`);
  } catch (error) {
    failed++;
    console.log(`  FAILED  ${name}\n${error.stack}`);
  }
}
rmSync(directory, { recursive: true });
console.log(`replay: ${Object.keys(checks).length - failed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
