/*
 * The one error this package throws.
 *
 * An error reply of the cache becomes one with Redis's text, so that `message` and `code` read as
 * they do with any Redis client: "WRONGTYPE Operation against ...", code "WRONGTYPE". Arguments
 * and options that never reach the cache have the code "ARGUMENT" and say what is allowed.
 */
export class FerriteError extends Error {
  constructor(message, code = "ARGUMENT") {
    super(message);
    this.name = "FerriteError";
    this.code = code;
  }

  /** From the text of an error reply, without the leading "-". */
  static fromReply(text) {
    return new FerriteError(text, /^[A-Z]+(?= |$)/.exec(text)?.[0] ?? "ERR");
  }
}

/** "name is 5 (a number); allowed: ..." */
export function refusal(name, value, allowed) {
  return new FerriteError(`${name} is ${describe(value)}; allowed: ${allowed}`);
}

/** Before its first request, an edge platform may have no randomness, and a clock that stands at 0. */
export function tooEarly() {
  const text =
    "the cache is used before the first request, where this platform has no clock or no randomness yet: " +
    "make it there if you like, and use it in a handler";
  return new FerriteError(text, "TOOEARLY");
}

function describe(value) {
  if (value === undefined || value === null) return String(value);
  switch (typeof value) {
    case "string":
      return value.length > 40 ? `a string of ${value.length} characters` : JSON.stringify(value);
    case "number":
    case "bigint":
    case "boolean":
      return `${value} (a ${typeof value})`;
    case "object":
      return `an object (${value.constructor?.name ?? "no class"})`;
    default:
      return `a ${typeof value}`;
  }
}
