import { Queue } from "./queue.mjs";

const WINDOW_SHARE = 0.01;
const PROTECTED_SHARE = 0.8; // of the rest
const MOST_USES = 15;
const REQUESTS_AN_ENTRY = 10;

/**
 * W-TinyLFU: Einziger, Friedman, Manes, "TinyLFU: a highly efficient cache admission policy", TOS'17.
 * New entries pass through a window, an LRU queue of 1%; what it lets go is admitted to a segmented LRU
 * if it was asked for more often than the one that has to go for it. How often is told exactly, where a
 * count-min sketch errs; all counts are halved when ten times as many requests have been as entries are.
 */
export class WTinyLfu {
  #window;
  #probation;
  #protected;
  #uses;
  #requests = 0;
  #charges;
  #capacity;

  constructor(charges, capacityBytes) {
    [this.#window, this.#probation, this.#protected] = [1, 2, 3].map(() => new Queue(charges));
    this.#uses = new Uint8Array(charges.length);
    this.#charges = charges;
    this.#capacity = capacityBytes;
  }

  request(id) {
    this.#count(id);
    if (this.#window.has(id)) {
      this.#window.renew(id);
    } else if (this.#protected.has(id)) {
      this.#protected.renew(id);
    } else if (this.#probation.has(id)) {
      this.#probation.remove(id);
      this.#protected.push(id);
      this.#demote();
    } else {
      this.#window.push(id);
      this.#makeRoom();
      return false;
    }
    return true;
  }

  #count(id) {
    if (this.#uses[id] < MOST_USES) this.#uses[id]++;
    const entries = this.#window.count + this.#probation.count + this.#protected.count;
    if (++this.#requests < REQUESTS_AN_ENTRY * Math.max(entries, 1)) return;
    this.#requests = 0;
    for (let i = 0; i < this.#uses.length; i++) this.#uses[i] >>= 1;
  }

  #demote() {
    const most = PROTECTED_SHARE * (1 - WINDOW_SHARE) * this.#capacity;
    while (this.#protected.bytes > most) this.#probation.push(this.#protected.shift());
  }

  /** What leaves the window stands against the oldest of the others until it fits, or has lost. */
  #makeRoom() {
    while (this.#window.bytes > WINDOW_SHARE * this.#capacity) {
      const candidate = this.#window.shift();
      const charge = this.#charges[candidate];
      const most = (1 - WINDOW_SHARE) * this.#capacity;
      let admitted = charge <= most;
      while (admitted && this.#probation.bytes + this.#protected.bytes + charge > most) {
        const others = this.#probation.count > 0 ? this.#probation : this.#protected;
        admitted = this.#uses[candidate] > this.#uses[others.oldest];
        if (admitted) others.shift();
      }
      if (admitted) this.#probation.push(candidate);
    }
  }
}
