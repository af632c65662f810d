// RESP pipelines beside redis-server: the same bytes, many requests at once, are handed to `exec` of
// the package, in this process, and written to a Unix socket of a redis-server, one pipeline when the
// replies to the one before are there. Its time is from the first byte written to the last byte read;
// the two take turns. Both have 64 MiB and allkeys-lru.
// Judged are the medians of the rounds.

import { connect } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createFerrite } from "../../../glue/platform/node.js";
import { RedisPeer } from "../../redis/peers.mjs";
import { encodeArray } from "../../redis/resp.mjs";
import { random } from "../random.mjs";
import { printTable, progress, progressDone, verdict } from "../report.mjs";
import { writeResults } from "../results.mjs";
import { median, summary } from "../rounds.mjs";

const REQUESTS = 16_384;
const DEPTHS = [64, 1024]; // requests in a pipeline
const TARGETS = { 64: [3, 5], 1024: [5] }; // times as fast, at least
const WARM_UP_ROUNDS = 1;
const DONE = "the end of a pipeline";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");

/* --- what is asked ----------------------------------------------------------------------------- */

const KEYS = 10_000;
const COLLECTIONS = 1000; // small ones of ITEMS
const ITEMS = 10;
const LIST_ITEMS = 40; // enough for every LPOP
const LARGE = 100_000;
const VALUE = "value ".repeat(11).slice(0, 64);
const TTL_SECONDS = "3600";

const key = (i) => `page:${100_000_000_000 + i}`;
const counter = (i) => `counter:${i}`;
const hash = (i) => `session:${i}`;
const list = (i) => `queue:${i}`;
const set = (i) => `tags:${i}`;
const board = (i) => `board:${i}`;
const field = (i) => `field:${i}`;
const member = (i) => `member:${1_000_000 + i}`; // all as long, for SPOP takes any
const text = (i) => VALUE.slice(0, 8 + (i % 25));

const times = (count, make) => Array.from({ length: count }, (_, i) => make(i));
const strings = () => times(KEYS, (i) => ["SET", key(i), VALUE, "EX", TTL_SECONDS]);
const counters = () => times(KEYS, (i) => ["SET", counter(i), `${i}`]);
const hashes = () =>
  times(COLLECTIONS, (i) => ["HSET", hash(i), ...times(ITEMS, (j) => [field(j), text(j)]).flat()]);
const lists = () => times(COLLECTIONS, (i) => ["RPUSH", list(i), ...times(LIST_ITEMS, text)]);
const sets = () => times(COLLECTIONS, (i) => ["SADD", set(i), ...times(ITEMS, member)]);
const boards = () =>
  times(COLLECTIONS, (i) => ["ZADD", board(i), ...times(ITEMS, (j) => [`${j}`, member(j)]).flat()]);
const largeHash = () => times(LARGE, (i) => ["HSET", "large", field(i), text(i)]);
const largeList = () => times(LARGE, (i) => ["RPUSH", "large", text(i)]);
const largeSet = () => times(LARGE, (i) => ["SADD", "large", member(i)]);
const largeBoard = () => times(LARGE, (i) => ["ZADD", "large", `${i}`, member(i)]);
const sketches = () => times(COLLECTIONS, (i) => ["PFADD", `sketch:${i}`, ...times(50, member)]);
const bits = () => times(COLLECTIONS, (i) => ["SETBIT", `bits:${i}`, "8191", "1"]);

// A family: what is there before, and the requests, each a function of a drawing (`draw(n)`: below n)
// and the number of the request.
const FAMILIES = [
  [
    () => [],
    {
      PING: () => ["PING"],
      "SET, new": (draw, i) => ["SET", key(i), VALUE],
      "HSET of 5, new": (draw, i) => [
        "HSET",
        hash(i),
        ...times(5, (j) => [field(j), text(j)]).flat(),
      ],
      "LPUSH, new": (draw, i) => ["LPUSH", list(i), text(i)],
      "SADD, new": (draw, i) => ["SADD", set(i), member(i)],
      "ZADD, new": (draw, i) => ["ZADD", board(i), `${i}`, member(i)],
      "PFADD, new": (draw, i) => ["PFADD", `sketch:${i}`, member(i)],
    },
  ],
  [
    strings,
    {
      GET: (draw) => ["GET", key(draw(KEYS))],
      SET: (draw) => ["SET", key(draw(KEYS)), VALUE],
      "SET EX": (draw) => ["SET", key(draw(KEYS)), VALUE, "EX", TTL_SECONDS],
      "MGET of 10": (draw) => ["MGET", ...times(10, () => key(draw(KEYS)))],
      "MSET of 10": (draw) => ["MSET", ...times(10, () => [key(draw(KEYS)), VALUE]).flat()],
      GETRANGE: (draw) => ["GETRANGE", key(draw(KEYS)), "8", "23"],
      SETRANGE: (draw) => ["SETRANGE", key(draw(KEYS)), "8", "replaced"],
      APPEND: (draw) => ["APPEND", key(draw(KEYS)), "more"],
      STRLEN: (draw) => ["STRLEN", key(draw(KEYS))],
      EXISTS: (draw) => ["EXISTS", key(draw(2 * KEYS))],
      EXPIRE: (draw) => ["EXPIRE", key(draw(KEYS)), "7200"],
      TTL: (draw) => ["TTL", key(draw(KEYS))],
      TYPE: (draw) => ["TYPE", key(draw(KEYS))],
      DEL: (draw, i) => ["DEL", key(i)],
    },
  ],
  [
    counters,
    {
      INCR: (draw) => ["INCR", counter(draw(KEYS))],
      INCRBYFLOAT: (draw) => ["INCRBYFLOAT", counter(draw(KEYS)), "0.5"],
    },
  ],
  [
    hashes,
    {
      HSET: (draw, i) => ["HSET", hash(draw(COLLECTIONS)), field(draw(ITEMS)), text(i)],
      HGET: (draw) => ["HGET", hash(draw(COLLECTIONS)), field(draw(ITEMS))],
      "HMGET of 5": (draw) => ["HMGET", hash(draw(COLLECTIONS)), ...times(5, field)],
      "HGETALL of 10": (draw) => ["HGETALL", hash(draw(COLLECTIONS))],
      HINCRBY: (draw) => ["HINCRBY", hash(draw(COLLECTIONS)), "count", "1"],
      HEXISTS: (draw) => ["HEXISTS", hash(draw(COLLECTIONS)), field(draw(2 * ITEMS))],
      HDEL: (draw) => ["HDEL", hash(draw(COLLECTIONS)), field(draw(ITEMS))],
    },
  ],
  [
    largeHash,
    {
      "HSET, large": (draw, i) => ["HSET", "large", field(draw(LARGE)), text(i)],
      "HGET, large": (draw) => ["HGET", "large", field(draw(LARGE))],
      "HDEL, large": (draw, i) => ["HDEL", "large", field(i)],
    },
  ],
  [
    lists,
    {
      LPUSH: (draw, i) => ["LPUSH", list(draw(COLLECTIONS)), text(i)],
      RPUSH: (draw, i) => ["RPUSH", list(draw(COLLECTIONS)), text(i)],
      LPOP: (draw, i) => ["LPOP", list(i % COLLECTIONS)],
      RPOP: (draw, i) => ["RPOP", list(i % COLLECTIONS)],
      LMOVE: (draw) => ["LMOVE", list(draw(COLLECTIONS)), list(draw(COLLECTIONS)), "LEFT", "RIGHT"],
      LINDEX: (draw) => ["LINDEX", list(draw(COLLECTIONS)), `${draw(LIST_ITEMS)}`],
      "LRANGE of 10": (draw) => ["LRANGE", list(draw(COLLECTIONS)), "0", "9"],
      LLEN: (draw) => ["LLEN", list(draw(COLLECTIONS))],
    },
  ],
  [
    largeList,
    {
      "LPUSH, large": (draw, i) => ["LPUSH", "large", text(i)],
      "LPOP, large": () => ["LPOP", "large"],
      "LRANGE of 10, large": () => ["LRANGE", "large", "0", "9"],
    },
  ],
  [
    sets,
    {
      SADD: (draw, i) => ["SADD", set(draw(COLLECTIONS)), `new:${i}`],
      SISMEMBER: (draw) => ["SISMEMBER", set(draw(COLLECTIONS)), member(draw(2 * ITEMS))],
      SREM: (draw) => ["SREM", set(draw(COLLECTIONS)), member(draw(ITEMS))],
      "SMEMBERS of 10": (draw) => ["SMEMBERS", set(draw(COLLECTIONS))],
      SCARD: (draw) => ["SCARD", set(draw(COLLECTIONS))],
    },
  ],
  [
    largeSet,
    {
      "SADD, large": (draw, i) => ["SADD", "large", `new:${i}`],
      "SISMEMBER, large": (draw) => ["SISMEMBER", "large", member(draw(2 * LARGE))],
      "SPOP, large": () => ["SPOP", "large"],
    },
  ],
  [
    boards,
    {
      ZADD: (draw) => ["ZADD", board(draw(COLLECTIONS)), `${draw(100)}`, member(draw(ITEMS))],
      ZSCORE: (draw) => ["ZSCORE", board(draw(COLLECTIONS)), member(draw(ITEMS))],
      ZINCRBY: (draw) => ["ZINCRBY", board(draw(COLLECTIONS)), "1", member(draw(ITEMS))],
      ZRANK: (draw) => ["ZRANK", board(draw(COLLECTIONS)), member(draw(ITEMS))],
      "ZRANGE of 10": (draw) => ["ZRANGE", board(draw(COLLECTIONS)), "0", "9"],
    },
  ],
  [
    largeBoard,
    {
      "ZADD, large": (draw) => ["ZADD", "large", `${draw(LARGE)}`, member(draw(LARGE))],
      "ZSCORE, large": (draw) => ["ZSCORE", "large", member(draw(LARGE))],
      "ZINCRBY, large": (draw) => ["ZINCRBY", "large", "1", member(draw(LARGE))],
      "ZRANK, large": (draw) => ["ZRANK", "large", member(draw(LARGE))],
      "ZRANGEBYSCORE of 10, large": (draw) => {
        const least = draw(LARGE - ITEMS);
        return ["ZRANGEBYSCORE", "large", `${least}`, `${least + ITEMS - 1}`];
      },
      "ZREVRANGE of 10, large": () => ["ZREVRANGE", "large", "0", "9"],
      "ZPOPMIN, large": () => ["ZPOPMIN", "large"],
      "ZREM, large": (draw, i) => ["ZREM", "large", member(i)],
    },
  ],
  [
    sketches,
    {
      PFADD: (draw, i) => ["PFADD", `sketch:${draw(COLLECTIONS)}`, member(i)],
      PFCOUNT: (draw) => ["PFCOUNT", `sketch:${draw(COLLECTIONS)}`],
    },
  ],
  [
    bits,
    {
      SETBIT: (draw) => ["SETBIT", `bits:${draw(COLLECTIONS)}`, `${draw(8192)}`, "1"],
      GETBIT: (draw) => ["GETBIT", `bits:${draw(COLLECTIONS)}`, `${draw(8192)}`],
      BITCOUNT: (draw) => ["BITCOUNT", `bits:${draw(COLLECTIONS)}`],
    },
  ],
];

const encode = (commands) =>
  Buffer.from([...commands, ["ECHO", DONE]].map(encodeArray).join(""), "latin1");

/** [{ name, before: [bytes], pipelines: [[bytes, ..] for each depth] }, ..] */
function makeRows(seed) {
  let draws = 0;
  const draw = (limit) => Math.floor(random(seed, draws++) * limit);
  return FAMILIES.flatMap(([before, requests]) => {
    const there = [encode([["FLUSHALL", "SYNC"], ...before()])];
    return Object.entries(requests).map(([name, request]) => {
      const all = times(REQUESTS, (i) => request(draw, i));
      const pipelines = DEPTHS.map((depth) =>
        times(REQUESTS / depth, (i) => encode(all.slice(i * depth, (i + 1) * depth))),
      );
      return { name, before: there, pipelines };
    });
  });
}

/* --- the two ----------------------------------------------------------------------------------- */

/** Both answer pipelines with { nanoseconds, bytes, first: how the replies begin }. */
class Ours {
  constructor(module) {
    this.cache = createFerrite(module, { maxMemory: "64mb", evictionPolicy: "allkeys-lru" });
  }

  async send(pipelines) {
    let bytes = 0;
    let first;
    const start = process.hrtime.bigint();
    for (const requests of pipelines) {
      const reply = this.cache.exec(requests);
      bytes += reply.length;
      first ??= reply;
    }
    const nanoseconds = Number(process.hrtime.bigint() - start);
    return { nanoseconds, bytes, first: beginning(first) };
  }
}

class Theirs {
  static async start() {
    const theirs = new Theirs();
    theirs.peer = await RedisPeer.start();
    theirs.socket = connect(theirs.peer.path);
    await theirs.send([
      encode([
        ["CONFIG", "SET", "maxmemory", "64mb"],
        ["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"],
      ]),
    ]);
    return theirs;
  }

  send(pipelines) {
    const { socket } = this;
    const end = Buffer.from(`${DONE}\r\n`);
    return new Promise((resolve, reject) => {
      let bytes = 0;
      let answered = 0; // pipelines
      let first;
      let tail = Buffer.alloc(0);
      const finish = (settle, value) => {
        socket.removeAllListeners();
        settle(value);
      };
      const start = process.hrtime.bigint();
      socket.on("data", (piece) => {
        bytes += piece.length;
        first ??= piece;
        tail = piece.length >= end.length ? piece : Buffer.concat([tail, piece]);
        if (!tail.subarray(-end.length).equals(end)) return;
        tail = Buffer.alloc(0);
        if (++answered < pipelines.length) {
          socket.write(pipelines[answered]);
          return;
        }
        const nanoseconds = Number(process.hrtime.bigint() - start);
        finish(resolve, { nanoseconds, bytes, first: beginning(first) });
      });
      socket.on("error", (error) => finish(reject, error));
      socket.on("close", () => finish(reject, new Error("redis-server closed the connection")));
      socket.write(pipelines[0]);
    });
  }

  stop() {
    this.socket.destroy();
    return this.peer.stop();
  }
}

const beginning = (reply) => Buffer.from(reply.subarray(0, 80)).toString("latin1");

/* --- the figures ------------------------------------------------------------------------------- */

/** One row at one depth, once in each -> [ours, redis's], ns a request. null: there is no such command. As
 * many bytes have to come from both; that they are the same is for test/redis to see to. */
async function play(name, before, pipelines, ours, redis) {
  const replies = [];
  for (const server of [ours, redis]) {
    await server.send(before);
    collectGarbage(); // of what was before
    replies.push(await server.send(pipelines));
  }
  const [mine, theirs] = replies;
  if (mine.first.startsWith("-ERR unknown command")) return null;
  if (mine.first.startsWith("-")) throw new Error(`${name}: ${mine.first}`);
  if (mine.bytes !== theirs.bytes)
    throw new Error(`${name}: ${mine.bytes} bytes of replies, redis-server has ${theirs.bytes}`);
  return replies.map((reply) => reply.nanoseconds / REQUESTS);
}

/** The columns of one depth. */
function columnsOf(name, depth, figures) {
  if (figures[0] === null) return ["no such command", "", "", "not measured"];
  const [mine, theirs] = [0, 1].map((side) => figures.map((pair) => pair[side]));
  const ratio = median(theirs) / median(mine);
  const what = `pipelines of ${depth}, ${name}: ${ratio.toFixed(1)} times as fast`;
  const met = TARGETS[depth].filter(
    (target) => verdict(ratio >= target, `${what}, at least ${target}`) === "met",
  );
  return [summary(mine, 0), summary(theirs, 0), ratio.toFixed(1), met.at(-1) ?? "missed"];
}

export async function comparePipelines(module, rounds, seed) {
  const rows = makeRows(seed);
  const ours = new Ours(module);
  const redis = await Theirs.start();
  const runs = rows.map(() => DEPTHS.map(() => []));
  try {
    for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
      for (const [r, { name, before, pipelines }] of rows.entries()) {
        progress(`pipelines: ${name}, round ${round + 1} of ${rounds}`);
        for (const [d, pipeline] of pipelines.entries()) {
          const figures = await play(name, before, pipeline, ours, redis);
          if (round >= 0) runs[r][d].push(figures);
        }
      }
    }
  } finally {
    await redis.stop();
  }
  progressDone();
  console.log(
    `\nPipelines of ${DEPTHS.join(" and ")} requests, ns a request, beside redis-server ${redis.peer.version} on a Unix socket: by`,
  );
  console.log(
    `medians at least so many times as fast. ${KEYS} strings, ${COLLECTIONS} collections of ${ITEMS} items (lists:`,
  );
  console.log(`${LIST_ITEMS}); large: ${LARGE} items.`);
  const heads = DEPTHS.flatMap((depth) => [`ferrite, ${depth}`, "redis-server", "times", ""]);
  printTable([
    ["", ...heads],
    ...rows.map(({ name }, r) => [
      name,
      ...DEPTHS.flatMap((depth, d) => columnsOf(name, depth, runs[r][d])),
    ]),
  ]);
  writeResults("pipelines", {
    rounds,
    seed,
    requests_ns: rows.map(({ name }, r) => ({
      name,
      ...Object.fromEntries(DEPTHS.map((depth, d) => [depth, runs[r][d]])),
    })),
  });
}
