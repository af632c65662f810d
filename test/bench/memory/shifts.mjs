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
const LEAST_ON_THE_WAY = 0.7;

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

export function measureShifts(module, budgets, seed) {
  const rows = [
    ["budget", "values", "live", "steady", "at least", "", "least on the way", "at least", ""],
  ];
  for (const budget of budgets) {
    const steady = new Map();
    for (const size of new Set(PHASES)) {
      progress(`shifts: the steady state of ${bytes(size)} in ${bytes(budget)}`);
      steady.set(size, steadyShare(module, budget, fixed(size), seed).share);
    }
    for (const [phase, { end, least }] of play(module, budget, seed)) {
      const size = PHASES[phase];
      const name = `shifts, phase ${phase + 1} (${bytes(size)}) in ${bytes(budget)}`;
      const target = LEAST_OF_STEADY * steady.get(size);
      rows.push([
        bytes(budget),
        bytes(size),
        percent(end),
        percent(steady.get(size)),
        percent(target),
        verdict(end >= target, `${name}: ends at ${percent(end)}`),
        percent(least),
        percent(LEAST_ON_THE_WAY),
        verdict(least >= LEAST_ON_THE_WAY, `${name}: ${percent(least)} on the way`),
      ]);
    }
  }
  progressDone();
  console.log(
    "\nNo calcification: live share when the sizes of values shift, each phase writing twice the",
  );
  console.log(
    `budget: at its end at least ${100 * LEAST_OF_STEADY}% of that size's steady state, on the way never below`,
  );
  console.log(`${100 * LEAST_ON_THE_WAY}% (looked at ${LOOKS_A_PHASE} times a phase).`);
  printTable(rows);
}
