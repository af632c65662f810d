/*
 * Where commands begin and end in the bytes that a connection sends.
 *
 * A command is found where it lies, so that a run of them goes to the module as one piece, which
 * need not be looked at again. What is wrong is noticed as soon as it has arrived, so a line that
 * never ends takes 64 KiB and no more. Limits and texts are Redis's.
 */
import { splitWords } from "./words.js";

/* What next() finds. */
export const UNFINISHED = 0; // the beginning of a command, or nothing
export const COMMAND = 1; // an array, perhaps an empty one
export const LINE = 2; // an inline command: its `words`, perhaps none
export const MALFORMED = 3; // `error` says why

const CARRIAGE_RETURN = 0x0d;
const DOLLAR = 0x24;
const LINE_FEED = 0x0a;
const STAR = 0x2a;
const ZERO = 0x30;

const LINE_MAX = 64 * 1024; // bytes, of an inline command or a count
const WORDS_MAX = 2 ** 31 - 1;
const INTEGER = /^(0|-?[1-9]\d{0,18})$/;
const GLANCE = 8; // digits of a count that is read without looking for the end of its line first
const EMPTY = Buffer.alloc(0);

const ARRAY = {
  mark: STAR,
  least: -Infinity,
  tooLong: "too big mbulk count string",
  invalid: "invalid multibulk length",
};
const BULK = {
  mark: DOLLAR,
  least: 0,
  tooLong: "too big bulk count string",
  invalid: "invalid bulk length",
};

// What is allowed to whoever has not given the password.
const STRANGER_WORDS = 10;
const STRANGER_BYTES = 16384;

export class Framing {
  bytes = EMPTY;
  end = 0; // of what has arrived
  start = 0; // of the command that next() found, or has begun to read
  at = 0; // where it ends, or how far it has been read
  count = 0; // its words
  nameAt = 0; // the first of them
  nameEnd = 0;
  words = null; // of a LINE
  error = "";
  isStranger = false;

  #limits;
  #left = 0; // words still to be read
  #number = 0; // that the last line had
  #expected = 0; // where the word ends that is being read
  #owned = false; // may `bytes` be written to?

  /** `limits.bulkBytes`, which may change, is how long a word may be. */
  constructor(limits) {
    this.#limits = limits;
  }

  /** How many bytes wait for the rest of their command, or for their turn. */
  get waiting() {
    return this.end - this.#origin;
  }

  get #origin() {
    return this.#left > 0 ? this.start : this.at;
  }

  /** Keeps `chunk`, and does not write to it. */
  append(chunk) {
    const origin = this.#origin;
    const waiting = this.end - origin;
    if (waiting === 0) {
      this.#moveTo(chunk, origin, chunk.length);
      this.#owned = false;
      return;
    }
    if (!this.#owned || this.end + chunk.length > this.bytes.length) {
      // Twice as long each time, but not longer than what is known to come.
      const size = waiting + chunk.length;
      const room = Math.max(size, Math.min(size * 2, this.#expected - origin));
      const grown = Buffer.allocUnsafe(room);
      this.bytes.copy(grown, 0, origin, this.end);
      this.#moveTo(grown, origin, waiting);
      this.#owned = true;
    }
    chunk.copy(this.bytes, this.end);
    this.end += chunk.length;
  }

  // What lay from `origin` on begins `bytes` now.
  #moveTo(bytes, origin, end) {
    this.bytes = bytes;
    this.end = end;
    this.start -= origin;
    this.at -= origin;
    this.nameAt -= origin;
    this.nameEnd -= origin;
    this.#expected -= origin;
  }

  /** Keeps no memory for nothing, between one event and the next. */
  release() {
    if (this.#left === 0) this.start = this.at;
    if (this.waiting === 0) this.#moveTo(EMPTY, this.at, 0);
  }

  /** Goes on to the next command. */
  next() {
    if (this.#left === 0) {
      this.start = this.at;
      if (this.at === this.end) return UNFINISHED;
      if (this.bytes[this.at] !== STAR) return this.#readLine();
      const found = this.#readArray();
      if (found !== COMMAND) return found;
      if (this.isStranger && this.#number > STRANGER_WORDS) {
        return this.#refuse("unauthenticated multibulk length");
      }
      this.count = this.#left = Math.max(this.#number, 0);
    }
    return this.#readBulks();
  }

  // "*<count>\r\n", which has one digit nearly always.
  #readArray() {
    const { bytes, at, end } = this;
    const digit = bytes[at + 1] - ZERO;
    if (at + 4 > end || bytes[at + 2] !== CARRIAGE_RETURN || !(digit > 0 && digit < 10)) {
      return this.#readCount(ARRAY, WORDS_MAX);
    }
    this.#number = digit;
    this.at = at + 4;
    return COMMAND;
  }

  /** Has next() find again what it has found. */
  stepBack() {
    this.at = this.start;
    this.#left = 0;
  }

  #readBulks() {
    const { bytes, end, count } = this;
    const { bulkBytes } = this.#limits;
    let { at } = this;
    for (let left = this.#left; left > 0; left--) {
      let size = 0;
      let digit = at + 1;
      if (bytes[at] === DOLLAR && bytes[digit] !== ZERO) {
        const last = Math.min(digit + GLANCE, end - 2);
        for (let value; digit < last && (value = bytes[digit] - ZERO) >= 0 && value < 10; digit++) {
          size = size * 10 + value;
        }
      }
      let word = digit + 2;
      if (digit === at + 1 || bytes[digit] !== CARRIAGE_RETURN || size > bulkBytes) {
        this.at = at;
        this.#left = left;
        const found = this.#readCount(BULK, bulkBytes);
        if (found !== COMMAND) return found;
        size = this.#number;
        word = this.at;
      }
      if (this.isStranger && size > STRANGER_BYTES) {
        return this.#refuse("unauthenticated bulk length");
      }
      if (end - word < size + 2) {
        this.at = at; // its count will be read again
        this.#left = left;
        this.#expected = word + size + 2;
        return UNFINISHED;
      }
      if (left === count) {
        this.nameAt = word;
        this.nameEnd = word + size;
      }
      at = word + size + 2;
    }
    this.at = at;
    this.#left = 0;
    return COMMAND;
  }

  // Any line of a mark and a number: cut off, hostile or wrong.
  #readCount(line, most) {
    const { bytes, at, end } = this;
    const stop = bytes.indexOf(CARRIAGE_RETURN, at);
    if (stop < 0 || stop >= end)
      return end - at > LINE_MAX ? this.#refuse(line.tooLong) : UNFINISHED;
    if (stop - at > LINE_MAX) return this.#refuse(line.tooLong);
    if (stop + 1 === end) return UNFINISHED;
    if (bytes[at] !== line.mark) {
      return this.#refuse(`expected '$', got '${String.fromCharCode(bytes[at])}'`);
    }
    const digits = bytes.latin1Slice(at + 1, stop);
    this.#number = INTEGER.test(digits) ? Number(digits) : NaN;
    if (!(this.#number >= line.least && this.#number <= most)) return this.#refuse(line.invalid);
    this.at = stop + 2;
    return COMMAND;
  }

  #readLine() {
    const { bytes, at, end } = this;
    const stop = bytes.indexOf(LINE_FEED, at);
    if (stop < 0 || stop >= end) {
      return end - at > LINE_MAX ? this.#refuse("too big inline request") : UNFINISHED;
    }
    if (stop - at > LINE_MAX) return this.#refuse("too big inline request");
    const ends = stop > at && bytes[stop - 1] === CARRIAGE_RETURN ? stop - 1 : stop;
    this.words = splitWords(bytes.latin1Slice(at, ends));
    if (this.words === null) return this.#refuse("unbalanced quotes in request");
    this.at = stop + 1;
    return LINE;
  }

  #refuse(error) {
    this.error = error;
    return MALFORMED;
  }
}
