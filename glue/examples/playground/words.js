/*
 * A typed line as the words of a request, quoted as redis-cli reads them, and its RESP.
 */
const ESCAPES = { n: 10, r: 13, t: 9, b: 8, a: 7 };

/** The words as arrays of bytes; null: a quote is not closed, or something follows it at once. */
export function splitWords(line) {
  const bytes = new TextEncoder().encode(line);
  const words = [];
  let at = 0;
  while (at < bytes.length) {
    if (isSpace(bytes[at])) {
      at++;
      continue;
    }
    const word = [];
    while (at < bytes.length && !isSpace(bytes[at])) {
      if (bytes[at] === 34) at = readDouble(bytes, at + 1, word);
      else if (bytes[at] === 39) at = readSingle(bytes, at + 1, word);
      else word.push(bytes[at++]);
      if (at < 0) return null;
    }
    words.push(Uint8Array.from(word));
  }
  return words;
}

/** The words as one request. */
export function encodeRequest(words) {
  const parts = [
    `*${words.length}\r\n`,
    ...words.flatMap((word) => [`$${word.length}\r\n`, word, "\r\n"]),
  ];
  const bytes = parts.map((part) =>
    typeof part === "string" ? new TextEncoder().encode(part) : part,
  );
  const whole = new Uint8Array(bytes.reduce((size, { length }) => size + length, 0));
  bytes.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

const isSpace = (byte) => byte === 32 || (byte >= 9 && byte <= 13);

// Both return where what follows the closing quote begins, or -1.
function readDouble(bytes, at, word) {
  for (; at < bytes.length; at++) {
    if (bytes[at] === 34) return behindQuote(bytes, at);
    if (bytes[at] !== 92 || at + 1 === bytes.length) {
      word.push(bytes[at]);
      continue;
    }
    const letter = String.fromCharCode(bytes[++at]);
    const hex = String.fromCharCode(bytes[at + 1], bytes[at + 2]);
    if (letter === "x" && /^[0-9a-f]{2}$/i.test(hex)) {
      word.push(parseInt(hex, 16));
      at += 2;
    } else {
      word.push(ESCAPES[letter] ?? bytes[at]);
    }
  }
  return -1;
}

function readSingle(bytes, at, word) {
  for (; at < bytes.length; at++) {
    if (bytes[at] === 39) return behindQuote(bytes, at);
    if (bytes[at] === 92 && bytes[at + 1] === 39) at++;
    word.push(bytes[at]);
  }
  return -1;
}

const behindQuote = (bytes, at) =>
  at + 1 === bytes.length || isSpace(bytes[at + 1]) ? at + 1 : -1;
