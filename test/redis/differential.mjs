// Ferrite answers as Redis does: sends the same random sequences of commands to a real redis-server
// and to ferrite.wasm, and compares every reply and, after each sequence, the whole keyspace.
//
//   node test/redis/differential.mjs [options]
//     --seed S            which sequences; printed, so that a failure can be repeated (random)
//     --sequences N       how many (10000)
//     --only N            plays sequence N alone
//     --module PATH       the module (build/ferrite.wasm)
//     --redis PATH        the redis-server to compare with (redis-server)
//     --against-redis     a second redis-server in place of the module: proves the tolerances and
//                         the coverage table of the test itself
//     --verbose           says what was covered how often
//
// The last line is "differential: N passed, N failed", counting sequences, the checks of checks.mjs
// and the demands on coverage; the exit code is 0 if none failed.

import { parseArgs } from "node:util";
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
    sequences: { type: "string", default: "10000" },
    only: { type: "string" },
    module: { type: "string", default: "build/ferrite.wasm" },
    redis: { type: "string", default: "redis-server" },
    "against-redis": { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
  },
});
const seed = Number(given.seed ?? Math.floor(Math.random() * 1e9));
const numbers = given.only
  ? [Number(given.only)]
  : Array.from({ length: Number(given.sequences) }, (_, i) => i);

if ([seed, ...numbers.slice(0, 1)].some((number) => !Number.isSafeInteger(number)))
  throw new Error("--seed, --sequences and --only take whole numbers");

const tally = { passed: 0, failed: 0 };
const count = (good) => (good ? tally.passed++ : tally.failed++);

async function reportDifference(peers, sequence, first) {
  const short = await shrink(peers, sequence, first);
  const { sequence: shown, difference } = short ?? { sequence, difference: first };
  console.log(`\ndifference: seed ${seed}, sequence ${sequence.number}, RESP${shown.form}`);
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

async function playAll(peers, coverage) {
  for (const number of numbers) {
    const sequence = makeSequence(seed, number);
    const { redis, difference } = await playBoth(peers, sequence, number % FRESH_EVERY === 0);
    count(!difference);
    recordTranscript(sequence, redis, coverage);
    if (!difference) continue;
    await reportDifference(peers, sequence, difference);
    if (tally.failed >= MOST_DIFFERENCES) {
      console.log(`\n${MOST_DIFFERENCES} differences: stopped at sequence ${number}`);
      return false;
    }
  }
  return true;
}

async function runChecks(peers) {
  for (const check of Object.values(checks)) {
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
      `differential: redis ${redis.version} against ${other.name} ${other.version}, seed ${seed}`,
    );
    const coverage = new Coverage();
    const complete = await playAll(peers, coverage);
    if (!given.only) await runChecks(peers);
    if (complete && numbers.length >= ENOUGH_SEQUENCES) judgeCoverage(coverage);
    else console.log(`coverage: not judged, of ${complete ? "too few" : "broken off"} sequences`);
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
  }
  if (given.verbose) console.log(`${((Date.now() - started) / 1000).toFixed(1)} s`);
  console.log(`differential: ${tally.passed} passed, ${tally.failed} failed`);
  process.exit(tally.failed === 0 ? 0 : 1);
}

await main();
