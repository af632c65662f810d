/*
 * A store for express-rate-limit 7 and 8: its fixed windows, which begin with a client's first hit.
 */
import { Space } from "./space.js";

export class FerriteStore {
  localKeys = false; // stores of one cache with one prefix count together
  #space;
  #windowMs;

  /** @param prefix of all keys of the store: limits that are not to count together have different ones */
  constructor(cache, { prefix = "rl:" } = {}) {
    this.#space = new Space(cache, prefix);
    this.prefix = prefix;
  }

  init({ windowMs }) {
    this.#windowMs = windowMs;
  }

  async get(key) {
    const { cache, prefix } = this.#space;
    const hits = cache.get(prefix + key);
    return hits === null ? undefined : info(Number(hits), cache.pttl(prefix + key));
  }

  async increment(key) {
    const { cache, prefix } = this.#space;
    const hits = cache.incr(prefix + key);
    let leftMs = cache.pttl(prefix + key);
    // Not "if it is the first": so no counter is ever left without an end.
    if (leftMs < 0) {
      cache.pexpire(prefix + key, this.#windowMs);
      leftMs = this.#windowMs;
    }
    return info(hits, leftMs);
  }

  async decrement(key) {
    const { cache, prefix } = this.#space;
    if (cache.get(prefix + key) > 0) cache.decr(prefix + key); // another window may have begun
  }

  async resetKey(key) {
    this.#space.cache.del(this.prefix + key);
  }

  async resetAll() {
    await this.#space.clear();
  }
}

// express-rate-limit subtracts Date.now() again, whatever the cache's clock is.
const info = (totalHits, leftMs) => ({
  totalHits,
  resetTime: new Date(Date.now() + Math.max(0, leftMs)),
});
