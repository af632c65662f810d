/*
 * The commands of sorted sets, of set algebra and SORT, as commands.js has those of strings and keys.
 *
 * Scores are numbers, Infinity included. Members with scores are { value, score }, in replies and,
 * if one likes, in zadd.
 */
import {
  aKey,
  aNumber,
  countedKeys,
  LIST,
  NOTHING,
  NUMBER,
  optionWords,
  someElements,
  someKeys,
  TEXT,
} from "./arguments.js";
import { Collections } from "./collections.js";
import { refusal } from "./error.js";
import { isBytes } from "./text.js";

const ZADD = {
  nx: NOTHING,
  xx: NOTHING,
  gt: NOTHING,
  lt: NOTHING,
  ch: NOTHING,
  incr: NOTHING,
};
const COUNT = { count: NUMBER };
const LIMIT = { limit: NUMBER };
const SCAN = { match: TEXT, count: NUMBER };
const WITH_SCORES = { withScores: NOTHING };
const PART = { limit: LIST };
const SCORED_PART = { ...PART, ...WITH_SCORES };
const RANGE_TO_STORE = { by: TEXT, rev: NOTHING, ...PART };
const RANGE = { ...RANGE_TO_STORE, ...WITH_SCORES };
const UNION_TO_STORE = { weights: LIST, aggregate: TEXT };
const UNION = { ...UNION_TO_STORE, ...WITH_SCORES };
const SORT_RO = {
  by: TEXT,
  limit: LIST,
  get: TEXT,
  asc: NOTHING,
  desc: NOTHING,
  alpha: NOTHING,
};
const SORT = { ...SORT_RO, store: TEXT };

export class Sorted extends Collections {
  /* --- members and scores --------------------------------------------------------------------- */

  zadd(key, ...members) {
    const options = isOptions(members[members.length - 1]) ? members.pop() : undefined;
    const words = members.flatMap(scoredWords);
    for (let i = 0; i < words.length; i += 2) words[i] = aScore(words[i], "score");
    const reply = this.run(["ZADD", aKey(key), ...optionWords(ZADD, options), ...words], false);
    return options?.incr ? toScore(reply) : reply;
  }

  zincrby(key, increment, member) {
    const by = aScore(increment, "increment");
    return toScore(this.run(["ZINCRBY", aKey(key), by, member], false));
  }

  zscore(key, member) {
    return toScore(this.run(["ZSCORE", aKey(key), member], false));
  }

  zmscore(key, ...members) {
    return this.run(["ZMSCORE", aKey(key), ...someElements(members)], false).map(toScore);
  }

  zrem(key, ...members) {
    return this.run(["ZREM", aKey(key), ...someElements(members)], false);
  }

  zcard(key) {
    return this.run(["ZCARD", aKey(key)], false);
  }

  zcount(key, min, max) {
    return this.run(["ZCOUNT", aKey(key), ...bounds(min, max)], false);
  }

  zlexcount(key, min, max) {
    return this.run(["ZLEXCOUNT", aKey(key), ...bounds(min, max)], false);
  }

  zrank(key, member) {
    return this.run(["ZRANK", aKey(key), member], false);
  }

  zrevrank(key, member) {
    return this.run(["ZREVRANK", aKey(key), member], false);
  }

  /* --- ranges --------------------------------------------------------------------------------- */

  zrange(key, start, stop, options) {
    return this.#range("ZRANGE", key, start, stop, RANGE, options, false);
  }

  zrangeBytes(key, start, stop, options) {
    return this.#range("ZRANGE", key, start, stop, RANGE, options, true);
  }

  zrevrange(key, start, stop, options) {
    return this.#range("ZREVRANGE", key, start, stop, WITH_SCORES, options, false);
  }

  zrevrangeBytes(key, start, stop, options) {
    return this.#range("ZREVRANGE", key, start, stop, WITH_SCORES, options, true);
  }

  zrangebyscore(key, min, max, options) {
    return this.#range("ZRANGEBYSCORE", key, min, max, SCORED_PART, options, false);
  }

  zrangebyscoreBytes(key, min, max, options) {
    return this.#range("ZRANGEBYSCORE", key, min, max, SCORED_PART, options, true);
  }

  zrevrangebyscore(key, max, min, options) {
    return this.#range("ZREVRANGEBYSCORE", key, max, min, SCORED_PART, options, false);
  }

  zrevrangebyscoreBytes(key, max, min, options) {
    return this.#range("ZREVRANGEBYSCORE", key, max, min, SCORED_PART, options, true);
  }

  zrangebylex(key, min, max, options) {
    return this.#range("ZRANGEBYLEX", key, min, max, PART, options, false);
  }

  zrangebylexBytes(key, min, max, options) {
    return this.#range("ZRANGEBYLEX", key, min, max, PART, options, true);
  }

  zrevrangebylex(key, max, min, options) {
    return this.#range("ZREVRANGEBYLEX", key, max, min, PART, options, false);
  }

  zrevrangebylexBytes(key, max, min, options) {
    return this.#range("ZREVRANGEBYLEX", key, max, min, PART, options, true);
  }

  #range(command, key, first, second, allowed, options, asBytes) {
    const words = [command, aKey(key), ...bounds(first, second), ...rangeWords(allowed, options)];
    return members(this.run(words, asBytes), options);
  }

  zrangestore(destination, source, start, stop, options) {
    const keys = [aKey(destination, "destination"), aKey(source, "source")];
    const words = [...bounds(start, stop), ...rangeWords(RANGE_TO_STORE, options)];
    return this.run(["ZRANGESTORE", ...keys, ...words], false);
  }

  zremrangebyrank(key, start, stop) {
    return this.run(["ZREMRANGEBYRANK", aKey(key), ...bounds(start, stop)], false);
  }

  zremrangebyscore(key, min, max) {
    return this.run(["ZREMRANGEBYSCORE", aKey(key), ...bounds(min, max)], false);
  }

  zremrangebylex(key, min, max) {
    return this.run(["ZREMRANGEBYLEX", aKey(key), ...bounds(min, max)], false);
  }

  /* --- what is popped, drawn and scanned ------------------------------------------------------ */

  zpopmin(key, count) {
    return this.#zpop("ZPOPMIN", key, count, false);
  }

  zpopminBytes(key, count) {
    return this.#zpop("ZPOPMIN", key, count, true);
  }

  zpopmax(key, count) {
    return this.#zpop("ZPOPMAX", key, count, false);
  }

  zpopmaxBytes(key, count) {
    return this.#zpop("ZPOPMAX", key, count, true);
  }

  #zpop(command, key, count, asBytes) {
    const words = count === undefined ? [] : [aNumber(count, "count")];
    const popped = toMembers(this.run([command, aKey(key), ...words], asBytes));
    return count === undefined ? (popped[0] ?? null) : popped;
  }

  zmpop(keys, from, options) {
    return this.#zmpop(["ZMPOP"], keys, from, options, false);
  }

  zmpopBytes(keys, from, options) {
    return this.#zmpop(["ZMPOP"], keys, from, options, true);
  }

  #zmpop(words, keys, from, options, asBytes) {
    words.push(...countedKeys(keys), aKey(from, "from"), ...optionWords(COUNT, options));
    const reply = this.run(words, asBytes);
    return reply && { key: reply[0], members: toMembers(reply[1].flat()) };
  }

  /* Commands that would block answer at once. */

  bzpopmin(keys, timeout) {
    return this.#bzpop("BZPOPMIN", keys, timeout, false);
  }

  bzpopminBytes(keys, timeout) {
    return this.#bzpop("BZPOPMIN", keys, timeout, true);
  }

  bzpopmax(keys, timeout) {
    return this.#bzpop("BZPOPMAX", keys, timeout, false);
  }

  bzpopmaxBytes(keys, timeout) {
    return this.#bzpop("BZPOPMAX", keys, timeout, true);
  }

  #bzpop(command, keys, timeout = 0, asBytes) {
    const [, ...list] = countedKeys(keys);
    const reply = this.run([command, ...list, aNumber(timeout, "timeout")], asBytes);
    return reply && { key: reply[0], value: reply[1], score: toScore(reply[2]) };
  }

  bzmpop(keys, from, timeout = 0, options) {
    const words = ["BZMPOP", aNumber(timeout, "timeout")];
    return this.#zmpop(words, keys, from, options, false);
  }

  bzmpopBytes(keys, from, timeout = 0, options) {
    const words = ["BZMPOP", aNumber(timeout, "timeout")];
    return this.#zmpop(words, keys, from, options, true);
  }

  zrandmember(key, count, options) {
    return this.#zrandmember(key, count, options, false);
  }

  zrandmemberBytes(key, count, options) {
    return this.#zrandmember(key, count, options, true);
  }

  #zrandmember(key, count, options, asBytes) {
    const words = optionWords(WITH_SCORES, options);
    if (count !== undefined || words.length) words.unshift(aNumber(count, "count"));
    return members(this.run(["ZRANDMEMBER", aKey(key), ...words], asBytes), options);
  }

  zscan(key, cursor, options) {
    return this.#zscan(key, cursor, options, false);
  }

  zscanBytes(key, cursor, options) {
    return this.#zscan(key, cursor, options, true);
  }

  #zscan(key, cursor, options, asBytes) {
    const words = [aNumber(cursor, "cursor"), ...optionWords(SCAN, options)];
    const [next, flat] = this.run(["ZSCAN", aKey(key), ...words], asBytes);
    return { cursor: toText(next), members: toMembers(flat) };
  }

  *zscanIterator(key, options) {
    let page = { cursor: "0" };
    do yield* (page = this.zscan(key, page.cursor, options)).members;
    while (page.cursor !== "0");
  }

  *zscanIteratorBytes(key, options) {
    let page = { cursor: "0" };
    do yield* (page = this.zscanBytes(key, page.cursor, options)).members;
    while (page.cursor !== "0");
  }

  /* --- algebra of sorted sets ----------------------------------------------------------------- */

  zunion(keys, options) {
    return this.#algebra("ZUNION", keys, UNION, options, false);
  }

  zunionBytes(keys, options) {
    return this.#algebra("ZUNION", keys, UNION, options, true);
  }

  zinter(keys, options) {
    return this.#algebra("ZINTER", keys, UNION, options, false);
  }

  zinterBytes(keys, options) {
    return this.#algebra("ZINTER", keys, UNION, options, true);
  }

  zdiff(keys, options) {
    return this.#algebra("ZDIFF", keys, WITH_SCORES, options, false);
  }

  zdiffBytes(keys, options) {
    return this.#algebra("ZDIFF", keys, WITH_SCORES, options, true);
  }

  #algebra(command, keys, allowed, options, asBytes) {
    const words = [command, ...countedKeys(keys), ...unionWords(allowed, options)];
    return members(this.run(words, asBytes), options);
  }

  zunionstore(destination, keys, options) {
    const words = [...countedKeys(keys), ...unionWords(UNION_TO_STORE, options)];
    return this.run(["ZUNIONSTORE", aKey(destination, "destination"), ...words], false);
  }

  zinterstore(destination, keys, options) {
    const words = [...countedKeys(keys), ...unionWords(UNION_TO_STORE, options)];
    return this.run(["ZINTERSTORE", aKey(destination, "destination"), ...words], false);
  }

  zdiffstore(destination, keys) {
    return this.run(["ZDIFFSTORE", aKey(destination, "destination"), ...countedKeys(keys)], false);
  }

  zintercard(keys, options) {
    return this.run(["ZINTERCARD", ...countedKeys(keys), ...optionWords(LIMIT, options)], false);
  }

  /* --- algebra of sets ------------------------------------------------------------------------ */

  sunion(...keys) {
    return this.run(["SUNION", ...someKeys(keys)], false);
  }

  sunionBytes(...keys) {
    return this.run(["SUNION", ...someKeys(keys)], true);
  }

  sinter(...keys) {
    return this.run(["SINTER", ...someKeys(keys)], false);
  }

  sinterBytes(...keys) {
    return this.run(["SINTER", ...someKeys(keys)], true);
  }

  sdiff(...keys) {
    return this.run(["SDIFF", ...someKeys(keys)], false);
  }

  sdiffBytes(...keys) {
    return this.run(["SDIFF", ...someKeys(keys)], true);
  }

  sunionstore(destination, ...keys) {
    return this.run(["SUNIONSTORE", aKey(destination, "destination"), ...someKeys(keys)], false);
  }

  sinterstore(destination, ...keys) {
    return this.run(["SINTERSTORE", aKey(destination, "destination"), ...someKeys(keys)], false);
  }

  sdiffstore(destination, ...keys) {
    return this.run(["SDIFFSTORE", aKey(destination, "destination"), ...someKeys(keys)], false);
  }

  sintercard(keys, options) {
    return this.run(["SINTERCARD", ...countedKeys(keys), ...optionWords(LIMIT, options)], false);
  }

  /* --- sorting -------------------------------------------------------------------------------- */

  sort(key, options) {
    return this.run(["SORT", aKey(key), ...sortWords(SORT, options)], false);
  }

  sortBytes(key, options) {
    return this.run(["SORT", aKey(key), ...sortWords(SORT, options)], true);
  }

  sort_ro(key, options) {
    return this.run(["SORT_RO", aKey(key), ...sortWords(SORT_RO, options)], false);
  }

  sort_roBytes(key, options) {
    return this.run(["SORT_RO", aKey(key), ...sortWords(SORT_RO, options)], true);
  }
}

/* --- arguments -------------------------------------------------------------------------------- */

function isOptions(value) {
  return isRecord(value) && !("score" in value || "value" in value);
}

function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isBytes(value);
}

// Scores and members by turns, [score, member] or { score, value }, or lists of these.
function scoredWords(word) {
  if (Array.isArray(word)) return word.flatMap(scoredWords);
  return isRecord(word) ? [word.score, word.value] : [word];
}

// Values have to be finite, scores have not.
function aScore(score, name) {
  return score === Infinity || score === -Infinity ? String(score) : aNumber(score, name);
}

// Ranks and scores are numbers or text, names are text or bytes.
function bounds(first, second) {
  return [aBound(first), aBound(second)];
}

function aBound(bound) {
  return isBytes(bound) ? bound : aScore(bound, "bound");
}

// { offset, count } as LIMIT has it.
function withLimit(options) {
  if (options?.limit === undefined) return options;
  const { limit } = options;
  if (!isRecord(limit)) throw refusal('option "limit"', limit, "{ offset, count }");
  const { offset = 0, count = -1 } = limit;
  return { ...options, limit: [aNumber(offset, "offset"), aNumber(count, "count")] };
}

// { by: "score" } is BYSCORE.
function rangeWords(allowed, options) {
  if (options?.by === undefined) return optionWords(allowed, withLimit(options));
  const { by, ...others } = options;
  const word = typeof by === "string" && { score: "BYSCORE", lex: "BYLEX" }[by.toLowerCase()];
  if (!Object.hasOwn(allowed, "by") || !word) {
    throw refusal('option "by"', by, '"score", "lex"');
  }
  return [word, ...optionWords(allowed, withLimit(others))];
}

function unionWords(allowed, options) {
  if (!Array.isArray(options?.weights)) return optionWords(allowed, options);
  const weights = options.weights.map((weight) => aScore(weight, "weight"));
  return optionWords(allowed, { ...options, weights });
}

// Several patterns of get are a GET each.
function sortWords(allowed, options) {
  if (!Array.isArray(options?.get)) return optionWords(allowed, withLimit(options));
  const { get, ...others } = options;
  const words = get.flatMap((pattern) => ["GET", aKey(pattern, 'option "get"')]);
  return [...optionWords(allowed, withLimit(others)), ...words];
}

/* --- replies ---------------------------------------------------------------------------------- */

function toText(text) {
  return isBytes(text) ? String.fromCharCode(...text) : text;
}

function toScore(text) {
  if (text === null) return null;
  const digits = toText(text);
  return digits.endsWith("inf") ? Number(`${digits}inity`.replace("i", "I")) : Number(digits);
}

function toMembers(flat) {
  const members = [];
  for (let i = 0; i < flat.length; i += 2) {
    members.push({ value: flat[i], score: toScore(flat[i + 1]) });
  }
  return members;
}

// As names, or with their scores if these were asked for.
function members(reply, options) {
  return options?.withScores ? toMembers(reply) : reply;
}
