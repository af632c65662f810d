/*
 * Arguments of commands: what can be judged of their shape, and options as the words of a request.
 */
import { assertKey } from "./core.js";
import { refusal } from "./error.js";
import { isBytes } from "./text.js";

// What an option is followed by in the request.
export const NOTHING = 0;
export const NUMBER = 1;
export const TEXT = 2;
export const LIST = 3;

// Of EXPIRE and HEXPIRE.
export const EXPIRE = { nx: NOTHING, xx: NOTHING, gt: NOTHING, lt: NOTHING };

export function aKey(key, name) {
  assertKey(key, name);
  return key;
}

export function aNumber(value, name) {
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "string") {
    return value;
  }
  throw refusal(name, value, "a number, a bigint, or a string of digits");
}

// Keys as arguments, or one array of them.
export function someKeys(args) {
  const keys = args.length === 1 && Array.isArray(args[0]) ? args[0] : args;
  for (const key of keys) assertKey(key);
  return keys;
}

// Elements, fields or members as arguments, or one array of them.
export function someElements(args) {
  return args.length === 1 && Array.isArray(args[0]) ? args[0] : args;
}

// The same, counted.
export function someFields(args) {
  const fields = someElements(args);
  return ["FIELDS", fields.length, ...fields];
}

// So many keys as Redis counts them: their number, then they.
export function countedKeys(keys) {
  const list = Array.isArray(keys) ? someKeys([keys]) : [aKey(keys)];
  return [list.length, ...list];
}

// Start, end and unit, up to the first that is undefined.
export function aSpan(start, end, unit) {
  if (start === undefined) return [];
  if (end === undefined) return [aNumber(start, "start")];
  const edges = [aNumber(start, "start"), aNumber(end, "end")];
  return unit === undefined ? edges : [...edges, aKey(unit, "unit")];
}

// Keys and values by turns, or one object, Map or other iterable of pairs.
export function somePairs(args) {
  let words = args;
  if (args.length === 1 && typeof args[0] === "object" && args[0] !== null && !isBytes(args[0])) {
    words = Symbol.iterator in args[0] ? wordsOfPairs(args[0]) : wordsOfObject(args[0]);
  }
  for (let i = 0; i < words.length; i += 2) assertKey(words[i]);
  return words;
}

// By loops, since flat() takes longer than the command.
function wordsOfPairs(pairs) {
  const words = [];
  for (const pair of pairs) {
    if (Array.isArray(pair)) words.push(...pair);
    else words.push(pair);
  }
  return words;
}

function wordsOfObject(object) {
  const words = [];
  for (const name of Object.keys(object)) words.push(name, object[name]);
  return words;
}

// { ex: 60, nx: true } as ["EX", 60, "NX"]. What is undefined is absent.
export function optionWords(allowed, options = {}) {
  if (typeof options !== "object" || options === null) {
    throw refusal("options", options, `an object of ${Object.keys(allowed).join(", ")}`);
  }
  const words = [];
  for (const name in options) {
    const value = options[name];
    const label = `option "${name}"`;
    if (!Object.hasOwn(allowed, name)) {
      throw refusal(label, value, Object.keys(allowed).join(", "));
    }
    if (value === undefined) continue;
    if (allowed[name] === NOTHING) {
      if (typeof value !== "boolean") throw refusal(label, value, "true, false");
      if (value) words.push(name.toUpperCase());
    } else if (allowed[name] === NUMBER) {
      words.push(name.toUpperCase(), aNumber(value, label));
    } else if (allowed[name] === LIST) {
      if (!Array.isArray(value)) throw refusal(label, value, "an array");
      words.push(name.toUpperCase(), ...value);
    } else {
      words.push(name.toUpperCase(), aKey(value, label));
    }
  }
  return words;
}
