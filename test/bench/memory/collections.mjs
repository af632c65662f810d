// What collections cost beside redis-server: bytes beyond those of keys, fields, members, elements
// and values (and beyond a score's 8), as a string costs what it takes beyond its key and value.
//
// Both are asked the same: used_memory of INFO when all is in, less that of the empty server. What
// ours counts is every block in use, so beside it stands what memory was taken, with the holes. The
// redis-server is asked on a new connection, whose buffers are as small as they were before.

import { Engine } from "../../redis/engine.mjs";
import { RedisPeer } from "../../redis/peers.mjs";
import { encodeArray } from "../../redis/resp.mjs";
import { random } from "../random.mjs";
import { MIB, printTable, progress, progressDone, verdict } from "../report.mjs";

const BUDGET_BYTES = 512 * MIB;
const ALLKEYS_LRU = 1;
const NOW_MS = 1.8e12;
const ITEMS = 1_000_000;
const HASHES = 100_000;
const FIELDS = 10;
const COMMANDS_A_BATCH = 250; // what fits the window that is always there
const SCORE_BYTES = 8;
const KEY_BYTES = "session:12345678".length;
const LENGTH_BYTES = 2 * FIELDS; // of fields and values: one each, being short
const SHARE_OF_REDIS = 1 / 4;

/* --- what is put in: texts of random lengths, the same for both -------------------------------- */

// Different for each number: its digits come first.
const text = (n, length) => n.toString(36).padEnd(length, "-abcdefghijklmnopqrstuvwxyz0123456789");
const between = (seed, n, least, most) => least + Math.floor(random(seed, n) * (most - least + 1));
const name = (seed, n) => text(n, between(seed, n, 8, 20));
const value = (seed, n) => text(n, between(seed + 1, n, 8, 32));
const score = (seed, n) => `${random(seed + 2, n) * 1e6}`;

// `command` puts in what has the number n; `contents`, if given, counts the bytes of it that are no
// cost, which are else all behind the key; `count` asks how many are there.
const LARGE = {
  hash: {
    item: "field",
    target: 6,
    command: (seed, n) => ["HSET", "large", name(seed, n), value(seed, n)],
    count: ["HLEN", "large"],
  },
  set: {
    item: "member",
    target: 6,
    command: (seed, n) => ["SADD", "large", name(seed, n)],
    count: ["SCARD", "large"],
  },
  "sorted set": {
    item: "member",
    target: 24,
    command: (seed, n) => ["ZADD", "large", score(seed, n), name(seed, n)],
    contents: ([, , , member]) => SCORE_BYTES + member.length,
    count: ["ZCARD", "large"],
  },
  list: {
    item: "element",
    target: 3,
    command: (seed, n) => ["RPUSH", "large", name(seed, n)],
    count: ["LLEN", "large"],
  },
};

const SESSIONS = {
  command: (seed, n) => {
    const words = ["HSET", `session:${10_000_000 + n}`];
    for (let i = n * FIELDS; i < (n + 1) * FIELDS; i++) words.push(name(seed, i), value(seed, i));
    return words;
  },
  contents: ([, ...words]) => lengths(words), // the key is as much a part of them as the rest
  count: ["DBSIZE"],
};

const lengths = (words) => words.reduce((sum, word) => sum + word.length, 0);
const contentsOf = ({ contents }, words) => (contents ? contents(words) : lengths(words.slice(2)));

/* --- the two ----------------------------------------------------------------------------------- */

class Ours {
  constructor(module, seed) {
    this.engine = new Engine(module, BUDGET_BYTES, ALLKEYS_LRU, seed);
  }

  ask(text) {
    return this.engine.run(Buffer.from(text, "latin1"), 2, NOW_MS).reply;
  }

  used() {
    return usedMemory(this.ask("INFO memory\r\n"));
  }

  taken() {
    return this.engine.wasm.memory.buffer.byteLength;
  }

  stop() {}
}

class Theirs {
  static async start() {
    const theirs = new Theirs();
    theirs.peer = await RedisPeer.start();
    await theirs.peer.begin(2);
    await theirs.ask(encodeArray(["CONFIG", "SET", "maxmemory", "0"]));
    return theirs;
  }

  ask(text) {
    return this.peer.exchange(text);
  }

  async used() {
    await this.peer.reconnect();
    return usedMemory(await this.ask("INFO memory\r\n"));
  }

  taken() {
    return NaN;
  }

  stop() {
    return this.peer.stop();
  }
}

const usedMemory = (info) => Number(/^used_memory:(\d+)/m.exec(info)[1]);

/**
 * Puts all of it in -> { used, taken }: bytes beyond the contents. null: the command is not known.
 */
async function fill(server, kind, count, seed, label) {
  const [used, taken] = [await server.used(), server.taken()];
  let contents = 0;
  for (let n = 0; n < count; n += COMMANDS_A_BATCH) {
    progress(`collections: ${label}, ${n} of ${count}`);
    const batch = [];
    for (let i = n; i < Math.min(count, n + COMMANDS_A_BATCH); i++)
      batch.push(kind.command(seed, i));
    for (const words of batch) contents += contentsOf(kind, words);
    const reply = await server.ask(batch.map(encodeArray).join(""));
    if (reply.startsWith("-ERR unknown command")) return null;
    if (reply.includes("-")) throw new Error(`${label}: ${reply.slice(0, 200)}`);
  }
  const there = Number((await server.ask(encodeArray(kind.count))).slice(1));
  if (there !== count) throw new Error(`${label}: ${there} of ${count} are there`);
  return {
    used: (await server.used()) - used - contents,
    taken: server.taken() - taken - contents,
  };
}

/** The same in both -> [ours, redis's], each as `fill` has it. */
async function fillBoth(module, kind, count, seed, label) {
  const figures = [];
  for (const start of [() => new Ours(module, seed), Theirs.start]) {
    const server = await start();
    const whose = server instanceof Ours ? "ferrite" : "redis-server";
    try {
      figures.push(await fill(server, kind, count, seed, `${label} in ${whose}`));
    } finally {
      await server.stop();
    }
  }
  return figures;
}

/* --- the figures ------------------------------------------------------------------------------- */

/** Returns what it has found, for the record. */
export async function measureCollections(module, seed) {
  const found = [];
  const rows = [["one of 1M", "ferrite", "with holes", "at most", "", "redis-server"]];
  for (const [label, kind] of Object.entries(LARGE)) {
    const [ours, redis] = await fillBoth(module, kind, ITEMS, seed, label);
    const each = (bytes) => (bytes / ITEMS).toFixed(1);
    const judged = ours
      ? [each(ours.used), each(ours.taken), kind.target]
      : ["no such command", "", kind.target];
    if (ours) {
      const what = `collections, ${label}: ${each(ours.used)} bytes a ${kind.item}`;
      judged.push(verdict(ours.used <= kind.target * ITEMS, what));
    } else {
      judged.push("not measured");
    }
    rows.push([`${label}, bytes a ${kind.item}`, ...judged, each(redis.used)]);
    found.push({
      what: `a ${kind.item} of a ${label}`,
      ferrite_bytes: ours && ours.used / ITEMS,
      redis_bytes: redis.used / ITEMS,
    });
  }
  const [ours, redis] = await fillBoth(module, SESSIONS, HASHES, seed, "small hashes");
  const each = (bytes) => (bytes / HASHES).toFixed(1);
  const most = SHARE_OF_REDIS * redis.used;
  const what = `collections, small hashes: ${each(ours.used)} bytes a hash`;
  rows.push([
    `${HASHES} hashes of ${FIELDS} fields, bytes a hash`,
    each(ours.used),
    each(ours.taken),
    each(most),
    verdict(ours.used <= most, what),
    each(redis.used),
  ]);
  found.push({
    what: `a hash of ${FIELDS} fields`,
    ferrite_bytes: ours.used / HASHES,
    redis_bytes: redis.used / HASHES,
  });
  progressDone();
  console.log(
    "\nCollections: bytes beyond those of fields, members and elements (8 to 20 each), values (8 to",
  );
  console.log(
    `32) and scores (8). A small hash's are those beyond its key (${KEY_BYTES}), too, and at most a quarter of`,
  );
  console.log(
    `redis-server's; of ours, lengths take ${LENGTH_BYTES}, the rest is entry head, index and padding.`,
  );
  printTable(rows);
  return found;
}
