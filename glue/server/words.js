/*
 * The words of a command, as text in which each unit is a byte.
 *
 * Commands of the server itself are few and small, and read best as text; latin1 is the encoding in
 * which any bytes are text and come back unchanged.
 */
const CARRIAGE_RETURN = 0x0d;
const ZERO = 0x30;

const BLANK = /[ \n\r\t\v\f]/;
const END = /[ \n\r\t]/; // of a word that has begun
const ESCAPES = { n: "\n", r: "\r", t: "\t", b: "\b", a: "\x07" };

/** The words of the array that begins at `at`, and is in order. */
export function readWords(bytes, at) {
  const words = [];
  const number = () => {
    let value = 0;
    for (at++; bytes[at] !== CARRIAGE_RETURN; at++) value = value * 10 + (bytes[at] - ZERO);
    at += 2;
    return value;
  };
  for (let left = number(); left > 0; left--) {
    const size = number();
    words.push(bytes.latin1Slice(at, at + size));
    at += size + 2;
  }
  return words;
}

/** The same the other way round. */
export function writeWords(words) {
  const bulks = words.map((word) => `$${word.length}\r\n${word}\r\n`);
  return Buffer.from(`*${words.length}\r\n${bulks.join("")}`, "latin1");
}

/** The words of an inline command; null if its quotes are not balanced. */
export function splitWords(line) {
  const words = [];
  let at = 0;
  for (;;) {
    while (at < line.length && BLANK.test(line[at])) at++;
    if (at === line.length) return words;
    let word = "";
    let quote = "";
    for (; at < line.length && (quote || !END.test(line[at])); at++) {
      const letter = line[at];
      if (!quote && (letter === '"' || letter === "'")) {
        quote = letter;
      } else if (letter === quote) {
        quote = "";
        at++;
        if (at < line.length && !BLANK.test(line[at])) return null;
        break;
      } else if (quote === '"' && letter === "\\" && at + 1 < line.length) {
        const byte = /^x([0-9a-f]{2})/i.exec(line.slice(at + 1, at + 4));
        word += byte ? String.fromCharCode(parseInt(byte[1], 16)) : escaped(line[at + 1]);
        at += byte ? 3 : 1;
      } else if (quote === "'" && letter === "\\" && line[at + 1] === "'") {
        word += "'";
        at++;
      } else {
        word += letter;
      }
    }
    if (quote) return null;
    words.push(word);
  }
}

function escaped(letter) {
  return Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : letter;
}

/** The whole number that a word is, or NaN. */
export function wholeNumber(word) {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(word)) return NaN;
  return BigInt.asIntN(64, BigInt(word)) === BigInt(word) ? Number(word) : NaN;
}
