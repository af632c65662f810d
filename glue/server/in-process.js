/*
 * Clients of Redis in the cache's own process: a server that listens nowhere, and is handed its
 * connections.
 */
import { refusal } from "../error.js";
import { readOptions } from "./options.js";
import { createPair } from "./pair.js";
import { Server, UPKEEP_MS } from "./server.js";

const PLACE = "in-process"; // what clients are shown as their address

class InProcess extends Server {
  #upkeep; // while there are connections: without, nothing keeps the cache alive

  constructor(cache) {
    super(cache, readOptions(["--port", "0"]));
  }

  connect() {
    const [near, far] = createPair();
    this.accept(far, PLACE);
    this.#upkeep ??= setInterval(() => this.during(() => this.keepUp()), UPKEEP_MS).unref();
    return near;
  }

  // A client that is blocked keeps the process from its end, as one of a socket does.
  during(work) {
    super.during(work);
    if (this.blocking.count > 0) this.#upkeep?.ref();
    else this.#upkeep?.unref();
  }

  forget(connection) {
    super.forget(connection);
    if (this.connections.size > 0) return;
    clearInterval(this.#upkeep);
    this.#upkeep = undefined;
  }
}

const servers = new WeakMap(); // of a cache: all its clients have one, and one another's changes

/** A new connection to the server of a cache: the client's end. */
export function connect(cache) {
  if (!servers.has(cache)) servers.set(cache, new InProcess(cache));
  return servers.get(cache).connect();
}

/** Throws if it is no cache. */
export function assertCache(cache) {
  if (typeof cache?.pump === "function") return;
  throw refusal("cache", cache, "a Ferrite, as initFerrite gives");
}
