// ferrite.wasm through the direct path of include/ferrite.h, as the benchmarks need it: entries are
// named by number, and of a value only its length and its first bytes matter. Keys are as long as
// asked for, by default KEY_BYTES.

import { POLICIES as ALL_POLICIES } from "../../glue/options.js";
import { MIB } from "./report.mjs";

const KEY_PREFIX = "page:";
const KEY_DIGITS = 12;
export const KEY_BYTES = KEY_PREFIX.length + KEY_DIGITS;
const STAMP_BYTES = 4; // of a value: the low bytes of the number of its entry

export const POLICIES = ["allkeys-lru", "allkeys-adaptive", "allkeys-adaptive-bytes"];
const numberOf = (policy) => ALL_POLICIES.indexOf(policy);
export const OK = 0;
export const ABSENT = 2;
export const NO_MEMORY = 4;
export const TOO_LARGE = 5;

// struct ferrite_io, in words
const REQUEST = 0;
const CAPACITY = 1;
const DATA = 2;
const DATA_BYTES = 3;
const IO_WORDS = 6;

export class Cache {
  #calls;
  #memory;
  #ioAt;
  #io;
  #bytes;

  /**
   * `policy`: a name. `watch`, if given, is called after each call into the module, with
   * the memory.
   */
  constructor(module, budgetBytes, seed, { policy = "allkeys-lru", watch } = {}) {
    const { exports } = new WebAssembly.Instance(module);
    this.#memory = exports.memory;
    this.#calls = watch ? watched(exports, watch) : exports;
    this.#ioAt = this.#calls.ferrite_io() >>> 0;
    const status = this.#calls.ferrite_init(budgetBytes, numberOf(policy), seed, 1, 2, 3);
    if (status !== OK) throw new Error(`ferrite_init(${budgetBytes}, ${policy}): status ${status}`);
    this.#refresh();
  }

  static knows(module, policy) {
    const { ferrite_init } = new WebAssembly.Instance(module).exports;
    return ferrite_init(MIB, numberOf(policy), 1, 1, 2, 3) === OK;
  }

  get memoryBytes() {
    return this.#memory.buffer.byteLength;
  }

  /** The key of an entry, as text. */
  static key(id) {
    return KEY_PREFIX + `${id}`.padStart(KEY_DIGITS, "0");
  }

  /** Returns the status. A value that does not fit the request window is written in its place. */
  set(id, valueBytes, ttlMs, nowMs, keyBytes = KEY_BYTES) {
    this.#writeKey(id, keyBytes);
    const inWindow = keyBytes + valueBytes <= this.#io[CAPACITY];
    if (inWindow) {
      this.#stamp(this.#io[REQUEST] + keyBytes, id, valueBytes);
      return this.#after(this.#calls.ferrite_set(keyBytes, valueBytes, 0, ttlMs, nowMs));
    }
    const status = this.#after(this.#calls.ferrite_reserve(keyBytes, valueBytes, 0, ttlMs, nowMs));
    if (status !== OK) return status;
    this.#stamp(this.#io[DATA], id, valueBytes);
    return this.#after(this.#calls.ferrite_commit(nowMs));
  }

  /** The length of the entry's value, or -1 if it is not there. */
  get(id, nowMs, keyBytes = KEY_BYTES) {
    this.#writeKey(id, keyBytes);
    const status = this.#after(this.#calls.ferrite_get(keyBytes, nowMs));
    if (status === ABSENT) return -1;
    if (status !== OK) throw new Error(`ferrite_get of entry ${id}: status ${status}`);
    const at = this.#io[DATA];
    const valueBytes = this.#io[DATA_BYTES];
    for (let i = 0; i < Math.min(STAMP_BYTES, valueBytes); i++) {
      if (this.#bytes[at + i] !== ((id >>> (8 * i)) & 0xff))
        throw new Error(`entry ${id} holds another entry's value`);
    }
    return valueBytes;
  }

  /** Runs an inline command of ASCII text; returns the first piece of its reply. */
  run(text, nowMs) {
    const line = `${text}\r\n`;
    const at = this.#io[REQUEST];
    for (let i = 0; i < line.length; i++) this.#bytes[at + i] = line.charCodeAt(i);
    const status = this.#after(this.#calls.ferrite_run(0, line.length, 2, nowMs));
    if (status > 1) throw new Error(`ferrite_run of ${text}: status ${status}`);
    return Buffer.from(this.#bytes.buffer, this.#io[DATA], this.#io[DATA_BYTES]).toString("latin1");
  }

  /** How many entries there are. */
  count(nowMs) {
    return Number(this.run("DBSIZE", nowMs).slice(1));
  }

  /** Asks for a request window; returns the status. */
  requestWindow(bytes, nowMs) {
    return this.#after(this.#calls.ferrite_request(bytes, nowMs));
  }

  // Copies all that the cache is. Between calls, a module has no state outside its memory.
  save() {
    return this.#bytes.slice();
  }

  restore(saved) {
    this.#bytes.set(saved);
  }

  #writeKey(id, keyBytes) {
    const start = this.#io[REQUEST];
    for (let i = 0; i < KEY_PREFIX.length; i++) this.#bytes[start + i] = KEY_PREFIX.charCodeAt(i);
    for (let at = start + keyBytes - 1; at >= start + KEY_PREFIX.length; at--) {
      this.#bytes[at] = 0x30 + (id % 10);
      id = Math.floor(id / 10);
    }
  }

  #stamp(at, id, valueBytes) {
    for (let i = 0; i < Math.min(STAMP_BYTES, valueBytes); i++)
      this.#bytes[at + i] = id >>> (8 * i);
  }

  // Growing leaves a view of the old buffer with no length.
  #after(status) {
    if (this.#bytes.length === 0) this.#refresh();
    return status;
  }

  #refresh() {
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#io = new Uint32Array(this.#memory.buffer, this.#ioAt, IO_WORDS);
  }
}

function watched(exports, watch) {
  const calls = {};
  for (const [name, exported] of Object.entries(exports)) {
    if (typeof exported !== "function") continue;
    calls[name] = (...args) => {
      const result = exported(...args);
      watch(exports.memory);
      return result;
    };
  }
  return calls;
}

/* --- a host that refuses to grow -------------------------------------------------------------- */

const PREAMBLE_BYTES = 8;
const MEMORY_SECTION = 5;
const HAS_MAXIMUM = 1;

/** The bytes of a module -> those of the same one whose memory never has more than `pages`. */
export function withMemoryMaximum(moduleBytes, pages) {
  for (let at = PREAMBLE_BYTES; at < moduleBytes.length; ) {
    const [sectionBytes, contentAt] = readVarint(moduleBytes, at + 1);
    const end = contentAt + sectionBytes;
    if (moduleBytes[at] === MEMORY_SECTION) {
      // A vector of one memory type: flags, initial pages, and maximal ones if the flags say so.
      const [initialPages] = readVarint(moduleBytes, contentAt + 2);
      const content = [1, HAS_MAXIMUM, ...varint(initialPages), ...varint(pages)];
      const section = [MEMORY_SECTION, ...varint(content.length), ...content];
      return Buffer.concat([
        moduleBytes.subarray(0, at),
        Buffer.from(section),
        moduleBytes.subarray(end),
      ]);
    }
    at = end;
  }
  throw new Error("the module has no memory section");
}

/** The number in front, and where it ends. */
function readVarint(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at];
  }
}

function varint(value) {
  const bytes = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push(value % 0x80 | 0x80);
  return [...bytes, value];
}
