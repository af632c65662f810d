/*
 * The tier: local copies in the module, in front of a remote that many share.
 *
 * A read is of a local copy if that is known to be good (tracking.js says by what), else of the remote;
 * what comes from there is kept, unless the key was told to have changed since it was asked for: the flight
 * that fetches it is marked then, and whoever reads next starts another. A write goes to the remote, and
 * removes the local copy; the next read brings it: only what is read on a tracked connection is told about.
 */
import { FerriteError, refusal } from "../error.js";
import { decodeText, encodeText, isBytes, textBytes } from "../text.js";
import { Behind } from "./behind.js";
import { ABSENT, Copies, NOTHING, PRESENT } from "./copies.js";
import { Guard } from "./guard.js";
import { Loading } from "./loading.js";
import { readExpiry, readTierOptions } from "./options.js";
import { Tracking } from "./tracking.js";

export class Tier {
  #remote;
  #options;
  #copies;
  #guard;
  #tracking;
  #behind;
  #loading;
  #flights = new Map(); // what is being fetched: key to { since, result, changed }
  #counts = {
    localHits: 0,
    remoteHits: 0,
    misses: 0,
    stale: 0,
    discarded: 0,
    changes: 0,
    flushes: 0,
  };

  constructor(cache, remote, options) {
    this.#remote = remote;
    this.#options = readTierOptions(options, remote);
    const { maxStaleMs, timeoutMs, tracking, prefixes, writeBehind, prefix } = this.#options;
    this.#copies = new Copies(cache, prefix);
    this.#guard = new Guard(timeoutMs);
    this.#tracking = !tracking
      ? UNTRACKED
      : new Tracking(
          remote,
          { broadcast: tracking === "broadcast", prefixes, maxStaleMs, timeoutMs },
          {
            keys: (keys) => keys.forEach((key) => this.#changed(key)),
            all: () => this.#allChanged(),
            error: (error) => this.#options.onError(error),
          },
        );
    if (writeBehind) {
      const write = (key, { value, px }) => this.#writeThrough(key, value, px);
      this.#behind = new Behind(write, writeBehind, this.#options.onError);
    }
    this.#loading = new Loading(this.#access(), this.#options);
  }

  /* --- reading -------------------------------------------------------------------------------- */

  async get(key) {
    return asText(await this.#read(aKey(key)));
  }

  async getBytes(key) {
    return ownBytes(await this.#read(aKey(key)));
  }

  async getOrSet(key, loader, options) {
    return asText(await this.#loading.getOrSet(aKey(key), loader, options));
  }

  async getOrSetBytes(key, loader, options) {
    return ownBytes(await this.#loading.getOrSet(aKey(key), loader, options));
  }

  async #read(key) {
    const waiting = this.#behind?.get(key);
    if (waiting) {
      this.#counts.localHits++;
      return waiting.value;
    }
    const copy = this.#goodCopy(key);
    if (copy) return copy.value;
    return (await this.#fetch(key)).value;
  }

  #goodCopy(key) {
    const copy = this.#copies.read(key);
    if (!copy || !this.#tracking.isGood(key, copy.epoch)) return undefined;
    this.#counts.localHits++;
    return copy;
  }

  // { value, expires }. Whoever wants the key meanwhile waits for the same, but for a flight older than the bound.
  #fetch(key) {
    if (!this.#remote) return Promise.resolve({ value: null, expires: Infinity });
    const since = performance.now();
    const known = this.#flights.get(key);
    if (known && since - known.since <= this.#options.maxStaleMs) return known.result;
    if (known) known.changed = true;
    const flight = { since, result: undefined, changed: false };
    this.#flights.set(key, flight);
    flight.result = this.#fly(key, flight).finally(() => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    });
    return flight.result;
  }

  async #fly(key, flight) {
    const link = this.#tracking.linkOf(key);
    const epoch = link?.epoch;
    const asked = Date.now();
    let found;
    try {
      found = await this.#guard.call(this.#remote.nodeOf(key), () => this.#ask(key, link, flight));
    } catch (error) {
      const copy = error.code === "REMOTE" && this.#options.staleIfError && this.#copies.read(key);
      if (!copy) throw error;
      this.#counts.stale++;
      return copy;
    }
    this.#counts[found.value === null ? "misses" : "remoteHits"]++;
    const { value } = found;
    const expires = asked + found.ttlMs;
    if (flight.changed || !link || link.epoch !== epoch) {
      this.#counts.discarded++;
    } else {
      const kind = value === null ? ABSENT : PRESENT;
      const lifeMs = Math.min(this.#lifeMs(kind), expires - Date.now());
      this.#copies.write(key, { kind, epoch, expires, value }, lifeMs);
    }
    return { value, expires };
  }

  // What fails on the link, the client that was given may know to ask of another connection, or another node.
  async #ask(key, link, flight) {
    if (link?.get) {
      try {
        return await link.get(key);
      } catch (error) {
        if (/^WRONGTYPE/.test(error.message)) throw error;
        flight.changed = true;
      }
    }
    return this.#remote.get(key);
  }

  #lifeMs(kind) {
    const { tracking, maxStaleMs, negativeMs } = this.#options;
    const lifeMs = tracking || !this.#remote ? Infinity : maxStaleMs;
    return kind === PRESENT ? lifeMs : Math.min(lifeMs, negativeMs);
  }

  /* --- writing -------------------------------------------------------------------------------- */

  async set(key, value, options) {
    aKey(key);
    const bytes = aValue(value);
    const px = readExpiry(options);
    this.#loading.forget(key);
    if (this.#behind) await this.#behind.put(key, { value: new Uint8Array(bytes), px });
    else await this.#writeThrough(key, bytes, px);
    return "OK";
  }

  async del(key) {
    aKey(key);
    this.#loading.forget(key);
    if (this.#behind) await this.#behind.put(key, { value: null });
    else await this.#writeThrough(key, null);
  }

  // Whether it was done or not may be unknown when it fails: the copy is gone either way.
  async #writeThrough(key, value, px) {
    if (!this.#remote) return this.#writeLocally(key, value, px);
    const { set, del } = this.#remote;
    const ask = () =>
      value === null ? del.call(this.#remote, key) : set.call(this.#remote, key, value, px);
    try {
      await this.#guard.call(this.#remote.nodeOf(key), ask);
    } finally {
      this.#changed(key, false);
    }
  }

  #writeLocally(key, value, px = Infinity) {
    if (value === null) this.#copies.drop(key);
    else {
      const expires = Date.now() + px;
      this.#copies.write(key, { kind: PRESENT, epoch: LOCAL_EPOCH, expires, value }, px);
    }
  }

  /** Waits until all that was written behind is written. */
  flush() {
    return this.#behind ? this.#behind.drained() : Promise.resolve();
  }

  async close() {
    await this.#behind?.close();
    this.#tracking.close();
  }

  /* --- changes -------------------------------------------------------------------------------- */

  #changed(key, told = true) {
    if (told) this.#counts.changes++;
    const flight = this.#flights.get(key);
    if (flight) {
      flight.changed = true;
      this.#flights.delete(key);
    }
    this.#copies.drop(key);
  }

  // The copies are not good any more, since their epoch is over.
  #allChanged() {
    this.#counts.flushes++;
    for (const flight of this.#flights.values()) flight.changed = true;
    this.#flights.clear();
  }

  /* --- what loading needs ---------------------------------------------------------------------- */

  #access() {
    return {
      remote: this.#remote,
      waiting: (key) => this.#behind?.get(key),
      writeBehind: (key, value, px) => this.#behind.put(key, { value, px }),
      goodCopy: (key) => this.#goodCopy(key),
      fetch: (key) => this.#fetch(key),
      call: (key, ask) => this.#guard.call(this.#remote.nodeOf(key), ask),
      changed: (key) => this.#changed(key, false),
      writeLocally: (key, value, px) => this.#writeLocally(key, value, px),
      asBytes: aValue,
      // The copy that says that the remote does not have it, says then that the loader has not, either.
      nothing: (key) => {
        const copy = this.#remote
          ? this.#copies.read(key)
          : { epoch: LOCAL_EPOCH, expires: Infinity };
        if (copy && !copy.value) {
          this.#copies.write(
            key,
            { ...copy, kind: NOTHING, value: null },
            this.#options.negativeMs,
          );
        }
      },
    };
  }

  /** What was done so far. */
  stats() {
    const { localHits, remoteHits, misses } = this.#counts;
    const { calls, failures } = this.#guard;
    const reads = localHits + remoteHits + misses;
    return {
      ...this.#counts,
      ...this.#loading.counts,
      remoteCalls: calls,
      remoteFailures: failures,
      hitRatio: reads && localHits / reads,
      waiting: this.#behind?.size ?? 0,
    };
  }
}

/* --- without tracking ------------------------------------------------------------------------- */

const LOCAL_EPOCH = 1;

// All that is kept is good, for as long as it is kept.
const UNTRACKED = {
  linkOf: () => ({ epoch: LOCAL_EPOCH }),
  isGood: (key, epoch) => epoch === LOCAL_EPOCH,
  close() {},
};

/* --- keys and values -------------------------------------------------------------------------- */

function aKey(key) {
  if (typeof key !== "string") throw refusal("key", key, "a string");
  textBytes(key); // well-formed
  return key;
}

function aValue(value) {
  if (isBytes(value)) return value;
  if (
    typeof value === "number"
      ? !Number.isFinite(value)
      : typeof value !== "bigint" && typeof value !== "string"
  ) {
    throw refusal("value", value, "a string, a Uint8Array, a finite number or a bigint");
  }
  const text = String(value);
  const bytes = new Uint8Array(textBytes(text));
  encodeText(text, bytes);
  return bytes;
}

const asText = (bytes) => bytes && decodeText(bytes, 0, bytes.length);

// Who else waited for the same has bytes of their own.
const ownBytes = (bytes) => bytes && new Uint8Array(bytes);
