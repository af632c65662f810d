/*
 * DEBUG: what tests of clients, and Redis's own, ask of a server.
 */
import { digest, digestValues } from "./digest.js";
import { array, bulk, error, integer, lines, map, nil, OK, push, set, simple } from "./replies.js";
import { wholeNumber, writeWords } from "./words.js";

const TYPES = "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false";
const POPULATED_AT_ONCE = 1000; // keys

// A reply of each type.
function protocol({ resp }, [type]) {
  const truth = (value) => (resp === 3 ? `#${value ? "t" : "f"}\r\n` : integer(value ? 1 : 0));
  const count = [0, 1, 2].map(integer);
  switch (type.toLowerCase()) {
    case "string":
      return bulk("Hello World");
    case "integer":
      return integer(12345);
    case "double":
      return resp === 3 ? ",3.141\r\n" : bulk("3.141");
    case "bignum": {
      const digits = "1234567999999999999999999999999999999";
      return resp === 3 ? `(${digits}\r\n` : bulk(digits);
    }
    case "null":
      return nil(resp);
    case "array":
      return array(count);
    case "set":
      return set(resp, count);
    case "map":
      return map(
        resp,
        count.flatMap((item, i) => [item, truth(i === 1)]),
      );
    case "attrib": {
      const attribute = `|1\r\n${bulk("key-popularity")}${array([bulk("key:123"), integer(90)])}`;
      const reply = bulk("Some real reply following the attribute");
      return resp === 3 ? attribute + reply : reply;
    }
    case "push":
      if (resp < 3) return error("ERR RESP2 is not supported by this command");
      return (
        push(resp, [bulk("server-cpu-usage"), integer(42)]) +
        bulk("Some real reply following the push reply")
      );
    case "verbatim":
      return lines(resp, "This is a verbatim\nstring");
    case "true":
      return truth(true);
    case "false":
      return truth(false);
    default:
      return error(`ERR Wrong protocol type name. Please use one of the following: ${TYPES}`);
  }
}

// Of all clients: nothing is served meanwhile.
function sleep(connection, [seconds]) {
  const ms = Math.max(0, Number(seconds) * 1000 || 0);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  return OK;
}

function setActiveExpire({ server }, [value]) {
  server.keepsUp = value !== "0";
  return OK;
}

function object({ server }, [key]) {
  const ask = (...words) => server.cache.run([...words, Buffer.from(key, "latin1")], false);
  const bytes = ask("MEMORY", "USAGE");
  if (bytes === null) return error("ERR no such key");
  let idle = 0;
  try {
    idle = ask("OBJECT", "IDLETIME");
  } catch {
    // an LFU policy keeps no idle times
  }
  return simple(
    `Value at:0x0 refcount:1 encoding:${ask("OBJECT", "ENCODING")} serializedlength:${bytes} ` +
      `lru:0 lru_seconds_idle:${idle}`,
  );
}

function populate(connection, [count, prefix = "key", size = "0"]) {
  const [keys, bytes] = [wholeNumber(count), wholeNumber(size)];
  if (!(keys >= 0 && bytes >= 0)) return error("ERR value is out of range, must be positive");
  for (let first = 0; first < keys; first += POPULATED_AT_ONCE) {
    const requests = [];
    for (let i = first; i < Math.min(first + POPULATED_AT_ONCE, keys); i++) {
      const value = `value:${i}`;
      const sized = bytes === 0 ? value : value.slice(0, bytes).padEnd(bytes, "\0");
      requests.push(writeWords(["SETNX", `${prefix}:${i}`, sized]));
    }
    const batch = Buffer.concat(requests);
    connection.server.cache.pump(batch, 0, batch.length, 2, () => true);
  }
  return OK;
}

// Of each: how many words it takes at least, what it does, and how many it takes at most.
const SUBCOMMANDS = {
  digest: [0, digest],
  "digest-value": [0, digestValues, Infinity],
  error: [1, (connection, [message]) => error(message)],
  log: [1, ({ server }, [message]) => (server.log(`DEBUG LOG: ${message}`), OK)],
  object: [1, object],
  populate: [1, populate, 3],
  protocol: [1, protocol],
  "set-active-expire": [1, setActiveExpire],
  sleep: [1, sleep],

  // Of what has no counterpart here: it makes no difference.
  "change-repl-id": [0, () => OK],
  loadaof: [0, () => OK],
  "pause-cron": [1, () => OK],
  "quicklist-packed-threshold": [1, () => OK],
  reload: [0, () => OK, 3],
  replybuffer: [2, () => OK],
  "set-skip-checksum-validation": [1, () => OK],
};

export function debug(connection, [, name, ...words]) {
  const known = Object.hasOwn(SUBCOMMANDS, name.toLowerCase());
  const [least, run, most = least] = known ? SUBCOMMANDS[name.toLowerCase()] : [];
  if (name.toLowerCase() === "help" && words.length === 0) {
    return array(
      ["DEBUG <subcommand> [<arg> ...]. Subcommands are:", ...Object.keys(SUBCOMMANDS)].map(
        (line, i) => simple(i === 0 ? line : line.toUpperCase()),
      ),
    );
  }
  if (known && words.length >= least && words.length <= most) return run(connection, words);
  const what = "unknown subcommand or wrong number of arguments for";
  return error(`ERR ${what} '${name.slice(0, 128)}'. Try DEBUG HELP.`);
}
