// Requests that are not what they should be: nothing at all, cut short, malformed, or a few bytes
// away from right. There is no NUL among it: redis does not look for the end of a line behind one.

import { encodeArray, encodeInline } from "./resp.mjs";

/** Requests that ask for nothing and get no reply. */
export const SILENCE = [
  "\r\n",
  "\n",
  "*0\r\n",
  "*-1\r\n",
  "*-20\r\n",
  "   \r\n",
  "\t\r\n",
  "\r\n\r\n",
];

const LINE_LIMIT = 64 * 1024; // bytes redis waits for the end of a line

/** After each of these redis says why and closes the connection. */
export const MALFORMED = [
  "*x\r\n",
  "*\r\n",
  "* 1\r\n",
  "*1 \r\n",
  "*+1\r\n",
  "*01\r\n",
  "*1.0\r\n",
  "*2147483648\r\n",
  "*9223372036854775808\r\n",
  "*99999999999999999999\r\n",
  "*1\r\nGET\r\n",
  "*1\r\n\r\n",
  "*1\r\n:1\r\n",
  "*2\r\n$3\r\nGET\r\n+k\r\n",
  "*1\r\n\xff\r\n",
  "*1\r\n\n\r\n",
  "*1\r\n*1\r\n",
  "*1\r\n$x\r\n",
  "*1\r\n$\r\n",
  "*1\r\n$-1\r\n",
  "*1\r\n$ 1\r\n",
  "*1\r\n$01\r\n",
  "*1\r\n$+1\r\n",
  "*1\r\n$536870913\r\n",
  "*1\r\n$9223372036854775808\r\n",
  "*2\r\n$3\r\nGET\r\n$-5\r\n",
  '"unbalanced\r\n',
  "GET 'unbalanced\r\n",
  'GET "a"b\r\n',
  "GET 'a'b\r\n",
  '"\\x4\r\n',
  '"\r\n',
  'SET k "a\\"\r\n',
  "'a\\'\r\n",
  "x".repeat(LINE_LIMIT + 1),
  `GET ${"y ".repeat(LINE_LIMIT)}`,
  `*${"1".repeat(LINE_LIMIT + 1)}`,
  `*1\r\n$${"1".repeat(LINE_LIMIT + 1)}`,
];

export const PROTOCOL_ERRORS = [
  "ERR Protocol error: invalid multibulk length",
  "ERR Protocol error: expected '$', got '…'",
  "ERR Protocol error: invalid bulk length",
  "ERR Protocol error: unbalanced quotes in request",
  "ERR Protocol error: too big inline request",
  "ERR Protocol error: too big mbulk count string",
  "ERR Protocol error: too big bulk count string",
];

/** The beginning of a request that no reply is due for yet. */
export function cutShort(args, random) {
  const text = random.chance(0.2) ? encodeInline(args, random) : encodeArray(args);
  const most = Math.min(text.length - 1, 60000);
  // A line without its end, and what of a bulk is there, must not be over the limit of a line.
  return text.slice(0, random.between(1, most));
}

const LINE_PARTS = [
  "a",
  "Bc",
  "1",
  " ",
  " ",
  "  ",
  "\t",
  "\v",
  '"',
  '"',
  "'",
  "'",
  "\\",
  "\\x4",
  "\\x41",
];
const LINE_ESCAPES = [
  "\\n",
  "\\r",
  "\\xfG",
  '\\"',
  "\\'",
  "\\\\",
  '" ',
  "' ",
  ' "',
  " '",
  "\x80",
  "\r",
  "$",
  "*",
];

/** Some lines of quotes and escapes, right and wrong, for what splits them into words. */
export function randomLine(random) {
  let text = "";
  for (let lines = random.between(1, 3); lines > 0; lines--) {
    text += random.pick(["ECHO ", "ECHO ", "PING ", "DEL "]);
    for (let parts = random.between(1, 10); parts > 0; parts--)
      text += random.pick(random.chance(0.6) ? LINE_PARTS : LINE_ESCAPES);
    text += random.pick(["\r\n", "\r\n", "\n"]);
  }
  return text;
}

const WRONG_NUMBERS = [
  "",
  "-1",
  "0",
  "1",
  "2",
  "5",
  "03",
  "+3",
  "3 ",
  " 3",
  "x",
  "3.0",
  "99999999999",
];

/**
 * Changes a few bytes of the framing of some requests. The words in them stay, but for those that
 * fall victim to a wrong length.
 */
export function damage(text, random) {
  let out = text;
  for (let i = random.between(1, 2); i > 0; i--) {
    const marks = [...out.matchAll(/[*$](\d+)\r\n/g)];
    if (marks.length === 0) break;
    const mark = random.pick(marks);
    const [whole, digits] = mark;
    const instead = random.weighted([
      [4, whole.replace(digits, random.pick(WRONG_NUMBERS))],
      [1, whole.slice(1)],
      [1, random.pick(["$", "*", ":", "+", "\xff", "\n"]) + whole.slice(1)],
      [1, whole.replace("\r", "")],
      [1, whole.replace("\n", "")],
      [1, whole.replace("\r\n", "\n\r")],
      [1, `${whole}\r\n`],
      [1, `\r\n${whole}`],
      [1, ""],
    ]);
    out = out.slice(0, mark.index) + instead + out.slice(mark.index + whole.length);
  }
  return out;
}
