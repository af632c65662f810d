/*
 * DEBUG DIGEST: a number that is alike for what holds the same, in whatever order sets and hashes
 * have it.
 */
import { createHash } from "node:crypto";
import { array, simple } from "./replies.js";

const DIGEST_BYTES = 20;

// How to read all of a key; and, if it is in no order, how many elements belong together.
const READ = {
  string: ["GET", []],
  list: ["LRANGE", ["0", "-1"]],
  set: ["SMEMBERS", [], 1],
  hash: ["HGETALL", [], 2],
  zset: ["ZRANGE", ["0", "-1", "WITHSCORES"]],
};

const sha1 = (text) => createHash("sha1").update(text, "latin1").digest();
const latin1 = (bytes) => Buffer.from(bytes).latin1Slice();

// Of the value of a key: zeros if there is none.
function digestOf(cache, key) {
  const type = cache.call("TYPE", key);
  if (!Object.hasOwn(READ, type)) return Buffer.alloc(DIGEST_BYTES);
  const [command, range, together] = READ[type];
  const items = [cache.callBytes(command, key, ...range)].flat().map(latin1);
  const sorted = together ? inGroups(items, together).sort() : items;
  return sha1(JSON.stringify([type, sorted, cache.call("PTTL", key) >= 0]));
}

// Each group as text, so that they can be sorted.
function inGroups(items, size) {
  const groups = [];
  for (let i = 0; i < items.length; i += size)
    groups.push(JSON.stringify(items.slice(i, i + size)));
  return groups;
}

/** DEBUG DIGEST: of all keys. */
export function digest({ server: { cache } }) {
  const sum = Buffer.alloc(DIGEST_BYTES);
  for (const key of cache.callBytes("KEYS", "*")) {
    const part = sha1(latin1(key) + digestOf(cache, key).latin1Slice());
    part.forEach((byte, i) => (sum[i] ^= byte));
  }
  return simple(sum.toString("hex"));
}

/** DEBUG DIGEST-VALUE key ... */
export function digestValues({ server: { cache } }, keys) {
  const digests = keys.map((key) => digestOf(cache, Buffer.from(key, "latin1")));
  return array(digests.map((each) => simple(each.toString("hex"))));
}
