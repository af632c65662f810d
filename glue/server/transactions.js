/*
 * MULTI, EXEC, DISCARD, WATCH, UNWATCH.
 *
 * Everything runs in one thread, and EXEC to its end, so nobody's commands come between.
 */
import { error, nilArray, NOTHING, OK } from "./replies.js";

export class Transaction {
  isOpen = false;
  commands = [];
  bytes = 0; // of these
  watched = new Map(); // keys, and whether they were there
  isSpoilt = false; // a command was refused
  isTouched = false; // a watched key has changed

  queue(command, words, bytes) {
    this.commands.push({ command, words, bytes: Buffer.from(bytes) });
    this.bytes += bytes.length;
  }

  /** Is there no use in this command when memory is full? To queue it takes some, to begin with. */
  needsRoom({ name }) {
    if (name !== "exec") return !["discard", "quit", "reset"].includes(name);
    return this.commands.some(({ command }) => command.flags.has("denyoom"));
  }

  /** A command was not in order. */
  spoil() {
    if (this.isOpen) this.isSpoilt = true;
  }

  end() {
    this.isOpen = this.isSpoilt = this.isTouched = false;
    this.commands = [];
    this.bytes = 0;
  }
}

/** Who watches which keys. */
export class WatchedKeys {
  #watchers = new Map(); // of a key: a set of transactions

  get isEmpty() {
    return this.#watchers.size === 0;
  }

  add(transaction, key, wasThere) {
    transaction.watched.set(key, wasThere);
    if (!this.#watchers.has(key)) this.#watchers.set(key, new Set());
    this.#watchers.get(key).add(transaction);
  }

  /** The transaction watches nothing any more. */
  remove(transaction) {
    for (const key of transaction.watched.keys()) {
      const watchers = this.#watchers.get(key);
      watchers.delete(transaction);
      if (watchers.size === 0) this.#watchers.delete(key);
    }
    transaction.watched.clear();
  }

  touch(key) {
    for (const transaction of [...(this.#watchers.get(key) ?? [])]) this.#touch(transaction);
  }

  touchAll() {
    for (const key of [...this.#watchers.keys()]) this.touch(key);
  }

  /** FLUSHALL touches only what was there. */
  flush() {
    for (const [key, watchers] of [...this.#watchers]) {
      for (const transaction of [...watchers]) {
        if (transaction.watched.get(key)) this.#touch(transaction);
      }
    }
  }

  #touch(transaction) {
    transaction.isTouched = true;
    this.remove(transaction); // more cannot happen to it
  }
}

/* --- commands --------------------------------------------------------------------------------- */

export function multi({ transaction }) {
  if (transaction.isOpen) return error("ERR MULTI calls can not be nested");
  transaction.isOpen = true;
  return OK;
}

export function discard({ server, transaction }) {
  if (!transaction.isOpen) return error("ERR DISCARD without MULTI");
  server.watched.remove(transaction);
  transaction.end();
  return OK;
}

export function watch({ server, transaction }, [, ...keys]) {
  if (transaction.isOpen) return error("ERR WATCH inside MULTI is not allowed");
  if (transaction.isTouched) return OK;
  // To look for a key is to have it gone if it has expired: that is no change any more.
  const found = keys.map((key) => isThere(server, key));
  server.noteChanges(null);
  keys.forEach((key, i) => {
    if (!transaction.watched.has(key)) server.watched.add(transaction, key, found[i]);
  });
  server.needChanges();
  return OK;
}

export function unwatch({ server, transaction }) {
  server.watched.remove(transaction);
  transaction.isTouched = false;
  server.needChanges();
  return OK;
}

export function exec(connection) {
  const { server, transaction } = connection;
  if (!transaction.isOpen) return error("ERR EXEC without MULTI");
  // What has expired meanwhile is noticed now at the latest.
  for (const key of transaction.watched.keys()) isThere(server, key);
  server.noteChanges(null);
  const { commands, isSpoilt, isTouched } = transaction;
  server.watched.remove(transaction);
  transaction.end();
  server.needChanges();
  if (isSpoilt) return error("EXECABORT Transaction discarded because of previous errors.");
  if (isTouched) return nilArray(connection.resp);
  connection.write(`*${commands.length}\r\n`);
  connection.inExec = true;
  for (const { command, words, bytes } of commands) connection.perform(command, words, bytes);
  connection.endExec();
  return NOTHING;
}

/** An EXEC that is refused ends its transaction all the same. */
export function abortExec({ server, transaction }, refusal) {
  server.watched.remove(transaction);
  transaction.end();
  server.needChanges();
  const why = refusal.replace(/^-(ERR )?/, "").trim();
  return error(`EXECABORT Transaction discarded because of: ${why}`);
}

function isThere(server, key) {
  return server.cache.run(["EXISTS", Buffer.from(key, "latin1")], false) === 1;
}
