/*
 * Patterns as Redis has them: * ? [a-z] [^a], and \ before what is meant as it is.
 */

/** A function that says whether a name matches, in any case of letters unless it has to be `exact`. */
export function glob(pattern, { exact = false } = {}) {
  const fold = (text) => (exact ? text : text.toLowerCase());
  const parts = readParts(fold(pattern));
  return (name) => matches(parts, fold(name));
}

const STAR = Symbol("*");

// Each part is STAR, or says whether it takes a letter.
function readParts(pattern) {
  const parts = [];
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] === "*") {
      parts.push(STAR);
    } else if (pattern[at] === "?") {
      parts.push(() => true);
    } else if (pattern[at] === "[") {
      const members = [];
      const isNegative = pattern[at + 1] === "^";
      if (isNegative) at++;
      for (at++; at < pattern.length && pattern[at] !== "]"; at++) {
        if (pattern[at] === "\\" && at + 1 < pattern.length) at++;
        const first = pattern[at];
        if (pattern[at + 1] === "-" && at + 2 < pattern.length) at += 2;
        members.push([first, pattern[at]].sort());
      }
      const has = (letter) => members.some(([low, high]) => low <= letter && letter <= high);
      parts.push((letter) => has(letter) !== isNegative);
    } else {
      if (pattern[at] === "\\" && at + 1 < pattern.length) at++;
      const expected = pattern[at];
      parts.push((letter) => letter === expected);
    }
  }
  return parts;
}

// Only the last star need ever take more than it has: no pattern takes longer than its length times
// the name's.
function matches(parts, name) {
  let part = 0;
  let star = -1;
  let taken = 0; // where what the last star has not taken begins
  for (let at = 0; at < name.length; ) {
    if (parts[part] === STAR) {
      star = part++;
      taken = at;
    } else if (part < parts.length && parts[part](name[at])) {
      part++;
      at++;
    } else if (star >= 0) {
      part = star + 1;
      at = ++taken;
    } else {
      return false;
    }
  }
  while (parts[part] === STAR) part++;
  return part === parts.length;
}
