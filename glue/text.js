/*
 * UTF-8 in and out of the cache's memory.
 *
 * Two strings that differ must never become the same key, so a string with half a surrogate pair,
 * which would be encoded as U+FFFD, is refused. A byte order mark is text like any other.
 */
import { FerriteError } from "./error.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

// Node's Buffer decodes a range of a view without making another view first.
const Buffer = globalThis.Buffer;
const utf8Slice = Buffer?.prototype?.utf8Slice;

/** The text in bytes[start, end); what is not UTF-8 becomes U+FFFD. */
export const decodeText =
  typeof utf8Slice === "function"
    ? (bytes, start, end) => utf8Slice.call(bytes, start, end)
    : (bytes, start, end) => decoder.decode(bytes.subarray(start, end));

/** Encodes all of `text`, which must fit, at the start of `view`; returns how many bytes. */
export function encodeText(text, view) {
  const { written } = encoder.encodeInto(text, view);
  if (written !== text.length) assertWellFormed(text);
  return written;
}

/** Encodes `text` if all of it is ASCII and says so. `view` has room for three bytes a unit. */
export function encodeAscii(text, view) {
  return encoder.encodeInto(text, view).written === text.length;
}

/** How many bytes encodeText will write. */
export function textBytes(text) {
  assertWellFormed(text);
  if (typeof Buffer?.byteLength === "function") return Buffer.byteLength(text);
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // Each half of a pair counts 2 of the pair's 4 bytes.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit & 0xf800) !== 0xd800 ? 2 : 1;
  }
  return bytes;
}

/** Is it a Uint8Array, perhaps one of another realm? */
export function isBytes(value) {
  return (
    value instanceof Uint8Array || Object.prototype.toString.call(value) === "[object Uint8Array]"
  );
}

function assertWellFormed(text) {
  const wellFormed =
    typeof text.isWellFormed === "function" ? text.isWellFormed() : !/\p{Surrogate}/u.test(text);
  if (!wellFormed) {
    throw new FerriteError(
      "the string has half a surrogate pair, which UTF-8 cannot hold; allowed: well-formed strings",
    );
  }
}
