/* Writing a snapshot. */
import { encodeText, textBytes } from "../text.js";
import { Crc } from "./crc.js";
import {
  AUX,
  EOF,
  EXPIRETIME_MS,
  FREQ,
  HASH,
  IDLE,
  lengthBytes,
  RESIZEDB,
  SELECTDB,
  timeBytes,
  TIMES,
  VERSION,
  viewOf,
} from "./format.js";
import { FOOTER_BYTES } from "./values.js";

const CHUNK_BYTES = 65536; // of a dump, at least

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
