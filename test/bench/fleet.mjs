// Many isolates, each with a cache of its own: what is found in them, by how many there are and by how
// requests come to them, and what a shared tier behind them finds of the rest.
//
//   node test/bench/fleet.mjs [--quick] [--only scarab,oltp] [--seed 1] [--module build/ferrite.wasm]
//                             [--traces ../shared/traces]
//
// The requests of a trace, in its order and at its times, go to isolates
//
//   by key     each key to one isolate, as a router that hashes does
//   at random  to any, as edge networks mostly do
//   short      at random, and an isolate ends, with what it held, after its share of a sixteenth of
//              the trace
//
// Each isolate has 5% of the footprint (keys and values of all objects), at least 1 MiB, and allkeys-lru.
// A miss asks the tier, which has 25%; what it has not comes from the origin and goes into both. The tier
// is the module, too, in place of a Redis of that size: what is asked is what it would be asked, and with
// its bytes by the entry it would find less. Nothing is written but what was missed: there are no
// invalidations.

import { Cache, OK, TOO_LARGE } from "./module.mjs";
import { lines } from "./plots.mjs";
import { random } from "./random.mjs";
import { KIB, MIB, bytes, printTable, progress, progressDone } from "./report.mjs";
import { writePlot, writeResults } from "./results.mjs";
import { readOptions } from "./traces.mjs";

const FLEETS = [1, 4, 16, 64];
const COSTED = 16; // isolates, for which the costs are told
const REQUESTS_ENOUGH = 300_000; // of a trace, its first
const ROUTINGS = ["by key", "at random", "short"];
const NO_ISOLATES = "the tier alone";
const ISOLATE_PERCENT = 5;
const TIER_PERCENT = 25;
const LIVES = 16; // of an isolate that is short-lived, in the whole trace
const LEAST_BUDGET = MIB;
const WASM_PAGE = 64 * KIB;
const DAY_SECONDS = 86_400;
const START_MS = 1.8e12;

// What is charged for a million operations, in dollars, as published in 2026: Cloudflare KV's reads and
// writes, and a Redis that is paid by the command (Upstash). An isolate's own memory takes a microsecond
// of processor time, which Workers charges at $0.02 for a million milliseconds.
const ISOLATE_DOLLARS = 0.00002;
const TIERS = [
  { name: "Cloudflare KV, $0.50 a read, $5 a write", read: 0.5, write: 5 },
  { name: "Redis by the command, $2", read: 2, write: 2 },
];

/** A share of the footprint, in whole pages. */
function budgetOf({ keyBytes, valueBytes }, percent) {
  const footprint = keyBytes.reduce((sum, bytes, id) => sum + bytes + valueBytes[id], 0);
  return Math.max(LEAST_BUDGET, Math.floor((footprint * percent) / 100 / WASM_PAGE) * WASM_PAGE);
}

/** Asks a cache, and puts what it has not -> was it there? */
function ask(cache, { keyBytes, valueBytes }, id, now) {
  if (cache.get(id, now, keyBytes[id]) >= 0) return true;
  const status = cache.set(id, valueBytes[id], 0, now, keyBytes[id]);
  if (status !== OK && status !== TOO_LARGE) throw new Error(`ferrite_set: status ${status}`);
  return false;
}

/** -> { local, tier }: shares of the requests found in isolates, if there are any, and in the tier. */
function replay(module, trace, isolates, routing, seed) {
  const { time } = trace;
  const requests = trace.requests.subarray(0, REQUESTS_ENOUGH);
  const budget = budgetOf(trace, ISOLATE_PERCENT);
  const born = (i) => new Cache(module, budget, seed + i);
  const fleet = Array.from({ length: isolates }, (_, i) => born(i));
  const shared = new Cache(module, budgetOf(trace, TIER_PERCENT), seed - 1);
  const life = routing === "short" ? Math.ceil(requests.length / LIVES / isolates) : Infinity;
  // Not all at once.
  const left = fleet.map((_, i) => Math.ceil((life * (i + 1)) / isolates));
  const home = (id) => Math.floor(random(seed, id) * isolates);
  const found = { local: 0, tier: 0 };
  for (let i = 0; i < requests.length; i++) {
    const id = requests[i];
    const now =
      START_MS + 1000 * (time ? time[i] : Math.floor((i * DAY_SECONDS) / requests.length));
    const at = routing === "by key" ? home(id) : Math.floor(random(seed + 1, i) * isolates);
    if (left[at]-- === 0) [fleet[at], left[at]] = [born(at), life];
    if (fleet.length && ask(fleet[at], trace, id, now)) found.local++;
    else if (ask(shared, trace, id, now)) found.tier++;
  }
  return { local: found.local / requests.length, tier: found.tier / requests.length };
}

const percent = (share) => (100 * share).toFixed(1);

/** What a million requests cost: who is not found in an isolate asks the tier; what that has not is put. */
function dollars({ local, tier }, { read, write }) {
  return ISOLATE_DOLLARS + (1 - local) * read + (1 - local - tier) * write;
}

const { seed, module, traces } = readOptions("fleet");

const cells = [];
for (const [name, trace] of traces) {
  const [isolateBytes, tierBytes] = [ISOLATE_PERCENT, TIER_PERCENT].map((p) => budgetOf(trace, p));
  const add = (routing, isolates) => {
    progress(`fleet: ${name}, ${routing}, ${isolates}`);
    const found = replay(module, trace, isolates, routing, seed);
    cells.push({ trace: name, routing, isolates, isolateBytes, tierBytes, ...found });
  };
  add(NO_ISOLATES, 0);
  for (const routing of ROUTINGS) for (const isolates of FLEETS) add(routing, isolates);
}
progressDone();

const names = [...new Set(cells.map(({ trace }) => trace))];
console.log(`fleet: percent of requests found in isolates + in the tier behind them, seed ${seed}`);
for (const name of names) {
  const of = cells.filter(({ trace }) => trace === name);
  console.log(
    `\n${name}: isolates of ${bytes(of[0].isolateBytes)}, a tier of ${bytes(of[0].tierBytes)}`,
  );
  const rows = [["isolates", ...ROUTINGS]];
  for (const isolates of FLEETS) {
    const row = ROUTINGS.map((routing) =>
      of.find((cell) => cell.routing === routing && cell.isolates === isolates),
    );
    rows.push([isolates, ...row.map(({ local, tier }) => `${percent(local)} + ${percent(tier)}`)]);
  }
  printTable(rows);
}

const mean = (figures) => figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
const costs = TIERS.map((prices) => ({
  tier: prices.name,
  ...Object.fromEntries(
    [NO_ISOLATES, ...ROUTINGS].map((routing) => {
      const isolates = routing === NO_ISOLATES ? 0 : COSTED;
      const of = cells.filter((cell) => cell.routing === routing && cell.isolates === isolates);
      return [routing, mean(of.map((cell) => dollars(cell, prices)))];
    }),
  ),
}));
console.log(
  `\nDollars for a million requests, ${COSTED} isolates, mean of the traces; without the origin`,
);
printTable([
  ["", NO_ISOLATES, ...ROUTINGS],
  ...costs.map(({ tier, ...of }) => [tier, ...Object.values(of).map((cost) => cost.toFixed(2))]),
]);

writeResults("fleet", {
  seed,
  cells: cells.map(({ trace, routing, isolates, isolateBytes, tierBytes, local, tier }) => ({
    trace,
    routing,
    isolates,
    isolate_bytes: isolateBytes,
    tier_bytes: tierBytes,
    local_percent: 100 * local,
    tier_percent: 100 * tier,
  })),
  dollars_a_million_requests: costs,
});
writePlot(
  "fleet",
  "isolates",
  lines({
    title: "Requests answered by an isolate's own memory, by the number of isolates",
    panels: names.map((title) => ({
      title,
      series: ROUTINGS.map((routing) => ({
        name: routing,
        points: cells
          .filter((cell) => cell.trace === title && cell.routing === routing)
          .map(({ isolates, local }) => [isolates, 100 * local]),
      })),
    })),
    x: { label: "isolates", log: true, ticks: FLEETS },
    y: { label: "found, % of requests" },
  }),
);
