// RESP, both directions. Bytes are strings of characters 0..255 ("latin1") throughout this test:
// they compare, slice and print without ceremony, and cross to real bytes at the peers.

/** A request as an array of bulk strings. */
export function encodeArray(args) {
  let out = `*${args.length}\r\n`;
  for (const arg of args) out += `$${arg.length}\r\n${arg}\r\n`;
  return out;
}

const INLINE_ESCAPES = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\x07": "\\a" };

/** A request as a line of text, quoted where it must be and, at random, where it need not be. */
export function encodeInline(args, random) {
  const words = args.map((arg) => {
    if (/^(?!\*)[!#-&(-[\]-~]+$/.test(arg) && random.chance(0.6)) return arg;
    if (/^[\x20-\x7e]*$/.test(arg) && !arg.includes("\\") && random.chance(0.4))
      return `'${arg.replaceAll("'", "\\'")}'`;
    let out = '"';
    for (const c of arg) {
      if (c === '"' || c === "\\") out += `\\${c}`;
      else if (INLINE_ESCAPES[c] && random.chance(0.7)) out += INLINE_ESCAPES[c];
      else if (c < " " || c > "~" || random.chance(0.05))
        out += `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`;
      else out += c;
    }
    return `${out}"`;
  });
  const space = () =>
    random.weighted([
      [8, " "],
      [1, "  "],
      [1, "\t"],
    ]);
  let line = random.chance(0.1) ? space() : "";
  line += words.reduce((left, right) => left + space() + right);
  if (random.chance(0.1)) line += space();
  return line + (random.chance(0.3) ? "\n" : "\r\n");
}

/**
 * Parses the reply that begins at `at`. Its `value` is a string, null, or a list of replies (of a
 * map: keys and values in turn); `raw` is its bytes and `end` the place behind them. null if the
 * text ends too early. Throws if it is not RESP.
 */
export function parseReply(text, at = 0) {
  const lineEnd = text.indexOf("\r\n", at);
  if (lineEnd < 0) return null;
  const type = text[at];
  const line = text.slice(at + 1, lineEnd);
  const done = (value, end) => ({ type, value, raw: text.slice(at, end), end });
  switch (type) {
    case "+":
    case "-":
    case ":":
    case ",":
    case "#":
    case "(":
      return done(line, lineEnd + 2);
    case "_":
      return done(null, lineEnd + 2);
  }
  if (!/^(-1|\d+)$/.test(line)) throw new Error(`no RESP reply: ${quote(text.slice(at, at + 80))}`);
  const count = Number(line);
  if (count < 0) return done(null, lineEnd + 2);
  if (type === "$" || type === "=") {
    const end = lineEnd + 2 + count;
    if (text.length < end + 2) return null;
    if (text.slice(end, end + 2) !== "\r\n") throw new Error("bulk reply without its CRLF");
    return done(text.slice(lineEnd + 2, end), end + 2);
  }
  if (!"*~%>".includes(type)) throw new Error(`no RESP reply: ${quote(text.slice(at, at + 80))}`);
  const items = [];
  let end = lineEnd + 2;
  for (let i = type === "%" ? count * 2 : count; i > 0; i--) {
    const item = parseReply(text, end);
    if (!item) return null;
    items.push(item);
    end = item.end;
  }
  return done(items, end);
}

/** All replies in `text`, which must end with the last of them. */
export function parseReplies(text) {
  const replies = [];
  for (let at = 0; at < text.length; at = replies[replies.length - 1].end) {
    const reply = parseReply(text, at);
    if (!reply) throw new Error(`reply cut short: ${quote(text.slice(at))}`);
    replies.push(reply);
  }
  return replies;
}

/** Bytes for people: printable, on one line, long ones abbreviated. */
export function quote(text, most = 300) {
  const escaped = (part) =>
    part.replace(/[^\x20-\x7e]|["\\]/g, (c) => {
      if (c === "\r") return "\\r";
      if (c === "\n") return "\\n";
      if (c === '"' || c === "\\") return `\\${c}`;
      return `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`;
    });
  if (text.length <= most) return `"${escaped(text)}"`;
  const half = most / 2;
  const middle = text.length - 2 * half;
  return `"${escaped(text.slice(0, half))}"...${middle} bytes..."${escaped(text.slice(-half))}"`;
}
