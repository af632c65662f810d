// Writes the replies of test/cases/*.txt as a real redis-server gives them, behind each request: to
// add a case, write what asks for it, and run this.
//
//     node test/cases/make.mjs [file ...]
//
// The server's clock is ours: it stands where the table says (clock.c). What Redis does not have, or
// what depends on our own limits, is in files called own-*.txt, whose replies are written by hand.

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { openSync, readdirSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freshDirectory, keep } from "../keeper.mjs";
import { encodeArray } from "../redis/resp.mjs";
import { lineOf, play, textOf } from "./play.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const PATIENCE_MS = 10_000;
const VERSION = "7.0.";

/** The tables: all of them, and those whose replies are Redis's. */
export const tables = readdirSync(HERE)
  .filter((name) => name.endsWith(".txt"))
  .map((name) => join(HERE, name));
export const redisTables = tables.filter((path) => !path.includes("/own-"));

/** One connection -> { ask(bytes) -> { reply, close: has the server ended it? }, end() } */
async function open(path, settle) {
  const socket = connect(path);
  const pieces = [];
  let close = false;
  socket.on("data", (bytes) => pieces.push(bytes));
  socket.once("end", () => (close = true));
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return {
    async ask(bytes) {
      pieces.length = 0;
      await new Promise((resolve) => socket.write(bytes, "latin1", resolve));
      for (let before = -1; before < pieces.length; await settle()) before = pieces.length;
      return { reply: Buffer.concat(pieces), close };
    },
    end: () => socket.destroy(),
  };
}

/** -> settle(), which resolves when what the server was sent before is answered, and the answers are here. */
async function openBell(path) {
  const bell = connect(path);
  await once(bell, "connect");
  const settle = async () => {
    // A turn reads, one writes what is answered, one closes what is over.
    for (let turn = 0; turn < 3; turn++) {
      bell.write("PING\r\n");
      await once(bell, "data");
    }
    await new Promise(setImmediate); // what came with the last
  };
  return { settle, end: () => bell.destroy() };
}

/** A redis-server, as `play` needs it; stop() ends it. */
export async function startRedis() {
  const directory = freshDirectory();
  const [clock, library, path] = ["now", "clock.so", "socket"].map((name) => join(directory, name));
  writeFileSync(clock, new Uint8Array(BigInt64Array.of(0n).buffer));
  execFileSync("clang-19", ["-O1", "-shared", "-fPIC", `${HERE}clock.c`, "-o", library]);
  const { log, stop } = keep(directory, "env", [
    ...[`CLOCK_FILE=${clock}`, `LD_PRELOAD=${library}`, "redis-server"],
    ...["--port", "0", "--unixsocket", path, "--dir", directory, "--save", ""],
  ]);
  let bell;
  for (const giveUp = Date.now() + PATIENCE_MS; !bell; ) {
    bell = await openBell(path).catch(() => sleep(20));
    if (!bell && Date.now() > giveUp) {
      await stop();
      throw new Error(`redis-server does not start: ${log()}`);
    }
  }
  const admin = await open(path, bell.settle);
  const said = async (...words) => textOf((await admin.ask(encodeArray(words))).reply);
  const file = openSync(clock, "r+");
  const connections = {}; // by the form of their replies

  function end(resp) {
    connections[resp]?.end();
    delete connections[resp];
  }

  async function exec(bytes, nowMs, resp) {
    writeSync(file, new Uint8Array(BigInt64Array.of(BigInt(nowMs) * 1000n).buffer), 0, 8, 0);
    if (!connections[resp]) {
      connections[resp] = await open(path, bell.settle);
      await connections[resp].ask(encodeArray(["HELLO", `${resp}`]));
    }
    const answer = await connections[resp].ask(bytes);
    if (answer.close) end(resp);
    return answer;
  }

  return {
    version: /redis_version:(\S+)/.exec(await said("INFO", "server"))[1],
    async fresh(bytes, policy) {
      for (const words of [
        ["FLUSHALL", "SYNC"],
        ["CONFIG", "RESETSTAT"],
        ["CONFIG", "SET", "maxmemory-policy", policy],
      ]) {
        const reply = await said(...words);
        if (reply !== "+OK\r\n") throw new Error(`${words.join(" ")}: ${reply}`);
      }
      [2, 3].forEach(end);
    },
    exec,
    call: async (words, nowMs) => textOf((await exec(encodeArray(words), nowMs, 2)).reply),
    stop() {
      [2, 3].forEach(end);
      admin.end();
      bell.end();
      return stop();
    },
  };
}

/** The table with the replies that redis-server gives. */
async function withReplies(text, redis) {
  const replies = [];
  await play(text, {
    fresh: redis.fresh,
    async exec(...request) {
      const answer = await redis.exec(...request);
      replies.push(lineOf(textOf(answer.reply), answer.close));
      return answer;
    },
    async call(...request) {
      const reply = await redis.call(...request);
      replies.push(lineOf(reply, false));
      return reply;
    },
  });
  const answered = (line) => {
    const reply = replies.shift();
    if (reply === "<" && !line.startsWith(">>")) throw new Error(`no reply: ${line}`);
    return `${line}\n${reply}`;
  };
  return text
    .split("\n")
    .filter((line) => !/^<\/?( |$)/.test(line))
    .map((line) => (/^(>>?|call) /.test(line) ? answered(line) : line))
    .join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const redis = await startRedis();
  try {
    if (!redis.version.startsWith(VERSION)) throw new Error(`redis-server is ${redis.version}`);
    for (const path of process.argv.length > 2 ? process.argv.slice(2) : redisTables)
      writeFileSync(path, await withReplies(readFileSync(path, "utf8"), redis));
  } finally {
    await redis.stop();
  }
}
