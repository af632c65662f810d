// The table of what is compared: every command, the arguments and options it is given, the rule its
// replies are compared by, and every error it can answer. Coverage is demanded from this table: each
// command and option must have succeeded often enough, and each error must have been seen. An error
// that redis answers and the table does not know fails the test too, so the table is complete.
//
// To add a family, add rows (command.mjs says what is in one), and to FACTS how to read a value of its
// type.

import * as any from "./arguments.mjs";
import { key, mostly, oneOf, options, repeat, value } from "./arguments.mjs";
import { command } from "./command.mjs";
import * as rules from "./rules.mjs";

// --- errors ("…" stands for anything) -------------------------------------------------------------

const SYNTAX = "ERR syntax error";
const NOT_INTEGER = "ERR value is not an integer or out of range";
const OVERFLOW = "ERR increment or decrement would overflow";
const EXPIRE_TIME = "ERR invalid expire time in '…' command";
const EXPIRE_OPTIONS = [
  "ERR Unsupported option …",
  "ERR NX and XX, GT or LT options at the same time are not compatible",
  "ERR GT and LT options at the same time are not compatible",
];

const WRONG_TYPE = ["WRONGTYPE Operation against a key holding the wrong kind of value"];

// --- connection -----------------------------------------------------------------------------------

const CONNECTION = [command("PING", repeat(0, 1, value)).weighs(2), command("ECHO", value)];

// --- strings --------------------------------------------------------------------------------------

const EXPIRY = {
  EX: [any.seconds],
  PX: [any.milliseconds],
  EXAT: [any.unixSeconds],
  PXAT: [any.unixMilliseconds],
};
const keyAndValue = (context) => [key(context), value(context)];
const summand = mostly(any.integer, any.edgeInteger, 0.3);

const STRINGS = [
  command("GET", key)
    .answers(...WRONG_TYPE)
    .weighs(3),
  command("SET", key, value).answers(SYNTAX).weighs(6),
  command("SET", key, value, options({ ...EXPIRY, NX: [], XX: [], KEEPTTL: [], GET: [] }, 1))
    .answers(SYNTAX, NOT_INTEGER, EXPIRE_TIME, ...WRONG_TYPE)
    .weighs(8),
  command("SETNX", key, value),
  command("SETEX", key, any.seconds, value).answers(NOT_INTEGER, EXPIRE_TIME),
  command("PSETEX", key, any.milliseconds, value).answers(NOT_INTEGER, EXPIRE_TIME),
  command("GETSET", key, value).answers(...WRONG_TYPE),
  command("GETDEL", key).answers(...WRONG_TYPE),
  command("GETEX", key, options({ ...EXPIRY, PERSIST: [] }, 0.9))
    .answers(SYNTAX, NOT_INTEGER, EXPIRE_TIME, ...WRONG_TYPE)
    .weighs(5),
  command("MGET", repeat(1, 6, key)),
  command("MSET", repeat(1, 4, keyAndValue)),
  command("MSETNX", repeat(1, 3, keyAndValue)),
  command("APPEND", key, value)
    .answers(...WRONG_TYPE)
    .weighs(2),
  command("STRLEN", key).answers(...WRONG_TYPE),
  command("GETRANGE", key, any.index, any.index)
    .answers(NOT_INTEGER, ...WRONG_TYPE)
    .weighs(2),
  command("SUBSTR", key, any.index, any.index).answers(NOT_INTEGER, ...WRONG_TYPE),
  command("SETRANGE", key, any.offset, value)
    .answers(NOT_INTEGER, "ERR offset is out of range", ...WRONG_TYPE)
    .answers("ERR string exceeds maximum allowed size (proto-max-bulk-len)")
    .weighs(2),
  command("INCR", key)
    .answers(NOT_INTEGER, OVERFLOW, ...WRONG_TYPE)
    .weighs(2),
  command("DECR", key)
    .answers(NOT_INTEGER, OVERFLOW, ...WRONG_TYPE)
    .weighs(2),
  command("INCR", any.edgeKey)
    .behind(any.edgeValue)
    .answers(NOT_INTEGER, OVERFLOW, ...WRONG_TYPE)
    .weighs(0.5),
  command("DECR", any.edgeKey)
    .behind(any.edgeValue)
    .answers(NOT_INTEGER, OVERFLOW, ...WRONG_TYPE)
    .weighs(0.5),
  command("INCRBY", key, summand)
    .answers(NOT_INTEGER, OVERFLOW, ...WRONG_TYPE)
    .weighs(2),
  command("DECRBY", key, summand)
    .answers(NOT_INTEGER, OVERFLOW, "ERR decrement would overflow", ...WRONG_TYPE)
    .weighs(2),
  command("INCRBYFLOAT", key, any.float)
    .answers("ERR value is not a valid float", ...WRONG_TYPE)
    .answers("ERR increment would produce NaN or Infinity")
    .weighs(6),
];

// --- sketches -------------------------------------------------------------------------------------

const NOT_SKETCH = "WRONGTYPE Key is not a valid HyperLogLog string value.";
const CORRUPT = "INVALIDOBJ Corrupted HLL object detected";
const sketch = (name, ...args) =>
  command(name, ...args).answers(NOT_SKETCH, CORRUPT, ...WRONG_TYPE);

const SKETCHES = [
  sketch("PFADD", any.sketchKey, any.sketchElements).weighs(5),
  sketch("PFADD", any.sketchKey, any.sketchElements).behind(any.oddSketch),
  sketch("PFADD", any.badSketchKey, value).behind(any.badSketch).unspoilt(),
  sketch("PFCOUNT", any.sketchKey).weighs(2),
  sketch("PFCOUNT", repeat(1, 4, any.sketchKey)).weighs(2),
  sketch("PFCOUNT", repeat(1, 2, any.sketchKey)).behind(any.oddSketch),
  sketch("PFCOUNT", repeat(0, 2, any.sketchKey), any.badSketchKey)
    .behind(any.badSketch)
    .unspoilt(),
  sketch("PFMERGE", repeat(1, 4, any.sketchKey)).weighs(3),
  sketch("PFMERGE", repeat(1, 4, any.sketchKey)).behind(any.oddSketch),
  sketch("PFMERGE", repeat(0, 2, any.sketchKey), any.badSketchKey)
    .behind(any.badSketch)
    .unspoilt(),
];

// --- bits and subsequences of strings -------------------------------------------------------------

const BIT_OFFSET = "ERR bit offset is not an integer or out of range";
const FIELD_ERRORS = [
  SYNTAX,
  NOT_INTEGER,
  BIT_OFFSET,
  "ERR Invalid OVERFLOW type specified",
  "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.",
  ...WRONG_TYPE,
];
const NOT_STRINGS = WRONG_TYPE.map(() => "ERR The specified keys must contain string values");
const SUBSEQUENCE_ERRORS = [
  SYNTAX,
  NOT_INTEGER,
  "ERR If you want both the length and indexes, please just use IDX.",
  ...NOT_STRINGS,
];

const BITS = [
  command("SETBIT", key, any.bitToWrite, any.bit)
    .answers(BIT_OFFSET, "ERR bit is not an integer or out of range", ...WRONG_TYPE)
    .weighs(3),
  command("GETBIT", key, any.bitToRead)
    .answers(BIT_OFFSET, ...WRONG_TYPE)
    .weighs(2),
  command("BITCOUNT", key, any.span)
    .answers(SYNTAX, NOT_INTEGER, ...WRONG_TYPE)
    .weighs(2),
  command("BITCOUNT", any.firstKey, any.span)
    .behind(any.bitRun)
    .answers(SYNTAX, NOT_INTEGER, ...WRONG_TYPE)
    .weighs(2),
  command("BITPOS", key, any.bit, any.span)
    .answers(SYNTAX, NOT_INTEGER, "ERR The bit argument must be 1 or 0.", ...WRONG_TYPE)
    .weighs(2),
  command("BITPOS", any.firstKey, any.bit, any.span)
    .behind(any.bitRun)
    .answers(SYNTAX, NOT_INTEGER, "ERR The bit argument must be 1 or 0.", ...WRONG_TYPE)
    .weighs(3),
  command("BITOP", any.bitOperation)
    .answers(SYNTAX, "ERR BITOP NOT must be called with a single source key.", ...WRONG_TYPE)
    .weighs(4),
  command("BITFIELD", key, any.fieldWrites)
    .answers(...FIELD_ERRORS)
    .weighs(8),
  command("BITFIELD", key, any.fieldReads)
    .answers(...FIELD_ERRORS)
    .weighs(2),
  command("BITFIELD_RO", key, any.fieldReads)
    .answers(...FIELD_ERRORS)
    .weighs(4),
  command("BITFIELD_RO", key, (context) => any.fieldWrites(context))
    .answers(...FIELD_ERRORS, "ERR BITFIELD_RO only supports the GET subcommand")
    .weighs(1),
  command("LCS", key, key, any.subsequenceOptions)
    .answers(...SUBSEQUENCE_ERRORS)
    .weighs(2),
  command("LCS", any.firstKey, any.secondKey, any.subsequenceOptions)
    .behind(any.related)
    .answers(...SUBSEQUENCE_ERRORS)
    .weighs(4),
  command("LCS", any.firstKey, any.secondKey)
    .behind(any.vast)
    .answers("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len")
    .unspoilt()
    .weighs(0.1),
];

// --- keys of any type -----------------------------------------------------------------------------

const FLUSH = options({ ASYNC: [], SYNC: [] }, 0.9);
const CONDITION = options({ NX: [], XX: [], GT: [], LT: [] });
const DATABASE = oneOf("0", "0", "0", "0", "1", "-1", "x", "2147483648");

// Asked first, so that the reply behind can be judged.
const allKeys = () => [["KEYS", "*"]];
const forgetExpired = () => [["SCAN", "0", "COUNT", "1000000"]];

const KEYS = [
  command("DEL", repeat(1, 3, key)),
  command("UNLINK", repeat(1, 3, key)),
  command("EXISTS", repeat(1, 4, key)),
  command("TYPE", key),
  command("TOUCH", repeat(1, 3, key)),
  command("EXPIRE", key, any.seconds, CONDITION)
    .answers(NOT_INTEGER, EXPIRE_TIME, ...EXPIRE_OPTIONS)
    .weighs(3),
  command("PEXPIRE", key, any.milliseconds, CONDITION)
    .answers(NOT_INTEGER, EXPIRE_TIME, ...EXPIRE_OPTIONS)
    .weighs(3),
  command("EXPIREAT", key, any.unixSeconds, CONDITION)
    .answers(NOT_INTEGER, EXPIRE_TIME, ...EXPIRE_OPTIONS)
    .weighs(3),
  // To PEXPIREAT alone every integer is a time.
  command("PEXPIREAT", key, any.unixMilliseconds, CONDITION)
    .answers(NOT_INTEGER, ...EXPIRE_OPTIONS)
    .weighs(3),
  command("TTL", key).judgedBy(rules.secondsLeft),
  command("PTTL", key).judgedBy(rules.millisecondsLeft),
  command("EXPIRETIME", key).judgedBy(rules.expirySeconds),
  command("PEXPIRETIME", key).judgedBy(rules.expiryMilliseconds),
  command("PERSIST", key),
  command("RENAME", key, key).answers("ERR no such key"),
  command("RENAMENX", key, key).answers("ERR no such key"),
  command("COPY", key, key, options({ DB: [DATABASE], REPLACE: [] }))
    .answers(SYNTAX, NOT_INTEGER, "ERR DB index is out of range")
    .answers("ERR value is out of range, value must between -2147483648 and 2147483647")
    .answers("ERR source and destination objects are the same")
    .weighs(3),
  command("DUMP", key).judgedBy(rules.present),
  command(
    "RESTORE",
    key,
    any.ttl,
    any.payload,
    options({ REPLACE: [], ABSTTL: [], FREQ: [any.figure] }),
  )
    .answers(SYNTAX, NOT_INTEGER, "ERR Invalid TTL value, must be >= 0", "ERR Bad data format")
    .answers("BUSYKEY Target key name already exists.")
    .answers("ERR DUMP payload version or checksum are wrong")
    .answers("ERR Invalid FREQ value, must be >= 0 and <= 255")
    .weighs(3),
  command("RESTORE", key, "0", any.payload, "REPLACE", options({ IDLETIME: [any.figure] }, 1))
    .answers(SYNTAX, NOT_INTEGER, "ERR Bad data format")
    .answers("ERR DUMP payload version or checksum are wrong")
    .answers("ERR Invalid IDLETIME value, must be >= 0"),
  command("RANDOMKEY").behind(allKeys).judgedBy(rules.member),
  command("KEYS", any.pattern).judgedBy(rules.unordered).weighs(2),
  command("SCAN", "0", any.scanOptions).answers(SYNTAX, NOT_INTEGER).toTheEnd().weighs(0.4),
  command("SCAN", "0", any.scanOptions, any.rareGarbage)
    .behind(allKeys)
    .answers(SYNTAX, NOT_INTEGER)
    .judgedBy(rules.scanStep)
    .unspoilt(),
  command("SCAN", repeat(0, 1, any.cursor), any.scanOptions)
    .behind(allKeys)
    .answers("ERR invalid cursor", SYNTAX, NOT_INTEGER)
    .judgedBy(rules.scanStep)
    .unspoilt(),
  command("DBSIZE").behind(forgetExpired),
  command("FLUSHDB", FLUSH).answers(SYNTAX).ofAnyLength(),
  command("FLUSHALL", FLUSH).answers(SYNTAX).ofAnyLength(),
];

// --- collections ----------------------------------------------------------------------------------

const { hashKey, listKey, setKey, sortedKey, flatKey, element } = any;
const { firstHash, firstSet, firstSorted, allFields, allMembers, allScores, allRanked } = any;

const POSITIVE = "ERR value is out of range, must be positive";
const END = oneOf("LEFT", "RIGHT", "left", "Right", "LEFT", "RIGHT", "MIDDLE");
const BETWEEN =
  "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807";
const NOT_FLOAT = "ERR value is not a valid float";
const CURSOR = "ERR invalid cursor";
const NOT_COUNTED = ["ERR numkeys should be greater than 0", "ERR count should be greater than 0"];
const NOT_TIMEOUT = ["ERR timeout is not a float or out of range", "ERR timeout is negative"];
const MORE_KEYS = "ERR Number of keys can't be greater than number of args";
const COUNTED = options({ COUNT: [any.count] }, 0.5);
// Which members are popped is up to chance, unless all are.
const ALL_OR_WORSE = oneOf("1000000", "1000000", "2147483647", "-1", "x", "0", "1.5");

const HASHES = [
  command("HSET", hashKey, any.fieldsAndValues)
    .answers(...WRONG_TYPE)
    .weighs(6),
  command("HMSET", hashKey, any.fieldsAndValues).answers(...WRONG_TYPE),
  command("HSETNX", hashKey, element, element).answers(...WRONG_TYPE),
  command("HGET", hashKey, element)
    .answers(...WRONG_TYPE)
    .weighs(2),
  command("HMGET", hashKey, any.elements).answers(...WRONG_TYPE),
  command("HMGET", repeat(0, 1, hashKey))
    .inVain()
    .unspoilt()
    .weighs(0.2),
  command("HGETALL", hashKey)
    .answers(...WRONG_TYPE)
    .judgedBy(rules.unorderedPairs),
  command("HKEYS", hashKey)
    .answers(...WRONG_TYPE)
    .judgedBy(rules.unordered),
  command("HVALS", hashKey)
    .answers(...WRONG_TYPE)
    .judgedBy(rules.unordered),
  command("HLEN", hashKey).answers(...WRONG_TYPE),
  command("HSTRLEN", hashKey, element).answers(...WRONG_TYPE),
  command("HEXISTS", hashKey, element).answers(...WRONG_TYPE),
  command("HDEL", hashKey, any.elements)
    .answers(...WRONG_TYPE)
    .weighs(2),
  command("HINCRBY", hashKey, element, summand)
    .answers(NOT_INTEGER, "ERR hash value is not an integer", ...WRONG_TYPE)
    .weighs(3),
  command("HINCRBY", hashKey, oneOf("e0", "e1"), any.edgeInteger).answers(OVERFLOW).weighs(5),
  command("HINCRBYFLOAT", hashKey, element, any.float)
    .answers(NOT_FLOAT, "ERR hash value is not a float", "ERR value is NaN or Infinity")
    .answers(...WRONG_TYPE)
    .weighs(4),
  command("HINCRBYFLOAT", hashKey, oneOf("e0", "e1"), oneOf(...any.HUGE_FLOATS))
    .answers("ERR increment would produce NaN or Infinity")
    .weighs(2),
  command("HRANDFIELD", firstHash).behind(allFields).judgedBy(rules.drawnOnce).unspoilt(),
  command("HRANDFIELD", firstHash, any.drawOnce)
    .behind(allFields)
    .judgedBy(rules.drawnOnce)
    .unspoilt(),
  command("HRANDFIELD", firstHash, any.drawAgain)
    .behind(allFields)
    .answers(BETWEEN)
    .judgedBy(rules.drawnAgain)
    .unspoilt(),
  command("HRANDFIELD", firstHash, any.drawOnce, options({ WITHVALUES: [] }, 1))
    .behind(allFields)
    .answers(SYNTAX, "ERR value is out of range")
    .judgedBy(rules.pairsDrawnOnce)
    .unspoilt()
    .weighs(2),
  command("HRANDFIELD", firstHash, any.drawAgain, options({ WITHVALUES: [] }, 1))
    .behind(allFields)
    .judgedBy(rules.pairsDrawnAgain)
    .unspoilt(),
  command("HRANDFIELD", hashKey, any.drawNone, any.rareGarbage)
    .answers(NOT_INTEGER, ...WRONG_TYPE)
    .unspoilt()
    .weighs(5),
  command("HRANDFIELD").inVain().unspoilt().weighs(0.2),
  command("HSCAN", hashKey, "0", any.itemScanOptions)
    .answers(SYNTAX, NOT_INTEGER, ...WRONG_TYPE)
    .toTheEnd(),
  command("HSCAN", firstHash, "0", "COUNT", oneOf("x", "1.5")).answers(NOT_INTEGER).unspoilt(),
  command("HSCAN", firstHash, any.cursor, any.itemScanOptions, any.rareGarbage)
    .behind(allFields)
    .answers(CURSOR)
    .judgedBy(rules.scanStep)
    .unspoilt(),
  command("HSCAN", repeat(0, 1, hashKey))
    .inVain()
    .unspoilt()
    .weighs(0.2),
];

const LISTS = [
  command("LPUSH", listKey, any.elements)
    .answers(...WRONG_TYPE)
    .weighs(3),
  command("RPUSH", listKey, any.elements)
    .answers(...WRONG_TYPE)
    .weighs(3),
  command("LPUSHX", listKey, any.elements).answers(...WRONG_TYPE),
  command("RPUSHX", listKey, any.elements).answers(...WRONG_TYPE),
  command("LLEN", listKey).answers(...WRONG_TYPE),
  command("LRANGE", listKey, any.index, any.index)
    .answers(NOT_INTEGER, ...WRONG_TYPE)
    .weighs(2),
  command("LINDEX", listKey, any.index)
    .answers(NOT_INTEGER, ...WRONG_TYPE)
    .weighs(2),
  command("LSET", listKey, any.index, element)
    .answers(NOT_INTEGER, "ERR no such key", "ERR index out of range", ...WRONG_TYPE)
    .weighs(12),
  command("LSET", listKey, oneOf("0", "-1", "1"), element)
    .answers("ERR no such key", "ERR index out of range", ...WRONG_TYPE)
    .unspoilt(),
  command("LINSERT", listKey, oneOf("BEFORE", "after", "AFTER", "at"), element, element)
    .answers(SYNTAX, ...WRONG_TYPE)
    .weighs(3),
  command("LREM", listKey, any.index, element)
    .answers(NOT_INTEGER, ...WRONG_TYPE)
    .weighs(2),
  command("LPOP", listKey).answers(...WRONG_TYPE),
  command("RPOP", listKey).answers(...WRONG_TYPE),
  command("LPOP", listKey, any.count).answers(POSITIVE, ...WRONG_TYPE),
  command("RPOP", listKey, any.count).answers(POSITIVE, ...WRONG_TYPE),
  command("RPOPLPUSH", listKey, listKey).answers(...WRONG_TYPE),
  command("LMOVE", listKey, listKey, END, END)
    .answers(SYNTAX, ...WRONG_TYPE)
    .weighs(2),
  command("LTRIM", listKey, any.index, any.index).answers(NOT_INTEGER, ...WRONG_TYPE),
  command(
    "LPOS",
    listKey,
    element,
    options({ RANK: [any.index], COUNT: [any.count], MAXLEN: [any.count] }, 0.8),
  )
    .answers(SYNTAX, NOT_INTEGER, ...WRONG_TYPE)
    .answers("ERR COUNT can't be negative", "ERR MAXLEN can't be negative")
    .answers("ERR RANK can't be zero: use 1 to start from the first match, …")
    .weighs(4),
  command("LMPOP", any.countedLists, END, COUNTED)
    .answers(SYNTAX, ...NOT_COUNTED, ...WRONG_TYPE)
    .weighs(2),
  command("BLMPOP", any.timeout, any.countedLists, END, COUNTED)
    .answers(SYNTAX, ...NOT_COUNTED, ...NOT_TIMEOUT, ...WRONG_TYPE)
    .atOnce()
    .weighs(2),
  command("BLPOP", repeat(1, 3, listKey), any.timeout)
    .answers(...NOT_TIMEOUT, ...WRONG_TYPE)
    .atOnce(),
  command("BRPOP", repeat(1, 3, listKey), any.timeout)
    .answers(...NOT_TIMEOUT, ...WRONG_TYPE)
    .atOnce(),
  command("BLMOVE", listKey, listKey, END, END, any.timeout)
    .answers(SYNTAX, ...NOT_TIMEOUT, ...WRONG_TYPE)
    .atOnce(),
  command("BRPOPLPUSH", listKey, listKey, any.timeout)
    .answers(...NOT_TIMEOUT, ...WRONG_TYPE)
    .atOnce(),
];

const SETS = [
  command("SADD", setKey, any.elements)
    .answers(...WRONG_TYPE)
    .weighs(5),
  command("SREM", setKey, any.elements)
    .answers(...WRONG_TYPE)
    .weighs(2),
  command("SCARD", setKey).answers(...WRONG_TYPE),
  command("SISMEMBER", setKey, element)
    .answers(...WRONG_TYPE)
    .weighs(2),
  command("SMISMEMBER", setKey, any.elements).answers(...WRONG_TYPE),
  command("SMOVE", setKey, setKey, element)
    .answers(...WRONG_TYPE)
    .weighs(2),
  command("SPOP", setKey, ALL_OR_WORSE)
    .answers(POSITIVE, ...WRONG_TYPE)
    .judgedBy(rules.unordered)
    .unspoilt(),
  command("SPOP", setKey, ALL_OR_WORSE, element).answers(SYNTAX).inVain().unspoilt().weighs(0.2),
  command("SPOP").inVain().unspoilt().weighs(0.2),
  command("SMEMBERS", setKey)
    .answers(...WRONG_TYPE)
    .judgedBy(rules.unordered),
  command("SRANDMEMBER", firstSet).behind(allMembers).judgedBy(rules.drawnOnce).unspoilt(),
  command("SRANDMEMBER", firstSet, any.drawOnce)
    .behind(allMembers)
    .judgedBy(rules.drawnOnce)
    .unspoilt(),
  command("SRANDMEMBER", firstSet, any.drawAgain)
    .behind(allMembers)
    .answers(BETWEEN)
    .judgedBy(rules.drawnAgain)
    .unspoilt(),
  command("SRANDMEMBER", setKey, any.drawNone, any.rareGarbage)
    .answers(SYNTAX, NOT_INTEGER, ...WRONG_TYPE)
    .unspoilt()
    .weighs(5),
  command("SRANDMEMBER").inVain().unspoilt().weighs(0.2),
  command("SSCAN", setKey, "0", any.itemScanOptions)
    .answers(SYNTAX, NOT_INTEGER, ...WRONG_TYPE)
    .toTheEnd(),
  command("SSCAN", firstSet, "0", "COUNT", oneOf("x", "1.5")).answers(NOT_INTEGER).unspoilt(),
  command("SSCAN", firstSet, any.cursor, any.itemScanOptions, any.rareGarbage)
    .behind(allMembers)
    .answers(CURSOR)
    .judgedBy(rules.scanStep)
    .unspoilt(),
  command("SSCAN", repeat(0, 1, setKey))
    .inVain()
    .unspoilt()
    .weighs(0.2),
  ...["SUNION", "SINTER", "SDIFF"].flatMap((name) => [
    command(name, repeat(1, 4, setKey))
      .answers(...WRONG_TYPE)
      .judgedBy(rules.unordered),
    command(`${name}STORE`, setKey, repeat(1, 4, setKey)).answers(...WRONG_TYPE),
  ]),
  command("SINTERCARD", any.countedSets, options({ LIMIT: [any.count] }, 0.4))
    .answers(SYNTAX, "ERR numkeys should be greater than 0", ...WRONG_TYPE)
    .answers(MORE_KEYS, "ERR LIMIT can't be negative")
    .weighs(2),
];

// --- sorting --------------------------------------------------------------------------------------

const NOT_DOUBLES = "ERR One or more scores can't be converted into double";
const SORT_ERRORS = [SYNTAX, NOT_INTEGER, NOT_DOUBLES];
const AS_NUMBERS = options({ ASC: [], DESC: [], LIMIT: [any.index, any.index] });

const SORTS = [
  command("SORT", any.sortingAny)
    .behind(any.ahead)
    .answers(...SORT_ERRORS)
    .unspoilt()
    .weighs(3),
  command("SORT_RO", any.sortingAnyToRead)
    .behind(any.ahead)
    .answers(...SORT_ERRORS)
    .unspoilt()
    .weighs(3),
  command("SORT", any.sortingList)
    .behind(any.ahead)
    .answers(...SORT_ERRORS)
    .weighs(2),
  command("SORT_RO", any.sortingList)
    .behind(any.ahead)
    .answers(...SORT_ERRORS)
    .weighs(1),
  ...["SORT", "SORT_RO"].map((name) =>
    command(name, any.anyCollection, AS_NUMBERS)
      .behind(any.notOutOfRange)
      .answers(...SORT_ERRORS, ...WRONG_TYPE)
      .unspoilt(),
  ),
  ...["SORT", "SORT_RO"].map((name) => command(name).inVain().unspoilt().weighs(0.2)),
];

// --- the server -----------------------------------------------------------------------------------

/** A word that is a command only with another behind it. */
const container = (name) => [
  command(name, any.unknownWord, repeat(0, 3, value))
    .answers(`ERR unknown subcommand '…'. Try ${name} HELP.`)
    .ofAnyLength()
    .unspoilt()
    .inVain(),
  command(`${name} HELP`).judgedBy(rules.help).weighs(0.6),
];

const policy = (name) => () => [["CONFIG", "SET", "maxmemory-policy", name]];
const LRU_ONLY =
  "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that …";
const LFU_ONLY =
  "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that …";
const CONFIG_SET = "ERR CONFIG SET failed (possibly related to argument '…') -";

const SERVER = [
  ...container("OBJECT"),
  command("OBJECT").inVain().unspoilt().weighs(0.2),
  command("OBJECT ENCODING", key).weighs(2),
  command("OBJECT REFCOUNT", key).judgedBy(rules.anyInteger),
  command("OBJECT IDLETIME", key).answers(LRU_ONLY).judgedBy(rules.anyInteger),
  command("OBJECT IDLETIME", key).behind(policy("allkeys-lfu")).answers(LRU_ONLY).weighs(0.3),
  command("OBJECT FREQ", key).answers(LFU_ONLY).judgedBy(rules.anyInteger),
  command("OBJECT FREQ", key).behind(policy("volatile-lfu")).judgedBy(rules.anyInteger),
  ...container("MEMORY"),
  command("MEMORY").inVain().unspoilt().weighs(0.2),
  command("MEMORY USAGE", key, options({ SAMPLES: [any.count] }))
    .behind(forgetExpired)
    .answers(SYNTAX, NOT_INTEGER)
    .judgedBy(rules.anyInteger),
  command("MEMORY STATS").behind(forgetExpired).judgedBy(rules.memoryStats),
  command("INFO", repeat(0, 2, any.infoSection))
    .behind(forgetExpired)
    .judgedBy(rules.info)
    .ofAnyLength()
    .unspoilt(),
  command("INFO", "stats")
    .behind(any.lookups)
    .judgedBy(rules.infoStatistics)
    .ofAnyLength()
    .unspoilt()
    .weighs(2),
  ...container("CONFIG"),
  command("CONFIG").inVain().unspoilt().weighs(0.2),
  command("CONFIG GET", repeat(1, 2, any.settingPattern)).judgedBy(rules.settings),
  command(
    "CONFIG SET",
    repeat(1, 2, any.setting),
    repeat(
      0,
      1,
      mostly(() => [], oneOf("nosuch")),
    ),
  )
    .answers(SYNTAX, "ERR Unknown option or number of arguments for CONFIG SET - '…'")
    .answers(`${CONFIG_SET} argument must be a memory value`)
    .answers(`${CONFIG_SET} argument must be between 1 and 2147483647 inclusive`)
    .answers(`${CONFIG_SET} argument couldn't be parsed into an integer`)
    .answers(`${CONFIG_SET} argument(s) must be one of the following: …`)
    .answers(`${CONFIG_SET} duplicate parameter`)
    .unspoilt(),
  command("CONFIG SET", oneOf("maxmemory", "nosuch")).inVain().unspoilt().weighs(0.2),
  command("CONFIG RESETSTAT").weighs(0.5),
  ...container("COMMAND"),
  command("COMMAND").judgedBy(rules.allCommands).ofAnyLength().unspoilt().weighs(0.2),
  command("COMMAND COUNT").judgedBy(rules.fewerCommands),
  command("COMMAND INFO", repeat(1, 4, any.commandName))
    .judgedBy(rules.commandInfos)
    .ofAnyLength()
    .unspoilt(),
  command("COMMAND DOCS", repeat(1, 4, any.commandName))
    .judgedBy(rules.commandDocs)
    .ofAnyLength()
    .unspoilt(),
  command("COMMAND DOCS").judgedBy(rules.allCommandDocs).ofAnyLength().unspoilt().weighs(0.03),
  command("(unknown)", any.unknownWord, repeat(0, 6, value))
    .answers("ERR unknown command '…', with args beginning with: …")
    .ofAnyLength()
    .unspoilt()
    .inVain(),
];

// --- sorted sets ----------------------------------------------------------------------------------

const NOT_SCORE = "ERR value is not a valid float";
const NOT_BOUND = "ERR min or max is not a float";
const NOT_NAME = "ERR min or max not valid string range item";
const NOT_A_SUM = "ERR resulting score is not a number (NaN)";
const EXTREME = oneOf("MIN", "MAX", "min", "Max", "MIN", "MAX", "MIDDLE");
const LIMIT = { LIMIT: [any.index, any.index] };
const SCORED = { ...LIMIT, WITHSCORES: [] };
const RANGES = { ...SCORED, REV: [], BYSCORE: [], BYLEX: [] };
const word = (name) => (context) => any.named(context, name);
/** Of these options, only so many can succeed. */
const optionsOf = (choices, ...names) => {
  const generate = options(choices);
  const counting = (context) => {
    const uses = [];
    const words = generate({ ...context, uses });
    context.uses.push(...uses.filter((use) => names.includes(use)));
    return words;
  };
  return Object.assign(counting, { options: names });
};
const RANGE_ERRORS = [
  SYNTAX,
  NOT_INTEGER,
  "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
  ...WRONG_TYPE,
];
const NO_SCORES = "ERR syntax error, WITHSCORES not supported in combination with BYLEX";

const NO_SOURCE = "ERR at least 1 input key is needed for '…' command";
const NOT_WEIGHT = "ERR weight value is not a float";
const ALGEBRA_ERRORS = [SYNTAX, NOT_INTEGER, NO_SOURCE, NOT_WEIGHT, ...WRONG_TYPE];

const SORTED_SETS = [
  command("ZADD", sortedKey, any.scoresAndMembers)
    .answers(SYNTAX, NOT_SCORE, ...WRONG_TYPE)
    .weighs(6),
  command("ZADD", flatKey, any.zerosAndMembers)
    .answers(SYNTAX, NOT_SCORE, ...WRONG_TYPE)
    .unspoilt()
    .unspoilt()
    .weighs(4),
  command(
    "ZADD",
    sortedKey,
    options({ NX: [], XX: [], GT: [], LT: [], CH: [], INCR: [] }, 0.95),
    mostly(any.scoresAndMembers, (context) => [any.score(context), element(context)], 0.6),
  )
    .answers(SYNTAX, NOT_SCORE, NOT_A_SUM, ...WRONG_TYPE)
    .answers("ERR XX and NX options at the same time are not compatible")
    .answers("ERR GT, LT, and/or NX options at the same time are not compatible")
    .answers("ERR INCR option supports a single increment-element pair")
    .weighs(8),
  command("ZINCRBY", sortedKey, any.score, element)
    .answers(SYNTAX, NOT_SCORE, NOT_A_SUM, ...WRONG_TYPE)
    .weighs(2),
  command("ZADD", any.infiniteKey, "INCR", oneOf("inf", "-inf"), "m")
    .behind(any.infinite)
    .answers(NOT_A_SUM)
    .unspoilt(),
  command("ZINCRBY", any.infiniteKey, oneOf("inf", "-inf"), "m")
    .behind(any.infinite)
    .answers(NOT_A_SUM)
    .unspoilt(),
  command("ZINCRBY", sortedKey, oneOf("NX", "xx", "CH"), element)
    .answers(SYNTAX)
    .inVain()
    .unspoilt()
    .weighs(0.2),
  command("ZSCORE", sortedKey, element)
    .answers(...WRONG_TYPE)
    .weighs(2),
  command("ZMSCORE", sortedKey, any.elements).answers(...WRONG_TYPE),
  command("ZCARD", sortedKey).answers(...WRONG_TYPE),
  command("ZRANK", sortedKey, element)
    .answers(...WRONG_TYPE)
    .weighs(2),
  command("ZREVRANK", sortedKey, element)
    .answers(...WRONG_TYPE)
    .weighs(2),
  command("ZREM", sortedKey, any.elements)
    .answers(...WRONG_TYPE)
    .weighs(2),
  command("ZCOUNT", sortedKey, any.scoreBound, any.scoreBound).answers(NOT_BOUND, ...WRONG_TYPE),
  command("ZLEXCOUNT", flatKey, any.nameBound, any.nameBound).answers(NOT_NAME, ...WRONG_TYPE),
  command("ZRANGE", sortedKey, any.index, any.index, options(RANGES))
    .answers(NO_SCORES, NOT_NAME, ...RANGE_ERRORS)
    .weighs(2),
  command(
    "ZRANGE",
    sortedKey,
    any.scoreBound,
    any.scoreBound,
    word("BYSCORE"),
    optionsOf({ ...SCORED, REV: [] }, "LIMIT", "REV"),
  )
    .answers(NO_SCORES, NOT_BOUND, NOT_NAME, ...RANGE_ERRORS)
    .weighs(2),
  command(
    "ZRANGE",
    flatKey,
    any.nameBound,
    any.nameBound,
    word("BYLEX"),
    optionsOf({ ...SCORED, REV: [] }, "LIMIT", "REV"),
  )
    .answers(NO_SCORES, NOT_NAME, NOT_BOUND, ...RANGE_ERRORS)
    .weighs(2),
  command("ZREVRANGE", sortedKey, any.index, any.index, optionsOf(SCORED, "WITHSCORES")).answers(
    ...RANGE_ERRORS,
  ),
  command("ZRANGEBYSCORE", sortedKey, any.scoreBound, any.scoreBound, options(SCORED))
    .answers(SYNTAX, NOT_INTEGER, NOT_BOUND, ...WRONG_TYPE)
    .weighs(2),
  command("ZREVRANGEBYSCORE", sortedKey, any.scoreBound, any.scoreBound, options(SCORED)).answers(
    SYNTAX,
    NOT_INTEGER,
    NOT_BOUND,
    ...WRONG_TYPE,
  ),
  command("ZRANGEBYLEX", flatKey, any.nameBound, any.nameBound, optionsOf(SCORED, "LIMIT"))
    .answers(SYNTAX, NOT_INTEGER, NOT_NAME, NO_SCORES, ...WRONG_TYPE)
    .weighs(2),
  command(
    "ZREVRANGEBYLEX",
    flatKey,
    any.nameBound,
    any.nameBound,
    optionsOf(SCORED, "LIMIT"),
  ).answers(SYNTAX, NOT_INTEGER, NOT_NAME, NO_SCORES, ...WRONG_TYPE),
  command("ZREMRANGEBYRANK", sortedKey, any.index, any.index)
    .answers(NOT_INTEGER, ...WRONG_TYPE)
    .weighs(1),
  command("ZREMRANGEBYSCORE", sortedKey, any.scoreBound, any.scoreBound)
    .answers(NOT_BOUND, ...WRONG_TYPE)
    .weighs(0.7),
  command("ZREMRANGEBYLEX", flatKey, any.nameBound, any.nameBound)
    .answers(NOT_NAME, ...WRONG_TYPE)
    .weighs(0.7),
  command("ZMPOP", any.countedSorted, EXTREME, COUNTED)
    .answers(SYNTAX, ...NOT_COUNTED, ...WRONG_TYPE)
    .weighs(2),
  command("BZMPOP", any.timeout, any.countedSorted, EXTREME, COUNTED)
    .answers(SYNTAX, ...NOT_COUNTED, ...NOT_TIMEOUT, ...WRONG_TYPE)
    .atOnce()
    .weighs(2),
  command("BZPOPMIN", repeat(1, 3, sortedKey), any.timeout)
    .answers(...NOT_TIMEOUT, ...WRONG_TYPE)
    .atOnce(),
  command("BZPOPMAX", repeat(1, 3, sortedKey), any.timeout)
    .answers(...NOT_TIMEOUT, ...WRONG_TYPE)
    .atOnce(),
  command("ZRANDMEMBER", firstSorted).behind(allRanked).judgedBy(rules.drawnOnce).unspoilt(),
  command("ZRANDMEMBER", firstSorted, any.drawOnce)
    .behind(allRanked)
    .judgedBy(rules.drawnOnce)
    .unspoilt(),
  command("ZRANDMEMBER", firstSorted, any.drawAgain)
    .behind(allRanked)
    .answers(BETWEEN)
    .judgedBy(rules.drawnAgain)
    .unspoilt(),
  command("ZRANDMEMBER", firstSorted, any.drawOnce, options({ WITHSCORES: [] }, 1))
    .behind(allScores)
    .answers(SYNTAX, "ERR value is out of range")
    .judgedBy(rules.pairsDrawnOnce)
    .unspoilt()
    .weighs(2),
  command("ZRANDMEMBER", firstSorted, any.drawAgain, options({ WITHSCORES: [] }, 1))
    .behind(allScores)
    .judgedBy(rules.pairsDrawnAgain)
    .unspoilt(),
  command("ZRANDMEMBER", sortedKey, any.drawNone, any.rareGarbage)
    .answers(NOT_INTEGER, ...WRONG_TYPE)
    .unspoilt()
    .weighs(5),
  command("ZRANDMEMBER").inVain().unspoilt().weighs(0.2),
  command("ZSCAN", sortedKey, "0", any.itemScanOptions)
    .answers(SYNTAX, NOT_INTEGER, ...WRONG_TYPE)
    .toTheEnd()
    .weighs(2),
  command("ZSCAN", firstSorted, "0", "COUNT", oneOf("x", "1.5")).answers(NOT_INTEGER).unspoilt(),
  command("ZSCAN", repeat(0, 1, sortedKey))
    .inVain()
    .unspoilt()
    .weighs(0.2),
  ...["ZUNION", "ZINTER"].flatMap((name) => [
    command(name, any.weighedSources, options({ WITHSCORES: [] }, 0.5))
      .answers(...ALGEBRA_ERRORS)
      .judgedBy(rules.unsignedZeros)
      .weighs(2),
    command(`${name}STORE`, sortedKey, any.weighedSourcesToStore)
      .answers(...ALGEBRA_ERRORS)
      .weighs(2),
  ]),
  command("ZDIFF", any.countedSources, options({ WITHSCORES: [] }, 0.5))
    .answers(SYNTAX, NOT_INTEGER, NO_SOURCE, ...WRONG_TYPE)
    .judgedBy(rules.unsignedZeros)
    .weighs(2),
  command("ZDIFFSTORE", sortedKey, any.countedSources)
    .answers(SYNTAX, NOT_INTEGER, NO_SOURCE, ...WRONG_TYPE)
    .weighs(2),
  command("ZINTERCARD", any.countedSources, options({ LIMIT: [any.count] }, 0.4))
    .answers(SYNTAX, NOT_INTEGER, NO_SOURCE, "ERR LIMIT can't be negative", ...WRONG_TYPE)
    .weighs(2),
  command("ZRANGESTORE", sortedKey, any.rangeToStore)
    .answers(NOT_BOUND, NOT_NAME, ...RANGE_ERRORS)
    .weighs(3),
  command("ZPOPMIN", sortedKey, any.count).answers(POSITIVE, SYNTAX, ...WRONG_TYPE),
  command("ZPOPMAX", sortedKey, any.count).answers(POSITIVE, SYNTAX, ...WRONG_TYPE),
  command("ZPOPMIN", sortedKey).answers(POSITIVE, SYNTAX, ...WRONG_TYPE),
  command("ZPOPMAX", sortedKey).answers(POSITIVE, SYNTAX, ...WRONG_TYPE),
];

// --- places ---------------------------------------------------------------------------------------

const { geoKey, spreadKey, distanceKey } = any;
const NOT_PLACE = [NOT_FLOAT, "ERR invalid longitude,latitude pair …"];
const NOT_UNIT = "ERR unsupported unit provided. please use M, KM, FT, MI";
const SEARCH_ERRORS = [
  SYNTAX,
  NOT_INTEGER,
  NOT_UNIT,
  ...NOT_PLACE,
  "ERR need numeric radius",
  "ERR need numeric width",
  "ERR need numeric height",
  "ERR radius cannot be negative",
  "ERR height or width cannot be negative",
  "ERR could not decode requested zset member",
  "ERR COUNT must be > 0",
  "ERR the ANY argument requires COUNT argument",
  "ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for …",
  "ERR exactly one of BYRADIUS and BYBOX can be specified for …",
  ...WRONG_TYPE,
];
const NOT_SHOWN =
  "ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options";
const STORED = "STOREDIST";
/** Of these options, none can succeed. */
const inVain = (generator) => (context) => generator({ ...context, uses: [] });
const searching = (name, ...args) => command(name, ...args).answers(...SEARCH_ERRORS);
const plain = ({ WITHDIST, WITHHASH, WITHCOORD, ...others }) => others;

const PLACES = [
  command("GEOADD", geoKey, any.placesAndMembers)
    .answers(SYNTAX, ...NOT_PLACE, ...WRONG_TYPE)
    .weighs(2.5),
  command("GEOADD", spreadKey, any.spreadPlacesAndMembers)
    .answers(SYNTAX, ...NOT_PLACE, ...WRONG_TYPE)
    .unspoilt()
    .weighs(2.5),
  command("GEOADD", geoKey, options({ NX: [], XX: [], CH: [] }, 1), any.placesAndMembers)
    .answers(SYNTAX, ...NOT_PLACE, ...WRONG_TYPE)
    .weighs(1),
  command("GEOADD", geoKey, inVain(options({ GT: [], LT: [], INCR: [] }, 1)), any.oddPlaces)
    .answers(SYNTAX, ...NOT_PLACE, ...WRONG_TYPE)
    .inVain()
    .weighs(0.3),
  command("ZADD", geoKey, any.scoresAndMembers)
    .answers(SYNTAX, NOT_SCORE, ...WRONG_TYPE)
    .weighs(0.4),
  command("GEOPOS", geoKey, any.elements)
    .answers(...WRONG_TYPE)
    .weighs(0.7),
  command("GEOHASH", geoKey, any.elements)
    .answers(...WRONG_TYPE)
    .weighs(0.7),
  command("GEOPOS").inVain().unspoilt().weighs(0.2),
  command("GEOHASH").inVain().unspoilt().weighs(0.2),
  command("GEODIST", geoKey, element, element, any.unit, element)
    .answers(SYNTAX)
    .inVain()
    .unspoilt()
    .weighs(0.2),
  command("GEODIST", geoKey, element, element, repeat(0, 1, any.unit))
    .answers(SYNTAX, NOT_UNIT, ...WRONG_TYPE)
    .weighs(1),
  searching("GEOSEARCH", geoKey, any.search(any.FROM_ALL)).unspoilt().weighs(2.5),
  searching("GEOSEARCH", geoKey, any.search(plain(any.FROM_ALL))).weighs(1),
  searching("GEOSEARCH", geoKey, any.search(any.FROM_ANY)).unspoilt().weighs(2.5),
  searching("GEOSEARCH", spreadKey, any.search(any.FROM_SPREAD)).unspoilt().weighs(2.5),
  searching("GEOSEARCHSTORE", geoKey, geoKey, inVain(any.search(any.FROM_ALL)))
    .answers(NOT_SHOWN)
    .inVain()
    .unspoilt()
    .weighs(0.3),
  searching("GEOSEARCHSTORE", geoKey, geoKey, any.search(plain(any.FROM_ANY)))
    .unspoilt()
    .weighs(1.5),
  searching("GEOSEARCHSTORE", geoKey, spreadKey, any.search(plain(any.FROM_SPREAD)))
    .unspoilt()
    .weighs(1.5),
  searching(
    "GEOSEARCHSTORE",
    distanceKey,
    spreadKey,
    any.search({ ...plain(any.FROM_SPREAD), [STORED]: [] }),
    STORED,
  )
    .unspoilt()
    .weighs(1.5),
];

export const COMMANDS = [
  ...CONNECTION,
  ...SORTS,
  ...STRINGS,
  ...SKETCHES,
  ...KEYS,
  ...HASHES,
  ...LISTS,
  ...SETS,
  ...SORTED_SETS,
  ...PLACES,
  ...BITS,
  ...SERVER,
];

/**
 * What is compared of every key when a sequence is over. A reader of one type says of the others, on
 * both sides, that they are of the wrong type.
 */
export const FACTS = [
  { name: "type", ask: (key) => ["TYPE", key], compare: rules.exact },
  { name: "encoding", ask: (key) => ["OBJECT", "ENCODING", key], compare: rules.exact },
  { name: "time to live", ask: (key) => ["PTTL", key], compare: rules.millisecondsLeft },
  { name: "string", ask: (key) => ["GET", key], compare: rules.exact },
  { name: "list", ask: (key) => ["LRANGE", key, "0", "-1"], compare: rules.exact },
  { name: "set", ask: (key) => ["SMEMBERS", key], compare: rules.unordered },
  {
    name: "sorted set",
    ask: (key) => ["ZRANGE", key, "0", "-1", "WITHSCORES"],
    compare: rules.scores,
  },
  { name: "hash", ask: (key) => ["HGETALL", key], compare: rules.unorderedPairs },
];
