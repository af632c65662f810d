import { Queue } from "./queue.mjs";

/**
 * ARC: Megiddo, Modha, "ARC: a self-tuning, low overhead replacement cache", FAST'03, with bytes in
 * place of pages. What was asked for once and what more often are each a queue with a ghost of what it
 * let go; a hit in a ghost says whose share of the capacity is too small. (In pages, it finds of the
 * trace oltp what the paper has, to 0.02 points.)
 */
export class Arc {
  #once;
  #often;
  #onceGhost;
  #oftenGhost;
  #onceTarget = 0; // bytes
  #charges;
  #capacity;

  constructor(charges, capacityBytes) {
    [this.#once, this.#often, this.#onceGhost, this.#oftenGhost] = [1, 2, 3, 4].map(
      () => new Queue(charges),
    );
    this.#charges = charges;
    this.#capacity = capacityBytes;
  }

  request(id) {
    if (this.#often.has(id)) {
      this.#often.renew(id);
      return true;
    }
    if (this.#once.has(id)) {
      this.#once.remove(id);
      this.#often.push(id);
      return true;
    }
    const charge = this.#charges[id];
    if (this.#onceGhost.has(id)) {
      const step = charge * Math.max(1, this.#oftenGhost.bytes / this.#onceGhost.bytes);
      this.#onceTarget = Math.min(this.#capacity, this.#onceTarget + step);
      this.#makeRoom(charge, false);
      this.#onceGhost.remove(id);
      this.#often.push(id);
    } else if (this.#oftenGhost.has(id)) {
      const step = charge * Math.max(1, this.#onceGhost.bytes / this.#oftenGhost.bytes);
      this.#onceTarget = Math.max(0, this.#onceTarget - step);
      this.#makeRoom(charge, true);
      this.#oftenGhost.remove(id);
      this.#often.push(id);
    } else {
      this.#makeRoom(charge, false);
      this.#once.push(id);
    }
    this.#forget();
    return false;
  }

  #makeRoom(charge, askedOftenGhost) {
    while (this.#once.bytes + this.#often.bytes + charge > this.#capacity) {
      const { bytes } = this.#once;
      const fromOnce =
        bytes > this.#onceTarget || (askedOftenGhost && bytes > 0 && bytes === this.#onceTarget);
      if (this.#once.count > 0 && (fromOnce || this.#often.count === 0))
        this.#onceGhost.push(this.#once.shift());
      else this.#oftenGhost.push(this.#often.shift());
    }
  }

  /** What was asked for once is remembered to a capacity's worth, all together to two. */
  #forget() {
    const [once, often] = [this.#onceGhost, this.#oftenGhost];
    while (once.count > 0 && this.#once.bytes + once.bytes > this.#capacity) once.shift();
    const all = () => this.#once.bytes + this.#often.bytes + once.bytes + often.bytes;
    while (often.count > 0 && all() > 2 * this.#capacity) often.shift();
  }
}
