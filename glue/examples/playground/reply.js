/*
 * RESP2 and RESP3 replies as redis-cli shows them on a terminal.
 */

/** A reply as { type, value }: aggregates hold replies. Strings are Uint8Arrays. */
export function parseReply(bytes) {
  let at = 0;

  function line() {
    const start = at;
    while (bytes[at] !== 13) at++;
    at += 2;
    return latin1(bytes.subarray(start, at - 2));
  }

  function text(size) {
    const value = bytes.subarray(at, at + size);
    at += size + 2;
    return value;
  }

  function aggregate(type, count) {
    if (count < 0) return { type: "_" };
    return { type, value: Array.from({ length: count }, reply) };
  }

  function reply() {
    const type = String.fromCharCode(bytes[at++]);
    const head = line();
    switch (type) {
      case "$":
        return head === "-1" ? { type: "_" } : { type, value: text(Number(head)) };
      case "=":
        return { type, value: text(Number(head)).subarray(4) }; // behind "txt:"
      case "*":
      case "~":
      case ">":
        return aggregate(type, Number(head));
      case "%":
        return aggregate(type, Number(head) * 2);
      default:
        return { type, value: head };
    }
  }

  return reply();
}

const EMPTY = {
  "*": "(empty array)",
  "%": "(empty hash)",
  "~": "(empty set)",
  ">": "(empty push)",
};
const MARK = { "*": ")", "%": "#", "~": "~", ">": ")" };

/** `raw`: strings stand as they are, which redis-cli does for INFO. */
export function formatReply({ type, value }, raw = false, indent = "") {
  switch (type) {
    case "+":
      return utf8(value);
    case "-":
      return `(error) ${utf8(value)}`;
    case ":":
    case "(":
      return `(integer) ${value}`;
    case ",":
      return `(double) ${value}`;
    case "#":
      return value === "t" ? "(true)" : "(false)";
    case "_":
      return "(nil)";
    case "=":
      return decode(value);
    case "$":
      return raw ? decode(value) : quote(value);
    default:
      return value.length ? formatItems(type, value, raw, indent) : EMPTY[type];
  }
}

// Numbered lines; what is nested begins on its parent's line and is indented below it.
function formatItems(type, items, raw, indent) {
  const step = type === "%" ? 2 : 1;
  const width = String(Math.floor(items.length / step)).length;
  const inner = indent + " ".repeat(width + 2);
  const lines = [];
  for (let i = 0; i < items.length; i += step) {
    let line = `${String(i / step + 1).padStart(width)}${MARK[type]} `;
    line += formatReply(items[i], raw, inner);
    if (step === 2) {
      line += isLong(items[i + 1]) ? ` => \n${inner}` : " => ";
      line += formatReply(items[i + 1], raw, inner);
    }
    lines.push(line);
  }
  return lines.join(`\n${indent}`);
}

function isLong({ type, value }) {
  if (!MARK[type] || value.length === 0) return false;
  if (type === "%") return value.length > 2 || isLong(value[1]);
  return value.length > 1 || isLong(value[0]);
}

const ESCAPES = { 7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 92: "\\\\" };

function quote(bytes) {
  let text = '"';
  for (const byte of bytes) {
    if (ESCAPES[byte]) text += ESCAPES[byte];
    else if (byte >= 32 && byte < 127) text += String.fromCharCode(byte);
    else text += `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return `${text}"`;
}

const decode = (bytes) => new TextDecoder().decode(bytes);
const latin1 = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
const utf8 = (text) => decode(Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
