// Real redis-servers that can be killed, paused and started again with what they had.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { freshDirectory, keep } from "../keeper.mjs";
import { freePort } from "../servers.mjs";

const PATIENCE_MS = 20_000;
const NODE_TIMEOUT_MS = 3000; // after which a replica takes over

/** Asks until `check` resolves with something true. */
export async function until(check, what, patienceMs = PATIENCE_MS) {
  for (const giveUp = Date.now() + patienceMs; Date.now() < giveUp; await sleep(10)) {
    if (await check()) return;
  }
  throw new Error(`not within ${patienceMs} ms: ${what}`);
}

/** Reads a key until it is a local copy that is read. */
export async function warm(tier, key) {
  const isLocal = async () => {
    const { localHits } = tier.stats();
    await tier.get(key).catch(() => {});
    return tier.stats().localHits > localHits;
  };
  await until(isLocal, `a local copy of ${key}`);
}

export class Node {
  #root = freshDirectory();
  #rootKeeper = keep(this.#root, "sleep", ["infinity"]);
  #words;
  #keeper;
  #pid;

  /** Every write is in the file before it is acknowledged, so that a killed process has lost none. */
  static async start(...words) {
    const node = new Node();
    node.port = await freePort();
    node.#words = ["--appendonly", "yes", "--appendfsync", "no", "--save", "", ...words];
    node.admin = new Redis(node.port, { lazyConnect: true, retryStrategy: () => 20 });
    node.admin.on("error", () => {});
    await node.restart();
    return node;
  }

  async restart() {
    const data = join(this.#root, "data");
    mkdirSync(data, { recursive: true });
    const words = ["--port", `${this.port}`, "--dir", data, ...this.#words];
    this.#keeper = keep(join(this.#root, "nothing"), "redis-server", words);
    if (this.admin.status === "wait") this.admin.connect().catch(() => {});
    await until(
      () => this.admin.ping().then(Boolean, () => false),
      `redis-server starts: ${this.#keeper.log()}`,
    );
    this.#pid = Number(/process_id:(\d+)/.exec(await this.admin.info("server"))[1]);
  }

  pause() {
    process.kill(this.#pid, "SIGSTOP");
  }

  resume() {
    process.kill(this.#pid, "SIGCONT");
  }

  kill() {
    return this.#keeper.stop();
  }

  /** Ends the connections that `chosen` says so of, given their lines of CLIENT LIST; how many? */
  async cut(chosen) {
    const lines = (await this.admin.client("LIST")).trim().split("\n").filter(chosen);
    for (const line of lines) await this.admin.client("KILL", "ID", /id=(\d+)/.exec(line)[1]);
    return lines.length;
  }

  async stop() {
    this.admin.disconnect();
    await this.#keeper.stop();
    await this.#rootKeeper.stop();
  }
}

/** A connection on which changes are told, or that they are told about. */
export const isTracked = (line) => /flags=\w*[tP]/.test(line);

/** A cluster of so many primaries, each with a replica; the primaries are first. */
export async function startCluster(count) {
  const nodes = await Promise.all(Array.from({ length: 2 * count }, startMember));
  const bound = (i) => Math.floor((16384 * i) / count);
  for (const [i, { admin }] of nodes.entries()) {
    await admin.cluster("SET-CONFIG-EPOCH", i + 1);
    if (i < count) await admin.cluster("ADDSLOTSRANGE", bound(i), bound(i + 1) - 1);
    await admin.cluster("MEET", "127.0.0.1", nodes[0].port, nodes[0].bus);
  }
  await isWhole(nodes);
  for (let i = 0; i < count; i++) {
    const id = await nodes[i].admin.cluster("MYID");
    await nodes[count + i].admin.cluster("REPLICATE", id);
  }
  await isWhole(nodes);
  return nodes;
}

async function startMember() {
  const bus = await freePort();
  const words = ["--cluster-enabled", "yes", "--cluster-port", `${bus}`];
  words.push("--cluster-node-timeout", `${NODE_TIMEOUT_MS}`);
  words.push("--cluster-require-full-coverage", "no", "--repl-diskless-sync-delay", "0");
  return Object.assign(await Node.start(...words), { bus });
}

/** The nodes that are primaries now. */
export async function primariesOf(nodes) {
  const roles = await Promise.all(nodes.map(({ admin }) => admin.role().catch(() => ["down"])));
  return nodes.filter((_, i) => roles[i][0] === "master");
}

/** Waits until every node of a cluster knows who has every slot, and every replica has what its primary has. */
export async function isWhole(nodes) {
  const isKnown = async ({ admin }) => {
    const [info, role] = await Promise.all([admin.cluster("INFO"), admin.role()]);
    const isConnected = role[0] === "master" || role[3] === "connected";
    return /state:ok/.test(info) && /slots_ok:16384/.test(info) && isConnected;
  };
  for (const node of nodes) {
    await until(() => isKnown(node).catch(() => false), "the cluster is whole");
  }
}
