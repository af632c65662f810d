/*
 * The commands, one method each, under Redis's name in lower case ("config get" is configGet).
 *
 * Arguments come in Redis's order, options as an object at the end. A reader has a second form,
 * ...Bytes, that answers with Uint8Arrays where the first answers with strings. Replies are
 * Redis's: integers are numbers (1 and 0 for yes and no), a miss is null, an error is thrown.
 *
 * What can be judged here is the shape of the arguments; what they mean, and the words for what is
 * wrong with them, is left to the cache.
 */
import {
  aKey,
  aNumber,
  aSpan,
  EXPIRE,
  NOTHING,
  NUMBER,
  optionWords,
  someKeys,
  somePairs,
  TEXT,
} from "./arguments.js";
import { metricsText } from "./metrics.js";
import { Sorted } from "./sorted.js";
import { top } from "./top.js";

// enum ferrite_set_flag
const NX = 1;
const XX = 2;
const KEEP_TTL = 4;
const EXPIRE_AT = 8;

const EXPIRY = { ex: NUMBER, px: NUMBER, exat: NUMBER, pxat: NUMBER };
const SET = { ...EXPIRY, nx: NOTHING, xx: NOTHING, keepttl: NOTHING, get: NOTHING };
const GETEX = { ...EXPIRY, persist: NOTHING };
const COPY = { db: NUMBER, replace: NOTHING };
const RESTORE = { replace: NOTHING, absttl: NOTHING, idletime: NUMBER, freq: NUMBER };
const SCAN = { match: TEXT, count: NUMBER, type: TEXT };
const LCS = { len: NOTHING, idx: NOTHING, minmatchlen: NUMBER, withmatchlen: NOTHING };
const FLUSH = { async: NOTHING, sync: NOTHING };
const MEMORY_USAGE = { samples: NUMBER };
const THROTTLE = { maxBurst: NUMBER, count: NUMBER, period: NUMBER, quantity: NUMBER };

export class Ferrite extends Sorted {
  /* --- strings: get and getBytes are in core.js ----------------------------------------------- */

  set(key, value, options) {
    if (options === undefined) return this.put(key, value, 0, 0) ? "OK" : null;
    const flags = directFlags(options);
    if (flags >= 0) return this.put(key, value, flags, directExpiryMs) ? "OK" : null;
    return this.run(["SET", aKey(key), value, ...optionWords(SET, options)], false);
  }

  setBytes(key, value, options) {
    return this.run(["SET", aKey(key), value, ...optionWords(SET, options)], true);
  }

  setnx(key, value) {
    return this.run(["SETNX", aKey(key), value], false);
  }

  setex(key, seconds, value) {
    return this.run(["SETEX", aKey(key), aNumber(seconds, "seconds"), value], false);
  }

  psetex(key, milliseconds, value) {
    return this.run(["PSETEX", aKey(key), aNumber(milliseconds, "milliseconds"), value], false);
  }

  getset(key, value) {
    return this.run(["GETSET", aKey(key), value], false);
  }

  getsetBytes(key, value) {
    return this.run(["GETSET", aKey(key), value], true);
  }

  getdel(key) {
    return this.run(["GETDEL", aKey(key)], false);
  }

  getdelBytes(key) {
    return this.run(["GETDEL", aKey(key)], true);
  }

  getex(key, options) {
    return this.run(["GETEX", aKey(key), ...optionWords(GETEX, options)], false);
  }

  getexBytes(key, options) {
    return this.run(["GETEX", aKey(key), ...optionWords(GETEX, options)], true);
  }

  mget(...keys) {
    return this.run(["MGET", ...someKeys(keys)], false);
  }

  mgetBytes(...keys) {
    return this.run(["MGET", ...someKeys(keys)], true);
  }

  mset(...pairs) {
    return this.run(["MSET", ...somePairs(pairs)], false);
  }

  msetnx(...pairs) {
    return this.run(["MSETNX", ...somePairs(pairs)], false);
  }

  append(key, value) {
    return this.run(["APPEND", aKey(key), value], false);
  }

  strlen(key) {
    return this.run(["STRLEN", aKey(key)], false);
  }

  getrange(key, start, end) {
    return this.run(["GETRANGE", aKey(key), aNumber(start, "start"), aNumber(end, "end")], false);
  }

  getrangeBytes(key, start, end) {
    return this.run(["GETRANGE", aKey(key), aNumber(start, "start"), aNumber(end, "end")], true);
  }

  substr(key, start, end) {
    return this.run(["SUBSTR", aKey(key), aNumber(start, "start"), aNumber(end, "end")], false);
  }

  substrBytes(key, start, end) {
    return this.run(["SUBSTR", aKey(key), aNumber(start, "start"), aNumber(end, "end")], true);
  }

  setrange(key, offset, value) {
    return this.run(["SETRANGE", aKey(key), aNumber(offset, "offset"), value], false);
  }

  incr(key) {
    return this.run(["INCR", aKey(key)], false);
  }

  decr(key) {
    return this.run(["DECR", aKey(key)], false);
  }

  incrby(key, increment) {
    return this.run(["INCRBY", aKey(key), aNumber(increment, "increment")], false);
  }

  decrby(key, decrement) {
    return this.run(["DECRBY", aKey(key), aNumber(decrement, "decrement")], false);
  }

  incrbyfloat(key, increment) {
    return this.run(["INCRBYFLOAT", aKey(key), aNumber(increment, "increment")], false);
  }

  lcs(key1, key2, options) {
    return this.#lcs(key1, key2, options, false);
  }

  lcsBytes(key1, key2, options) {
    return this.#lcs(key1, key2, options, true);
  }

  #lcs(key1, key2, options, asBytes) {
    const words = ["LCS", aKey(key1, "key1"), aKey(key2, "key2"), ...optionWords(LCS, options)];
    const reply = this.run(words, asBytes && !options?.idx);
    return Array.isArray(reply) ? toObject(reply, (value) => value) : reply;
  }

  /* --- bits of strings ------------------------------------------------------------------------ */

  setbit(key, offset, bit) {
    return this.run(["SETBIT", aKey(key), aNumber(offset, "offset"), aNumber(bit, "bit")], false);
  }

  getbit(key, offset) {
    return this.run(["GETBIT", aKey(key), aNumber(offset, "offset")], false);
  }

  bitcount(key, start, end, unit) {
    return this.run(["BITCOUNT", aKey(key), ...aSpan(start, end, unit)], false);
  }

  bitpos(key, bit, start, end, unit) {
    return this.run(["BITPOS", aKey(key), aNumber(bit, "bit"), ...aSpan(start, end, unit)], false);
  }

  bitop(operation, destination, ...keys) {
    const words = ["BITOP", aKey(operation, "operation"), aKey(destination, "destination")];
    return this.run([...words, ...someKeys(keys)], false);
  }

  bitfield(key, ...operations) {
    return this.run(["BITFIELD", aKey(key), ...operations.flat()], false);
  }

  bitfield_ro(key, ...operations) {
    return this.run(["BITFIELD_RO", aKey(key), ...operations.flat()], false);
  }

  /* --- sketches and rate limits --------------------------------------------------------------- */

  pfadd(key, ...elements) {
    const [first] = elements;
    const words = elements.length === 1 && Array.isArray(first) ? first : elements;
    return this.run(["PFADD", aKey(key), ...words], false);
  }

  pfcount(...keys) {
    return this.run(["PFCOUNT", ...someKeys(keys)], false);
  }

  pfmerge(destination, ...sources) {
    const words = ["PFMERGE", aKey(destination, "destination"), ...someKeys(sources)];
    return this.run(words, false);
  }

  throttle(key, options = {}) {
    optionWords(THROTTLE, options); // for its checks
    const { maxBurst, count, period, quantity = 1 } = options;
    const [limited, limit, remaining, retryAfter, resetAfter] = this.run(
      [
        "CL.THROTTLE",
        aKey(key),
        aNumber(maxBurst, "maxBurst"),
        aNumber(count, "count"),
        aNumber(period, "period"),
        quantity,
      ],
      false,
    );
    return { limited: limited === 1, limit, remaining, retryAfter, resetAfter };
  }

  /* --- keys ----------------------------------------------------------------------------------- */

  del(...keys) {
    return this.run(["DEL", ...someKeys(keys)], false);
  }

  unlink(...keys) {
    return this.run(["UNLINK", ...someKeys(keys)], false);
  }

  exists(...keys) {
    return this.run(["EXISTS", ...someKeys(keys)], false);
  }

  touch(...keys) {
    return this.run(["TOUCH", ...someKeys(keys)], false);
  }

  type(key) {
    return this.run(["TYPE", aKey(key)], false);
  }

  expire(key, seconds, options) {
    return this.#expire("EXPIRE", key, seconds, "seconds", options);
  }

  pexpire(key, milliseconds, options) {
    return this.#expire("PEXPIRE", key, milliseconds, "milliseconds", options);
  }

  expireat(key, seconds, options) {
    return this.#expire("EXPIREAT", key, seconds, "seconds", options);
  }

  pexpireat(key, milliseconds, options) {
    return this.#expire("PEXPIREAT", key, milliseconds, "milliseconds", options);
  }

  #expire(command, key, time, unit, options) {
    return this.run(
      [command, aKey(key), aNumber(time, unit), ...optionWords(EXPIRE, options)],
      false,
    );
  }

  ttl(key) {
    return this.run(["TTL", aKey(key)], false);
  }

  pttl(key) {
    return this.run(["PTTL", aKey(key)], false);
  }

  expiretime(key) {
    return this.run(["EXPIRETIME", aKey(key)], false);
  }

  pexpiretime(key) {
    return this.run(["PEXPIRETIME", aKey(key)], false);
  }

  persist(key) {
    return this.run(["PERSIST", aKey(key)], false);
  }

  rename(key, newKey) {
    return this.run(["RENAME", aKey(key), aKey(newKey, "newKey")], false);
  }

  renamenx(key, newKey) {
    return this.run(["RENAMENX", aKey(key), aKey(newKey, "newKey")], false);
  }

  copy(source, destination, options) {
    return this.run(
      [
        "COPY",
        aKey(source, "source"),
        aKey(destination, "destination"),
        ...optionWords(COPY, options),
      ],
      false,
    );
  }

  dump(key) {
    return this.run(["DUMP", aKey(key)], true);
  }

  restore(key, milliseconds, payload, options) {
    const ttl = aNumber(milliseconds, "milliseconds");
    const words = ["RESTORE", aKey(key), ttl, aKey(payload, "payload")];
    return this.run([...words, ...optionWords(RESTORE, options)], false);
  }

  randomkey() {
    return this.run(["RANDOMKEY"], false);
  }

  randomkeyBytes() {
    return this.run(["RANDOMKEY"], true);
  }

  keys(pattern) {
    return this.run(["KEYS", aKey(pattern, "pattern")], false);
  }

  keysBytes(pattern) {
    return this.run(["KEYS", aKey(pattern, "pattern")], true);
  }

  scan(cursor, options) {
    return this.#scan(cursor, options, false);
  }

  scanBytes(cursor, options) {
    return this.#scan(cursor, options, true);
  }

  #scan(cursor, options, asBytes) {
    const words = ["SCAN", aNumber(cursor, "cursor"), ...optionWords(SCAN, options)];
    const [next, keys] = this.run(words, asBytes);
    return { cursor: asBytes ? String.fromCharCode(...next) : next, keys };
  }

  *scanIterator(options) {
    let page = { cursor: "0" };
    do yield* (page = this.scan(page.cursor, options)).keys;
    while (page.cursor !== "0");
  }

  *scanIteratorBytes(options) {
    let page = { cursor: "0" };
    do yield* (page = this.scanBytes(page.cursor, options)).keys;
    while (page.cursor !== "0");
  }

  /* --- the cache ------------------------------------------------------------------------------ */

  ping(...message) {
    return this.run(["PING", ...message], false);
  }

  pingBytes(...message) {
    return this.run(["PING", ...message], true);
  }

  echo(message) {
    return this.run(["ECHO", message], false);
  }

  echoBytes(message) {
    return this.run(["ECHO", message], true);
  }

  dbsize() {
    return this.run(["DBSIZE"], false);
  }

  flushdb(options) {
    return this.run(["FLUSHDB", ...optionWords(FLUSH, options)], false);
  }

  flushall(options) {
    return this.run(["FLUSHALL", ...optionWords(FLUSH, options)], false);
  }

  objectEncoding(key) {
    return this.run(["OBJECT", "ENCODING", aKey(key)], false);
  }

  objectIdletime(key) {
    return this.run(["OBJECT", "IDLETIME", aKey(key)], false);
  }

  objectFreq(key) {
    return this.run(["OBJECT", "FREQ", aKey(key)], false);
  }

  objectRefcount(key) {
    return this.run(["OBJECT", "REFCOUNT", aKey(key)], false);
  }

  memoryUsage(key, options) {
    return this.run(["MEMORY", "USAGE", aKey(key), ...optionWords(MEMORY_USAGE, options)], false);
  }

  memoryStats() {
    return toObject(this.run(["MEMORY", "STATS"], false), statistic);
  }

  info(...sections) {
    const text = this.run(["INFO", ...sections], false);
    const fields = {};
    for (const [, name, value] of text.matchAll(/^(\w+):(.*?)\r?$/gm)) {
      fields[name] = numeric(value);
    }
    return { ...fields, ...keyspace(text, fields.db0) };
  }

  metrics(options) {
    return metricsText(this.info(), options);
  }

  top(options) {
    return top(this, options);
  }

  configGet(...patterns) {
    return toObject(this.run(["CONFIG", "GET", ...patterns], false), (value) => value);
  }

  configSet(...pairs) {
    return this.run(["CONFIG", "SET", ...somePairs(pairs)], false);
  }

  configResetstat() {
    return this.run(["CONFIG", "RESETSTAT"], false);
  }

  command() {
    return this.run(["COMMAND"], false);
  }

  commandCount() {
    return this.run(["COMMAND", "COUNT"], false);
  }

  commandInfo(...names) {
    return this.run(["COMMAND", "INFO", ...names], false);
  }

  commandDocs(...names) {
    return toObject(this.run(["COMMAND", "DOCS", ...names], false), (pairs) =>
      toObject(pairs, (value) => value),
    );
  }
}

/* --- arguments -------------------------------------------------------------------------------- */

let directExpiryMs; // directFlags's second result

// The flags ferrite_set takes for the options of SET, or -1 if SET itself has to judge them.
function directFlags(options) {
  directExpiryMs = 0;
  if (typeof options !== "object" || options === null) return -1;
  let flags = 0;
  for (const name in options) {
    const value = options[name];
    switch (name) {
      case "ex":
      case "px":
      case "exat":
      case "pxat":
        if (value === undefined) break;
        if (!(value > 0 && value <= 1e12 && Number.isInteger(value)) || directExpiryMs > 0)
          return -1;
        directExpiryMs = name === "ex" || name === "exat" ? value * 1000 : value;
        if (name === "exat" || name === "pxat") flags |= EXPIRE_AT;
        break;
      case "nx":
      case "xx":
      case "keepttl":
        if (value === undefined || value === false) break;
        if (value !== true) return -1;
        flags |= name === "nx" ? NX : name === "xx" ? XX : KEEP_TTL;
        break;
      default:
        return -1;
    }
  }
  const atOdds = (flags & (NX | XX)) === (NX | XX) || (flags & KEEP_TTL && directExpiryMs > 0);
  return atOdds ? -1 : flags;
}

/* --- replies ---------------------------------------------------------------------------------- */

// [name, value, name, value] as an object.
function toObject(flat, convert) {
  const object = {};
  for (let i = 0; i + 1 < flat.length; i += 2) object[flat[i]] = convert(flat[i + 1]);
  return object;
}

function numeric(text) {
  return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? Number(text) : text;
}

function statistic(value) {
  return Array.isArray(value) ? toObject(value, statistic) : numeric(value);
}

// The figures of INFO's line "db0:keys=2,expires=1,avg_ttl=0", which is absent when there are none.
function keyspace(text, line) {
  if (!/^# Keyspace/m.test(text)) return {};
  const figure = (name) => Number(new RegExp(`${name}=(\\d+)`).exec(line ?? "")?.[1] ?? 0);
  return { keys: figure("keys"), expires: figure("expires") };
}
