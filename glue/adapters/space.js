/*
 * What an adapter has for itself of a cache: the keys that begin with its prefix. Several adapters, and
 * the program's own keys, live in one cache beside each other, and to clear one leaves the others.
 */
import { refusal } from "../error.js";

const KEYS_A_STEP = 1000; // about 0.1 ms

const GLOB = /[\\*?[\]]/g;

export class Space {
  constructor(cache, prefix) {
    if (typeof cache?.scan !== "function") throw refusal("cache", cache, "what initFerrite gives");
    if (typeof prefix !== "string") throw refusal("prefix", prefix, "a string");
    this.cache = cache;
    this.prefix = prefix;
  }

  /** The names, without the prefix, that begin with `start`; once each if they were there throughout. */
  async names(start = "") {
    const names = new Set();
    for await (const keys of this.#pages(start))
      for (const key of keys) names.add(key.slice(this.prefix.length));
    return [...names];
  }

  async clear(start = "") {
    for await (const keys of this.#pages(start)) this.cache.unlink(keys);
  }

  // Others have their turn between the steps, however many keys there are.
  async *#pages(start) {
    const match = `${(this.prefix + start).replace(GLOB, "\\$&")}*`;
    for (let cursor; cursor !== "0"; ) {
      if (cursor !== undefined) await new Promise((resolve) => setTimeout(resolve));
      const page = this.cache.scan(cursor ?? "0", { match, count: KEYS_A_STEP });
      if (page.keys.length > 0) yield page.keys;
      cursor = page.cursor;
    }
  }
}
