/*
 * The words of a command line, checked: a wrong one throws an error that names it and what is
 * allowed.
 */
import { FerriteError, refusal } from "./error.js";

/**
 * Of words such as ["--port", "7000"] or ["--port=7000"], the options by their names; `defaults` has
 * those that there are. Each takes a value, those of `numbers` a number. What has no name is an element
 * of `files`, of which there may be `mostFiles`.
 */
export function readWords(words, defaults, numbers, mostFiles = 0) {
  const options = { ...defaults };
  const files = [];
  for (let i = 0; i < words.length; i++) {
    if (!words[i].startsWith("-") && files.length < mostFiles) {
      files.push(words[i]);
      continue;
    }
    const [, name, given] = /^--([a-z-]+)(?:=(.*))?$/s.exec(words[i]) ?? [];
    if (name === undefined || !Object.hasOwn(defaults, name)) {
      const allowed = Object.keys(defaults).map((option) => `--${option}`);
      throw new FerriteError(`there is no option ${words[i]}; allowed: ${allowed.join(", ")}`);
    }
    const value = given ?? words[++i];
    if (value === undefined || value === "") throw new FerriteError(`--${name} needs a value`);
    options[name] = numbers.includes(name) ? count(name, value) : value;
  }
  return { options, files };
}

function count(name, text) {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw refusal(`--${name}`, text, "a number");
}
