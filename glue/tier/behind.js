/*
 * Writing behind: what was set waits here, is served from here, and goes to the remote in its own time.
 *
 * The queue holds one write a key, the last; it is bounded in keys and bytes, and who comes when it is full
 * waits for room. What fails is tried again, unless it is refused; what waits when the isolate ends is lost.
 */
import { jittered } from "./guard.js";
import { FerriteError } from "../error.js";

const AT_ONCE = 32; // writes under way
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;

export class Behind {
  #write;
  #maxKeys;
  #maxBytes;
  #onError;
  #entries = new Map(); // key to { value, px, until }, the oldest first
  #writing = new Set(); // keys
  #bytes = 0;
  #failures = 0;
  #waiters = []; // who waits for room, or for an empty queue: { ready(), resolve }
  #closed = false;

  constructor(write, { maxKeys = 1000, maxBytes = 1024 * 1024 }, onError) {
    this.#write = write;
    this.#maxKeys = maxKeys;
    this.#maxBytes = maxBytes;
    this.#onError = onError;
  }

  get size() {
    return this.#entries.size;
  }

  /** What waits to be written: { value }, null if it is to be deleted or has expired. */
  get(key) {
    const entry = this.#entries.get(key);
    return entry && (Date.now() < entry.until ? entry : { value: null });
  }

  async put(key, { value, px }) {
    if (this.#closed) throw new FerriteError("the tier is closed", "CLOSED");
    const entry = { value, px, until: px === undefined ? Infinity : Date.now() + px };
    const bytes = bytesOf(key, entry);
    if (bytes > this.#maxBytes) {
      throw new FerriteError(`a write of ${bytes} bytes; the queue holds ${this.#maxBytes}`, "OOM");
    }
    const fits = () => {
      const old = this.#entries.get(key);
      const keys = this.#entries.size - (old ? 1 : 0);
      return (
        keys < this.#maxKeys &&
        this.#bytes - (old ? bytesOf(key, old) : 0) + bytes <= this.#maxBytes
      );
    };
    while (!fits()) await this.#wait(fits);
    this.#remove(key);
    this.#entries.set(key, entry);
    this.#bytes += bytes;
    this.#go();
  }

  drained() {
    const empty = () => this.#entries.size === 0;
    return empty() ? Promise.resolve() : this.#wait(empty);
  }

  async close() {
    this.#closed = true;
    await this.drained();
  }

  #remove(key) {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#bytes -= bytesOf(key, entry);
    this.#entries.delete(key);
  }

  #wait(ready) {
    return new Promise((resolve) => this.#waiters.push({ ready, resolve }));
  }

  #wake() {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) {
      if (waiter.ready()) waiter.resolve();
      else this.#waiters.push(waiter);
    }
  }

  // One write of a key at a time, so that they come in order.
  #go() {
    for (const [key, entry] of this.#entries) {
      if (this.#writing.size >= AT_ONCE) return;
      if (!this.#writing.has(key)) this.#send(key, entry);
    }
  }

  async #send(key, entry) {
    this.#writing.add(key);
    try {
      const leftMs = entry.until - Date.now();
      if (leftMs > 0) await this.#write(key, { ...entry, px: entry.px && Math.ceil(leftMs) });
      this.#failures = 0;
      if (this.#entries.get(key) === entry) this.#remove(key);
    } catch (error) {
      this.#onError(error);
      // What the remote refuses for good is not asked again.
      if (error.code !== "REMOTE" && error.code !== "OOM" && this.#entries.get(key) === entry) {
        this.#remove(key);
      }
      const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
      this.#failures++;
      await new Promise((resolve) => setTimeout(resolve, jittered(pauseMs)));
    } finally {
      this.#writing.delete(key);
    }
    this.#wake();
    this.#go();
  }
}

const bytesOf = (key, { value }) => 2 * key.length + (value?.length ?? 0);
