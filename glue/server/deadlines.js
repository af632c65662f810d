/*
 * When keys expire that somebody has to be told of.
 *
 * The module removes what has expired when it is asked for that, or within half a minute. Whoever
 * keeps a copy is to hear of it at the time: the server asks for it then.
 */
const SPAN_MS = 100; // keys that expire within one are looked at together

export class Deadlines {
  #spans = new Map(); // by number: sets of keys
  #spanOf = new Map(); // of a key
  #next; // the span that take() begins with

  constructor(now) {
    this.#next = Math.floor(now / SPAN_MS);
  }

  set(key, atMs) {
    this.remove(key);
    const span = Math.max(Math.ceil(atMs / SPAN_MS), this.#next);
    this.#spanOf.set(key, span);
    if (!this.#spans.has(span)) this.#spans.set(span, new Set());
    this.#spans.get(span).add(key);
  }

  remove(key) {
    const span = this.#spanOf.get(key);
    if (span === undefined) return;
    this.#spanOf.delete(key);
    const keys = this.#spans.get(span);
    keys.delete(key);
    if (keys.size === 0) this.#spans.delete(span);
  }

  clear() {
    this.#spans.clear();
    this.#spanOf.clear();
  }

  /** The keys whose time has come. */
  take(now) {
    const due = [];
    for (; this.#next * SPAN_MS <= now; this.#next++)
      due.push(...(this.#spans.get(this.#next) ?? []));
    for (const key of due) this.remove(key);
    return due;
  }
}
