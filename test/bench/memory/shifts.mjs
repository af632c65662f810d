// No calcification: when sizes shift, memory follows. The cache is filled with values of one size,
// then of another, twice the budget each time; on the way, the state is copied now and then, what
// lives is read back, and the state put back as it was.

import { Cache, KEY_BYTES, OK } from "../module.mjs";
import { KIB, bytes, percent, printTable, progress, progressDone, verdict } from "../report.mjs";
import { TTL_MS, fixed, readBack, steadyShare, timeOf } from "./density.mjs";

const PHASES = [64, 100 * KIB, 64, 3000, 700];
const TIMES_WRITTEN = 2;
const LOOKS_A_PHASE = 24;
const LEAST_OF_STEADY = 0.92;
const MOST_LOST = 0.01; // of the budget, on the way, below what is steady before and after

/** Yields [phase, { end, least }], the live share at the end of each phase and its least before. */
function* play(module, budget, seed) {
  const cache = new Cache(module, budget, seed);
  const sizes = []; // by entry
  let live = []; // ids that lived when last looked at: none comes back
  for (const [phase, size] of PHASES.entries()) {
    const shares = [];
    for (let look = 1; look <= LOOKS_A_PHASE; look++) {
      progress(`shifts: ${bytes(budget)}, ${bytes(size)}, look ${look} of ${LOOKS_A_PHASE}`);
      const bytesALook = (TIMES_WRITTEN * budget) / LOOKS_A_PHASE;
      for (let written = 0; written < bytesALook; written += KEY_BYTES + size) {
        const id = sizes.push(size) - 1;
        const status = cache.set(id, size, TTL_MS, timeOf(id));
        if (status !== OK) throw new Error(`ferrite_set of ${size} B: status ${status}`);
        live.push(id);
      }
      const saved = cache.save();
      const { liveBytes, ids } = readBack(cache, live, (id) => sizes[id], timeOf(sizes.length));
      cache.restore(saved);
      live = ids;
      shares.push(liveBytes / budget);
    }
    // The first phase fills an empty cache, which is not on the way from anything.
    const before = phase === 0 ? shares.slice(LOOKS_A_PHASE / 2 + 1) : shares;
    yield [phase, { end: shares[LOOKS_A_PHASE - 1], least: Math.min(...before) }];
  }
}

/** -> [[budget, [[phase, { end, least }], ...]], ...] */
export function playShifts(module, budgets, seed) {
  return budgets.map((budget) => [budget, [...play(module, budget, seed)]]);
}

/** Beside what is steady. Returns what it has found, for the record. */
export function judgeShifts(module, shifts, seed) {
  const found = [];
  const rows = [
    ["budget", "values", "live", "steady", "at least", "", "least on the way", "at least", ""],
  ];
  for (const [budget, phases] of shifts) {
    const steady = new Map();
    for (const size of new Set(PHASES)) {
      progress(`shifts: the steady state of ${bytes(size)} in ${bytes(budget)}`);
      steady.set(size, steadyShare(module, budget, fixed(size), seed).share);
    }
    for (const [phase, { end, least }] of phases) {
      const size = PHASES[phase];
      const name = `shifts, phase ${phase + 1} (${bytes(size)}) in ${bytes(budget)}`;
      const target = LEAST_OF_STEADY * steady.get(size);
      const before = steady.get(PHASES[Math.max(phase - 1, 0)]);
      const onTheWay = Math.min(before, steady.get(size)) - MOST_LOST;
      rows.push([
        bytes(budget),
        bytes(size),
        percent(end),
        percent(steady.get(size)),
        percent(target),
        verdict(end >= target, `${name}: ends at ${percent(end)}`),
        percent(least),
        percent(onTheWay),
        verdict(least >= onTheWay, `${name}: ${percent(least)} on the way`),
      ]);
      found.push({
        values: bytes(size),
        budget_bytes: budget,
        live_percent: 100 * end,
        steady_percent: 100 * steady.get(size),
        least_on_the_way_percent: 100 * least,
      });
    }
  }
  progressDone();
  console.log(
    "\nNo calcification: live share when the sizes of values shift, each phase writing twice the",
  );
  console.log(
    `budget: at its end at least ${100 * LEAST_OF_STEADY}% of that size's steady state, on the way (looked at ${LOOKS_A_PHASE}`,
  );
  console.log(
    `times a phase) no loss: the lesser of the steady states before and after, but for ${100 * MOST_LOST} point.`,
  );
  printTable(rows);
  return found;
}
