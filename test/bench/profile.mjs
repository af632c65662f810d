// Where the time of a get and a set goes: the key's way into the module, the call, the look-up, the value's
// way out, and what the package adds; and the module beside the native build of the same core on the
// same calls.
//
//   node test/bench/profile.mjs [--entries 10000,100000,1000000] [--rounds 1500]
//
// It takes build/ferrite.wasm, build/ferrite-named.wasm and build/bench/native, which "./build.sh bench
// profile" makes. A round is a batch of 1000 operations of each step, on keys that are drawn evenly; a
// step's cost is the difference of two medians.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measureSteps } from "./profile/steps.mjs";
import { printSummary, printTable, progress, progressDone, verdict } from "./report.mjs";
import { writeResults } from "./results.mjs";
import { measureApart } from "./rounds.mjs";

const MOST_TIMES_NATIVE = 1.3;
const FUNCTIONS_SHOWN = 12;

const path = (name) => fileURLToPath(new URL(`../../build/${name}`, import.meta.url));
const { values: options } = parseArgs({
  options: {
    measure: { type: "string" },
    entries: { type: "string", default: "10000,100000,1000000" },
    rounds: { type: "string", default: "1500" },
  },
});
const rounds = Number(options.rounds);

function measure(entries) {
  progress(`profile: ${entries} entries, the module`);
  const ask = { module: path("ferrite.wasm"), named: path("ferrite-named.wasm"), entries, rounds };
  const { steps, functions } = measureApart(import.meta.url, { measure: JSON.stringify(ask) });
  progress(`profile: ${entries} entries, natively`);
  const native = execFileSync(path("bench/native"), [entries, rounds], { encoding: "utf8" });
  const wasm = {
    get: steps.lookUp - steps.call,
    miss: steps.miss - steps.call,
    set: steps.store - steps.callPair,
  };
  return { entries, steps, functions, native: JSON.parse(native), wasm };
}

const ns = (figure) => figure.toFixed(0);

/** Steps of which each is the one before and one thing more, as parts of the last. */
function tabulate(title, results, parts) {
  const rows = [[title, ...results.map(({ entries }) => entries.toLocaleString("en"))]];
  for (const [what, from, to] of parts)
    rows.push([
      what,
      ...results.map(({ steps }) => {
        const spent = steps[to] - (from ? steps[from] : 0);
        const share = (100 * spent) / steps[parts.at(-1)[2]];
        return `${ns(spent)} (${share.toFixed(0)}%)`;
      }),
    ]);
  rows.push(["all", ...results.map(({ steps }) => ns(steps[parts.at(-1)[2]]))]);
  printTable(rows);
}

async function report() {
  const results = options.entries.split(",").map((entries) => measure(Number(entries)));
  progressDone();
  console.log(`profile: ns an operation (share), by entries; ${rounds} rounds`);
  tabulate("get of a string", results, [
    ["the loop", null, "loop"],
    ["joining the key's two parts", "loop", "join"],
    ["encoding it", "join", "encode"],
    ["calling the module", "encode", "call"],
    ["looking up", "call", "lookUp"],
    ["decoding the value", "lookUp", "decode"],
    ["the package: clock, checks, door", "decode", "get"],
  ]);
  tabulate("\n  set", results, [
    ["the loop", null, "loop"],
    ["joining and encoding key and value", "loop", "encodePair"],
    ["calling the module", "encodePair", "callPair"],
    ["storing", "callPair", "store"],
    ["the package: options, clock, door", "store", "set"],
  ]);
  printTable([
    ["\n  other forms", ...results.map(({ entries }) => entries.toLocaleString("en"))],
    ...["getBytes", "getView", "mget"].map((form) => [
      form === "mget" ? "mget of 50, a key" : form,
      ...results.map(({ steps }) => ns(steps[form])),
    ]),
  ]);

  console.log(
    `\nThe module beside the native build, ns in it; at most ${MOST_TIMES_NATIVE} times.`,
  );
  const rows = [["", "wasm", "native", "times", ""]];
  for (const { entries, wasm, native } of results)
    for (const call of Object.keys(wasm)) {
      const times = wasm[call] / native[call];
      const what = `${call} at ${entries}: ${times.toFixed(2)} times native`;
      const name = `${call}, ${entries.toLocaleString("en")}`;
      const met = verdict(times <= MOST_TIMES_NATIVE, what);
      rows.push([name, ns(wasm[call]), ns(native[call]), times.toFixed(2), met]);
    }
  printTable(rows);

  console.log("\nFunctions of the module in which a get's time goes, share of samples.");
  const [{ entries, functions }] = results;
  const all = functions.reduce((sum, [, samples]) => sum + samples, 0);
  printTable([
    [`${entries.toLocaleString("en")} entries`, "share"],
    ...functions
      .slice(0, FUNCTIONS_SHOWN)
      .map(([name, samples]) => [name, `${((100 * samples) / all).toFixed(0)}%`]),
  ]);
  writeResults("profile", { rounds, results_ns: results });
  console.log();
  printSummary("profile");
}

if (options.measure) console.log(JSON.stringify(await measureSteps(JSON.parse(options.measure))));
else await report();
