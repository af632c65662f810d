// Plays a table of cases on whatever takes requests: an engine in this process, or one far away. It
// needs nothing but JavaScript, so that it runs on every platform.
//
//     # what is said to the reader; empty lines are, too
//     cache 262144 allkeys-lru     a fresh cache for what follows: bytes, policy
//     at 1700000000000             the time of what follows, in milliseconds
//     resp3, resp2                 the form of the replies that follow
//     > SET key a\x20b             a request: words between spaces; "" alone is a word without bytes
//     < +OK\r\n                    its reply
//
// A byte that is no printable ASCII, a backslash, and in a word a space, is \\ \r \n or \xHH. Text is
// strings of characters 0..255 here.

const ESCAPES = { "\\": "\\", r: "\r", n: "\n" };

export const unescape = (text) =>
  text.replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex, letter) =>
    hex ? String.fromCharCode(parseInt(hex, 16)) : ESCAPES[letter],
  );

export const escape = (text) =>
  text.replace(/[^ -~]|\\/g, (c) => {
    if (c === "\r") return "\\r";
    if (c === "\n") return "\\n";
    return c === "\\" ? "\\\\" : `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });

export const bytesOf = (text) => Uint8Array.from(text, (c) => c.charCodeAt(0));

export const textOf = (bytes) => {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
};

/** The words of a request as RESP. */
function requestOf(line) {
  const words = line.split(" ").map((word) => (word === '""' ? "" : unescape(word)));
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
}

/**
 * Plays `text` -> { passed, failed, differences: what failed, for people }. Both may be async:
 *   fresh(bytes, policy)           makes a cache, in place of the one before
 *   exec(request, nowMs, resp)     Uint8Array -> Uint8Array
 */
export async function play(text, { fresh, exec }) {
  const differences = [];
  let passed = 0;
  let nowMs = 0;
  let resp = 2;
  let request;
  let reply;
  for (const [index, line] of text.split("\n").entries()) {
    const [kind, ...words] = line.split(" ");
    if (kind === "cache") await fresh(Number(words[0]), words[1]);
    else if (kind === "at") nowMs = Number(words[0]);
    else if (kind === "resp2" || kind === "resp3") resp = Number(kind[4]);
    else if (kind === ">") {
      request = line.slice(2);
      reply = textOf(await exec(bytesOf(requestOf(request)), nowMs, resp));
    } else if (kind === "<") {
      const expected = line.slice(2);
      const got = escape(reply);
      if (got === expected) passed++;
      else differences.push(`line ${index + 1}: ${request}: ${got} instead of ${expected}`);
    } else if (line !== "" && kind !== "#") throw new Error(`line ${index + 1}: ${line}`);
  }
  return { passed, failed: differences.length, differences };
}

/** What `play` needs, over the package; `create` is initFerrite, or createFerrite of a module. */
export function overPackage(create) {
  let cache;
  let time;
  return {
    async fresh(bytes, policy) {
      const seed = Uint32Array.of(1, 2, 3, 4);
      cache = await create({ maxMemory: bytes, evictionPolicy: policy, seed, now: () => time });
    },
    exec(request, nowMs, resp) {
      time = nowMs;
      return cache.exec(request, { resp });
    },
  };
}
