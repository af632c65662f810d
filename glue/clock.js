/*
 * The default clock: Date.now, which alone can cost a fifth of a get, read less often in a burst.
 *
 * In a burst, a time is good for a few calls, and only until the code that makes them ends or
 * awaits something: as far as a program can tell it stands still meanwhile, as Date.now itself does
 * on edge platforms, where it moves with I/O.
 */
import { tooEarly } from "./error.js";

const BURST = 8; // readings that gave the same millisecond
const CALLS_A_READING = 64;

/**
 * A function that returns milliseconds since the Unix epoch. Where the clock stands at 0, as it does on
 * Cloudflare Workers until there is a request, it refuses: what is set to expire there would be dead by
 * the first one.
 */
export function burstClock() {
  let time = 0;
  let alike = 0; // readings so far that gave `time`
  let left = 0; // calls it is good for
  let ending = false; // the end of the burst is waited for
  const forget = () => {
    left = 0;
    ending = false;
  };
  return () => {
    if (left > 0) {
      left--;
      return time;
    }
    const reading = Date.now();
    if (reading === 0) throw tooEarly();
    alike = reading === time ? alike + 1 : 0;
    time = reading;
    if (alike >= BURST) {
      left = CALLS_A_READING - 1;
      if (!ending) queueMicrotask(forget);
      ending = true;
    }
    return time;
  };
}
