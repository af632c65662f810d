// The web site of the demo: the pages of a trace, each with the size that the trace gives it. Its
// bodies follow from the page's number alone, so that a client can tell a right one from a wrong.

import { readFileSync } from "node:fs";
import { unpackTrace } from "../../../test/traces/trace.mjs";

const KEY_PREFIX = "page:/"; // what handler.mjs and the path's slash put in front
const TEXT_BYTES = 1 << 18;
const WORDS = "stone river lantern copper meadow signal harbour winter thread amber\n".split(" ");

/** A generator of numbers in [0, 1) that repeats for the same seed (mulberry32). */
export function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class Site {
  #trace;
  #text = Buffer.alloc(TEXT_BYTES);

  constructor(tracePath) {
    this.#trace = unpackTrace(readFileSync(tracePath));
    const random = randomNumbers(1);
    for (let at = 0; at < TEXT_BYTES; )
      at += this.#text.write(`${WORDS[Math.floor(random() * WORDS.length)]} `, at);
  }

  /** The pages asked for, by number, in the trace's order. */
  get requests() {
    return this.#trace.requests;
  }

  /** As long as makes the cache's key as long as the trace's. */
  path(id) {
    return "/" + id.toString(16).padStart(this.#trace.keyBytes[id] - KEY_PREFIX.length, "0");
  }

  idOf(path) {
    return Number.parseInt(path.slice(1), 16);
  }

  body(id) {
    const title = Buffer.from(`<h1>№ ${id}</h1>\n`); // not ASCII, so that encodings are tested too
    const rest = this.#trace.valueBytes[id] - title.length;
    const from = (id * 7919) % (TEXT_BYTES / 2);
    return Buffer.concat([title, this.#text.subarray(from, from + rest)]);
  }

  /** Seconds a page may be kept, 0 if the site does not say: a minute of the trace is one here. */
  maxAge(id) {
    return Math.ceil(this.#trace.ttlSeconds[id] / 60);
  }
}
