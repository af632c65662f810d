/*
 * getOrSet: a value that a loader makes when nobody has it, once in this isolate, and with a lock in the
 * remote, once in all.
 *
 * With `swr`, the remote keeps the value for that much longer than `ex`: what has less than that left to
 * live is stale; it is served, and one makes it anew meanwhile. `jitter` takes a random part of `ex` off, so
 * that what was made at once does not expire at once.
 *
 * What was being loaded when somebody sets or deletes the key is not stored: it may have been read before.
 */
import { refusal } from "../error.js";
import { NOTHING } from "./copies.js";
import { jittered } from "./guard.js";
import { readLoading } from "./options.js";

const POLL_MS = 50; // how often the one who waits looks for what another isolate loads

const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Loading {
  #tier;
  #negativeMs;
  #onError;
  #loads = new Map(); // key to { result: the promise of its value, forgotten }
  #refreshes = new Map(); // key to { forgotten }
  counts = { loads: 0, loadErrors: 0, refreshes: 0, lockWaits: 0 };

  constructor(tier, { negativeMs, onError }) {
    this.#tier = tier;
    this.#negativeMs = negativeMs;
    this.#onError = onError;
  }

  /** Bytes, or null if the loader has nothing. */
  async getOrSet(key, loader, given) {
    if (typeof loader !== "function") throw refusal("loader", loader, "a function");
    const options = readLoading(given);
    const waiting = this.#tier.waiting(key);
    if (waiting?.value) return waiting.value;
    const copy = waiting ? undefined : this.#tier.goodCopy(key);
    if (copy?.kind === NOTHING) return null;
    if (copy?.value) return this.#served(key, copy, loader, options);
    const known = this.#loads.get(key);
    if (known) return known.result;
    const load = { key, loader, options, result: undefined, forgotten: false };
    this.#loads.set(key, load);
    load.result = this.#findOrLoad(load).finally(() => {
      if (this.#loads.get(key) === load) this.#loads.delete(key);
    });
    return load.result;
  }

  /** The key was set or deleted here. */
  forget(key) {
    for (const loads of [this.#loads, this.#refreshes]) {
      const load = loads.get(key);
      if (load) load.forgotten = true;
    }
    this.#loads.delete(key);
  }

  #served(key, { value, expires }, loader, options) {
    const stale = options.swrMs > 0 && expires - Date.now() <= options.swrMs;
    if (stale && !this.#refreshes.has(key))
      this.#refresh({ key, loader, options, forgotten: false });
    return value;
  }

  async #findOrLoad(load) {
    const { key, loader, options } = load;
    // It waits to be deleted, and is as good as gone.
    if (this.#tier.waiting(key))
      return this.#load(load, (...what) => this.#storeBehind(load, ...what));
    const found = await this.#tier.fetch(key);
    if (found.value) return this.#served(key, found, loader, options);
    if (!this.#locks(options)) return this.#load(load);
    for (;;) {
      const token = await this.#lock(load);
      if (token) return this.#loadLocked(load, token, 0);
      this.counts.lockWaits++;
      await delay(jittered(POLL_MS));
      const { value } = await this.#tier.fetch(key);
      if (value) return value;
    }
  }

  #locks({ lockMs }) {
    return lockMs > 0 && this.#tier.remote?.lock;
  }

  async #lock({ key, options }) {
    const { remote, call } = this.#tier;
    const token = [0, 0].map(() => Math.random().toString(36).slice(2)).join("");
    return (await call(key, () => remote.lock(key, token, options.lockMs))) ? token : undefined;
  }

  // Another may have stored it between our look and our lock: what has more than `enoughMs` to live will do.
  async #loadLocked(load, token, enoughMs) {
    const { remote, call } = this.#tier;
    const { key } = load;
    let released = false;
    try {
      const { value, ttlMs } = await call(key, () => remote.get(key));
      if (value && ttlMs > enoughMs) {
        this.#tier.changed(key);
        return value;
      }
      return await this.#load(load, async (value, px) => {
        await call(key, () => remote.store(key, value, px, token));
        released = true;
      });
    } finally {
      if (!released) await call(key, () => remote.unlock(key, token)).catch(this.#onError);
    }
  }

  // The loader's value is returned whether it could be stored or not.
  async #load(load, store = (value, px) => this.#store(load, value, px)) {
    const { key, loader, options } = load;
    let loaded;
    this.counts.loads++;
    try {
      loaded = await loader(key);
    } catch (error) {
      this.counts.loadErrors++;
      throw error;
    }
    if (loaded === null || loaded === undefined) {
      if (this.#negativeMs > 0 && !load.forgotten) this.#tier.nothing(key);
      return null;
    }
    const value = this.#tier.asBytes(loaded);
    try {
      await store(value, lifeMs(options));
    } catch (error) {
      this.#onError(error);
    } finally {
      if (this.#tier.remote) this.#tier.changed(key);
    }
    return value;
  }

  async #store({ key, forgotten }, value, px) {
    const { remote, call, writeLocally } = this.#tier;
    if (forgotten) return;
    if (!remote) writeLocally(key, value, px);
    else await call(key, () => remote.set(key, value, px));
  }

  async #storeBehind({ key, forgotten }, value, px) {
    if (!forgotten) await this.#tier.writeBehind(key, value, px);
  }

  // One of all isolates does: who does not get the lock leaves it to who has it, for a while.
  async #refresh(load) {
    this.#refreshes.set(load.key, load);
    this.counts.refreshes++;
    try {
      if (!this.#locks(load.options)) await this.#load(load);
      else {
        const token = await this.#lock(load);
        if (token) await this.#loadLocked(load, token, load.options.swrMs);
        else await delay(jittered(POLL_MS));
      }
    } catch (error) {
      this.#onError(error);
      await delay(jittered(POLL_MS));
    } finally {
      this.#refreshes.delete(load.key);
    }
  }
}

function lifeMs({ exMs, swrMs, jitter }) {
  if (exMs === undefined) return undefined;
  return Math.max(1, Math.round(exMs * (1 - jitter * Math.random()) + swrMs));
}
