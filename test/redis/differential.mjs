// Ferrite answers as Redis does: sends the same random sequences of commands to a real redis-server
// and to ferrite.wasm, and compares every reply and, after each sequence, the whole keyspace.
//
//   node test/redis/differential.mjs [options]
//     --seed S            which sequences; printed, so that a failure can be repeated (random)
//     --sequences N       how many (14000)
//     --only N            plays sequence N alone
//     --minutes N         seed after seed, from S on, until the time is over or something differs
//     --module PATH       the module (build/ferrite.wasm)
//     --redis PATH        the redis-server to compare with (redis-server)
//     --against-redis     a second redis-server in place of the module: proves the tolerances and
//                         the coverage table of the test itself
//     --verbose           says what was covered how often
//
// The last line is "differential: N passed, N failed", counting sequences, the checks of checks.mjs
// and the demands on coverage; the exit code is 0 if none failed.

import { parseArgs } from "node:util";
import { changesAreNoted } from "./changes.mjs";
import * as checks from "./checks.mjs";
import { Coverage, LEAST_SUCCESSES } from "./coverage.mjs";
import { FerritePeer, RedisPeer } from "./peers.mjs";
import { recordTranscript } from "./play.mjs";
import { Random } from "./random.mjs";
import { quote } from "./resp.mjs";
import { describeStep, makeSequence } from "./sequence.mjs";
import { playBoth, shrink } from "./shrink.mjs";

const ENOUGH_SEQUENCES = 8000; // fewer cannot meet the demands on coverage
const MOST_DIFFERENCES = 5;
const FRESH_EVERY = 40; // sequences between new beginnings of the module

const { values: given } = parseArgs({
  options: {
    seed: { type: "string" },
    sequences: { type: "string", default: "14000" },
    only: { type: "string" },
    minutes: { type: "string" },
    module: { type: "string", default: "build/ferrite.wasm" },
    redis: { type: "string", default: "redis-server" },
    "against-redis": { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
  },
});
const firstSeed = Number(given.seed ?? Math.floor(Math.random() * 1e9));
const minutes = Number(given.minutes ?? 0);
const numbers = given.only
  ? [Number(given.only)]
  : Array.from({ length: Number(given.sequences) }, (_, i) => i);

if ([firstSeed, ...numbers.slice(0, 1)].some((number) => !Number.isSafeInteger(number)))
  throw new Error("--seed, --sequences and --only take whole numbers");
if (given.minutes && !(minutes > 0)) throw new Error("--minutes takes a number above 0");

const tally = { passed: 0, failed: 0 };
const count = (good) => (good ? tally.passed++ : tally.failed++);

async function reportDifference(peers, sequence, first) {
  const short = await shrink(peers, sequence, first);
  const { sequence: shown, difference } = short ?? { sequence, difference: first };
  console.log(
    `\ndifference: seed ${sequence.seed}, sequence ${sequence.number}, RESP${shown.form}`,
  );
  console.log(
    short
      ? `  shrunk from ${sequence.steps.length} steps to ${shown.steps.length}, delivered ${shown.delivery}`
      : `  does not show again when played alone; as it was, delivered ${shown.delivery}`,
  );
  for (const step of shown.steps)
    console.log(`    ${describeStep(step).replaceAll("\n", "\n    ")}`);
  console.log(`  ${difference.reason}`);
  if (difference.redis !== undefined) {
    console.log(`  redis:   ${quote(difference.redis)}`);
    console.log(`  ferrite: ${quote(difference.ours)}`);
  }
}

/** Plays the sequences of a seed; false: it was broken off. */
async function playAll(peers, seed, coverage, { mostDifferences, until = Infinity }) {
  for (const number of numbers) {
    if (Date.now() >= until) return false;
    const sequence = makeSequence(seed, number);
    const { redis, difference } = await playBoth(peers, sequence, number % FRESH_EVERY === 0);
    count(!difference);
    recordTranscript(sequence, redis, coverage);
    if (!difference) continue;
    await reportDifference(peers, sequence, difference);
    if (tally.failed >= mostDifferences) {
      console.log(`\ndifferences: ${tally.failed}, stopped at sequence ${number}`);
      return false;
    }
  }
  return true;
}

async function runChecks(peers, seed) {
  for (const check of [...Object.values(checks), changesAreNoted]) {
    let wrong;
    try {
      wrong = await check(peers, new Random(seed));
    } catch (error) {
      wrong = error.message;
    }
    count(!wrong);
    if (wrong) console.log(`${check.name}: ${wrong}`);
  }
}

function judgeCoverage(coverage) {
  const demands = coverage.demands();
  for (const { met, text } of demands) {
    count(met);
    if (!met)
      console.log(`coverage: ${text} (at least ${LEAST_SUCCESSES} successes, every error once)`);
    else if (given.verbose) console.log(`covered ${text}`);
  }
}

async function test(peers) {
  const coverage = new Coverage();
  const complete = await playAll(peers, firstSeed, coverage, { mostDifferences: MOST_DIFFERENCES });
  if (!given.only) await runChecks(peers, firstSeed);
  if (complete && numbers.length >= ENOUGH_SEQUENCES) judgeCoverage(coverage);
  else console.log(`coverage: not judged, of ${complete ? "too few" : "broken off"} sequences`);
}

/** As `test`, for as long as asked, and without the demands on coverage. */
async function fuzz(peers) {
  const until = Date.now() + minutes * 60_000;
  for (let seed = firstSeed; Date.now() < until && tally.failed === 0; seed++) {
    console.log(`seed ${seed}`);
    const complete = await playAll(peers, seed, new Coverage(), { mostDifferences: 1, until });
    if (complete) await runChecks(peers, seed);
  }
}

async function main() {
  const started = Date.now();
  const other = given["against-redis"]
    ? await RedisPeer.start(given.redis, "redis again")
    : new FerritePeer(given.module);
  const redis = await RedisPeer.start(given.redis);
  const peers = [redis, other];
  try {
    if (!redis.version.startsWith("7.0.")) throw new Error(`redis ${redis.version} is not 7.0`);
    console.log(
      `differential: redis ${redis.version} against ${other.name} ${other.version}, seed ${firstSeed}`,
    );
    await (minutes ? fuzz : test)(peers);
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
  }
  if (given.verbose) console.log(`${((Date.now() - started) / 1000).toFixed(1)} s`);
  console.log(`differential: ${tally.passed} passed, ${tally.failed} failed`);
  process.exit(tally.failed === 0 ? 0 : 1);
}

await main();
