/*
 * ioredis, and iovalkey that was made of it, on a cache in the same process: a Connector, which is
 * their own way to be given a stream.
 */
import { assertCache, connect } from "../server/in-process.js";

/** Options for `new Redis(...)`, alone or among others. */
export function inProcess(cache) {
  assertCache(cache);
  class Connector {
    #patienceMs;
    #stream;

    constructor({ disconnectTimeout }) {
      this.#patienceMs = disconnectTimeout;
    }

    check() {
      return true;
    }

    async connect() {
      this.#stream = connect(cache);
      return this.#stream;
    }

    // Replies that are on their way still come, as those of a server do.
    disconnect() {
      const stream = this.#stream;
      if (!stream) return;
      if (stream.connecting) stream.destroy();
      const timer = setTimeout(() => stream.destroy(), this.#patienceMs);
      stream.once("close", () => clearTimeout(timer)).end();
    }
  }
  return { Connector };
}
