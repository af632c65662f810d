/*
 * A store for Keyv 5 and 6, and so for cacheable 2 and cache-manager 7, which are made of Keyv 5.
 *
 * It has the interface of Keyv 5, times to live in milliseconds; Keyv 6 bridges that by itself. Keyv's
 * serialisation makes text of values, and its namespaces are a part of the keys that come here; all
 * that is to know of them is what to clear: Keyv 5 sets `namespace` for that, Keyv 6 iterates.
 */
import { Space } from "./space.js";

export class KeyvFerrite {
  #space;

  /** @param prefix of all keys of the store */
  constructor(cache, { prefix = "keyv:" } = {}) {
    this.#space = new Space(cache, prefix);
    this.opts = { dialect: "redis" }; // for Keyv 5, which iterates over stores that it knows
  }

  #key = (key) => this.#space.prefix + key;

  async get(key) {
    return this.#space.cache.get(this.#key(key)) ?? undefined;
  }

  async getMany(keys) {
    if (keys.length === 0) return [];
    return this.#space.cache.mget(keys.map(this.#key)).map((value) => value ?? undefined);
  }

  async set(key, value, ttlMs) {
    if (ttlMs <= 0) this.#space.cache.del(this.#key(key));
    else this.#space.cache.set(this.#key(key), value, ttlMs && { px: Math.ceil(ttlMs) });
    return true;
  }

  async has(key) {
    return this.#space.cache.exists(this.#key(key)) === 1;
  }

  async delete(key) {
    return this.#space.cache.del(this.#key(key)) === 1;
  }

  async clear() {
    await this.#space.clear(this.namespace && `${this.namespace}:`);
  }

  async *iterator(namespace) {
    for (const key of await this.#space.names(namespace && `${namespace}:`)) {
      const value = await this.get(key);
      if (value !== undefined) yield [key, value];
    }
  }
}
