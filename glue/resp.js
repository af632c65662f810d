/*
 * RESP2: requests written straight into the cache's request window, replies read straight from
 * its reply window.
 */
import { FerriteError, refusal } from "./error.js";
import { decodeText, encodeText, isBytes, textBytes } from "./text.js";

const CARRIAGE_RETURN = 0x0d;
const COLON = 0x3a;
const DOLLAR = 0x24;
const LINE_FEED = 0x0a;
const MINUS = 0x2d;
const PLUS = 0x2b;
const STAR = 0x2a;

const HEADER_MAX = 16; // "$" or "*", up to ten digits, "\r\n", and the "\r\n" after a word
const SHORT_TEXT = 24; // units up to which a loop beats the call of encodeInto

/* --- requests ---------------------------------------------------------------------------------
 * A request is an array of words: the command's name and its arguments. */

/** Checks the words, prints numbers, and returns how many bytes the request takes at most. */
export function prepareRequest(words) {
  let bytes = HEADER_MAX;
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (typeof word === "string") {
      bytes += HEADER_MAX + word.length * 3;
    } else if (isBytes(word)) {
      bytes += HEADER_MAX + word.length;
    } else {
      words[i] = printNumber(word, `argument ${i}`);
      bytes += HEADER_MAX + words[i].length;
    }
  }
  return bytes;
}

/** As JavaScript prints it, which is how Redis reads it. */
export function printNumber(value, name) {
  if (typeof value === "bigint" || Number.isFinite(value)) return String(value);
  throw refusal(name, value, "a string, a Uint8Array, a finite number or a bigint");
}

/** Exactly how many bytes a prepared request takes. */
export function requestBytes(words) {
  let bytes = headerBytes(words.length);
  for (const word of words) {
    const size = typeof word === "string" ? textBytes(word) : word.length;
    bytes += headerBytes(size) + size + 2;
  }
  return bytes;
}

/** Writes a prepared request into `bytes` from `at`; returns where it ends. */
export function writeRequest(bytes, at, words) {
  at = writeHeader(bytes, at, STAR, words.length);
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (typeof word === "string") {
      at = writeText(bytes, at, word);
    } else {
      at = writeHeader(bytes, at, DOLLAR, word.length);
      bytes.set(word, at);
      at += word.length;
    }
    bytes[at++] = 0x0d;
    bytes[at++] = LINE_FEED;
  }
  return at;
}

// The header comes first and says how many bytes follow: take the text for ASCII until it is not.
function writeText(bytes, at, text) {
  const start = writeHeader(bytes, at, DOLLAR, text.length);
  if (text.length <= SHORT_TEXT) {
    let i = 0;
    for (let unit; i < text.length && (unit = text.charCodeAt(i)) < 0x80; i++) {
      bytes[start + i] = unit;
    }
    if (i === text.length) return start + i;
  }
  const written = encodeText(text, bytes.subarray(start));
  if (written === text.length) return start + written;
  return (
    writeHeader(bytes, at, DOLLAR, written) +
    encodeText(text, bytes.subarray(at + headerBytes(written)))
  );
}

function writeHeader(bytes, at, marker, number) {
  bytes[at++] = marker;
  if (number > 9) {
    const text = String(number);
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
  } else {
    bytes[at++] = 0x30 + number;
  }
  bytes[at++] = 0x0d;
  bytes[at++] = LINE_FEED;
  return at;
}

function headerBytes(number) {
  return 3 + String(number).length;
}

/**
 * How many bytes the request at `at` takes, as far as its headers tell: beyond bytes.length if it
 * is incomplete. A request whose headers are wrong ends where they are: the cache will say so.
 */
export function measureRequest(bytes, at) {
  const start = at;
  const lineEnd = () => {
    const end = bytes.indexOf(LINE_FEED, at);
    return end < 0 ? Infinity : end + 1;
  };
  const number = (end) => Number(decodeText(bytes, at + 1, end - 2));
  let end = lineEnd();
  if (bytes[at] !== STAR || end === Infinity) return end - start;
  let words = number(end);
  for (at = end; words > 0 && at < bytes.length; words--) {
    end = lineEnd();
    const size = end === Infinity ? NaN : number(end);
    if (bytes[at] !== DOLLAR || !(size >= 0)) return end - start;
    at = end + size + 2;
  }
  return words > 0 ? Infinity : at - start;
}

/* --- replies ---------------------------------------------------------------------------------- */

/**
 * The one reply in bytes[at, end). Bulk strings become strings, or copies if `asBytes`; an error
 * is thrown, or stands in its array as a FerriteError.
 */
export function readReply(bytes, at, end, asBytes) {
  // The commonest replies, without a reader.
  if (end - at <= 16) {
    if (bytes[at] === COLON) return readInteger(bytes, at + 1, end - 2);
    if (bytes[at] === PLUS && bytes[at + 1] === 0x4f && end - at === 5) return "OK";
  }
  const value = new ReplyReader(bytes, at, asBytes).next();
  if (value instanceof FerriteError) throw value;
  return value;
}

class ReplyReader {
  constructor(bytes, at, asBytes) {
    this.bytes = bytes;
    this.at = at;
    this.asBytes = asBytes;
  }

  next() {
    const { bytes } = this;
    const start = this.at + 1;
    let end = start; // lines are short: a loop beats the call of indexOf
    while (bytes[end] !== CARRIAGE_RETURN && end < bytes.length) end++;
    this.at = end + 2;
    switch (bytes[start - 1]) {
      case PLUS:
        return decodeText(bytes, start, end);
      case MINUS:
        return FerriteError.fromReply(decodeText(bytes, start, end));
      case COLON:
        return readInteger(bytes, start, end);
      case DOLLAR:
        return this.bulk(readInteger(bytes, start, end));
      case STAR:
        return this.array(readInteger(bytes, start, end));
      default:
        throw new FerriteError(`a reply of an unknown kind, byte ${bytes[start - 1]}`, "PROTOCOL");
    }
  }

  bulk(size) {
    if (size < 0) return null;
    const start = this.at;
    this.at += size + 2;
    return this.asBytes
      ? this.bytes.slice(start, start + size)
      : decodeText(this.bytes, start, start + size);
  }

  array(count) {
    if (count < 0) return null;
    const items = [];
    for (let i = 0; i < count; i++) items.push(this.next());
    return items;
  }
}

// A number while it is exact, else a BigInt.
function readInteger(bytes, start, end) {
  const first = bytes[start] === MINUS ? start + 1 : start;
  if (end - first > 15) {
    const exact = BigInt(decodeText(bytes, start, end));
    const number = Number(exact);
    return Number.isSafeInteger(number) ? number : exact;
  }
  let value = 0;
  for (let at = first; at < end; at++) value = value * 10 + (bytes[at] - 0x30);
  return first === start ? value : -value;
}
