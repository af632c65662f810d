// The two sides of the comparison behind one interface: a real redis-server, and ferrite.wasm.
//
//   begin(form, fresh)        an empty keyspace, default settings, replies in RESP `form`
//   exchange(text, options)   sends requests; resolves to the bytes of all their replies
//       cuts: [n, ...]        deliver the text in pieces, cut before these places
//       tail: "..."           then the beginning of one more request
//   exchangeUntilClosed(text) the same for text that is no request in the end: the replies up to
//                             and with the protocol error, behind which the connection is closed
//   exchangeAny(text)         the same for text that may or may not be
//   exhaust()                 uses up the memory budget
//   changes()                 the keys that have changed since it was called last
//   stop()

import { connect } from "node:net";
import { join } from "node:path";
import { Engine, STATUS } from "./engine.mjs";
import { freshDirectory, keep } from "../keeper.mjs";
import { Poison } from "./poison.mjs";
import { Random } from "./random.mjs";
import { encodeArray, parseReplies } from "./resp.mjs";

export const BUDGET_BYTES = 64 * 1024 * 1024;
const PATIENCE_MS = 10000;

const RESET = [
  ["FLUSHALL", "SYNC"],
  ["CONFIG", "SET", "maxmemory", String(BUDGET_BYTES)],
  ["CONFIG", "SET", "maxmemory-policy", "noeviction"],
  ["CONFIG", "SET", "maxmemory-samples", "5"],
  ["CONFIG", "RESETSTAT"],
];

// Sent behind what is reset, and behind each exchange, to find the replies between.
const READY = "ready for an exchange";
const DONE = "the last reply of an exchange";
const bulk = (text) => `$${text.length}\r\n${text}\r\n`;

const encodeAll = (commands) => commands.map(encodeArray).join("");

/** A connection to redis-server that collects what it receives. */
class Connection {
  static open(path) {
    return new Promise((resolve, reject) => {
      const socket = connect(path, () => resolve(new Connection(socket)));
      socket.once("error", reject);
    });
  }

  constructor(socket) {
    this.socket = socket;
    this.received = "";
    this.closed = false;
    this.wake = () => {};
    socket.setEncoding("latin1");
    socket.on("data", (text) => {
      this.received += text;
      this.wake();
    });
    socket.on("error", () => {}); // a reset is a close, and "close" follows
    socket.on("close", () => {
      this.closed = true;
      this.wake();
    });
  }

  write(text) {
    this.received = "";
    this.socket.write(Buffer.from(text, "latin1"));
  }

  /** Resolves when `done()` holds, which is asked whenever something arrives. */
  until(done, what) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.wake = () => {};
        reject(new Error(`redis-server: no ${what} within ${PATIENCE_MS} ms`));
      }, PATIENCE_MS);
      this.wake = () => {
        if (!done()) return;
        clearTimeout(timer);
        this.wake = () => {};
        resolve();
      };
      this.wake();
    });
  }

  end() {
    this.socket.destroy();
  }
}

export class RedisPeer {
  mayWait = true; // for commands that block

  /** Starts a redis-server of its own, on a socket in a fresh directory. */
  static async start(program = "redis-server", name = "redis") {
    const peer = new RedisPeer();
    peer.name = name;
    const directory = freshDirectory();
    peer.path = join(directory, "socket");
    const settings = {
      port: "0",
      unixsocket: peer.path,
      dir: directory,
      databases: "1",
      save: "",
      appendonly: "no",
      maxmemory: String(BUDGET_BYTES),
      loglevel: "warning",
    };
    const words = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    peer.kept = keep(directory, program, words);
    await peer.greet(program);
    return peer;
  }

  async greet(program) {
    const giveUp = Date.now() + PATIENCE_MS;
    while (!this.control) {
      try {
        this.control = await Connection.open(this.path);
      } catch {
        if (Date.now() > giveUp || this.kept.log().includes("not found")) {
          await this.stop();
          throw new Error(`${program} does not start: ${this.kept.log()}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    const info = await this.ask(this.control, encodeArray(["INFO", "server"]));
    this.version = /redis_version:(\S+)/.exec(info)?.[1] ?? "unknown";
  }

  /** Resolves when the server is gone. */
  stop() {
    return this.kept.stop();
  }

  async ask(connection, text, tail = "") {
    connection.write(text + encodeArray(["ECHO", DONE]) + tail);
    const done = () => connection.closed || connection.received.endsWith(bulk(DONE));
    await connection.until(done, "reply");
    if (connection.closed)
      throw new Error(`redis-server closed the connection: ${connection.received.slice(-200)}`);
    return connection.received.slice(0, -bulk(DONE).length);
  }

  async reconnect() {
    this.connection?.end();
    this.connection = await Connection.open(this.path);
    await this.ask(this.connection, encodeArray(["HELLO", String(this.form)]));
  }

  /** The reset goes out with the first exchange: a round trip less. */
  async begin(form) {
    this.form = form;
    if (!this.connection || this.connection.closed) await this.reconnect();
    this.reset = encodeAll([...RESET, ["HELLO", String(form)], ["ECHO", READY]]);
  }

  async exchange(text, { tail = "" } = {}) {
    const reply = await this.ask(this.connection, this.reset + text, tail);
    if (tail) await this.reconnect();
    if (!this.reset) return reply;
    this.reset = "";
    return reply.slice(reply.indexOf(bulk(READY)) + bulk(READY).length);
  }

  async exchangeUntilClosed(text) {
    let reply = "";
    for (let tries = 0; reply === "" && tries < 5; tries++) {
      await this.exchange("");
      this.connection.write(text);
      await this.connection.until(() => this.connection.closed, "close");
      reply = this.connection.received; // which a reset may have taken, while there was more to write
      await this.reconnect();
    }
    return reply;
  }

  /** Three answers on another connection later, one thread has surely dealt with this text. */
  async exchangeAny(text) {
    await this.exchange("");
    this.connection.write(text);
    for (let i = 0; i < 3; i++) await this.ask(this.control, "");
    const reply = this.connection.received;
    await this.reconnect();
    return reply;
  }

  async exhaust() {
    await this.exchange(encodeArray(["CONFIG", "SET", "maxmemory", "1"]));
  }

  /** The keys that have changed since this was asked last, which the first time begins; null: all. */
  async changes() {
    const words = ["CLIENT", "TRACKING", "ON", "BCAST"];
    if (!this.tracking) {
      this.tracking = await Connection.open(this.path);
      await this.ask(this.tracking, encodeAll([["HELLO", "3"], words]));
      this.tracking.received = "";
    }
    const early = this.tracking.received;
    const pushes = parseReplies(early + (await this.ask(this.tracking, "")));
    this.tracking.received = "";
    if (pushes.some((push) => push.value[1].value === null)) return null;
    return pushes.flatMap((push) => push.value[1].value.map((key) => key.value));
  }
}

export class FerritePeer {
  constructor(path) {
    this.name = "ferrite";
    this.version = path;
    this.module = Engine.load(path);
    this.seed = 1;
    this.poison = null;
  }

  /** A trap leaves an instance in no state to go on with: a new one replaces it. */
  revive(budgetBytes = BUDGET_BYTES) {
    this.engine = new Engine(this.module, budgetBytes, 0, this.seed++);
    this.budgetBytes = budgetBytes;
    this.poison = null;
  }

  /** Every other time in memory that is full of poison, after which no reply may show any. */
  startAnew() {
    this.revive();
    if (this.seed % 2) return;
    this.poison = new Poison(new Random(this.seed));
    this.engine.initPoisoned(BUDGET_BYTES, 0, this.seed, this.poison);
  }

  stop() {}

  async begin(form, fresh) {
    this.form = form;
    if (fresh || !this.engine || this.budgetBytes !== BUDGET_BYTES) this.startAnew();
    const reply = await this.exchange(encodeAll(RESET));
    if (reply !== "+OK\r\n".repeat(RESET.length)) throw new Error(`no reset: ${reply}`);
  }

  run(text) {
    const offset = text.length % 3; // a request may begin anywhere in the window
    try {
      const result = this.engine.run(Buffer.from(text, "latin1"), this.form, Date.now(), offset);
      const used = this.engine.wasm.memory.buffer.byteLength;
      if (used > this.budgetBytes) throw new Error(`${used} bytes of ${this.budgetBytes}`);
      if (this.engine.stackIsShort) throw new Error("hardly any stack was left");
      if (this.poison?.showsIn(result.reply)) throw new Error("a reply shows memory never written");
      return result;
    } catch (error) {
      this.engine = null;
      throw error;
    }
  }

  /** Delivers the pieces as a host does that keeps what was not consumed. */
  deliver(text, cuts = []) {
    let reply = "";
    let kept = "";
    let from = 0;
    for (const to of [...cuts, text.length]) {
      kept += text.slice(from, to);
      from = to;
      const result = this.run(kept);
      reply += result.reply;
      kept = kept.slice(result.consumed);
      if (result.status === STATUS.PROTOCOL) return { reply, kept, closed: true };
    }
    return { reply, kept, closed: false };
  }

  async exchange(text, { tail = "", cuts = [] } = {}) {
    const { reply, kept, closed } = this.deliver(text + tail, cuts);
    if (closed) throw new Error(`protocol error: ${reply.slice(-200)}`);
    if (kept !== tail)
      throw new Error(`${kept.length} bytes left unconsumed, not the ${tail.length} of the tail`);
    return reply;
  }

  async exchangeUntilClosed(text) {
    const { reply, closed } = this.deliver(text);
    if (!closed) throw new Error(`no protocol error: ${reply.slice(-200)}`);
    return reply;
  }

  async exchangeAny(text) {
    return this.deliver(text).reply;
  }

  async changes() {
    const changes = this.engine.changes();
    return changes && changes.map(({ key }) => key);
  }

  /** A small cache filled until nothing but the reserve for small answers is left. */
  async exhaust() {
    this.revive(262144);
    for (const size of [1024, 100, 8]) // none needs a larger request window
      for (let i = 0, reply = "+"; reply[0] === "+" && i < 100000; i++)
        reply = await this.exchange(encodeArray(["SET", `${size}:${i}`, "x".repeat(size)]));
  }
}
