/*
 * The options of a cache, checked: a wrong one throws an error that names the option, the value
 * and what is allowed.
 */
import { burstClock } from "./clock.js";
import { FerriteError, refusal } from "./error.js";

const DEFAULT_MAX_MEMORY = "32mb"; // an isolate's usual 128 MB hold the JavaScript heap too

/** In the order of enum ferrite_policy. */
export const POLICIES = [
  "noeviction",
  "allkeys-lru",
  "allkeys-lfu",
  "allkeys-random",
  "volatile-lru",
  "volatile-lfu",
  "volatile-random",
  "volatile-ttl",
  "allkeys-adaptive",
  "volatile-adaptive",
  "allkeys-adaptive-bytes",
  "volatile-adaptive-bytes",
];

// As in redis.conf: k is a thousand, kb is 1024.
const UNIT_BYTES = {
  "": 1,
  b: 1,
  k: 1000,
  kb: 1024,
  m: 1000 ** 2,
  mb: 1024 ** 2,
  g: 1000 ** 3,
  gb: 1024 ** 3,
};

const NAMES = ["maxMemory", "evictionPolicy", "now", "seed", "record"];

/** What ferrite_init takes, { maxMemory (bytes), policy (a number), seed (four words) }, and { now,
 * record }. Without a seed, where there is no randomness yet, see randomSeed. */
export function readOptions(options = {}, crypto) {
  if (typeof options !== "object" || options === null) {
    throw refusal("options", options, "an object");
  }
  for (const name in options) {
    if (!NAMES.includes(name)) throw refusal(`option "${name}"`, options[name], NAMES.join(", "));
  }
  const {
    maxMemory = DEFAULT_MAX_MEMORY,
    evictionPolicy = "allkeys-lru",
    now = burstClock(),
    seed,
    record,
  } = options;
  return {
    maxMemory: readMaxMemory(maxMemory),
    policy: readPolicy(evictionPolicy),
    now: readNow(now),
    seed: seed === undefined ? randomSeed(crypto) : readSeed(seed),
    record: readRecord(record),
  };
}

function readMaxMemory(value) {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  const match = typeof value === "string" && /^(\d{1,15})([a-zA-Z]{0,2})$/.exec(value);
  const bytes = match ? Number(match[1]) * UNIT_BYTES[match[2].toLowerCase()] : NaN;
  if (Number.isSafeInteger(bytes)) return bytes;
  throw refusal("maxMemory", value, 'bytes, or a string such as "64mb", "512kb", "1gb", "64m"');
}

function readPolicy(value) {
  const policy = POLICIES.indexOf(value);
  if (policy < 0) throw refusal("evictionPolicy", value, POLICIES.join(", "));
  return policy;
}

function readNow(value) {
  if (typeof value === "function") return value;
  throw refusal("now", value, "a function that returns milliseconds since the epoch");
}

function readRecord(value) {
  if (value === undefined || typeof value === "function") return value;
  throw refusal("record", value, "a function that takes a Uint8Array");
}

function readSeed(value) {
  if (value instanceof Uint32Array && value.length === 4) return [...value];
  if (value instanceof Uint8Array && value.length === 16) {
    const view = new DataView(value.buffer, value.byteOffset, 16);
    return [0, 4, 8, 12].map((at) => view.getUint32(at, true));
  }
  throw refusal("seed", value, "a Uint32Array of 4 or a Uint8Array of 16, hard to guess");
}

/** Four words; undefined where there is no randomness yet, as on Workers until there is a request. */
export function randomSeed(crypto) {
  if (typeof crypto?.getRandomValues !== "function") {
    throw new FerriteError("seed is not given, and this platform has no crypto.getRandomValues");
  }
  try {
    return [...crypto.getRandomValues(new Uint32Array(4))];
  } catch {
    return undefined;
  }
}
