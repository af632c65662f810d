/*
 * Calls of the remote: each has a limit of time, and a node that fails is left alone for a while, longer
 * each time, at random, so that all who miss it do not come back at once. When the while is over, one call
 * tries; until it has succeeded, the others fail at once.
 */
import { FerriteError } from "../error.js";

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;

// Errors by which a node says that it cannot serve now; any other reply is an answer.
const UNABLE =
  /^(LOADING|CLUSTERDOWN|MASTERDOWN|READONLY|TRYAGAIN|MOVED|ASK|BUSY|NOREPLICAS|EXECABORT)\b/;
const REPLY = /^[A-Z]{2,}\b/;

/** Between half of it and it. */
export const jittered = (ms) => ms * (0.5 + Math.random() / 2);

export class Guard {
  #timeoutMs;
  #nodes = new Map(); // to { failures, until: when it may be tried, trying }
  calls = 0;
  failures = 0;

  constructor(timeoutMs) {
    this.#timeoutMs = timeoutMs;
  }

  /** What `ask` resolves with; throws a FerriteError: the remote's reply, or one with the code "REMOTE". */
  async call(node, ask) {
    const state = this.#nodes.get(node);
    if (state && (state.trying || performance.now() < state.until)) throw unreachable(state.cause);
    if (state) state.trying = true;
    this.calls++;
    try {
      const reply = await inTime(ask(), this.#timeoutMs);
      this.#nodes.delete(node);
      return reply;
    } catch (error) {
      if (isAnswer(error)) {
        this.#nodes.delete(node);
        throw error instanceof FerriteError ? error : FerriteError.fromReply(error.message);
      }
      this.failures++;
      // Of calls that fail together, the first counts.
      if (state === this.#nodes.get(node)) this.#pause(node, state?.failures ?? 0, error);
      throw unreachable(error);
    }
  }

  #pause(node, failures, cause) {
    const ms = jittered(Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS));
    const until = performance.now() + ms;
    this.#nodes.set(node, { failures: failures + 1, until, trying: false, cause });
  }
}

function isAnswer(error) {
  if (error instanceof FerriteError) return true;
  const text = error?.message ?? "";
  return REPLY.test(text) && !UNABLE.test(text) && !/^(ECONN|ETIMEDOUT|EPIPE|ENOTFOUND)/.test(text);
}

function unreachable(cause) {
  const error = new FerriteError(
    `the remote does not answer: ${cause?.message ?? cause}`,
    "REMOTE",
  );
  error.cause = cause;
  return error;
}

/** Rejects if `promise` is not settled in time. */
export function inTime(promise, ms) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no reply within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
