/*
 * One cache: a WebAssembly instance, the views of its memory, and the calls into it.
 *
 * It is platform-neutral: no files, no timers, no network. A platform's loader supplies the
 * module; commands.js puts the commands on top.
 *
 * The cache leaves what it found in a block of words (struct ferrite_io) whose address never
 * changes. When memory grows, its old buffer is detached and views of it have the length 0: that
 * is how growth is noticed, since asking for `memory.buffer` costs as much as looking up a key.
 */
import { Backlog } from "./backlog.js";
import { FerriteError, refusal, tooEarly } from "./error.js";
import { randomSeed, readOptions } from "./options.js";
import { recorded } from "./record.js";
import {
  measureRequest,
  prepareRequest,
  printNumber,
  readReply,
  requestBytes,
  writeRequest,
} from "./resp.js";
import { decodeText, encodeAscii, encodeText, isBytes, textBytes } from "./text.js";

const ABI_VERSION = 1;

// enum ferrite_status
const OK = 0;
const MORE = 1;
const ABSENT = 2;
const WRONG_TYPE = 3;
const NO_MEMORY = 4;
const TOO_LARGE = 5;
const PROTOCOL = 6;
const LOST = 8;
const GIVEN_UP = -1; // not the cache's: nobody wanted the rest of a reply

const TAKEN = Symbol("by takeChanges");
const CHANGES = ["changed", "expired", "evicted"]; // enum ferrite_change

// struct ferrite_io, in words
const REQUEST = 0;
const CAPACITY = 1;
const DATA = 2;
const DATA_BYTES = 3;
const CONSUMED = 4;
const BUDGET = 5;
const IO_WORDS = 6;

const LINE_FEED = 10;

// In units of UTF-16: up to what length a loop beats a call to write a key, and a key and its
// value are written together. The smallest window, 2 KiB, holds SHORT_PAIR at three bytes each.
const SHORT_KEY = 12;
const SHORT_PAIR = 512;

// The one door into the module. V8 must not know which function comes next, or it inlines the call,
// which saves nothing, and in Node.js 20 (V8 11.3) can crash the process: in functions with inlined
// calls of WebAssembly it reads the length of a string ahead of the check that there is a string.
// A get has one of its own, for its two arguments.
const enter = (exported, a, b, c, d, e) => exported(a, b, c, d, e);
const enterGet = (exported, keyBytes, now) => exported(keyBytes, now);
for (let i = 0; i < 100; i++) {
  enter(i & 1 ? Math.abs : Math.sign, i); // until V8 has noticed
  enterGet(i & 1 ? Math.abs : Math.sign, i);
}

const refuse = () => {
  throw undefined;
};

const NO_SEED = [0, 0, 0, 0];
const SWEEP_MS = 60_000; // more than the module takes to look at all for what has expired
const OUT_OF_MEMORY = "OOM command not allowed when used memory > 'maxmemory'.";

export class Core {
  #memory;
  #now;
  #get;
  #set;
  #reserve;
  #commit;
  #request;
  #run;
  #more;
  #changes;
  #tick;
  #cause; // what has broken the cache

  #backlogs = new Map(); // of changes, by who wants to know of them
  #plainNow; // the clock, while #now does more
  #isTelling = false; // will listeners be told?
  #finish; // the steps that are not to be disturbed

  #ioAt; // address of the block of words
  #io; // the block
  #bytes; // all of memory
  #window; // the request window
  #windowAt; // the address #window was made for, or -1 if it is a large one, to be given back
  #windowBytes; // the usual capacity of the request window

  /** `crypto` supplies the seed if the options do not. */
  constructor(module, options, crypto = globalThis.crypto) {
    const { maxMemory, policy, now, seed, record } = readOptions(options, crypto);
    const instance = instantiate(module);
    const exports = record ? recorded(instance, record) : instance;
    this.#memory = exports.memory;
    this.#get = exports.ferrite_get;
    this.#set = exports.ferrite_set;
    this.#reserve = exports.ferrite_reserve;
    this.#commit = exports.ferrite_commit;
    this.#request = exports.ferrite_request;
    this.#run = exports.ferrite_run;
    this.#more = exports.ferrite_more;
    this.#changes = exports.ferrite_changes;
    this.#tick = exports.ferrite_tick;
    this.#ioAt = this.#enter(exports.ferrite_io) >>> 0;

    const init = (words) => this.#enter(() => exports.ferrite_init(maxMemory, policy, ...words));
    const status = init(seed ?? NO_SEED);
    this.#now = seed ? now : this.#seedFirst(init, now, crypto);
    this.#refresh();
    if (status !== OK) throw budgetError(status, maxMemory, this.#io[BUDGET]);
    this.#windowBytes = this.#io[CAPACITY];
    this.#openWindow();
  }

  // Where there was no randomness yet, the cache starts anew with its seed when it is used first. Every
  // call asks for the time, before anything else.
  #seedFirst(init, now, crypto) {
    return () => {
      const seed = randomSeed(crypto);
      if (!seed) throw tooEarly();
      init(seed);
      this.#now = now;
      return now();
    };
  }

  /** The WebAssembly.Memory of the cache. Its buffer is replaced whenever it grows. */
  get memory() {
    return this.#memory;
  }

  /* --- into the module ------------------------------------------------------------------------ */

  #enter(exported, a, b, c, d, e) {
    try {
      return enter(exported, a, b, c, d, e);
    } catch (error) {
      throw this.#broken(error);
    }
  }

  // A trap, or the end of JavaScript's stack, has stopped the module in the middle of anything: its
  // heap may be half changed, and nothing is served from there any more. That comes first, since
  // there may be no stack left to say so.
  #broken(error) {
    this.#cause ??= error;
    this.#get = this.#set = this.#reserve = this.#commit = refuse;
    this.#request = this.#run = this.#more = this.#changes = this.#tick = refuse;
    return brokenError(this.#cause);
  }

  /* --- the direct path ------------------------------------------------------------------------ */

  get(key) {
    if (this.#lookUp(key) === ABSENT) return null;
    const start = this.#io[DATA];
    return decodeText(this.#bytes, start, start + this.#io[DATA_BYTES]);
  }

  getBytes(key) {
    if (this.#lookUp(key) === ABSENT) return null;
    const start = this.#io[DATA];
    return this.#bytes.slice(start, start + this.#io[DATA_BYTES]);
  }

  /** The value where it lies, until the next call: then memory may have moved, or hold another. */
  getView(key) {
    if (this.#lookUp(key) === ABSENT) return null;
    const start = this.#io[DATA];
    return this.#bytes.subarray(start, start + this.#io[DATA_BYTES]);
  }

  #lookUp(key) {
    const now = +this.#now();
    this.#begin(now);
    const keyBytes = this.#writeKey(key, now);
    let status;
    try {
      status = enterGet(this.#get, keyBytes, now);
    } catch (error) {
      throw this.#broken(error);
    }
    this.#refreshIfGrown();
    if (status > ABSENT) throw statusError(status, now);
    return status;
  }

  /** ferrite_set, or ferrite_reserve and ferrite_commit. False: NX or XX was not met. */
  put(key, value, flags, expiryMs) {
    const now = +this.#now();
    this.#begin(now);
    if (
      typeof key === "string" &&
      typeof value === "string" &&
      key.length + value.length <= SHORT_PAIR &&
      encodeAscii(key + value, this.#window)
    ) {
      return isDone(this.#enter(this.#set, key.length, value.length, flags, expiryMs, now), now);
    }
    return this.#putAny(key, value, flags, expiryMs, now);
  }

  #putAny(key, value, flags, expiryMs, now) {
    if (typeof value !== "string" && !isBytes(value)) value = printNumber(value, "value");
    const keyBytes = this.#writeKey(key, now);
    const room = this.#window.length - keyBytes;
    const roomy = value.length * 3 <= room; // nothing to measure first
    const valueBytes = roomy || typeof value !== "string" ? value.length : textBytes(value);
    if (valueBytes > room) return this.#putLarge(keyBytes, value, valueBytes, flags, expiryMs, now);
    const written = writeValue(value, this.#window.subarray(keyBytes));
    return isDone(this.#enter(this.#set, keyBytes, written, flags, expiryMs, now), now);
  }

  // The value goes straight into its place, and needs no other.
  #putLarge(keyBytes, value, valueBytes, flags, expiryMs, now) {
    const status = this.#enter(this.#reserve, keyBytes, valueBytes, flags, expiryMs, now);
    this.#refreshIfGrown();
    if (!isDone(status, now)) return false;
    const start = this.#io[DATA];
    writeValue(value, this.#bytes.subarray(start, start + valueBytes));
    return isDone(this.#enter(this.#commit, now), now);
  }

  // Returns how many bytes it has.
  #writeKey(key, now) {
    if (typeof key === "string") {
      const { length } = key;
      if (length <= SHORT_KEY) {
        const window = this.#window;
        let i = 0;
        for (let unit; i < length && (unit = key.charCodeAt(i)) < 0x80; i++) window[i] = unit;
        if (i === length) return length;
      }
      if (length * 3 > this.#window.length) this.#makeRoom(textBytes(key), now);
    } else {
      assertKey(key);
      this.#makeRoom(key.length, now);
    }
    return writeValue(key, this.#window);
  }

  /* --- RESP ----------------------------------------------------------------------------------- */

  /** Runs one command, an array of words, and returns its reply as readReply does. */
  run(words, asBytes) {
    const bytesAtMost = prepareRequest(words);
    const now = +this.#now();
    const status = this.#send(words, bytesAtMost, now);
    if (status === OK) {
      const start = this.#io[DATA];
      return readReply(this.#bytes, start, start + this.#io[DATA_BYTES], asBytes);
    }
    const pieces = new Pieces();
    const last = this.#takeReply(status, pieces.take, true);
    if (last !== OK) throw statusError(last, now);
    const reply = pieces.join();
    return readReply(reply, 0, reply.length, asBytes);
  }

  #send(words, bytesAtMost, now) {
    this.#begin(now);
    if (bytesAtMost > this.#window.length) this.#makeRoom(requestBytes(words), now);
    const requestEnd = writeRequest(this.#window, 0, words);
    const status = this.#enter(this.#run, 0, requestEnd, 2, now);
    this.#refreshIfGrown();
    return status;
  }

  /** Any command and its arguments; bulk strings come back as strings. */
  call(...words) {
    return this.run(words, false);
  }

  /** Any command and its arguments; bulk strings come back as Uint8Arrays. */
  callBytes(...words) {
    return this.run(words, true);
  }

  /** RESP requests in, RESP replies out. */
  exec(request, options) {
    const bytes = toBytes(request);
    const { reply, consumed, close } = this.feed(bytes, options);
    if (consumed < bytes.length && !close) {
      const text = `the request ends in the middle of a command, which begins at byte ${consumed}`;
      throw Object.assign(new FerriteError(text, "INCOMPLETE"), { reply, consumed });
    }
    return reply;
  }

  /** As exec, for requests that arrive in pieces: an unfinished command is left to the caller. */
  feed(request, { resp = 2 } = {}) {
    const bytes = toBytes(request);
    if (resp !== 2 && resp !== 3) throw refusal("resp", resp, "2, 3");
    const pieces = new Pieces();
    const { consumed, close } = this.pump(bytes, 0, bytes.length, resp, pieces.take);
    return { reply: pieces.join(), consumed, close };
  }

  /**
   * Runs the commands in bytes[start, end) and hands the replies, piece by piece, to
   * `take(memory, start, end, isLast)`, which copies them at once; if it returns false, the rest of
   * the replies is given up, and the commands behind are not run. `isLast` tells of one that others
   * are hardly going to follow. Returns how many bytes are done with, and whether what follows is no
   * request.
   */
  pump(bytes, start, end, resp, take) {
    let at = start;
    let status = OK;
    while (at < end && status === OK) {
      const now = +this.#now();
      this.#begin(now);
      let size = Math.min(end - at, this.#window.length);
      status = this.#runBytes(bytes, at, size, resp, now, take);
      let used = this.#io[CONSUMED];
      if (used === 0 && status === OK) {
        // A command that has not come to its end yet, or one larger than the window.
        const whole = measureRequest(bytes, at);
        if (whole <= size || whole > end - at) break;
        size = whole;
        try {
          this.#makeRoom(size, now);
          status = this.#runBytes(bytes, at, size, resp, now, take);
          used = this.#io[CONSUMED];
        } catch (error) {
          if (error.code !== "OOM") throw error;
          const reply = toBytes(`-${error.message}\r\n`);
          if (take(reply, 0, reply.length) === false) status = GIVEN_UP;
          used = size;
        }
        if (used === 0) break;
      }
      at += used;
    }
    if (status !== OK && status !== PROTOCOL && status !== GIVEN_UP) throw statusError(status, NaN);
    return { consumed: at - start, close: status === PROTOCOL };
  }

  #runBytes(bytes, at, size, resp, now, take) {
    this.#window.set(at === 0 && size === bytes.length ? bytes : bytes.subarray(at, at + size));
    const status = this.#enter(this.#run, 0, size, resp, now);
    this.#refreshIfGrown();
    return this.#takeReply(status, take, at + size === bytes.length);
  }

  // Hands over the reply, all of its pieces, and returns the last status.
  #takeReply(status, take, isLast) {
    for (;;) {
      if (status > MORE && status !== PROTOCOL) return status;
      const start = this.#io[DATA];
      const size = this.#io[DATA_BYTES];
      const ends = isLast && status !== MORE;
      if (size > 0 && take(this.#bytes, start, start + size, ends) === false) return GIVEN_UP;
      if (status !== MORE) return status;
      status = this.#enter(this.#more);
      this.#refreshIfGrown();
    }
  }

  /* --- several calls as one ------------------------------------------------------------------- */

  /**
   * What a generator yields that calls the cache, as if it did so in one call: time stands still, and
   * whoever calls between two of its steps, and asks for the time first, has it take all that are left.
   */
  *undisturbed(steps) {
    const time = +this.#now(); // others' steps are done now
    const before = this.#now;
    const taken = [];
    let failure;
    const end = () => {
      this.#now = before;
      this.#finish = undefined;
    };
    const finish = () => {
      this.#finish = undefined;
      this.#now = own;
      try {
        for (const step of steps) taken.push(step);
      } catch (error) {
        failure = error;
      } finally {
        end();
      }
    };
    const own = () => time;
    const others = () => {
      finish();
      return before();
    };
    try {
      for (this.#finish = finish; this.#finish === finish; ) {
        this.#now = own;
        const { value, done } = steps.next();
        if (done) break;
        this.#now = others;
        yield value;
      }
    } finally {
      if (this.#finish === finish) {
        end();
        steps.return();
      }
    }
    while (taken.length > 0) yield taken.shift();
    if (failure) throw failure;
  }

  /**
   * Runs a command that answers a bulk string: { length, pieces }, or null. The pieces leave the module as
   * they are asked for; a call between two of them gives up the rest, so that is for `undisturbed`.
   */
  bulk(...words) {
    const bytesAtMost = prepareRequest(words);
    const now = +this.#now();
    const status = this.#send(words, bytesAtMost, now);
    const start = this.#io[DATA];
    if (status === MORE) {
      const line = this.#bytes.indexOf(LINE_FEED, start);
      const length = Number(decodeText(this.#bytes, start + 1, line - 1));
      return { length, pieces: this.#pieces(line + 1, length, now) };
    }
    if (status !== OK) throw statusError(status, now);
    const bytes = readReply(this.#bytes, start, start + this.#io[DATA_BYTES], true);
    return bytes && { length: bytes.length, pieces: [bytes] };
  }

  *#pieces(start, length, now) {
    for (let at = start, left = length; ; at = this.#io[DATA]) {
      const end = this.#io[DATA] + this.#io[DATA_BYTES];
      const piece = this.#bytes.slice(at, Math.min(end, at + left));
      left -= piece.length;
      if (piece.length > 0) yield piece;
      if (left === 0) return;
      const status = this.#enter(this.#more);
      this.#refreshIfGrown();
      if (status !== OK && status !== MORE) throw statusError(status, now);
    }
  }

  /* --- changes -------------------------------------------------------------------------------- */

  /** What has happened to keys since the last call; `keep`: note what happens from now on. */
  takeChanges(keep = true) {
    const mine = this.#backlogs.get(TAKEN) ?? new Backlog();
    if (keep) this.#backlogs.set(TAKEN, mine);
    else this.#backlogs.delete(TAKEN);
    const changes = this.#collectChanges();
    if (!keep) mine.add(changes);
    return mine.take();
  }

  /**
   * Tells a listener from now on. Whoever calls the cache asks for the time first: then the module gives
   * what it has noted, before there is more, and when that program is done, listeners are told.
   */
  onChanges(listener) {
    if (typeof listener !== "function") throw refusal("listener", listener, "a function");
    this.#now(); // where there was no seed yet, there is one now
    const tell = (changes) => listener(changes);
    this.#backlogs.set(tell, new Backlog());
    this.#collectChanges();
    this.#backlogs.get(tell).take(); // what was before
    if (!this.#plainNow) {
      this.#plainNow = this.#now;
      this.#now = () => {
        this.#collectChanges();
        this.#tellSoon();
        return this.#plainNow();
      };
    }
    return () => {
      if (!this.#backlogs.delete(tell)) return;
      this.#collectChanges();
      if (this.#backlogs.size > (this.#backlogs.has(TAKEN) ? 1 : 0)) return;
      this.#now = this.#plainNow;
      this.#plainNow = undefined;
    };
  }

  #collectChanges() {
    const changes = this.#readChanges(this.#backlogs.size > 0);
    for (const backlog of this.#backlogs.values()) backlog.add(changes);
    return changes;
  }

  #tellSoon() {
    if (this.#isTelling) return;
    this.#isTelling = true;
    queueMicrotask(() => {
      this.#isTelling = false;
      this.#collectChanges();
      for (const [tell, backlog] of this.#backlogs) {
        if (tell === TAKEN) continue;
        const taken = backlog.take();
        if (taken.all || taken.changes.length > 0) queueMicrotask(() => tell(taken));
      }
    });
  }

  #readChanges(keep) {
    this.#finish?.();
    const status = this.#enter(this.#changes, keep ? 1 : 0);
    this.#refreshIfGrown();
    const changes = [];
    const end = this.#io[DATA] + this.#io[DATA_BYTES];
    const view = new DataView(this.#bytes.buffer);
    for (let at = this.#io[DATA], next; at < end; at = next) {
      const head = view.getUint32(at, true);
      next = at + 4 + (head >>> 8);
      changes.push({ kind: CHANGES[head & 255], key: this.#bytes.slice(at + 4, next) });
    }
    return { all: status === LOST, changes };
  }

  /**
   * Upkeep when idle: is there more to do? The module paces its look for what has expired by time: if
   * that steps back, and on again, it is `eager`, and has all to look at.
   */
  tick(eager = false) {
    const now = +this.#now();
    if (eager) this.#enter(this.#tick, Math.max(0, now - SWEEP_MS));
    const status = this.#enter(this.#tick, now);
    this.#refreshIfGrown();
    return status === MORE;
  }

  /* --- memory --------------------------------------------------------------------------------- */

  // Before anything is written to the request window.
  #begin(now) {
    if (this.#io.length !== 0 && this.#io[REQUEST] === this.#windowAt) return;
    this.#refreshIfGrown();
    if (this.#io[CAPACITY] > this.#windowBytes) this.#enter(this.#request, this.#windowBytes, now);
    this.#refreshIfGrown();
    this.#openWindow();
  }

  #makeRoom(bytes, now) {
    if (bytes <= this.#window.length) return;
    const status = this.#enter(this.#request, bytes, now);
    this.#refreshIfGrown();
    this.#openWindow();
    this.#windowAt = -1;
    if (status !== OK) throw statusError(status, now);
  }

  #openWindow() {
    const start = this.#io[REQUEST];
    this.#window = this.#bytes.subarray(start, start + this.#io[CAPACITY]);
    this.#windowAt = start;
  }

  #refreshIfGrown() {
    if (this.#io.length === 0) this.#refresh();
  }

  #refresh() {
    const { buffer } = this.#memory;
    this.#bytes = new Uint8Array(buffer);
    this.#io = new Uint32Array(buffer, this.#ioAt, IO_WORDS);
    this.#windowAt = -1;
  }
}

/** Throws if it is no key. */
export function assertKey(key, name = "key") {
  if (typeof key !== "string" && !isBytes(key)) throw refusal(name, key, "a string, a Uint8Array");
}

function instantiate(module) {
  const { exports } = new WebAssembly.Instance(module);
  const version = exports.ferrite_abi_version?.();
  if (version === ABI_VERSION) return exports;
  throw new FerriteError(
    version === undefined
      ? "module is not a Ferrite Edge module: it has no export ferrite_abi_version"
      : `module has version ${version} of the interface; allowed: version ${ABI_VERSION}`,
  );
}

function writeValue(value, view) {
  if (typeof value === "string") return encodeText(value, view);
  view.set(value);
  return value.length;
}

function toBytes(request) {
  if (isBytes(request)) return request;
  if (typeof request !== "string") throw refusal("request", request, "a string, a Uint8Array");
  const bytes = new Uint8Array(textBytes(request));
  encodeText(request, bytes);
  return bytes;
}

// A reply that comes in pieces is put together in memory that is kept for the next one, and lent to one
// at a time: it is making memory that takes long, not copying.
const ROOM = 1 << 17; // bytes, more than any window has
let spare = null;

class Pieces {
  #only; // the piece, of most replies
  #room = null; // where there are more
  #used = 0;
  #full = []; // what had filled the room

  take = (memory, start, end, isLast) => {
    if (isLast && !this.#room) {
      this.#only = memory.slice(start, end);
      return;
    }
    if (!this.#room) {
      this.#room = spare ?? new Uint8Array(ROOM);
      spare = null;
    }
    if (this.#used + end - start > ROOM) {
      this.#full.push(this.#room.slice(0, this.#used));
      this.#used = 0;
    }
    this.#room.set(memory.subarray(start, end), this.#used);
    this.#used += end - start;
  };

  join() {
    if (!this.#room) return this.#only ?? new Uint8Array(0);
    spare = this.#room;
    const rest = this.#room.slice(0, this.#used);
    return this.#full.length === 0 ? rest : concatenate([...this.#full, rest]);
  }
}

function concatenate(pieces) {
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

// Of a ferrite_set and the like: was it done?
function isDone(status, now) {
  if (status === OK) return true;
  if (status === ABSENT) return false;
  throw statusError(status, now);
}

// The words Redis has for it.
function statusError(status, now) {
  switch (status) {
    case WRONG_TYPE:
      return FerriteError.fromReply(
        "WRONGTYPE Operation against a key holding the wrong kind of value",
      );
    case NO_MEMORY:
    case TOO_LARGE:
      return FerriteError.fromReply(OUT_OF_MEMORY);
    default:
      if (!(now >= 0 && now < 2 ** 53)) {
        return refusal("the time that now() gave", now, "milliseconds, 0 to 2^53");
      }
      return new FerriteError(`the cache answered with status ${status}`, "INTERNAL");
  }
}

function brokenError(cause) {
  const text = `the cache is broken, since a call was stopped midway (${cause.message}): make another`;
  return Object.assign(new FerriteError(text, "BROKEN"), { cause });
}

function budgetError(status, maxMemory, nearest) {
  if (status === NO_MEMORY) {
    return refusal("maxMemory", maxMemory, `at least ${nearest} bytes`);
  }
  if (status === TOO_LARGE) {
    return refusal("maxMemory", maxMemory, `at most ${nearest} bytes`);
  }
  return new FerriteError(`the cache could not be made: status ${status}`, "INTERNAL");
}
