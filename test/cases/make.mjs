// Writes the replies of test/cases/*.txt as a real redis-server gives them, behind each request: to
// add a case, write its ">" line, and run this.
//
//     node test/cases/make.mjs [file ...]
//
// The server's clock is ours: it stands where the table says (clock.c). What Redis does not have, or
// what depends on our own limits, is in files called own-*.txt, whose replies are written by hand.

import { execFileSync } from "node:child_process";
import { openSync, readdirSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freshDirectory, keep } from "../keeper.mjs";
import { encodeArray, parseReply } from "../redis/resp.mjs";
import { bytesOf, escape, play, textOf } from "./play.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const PATIENCE_MS = 10_000;
const VERSION = "7.0.";

/** The tables: all of them, and those whose replies are Redis's. */
export const tables = readdirSync(HERE)
  .filter((name) => name.endsWith(".txt"))
  .map((name) => join(HERE, name));
export const redisTables = tables.filter((path) => !path.includes("/own-"));

/** One connection: a request at a time, text in, text out. */
async function open(path) {
  const socket = connect(path);
  let received = "";
  let wake = () => {};
  socket.setEncoding("latin1");
  socket.on("data", (text) => wake((received += text)));
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return {
    ask(request) {
      received = "";
      socket.write(bytesOf(request));
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no reply: ${request}`)), PATIENCE_MS);
        wake = () => {
          if (parseReply(received)?.end !== received.length) return;
          clearTimeout(timer);
          resolve(received);
        };
      });
    },
    end: () => socket.destroy(),
  };
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
  const forms = {};
  for (const giveUp = Date.now() + PATIENCE_MS; !forms[2]; ) {
    forms[2] = await open(path).catch(() => sleep(20));
    if (!forms[2] && Date.now() > giveUp) {
      await stop();
      throw new Error(`redis-server does not start: ${log()}`);
    }
  }
  forms[3] = await open(path);
  const hello = await forms[3].ask(encodeArray(["HELLO", "3"]));
  const file = openSync(clock, "r+");
  return {
    version: /\$7\r\nversion\r\n\$\d+\r\n(\S+)/.exec(hello)[1],
    async fresh(bytes, policy) {
      for (const words of [
        ["FLUSHALL", "SYNC"],
        ["CONFIG", "RESETSTAT"],
        ["CONFIG", "SET", "maxmemory-policy", policy],
      ]) {
        const reply = await forms[2].ask(encodeArray(words));
        if (reply !== "+OK\r\n") throw new Error(`${words.join(" ")}: ${reply}`);
      }
    },
    async exec(request, nowMs, resp) {
      writeSync(file, new Uint8Array(BigInt64Array.of(BigInt(nowMs) * 1000n).buffer), 0, 8, 0);
      return bytesOf(await forms[resp].ask(textOf(request)));
    },
    stop() {
      Object.values(forms).forEach((form) => form.end());
      return stop();
    },
  };
}

/** The table with the replies that redis-server gives. */
async function answered(text, redis) {
  const replies = [];
  const exec = async (...request) => {
    const reply = await redis.exec(...request);
    replies.push(escape(textOf(reply)));
    return reply;
  };
  await play(text, { fresh: redis.fresh, exec });
  return text
    .split("\n")
    .filter((line) => !line.startsWith("< "))
    .map((line) => (line.startsWith("> ") ? `${line}\n< ${replies.shift()}` : line))
    .join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const redis = await startRedis();
  try {
    if (!redis.version.startsWith(VERSION)) throw new Error(`redis-server is ${redis.version}`);
    for (const path of process.argv.length > 2 ? process.argv.slice(2) : redisTables)
      writeFileSync(path, await answered(readFileSync(path, "utf8"), redis));
  } finally {
    await redis.stop();
  }
}
