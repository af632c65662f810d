import { random } from "../random.mjs";

const SAMPLES = 5;
const POOL = 16;

/**
 * LRU by sampling, as Redis 7.0 does it (evict.c): for each eviction five entries that are drawn at
 * random stand for a pool of 16, which keeps the idlest with their age when drawn; the idlest goes.
 * (Redis's clock ticks once a second; this one with each request, which does it good.)
 */
export class SampledLru {
  #charges;
  #capacity;
  #seed;
  #draws = 0;
  #now = 0;
  #bytes = 0;
  #usedAt;
  #slotOf; // -1: not in the cache
  #entries = [];
  #pool = []; // { id, usedAt }, the newest first

  constructor(charges, capacityBytes, seed) {
    this.#charges = charges;
    this.#capacity = capacityBytes;
    this.#seed = seed;
    this.#usedAt = new Int32Array(charges.length);
    this.#slotOf = new Int32Array(charges.length).fill(-1);
  }

  request(id) {
    this.#usedAt[id] = ++this.#now;
    if (this.#slotOf[id] >= 0) return true;
    while (this.#bytes + this.#charges[id] > this.#capacity) this.#evict();
    this.#slotOf[id] = this.#entries.push(id) - 1;
    this.#bytes += this.#charges[id];
    return false;
  }

  #evict() {
    for (;;) {
      for (let i = 0; i < SAMPLES; i++) this.#sample();
      while (this.#pool.length > 0) {
        const { id } = this.#pool.pop();
        if (this.#slotOf[id] >= 0) return this.#remove(id);
      }
    }
  }

  #sample() {
    const chance = random(this.#seed, this.#draws++);
    const id = this.#entries[Math.floor(chance * this.#entries.length)];
    const usedAt = this.#usedAt[id];
    if (this.#pool.some((candidate) => candidate.id === id)) return;
    if (this.#pool.length === POOL && usedAt >= this.#pool[0].usedAt) return;
    const at = this.#pool.findIndex((candidate) => candidate.usedAt < usedAt);
    this.#pool.splice(at < 0 ? this.#pool.length : at, 0, { id, usedAt });
    if (this.#pool.length > POOL) this.#pool.shift();
  }

  #remove(id) {
    const last = this.#entries.pop();
    if (last !== id) {
      this.#entries[this.#slotOf[id]] = last;
      this.#slotOf[last] = this.#slotOf[id];
    }
    this.#slotOf[id] = -1;
    this.#bytes -= this.#charges[id];
  }
}
