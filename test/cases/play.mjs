// Plays a table of cases on whatever takes requests: an engine in this process, or one far away. It
// needs nothing but JavaScript, so that it runs on every platform.
//
//     # what is said to the reader; empty lines are, too
//     cache 262144 allkeys-lru     a fresh cache for what follows: bytes, policy
//     at 1700000000000             the time of what follows, in milliseconds
//     resp3, resp2                 the form of the replies that follow
//     > SET key a\x20b             a request: words between spaces; "" alone is a word without bytes
//     >> PING\r\nEXISTS k          bytes of a connection, as they come in: many requests, a part of one
//     call SET key value PX 100    the direct calls: GET key; SET key value, with NX, XX, KEEPTTL, EX, PX
//                                  or PXAT behind it; TICK; CHANGES 1, or 0 to keep no more of them
//     < +OK\r\n                    the reply, as of the command. TICK: 1, there is more to do, or 0;
//                                  CHANGES: kinds and keys, or none if not all were kept
//     </ -ERR Protocol error\r\n   the reply, and the connection is over; what comes next is another's
//
// A byte that is no printable ASCII, a backslash, and in a word a space, is \\ \r \n or \xHH. Text is
// strings of characters 0..255 here.

const ESCAPES = { "\\": "\\", r: "\r", n: "\n" };

function unescapeOne(escaped, hex, letter) {
  if (hex) return String.fromCharCode(parseInt(hex, 16));
  if (!ESCAPES[letter]) throw new Error(`no such escape: ${escaped}`);
  return ESCAPES[letter];
}

export const unescape = (text) => text.replace(/\\(?:x([0-9a-f]{2})|(.))/g, unescapeOne);

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

/** The line of a reply. */
export const lineOf = (reply, close) => `${close ? "</" : "<"} ${escape(reply)}`.trimEnd();

const isAscii = (text) => /^[\0-\x7f]*$/.test(text);
const wordsOf = (line) => line.split(" ").map((word) => (word === '""' ? "" : unescape(word)));
const bulk = (text) => `$${text.length}\r\n${text}\r\n`;
const requestOf = (words) => `*${words.length}\r\n${words.map(bulk).join("")}`;

/**
 * Plays `text` -> { passed, failed, differences: what failed, for people }. All three may be async:
 *   fresh(bytes, policy)           makes a cache, and a connection to it, in place of those before
 *   exec(bytes, nowMs, resp)       -> { reply: Uint8Array, close: is the connection over? }
 *   call(words, nowMs)             -> the reply, as text
 */
export async function play(text, { fresh, exec, call }) {
  const differences = [];
  let passed = 0;
  let nowMs = 0;
  let resp = 2;
  let reply;
  let asked;
  for (const [index, line] of text.split("\n").entries()) {
    const [kind, ...words] = line.split(" ");
    const rest = line.slice(kind.length + 1);
    if (kind === "cache") await fresh(Number(words[0]), words[1]);
    else if (kind === "at") nowMs = Number(words[0]);
    else if (kind === "resp2" || kind === "resp3") resp = Number(kind[4]);
    else if (kind === ">" || kind === ">>") {
      const bytes = bytesOf(kind === ">" ? requestOf(wordsOf(rest)) : unescape(rest));
      const answer = await exec(bytes, nowMs, resp);
      reply = lineOf(textOf(answer.reply), answer.close);
    } else if (kind === "call") reply = lineOf(await call(wordsOf(rest), nowMs), false);
    else if (kind === "<" || kind === "</") {
      if (reply === line) passed++;
      else differences.push(`line ${index + 1}: ${asked}: ${reply} instead of ${line}`);
    } else if (line !== "" && kind !== "#") throw new Error(`line ${index + 1}: ${line}`);
    asked = line;
  }
  return { passed, failed: differences.length, differences };
}

/**
 * The direct calls as `play` makes them, over
 *   get(key)                     -> Uint8Array, or null
 *   set(key, value, options)     -> was it set? The options are named as the words, in lower case
 *   tick()                       -> is there more to do?
 *   changes(keep)                -> pairs of a kind and a key, or null
 * What these throw, if it is Redis's, begins with its code: "WRONGTYPE Operation ...".
 */
export function directCalls({ get, set, tick, changes }) {
  const calls = {
    GET(key) {
      const value = get(key);
      return value === null ? "$-1\r\n" : bulk(textOf(value));
    },
    SET(key, value, ...words) {
      const options = {};
      while (words.length > 0) {
        const name = words.shift().toLowerCase();
        options[name] = ["nx", "xx", "keepttl"].includes(name) || Number(words.shift());
      }
      return set(key, value, options) ? "+OK\r\n" : "$-1\r\n";
    },
    TICK: () => `:${Number(tick())}\r\n`,
    CHANGES(keep) {
      const pairs = changes(keep === "1");
      if (pairs === null) return "*-1\r\n";
      const text = pairs.map(([kind, key]) => bulk(kind) + bulk(textOf(key))).join("");
      return `*${2 * pairs.length}\r\n${text}`;
    },
  };
  return ([name, ...words]) => {
    try {
      return calls[name](...words.map((word) => (isAscii(word) ? word : bytesOf(word))));
    } catch (error) {
      if (!/^(WRONGTYPE|OOM) /.test(error.message)) throw error;
      return `-${error.message}\r\n`;
    }
  };
}

/** What `play` needs, over the package; `create` is initFerrite, or createFerrite of a module. */
export function overPackage(create) {
  let cache;
  let time;
  let left; // of the connection's bytes: the beginning of a command

  const call = directCalls({
    get: (key) => cache.getBytes(key),
    set: (key, value, options) => cache.set(key, value, options) !== null,
    tick: () => cache.tick(),
    changes(keep) {
      const { all, changes } = cache.takeChanges(keep);
      return all ? null : changes.map(({ kind, key }) => [kind, key]);
    },
  });

  return {
    async fresh(bytes, policy) {
      const seed = Uint32Array.of(1, 2, 3, 4);
      cache = await create({ maxMemory: bytes, evictionPolicy: policy, seed, now: () => time });
      left = "";
    },
    exec(bytes, nowMs, resp) {
      time = nowMs;
      const text = left + textOf(bytes);
      const { reply, consumed, close } = cache.feed(bytesOf(text), { resp });
      left = close ? "" : text.slice(consumed);
      return { reply, close };
    },
    call(words, nowMs) {
      time = nowMs;
      return call(words);
    },
  };
}
