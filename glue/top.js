/*
 * The largest keys, or those used most, of a sample: to look at every key of a large cache would be
 * the pause that there is none of here.
 */
import { refusal } from "./error.js";
import { decodeText } from "./text.js";

const MEASURES = {
  size: (cache, key) => cache.memoryUsage(key),
  hits: (cache, key) => cache.objectFreq(key),
};
const DEFAULTS = { by: "size", count: 10, samples: 1000 };

export function top(cache, options = {}) {
  const { by, count, samples } = checked(options);
  const keys = cache.dbsize();
  const found = [];
  for (const key of keys <= samples
    ? cache.scanIteratorBytes({ count: 100 })
    : drawn(cache, samples)) {
    const value = MEASURES[by](cache, key);
    if (value !== null) found.push({ key: decodeText(key, 0, key.length), [by]: value });
  }
  found.sort((one, other) => other[by] - one[by] || (one.key < other.key ? -1 : 1));
  return { keys, sampled: found.length, top: found.slice(0, count) };
}

// So many draws, each key that comes up once.
function drawn(cache, samples) {
  const keys = new Map();
  for (let i = 0; i < samples; i++) {
    const key = cache.randomkeyBytes();
    if (key !== null) keys.set(String.fromCharCode(...key), key);
  }
  return keys.values();
}

function checked(options) {
  if (typeof options !== "object" || options === null) {
    throw refusal("options", options, "an object");
  }
  for (const name in options) {
    if (!Object.hasOwn(DEFAULTS, name)) {
      throw refusal(`option "${name}"`, options[name], Object.keys(DEFAULTS).join(", "));
    }
  }
  const all = { ...DEFAULTS, ...options };
  if (!Object.hasOwn(MEASURES, all.by)) throw refusal("by", all.by, "size, hits");
  for (const name of ["count", "samples"]) {
    if (!(Number.isSafeInteger(all[name]) && all[name] > 0)) {
      throw refusal(name, all[name], "a whole number above 0");
    }
  }
  return all;
}
