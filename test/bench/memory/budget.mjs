// Budget: memory.buffer.byteLength never exceeds maxmemory, looked at after every call into the
// module; and a cache whose host refuses to grow goes on with what it has.

import { Cache, KEY_BYTES, NO_MEMORY, OK, TOO_LARGE, withMemoryMaximum } from "../module.mjs";
import { random } from "../random.mjs";
import {
  KIB,
  MIB,
  bytes,
  percent,
  printTable,
  progress,
  progressDone,
  verdict,
} from "../report.mjs";
import { TTL_MS, meanShare, timeOf, webLike } from "./density.mjs";

const STEPS = 15_000;
const WASM_PAGE = 64 * KIB;

const SIZES = {
  uniform: (seed, n, budget) => 1 + Math.floor((random(seed, n) * budget) / 64),
  lognormal: webLike(16 * MIB).sizeOf,
  adversarial: (seed, n, budget) => adversarialSize(seed, 2 * n, budget),
};

// A byte, the edges of what allocators round to, all magnitudes, about the budget, and beyond it.
function adversarialSize(seed, n, budget) {
  const kind = random(seed, n);
  const point = random(seed, n + 1);
  const magnitude = (most) => Math.floor(2 ** (point * Math.log2(most)));
  if (kind < 0.2) return 1 + Math.floor(point * 20);
  if (kind < 0.5)
    return Math.max(1, magnitude(budget) + (Math.floor(point * 1e6) % 40) - 20 - KEY_BYTES);
  if (kind < 0.9) return magnitude(budget / 2);
  if (kind < 0.95) return Math.floor(budget * (0.8 + point / 4));
  return Math.floor(budget * (1 + point));
}

const COURSES = {
  growing: { keys: Infinity, scale: (progress) => progress },
  shrinking: { keys: Infinity, scale: (progress) => 1 - progress },
  overwriting: { keys: 50, scale: () => 1 },
};

/** Returns { calls, refused, mostBytes }. */
function play(module, budget, sizeOf, course, seed) {
  const result = { calls: 0, refused: 0, mostBytes: 0 };
  const watch = (memory) => {
    result.calls++;
    result.mostBytes = Math.max(result.mostBytes, memory.buffer.byteLength);
  };
  const cache = new Cache(module, budget, seed, { watch });
  for (let step = 0; step < STEPS; step++) {
    const now = timeOf(step);
    const chance = random(seed + 1, step);
    const id = Math.floor(random(seed + 2, step) * Math.min(course.keys, step));
    const size = Math.max(1, Math.round(sizeOf(seed, step, budget) * course.scale(step / STEPS)));
    if (chance < 0.7) {
      const status = cache.set(course.keys === Infinity ? step : id, size, TTL_MS, now);
      if (status === TOO_LARGE || status === NO_MEMORY) result.refused++;
      else if (status !== OK) throw new Error(`ferrite_set of ${size} B: status ${status}`);
    } else if (chance < 0.85) {
      cache.run(`STRLEN ${Cache.key(id)}`, now);
    } else if (chance < 0.9) {
      cache.run(`APPEND ${Cache.key(id)} ${"appended".repeat(1 + (step % 50))}`, now);
    } else if (chance < 0.93) {
      cache.run(`SETRANGE ${Cache.key(id)} ${size} overlaid`, now);
    } else if (chance < 0.98) {
      cache.run(`DEL ${Cache.key(id)}`, now);
    } else {
      cache.requestWindow(size, now);
      cache.requestWindow(0, now);
    }
  }
  return result;
}

export function measureBudget(module, budgets, seed) {
  const rows = [["budget", "sizes", "course", "calls", "refused", "most memory", ""]];
  for (const budget of budgets) {
    for (const [sizes, sizeOf] of Object.entries(SIZES)) {
      for (const [name, course] of Object.entries(COURSES)) {
        progress(`budget: ${bytes(budget)}, ${sizes} sizes, ${name}`);
        const { calls, refused, mostBytes } = play(module, budget, sizeOf, course, seed);
        const what = `budget, ${sizes} sizes, ${name} in ${bytes(budget)}: ${mostBytes}`;
        const row = [bytes(budget), sizes, name, calls, refused, bytes(mostBytes)];
        rows.push([...row, verdict(mostBytes <= budget, what)]);
      }
    }
  }
  progressDone();
  console.log(
    "\nBudget: memory.buffer.byteLength, looked at after every call, is at most the budget.",
  );
  console.log(
    "70% SET, the rest STRLEN, APPEND, SETRANGE, DEL and large request windows; refused: SETs of",
  );
  console.log("what is larger than the cache.");
  printTable(rows);
}

/* --- a host that refuses ---------------------------------------------------------------------- */

const REFUSAL_SHARE_TOLERANCE = 0.02;

export function measureRefusal(moduleBytes, budgets, seed) {
  const rows = [["budget", "memory's maximum", "live, of that", "with that budget", ""]];
  for (const budget of budgets) {
    const maximum = Math.floor((budget * 5) / 8 / WASM_PAGE) * WASM_PAGE;
    progress(`budget: ${bytes(budget)}, of which the host grants ${bytes(maximum)}`);
    const limited = new WebAssembly.Module(withMemoryMaximum(moduleBytes, maximum / WASM_PAGE));
    const values = webLike(maximum / 16);
    const share = (meanShare(limited, budget, values, seed).share * budget) / maximum;
    const whole = new WebAssembly.Module(moduleBytes);
    const asBudget = meanShare(whole, maximum, values, seed).share;
    const what = `budget, the host refuses beyond ${bytes(maximum)}: ${percent(share)} live`;
    const row = [bytes(budget), bytes(maximum), percent(share), percent(asBudget)];
    rows.push([...row, verdict(share >= asBudget - REFUSAL_SHARE_TOLERANCE, what)]);
  }
  progressDone();
  console.log(
    "\nBudget, when the host refuses to grow: every SET goes on being answered with OK, and the",
  );
  console.log(
    `live share of what was granted is, within ${100 * REFUSAL_SHARE_TOLERANCE} points, that of a cache with that budget`,
  );
  console.log("(web-like sizes).");
  printTable(rows);
}
