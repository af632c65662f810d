/*
 * Which words of a command are keys, and what becomes of them: Redis's key specifications.
 *
 * A place is "first last step". The last counts from the first, or, if it is negative, from the end
 * of the command; "#" is a number, at the first, of the keys behind it; "?" may be anywhere. A word
 * in place of the first has a key behind it, and is looked for from the second on.
 */
const SPECS = [
  [
    "1 0 1",
    "RO",
    "hexists hexpiretime hlen hpexpiretime hpttl hstrlen httl llen scard sismember strlen type " +
      "zcard",
  ],
  [
    "1 0 1",
    "RO access",
    "bitcount bitfield_ro bitpos dump expiretime geodist geohash geopos georadius georadius_ro " +
      "georadiusbymember georadiusbymember_ro geosearch get getbit getrange hget hgetall hkeys " +
      "hmget hrandfield hscan hvals lindex lpos lrange pexpiretime pttl smembers " +
      "smismember sort sort_ro srandmember sscan substr ttl zcount zlexcount zmscore zrandmember " +
      "zrange zrangebylex zrangebyscore zrank zrevrange zrevrangebylex zrevrangebyscore zrevrank " +
      "zscan zscore",
  ],
  ["1 0 1", "RW insert", "append hsetnx linsert lpush lpushx pfadd rpush rpushx sadd"],
  [
    "1 0 1",
    "RW update",
    "expire expireat geoadd hexpire hexpireat hpersist hpexpire hpexpireat hmset hset lset " +
      "persist pexpire pexpireat setrange zadd",
  ],
  [
    "1 0 1",
    "RW access update",
    "cl.throttle decr decrby getex getset hincrby hincrbyfloat incr incrby incrbyfloat move " +
      "setbit zincrby",
  ],
  ["1 0 1", "RW access update variable_flags", "bitfield set"],
  ["1 0 1", "RW access delete", "getdel lpop rpop spop zpopmax zpopmin"],
  [
    "1 0 1",
    "RW delete",
    "hdel lrem ltrim srem zrem zremrangebylex zremrangebyrank zremrangebyscore",
  ],
  ["1 0 1", "OW update", "psetex restore setex"],
  ["1 0 1", "OW insert", "setnx"],
  ["1 -1 1", "RM delete", "del unlink"],
  ["1 -1 1", "RO", "exists touch watch"],
  ["1 0 1", "not_key", "spublish"],
  ["1 -1 1", "not_key", "ssubscribe sunsubscribe"],
  ["1 -1 1", "RO access", "mget sdiff sinter sunion"],
  ["1 -1 1", "RW access", "pfcount"],
  ["1 1 1", "RO access", "lcs"],
  ["1 -1 2", "OW update", "mset"],
  ["1 -1 2", "OW insert", "msetnx"],
  ["1 -2 1", "RW access delete", "blpop brpop bzpopmax bzpopmin"],
  ["1 #", "RW access delete", "lmpop zmpop"],
  ["1 #", "RO access", "sintercard zdiff zinter zintercard zunion"],
  ["2 #", "RW access delete", "blmpop bzmpop"],
  ["2 0 1", "RO", "memory|usage object|encoding object|freq object|idletime object|refcount"],

  // Commands of two kinds of keys, the first and the others.
  ["1 0 1", "RW access delete", "blmove brpoplpush lmove rename renamenx rpoplpush smove"],
  ["1 0 1", "RO access", "copy"],
  [
    "1 0 1",
    "OW update",
    "geosearchstore sdiffstore sunionstore zdiffstore zinterstore zrangestore zunionstore",
  ],
  ["1 0 1", "RW access insert", "pfmerge"],
  ["1 0 1", "RW update", "sinterstore"],
  ["2 0 1", "OW update", "bitop copy rename"],
  ["2 0 1", "OW insert", "renamenx"],
  ["2 0 1", "RW insert", "blmove brpoplpush lmove rpoplpush smove"],
  ["2 0 1", "RO access", "geosearchstore zrangestore"],
  ["2 -1 1", "RO access", "pfmerge sdiffstore sinterstore sunionstore"],
  ["2 #", "RO access", "zdiffstore zinterstore zunionstore"],
  ["3 -1 1", "RO access", "bitop"],
  ["?", "RO access", "sort sort_ro"],
  ["?", "OW update", "sort"],
  ["STORE 6", "OW update", "georadius"],
  ["STOREDIST 6", "OW update", "georadius"],
  ["STORE 5", "OW update", "georadiusbymember"],
  ["STOREDIST 5", "OW update", "georadiusbymember"],
];

const specsOf = new Map();
for (const [place, flags, names] of SPECS) {
  const [first, last, step] = place.split(" ");
  const kind = first === "?" ? "unknown" : last === "#" ? "keynum" : "range";
  const spec = { kind, flags: flags.split(" "), first: +first, last: +last, step: +step };
  if (/^[A-Z]/.test(first))
    Object.assign(spec, { keyword: first, startfrom: +last, last: 0, step: 1 });
  for (const name of names.split(" ")) {
    if (!specsOf.has(name)) specsOf.set(name, []);
    specsOf.get(name).push(spec);
  }
}

/** [{ kind: "range" | "keynum" | "unknown", flags, first, last, step; or keyword, startfrom }] */
export function keySpecs(command) {
  return specsOf.get(command.name) ?? [];
}

/** The keys of a command, [{ key, flags }]; null if it is not in order. */
export function findKeys(command, words) {
  const keys = [];
  for (const { kind, flags, first, last, step, keyword, startfrom } of keySpecs(command)) {
    if (kind === "unknown") continue;
    if (keyword) {
      const isIt = (word, i) => i >= startfrom && word.toUpperCase() === keyword;
      const at = words.findIndex(isIt) + 1;
      if (at > 0 && at < words.length) keys.push({ key: words[at], flags });
      continue;
    }
    const isCounted = kind === "keynum";
    if (isCounted && !/^(0|[1-9]\d{0,8})$/.test(words[first])) return null;
    const from = isCounted ? first + 1 : first;
    const to = isCounted ? first + Number(words[first]) : last + (last < 0 ? words.length : first);
    if (to < from || to >= words.length) return null;
    for (let i = from; i <= to; i += isCounted ? 1 : step) keys.push({ key: words[i], flags });
  }
  return adjusted(command, words, keys);
}

// What the options say.
function adjusted({ name }, words, keys) {
  const options = words.map((word) => word.toLowerCase());
  if (name === "set") {
    keys[0].flags = options.includes("get", 3) ? ["RW", "access", "update"] : ["OW", "update"];
  } else if (name === "bitfield") {
    keys[0].flags = isReading(options) ? ["RO", "access"] : ["RW", "access", "update"];
  } else if (name === "sort") {
    const store = options.lastIndexOf("store");
    if (store > 1 && store + 1 < words.length) {
      keys.push({ key: words[store + 1], flags: ["OW", "update"] });
    }
  }
  return keys;
}

// BITFIELD key [GET type offset | OVERFLOW how] ...
function isReading(options) {
  let i = 2;
  while (i < options.length) {
    if (options[i] === "get" && i + 2 < options.length) i += 3;
    else if (options[i] === "overflow" && i + 1 < options.length) i += 2;
    else return false;
  }
  return true;
}
