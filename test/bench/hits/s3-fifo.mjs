import { Queue } from "./queue.mjs";

const SMALL_SHARE = 0.1;
const MOST_USES = 3;

/**
 * S3-FIFO: Yang, Zhang, Qiu, Yue, Rashmi, "FIFO queues are all you need for cache eviction", SOSP'23.
 * Three queues: a small one that new entries pass through, the main one, and a ghost that remembers
 * whom the small one has let go, as many bytes of them as the main one holds.
 */
export class S3Fifo {
  #small;
  #main;
  #ghost;
  #uses;
  #charges;
  #capacity;

  constructor(charges, capacityBytes) {
    [this.#small, this.#main, this.#ghost] = [1, 2, 3].map(() => new Queue(charges));
    this.#uses = new Uint8Array(charges.length);
    this.#charges = charges;
    this.#capacity = capacityBytes;
  }

  request(id) {
    if (this.#small.has(id) || this.#main.has(id)) {
      this.#uses[id] = Math.min(this.#uses[id] + 1, MOST_USES);
      return true;
    }
    while (this.#small.bytes + this.#main.bytes + this.#charges[id] > this.#capacity) this.#evict();
    this.#uses[id] = 0;
    if (this.#ghost.has(id)) {
      this.#ghost.remove(id);
      this.#main.push(id);
    } else {
      this.#small.push(id);
    }
    return false;
  }

  /** One step towards room: an entry is let go, or moved. */
  #evict() {
    if (this.#small.bytes >= SMALL_SHARE * this.#capacity || this.#main.count === 0) {
      const id = this.#small.shift();
      if (this.#uses[id] > 1) {
        this.#uses[id] = 0;
        this.#main.push(id);
      } else {
        this.#remember(id);
      }
    } else {
      const id = this.#main.shift();
      if (this.#uses[id] > 0) {
        this.#uses[id]--;
        this.#main.push(id);
      }
    }
  }

  #remember(id) {
    this.#ghost.push(id);
    while (this.#ghost.bytes > (1 - SMALL_SHARE) * this.#capacity) this.#ghost.shift();
  }
}
