// The two sides: a real redis-server, with which a value and its digest are exchanged, and a cache.
// Bytes are strings of characters 0..255 ("latin1"), as in test/redis.
import { execFileSync } from "node:child_process";
import { connect } from "node:net";
import { join } from "node:path";
import { initFerrite } from "../../glue/platform/node.js";
import { freshDirectory, keep } from "../keeper.mjs";
import { Random } from "../redis/random.mjs";
import { encodeArray, parseReply } from "../redis/resp.mjs";

const PATIENCE_MS = 20_000;

export const bytesOf = (text) => Uint8Array.from(Buffer.from(text, "latin1"));
export const textOf = (bytes) => Buffer.from(bytes).toString("latin1");

/** SEED=n repeats a run. */
export function seeded(t) {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));
  t.diagnostic(`SEED=${seed}`);
  console.log(`${t.name}: SEED=${seed}`);
  return new Random(seed);
}

/** Starts a redis-server on a socket in `directory` -> { ask(...words), directory, stop() } */
export async function startRedis(settings = {}, directory = freshDirectory()) {
  const path = join(directory, "socket");
  const words = Object.entries({
    port: "0",
    unixsocket: path,
    dir: directory,
    save: "",
    loglevel: "warning",
    "enable-debug-command": "yes",
    ...settings,
  }).flatMap(([name, value]) => [`--${name}`, value]);
  const { log, stop } = keep(directory, "redis-server", words);
  const open = () =>
    new Promise((resolve, reject) => {
      const socket = connect(path, () => resolve(socket)).once("error", reject);
    });
  let socket;
  for (const giveUp = Date.now() + PATIENCE_MS; !socket; ) {
    socket = await open().catch(() => null);
    if (!socket && Date.now() > giveUp) throw new Error(`redis-server does not start: ${log()}`);
    if (!socket) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  let received = "";
  let wake = () => {};
  socket.setEncoding("latin1").on("data", (text) => {
    received += text;
    wake();
  });
  socket.on("close", () => wake(new Error(`redis-server is gone: ${log()}`)));
  /** An error reply is a string, too, with its "-". */
  const plain = ({ type, value }) =>
    type === "-" ? `-${value}` : Array.isArray(value) ? value.map(plain) : value;
  const send = (text, count) =>
    new Promise((resolve, reject) => {
      const replies = [];
      received = "";
      wake = (gone) => {
        if (gone) reject(gone);
        let at = 0;
        while (replies.length < count) {
          const reply = parseReply(received, at);
          if (!reply) break;
          replies.push(plain(reply));
          at = reply.end;
        }
        received = received.slice(at);
        if (replies.length === count) resolve(replies);
      };
      socket.write(text, "latin1");
    });
  const askAll = (commands) => send(commands.map(encodeArray).join(""), commands.length);
  const ask = async (...words) => (await askAll([words.map(String)]))[0];
  for (const giveUp = Date.now() + PATIENCE_MS; String(await ask("PING")).startsWith("-LOADING"); )
    if (Date.now() > giveUp) throw new Error("redis-server goes on loading");
  return {
    directory,
    ask,
    askAll,
    stop() {
      socket.destroy();
      return stop();
    },
  };
}

export async function startCache(options = {}) {
  const cache = await initFerrite({ maxMemory: "64mb", evictionPolicy: "noeviction", ...options });
  /** As redis.ask does. */
  cache.ask = (...words) => {
    const plain = (value) =>
      value instanceof Uint8Array ? textOf(value) : Array.isArray(value) ? value.map(plain) : value;
    try {
      return plain(cache.callBytes(...words.map((word) => bytesOf(String(word)))));
    } catch (error) {
      if (error.code === "BROKEN" || error.name !== "FerriteError") throw error;
      return `-${error.message}`;
    }
  };
  return cache;
}

/** What redis-check-rdb says of a file; throws if it does not accept it. */
export const checkRdb = (path) =>
  execFileSync("redis-check-rdb", [path], { encoding: "utf8", stdio: "pipe" });
