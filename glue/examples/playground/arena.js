/*
 * What the arena holds, read from the module's memory: a walk from block to block, as
 * src/heap/block.h lays them out.
 *
 *     0             STATE_AT        FIXED_BYTES  first                        end      limit
 *     | call, stack | state, static | windows    | block | block | free | ... | END |  not yet  |
 *
 * This is a view for looking at, and no part of the contract: the format is the module's own, and
 * test/playground/arena.test.mjs goes red when it changes. Memory must stand still while a walk
 * goes on: whoever takes it in slices lets no call into the module between them, or begins again.
 */
const STATE_AT = 5632; // struct heap is the first of the state: first, end, limit, free_units
const FIXED_BYTES = 17984;
const UNIT = 8; // bytes; places and lengths below are in units

// The tag, a block's first byte.
const EXPIRY = 0x40;
const TYPED = 0x20;
const CODE = 0x1f;
const LONG_KEY = 28;
const FREE = 29;
const SYSTEM = 30;
const LONG_EXPIRY = 0x10; // of the type byte
const FREE_SIZE_ESCAPE = 0xffffff;

// enum system_kind
const [END, PINNED, PAGE, NODE, SPILL, LEAF, BRANCH] = [0, 1, 2, 3, 4, 5, 6];
const SYSTEM_NAMES = ["end", "window", "index page", "index node", "index spill", "leaf", "branch"];
const TYPE_NAMES = ["string", "string", "string", "list", "set", "zset", "hash"];
const FIRST_COLLECTION = 3; // of enum value_type
const TREE = 8; // the value is where a tree's root is

/** What a piece of the arena may hold, in the order of the legend. */
export const KINDS = [
  { id: "fixed", name: "stack, static" },
  { id: "windows", name: "windows" },
  { id: "index", name: "index" },
  { id: "s64", name: "to 64 B", long: "strings to 64 B" },
  { id: "s256", name: "to 256 B", long: "strings to 256 B" },
  { id: "s1k", name: "to 1 KiB", long: "strings to 1 KiB" },
  { id: "s16k", name: "to 16 KiB", long: "strings to 16 KiB" },
  { id: "large", name: "larger", long: "larger strings" },
  { id: "packed", name: "collections", long: "packed collections" },
  { id: "trees", name: "trees", long: "trees of collections" },
  { id: "free", name: "free" },
  { id: "untaken", name: "not taken", long: "not yet taken" },
];
const kind = Object.fromEntries(KINDS.map(({ id }, i) => [id, i]));
const SYSTEM_KINDS = [];
SYSTEM_KINDS[END] = kind.fixed;
SYSTEM_KINDS[PINNED] = kind.windows;
for (const system of [PAGE, NODE, SPILL]) SYSTEM_KINDS[system] = kind.index;
for (const system of [LEAF, BRANCH]) SYSTEM_KINDS[system] = kind.trees;

const SLICE_BLOCKS = 4096; // between two looks at the clock

export class Arena {
  #memory;
  #bytes;
  #words;
  #tally; // units by cell and kind
  #at;
  #cell;

  /** Of a cache's memory, in so many cells. */
  constructor(memory, cells) {
    this.#memory = memory;
    this.cells = cells;
    this.#tally = new Uint32Array(cells * KINDS.length);
    this.kinds = new Uint8Array(cells); // what most of each cell is
    this.covers = new Uint32Array(cells); // the first block that reaches into it; 0: none
    this.units = new Float64Array(KINDS.length);
    this.blocks = new Float64Array(KINDS.length);
  }

  /** Walks all of it at once. */
  look() {
    this.begin();
    this.step(Infinity);
    return this;
  }

  begin() {
    this.#view();
    const [first, end, limit, freeUnits] = this.#words.subarray(STATE_AT / 4, STATE_AT / 4 + 4);
    Object.assign(this, { first, end, limit, freeUnits, cellUnits: Math.ceil(limit / this.cells) });
    for (const array of [this.#tally, this.covers, this.units, this.blocks]) array.fill(0);
    this.#cell = 0;
    this.#at = 0;
    this.#put(kind.fixed, FIXED_BYTES / UNIT);
    this.#put(kind.windows, first - FIXED_BYTES / UNIT);
  }

  /** Goes on with it for so long. True: it is at the end. */
  step(milliseconds) {
    const stop = performance.now() + milliseconds;
    this.#view();
    while (this.#at < this.end) {
      for (let i = 0; i < SLICE_BLOCKS && this.#at < this.end; i++) this.#stepOver();
      if (this.#at < this.end && performance.now() > stop) return false;
    }
    this.#finish();
    return true;
  }

  get cellBytes() {
    return this.cellUnits * UNIT;
  }

  /** { bytes, blocks } of each kind. */
  totals() {
    return KINDS.map((_, i) => ({ bytes: this.units[i] * UNIT, blocks: this.blocks[i] }));
  }

  /** Bytes of each kind in a cell. */
  inCell(cell) {
    const from = cell * KINDS.length;
    return [...this.#tally.subarray(from, from + KINDS.length)].map((units) => units * UNIT);
  }

  /** The blocks in a cell, `most` of them: only while nothing has changed since the walk. */
  describe(cell, most) {
    this.#view();
    const found = [];
    const end = Math.min((cell + 1) * this.cellUnits, this.end);
    for (let at = this.covers[cell]; at && at < end && found.length < most; ) {
      const block = this.#read(at);
      found.push(block);
      at += block.bytes / UNIT;
    }
    return found;
  }

  #view() {
    if (this.#bytes?.length) return; // else memory has grown, and the old buffer is gone
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#words = new Uint32Array(this.#memory.buffer);
  }

  #stepOver() {
    const bytes = this.#bytes;
    const words = this.#words;
    const start = this.#at * UNIT;
    const code = bytes[start] & CODE;
    if (code < FREE) return this.#stepOverEntry(start, bytes[start]);
    if (code === FREE) return this.#put(kind.free, freeUnits(words, this.#at));
    this.#put(SYSTEM_KINDS[bytes[start + 1]], systemUnits(bytes, words, this.#at));
  }

  // As shape_load in src/heap/block.c, with no object made: a walk comes by here a million times.
  #stepOverEntry(start, tag) {
    const bytes = this.#bytes;
    let at = start + 1;
    let expiry = tag & EXPIRY ? 5 : 0;
    let type = 0;
    if (tag & TYPED) {
      type = bytes[at++];
      if (type & LONG_EXPIRY) expiry = 8;
    }
    let key = tag & CODE;
    if (key === LONG_KEY) {
      key = bytes[at];
      if (key > 0x7f) key = varint(bytes, at);
      at += varintBytes(bytes, at);
    }
    let value = bytes[at];
    if (value > 0x7f) value = varint(bytes, at);
    const size = at + varintBytes(bytes, at) - start + expiry + key + value;
    const units = Math.max(2, Math.ceil(size / UNIT));
    this.#put((type & 7) >= FIRST_COLLECTION ? kind.packed : sizeKind(units), units);
  }

  // Notes the next `units` as of that kind, cell by cell.
  #put(kind, units) {
    const end = this.#at + units;
    if (!(units > 0) || end > this.limit) throw new Error(`no block at ${this.#at * UNIT}`);
    this.units[kind] += units;
    this.blocks[kind]++;
    for (let at = this.#at; at < end; ) {
      const cellEnd = (this.#cell + 1) * this.cellUnits;
      const next = end < cellEnd ? end : cellEnd;
      this.#tally[this.#cell * KINDS.length + kind] += next - at;
      if (this.#at >= this.first) this.covers[this.#cell] ||= this.#at;
      if (next === cellEnd) this.#cell++;
      at = next;
    }
    this.#at = end;
  }

  #finish() {
    if (this.#bytes[this.#at * UNIT + 1] !== END) throw new Error("no END where the arena ends");
    this.#put(kind.fixed, 1); // END
    if (this.#at < this.limit) this.#put(kind.untaken, this.limit - this.#at);
    for (let cell = 0, from = 0; cell < this.cells; cell++, from += KINDS.length) {
      let most = kind.untaken;
      for (let i = 0; i < KINDS.length; i++)
        if (this.#tally[from + i] > this.#tally[from + most]) most = i;
      this.kinds[cell] = most;
    }
  }

  // One block, for people.
  #read(at) {
    const bytes = this.#bytes;
    const start = at * UNIT;
    const tag = bytes[start];
    const code = tag & CODE;
    if (code === FREE) return { what: "free", bytes: freeUnits(this.#words, at) * UNIT };
    if (code === SYSTEM) {
      const units = systemUnits(bytes, this.#words, at);
      return { what: SYSTEM_NAMES[bytes[start + 1]], bytes: units * UNIT };
    }
    let next = start + 1;
    const type = tag & TYPED ? bytes[next++] : 0;
    let keyBytes = code;
    if (code === LONG_KEY) {
      keyBytes = varint(bytes, next);
      next += varintBytes(bytes, next);
    }
    const valueBytes = varint(bytes, next);
    next += varintBytes(bytes, next) + (type & LONG_EXPIRY ? 8 : tag & EXPIRY ? 5 : 0);
    const units = Math.max(2, Math.ceil((next - start + keyBytes + valueBytes) / UNIT));
    return {
      what: TYPE_NAMES[type & 7] + (type & TREE ? ", in a tree" : ""),
      bytes: units * UNIT,
      key: new TextDecoder().decode(bytes.subarray(next, next + keyBytes)),
      valueBytes,
    };
  }
}

function sizeKind(units) {
  if (units <= 64 / UNIT) return kind.s64;
  if (units <= 256 / UNIT) return kind.s256;
  if (units <= 1024 / UNIT) return kind.s1k;
  return units <= 16384 / UNIT ? kind.s16k : kind.large;
}

function freeUnits(words, at) {
  const units = words[at * 2] >>> 8;
  return units < FREE_SIZE_ESCAPE ? units : words[at * 2 + 3];
}

function systemUnits(bytes, words, at) {
  if (bytes[at * UNIT + 1] !== SPILL) return words[at * 2 + 1];
  return Math.ceil((8 + bytes[at * UNIT + 2] * 6) / UNIT);
}

// Lengths: 7 bits a byte, low first, the top bit says that more follow.
function varint(bytes, at) {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[at++];
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
  }
}

function varintBytes(bytes, at) {
  let count = 1;
  while (bytes[at++] > 0x7f) count++;
  return count;
}
