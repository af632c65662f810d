// When two replies agree. Byte for byte, except where Redis promises no order, where the clock
// moves between the two sides, or where a figure is the server's own. Error replies always agree byte
// for byte, but that one which repeats hundreds of bytes of the request may be cut.
//
// A rule takes the replies of both sides (see resp.mjs) and gives null, or what differs. Behind them
// it is given the replies to the first command sent ahead (`before` in grammar.mjs), for those that ask.

import { FUTURE_S, FUTURE_SPAN_S } from "./arguments.mjs";
import { BUDGET_BYTES } from "./peers.mjs";

const CUT_FROM = 500; // bytes of an error
const CUT_AGREES = 400;

export const exact = (redis, ours) => {
  if (redis.raw === ours.raw) return null;
  const cut = redis.type === "-" && redis.raw.length > CUT_FROM && ours.raw.length > CUT_AGREES;
  if (cut && redis.raw.slice(0, CUT_AGREES) === ours.raw.slice(0, CUT_AGREES)) return null;
  return "not the same bytes";
};

/** Makes a rule exact for errors and for null, and sure that both replies are of one type. */
const lenient =
  (rule) =>
  (redis, ours, ...rest) => {
    if (redis.type !== ours.type) return "not the same type";
    if (redis.type === "-" || redis.value === null || ours.value === null)
      return exact(redis, ours);
    return rule(redis, ours, ...rest);
  };

const near = (tolerance) => (redis, ours) => {
  const [a, b] = [Number(redis.value), Number(ours.value)];
  if (a < 0 || b < 0) return exact(redis, ours);
  return Math.abs(a - b) <= tolerance ? null : `more than ${tolerance} apart`;
};

/** Times to live, counted down by two clocks. */
export const secondsLeft = lenient(near(2));
export const millisecondsLeft = lenient(near(2000));

// An expiry given as a point in time is kept exactly; arguments.mjs puts those in one window.
const given = (perSecond) => {
  const least = BigInt(FUTURE_S) * perSecond;
  const most = least + BigInt(FUTURE_SPAN_S) * perSecond;
  return (reply) => BigInt(reply.value) >= least && BigInt(reply.value) <= most;
};
const pointInTime = (isGiven, tolerance) =>
  lenient((redis, ours) => (isGiven(redis) ? exact : near(tolerance))(redis, ours));
export const expirySeconds = pointInTime(given(1n), 2);
export const expiryMilliseconds = pointInTime(given(1000n), 2000);

const texts = (reply) => reply.value.map((item) => item.value);
const sortedRaw = (items) => items.map((item) => item.raw).sort();
const sameLists = (a, b) => a.length === b.length && a.every((item, i) => item === b[i]);

/** Scores that may be -0, which is 0. */
export const unsignedZeros = lenient((redis, ours) => {
  const unsigned = ({ raw }) =>
    raw.replace(/,-0\r\n|\$2\r\n-0\r\n/g, (text) => (text[0] === "," ? ",0\r\n" : "$1\r\n0\r\n"));
  return unsigned(redis) === unsigned(ours) ? null : "not the same scores";
});

/** Bytes that each side has its own of. */
export const present = lenient(() => null);

/** Lists whose order is nobody's business. */
export const unordered = lenient((redis, ours) =>
  sameLists(sortedRaw(redis.value), sortedRaw(ours.value)) ? null : "not the same items",
);

/** Fields and their values, likewise. */
export const unorderedPairs = lenient((redis, ours) => {
  const pairs = ({ value }) =>
    value.flatMap((item, i) => (i % 2 ? [] : [{ raw: item.raw + value[i + 1].raw }]));
  return sameLists(sortedRaw(pairs(redis)), sortedRaw(pairs(ours))) ? null : "not the same pairs";
});

/** Members and scores: fractions may be distances, whose last digit is up to redis's C library (and
 * half around the earth, where the arc sine is steep, eight times as much), and -0 is 0 here. */
export const scores = lenient((redis, ours) => {
  const [theirs, mine] = [redis, ours].map(({ value }) =>
    value.flatMap((item) => (item.type === "*" ? item.value : item)),
  );
  if (theirs.length !== mine.length) return "not as many";
  const last = 16 * Number.EPSILON;
  const nearly = (a, b) =>
    (a === "-0" && b === "0") || (/\.\d{9}/.test(a) && Math.abs(a - b) <= last * a);
  return theirs.every(
    (item, i) => item.raw === mine[i].raw || (i % 2 === 1 && nearly(item.value, mine[i].value)),
  )
    ? null
    : "not the same members and scores";
});

/** A figure of the server's own. */
export const anyInteger = lenient((redis, ours) =>
  redis.type === ":" && /^\d+$/.test(ours.value) ? null : "not a figure",
);

/** Behind [KEYS *]: a random key exists. */
export const member = lenient((redis, ours, redisKeys, oursKeys) => {
  const all = [...texts(redisKeys), ...texts(oursKeys)];
  return all.includes(redis.value) && all.includes(ours.value) ? null : "no such key";
});

/** Behind [KEYS *]: one step of a scan gives a cursor and keys that exist. */
export const scanStep = lenient((redis, ours, redisKeys, oursKeys) => {
  const [cursor, keys] = ours.value;
  if (cursor?.type !== "$" || !/^\d+$/.test(cursor.value)) return "not a cursor";
  if (keys?.type !== "*" || ours.value.length !== 2) return "not a list of keys";
  const all = new Set(texts(oursKeys));
  return texts(keys).every((key) => all.has(key)) ? null : "no such key";
});

/** Names, or names and values in turn or in lists of two, each as one text. */
const drawnItems = (reply, inPairs) => {
  const raws = reply.value.flatMap((item) => (item.type === "*" ? item.value : item));
  const items = [];
  for (let i = 0; i < raws.length; i += inPairs ? 2 : 1)
    items.push(raws[i].raw + (inPairs ? raws[i + 1].raw : ""));
  return items;
};

/** Behind [all there is]: as many drawn at random, in the same form, each of which exists. */
const drawn = (inPairs, once) =>
  lenient((redis, ours, redisAll, oursAll) => {
    const all = new Set(drawnItems(oursAll, inPairs));
    if (redis.type === "$") return all.has(ours.raw) ? null : "no such item";
    if (redis.value.length !== ours.value.length) return "not as many";
    if (redis.value[0]?.type !== ours.value[0]?.type) return "not in the same form";
    const items = drawnItems(ours, inPairs);
    if (!items.every((item) => all.has(item))) return "no such item";
    return once && new Set(items).size !== items.length ? "one came twice" : null;
  });
export const drawnOnce = drawn(false, true);
export const drawnAgain = drawn(false, false);
export const pairsDrawnOnce = drawn(true, true);
export const pairsDrawnAgain = drawn(true, false);

// --- what servers say of themselves ------------------------------------------------------------

/** The entries of a map, or of a list of names and values in turn. */
const entries = (reply) => {
  const map = new Map();
  for (let i = 0; i + 1 < reply.value.length; i += 2)
    map.set(reply.value[i].value, reply.value[i + 1]);
  return map;
};

const SETTINGS = ["maxmemory", "maxmemory-policy", "maxmemory-samples"];
// No limit is the initial budget where the budget is a promise.
const figure = (value) => (value === "0" ? String(BUDGET_BYTES) : value);

/** CONFIG GET: of the settings that exist on both sides, the same; and no others on ours. */
export const settings = lenient((redis, ours) => {
  const [theirs, mine] = [entries(redis), entries(ours)];
  for (const name of SETTINGS) {
    if (theirs.has(name) !== mine.has(name)) return `${name} is on one side only`;
    if (theirs.has(name) && figure(theirs.get(name).value) !== figure(mine.get(name).value))
      return `${name} differs`;
  }
  for (const [name, item] of mine) {
    if (!theirs.has(name)) return `${name} is no setting of redis`;
    if (theirs.get(name).type !== item.type) return `${name} is of another type`;
  }
  return null;
});

// Lines of INFO that must agree, each reduced to what does not depend on the server.
const INFO_FIELDS = {
  maxmemory: figure,
  maxmemory_policy: (text) => text,
  keyspace_hits: (text) => /^\d+$/.test(text),
  keyspace_misses: (text) => /^\d+$/.test(text),
  evicted_keys: (text) => text,
  db0: (text) => /^keys=\d+,expires=\d+/.exec(text)?.[0],
  used_memory: (text) => /^[1-9]\d*$/.test(text),
  expired_keys: (text) => /^\d+$/.test(text),
  total_commands_processed: (text) => /^\d+$/.test(text),
};

const STATISTICS = { keyspace_hits: (text) => text, keyspace_misses: (text) => text };

const infoFields = (text) => new Map(text.split("\r\n").map((line) => line.split(/:(.*)/s)));

const sameFields = (fields) =>
  lenient((redis, ours) => {
    const [theirs, mine] = [infoFields(redis.value), infoFields(ours.value)];
    for (const [name, reduce] of Object.entries(fields)) {
      if (theirs.has(name) !== mine.has(name)) return `${name} is on one side only`;
      if (theirs.has(name) && reduce(theirs.get(name)) !== reduce(mine.get(name)))
        return `${name}: ${theirs.get(name)} there, ${mine.get(name)} here`;
    }
    return null;
  });

/** Behind [SCAN 0 COUNT all], which makes redis forget what has expired. */
export const info = sameFields(INFO_FIELDS);

/** Behind [CONFIG RESETSTAT, some lookups]. */
export const infoStatistics = sameFields(STATISTICS);

/** MEMORY STATS: a subset of redis's figures, of the same types; the number of keys agrees. */
export const memoryStats = lenient((redis, ours) => {
  const [theirs, mine] = [entries(redis), entries(ours)];
  for (const name of ["peak.allocated", "total.allocated", "keys.count"])
    if (!mine.has(name)) return `${name} is missing`;
  for (const [name, item] of mine)
    if (theirs.get(name)?.type !== item.type) return `${name} is not as in redis`;
  return exact(theirs.get("keys.count"), mine.get("keys.count")) && "keys.count differs";
});

/** HELP: redis's first line, and what else there is in a line each. */
export const help = lenient((redis, ours) => {
  if (exact(redis.value[0], ours.value[0])) return "not the same first line";
  return ours.value.length > 1 && ours.value.every((line) => line.type === "+") ? null : "no help";
});

/** COMMAND COUNT: ours are some of redis's. */
export const fewerCommands = lenient((redis, ours) =>
  Number(ours.value) > 0 && Number(ours.value) <= Number(redis.value) ? null : "not a count",
);

/** One command of COMMAND INFO: name, arity, flags and key positions agree. */
const commandInfo = (redis, ours) => {
  if (redis.value === null || ours.value === null) return exact(redis, ours);
  const name = redis.value[0].value;
  for (const i of [0, 1, 3, 4, 5])
    if (exact(redis.value[i], ours.value[i])) return `${name}: element ${i} differs`;
  if (redis.value.length !== ours.value.length) return `${name}: not as many elements`;
  if (redis.value[2].type !== ours.value[2].type) return `${name}: flags are not of the same type`;
  if (!sameLists(sortedRaw(redis.value[2].value), sortedRaw(ours.value[2].value)))
    return `${name}: flags ${texts(redis.value[2])} there, ${texts(ours.value[2])} here`;
  for (let i = 6; i < redis.value.length; i++)
    if (redis.value[i].type !== ours.value[i].type)
      return `${name}: element ${i} is of another type`;
  return null;
};

/** COMMAND INFO of given names: one answer for each, in their order. */
export const commandInfos = lenient((redis, ours) => {
  if (redis.value.length !== ours.value.length) return "not as many commands";
  for (let i = 0; i < redis.value.length; i++) {
    const difference = commandInfo(redis.value[i], ours.value[i]);
    if (difference) return difference;
  }
  return null;
});

/** What redis has only with a module, or since 7.4. */
const NOT_IN_REDIS = [
  "cl.throttle",
  ...["hexpire", "hexpireat", "hexpiretime", "hpersist", "hpexpire"],
  ...["hpexpireat", "hpexpiretime", "hpttl", "httl"],
];

/** COMMAND: each of ours is one of redis's. */
export const allCommands = lenient((redis, ours) => {
  const theirs = new Map(redis.value.map((item) => [item.value[0].value, item]));
  if (ours.value.length === 0) return "no commands";
  for (const item of ours.value) {
    const name = item.value[0].value;
    if (NOT_IN_REDIS.includes(name)) continue;
    if (!theirs.has(name)) return `${name} is no command of redis`;
    const difference = commandInfo(theirs.get(name), item);
    if (difference) return difference;
  }
  return null;
});

// In brief: since when, and which group; more only if it is of the same form.
const docsDiffer = (name, redis, ours) => {
  const [theirs, mine] = [entries(redis), entries(ours)];
  for (const [field, item] of mine)
    if (theirs.get(field)?.type !== item.type) return `${name}: ${field} is not as in redis`;
  for (const field of ["since", "group"])
    if (theirs.get(field).value !== mine.get(field)?.value) return `${name}: ${field} differs`;
  return null;
};

const docs = (sameNames) =>
  lenient((redis, ours) => {
    const [theirs, mine] = [entries(redis), entries(ours)];
    if (sameNames && !sameLists([...theirs.keys()], [...mine.keys()])) return "not the same names";
    for (const [name, item] of mine) {
      if (NOT_IN_REDIS.includes(name)) continue;
      if (!theirs.has(name)) return `${name} is no command of redis`;
      const difference = docsDiffer(name, theirs.get(name), item);
      if (difference) return difference;
    }
    return null;
  });

export const commandDocs = docs(true);
export const allCommandDocs = docs(false);
