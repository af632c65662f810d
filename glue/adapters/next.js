/*
 * Next.js: what its server keeps, pages, route handlers, fetches and images, and what "use cache" does,
 * in a cache that does not outgrow its budget.
 *
 * What is revalidated is not looked for: when it was is kept by tag, and an entry that is older is none.
 * Sets of the entries of a tag would be evicted as entries are, and then be missed.
 */
import { deserialize, serialize } from "node:v8";
import { refusal } from "../error.js";

const TAGS_HEADER = "x-next-cache-tags"; // of an entry's response, its tags
const TAGS_MOST = 10_000; // whose times are kept
const STALE = -1; // for "it was modified then" and "revalidate it then": now
const LONGEST_S = 1e9;

/** When tags were revalidated. Those that are forgotten count as revalidated when the last of them was. */
class Revalidations {
  #times = new Map(); // { stale, expired }, of a tag, in the order of revalidation
  #forgotten = -Infinity;

  note(tags, durations) {
    const now = Date.now();
    for (const tag of typeof tags === "string" ? [tags] : tags) {
      const times = { ...this.#times.get(tag) };
      if (!durations) times.expired = now;
      else times.stale = now;
      if (durations?.expire !== undefined) times.expired = now + durations.expire * 1000;
      this.#times.delete(tag);
      this.#times.set(tag, times);
    }
    for (const [tag, { stale = 0, expired = 0 }] of this.#times) {
      if (this.#times.size <= TAGS_MOST) break;
      this.#times.delete(tag);
      this.#forgotten = Math.max(this.#forgotten, stale, Math.min(expired, now));
    }
  }

  /** Is what was made at `since` no longer good? */
  hasExpired(tags, since) {
    const now = Date.now();
    if (since <= this.#forgotten) return true;
    return tags.some((tag) => {
      const expired = this.#times.get(tag)?.expired;
      return expired >= since && expired <= now;
    });
  }

  /** ... or good only until there is something newer? */
  isStale(tags, since) {
    return tags.some((tag) => this.#times.get(tag)?.stale >= since);
  }

  /** When the last of them was. */
  last(tags) {
    const times = tags.flatMap((tag) => Object.values(this.#times.get(tag) ?? {}));
    return Math.max(0, this.#forgotten, ...times.filter((time) => time <= Date.now()));
  }
}

class Store {
  constructor(cache, { prefix }) {
    if (typeof cache?.getBytes !== "function")
      throw refusal("cache", cache, "what initFerrite gives");
    if (typeof prefix !== "string") throw refusal("prefix", prefix, "a string");
    this.cache = cache;
    this.prefix = prefix;
  }

  get(key) {
    const bytes = this.cache.getBytes(this.prefix + key);
    return bytes && deserialize(bytes);
  }

  // What there is no room for is not kept, nor is what it would have replaced.
  set(key, entry, expireS) {
    const ex = expireS > 0 && expireS < LONGEST_S ? Math.ceil(expireS) : undefined;
    try {
      this.cache.set(this.prefix + key, serialize(entry), { ex });
    } catch (error) {
      if (error.code !== "OOM") throw error;
      this.cache.del(this.prefix + key);
    }
  }
}

/** For `cacheHandler`: a class, of which Next.js makes an object whenever it likes. */
export function cacheHandler(cache, { prefix = "next:" } = {}) {
  const store = new Store(cache, { prefix });
  const revalidations = new Revalidations();

  return class CacheHandler {
    #revalidated; // by the request that this object is for

    constructor({ revalidatedTags } = {}) {
      this.#revalidated = revalidatedTags ?? [];
    }

    async get(key, { kind, tags = [], softTags = [] } = {}) {
      const entry = store.get(key);
      if (entry === null) return null;
      const all = [...tagsOf(entry.value), ...tags, ...softTags];
      if (kind === "FETCH" && all.some((tag) => this.#revalidated.includes(tag))) return null;
      if (revalidations.hasExpired(all, entry.lastModified)) return null;
      if (revalidations.isStale(all, entry.lastModified)) entry.lastModified = STALE;
      return entry;
    }

    async set(key, value, { cacheControl, tags = [] } = {}) {
      if (value?.kind === "FETCH") value = { ...value, tags: [...(value.tags ?? []), ...tags] };
      store.set(key, { lastModified: Date.now(), value, cacheControl }, cacheControl?.expire);
    }

    async revalidateTag(tags, durations) {
      revalidations.note(tags, durations);
    }

    resetRequestCache() {} // nothing is kept for a request
  };
}

function tagsOf(value) {
  const header = value?.headers?.[TAGS_HEADER];
  return [...(value?.tags ?? []), ...(typeof header === "string" ? header.split(",") : [])];
}

/** For `cacheHandlers`, what "use cache" uses. */
export function useCacheHandler(cache, { prefix = "next-use:" } = {}) {
  const store = new Store(cache, { prefix });
  const revalidations = new Revalidations();
  const pending = new Map(); // what is being stored, by key

  async function put(key, pendingEntry) {
    const entry = await pendingEntry;
    const value = new Uint8Array(await new Response(entry.value).arrayBuffer());
    store.set(key, { ...entry, value }, entry.expire);
  }

  return {
    async get(key, softTags = []) {
      await pending.get(key);
      const entry = store.get(key);
      if (entry === null) return undefined;
      const all = [...entry.tags, ...softTags];
      if (revalidations.hasExpired(all, entry.timestamp)) return undefined;
      if (revalidations.isStale(all, entry.timestamp)) entry.revalidate = STALE;
      return { ...entry, value: new Blob([entry.value]).stream() };
    },

    // What breaks off while it is made is not kept.
    async set(key, pendingEntry) {
      const stored = put(key, pendingEntry).catch(() => {});
      pending.set(key, stored);
      await stored;
      if (pending.get(key) === stored) pending.delete(key);
    },

    async refreshTags() {}, // nobody else has any

    async getExpiration(tags) {
      return revalidations.last(tags);
    },

    async updateTags(tags, durations) {
      revalidations.note(tags, durations);
    },
  };
}
