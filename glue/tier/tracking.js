/*
 * Tracking: by what a local copy is known to be as good as the remote's value.
 *
 * A link is a connection (or two) to one primary, on which keys are read and changes are told. It has an
 * epoch, which is written on each copy that is read through it. What makes a copy good is that
 *
 *   - its epoch is that of the link that answers for its key now. A link that breaks is over, and the next
 *     has another epoch; so has the link of another node, if that has the key's slot since;
 *   - the link is proven to be alive. It is asked again and again; changes come in order on it, so with
 *     the answer to a question all that was acknowledged to any writer before the question was put is
 *     known here. A copy is good for `maxStaleMs` from then: that is the bound, and it holds whatever
 *     network, node or this very process have been doing since.
 *
 * A link is opened when a key of its node is read first. Until it is there, and whenever it is not,
 * reads go to the remote and are not kept.
 */
import { inTime, jittered } from "./guard.js";

const ASKED_A_BOUND = 3; // how many questions in the time of the bound
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;

export class Tracking {
  #remote;
  #options; // { broadcast, prefixes, maxStaleMs, timeoutMs }
  #told; // { keys(keys), all(), error(error) }
  #links = new Map(); // node to link
  #lastEpoch = 0;
  #closed = false;

  constructor(remote, options, told) {
    this.#remote = remote;
    this.#options = options;
    this.#told = told;
  }

  /** The link that answers for the key now: { epoch, get(key) }, or undefined. */
  linkOf(key) {
    if (!this.#covers(key)) return undefined;
    const node = this.#remote.nodeOf(key);
    if (node === undefined) return undefined; // nobody has the slot
    const link = this.#links.get(node);
    if (!link || (link.ended && performance.now() >= link.until))
      this.#open(node, link?.failures ?? 0);
    const alive = link?.epoch && performance.now() - link.proven <= this.#options.maxStaleMs;
    return alive ? link : undefined;
  }

  isGood(key, epoch) {
    return this.linkOf(key)?.epoch === epoch;
  }

  close() {
    this.#closed = true;
    for (const [node, link] of this.#links) this.#end(node, link);
  }

  #covers(key) {
    const { broadcast, prefixes } = this.#options;
    return !broadcast || prefixes.length === 0 || prefixes.some((prefix) => key.startsWith(prefix));
  }

  async #open(node, failures) {
    if (this.#closed) return;
    const link = { epoch: 0, proven: 0, ended: false, failures };
    this.#links.set(node, link);
    const told = {
      keys: (keys) => this.#told.keys(keys),
      all: () => this.#renew(link),
      end: () => this.#end(node, link),
    };
    const opening = this.#remote.open(node, this.#options, told);
    opening.then(
      (connection) => link.ended && connection.close(), // it comes too late
      () => {},
    );
    try {
      link.connection = await inTime(opening, this.#options.timeoutMs);
    } catch (error) {
      this.#told.error(error);
      return this.#end(node, link);
    }
    if (link.ended) return;
    link.get = (key) => link.connection.get(key);
    link.proven = performance.now();
    link.epoch = ++this.#lastEpoch;
    link.failures = 0;
    link.timer = setInterval(() => this.#ask(node, link), this.#options.maxStaleMs / ASKED_A_BOUND);
    link.timer.unref?.();
  }

  #ask(node, link) {
    const asked = performance.now();
    // Not before twice the bound: if it is this process that stood still, the answer may be there already.
    if (asked - link.proven > 2 * this.#options.maxStaleMs) return this.#end(node, link);
    link.connection.ping().then(
      () => (link.proven = Math.max(link.proven, asked)),
      () => this.#end(node, link),
    );
  }

  // All keys of its node have changed.
  #renew(link) {
    if (link.epoch) link.epoch = ++this.#lastEpoch;
    this.#told.all();
  }

  // It is opened again when a key is read, but not at once.
  #end(node, link) {
    if (this.#links.get(node) !== link || link.ended) return;
    link.ended = true;
    link.epoch = 0;
    link.until =
      performance.now() + jittered(Math.min(FIRST_PAUSE_MS * 2 ** link.failures, LONGEST_PAUSE_MS));
    link.failures++;
    clearInterval(link.timer);
    link.connection?.close();
    this.#told.all();
  }
}
