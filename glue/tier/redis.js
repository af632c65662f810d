/*
 * A remote that speaks Redis's commands, over any client: what the tier asks, in commands.
 *
 * A client here is { read(key): GET and PTTL in one, call(key, words), exec(key, commands): as one
 * transaction, or set(key, value, px, lock) in its place; nodeOf(key), open(node, options, told) }; `key` says where in a cluster the commands go.
 *
 * A lock is a key of its own beside the key, in the same slot of a cluster. It holds a token, and what it
 * guards is stored only while it does: whoever sets or deletes the key removes the lock, too, so that what
 * a loader has read before cannot overwrite what was set after.
 */
import { refusal } from "../error.js";

const UNLOCK = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

const STORE = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
if ARGV[3] == '' then redis.call('SET', KEYS[1], ARGV[2])
else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
redis.call('DEL', KEYS[2])
return 1`;

/** In the slot of the key, unless that has braces in an unusual place, as "a}b". */
export const lockOf = (key) => (/\{[^}]+\}/.test(key) ? `lock:${key}` : `lock:{${key}}`);

/** What GET and PTTL have replied, as { value: bytes or null, ttlMs: Infinity if it does not expire }. */
export function found(value, pttl) {
  return { value: value ?? null, ttlMs: pttl < 0 ? Infinity : Number(pttl) };
}

/** A Redis whose memory is full refuses transactions, those that only read, too: commands alone it serves. */
export const isFull = ({ message }) => /^OOM/.test(message);

/** Changes are told of whole keys. */
export function refuseKeyPrefix(prefix) {
  if (prefix) throw refusal("keyPrefix of the remote", prefix, "none: put it into the keys");
}

const setWords = (key, value, px) =>
  px === undefined ? ["SET", key, value] : ["SET", key, value, "PX", `${px}`];

// Where scripts are not to be had, a transaction on a connection of its own does the same.
const NO_SCRIPTS = /^(NOPERM|ERR unknown command|ERR .*\bEVAL\b)/i;

export class RedisRemote {
  #client;
  #scripts = true;

  constructor(client) {
    this.#client = client;
    if (client.open) this.open = (node, options, told) => client.open(node, options, told);
  }

  get(key) {
    return this.#client.read(key);
  }

  async set(key, value, px) {
    if (this.#client.set) return this.#client.set(key, value, px, lockOf(key));
    await this.#client.exec(key, [setWords(key, value, px), ["DEL", lockOf(key)]]);
  }

  async del(key) {
    await this.#client.call(key, ["DEL", key, lockOf(key)]);
  }

  async lock(key, token, px) {
    const words = ["SET", lockOf(key), token, "NX", "PX", `${px}`];
    return (await this.#client.call(key, words)) !== null;
  }

  async unlock(key, token) {
    const script = ["EVAL", UNLOCK, "1", lockOf(key), token];
    await this.#ifOurs(key, token, script, [["DEL", lockOf(key)]]);
  }

  /** Sets the key and releases the lock, if it is still ours: was it? */
  store(key, value, px, token) {
    const script = ["EVAL", STORE, "2", key, lockOf(key), token, value, `${px ?? ""}`];
    return this.#ifOurs(key, token, script, [setWords(key, value, px), ["DEL", lockOf(key)]]);
  }

  nodeOf(key) {
    return this.#client.nodeOf ? this.#client.nodeOf(key) : "";
  }

  async #ifOurs(key, token, script, commands) {
    if (this.#scripts) {
      try {
        return Number(await this.#client.call(key, script)) === 1;
      } catch (error) {
        if (!NO_SCRIPTS.test(error.message) || !this.#client.session) throw error;
        this.#scripts = false;
      }
    }
    const session = await this.#client.session(key);
    try {
      await session.call(["WATCH", lockOf(key)]);
      if (`${await session.call(["GET", lockOf(key)])}` !== token) return false;
      return await session.exec(commands);
    } finally {
      session.close();
    }
  }
}
