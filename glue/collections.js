/*
 * The commands of hashes, lists, sets and places, as commands.js has those of strings and keys.
 */
import {
  aKey,
  aNumber,
  countedKeys,
  EXPIRE,
  LIST,
  NOTHING,
  NUMBER,
  optionWords,
  someElements,
  someFields,
  somePairs,
  TEXT,
} from "./arguments.js";
import { Core } from "./core.js";
import { isBytes } from "./text.js";

const GEOADD = { nx: NOTHING, xx: NOTHING, ch: NOTHING };
const SEARCH = {
  frommember: TEXT,
  fromlonlat: LIST,
  byradius: LIST,
  bybox: LIST,
  asc: NOTHING,
  desc: NOTHING,
  count: NUMBER,
  any: NOTHING,
};
const GEOSEARCH = { ...SEARCH, withdist: NOTHING, withhash: NOTHING, withcoord: NOTHING };
const GEOSEARCHSTORE = { ...SEARCH, storedist: NOTHING };

const SCAN = { match: TEXT, count: NUMBER };
const LPOS = { rank: NUMBER, count: NUMBER, maxlen: NUMBER };
const HRANDFIELD = { withValues: NOTHING };
const LMPOP = { count: NUMBER };

export class Collections extends Core {
  /* --- hashes --------------------------------------------------------------------------------- */

  hset(key, ...pairs) {
    return this.run(["HSET", aKey(key), ...somePairs(pairs)], false);
  }

  hmset(key, ...pairs) {
    return this.run(["HMSET", aKey(key), ...somePairs(pairs)], false);
  }

  hsetnx(key, field, value) {
    return this.run(["HSETNX", aKey(key), aKey(field, "field"), value], false);
  }

  hget(key, field) {
    return this.run(["HGET", aKey(key), aKey(field, "field")], false);
  }

  hgetBytes(key, field) {
    return this.run(["HGET", aKey(key), aKey(field, "field")], true);
  }

  hmget(key, ...fields) {
    return this.run(["HMGET", aKey(key), ...someElements(fields)], false);
  }

  hmgetBytes(key, ...fields) {
    return this.run(["HMGET", aKey(key), ...someElements(fields)], true);
  }

  hgetall(key) {
    const flat = this.run(["HGETALL", aKey(key)], false);
    return flat.length ? toRecord(flat) : null;
  }

  hgetallBytes(key) {
    const flat = this.run(["HGETALL", aKey(key)], true);
    return flat.length ? toPairs(flat) : null;
  }

  hkeys(key) {
    return this.run(["HKEYS", aKey(key)], false);
  }

  hkeysBytes(key) {
    return this.run(["HKEYS", aKey(key)], true);
  }

  hvals(key) {
    return this.run(["HVALS", aKey(key)], false);
  }

  hvalsBytes(key) {
    return this.run(["HVALS", aKey(key)], true);
  }

  hdel(key, ...fields) {
    return this.run(["HDEL", aKey(key), ...someElements(fields)], false);
  }

  hlen(key) {
    return this.run(["HLEN", aKey(key)], false);
  }

  hstrlen(key, field) {
    return this.run(["HSTRLEN", aKey(key), aKey(field, "field")], false);
  }

  hexists(key, field) {
    return this.run(["HEXISTS", aKey(key), aKey(field, "field")], false);
  }

  hincrby(key, field, increment) {
    const by = aNumber(increment, "increment");
    return this.run(["HINCRBY", aKey(key), aKey(field, "field"), by], false);
  }

  hexpire(key, seconds, fields, options) {
    return this.#hexpire("HEXPIRE", key, seconds, "seconds", fields, options);
  }

  hpexpire(key, milliseconds, fields, options) {
    return this.#hexpire("HPEXPIRE", key, milliseconds, "milliseconds", fields, options);
  }

  hexpireat(key, seconds, fields, options) {
    return this.#hexpire("HEXPIREAT", key, seconds, "seconds", fields, options);
  }

  hpexpireat(key, milliseconds, fields, options) {
    return this.#hexpire("HPEXPIREAT", key, milliseconds, "milliseconds", fields, options);
  }

  #hexpire(command, key, time, unit, fields, options) {
    const words = [aNumber(time, unit), ...optionWords(EXPIRE, options), ...someFields([fields])];
    return this.run([command, aKey(key), ...words], false);
  }

  hpersist(key, ...fields) {
    return this.run(["HPERSIST", aKey(key), ...someFields(fields)], false);
  }

  httl(key, ...fields) {
    return this.run(["HTTL", aKey(key), ...someFields(fields)], false);
  }

  hpttl(key, ...fields) {
    return this.run(["HPTTL", aKey(key), ...someFields(fields)], false);
  }

  hexpiretime(key, ...fields) {
    return this.run(["HEXPIRETIME", aKey(key), ...someFields(fields)], false);
  }

  hpexpiretime(key, ...fields) {
    return this.run(["HPEXPIRETIME", aKey(key), ...someFields(fields)], false);
  }

  hincrbyfloat(key, field, increment) {
    const by = aNumber(increment, "increment");
    return this.run(["HINCRBYFLOAT", aKey(key), aKey(field, "field"), by], false);
  }

  hrandfield(key, count, options) {
    return this.#hrandfield(key, count, options, false);
  }

  hrandfieldBytes(key, count, options) {
    return this.#hrandfield(key, count, options, true);
  }

  #hrandfield(key, count, options, asBytes) {
    optionWords(HRANDFIELD, options); // for its checks
    if (!options?.withValues) return this.run(["HRANDFIELD", aKey(key), ...aCount(count)], asBytes);
    const words = ["HRANDFIELD", aKey(key), aNumber(count, "count"), "WITHVALUES"];
    return toPairs(this.run(words, asBytes)).map(([field, value]) => ({ field, value }));
  }

  hscan(key, cursor, options) {
    const { cursor: next, items } = this.#scan("HSCAN", key, cursor, options, false);
    return { cursor: next, entries: toPairs(items) };
  }

  hscanBytes(key, cursor, options) {
    const { cursor: next, items } = this.#scan("HSCAN", key, cursor, options, true);
    return { cursor: next, entries: toPairs(items) };
  }

  *hscanIterator(key, options) {
    let page = { cursor: "0" };
    do yield* (page = this.hscan(key, page.cursor, options)).entries;
    while (page.cursor !== "0");
  }

  *hscanIteratorBytes(key, options) {
    let page = { cursor: "0" };
    do yield* (page = this.hscanBytes(key, page.cursor, options)).entries;
    while (page.cursor !== "0");
  }

  #scan(command, key, cursor, options, asBytes) {
    const words = [command, aKey(key), aNumber(cursor, "cursor"), ...optionWords(SCAN, options)];
    const [next, items] = this.run(words, asBytes);
    return { cursor: asBytes ? String.fromCharCode(...next) : next, items };
  }

  /* --- lists ---------------------------------------------------------------------------------- */

  lpush(key, ...values) {
    return this.run(["LPUSH", aKey(key), ...someElements(values)], false);
  }

  rpush(key, ...values) {
    return this.run(["RPUSH", aKey(key), ...someElements(values)], false);
  }

  lpushx(key, ...values) {
    return this.run(["LPUSHX", aKey(key), ...someElements(values)], false);
  }

  rpushx(key, ...values) {
    return this.run(["RPUSHX", aKey(key), ...someElements(values)], false);
  }

  lpop(key, count) {
    return this.run(["LPOP", aKey(key), ...aCount(count)], false);
  }

  lpopBytes(key, count) {
    return this.run(["LPOP", aKey(key), ...aCount(count)], true);
  }

  rpop(key, count) {
    return this.run(["RPOP", aKey(key), ...aCount(count)], false);
  }

  rpopBytes(key, count) {
    return this.run(["RPOP", aKey(key), ...aCount(count)], true);
  }

  lmove(source, destination, from, to) {
    const ends = [aKey(from, "from"), aKey(to, "to")];
    return this.run(["LMOVE", aKey(source), aKey(destination, "destination"), ...ends], false);
  }

  rpoplpush(source, destination) {
    return this.run(["RPOPLPUSH", aKey(source), aKey(destination, "destination")], false);
  }

  lpos(key, element, options) {
    return this.run(["LPOS", aKey(key), element, ...optionWords(LPOS, options)], false);
  }

  lmpop(keys, from, options) {
    return this.#lmpop(["LMPOP"], keys, from, options, false);
  }

  lmpopBytes(keys, from, options) {
    return this.#lmpop(["LMPOP"], keys, from, options, true);
  }

  #lmpop(words, keys, from, options, asBytes) {
    words.push(...countedKeys(keys), aKey(from, "from"), ...optionWords(LMPOP, options));
    const reply = this.run(words, asBytes);
    return reply && { key: reply[0], elements: reply[1] };
  }

  /* Commands that would block answer at once. */

  blpop(keys, timeout) {
    return this.#bpop("BLPOP", keys, timeout, false);
  }

  blpopBytes(keys, timeout) {
    return this.#bpop("BLPOP", keys, timeout, true);
  }

  brpop(keys, timeout) {
    return this.#bpop("BRPOP", keys, timeout, false);
  }

  brpopBytes(keys, timeout) {
    return this.#bpop("BRPOP", keys, timeout, true);
  }

  #bpop(command, keys, timeout, asBytes) {
    const [, ...list] = countedKeys(keys);
    const reply = this.run([command, ...list, aTimeout(timeout)], asBytes);
    return reply && { key: reply[0], element: reply[1] };
  }

  blmove(source, destination, from, to, timeout) {
    const ends = [aKey(from, "from"), aKey(to, "to")];
    const words = ["BLMOVE", aKey(source), aKey(destination, "destination"), ...ends];
    return this.run([...words, aTimeout(timeout)], false);
  }

  brpoplpush(source, destination, timeout) {
    const words = ["BRPOPLPUSH", aKey(source), aKey(destination, "destination")];
    return this.run([...words, aTimeout(timeout)], false);
  }

  blmpop(keys, from, timeout, options) {
    return this.#lmpop(["BLMPOP", aTimeout(timeout)], keys, from, options, false);
  }

  blmpopBytes(keys, from, timeout, options) {
    return this.#lmpop(["BLMPOP", aTimeout(timeout)], keys, from, options, true);
  }

  llen(key) {
    return this.run(["LLEN", aKey(key)], false);
  }

  lrange(key, start, end) {
    return this.run(["LRANGE", aKey(key), aNumber(start, "start"), aNumber(end, "end")], false);
  }

  lrangeBytes(key, start, end) {
    return this.run(["LRANGE", aKey(key), aNumber(start, "start"), aNumber(end, "end")], true);
  }

  lindex(key, index) {
    return this.run(["LINDEX", aKey(key), aNumber(index, "index")], false);
  }

  lindexBytes(key, index) {
    return this.run(["LINDEX", aKey(key), aNumber(index, "index")], true);
  }

  lset(key, index, value) {
    return this.run(["LSET", aKey(key), aNumber(index, "index"), value], false);
  }

  linsert(key, where, pivot, value) {
    return this.run(["LINSERT", aKey(key), aKey(where, "where"), pivot, value], false);
  }

  lrem(key, count, value) {
    return this.run(["LREM", aKey(key), aNumber(count, "count"), value], false);
  }

  ltrim(key, start, end) {
    return this.run(["LTRIM", aKey(key), aNumber(start, "start"), aNumber(end, "end")], false);
  }

  /* --- sets ----------------------------------------------------------------------------------- */

  sadd(key, ...members) {
    return this.run(["SADD", aKey(key), ...someElements(members)], false);
  }

  srem(key, ...members) {
    return this.run(["SREM", aKey(key), ...someElements(members)], false);
  }

  spop(key, count) {
    return this.run(["SPOP", aKey(key), ...aCount(count)], false);
  }

  spopBytes(key, count) {
    return this.run(["SPOP", aKey(key), ...aCount(count)], true);
  }

  srandmember(key, count) {
    return this.run(["SRANDMEMBER", aKey(key), ...aCount(count)], false);
  }

  srandmemberBytes(key, count) {
    return this.run(["SRANDMEMBER", aKey(key), ...aCount(count)], true);
  }

  sscan(key, cursor, options) {
    const { cursor: next, items } = this.#scan("SSCAN", key, cursor, options, false);
    return { cursor: next, members: items };
  }

  sscanBytes(key, cursor, options) {
    const { cursor: next, items } = this.#scan("SSCAN", key, cursor, options, true);
    return { cursor: next, members: items };
  }

  *sscanIterator(key, options) {
    let page = { cursor: "0" };
    do yield* (page = this.sscan(key, page.cursor, options)).members;
    while (page.cursor !== "0");
  }

  *sscanIteratorBytes(key, options) {
    let page = { cursor: "0" };
    do yield* (page = this.sscanBytes(key, page.cursor, options)).members;
    while (page.cursor !== "0");
  }

  smove(source, destination, member) {
    return this.run(["SMOVE", aKey(source), aKey(destination, "destination"), member], false);
  }

  scard(key) {
    return this.run(["SCARD", aKey(key)], false);
  }

  sismember(key, member) {
    return this.run(["SISMEMBER", aKey(key), member], false);
  }

  smismember(key, ...members) {
    return this.run(["SMISMEMBER", aKey(key), ...someElements(members)], false);
  }

  smembers(key) {
    return this.run(["SMEMBERS", aKey(key)], false);
  }

  smembersBytes(key) {
    return this.run(["SMEMBERS", aKey(key)], true);
  }

  /* --- places --------------------------------------------------------------------------------- */

  geoadd(key, ...places) {
    const last = places[places.length - 1];
    const options = isOptions(last) ? places.pop() : undefined;
    return this.run(
      ["GEOADD", aKey(key), ...optionWords(GEOADD, options), ...places.flat(2)],
      false,
    );
  }

  geopos(key, ...members) {
    const places = this.run(["GEOPOS", aKey(key), ...someElements(members)], false);
    return places.map((place) => place && place.map(Number));
  }

  geodist(key, member1, member2, unit) {
    const words = ["GEODIST", aKey(key), member1, member2];
    const distance = this.run(unit === undefined ? words : [...words, aKey(unit, "unit")], false);
    return distance === null ? null : Number(distance);
  }

  geohash(key, ...members) {
    return this.run(["GEOHASH", aKey(key), ...someElements(members)], false);
  }

  geosearch(key, options) {
    return this.#geosearch(key, options, false);
  }

  geosearchBytes(key, options) {
    return this.#geosearch(key, options, true);
  }

  #geosearch(key, options, asBytes) {
    const found = this.run(["GEOSEARCH", aKey(key), ...optionWords(GEOSEARCH, options)], asBytes);
    const { withdist, withhash, withcoord } = options;
    if (!withdist && !withhash && !withcoord) return found;
    return found.map(([member, ...rest]) => ({
      member,
      ...(withdist && { distance: toNumber(rest.shift()) }),
      ...(withhash && { hash: rest.shift() }),
      ...(withcoord && { place: rest.shift().map(toNumber) }),
    }));
  }

  geosearchstore(destination, source, options) {
    const keys = [aKey(destination, "destination"), aKey(source, "source")];
    return this.run(["GEOSEARCHSTORE", ...keys, ...optionWords(GEOSEARCHSTORE, options)], false);
  }
}

function isOptions(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isBytes(value);
}

// Nothing waits, so it need not be given.
function aTimeout(timeout = 0) {
  return aNumber(timeout, "timeout");
}

function aCount(count) {
  return count === undefined ? [] : [aNumber(count, "count")];
}

/* --- replies ---------------------------------------------------------------------------------- */

// Digits as text or bytes.
function toNumber(digits) {
  return Number(isBytes(digits) ? String.fromCharCode(...digits) : digits);
}

// [field, value, field, value] as an object without a prototype, for a field may be "__proto__".
function toRecord(flat) {
  const record = Object.create(null);
  for (let i = 0; i < flat.length; i += 2) record[flat[i]] = flat[i + 1];
  return record;
}

function toPairs(flat) {
  const pairs = [];
  for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i], flat[i + 1]]);
  return pairs;
}
