// Counts what was exercised, and says what the table in grammar.mjs demands and was not.

import { COMMANDS } from "./grammar.mjs";
import { PROTOCOL_ERRORS } from "./protocol.mjs";

export const LEAST_SUCCESSES = 25;

const matcher = (pattern) => {
  const escaped = pattern.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join("[^]*")}$`);
};

export class Coverage {
  constructor() {
    this.successes = new Map(); // "SET", "SET EX" -> replies that are not errors
    this.errors = new Map(); // "SET" -> [{ pattern, matches, count }, ...]
    this.unlisted = new Map(); // "SET: ERR ..." -> count
    for (const { name, options, errors, maySucceed } of COMMANDS) {
      if (maySucceed) this.successes.set(name, 0);
      for (const option of options) this.successes.set(`${name} ${option}`, 0);
      this.list(name, errors);
    }
    this.list("(protocol)", PROTOCOL_ERRORS);
  }

  list(name, patterns) {
    if (!this.errors.has(name)) this.errors.set(name, []);
    const listed = this.errors.get(name);
    for (const pattern of patterns)
      if (!listed.some((error) => error.pattern === pattern))
        listed.push({ pattern, matches: matcher(pattern), count: 0 });
  }

  /** Counts the reply to a command of the table, and the options that had a part in it. */
  record(name, uses, reply) {
    if (reply.type === "-") return this.recordError(name, reply.value);
    this.successes.set(name, (this.successes.get(name) ?? 0) + 1);
    for (const option of new Set(uses)) {
      const title = `${name} ${option}`;
      this.successes.set(title, this.successes.get(title) + 1);
    }
  }

  recordError(name, text) {
    const listed = this.errors.get(name).filter((error) => error.matches.test(text));
    for (const error of listed) error.count++;
    if (listed.length > 0) return;
    const title = `${name}: ${text}`;
    this.unlisted.set(title, (this.unlisted.get(title) ?? 0) + 1);
  }

  /** One line for each demand: { met, text }. */
  demands() {
    const out = [];
    for (const [title, count] of this.successes)
      out.push({ met: count >= LEAST_SUCCESSES, text: `${title}: ${count} successes` });
    for (const [name, listed] of this.errors)
      for (const { pattern, count } of listed)
        out.push({ met: count > 0, text: `${name}: ${count} times "${pattern}"` });
    for (const [title, count] of this.unlisted)
      out.push({ met: false, text: `${title} (${count} times): not in the table` });
    return out;
  }
}
