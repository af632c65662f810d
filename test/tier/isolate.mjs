// One isolate of the fleet, a thread: it reads through a tier of its own, or it writes, until it is told to end.

import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { Cluster } from "ioredis";
import { createCluster } from "redis";
import { initFerrite } from "../../glue/platform/node.js";
import { createTier } from "../../glue/tier/index.js";
import { Random } from "../redis/random.mjs";
import { now, Table } from "./table.mjs";

const {
  role,
  name,
  client: kind,
  tracking,
  ports,
  maxStaleMs,
  seed,
  keys,
  loads,
  shared,
} = workerData;
const READS_AT_ONCE = 20;
const FINAL_PATIENCE_MS = 15_000;

const table = new Table(keys, shared);
const random = new Random(seed);
const [client, closeClient] = await connect();
const errors = new Map();
const tier = createTier(await initFerrite({ maxMemory: "8mb" }), client, {
  tracking,
  maxStaleMs,
  timeoutMs: 1000,
  onError: note,
});

const nameOf = (key) => `key:${key}`;
const someKey = () => Math.floor(keys * (random.word() / 2 ** 32) ** 3); // some are asked for often

if (role === "writer") parentPort.postMessage(await write());
else parentPort.postMessage(await read());
await tier.close();
closeClient();

async function connect() {
  if (kind === "ioredis") {
    const cluster = new Cluster(
      ports.map((port) => ({ host: "127.0.0.1", port })),
      { clusterRetryStrategy: () => 100, redisOptions: { maxRetriesPerRequest: 1 } },
    );
    cluster.on("error", () => {});
    return [cluster, () => cluster.disconnect()];
  }
  const cluster = createCluster({
    rootNodes: ports.map((port) => ({ url: `redis://127.0.0.1:${port}` })),
    defaults: { socket: { reconnectStrategy: () => 100 } },
  });
  cluster.on("error", () => {});
  await cluster.connect();
  return [cluster, () => cluster.destroy()];
}

function note(error) {
  const text = `${error.code ?? ""} ${error.message}`.replace(/\d+/g, "N");
  errors.set(text, (errors.get(text) ?? 0) + 1);
}

async function write() {
  let acked = 0;
  let failed = 0;
  for (let written = 0; table.running; written++) {
    const key = written < keys ? written : someKey();
    const version = table.begin(key);
    try {
      await tier.set(nameOf(key), version, { ex: 3600 });
      table.ack(key, version);
      acked++;
    } catch (error) {
      note(error);
      failed++;
    }
    if (written > keys) await sleep(2);
  }
  return { name, acked, failed, errors };
}

// All isolates want the same at once, which loaders make in a while: so many run in all as there are keys.
async function load() {
  const slowly = async (key) => {
    Atomics.add(shared.loads, 0, 1);
    await sleep(200);
    return `made of ${key}`;
  };
  for (let i = 0; i < loads; i++) {
    const key = `load:${i}`;
    const ask = () => tier.getOrSet(key, slowly, { ex: 3600 });
    const values = await Promise.all([ask(), ask(), ask()]);
    if (values.some((value) => value !== `made of ${key}`)) throw new Error(`${key}: ${values}`);
  }
  await tier.del("load:0");
  Atomics.add(shared.ready, 0, 1);
}

async function read() {
  await load();
  const staleness = []; // of the reads that were stale at all
  const reads = { done: 0, failed: 0, unsure: 0, tooOld: [] };
  while (table.running) {
    await Promise.all(
      Array.from({ length: READS_AT_ONCE }, () => readOne(someKey(), reads, staleness)),
    );
    await sleep(2);
  }
  const stats = tier.stats(); // before the look that follows
  const problems = await lookAtAll();
  return { name, reads, staleness: Float64Array.from(staleness), stats, errors, problems };
}

async function readOne(key, reads, staleness) {
  const began = now();
  let value;
  try {
    value = await tier.get(nameOf(key));
  } catch (error) {
    note(error);
    reads.failed++;
    return;
  }
  reads.done++;
  const ms = table.staleness(key, Number(value ?? 0), began);
  if (ms === undefined) reads.unsure++;
  else if (ms > 0) staleness.push(ms);
  if (ms > maxStaleMs) reads.tooOld.push({ key, value, ms });
}

// When all is quiet: every key has the last version that was acknowledged, or one that nobody knows of, and is
// served by a local copy again.
async function lookAtAll() {
  await sleep(maxStaleMs);
  const problems = [];
  const giveUp = now() + FINAL_PATIENCE_MS;
  for (let key = 0; key < keys; ) {
    const { localHits } = tier.stats();
    const value = await tier.get(nameOf(key)).catch(note);
    const isLocal = tier.stats().localHits > localHits;
    if (value === undefined || !isLocal) {
      if (now() < giveUp && value !== null) {
        await sleep(1);
        continue;
      }
      if (value !== null) problems.push(`${nameOf(key)} is not served locally: ${value}`);
    }
    const version = Number(value ?? 0);
    const isUnsure = table.staleness(key, version, 0) === undefined;
    if (version < table.lastAcked(key) && !isUnsure) {
      problems.push(`${nameOf(key)} is ${value}; ${table.lastAcked(key)} was acknowledged`);
    }
    key++;
  }
  return problems;
}
