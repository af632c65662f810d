// What a program would write without a cache: Map, Set, arrays and objects that do what the commands
// do. Nothing here bounds memory or evicts; what has expired goes when it is asked for.

const compare = (a, b) => a.score - b.score || (a.member < b.member ? -1 : +(a.member > b.member));

/** Where in a sorted array the first one is that does not come before `wanted`. */
function seek(sorted, wanted) {
  let low = 0;
  for (let high = sorted.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if (compare(sorted[middle], wanted) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class Plain {
  #keys = new Map();

  /** What is at a key; made if there is nothing. */
  #at(key, make) {
    let value = this.#keys.get(key);
    if (value === undefined) this.#keys.set(key, (value = make()));
    return value;
  }

  /** The same, of what has `expiresAt`. */
  #alive(key, now) {
    const value = this.#keys.get(key);
    if (value === undefined || value.expiresAt > now) return value;
    this.#keys.delete(key);
    return undefined;
  }

  incr(key) {
    const value = (this.#keys.get(key) ?? 0) + 1;
    this.#keys.set(key, value);
    return value;
  }

  hset(key, field, value) {
    this.#at(key, () => new Map()).set(field, value);
  }

  hget(key, field) {
    return this.#keys.get(key)?.get(field) ?? null;
  }

  // The head is where the array ends, since its beginning is slow to change.
  lpush(key, value) {
    return this.#at(key, () => []).push(value);
  }

  lpop(key) {
    return this.#keys.get(key).pop();
  }

  sadd(key, member) {
    this.#at(key, () => new Set()).add(member);
  }

  srem(key, member) {
    this.#keys.get(key).delete(member);
  }

  sismember(key, member) {
    return this.#keys.get(key).has(member);
  }

  zadd(key, score, member) {
    const { entries, sorted } = this.#at(key, () => ({ entries: new Map(), sorted: [] }));
    const old = entries.get(member);
    if (old) sorted.splice(seek(sorted, old), 1);
    const entry = { score, member };
    entries.set(member, entry);
    sorted.splice(seek(sorted, entry), 0, entry);
  }

  zrank(key, member) {
    const { entries, sorted } = this.#keys.get(key);
    return seek(sorted, entries.get(member));
  }

  /** Up to ten members. */
  zrangebyscore(key, least, most) {
    const { sorted } = this.#keys.get(key);
    const found = [];
    for (let i = seek(sorted, { score: least, member: "" }); found.length < 10; i++) {
      if (i === sorted.length || sorted[i].score > most) break;
      found.push(sorted[i].member);
    }
    return found;
  }

  /** Counts one more in the minute that began with the first. */
  limit(key) {
    const now = Date.now();
    const counter = this.#alive(key, now);
    if (counter) return ++counter.count;
    this.#keys.set(key, { count: 1, expiresAt: now + 60_000 });
    return 1;
  }

  /** 60 a minute, 10 at once. */
  throttle(key) {
    const now = Date.now();
    const bucket = this.#alive(key, now);
    const due = Math.max(bucket?.expiresAt ?? now, now) + 1000;
    if (due - now > 10_000) return true;
    if (bucket) bucket.expiresAt = due;
    else this.#keys.set(key, { expiresAt: due });
    return false;
  }

  login(key, session) {
    this.#keys.set(key, { fields: { ...session }, expiresAt: Date.now() + 3_600_000 });
  }

  session(key) {
    const entry = this.#alive(key, Date.now());
    return entry ? { ...entry.fields } : null;
  }
}
