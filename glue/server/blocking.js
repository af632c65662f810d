/*
 * Commands that block: BLPOP and its kin.
 *
 * The module's forms of them never wait, so one that finds nothing is asked again when a key that
 * it names has changed: right after the command that changed it, or after EXEC, for that key alone,
 * in order of arrival. That is what Redis does.
 */
import { findKeys } from "./keys.js";
import { error, integer, nilArray, NOTHING, NOT_AN_INTEGER } from "./replies.js";
import { readWords, wholeNumber } from "./words.js";

const LONGEST_MS = 2 ** 31 - 1; // that a timer can wait

/** What a command waits for. */
class Wait {
  timer = null;

  /**
   * @param type of the keys that may serve it
   * @param narrow the words that ask for one of its keys alone
   * @param inVain what it is answered if its time is up
   */
  constructor(keys, type, narrow, inVain = nilArray) {
    this.keys = new Set(keys);
    this.type = type;
    this.narrow = narrow;
    this.inVain = inVain;
  }
}

/** Who waits for which keys. */
export class Blocking {
  #server;
  #waiting = new Map(); // of a key: connections, in order of arrival
  #ready = new Set(); // keys that have changed
  count = 0; // connections that wait

  constructor(server) {
    this.#server = server;
  }

  get keyCount() {
    return this.#waiting.size;
  }

  /** @param seconds 0: for ever */
  block(connection, wait, seconds) {
    connection.wait = wait;
    this.count++;
    for (const key of wait.keys) {
      if (!this.#waiting.has(key)) this.#waiting.set(key, new Set());
      this.#waiting.get(key).add(connection);
    }
    if (seconds > 0) this.#arm(connection, this.#server.now() + Math.ceil(seconds * 1000));
    this.#server.needChanges();
  }

  #arm(connection, until) {
    const left = until - this.#server.now();
    const ring = () =>
      this.#server.during(() => {
        if (left > LONGEST_MS) this.#arm(connection, until);
        else this.end(connection, connection.wait.inVain(connection.resp));
      });
    connection.wait.timer = setTimeout(ring, Math.min(left, LONGEST_MS));
  }

  /** The connection gets its reply and may go on. */
  end(connection, reply) {
    this.cancel(connection);
    connection.write(reply);
    this.#server.toResume.push(connection);
  }

  /** It waits no more. */
  cancel(connection) {
    const { wait } = connection;
    if (wait === null) return;
    clearTimeout(wait.timer);
    for (const key of wait.keys) {
      const waiting = this.#waiting.get(key);
      waiting.delete(connection);
      if (waiting.size === 0) this.#waiting.delete(key);
    }
    connection.wait = null;
    this.count--;
    this.#server.needChanges();
  }

  /** Could this command let somebody go on: does it write to a key that is waited for? */
  isAwaited(command, bytes, start) {
    if (this.count === 0 || !command?.writes) return false;
    const keys = findKeys(command, readWords(bytes, start)) ?? [];
    return keys.some(({ key }) => this.#waiting.has(key));
  }

  noteChange(key) {
    if (this.#waiting.has(key)) this.#ready.add(key);
  }

  noteAll() {
    for (const key of this.#waiting.keys()) this.#ready.add(key);
  }

  /** Serves those who can go on. To serve one may change keys that others wait for. */
  serve() {
    for (const key of this.#ready) {
      this.#ready.delete(key);
      const type = this.#server.ask(["TYPE", key], 2).slice(1, -2);
      for (const connection of [...(this.#waiting.get(key) ?? [])]) {
        if (connection.wait.type !== type) continue;
        const reply = this.#server.ask(connection.wait.narrow(key), connection.resp);
        if (isNothing(reply)) break;
        this.end(connection, reply);
        this.#server.noteChanges(connection);
      }
    }
  }
}

function isNothing(reply) {
  return reply === "*-1\r\n" || reply === "$-1\r\n" || reply === "_\r\n";
}

// The command answers at once if it can, or if nobody would wait; else it blocks.
function blockUnlessServed(connection, words, wait, timeout) {
  const { server } = connection;
  const reply = server.ask(words, connection.resp);
  if (connection.inExec || !isNothing(reply)) return reply;
  server.blocking.block(connection, wait, Number(timeout));
  return NOTHING;
}

/* --- commands --------------------------------------------------------------------------------- */

// BLPOP key [key ...] timeout
const popFirst = (type) => (connection, words) => {
  const wait = new Wait(words.slice(1, -1), type, (key) => [words[0], key, "0"]);
  return blockUnlessServed(connection, words, wait, words.at(-1));
};

// BLMOVE source destination LEFT|RIGHT LEFT|RIGHT timeout
const move = (connection, words) => {
  const wait = new Wait([words[1]], "list", () => [...words.slice(0, -1), "0"]);
  return blockUnlessServed(connection, words, wait, words.at(-1));
};

// BLMPOP timeout numkeys key [key ...] LEFT|RIGHT [COUNT count]
const popMany = (type) => (connection, words) => {
  const end = 3 + Number(words[2]);
  const narrow = (key) => [words[0], "0", "1", key, ...words.slice(end)];
  return blockUnlessServed(
    connection,
    words,
    new Wait(words.slice(3, end), type, narrow),
    words[1],
  );
};

export const blockingCommands = {
  blpop: popFirst("list"),
  brpop: popFirst("list"),
  bzpopmin: popFirst("zset"),
  bzpopmax: popFirst("zset"),
  blmpop: popMany("list"),
  bzmpop: popMany("zset"),
  blmove: move,
  brpoplpush: move,
};

/** WAIT numreplicas timeout: there are none, and never will be. */
export function wait(connection, [, replicas, timeout]) {
  const [count, ms] = [wholeNumber(replicas), wholeNumber(timeout)];
  if (Number.isNaN(count)) return NOT_AN_INTEGER;
  if (Number.isNaN(ms)) return error("ERR timeout is not an integer or out of range");
  if (ms < 0) return error("ERR timeout is negative");
  if (count <= 0 || connection.inExec) return integer(0);
  const none = new Wait([], "", null, () => integer(0));
  connection.server.blocking.block(connection, none, ms / 1000);
  return NOTHING;
}

/** Of CLIENT UNBLOCK: was the connection blocked? */
export function unblock(server, connection, isError) {
  if (!connection?.wait) return false;
  const text = error("UNBLOCKED client unblocked via CLIENT UNBLOCK");
  server.blocking.end(connection, isError ? text : connection.wait.inVain(connection.resp));
  return true;
}
