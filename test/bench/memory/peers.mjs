// Density beside peers: how many entries with a TTL live in 64 MiB, and what each takes beyond its key
// and value. Whatever a peer's limit counts, its figures are by the memory that it took in the end:
//
//   ferrite       maxmemory, which counts all there is
//   redis-server  used_memory, which maxmemory bounds (not what its allocator loses)
//   memcached     the slabs that -m bounds, and the table, which it does not count
//   lru-cache     the growth of the heap by a collection's count (lru-cache-heap.mjs)
//
// Four times 64 MiB are written, of ours twenty times as in density.mjs. What is left is counted by
// the peers' own counts; where sizes differ, each key is asked for.

import { execFileSync } from "node:child_process";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freshDirectory, keep } from "../../keeper.mjs";
import { RedisPeer } from "../../redis/peers.mjs";
import { encodeArray } from "../../redis/resp.mjs";
import { Cache, KEY_BYTES } from "../module.mjs";
import { KIB, MIB, bytes, percent, printTable, progress, progressDone } from "../report.mjs";
import { TTL_MS, fixed, steadyShare, webLike } from "./density.mjs";

const BUDGET_BYTES = 64 * MIB;
const TIMES_WRITTEN = 4;
const BYTES_A_BATCH = 256 * KIB;
const PATIENCE_MS = 10_000;
const VALUES = { 64: fixed(64), 256: fixed(256), 1024: fixed(KIB), web: webLike(MIB) };

/** Yields [first, past the last] of batches of ids, until enough is written. */
function* batches(sizeOf, seed) {
  let id = 0;
  for (let written = 0; written < TIMES_WRITTEN * BUDGET_BYTES; ) {
    const first = id;
    let batchBytes = 0;
    for (; batchBytes < BYTES_A_BATCH; id++) batchBytes += KEY_BYTES + sizeOf(seed, id);
    written += batchBytes;
    yield [first, id];
  }
}

const range = ([first, end], of) => Array.from({ length: end - first }, (_, i) => of(first + i));

/* --- the peers: { name, set(batch of ids, sizeOf), has(batch) -> booleans, memory(), count() } ---- */

class Redis {
  static async start() {
    const redis = new Redis();
    redis.peer = await RedisPeer.start();
    redis.name = `redis-server ${redis.peer.version}`;
    await redis.peer.begin(2);
    await redis.#ask([
      ["CONFIG", "SET", "maxmemory", `${BUDGET_BYTES}`],
      ["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"],
    ]);
    return redis;
  }

  async set(batch, sizeOf) {
    const value = (id) => "v".repeat(sizeOf(id));
    const command = (id) => ["SET", Cache.key(id), value(id), "PX", `${TTL_MS}`];
    const reply = await this.#ask(range(batch, command));
    if (reply.includes("-")) throw new Error(`redis-server: ${reply.slice(0, 200)}`);
  }

  async has(batch) {
    const reply = await this.#ask(range(batch, (id) => ["EXISTS", Cache.key(id)]));
    return reply
      .trimEnd()
      .split("\r\n")
      .map((line) => line === ":1");
  }

  async memory() {
    return Number(/used_memory:(\d+)/.exec(await this.#ask([["INFO", "memory"]]))[1]);
  }

  async count() {
    return Number((await this.#ask([["DBSIZE"]])).slice(1));
  }

  #ask(commands) {
    return this.peer.exchange(commands.map(encodeArray).join(""));
  }

  stop() {
    return this.peer.stop();
  }
}

class Memcached {
  static async start() {
    const memcached = new Memcached();
    const directory = freshDirectory();
    const path = join(directory, "socket");
    const words = ["-m", "64", "-s", path, "-u", "root"];
    memcached.kept = keep(directory, "memcached", words);
    const giveUp = Date.now() + PATIENCE_MS;
    while (!(await memcached.#connect(path))) {
      if (Date.now() < giveUp && !memcached.kept.log().includes("not found")) continue;
      await memcached.stop();
      throw new Error(`memcached does not start: ${memcached.kept.log()}`);
    }
    memcached.name = `memcached ${/VERSION (\S+)/.exec(await memcached.#ask("version\r\n"))[1]}`;
    return memcached;
  }

  #connect(path) {
    return new Promise((resolve) => {
      this.socket = connect(path, () => resolve(true));
      this.socket.setEncoding("latin1");
      this.socket.on("error", () => setTimeout(() => resolve(false), 20));
    });
  }

  /** What it says until it has answered the no-operation behind the text. */
  #ask(text) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("memcached: no reply")), PATIENCE_MS);
      let reply = "";
      const collect = (piece) => {
        reply += piece;
        if (!reply.endsWith("MN\r\n")) return;
        clearTimeout(timer);
        this.socket.off("data", collect);
        resolve(reply.slice(0, -"MN\r\n".length));
      };
      this.socket.on("data", collect);
      this.socket.write(`${text}mn\r\n`);
    });
  }

  /** What is larger than its largest item, of 1 MiB, it refuses; where its own thread has yet to make
   * room, it is asked again. */
  async set(batch, sizeOf) {
    const command = (id) =>
      `set ${Cache.key(id)} 0 ${TTL_MS / 1000} ${sizeOf(id)}\r\n${"v".repeat(sizeOf(id))}\r\n`;
    const isLate = (line) => line === "SERVER_ERROR out of memory storing object";
    const isFine = (line) =>
      line === "STORED" || line === "SERVER_ERROR object too large for cache";
    const giveUp = Date.now() + PATIENCE_MS;
    for (let ids = range(batch, (id) => id); ids.length > 0; ) {
      const lines = (await this.#ask(ids.map(command).join(""))).trimEnd().split("\r\n");
      const other = lines.find((line) => !isFine(line) && !(isLate(line) && Date.now() < giveUp));
      if (other !== undefined) throw new Error(`memcached: ${other}`);
      ids = ids.filter((_, i) => isLate(lines[i]));
    }
  }

  async has(batch) {
    const reply = await this.#ask(range(batch, (id) => `mg ${Cache.key(id)}\r\n`).join(""));
    return reply
      .trimEnd()
      .split("\r\n")
      .map((line) => line === "HD");
  }

  async memory() {
    const slabs = await this.#ask("stats slabs\r\n");
    const [, table] = /STAT hash_bytes (\d+)/.exec(await this.#ask("stats\r\n"));
    return Number(/STAT total_malloced (\d+)/.exec(slabs)[1]) + Number(table);
  }

  async count() {
    return Number(/STAT curr_items (\d+)/.exec(await this.#ask("stats\r\n"))[1]);
  }

  async stop() {
    this.socket?.destroy();
    await this.kept.stop();
  }
}

/** -> { name, entries, contents, memory }: what lives in the end, its keys and values, in which memory. */
async function fill(Peer, { name: sizes, sizeOf }, seed) {
  let peer;
  try {
    peer = await Peer.start();
  } catch (error) {
    progressDone();
    console.log(`${Peer.name} could not be started, so its figures are absent: ${error.message}`);
    return null;
  }
  try {
    const all = [...batches(sizeOf, seed)];
    for (const [i, batch] of all.entries()) {
      progress(`density: ${sizes} in ${peer.name}, batch ${i + 1} of ${all.length}`);
      await peer.set(batch, (id) => sizeOf(seed, id));
    }
    const memory = await peer.memory();
    let entries = await peer.count();
    let contents = entries * (KEY_BYTES + sizeOf(seed, 0));
    if (VALUES.web.name === sizes) {
      entries = contents = 0;
      for (const batch of all) {
        const there = await peer.has(batch);
        for (let i = 0; i < there.length; i++) {
          if (!there[i]) continue;
          entries++;
          contents += KEY_BYTES + sizeOf(seed, batch[0] + i);
        }
      }
      if (entries !== (await peer.count())) throw new Error(`${peer.name}: its count is another`);
    }
    return { name: peer.name, entries, contents, memory };
  } finally {
    await peer.stop();
  }
}

function fillLruCache(kind, seed) {
  const script = fileURLToPath(new URL("./lru-cache-heap.mjs", import.meta.url));
  const args = ["--expose-gc", script, kind, `${BUDGET_BYTES}`, `${seed}`];
  return JSON.parse(execFileSync(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] }));
}

/** What is found of each kind of values in the others -> { kind: [{ name, entries, .. }] } */
export async function fillPeers(seed) {
  const filled = {};
  for (const [kind, values] of Object.entries(VALUES)) {
    filled[kind] = [];
    for (const Peer of [Redis, Memcached]) filled[kind].push(await fill(Peer, values, seed));
    progress(`density: ${values.name} in lru-cache`);
    filled[kind].push(fillLruCache(kind, seed));
  }
  return filled;
}

/** Ours beside those. Returns what each holds, for a plot and for the record. */
export function comparePeers(module, filled, seed) {
  const rows = [["values", "", "entries in 64 MiB", "bytes beyond key and value", "live"]];
  const found = [];
  for (const [kind, values] of Object.entries(VALUES)) {
    const ours = steadyShare(module, BUDGET_BYTES, values, seed);
    const contents = ours.share * BUDGET_BYTES;
    const all = [{ name: "ferrite", entries: ours.count, contents, memory: BUDGET_BYTES }];
    all.push(...filled[kind].filter((peer) => peer !== null));
    for (const { name, entries, contents, memory } of all) {
      const figures = {
        values: values.name,
        name,
        entries_per_64_mib: Math.round((entries * BUDGET_BYTES) / memory),
        overhead_bytes_per_entry: (memory - contents) / entries,
        live_percent: (100 * contents) / memory,
      };
      found.push(figures);
      rows.push([
        values.name,
        name,
        figures.entries_per_64_mib,
        figures.overhead_bytes_per_entry.toFixed(1),
        percent(contents / memory),
      ]);
    }
  }
  progressDone();
  console.log(
    `\nDensity beside peers, by the memory that each took of about ${bytes(BUDGET_BYTES)}: Redis's`,
  );
  console.log(
    "used_memory, memcached's slabs and table, the growth of the heap under lru-cache; all",
  );
  console.log(`entries have a TTL. Ours after 20 times the budget, theirs after ${TIMES_WRITTEN}.`);
  printTable(rows);
  return found;
}
