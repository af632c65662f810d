/*
 * A server in front of one cache: its connections, and what they share.
 */
import { statSync, unlinkSync } from "node:fs";
import { createServer } from "node:net";
import { Blocking } from "./blocking.js";
import { Channels } from "./channels.js";
import { COMMANDS, TAKEOVERS } from "./commands.js";
import { Config } from "./config.js";
import { Connection } from "./connection.js";
import { createMetrics } from "./metrics.js";
import { Monitors } from "./monitor.js";
import { error } from "./replies.js";
import { Stats } from "./info.js";
import { Pausing } from "./pausing.js";
import { Table } from "./table.js";
import { Tracking } from "./tracking.js";
import { WatchedKeys } from "./transactions.js";
import { writeWords } from "./words.js";

export const UPKEEP_MS = 100;
const EXPIRY_MS = 1; // of these, at most, to look for what has expired
const KEEP_ALIVE_MS = 300_000;
const FAREWELL_MS = 1000; // that clients have to read what is left for them when the server ends
const QUERY_BYTES = 1024 ** 3; // that a connection may have waiting, as long as nothing else is set

export class Server {
  connections = new Map(); // by their ids
  toFlush = []; // connections that have something to be sent
  toResume = []; // connections that may go on
  watched = new WatchedKeys();
  channels = new Channels();
  monitors = new Monitors();
  stats = new Stats();
  keepsUp = true; // does it look for what has expired?

  #listeners = [];
  #metrics = null; // listens as well, if it is asked for
  #lastId = 0;
  #notesChanges = false; // does the module?
  #upkeep;
  #isSweeping = false; // is it in the middle of looking for what has expired?

  /** @param options see options.js */
  constructor(cache, options) {
    this.cache = cache;
    this.options = options;
    this.config = new Config(cache, { ...options, queryBytes: QUERY_BYTES });
    this.table = new Table(
      cache.run(["COMMAND"], false),
      cache.run(["COMMAND", "DOCS"], false),
      COMMANDS,
      TAKEOVERS,
    );
    this.blocking = new Blocking(this);
    this.tracking = new Tracking(this);
    this.pausing = new Pausing(this);
    this.startedAt = this.now();
  }

  now() {
    return Date.now();
  }

  log(text) {
    console.error(text);
  }

  /* --- listening ------------------------------------------------------------------------------ */

  /** Resolves when connections are accepted. If they cannot be, it rejects, and leaves nothing. */
  async listen() {
    const { bind, port, socket, "metrics-port": metricsPort } = this.options;
    try {
      if (port !== 0 || !socket) await this.#acceptAt({ host: bind, port });
      if (socket) {
        // As Redis does, but for what is no socket.
        if (statSync(socket, { throwIfNoEntry: false })?.isSocket()) unlinkSync(socket);
        await this.#acceptAt({ path: socket });
      }
      if (metricsPort !== null) {
        this.#metrics = createMetrics(this);
        await this.#listenAt(this.#metrics, { host: "127.0.0.1", port: metricsPort });
      }
    } catch (error) {
      this.shutDown();
      throw error;
    }
    this.#upkeep = setInterval(() => this.during(() => this.keepUp()), UPKEEP_MS);
  }

  #acceptAt(where) {
    const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
    const listener = createServer(options, (socket) => this.accept(socket, where.path));
    this.#listeners.push(listener);
    return this.#listenAt(listener, where);
  }

  #listenAt(listener, where) {
    return new Promise((resolve, reject) => {
      listener.once("error", reject).listen(where, () => resolve());
    });
  }

  /** A new connection; `path`: of the Unix socket it has come to, or what stands for that. */
  accept(socket, path) {
    this.stats.connections++;
    if (this.connections.size >= this.config.limits.clients) {
      this.stats.rejected++;
      socket.on("error", () => {}).end(error("ERR max number of clients reached"));
      socket.destroySoon();
      return;
    }
    const id = ++this.#lastId;
    this.connections.set(id, new Connection(this, socket, id, path));
  }

  /** A connection has ended. */
  forget(connection) {
    this.connections.delete(connection.id);
    this.watched.remove(connection.transaction);
    this.blocking.cancel(connection);
    this.channels.leaveAll(connection);
    this.monitors.remove(connection);
    this.tracking.end(connection);
    this.needChanges();
  }

  /** There is no password any more. */
  trustAll() {
    for (const connection of this.connections.values()) connection.isTrusted = true;
  }

  /** Where it can be reached: addresses as redis-cli takes them. */
  get places() {
    return this.#listeners.map((listener) => {
      const where = listener.address();
      if (typeof where === "string") return `redis-cli -s ${where}`;
      return `redis-cli -h ${where.address} -p ${where.port}`;
    });
  }

  /** Where Prometheus finds its figures, or null. */
  get metricsUrl() {
    return this.#metrics && `http://127.0.0.1:${this.#metrics.address().port}/metrics`;
  }

  /** Sends what is to be sent, and ends. */
  shutDown() {
    clearInterval(this.#upkeep);
    for (const listener of this.#listeners) listener.close();
    this.#metrics?.close();
    this.#metrics?.closeAllConnections();
    this.during(() => {
      for (const connection of this.connections.values()) {
        this.blocking.cancel(connection);
        connection.closeSoon();
      }
      this.pausing.end();
    });
    const hangUp = () => {
      for (const connection of this.connections.values()) connection.close();
    };
    setTimeout(hangUp, FAREWELL_MS).unref();
  }

  /* --- events --------------------------------------------------------------------------------- */

  /** Whatever happens happens in here: when it is done, those who may go on do, and all is sent. */
  during(work) {
    work();
    do {
      for (const connection of this.toResume.splice(0)) connection.process();
      this.tracking.broadcast();
      for (const connection of this.toFlush.splice(0)) {
        if (connection.flush()) this.toResume.push(connection);
      }
    } while (this.toResume.length > 0 || this.toFlush.length > 0);
  }

  /** From time to time. */
  keepUp() {
    if (this.keepsUp && !this.pausing.isOn) this.#expire();
    const idleMs = Number(this.config.get("timeout")) * 1000 || Infinity;
    for (const connection of this.connections.values()) {
      const isIdle = this.now() - connection.activeAt > idleMs;
      if (isIdle && connection.wait === null) connection.close();
    }
    this.noteChanges(null);
    this.tracking.limit();
    this.serveBlocked();
  }

  // Redis looks for what has expired more often than the module does by itself. Not under LFU,
  // where that would make what is used often seem not to be.
  #expire() {
    const { expires, maxmemory_policy: policy } = this.cache.info();
    const isEager = expires > 0 && !policy.endsWith("lfu");
    const end = performance.now() + EXPIRY_MS;
    let isLeft = this.cache.tick(isEager && !this.#isSweeping);
    while (isEager && isLeft && performance.now() < end) isLeft = this.cache.tick();
    this.#isSweeping = isLeft;
  }

  /** Does the cache take more than it may, as after CONFIG SET maxmemory to less? */
  get isOverfull() {
    const { maxmemory } = this.config.limits;
    const committed = this.cache.memory.buffer.byteLength; // which costs less to know
    return committed > maxmemory && this.cache.info().used_memory > maxmemory;
  }

  /** Has somebody to know of all changes? Blocked clients have not: see Blocking.isAwaited. */
  get tellsAll() {
    return !this.watched.isEmpty || this.tracking.isNeeded;
  }

  /** Somebody has begun, or ceased, to have to know of changes. */
  needChanges() {
    const isNeeded = this.blocking.count > 0 || this.tellsAll;
    if (isNeeded === this.#notesChanges) return;
    this.#notesChanges = isNeeded;
    this.cache.takeChanges(isNeeded);
  }

  /** Tells those who have to know what has changed, by `origin` or by itself. */
  noteChanges(origin) {
    if (!this.#notesChanges) return;
    const { all, changes } = this.cache.takeChanges();
    if (all) {
      this.watched.touchAll();
      this.blocking.noteAll();
      this.tracking.noteAll();
    }
    for (const { kind, key } of changes) {
      const text = Buffer.from(key.buffer, key.byteOffset, key.length).latin1Slice();
      this.watched.touch(text);
      this.blocking.noteChange(text);
      this.tracking.noteChange(text, kind === "changed" ? origin : null);
    }
  }

  /** FLUSHALL: whatever else there is to know of changes is a part of it. */
  noteFlush() {
    if (!this.#notesChanges) return;
    this.cache.takeChanges();
    this.watched.flush();
    this.tracking.noteAll();
  }

  serveBlocked() {
    if (this.blocking.count > 0) this.blocking.serve();
  }

  /** Runs a command in the module and returns its reply, as text in which each unit is a byte. */
  ask(words, resp) {
    const bytes = writeWords(words);
    let reply = "";
    this.cache.pump(bytes, 0, bytes.length, resp, (memory, start, end) => {
      reply += Buffer.from(memory.buffer, start, end - start).latin1Slice();
    });
    return reply;
  }
}
