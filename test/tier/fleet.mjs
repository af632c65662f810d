// Four isolates read through tiers and one writes, over a cluster of three primaries and their replicas, while connections are cut and
// nodes are paused, killed and started again. No read may be older than the bound, and at the end every write that
// was acknowledged is there.
//
//   node test/tier/fleet.mjs [--minutes N] [--seed S]

import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { Random } from "../redis/random.mjs";
import { isTracked, isWhole, primariesOf, startCluster, until } from "./nodes.mjs";
import { Table } from "./table.mjs";

const KEYS = 300;
const LOADS = 10;
const MAX_STALE_MS = 500;

const READERS = [
  { client: "ioredis", tracking: "default" },
  { client: "ioredis", tracking: "broadcast" },
  { client: "node-redis", tracking: "default" },
  { client: "node-redis", tracking: "broadcast" },
];

// What befalls the cluster; when it is over, all nodes run.
const FAULTS = {
  "tracking cut": async (nodes, some) => {
    for (const node of nodes) await node.cut((line) => isTracked(line) && some.chance(0.7));
  },
  "all connections of a node cut": async (nodes, some) => {
    const own = (line) => !/cmd=(client|cluster)/.test(line);
    await pick(await primariesOf(nodes), some).cut(own);
  },
  "a node paused": async (nodes, some) => {
    const node = pick(await primariesOf(nodes), some);
    node.pause();
    await sleep(some.between(100, 2000));
    node.resume();
  },
  "a primary killed": async (nodes, some) => {
    const node = pick(await primariesOf(nodes), some);
    await node.kill();
    await sleep(some.below(1500));
    await node.restart();
  },
  "a primary killed for good, and its replica takes over": async (nodes, some) => {
    const primaries = await primariesOf(nodes);
    const node = pick(primaries, some);
    // What is acknowledged when it dies, the replica has: that is not the tier's to see to.
    await node.admin.client("PAUSE", 2000, "WRITE");
    await sleep(200);
    await node.kill();
    const count = async () => (await primariesOf(nodes)).length;
    await until(async () => (await count()) === primaries.length, "the replica takes over");
    await sleep(some.below(1000));
    await node.restart();
  },
  "all killed": async (nodes, some) => {
    await Promise.all(nodes.map((node) => node.kill()));
    await sleep(some.below(1000));
    await Promise.all(nodes.map((node) => node.restart()));
  },
};

const pick = (list, some) => list[some.below(list.length)];

/** Every fault once, in some order, again until the time is over -> { problems, report: lines } */
export async function runFleet({ seed, minutes = 0, log }) {
  const some = new Random(seed);
  const nodes = await startCluster(3);
  let isolates = [];
  try {
    const table = new Table(KEYS);
    const ports = nodes.map(({ port }) => port);
    const common = {
      ports,
      keys: KEYS,
      loads: LOADS,
      shared: table.shared,
      maxStaleMs: MAX_STALE_MS,
    };
    isolates = [
      ...READERS.map((reader) => ({
        role: "reader",
        name: `${reader.client}, ${reader.tracking}`,
        ...reader,
      })),
      { role: "writer", name: "the writer", client: "ioredis", tracking: false },
    ].map((one) => start({ ...common, ...one, seed: some.word() }));
    const results = Promise.all(isolates.map(({ result }) => result));
    const ready = () => Atomics.load(table.shared.ready, 0) === READERS.length;
    await Promise.race([results, until(ready, "all isolates have loaded what they wanted")]);
    await sleep(1000);
    const ends = performance.now() + minutes * 60_000;
    do {
      for (const name of shuffled(Object.keys(FAULTS), some)) {
        log(name);
        await FAULTS[name](nodes, some);
        await isWhole(nodes);
        await sleep(some.between(500, 1500));
      }
    } while (performance.now() < ends);
    await sleep(1500);
    table.end();
    const { problems, report } = judged(await results);
    const loaded = table.shared.loads[0];
    report.push(
      `${loaded} loaders ran for ${LOADS} keys that ${READERS.length} isolates wanted at once`,
    );
    if (loaded !== LOADS) problems.push(report.at(-1));
    return { problems, report };
  } finally {
    await Promise.all(isolates.map(({ worker }) => worker.terminate()));
    await Promise.all(nodes.map((node) => node.stop()));
  }
}

function shuffled(list, some) {
  return list
    .map((value) => ({ value, place: some.word() }))
    .sort((a, b) => a.place - b.place)
    .map(({ value }) => value);
}

function start(workerData) {
  const worker = new Worker(new URL("isolate.mjs", import.meta.url), { workerData });
  const result = new Promise((resolve, reject) => {
    worker.once("message", resolve).once("error", reject);
  });
  return { worker, result };
}

function judged(results) {
  const problems = [];
  const report = [];
  let stale = 0;
  for (const { name, acked, failed, reads, staleness, stats, errors, problems: found } of results) {
    if (!reads) {
      report.push(`${name}: ${acked} writes acknowledged, ${failed} failed`);
      if (acked < 1000) problems.push(`${name}: only ${acked} writes`);
    } else {
      for (const one of reads.tooOld.slice(0, 5)) {
        problems.push(`${name}: key:${one.key} was ${one.value}, ${one.ms.toFixed(1)} ms too late`);
      }
      problems.push(...found.slice(0, 5).map((problem) => `${name}: ${problem}`));
      if (stats.hitRatio < 0.2) problems.push(`${name}: a hit ratio of ${stats.hitRatio}`);
      stale += staleness.length;
      if (staleness.length === 0) report.push(`${name}: no read was stale`);
      else report.push(...lines(name, reads, staleness.sort(), stats));
    }
    for (const [text, times] of errors) report.push(`    ${times} times ${text}`);
  }
  if (stale === 0)
    problems.push("no read was stale, which cannot be: changes take time to be told");
  return { problems, report };
}

function lines(name, reads, staleness, stats) {
  const at = (part) => staleness[Math.floor((staleness.length - 1) * part)].toFixed(2);
  const percent = (part, whole) => `${((100 * part) / whole).toFixed(1)}%`;
  const remote = stats.remoteHits + stats.misses;
  return [
    `${name}: ${reads.done} reads, ${reads.failed} failed, ${reads.unsure} of unknown age`,
    `    ${staleness.length} of the reads were stale, half by ${at(0.5)} ms, 90% by ${at(0.9)}, 99% by ${at(0.99)},` +
      ` all by ${at(1)} (the bound: ${MAX_STALE_MS})`,
    `    hits: local ${percent(stats.localHits, reads.done)},` +
      ` remote ${percent(stats.remoteHits, remote)} of what was asked there;` +
      ` ${reads.done - remote} calls of the remote saved, ${stats.remoteCalls} made`,
    `    ${stats.changes} changes told, ${stats.flushes} flushes, ${stats.discarded} replies not kept`,
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { minutes: { type: "string" }, seed: { type: "string" } },
  });
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
  console.log(`seed ${seed}`);
  const minutes = Number(values.minutes ?? 1);
  const { problems, report } = await runFleet({ seed, minutes, log: console.log });
  console.log(report.join("\n"));
  for (const problem of problems) console.log(`not ok: ${problem}`);
  console.log(problems.length === 0 ? "tier: as promised" : `tier: ${problems.length} problems`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
