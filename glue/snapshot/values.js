/*
 * How values are written, by the type that stands in front of them, as far as it has to be known here: where an
 * item ends, and what it is made of.
 */
import { Crc } from "./crc.js";
import {
  lengthAt,
  lengthBytes,
  lengthEnd,
  lengthValue,
  stringEnd,
  VERSION,
  viewOf,
} from "./format.js";

export const FOOTER_BYTES = 10; // of what DUMP answers: a version and a CRC

// Of a type: whether a length lies before an item (what a list's node is; when a field expires), how many
// strings it has, what kind of score follows them, and what command adds it. A type without is one string.
export const LIST = 1;
export const LISTPACKS = 18;
export const ITEMS = {
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
export const STRINGS = [0, 9, 10, 11, 12, 13, 16, 17, 20];
// Hashes with fields that expire, as Redis 7.4 has them, and had them before it was done: not packed, and in
// one listpack. The later ones begin with the earliest of the times.
export const TIMED = [22, 23, 24, 25];
export const STREAMS = { 15: 1, 19: 2, 21: 3 }; // and their versions
export const MODULE = 7;
const NOT_A_NUMBER = 253; // and 254, 255: infinite, minus infinite, in place of a score's length

export function itemEnd(bytes, at, end, offset, { before, strings, score }) {
  if (before) at = lengthEnd(bytes, at, end, offset);
  for (let i = 0; i < strings && at <= end; i++) at = stringEnd(bytes, at, end, offset);
  if (!score || at > end) return at;
  if (score === "double") return at + 8;
  return at === end ? at + 1 : at + 1 + (bytes[at] < NOT_A_NUMBER ? bytes[at] : 0);
}

/** What a piece's items are made of: strings alone, as they are written; lengths and scores. */
export function partsOf({ before, strings, score }, value) {
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

export function payloadOf(type, count, value) {
  const head = [type, ...(count === undefined ? [] : lengthBytes(count))];
  const payload = new Uint8Array(head.length + value.length + FOOTER_BYTES);
  payload.set(head);
  payload.set(value, head.length);
  const end = head.length + value.length;
  payload[end] = VERSION;
  new Crc().add(payload, 0, end + 2).write(viewOf(payload), end + 2);
  return payload;
}
