/*
 * What an RDB file is made of, below values: opcodes, lengths, strings, times.
 */
import { FerriteError } from "../error.js";

export const VERSION = 10;
export const HASH = 4; // the type of one as it is written here

// Opcodes.
export const SLOT_INFO = 244;
export const FUNCTION = 245;
export const MODULE_AUX = 247;
export const IDLE = 248;
export const FREQ = 249;
export const AUX = 250;
export const RESIZEDB = 251;
export const EXPIRETIME_MS = 252;
export const EXPIRETIME = 253;
export const SELECTDB = 254;
export const EOF = 255;

export const TIMES = "ferrite-hexpire";
export const LATEST = 2 ** 46; // no field expires then, or later: Redis's bound

export const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const corrupt = (offset, text) =>
  new FerriteError(`the snapshot is corrupt at byte ${offset}: ${text}`, "CORRUPT");

/* --- writing ------------------------------------------------------------------------------------ */

export function lengthBytes(length) {
  if (length < 64) return [length];
  if (length < 16384) return [64 | (length >> 8), length & 255];
  return [128, length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255];
}

/** Of a time below 2^53, whose low bytes count. */
export function timeBytes(ms) {
  const low = ms % 2 ** 32;
  const high = Math.floor(ms / 2 ** 32);
  return [low, low >>> 8, low >>> 16, low >>> 24, high, high >>> 8, high >>> 16, high >>> 24];
}

/* --- reading ------------------------------------------------------------------------------------ */

export function timeAt(bytes, at) {
  const view = viewOf(bytes);
  return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}

// How many bytes a length takes, by its first; 0: it is none.
export const lengthAt = (bytes, at) =>
  bytes[at] < 64 ? 1 : bytes[at] < 128 ? 2 : bytes[at] === 128 ? 5 : bytes[at] === 129 ? 9 : 0;

export function lengthValue(bytes, at) {
  const first = bytes[at];
  if (first < 64) return first;
  if (first < 128) return ((first & 63) << 8) | bytes[at + 1];
  const view = viewOf(bytes);
  if (first === 128) return view.getUint32(at + 1);
  return view.getUint32(at + 1) * 2 ** 32 + view.getUint32(at + 5);
}

// Each tells where something ends that begins at `at`, in bytes that end at `end`; beyond that, what is
// missing before it can be told, or all of it. The bytes' offset in the source is what an error names.

export function lengthEnd(bytes, at, end, offset) {
  if (at >= end) return at + 1;
  const size = lengthAt(bytes, at);
  if (size === 0) throw corrupt(offset + at, "no length");
  return at + size;
}

export function stringEnd(bytes, at, end, offset) {
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
