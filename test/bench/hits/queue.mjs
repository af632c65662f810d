/** A queue of entries, named by number, that knows how many bytes they come to. */
export class Queue {
  // A circular list through an end of its own: the newest behind it, the oldest before it.
  #end;
  #newer;
  #older;
  #charges;

  bytes = 0;
  count = 0;

  /** `charges`: the bytes of each entry that there is. */
  constructor(charges) {
    this.#end = charges.length;
    this.#charges = charges;
    this.#newer = new Int32Array(this.#end + 1).fill(-1); // -1: not in the queue
    this.#older = new Int32Array(this.#end + 1);
    this.#newer[this.#end] = this.#older[this.#end] = this.#end;
  }

  has(id) {
    return this.#newer[id] >= 0;
  }

  /** The oldest; there is one. */
  get oldest() {
    return this.#newer[this.#end];
  }

  /** Puts in, as the newest, what is not in it. */
  push(id) {
    const before = this.#older[this.#end];
    this.#newer[id] = this.#end;
    this.#older[id] = before;
    this.#newer[before] = this.#older[this.#end] = id;
    this.bytes += this.#charges[id];
    this.count++;
  }

  remove(id) {
    this.#older[this.#newer[id]] = this.#older[id];
    this.#newer[this.#older[id]] = this.#newer[id];
    this.#newer[id] = -1;
    this.bytes -= this.#charges[id];
    this.count--;
  }

  renew(id) {
    this.remove(id);
    this.push(id);
  }

  /** Removes the oldest, and returns it. */
  shift() {
    const id = this.oldest;
    this.remove(id);
    return id;
  }
}
