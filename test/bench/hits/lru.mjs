import { Queue } from "./queue.mjs";

/** Exact LRU. */
export class Lru {
  #queue;
  #charges;
  #capacity;

  constructor(charges, capacityBytes) {
    this.#queue = new Queue(charges);
    this.#charges = charges;
    this.#capacity = capacityBytes;
  }

  /** Asks for an entry, and puts it in if it is not there; returns whether it was. */
  request(id) {
    if (this.#queue.has(id)) {
      this.#queue.renew(id);
      return true;
    }
    while (this.#queue.bytes + this.#charges[id] > this.#capacity) this.#queue.shift();
    this.#queue.push(id);
    return false;
  }
}
