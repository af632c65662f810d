/*
 * Options of the tier, checked: a wrong one throws an error that names the option, the value and what is
 * allowed.
 */
import { refusal } from "../error.js";

const aSpan = (value) => Number.isFinite(value) && value > 0;
const aSpanOrNone = (value) => Number.isFinite(value) && value >= 0;
const aFlag = (value) => typeof value === "boolean";

const KNOWN = {
  tracking: [
    (value) => ["default", "broadcast", false].includes(value),
    '"default", "broadcast", false',
  ],
  prefixes: [
    (value) => Array.isArray(value) && value.every((one) => typeof one === "string"),
    'an array of strings, with tracking: "broadcast"',
  ],
  maxStaleMs: [(value) => aSpan(value) && value >= 30, "milliseconds, at least 30"],
  timeoutMs: [aSpan, "milliseconds, more than 0"],
  negativeMs: [aSpanOrNone, "milliseconds; 0: what is absent is asked for each time"],
  staleIfError: [aFlag, "true, false"],
  writeBehind: [
    (value) => aFlag(value) || (typeof value === "object" && value !== null),
    "true, false, { maxKeys, maxBytes }",
  ],
  prefix: [(value) => typeof value === "string", "a string"],
  onError: [(value) => typeof value === "function", "a function that takes an Error"],
};

const LOADING = {
  ex: [aSpan, "seconds, more than 0"],
  swr: [aSpanOrNone, "seconds"],
  lock: [(value) => aFlag(value) || aSpan(value), "true, false, or seconds that a loader may take"],
  jitter: [(value) => value >= 0 && value < 1, "a part of ex, 0 to 1"],
};

const EXPIRY = {
  ex: [(value) => aSpan(value) && Number.isSafeInteger(value), "seconds, a whole number above 0"],
  px: [
    (value) => aSpan(value) && Number.isSafeInteger(value),
    "milliseconds, a whole number above 0",
  ],
};

export function readTierOptions(given, remote) {
  const options = {
    tracking: remote?.open ? "default" : false,
    prefixes: [],
    maxStaleMs: 1000,
    timeoutMs: 2000,
    negativeMs: 0,
    staleIfError: false,
    writeBehind: false,
    prefix: "tier:",
    onError() {},
    ...known(given, KNOWN),
  };
  const { tracking, prefixes } = options;
  if (tracking && !remote?.open) {
    throw refusal('option "tracking"', tracking, "false, as this remote cannot tell of changes");
  }
  if (prefixes.length > 0 && tracking !== "broadcast") {
    throw refusal('option "prefixes"', prefixes, 'with tracking: "broadcast"');
  }
  if (options.writeBehind && !remote) {
    throw refusal('option "writeBehind"', options.writeBehind, "false, as there is no remote");
  }
  return options;
}

/** Of getOrSet, in milliseconds. A value without `ex` stays until it is evicted. */
export function readLoading(given) {
  const { ex, swr = 0, lock = true, jitter = 0.1 } = known(given, LOADING);
  const exMs = ex === undefined ? undefined : ex * 1000;
  return {
    exMs,
    swrMs: swr * 1000,
    lockMs: lock === true ? 10_000 : Math.ceil(lock * 1000),
    jitter,
  };
}

/** Of set: milliseconds, or undefined. */
export function readExpiry(given) {
  const { ex, px } = known(given, EXPIRY);
  if (ex !== undefined && px !== undefined) throw refusal('option "px"', px, "one of ex, px");
  return ex === undefined ? px : ex * 1000;
}

function known(given = {}, allowed) {
  if (typeof given !== "object" || given === null) throw refusal("options", given, "an object");
  const options = {};
  for (const [name, value] of Object.entries(given)) {
    const label = `option "${name}"`;
    if (!Object.hasOwn(allowed, name)) throw refusal(label, value, Object.keys(allowed).join(", "));
    if (value === undefined) continue;
    const [right, words] = allowed[name];
    if (!right(value)) throw refusal(label, value, words);
    options[name] = value;
  }
  return options;
}
