// @ts-self-types="./snapshot.d.ts"
/*
 * Snapshots in Redis's own format: an RDB file of version 10, as Redis 7.0 writes it.
 *
 *     for await (const chunk of dump(cache)) ...         what a redis-server starts from
 *     await load(cache, stream)                          what a redis-server has saved
 *
 *     REDIS0010 | opcode ... | expiry? idle or uses? type key value | ... | FF | CRC-64 of all that (8)
 *
 * What a value is made of is the module's business (DUMP, RESTORE). Here only its extent has to be
 * known, so that memory stays bounded: what is larger than PIECE goes to the module in pieces, under
 * another name, which becomes the key's when all of it is there.
 *
 * Version 10 knows no fields that expire. When they do follows their hash, in AUX fields, which a
 * redis-server passes over:
 *
 *     FA | "ferrite-hexpire" | string of: time (8) field time (8) field ... |
 */
import { FerriteError, refusal } from "./error.js";
import { decodeText, encodeText, isBytes, textBytes } from "./text.js";

const CHUNK_BYTES = 65536; // of a dump, at least
const PIECE_BYTES = 65536; // of a value to be restored, about
const SHORT = 16; // more than what is in front of a key takes
const FOOTER_BYTES = 10; // of what DUMP answers: a version and a CRC
const EXPIRE_AT = 8; // enum ferrite_set_flag
const VERSION = 10;
const NEWEST = 12; // of what is read; types that came later are refused where they are met

// Opcodes.
const SLOT_INFO = 244;
const FUNCTION = 245;
const MODULE_AUX = 247;
const IDLE = 248;
const FREQ = 249;
const AUX = 250;
const RESIZEDB = 251;
const EXPIRETIME_MS = 252;
const EXPIRETIME = 253;
const SELECTDB = 254;
const EOF = 255;

const TIMES = "ferrite-hexpire";
const LATEST = 2 ** 46; // no field expires then, or later: Redis's bound

/* --- CRC-64, in two halves ---------------------------------------------------------------------- */

const LOW = new Uint32Array(256);
const HIGH = new Uint32Array(256);
for (let i = 0; i < 256; i++) {
  let low = i;
  let high = 0;
  for (let bit = 0; bit < 8; bit++) {
    const odd = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (odd) {
      low ^= 0xac4bc9b5;
      high ^= 0x95ac9329;
    }
  }
  LOW[i] = low;
  HIGH[i] = high;
}

class Crc {
  low = 0;
  high = 0;

  add(bytes, start = 0, end = bytes.length) {
    let { low, high } = this;
    for (let i = start; i < end; i++) {
      const at = (low ^ bytes[i]) & 255;
      low = ((low >>> 8) | (high << 24)) ^ LOW[at];
      high = (high >>> 8) ^ HIGH[at];
    }
    this.low = low;
    this.high = high;
    return this;
  }

  write(view, at) {
    view.setUint32(at, this.low, true);
    view.setUint32(at + 4, this.high, true);
  }
}

const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/* --- dumping ------------------------------------------------------------------------------------ */

function lengthBytes(length) {
  if (length < 64) return [length];
  if (length < 16384) return [64 | (length >> 8), length & 255];
  return [128, length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255];
}

/** Of a time below 2^53, whose low bytes count. */
function timeBytes(ms) {
  const low = ms % 2 ** 32;
  const high = Math.floor(ms / 2 ** 32);
  return [low, low >>> 8, low >>> 16, low >>> 24, high, high >>> 8, high >>> 16, high >>> 24];
}

/** Bytes that come together to a chunk. */
class Writer {
  #bytes = new Uint8Array(2 * CHUNK_BYTES);
  #used = 0;
  #crc = new Crc();

  add(bytes) {
    if (bytes.length > this.#bytes.length - this.#used) {
      const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#used + bytes.length));
      larger.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  addLength(length) {
    this.add(lengthBytes(length));
  }

  addString(bytes) {
    this.addLength(bytes.length);
    this.add(bytes);
  }

  /** When fields expire: what HSCAN TIMES answers. */
  addTimes(words) {
    let size = 0;
    for (let i = 0; i < words.length; i += 2)
      size += 8 + lengthBytes(words[i].length).length + words[i].length;
    this.add([AUX]);
    this.addString(bytesOf(TIMES));
    this.addLength(size);
    for (let i = 0; i < words.length; i += 2) {
      this.add(timeBytes(words[i + 1]));
      this.addString(words[i]);
    }
  }

  get isFull() {
    return this.#used >= CHUNK_BYTES;
  }

  takeChunk() {
    const chunk = this.#bytes.slice(0, this.#used);
    this.#crc.add(chunk);
    this.#used = 0;
    return chunk;
  }

  takeLast() {
    this.add([EOF]);
    this.#crc.add(this.#bytes, 0, this.#used);
    const crc = new Uint8Array(8);
    this.#crc.write(viewOf(crc), 0);
    this.add(crc);
    return this.#bytes.slice(0, this.#used);
  }
}

function bytesOf(text) {
  const bytes = new Uint8Array(textBytes(text));
  encodeText(text, bytes);
  return bytes;
}

/**
 * The cache as an RDB file, in chunks. Other commands may run between them: a key is in the file once,
 * as it was before or after; one that was there throughout is not missing.
 */
export async function* dump(cache) {
  const writer = new Writer();
  writer.add(bytesOf(`REDIS00${VERSION}`));
  writer.add([AUX]);
  writer.addString(bytesOf("redis-bits"));
  writer.addString(bytesOf("64"));
  writer.add([SELECTDB, 0, RESIZEDB]);
  writer.addLength(cache.dbsize());
  writer.addLength(0);
  let cursor = "0";
  do {
    const [next, keys] = cache.callBytes("SCAN", cursor, "COUNT", 64);
    cursor = String.fromCharCode(...next);
    const figure = figureOf(cache.call("CONFIG", "GET", "maxmemory-policy")[1]);
    for (const key of keys) yield* cache.undisturbed(chunksOfKey(cache, writer, key, figure));
  } while (cursor !== "0");
  yield writer.takeLast();
}

/** What a policy keeps of how a key was used. */
function figureOf(policy) {
  if (policy.endsWith("lfu")) return "FREQ";
  return policy.includes("adaptive") ? undefined : "IDLETIME";
}

function* chunksOfKey(cache, writer, key, figure) {
  const expiryMs = cache.pexpiretime(key);
  const use = figure && useOf(cache, key, figure);
  const value = cache.bulk("DUMP", key);
  if (value === null) return; // it has gone since the step of the scan
  const head = [];
  if (expiryMs >= 0) head.push(EXPIRETIME_MS, ...timeBytes(expiryMs));
  if (use !== undefined) {
    if (figure === "FREQ") head.push(FREQ, use);
    else head.push(IDLE, ...lengthBytes(use));
  }
  let left = value.length - FOOTER_BYTES;
  let start = 1; // of the first piece, behind the type
  let type;
  for (const piece of value.pieces) {
    if (start > 0) {
      [type] = piece;
      writer.add([...head, type, ...lengthBytes(key.length)]);
      writer.add(key);
    }
    const end = Math.min(piece.length, left);
    writer.add(piece.subarray(start, end));
    left -= end;
    start = 0;
    if (writer.isFull) yield writer.takeChunk();
  }
  let cursor = "0";
  if (type === HASH)
    do {
      const [next, times] = cache.callBytes("HSCAN", key, cursor, "COUNT", 256, "TIMES");
      if (times.length > 0) writer.addTimes(times);
      if (writer.isFull) yield writer.takeChunk();
      cursor = String.fromCharCode(...next);
    } while (cursor !== "0");
}

/** Undefined: the policy has been changed since it was asked for. */
function useOf(cache, key, figure) {
  try {
    return cache.call("OBJECT", figure, key);
  } catch (error) {
    if (error.code !== "ERR") throw error;
  }
}

/** The same as a ReadableStream. */
export function dumpStream(cache) {
  const chunks = dump(cache);
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => chunks.return().then(() => undefined),
  });
}

/* --- reading ------------------------------------------------------------------------------------ */

const corrupt = (offset, text) =>
  new FerriteError(`the snapshot is corrupt at byte ${offset}: ${text}`, "CORRUPT");

async function* chunksOf(source) {
  if (isBytes(source)) yield source;
  else if (source instanceof ArrayBuffer) yield new Uint8Array(source);
  else if (source?.[Symbol.asyncIterator] || source?.[Symbol.iterator]) yield* source;
  else if (typeof source?.getReader === "function") {
    const reader = source.getReader();
    let ended = false;
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if ((ended = done)) return;
        yield value;
      }
    } finally {
      if (!ended) await reader.cancel();
    }
  } else {
    const allowed = "a Uint8Array, a ReadableStream, an iterable of Uint8Arrays";
    throw refusal("source", source, allowed);
  }
}

/** A window on the source: bytes[at, end) are there, and not yet done with. */
class Reader {
  bytes = new Uint8Array(2 * PIECE_BYTES);
  at = 0;
  end = 0;
  offset = 0; // of bytes[at] in the source
  crc = new Crc();
  #chunks;

  constructor(source) {
    this.#chunks = chunksOf(source);
  }

  /** Makes sure that so many bytes are there. */
  async need(count) {
    await this.fill(count);
    if (this.end - this.at < count) throw this.#ended();
  }

  #ended() {
    return corrupt(this.offset + this.end - this.at, "it ends here, in the middle");
  }

  /** Makes sure that so many bytes are there, or all that are left. */
  async fill(count) {
    while (this.end - this.at < count) {
      const { value, done } = await this.#chunks.next();
      if (done) return;
      if (!isBytes(value)) throw refusal("a chunk of the source", value, "a Uint8Array");
      const left = this.end - this.at;
      if (left + value.length > this.bytes.length) {
        const larger = new Uint8Array(Math.max(2 * this.bytes.length, left + value.length));
        larger.set(this.bytes.subarray(this.at, this.end));
        this.bytes = larger;
      } else if (this.end + value.length > this.bytes.length) {
        this.bytes.copyWithin(0, this.at, this.end);
      } else {
        this.bytes.set(value, this.end);
        this.end += value.length;
        continue;
      }
      this.at = 0;
      this.bytes.set(value, left);
      this.end = left + value.length;
    }
  }

  /** The next bytes, good until more are needed. */
  async take(count) {
    if (this.end - this.at < count) await this.need(count);
    return this.now(count);
  }

  /** The same of what is there. */
  now(count) {
    if (this.end - this.at < count) throw this.#ended();
    const taken = this.bytes.subarray(this.at, this.at + count);
    this.crc.add(taken);
    this.at += count;
    this.offset += count;
    return taken;
  }

  async length() {
    await this.there(0, lengthEnd);
    return this.lengthNow();
  }

  lengthNow() {
    const { bytes, at } = this;
    this.now(lengthEnd(bytes, at, this.end, this.offset - at) - at);
    return lengthValue(bytes, at);
  }

  /** At least so many bytes, left where they are. */
  async peek(count) {
    if (this.end - this.at < count) await this.need(count);
    return this.bytes.subarray(this.at, this.end);
  }

  /** How long the string is that lies `skip` bytes on, all of it made sure to be there. */
  async string(skip) {
    return (await this.there(skip, stringEnd)) - skip;
  }

  /** How many bytes on something ends that lies `skip` bytes on, all of it made sure to be there. */
  async there(skip, endOf, form) {
    for (;;) {
      const end = this.#endOf(skip, endOf, form);
      if (end <= this.end) return end - this.at;
      await this.need(end - this.at);
    }
  }

  /** The same of what is there already; 0: not all of it is. */
  thereNow(skip, endOf, form) {
    const end = this.#endOf(skip, endOf, form);
    return end <= this.end ? end - this.at : 0;
  }

  #endOf(skip, endOf, form) {
    return endOf(this.bytes, this.at + skip, this.end, this.offset - this.at, form);
  }

  /** The rest is of no interest. */
  async close() {
    await this.#chunks.return?.();
  }
}

function timeAt(bytes, at) {
  const view = viewOf(bytes);
  return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}

// How many bytes a length takes, by its first; 0: it is none.
const lengthAt = (bytes, at) =>
  bytes[at] < 64 ? 1 : bytes[at] < 128 ? 2 : bytes[at] === 128 ? 5 : bytes[at] === 129 ? 9 : 0;

function lengthValue(bytes, at) {
  const first = bytes[at];
  if (first < 64) return first;
  if (first < 128) return ((first & 63) << 8) | bytes[at + 1];
  const view = viewOf(bytes);
  if (first === 128) return view.getUint32(at + 1);
  return view.getUint32(at + 1) * 2 ** 32 + view.getUint32(at + 5);
}

// Each tells where something ends that begins at `at`, in bytes that end at `end`; beyond that, what is
// missing before it can be told, or all of it. The bytes' offset in the source is what an error names.

function lengthEnd(bytes, at, end, offset) {
  if (at >= end) return at + 1;
  const size = lengthAt(bytes, at);
  if (size === 0) throw corrupt(offset + at, "no length");
  return at + size;
}

function stringEnd(bytes, at, end, offset) {
  if (at >= end) return at + 1;
  const first = bytes[at];
  if (first < 192) {
    const start = lengthEnd(bytes, at, end, offset);
    return start > end ? start : start + lengthValue(bytes, at);
  }
  const form = first - 192; // integers of 1, 2 and 4 bytes; compressed: two lengths, and as many bytes
  if (form < 3) return at + 1 + (1 << form);
  if (form > 3) throw corrupt(offset + at, "no string");
  const second = lengthEnd(bytes, at + 1, end, offset);
  const start = second > end ? second : lengthEnd(bytes, second, end, offset);
  return start > end ? start : start + lengthValue(bytes, at + 1);
}

function itemEnd(bytes, at, end, offset, { before, strings, score }) {
  if (before) at = lengthEnd(bytes, at, end, offset);
  for (let i = 0; i < strings && at <= end; i++) at = stringEnd(bytes, at, end, offset);
  if (!score || at > end) return at;
  if (score === "double") return at + 8;
  return at === end ? at + 1 : at + 1 + (bytes[at] < NOT_A_NUMBER ? bytes[at] : 0);
}

/* --- values ------------------------------------------------------------------------------------- */

// Of a type: whether a length lies before an item (what a list's node is; when a field expires), how many
// strings it has, what kind of score follows them, and what command adds it. A type without is one string.
const LIST = 1;
const HASH = 4;
const LISTPACKS = 18;
const ITEMS = {
  1: { strings: 1, add: "RPUSH" },
  2: { strings: 1, add: "SADD" },
  3: { strings: 1, score: "text", add: "ZADD" },
  4: { strings: 2, add: "HSET" },
  5: { strings: 1, score: "double", add: "ZADD" },
  14: { strings: 1, packed: true, add: "RPUSH" },
  18: { before: true, strings: 1, packed: true, add: "RPUSH" },
  22: { before: true, strings: 2, add: "HSET" },
  24: { before: true, strings: 2, add: "HSET" },
};
const STRINGS = [0, 9, 10, 11, 12, 13, 16, 17, 20];
// Hashes with fields that expire, as Redis 7.4 has them, and had them before it was done: not packed, and in
// one listpack. The later ones begin with the earliest of the times.
const TIMED = [22, 23, 24, 25];
const STREAMS = { 15: 1, 19: 2, 21: 3 }; // and their versions
const MODULE = 7;
const NOT_A_NUMBER = 253; // and 254, 255: infinite, minus infinite, in place of a score's length

/** What a piece's items are made of: strings alone, as they are written; lengths and scores. */
function partsOf({ before, strings, score }, value) {
  const texts = new Uint8Array(value.length);
  const parts = { lengths: [], scores: [] };
  let used = 0;
  for (let at = 0; at < value.length; ) {
    if (before) {
      parts.lengths.push(lengthValue(value, at));
      at += lengthAt(value, at);
    }
    const start = at;
    for (let i = 0; i < strings; i++) at = stringEnd(value, at, value.length, 0);
    texts.set(value.subarray(start, at), used);
    used += at - start;
    if (score === "double") {
      parts.scores.push(viewOf(value).getFloat64(at, true));
      at += 8;
    } else if (score) {
      const size = value[at++];
      const special = [NaN, Infinity, -Infinity][size - NOT_A_NUMBER];
      parts.scores.push(special ?? value.slice(at, at + size));
      if (special === undefined) at += size;
    }
  }
  return { ...parts, texts: texts.subarray(0, used) };
}

function payloadOf(type, count, value) {
  const head = [type, ...(count === undefined ? [] : lengthBytes(count))];
  const payload = new Uint8Array(head.length + value.length + FOOTER_BYTES);
  payload.set(head);
  payload.set(value, head.length);
  const end = head.length + value.length;
  payload[end] = VERSION;
  new Crc().add(payload, 0, end + 2).write(viewOf(payload), end + 2);
  return payload;
}

async function skipModule(reader) {
  for (;;) {
    switch (await reader.length()) {
      case 0:
        return;
      case 1:
      case 2:
        await reader.length();
        break;
      case 3:
        await reader.take(4);
        break;
      case 4:
        await reader.take(8);
        break;
      case 5:
        await skipString(reader);
        break;
      default:
        throw corrupt(reader.offset, "no part of a module's value");
    }
  }
}

async function skipString(reader) {
  await reader.take(await reader.string(0));
}

async function skipLengths(reader, count) {
  for (; count > 0; count--) await reader.length();
}

async function skipStream(reader, version) {
  for (let nodes = await reader.length(); nodes > 0; nodes--) {
    await skipString(reader);
    await skipString(reader);
  }
  await skipLengths(reader, version > 1 ? 8 : 3);
  for (let groups = await reader.length(); groups > 0; groups--) {
    await skipString(reader);
    await skipLengths(reader, version > 1 ? 3 : 2);
    for (let pending = await reader.length(); pending > 0; pending--) {
      await reader.take(24);
      await reader.length();
    }
    for (let consumers = await reader.length(); consumers > 0; consumers--) {
      await skipString(reader);
      await reader.take(version > 2 ? 16 : 8);
      for (let pending = await reader.length(); pending > 0; pending--) await reader.take(16);
    }
  }
}

/* --- loading ------------------------------------------------------------------------------------ */

const EVICTED = new FerriteError("what was there of a value has been evicted", "OOM");

class Loader {
  result = { loaded: 0, expired: 0, kept: 0, skipped: {} };
  database = 0;
  #cache;
  #reader;
  #options;
  #names = 0;

  constructor(cache, reader, options) {
    this.#cache = cache;
    this.#reader = reader;
    this.#options = options;
  }

  skip(reason) {
    this.result.skipped[reason] = (this.result.skipped[reason] ?? 0) + 1;
  }

  /**
   * Most keys hold a short string, all of which is there: nothing has to be waited for. `about`:
   * { expiryMs, words: IDLETIME or FREQ }. False: it is not that.
   */
  short(type, about) {
    const reader = this.#reader;
    const { bytes, at, end } = reader;
    if (type !== 0 || end - at < 2) return false;
    const keyStart = at + lengthAt(bytes, at);
    const keyEnd = keyStart > at ? stringEnd(bytes, at, end, reader.offset - at) : end;
    if (keyEnd >= end) return false;
    const start = keyEnd + lengthAt(bytes, keyEnd);
    if (start === keyEnd) return false;
    const valueEnd = stringEnd(bytes, keyEnd, end, reader.offset - at);
    if (valueEnd > end || valueEnd - keyEnd > PIECE_BYTES) return false;
    const key = bytes.subarray(keyStart, keyEnd);
    const { offset } = reader;
    reader.now(valueEnd - at);
    const verdict = this.#judge(key, about);
    if (verdict) this.#leaveOut(verdict);
    else this.#set(key, bytes.subarray(start, valueEnd), about, offset);
    return true;
  }

  /** Reads a key and its value. */
  async key(type, about) {
    const reader = this.#reader;
    const size = await reader.string(0);
    const { offset } = reader;
    const bytes = (await reader.take(size)).slice();
    let key;
    this.#try(offset, () => (key = this.#text(bytes)));
    const verdict = key && this.#judge(key, about);
    const wanted = !verdict && key;
    if (type in STREAMS) await skipStream(reader, STREAMS[type]);
    else if (type === MODULE) {
      await reader.length();
      await skipModule(reader);
    } else if (TIMED.includes(type)) await this.#timed(type, wanted, about);
    else if (ITEMS[type]) await this.#items(type, wanted, about);
    else if (STRINGS.includes(type)) await this.#string(type, wanted, about);
    else throw corrupt(offset, `a value of the unknown type ${type}`);
    if (verdict) this.#leaveOut(verdict);
    else if (key && type in STREAMS) this.skip("stream");
    else if (key && type === MODULE) this.skip("module");
  }

  /** Why a key is not to be loaded. */
  #judge(key, { expiryMs }) {
    const { database, now, replace } = this.#options;
    if (this.database !== database) return `database ${this.database}`;
    if (expiryMs <= now()) return "expired";
    if (!replace && this.#cache.exists(key)) return "kept";
  }

  #leaveOut(verdict) {
    if (verdict === "expired" || verdict === "kept") this.result[verdict]++;
    else this.skip(verdict);
  }

  // A key may be an integer or compressed: the module knows how to read it.
  #text(bytes) {
    if (bytes[0] < 192) return bytes.subarray(lengthAt(bytes, 0));
    const name = this.#name();
    this.#cache.callBytes("RESTORE", name, 0, payloadOf(0, undefined, bytes));
    return this.#cache.callBytes("GETDEL", name);
  }

  // One that nobody has.
  #name() {
    return `\0ferrite:loading:${this.#options.nonce}:${this.#names++}`;
  }

  async #string(type, key, about) {
    const reader = this.#reader;
    const { offset } = reader;
    const head = type === 0 ? lengthAt(await reader.peek(1), 0) : 0;
    const size = head > 0 ? lengthValue(await reader.peek(head), 0) : 0;
    if (size > PIECE_BYTES) return this.#largeString(key, size, about);
    const value = await reader.take(await reader.string(0));
    if (!key) return;
    if (head > 0) this.#set(key, value.subarray(head), about, offset);
    else this.#restore(key, payloadOf(type, undefined, value), about, offset);
  }

  #set(key, value, about, offset) {
    this.#try(offset, () => {
      this.#cache.put(key, value, EXPIRE_AT, about.expiryMs ?? 0);
      this.#setUse(key, about);
      this.result.loaded++;
    });
  }

  #setUse(key, { words }) {
    const isNew = !words || (words[0] === "IDLETIME" && words[1] === 0); // as it is anyway
    if (!isNew) this.#cache.call("RESTORE", key, 0, "", "KEEP", ...words);
  }

  async #largeString(key, size, about) {
    const reader = this.#reader;
    const { offset } = reader;
    await reader.length();
    await this.#inPieces(key, about, offset, async (put) => {
      put(() => (name) => this.#cache.setrange(name, size - 1, "\0")); // all the room that it takes
      for (let at = 0; at < size; at += PIECE_BYTES) {
        const piece = await reader.take(Math.min(PIECE_BYTES, size - at));
        put(() => (name) => this.#cache.setrange(name, at, piece));
      }
    });
  }

  async #items(type, key, about) {
    const reader = this.#reader;
    const { offset } = reader;
    const count = await reader.length();
    let piece = await this.#piece(type, count);
    const payload = payloadOf(type, piece.items, piece.value);
    if (piece.items === count && !(type === HASH && (await this.#timesFollow())))
      return key && this.#restore(key, payload, about, offset);
    await this.#inPieces(key, about, offset, async (put) => {
      put(() => (name) => this.#cache.restore(name, 0, payload));
      for (let done = piece.items; done < count; done += piece.items) {
        piece = await this.#piece(type, count - done);
        put(() => this.#adding(type, piece, offset));
      }
      while (type === HASH && (await this.#timesFollow())) {
        const times = await this.#takeTimes();
        put(() => (name) => this.#expire(name, times));
      }
    });
  }

  /** Is what comes next when fields of the hash before it expire? */
  async #timesFollow() {
    const reader = this.#reader;
    if ((await reader.peek(1))[0] !== AUX) return false;
    const size = await reader.string(1);
    const name = (await reader.peek(1 + size)).subarray(1, 1 + size);
    return name.length === 1 + TIMES.length && String.fromCharCode(...name.subarray(1)) === TIMES;
  }

  /** [[time, field], ...], good until more is read. */
  async #takeTimes() {
    const reader = this.#reader;
    reader.now(1);
    await skipString(reader);
    const { offset } = reader;
    const value = await reader.take(await reader.string(0));
    const times = [];
    for (let at = lengthAt(value, 0), end; at < value.length; at = end) {
      const start = at + 8;
      const isPlain = at > 0 && value[start] < 192;
      end = isPlain ? stringEnd(value, start, value.length, offset) : Infinity;
      if (end > value.length || timeAt(value, at) >= LATEST)
        throw corrupt(offset, "no times of fields");
      times.push([timeAt(value, at), value.subarray(start + lengthAt(value, start), end)]);
    }
    return times;
  }

  #expire(name, times) {
    for (let i = 0; i < times.length; ) {
      const [time] = times[i];
      const fields = [];
      for (; i < times.length && times[i][0] === time; i++) fields.push(times[i][1]);
      this.#cache.run(["HPEXPIREAT", name, time, "FIELDS", fields.length, ...fields], true);
    }
  }

  async #timed(type, key, about) {
    const reader = this.#reader;
    const { offset } = reader;
    const base = type > 23 ? timeAt(await reader.take(8), 0) - 1 : 0;
    await this.#inPieces(key, about, offset, async (put) => {
      if (!ITEMS[type]) {
        const value = await reader.take(await reader.string(0));
        put(() => this.#addingTriples(value, offset));
        return;
      }
      const count = await reader.length();
      if (count === 0) throw corrupt(offset, "a hash of nothing");
      for (let done = 0, piece; done < count; done += piece.items) {
        piece = await this.#piece(type, count - done);
        put(() => this.#adding(type, piece, offset, (length) => length && base + length));
      }
    });
  }

  /** So many items, or as many as make a piece. */
  async #piece(type, most) {
    const reader = this.#reader;
    let bytes = 0;
    let items = 0;
    const form = ITEMS[type];
    for (; items < most && bytes < PIECE_BYTES; items++)
      bytes = reader.thereNow(bytes, itemEnd, form) || (await reader.there(bytes, itemEnd, form));
    return { items, value: await reader.take(bytes) };
  }

  /** What adds a piece to a value of that name. */
  #adding(type, { items, value }, offset, timeOf) {
    const form = ITEMS[type];
    if (form.packed)
      return this.#addingTexts("RPUSH", this.#textsOf(payloadOf(type, items, value)));
    const { lengths, scores, texts } = partsOf(form, value);
    let words = this.#textsOf(payloadOf(LIST, items * form.strings, texts));
    const times = lengths.map((length, i) => [timeOf(length), words[2 * i]]);
    if (form.score) words = words.flatMap((member, i) => [scores[i], member]);
    return this.#addingTexts(form.add, words, items, times, offset);
  }

  // A listpack of fields, values, and times, 0 for none.
  #addingTriples(value, offset) {
    const nodes = new Uint8Array(1 + value.length);
    nodes[0] = 2; // the one node is packed
    nodes.set(value, 1);
    const texts = this.#textsOf(payloadOf(LISTPACKS, 1, nodes));
    const words = texts.filter((_, i) => i % 3 < 2);
    const times = [];
    for (let i = 0; i < texts.length; i += 3) {
      const time = texts[i + 2];
      times.push([Number(time && decodeText(time, 0, time.length)), texts[i]]);
    }
    return this.#addingTexts("HSET", words, times.length, times, offset);
  }

  #addingTexts(command, words, items, times = [], offset = 0) {
    const expiring = times.filter(([time]) => time !== 0);
    if (!expiring.every(([time]) => time > 0 && time < LATEST))
      throw corrupt(offset, "no time of a field");
    // One by one is faster: several at once are all added, or none, which takes more.
    const each = command === "RPUSH" ? words.length : words.length / items;
    return (name) => {
      for (let i = 0; i < words.length; i += each)
        if (this.#cache.run([command, name, ...words.slice(i, i + each)], true) === 0)
          throw corrupt(offset, "an item twice");
      this.#expire(name, expiring);
    };
  }

  /** What a list is made of: the module knows how that is written. */
  #textsOf(payload) {
    const name = this.#name();
    this.#cache.restore(name, 0, payload);
    const texts = this.#cache.lrangeBytes(name, 0, -1);
    this.#cache.del(name);
    return texts;
  }

  /**
   * Makes a value bit by bit, under another name, which becomes the key's when all of it is there.
   * `make(put)` is to put its parts: each prepares what is then done with the name.
   */
  async #inPieces(key, about, offset, make) {
    const cache = this.#cache;
    const name = this.#name();
    let there = 0; // not before the first part, and not when all fields have expired
    let good = Boolean(key);
    const put = (prepare) => {
      good &&= this.#try(offset, () => {
        const part = prepare();
        if (there > cache.exists(name)) throw EVICTED;
        part(name);
        there = cache.exists(name);
      });
    };
    try {
      await make(put);
      put(() => () => this.#publish(name, key, about));
    } finally {
      cache.del(name);
    }
  }

  #publish(name, key, about) {
    const cache = this.#cache;
    const { expiryMs } = about;
    if (expiryMs !== undefined) cache.pexpireat(name, expiryMs);
    if (cache.exists(name)) {
      cache.rename(name, key);
      this.#setUse(key, about);
      this.result.loaded++;
    } else this.result.expired++;
  }

  #restore(key, payload, { expiryMs = 0, words = [] }, offset) {
    this.#try(offset, () => {
      this.#cache.callBytes("RESTORE", key, expiryMs, payload, "REPLACE", "ABSTTL", ...words);
      this.result.loaded++;
    });
  }

  /** Was it done? If there is no memory for it, or what was there of it has been evicted, it is skipped. */
  #try(offset, act) {
    try {
      act();
      return true;
    } catch (error) {
      if (error.code === "ERR") throw corrupt(offset, `no value (${error.message})`);
      if (error.code !== "OOM") throw error;
      this.skip("no memory");
      return false;
    }
  }
}

const OPTIONS = ["replace", "database", "now", "progress"];

function readOptions(options) {
  if (typeof options !== "object" || options === null)
    throw refusal("options", options, `an object of ${OPTIONS.join(", ")}`);
  for (const name of Object.keys(options))
    if (!OPTIONS.includes(name))
      throw refusal(`option "${name}"`, options[name], OPTIONS.join(", "));
  const { replace = true, database = 0, now = Date.now, progress } = options;
  if (typeof replace !== "boolean") throw refusal("replace", replace, "true, false");
  if (!Number.isSafeInteger(database) || database < 0)
    throw refusal("database", database, "the number of a database, from 0 on");
  for (const [name, value] of Object.entries({ now, progress }))
    if (value !== undefined && typeof value !== "function")
      throw refusal(name, value, "a function");
  return { replace, database, now, progress, nonce: Math.random().toString(36).slice(2) };
}

async function checkEnd(reader, version) {
  if (version < 5) return;
  const { low, high } = reader.crc;
  const { offset } = reader;
  const view = viewOf((await reader.take(8)).slice());
  const [a, b] = [view.getUint32(0, true), view.getUint32(4, true)];
  if ((a || b) && (a !== low >>> 0 || b !== high >>> 0))
    throw corrupt(offset, "its checksum is another");
}

/**
 * Loads an RDB file into the cache: a Uint8Array, a ReadableStream, or an iterable of Uint8Arrays.
 * Resolves to { loaded, expired, kept, skipped: { reason: keys } }.
 */
export async function load(cache, source, options = {}) {
  const settings = readOptions(options);
  const reader = new Reader(source);
  const loader = new Loader(cache, reader, settings);
  try {
    const head = String.fromCharCode(...(await reader.take(9)));
    const version = /^REDIS\d{4}$/.test(head) ? Number(head.slice(5)) : 0;
    if (version < 1 || version > NEWEST)
      throw corrupt(0, `it is no RDB file of a version up to ${NEWEST}`);
    await loadAll(reader, loader, settings.progress);
    await checkEnd(reader, version);
  } catch (error) {
    if (error instanceof FerriteError) error.result = loader.result;
    throw error;
  } finally {
    await reader.close();
  }
  return loader.result;
}

async function loadAll(reader, loader, progress) {
  let about = {};
  for (;;) {
    if (reader.end - reader.at < SHORT) await reader.fill(SHORT);
    const { offset } = reader;
    const [opcode] = reader.now(1);
    if (opcode === EOF) return;
    if (opcode === EXPIRETIME_MS) {
      const ms = Number(viewOf(reader.now(8)).getBigInt64(0, true));
      if (ms !== -1) about.expiryMs = Math.min(ms, Number.MAX_SAFE_INTEGER);
    } else if (opcode === EXPIRETIME) {
      about.expiryMs = viewOf(reader.now(4)).getUint32(0, true) * 1000;
    } else if (opcode === IDLE)
      about.words = ["IDLETIME", Math.min(reader.lengthNow(), Number.MAX_SAFE_INTEGER)];
    else if (opcode === FREQ) about.words = ["FREQ", reader.now(1)[0]];
    else if (opcode === SELECTDB) loader.database = reader.lengthNow();
    else if (opcode === RESIZEDB) await skipLengths(reader, 2);
    else if (opcode === SLOT_INFO) await skipLengths(reader, 3);
    else if (opcode === AUX) {
      await skipString(reader);
      await skipString(reader);
    } else if (opcode === FUNCTION) {
      await skipString(reader);
      loader.skip("function");
    } else if (opcode === MODULE_AUX) {
      await skipLengths(reader, 3);
      await skipModule(reader);
      loader.skip("module");
    } else if (opcode > 200) {
      throw corrupt(offset, `the unknown opcode ${opcode}`);
    } else {
      if (!loader.short(opcode, about)) await loader.key(opcode, about);
      about = {};
      progress?.({ ...loader.result, bytes: reader.offset });
    }
  }
}
