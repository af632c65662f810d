// No pauses: the longest single SET while the cache grows from empty, and then while it evicts.
// Each run has a process of its own; the smallest of the runs' longest counts, since the machine's
// own interruptions can only make one longer.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { printTable, progress, progressDone, verdict } from "../report.mjs";

const CONTENDERS = ["ferrite", "lru-cache", "Map"];
const ENTRIES = 1_000_000;
const RUNS = 5;
const TIMES_SHORTER = 20;

export function measurePauses(seed) {
  const runs = Object.fromEntries(CONTENDERS.map((name) => [name, []]));
  for (let run = 0; run < RUNS; run++) {
    for (const name of CONTENDERS) {
      progress(`pauses: ${name}, run ${run + 1} of ${RUNS}`);
      runs[name].push(measureApart(name, seed + run));
    }
  }
  const rows = [["longest SET, ms", "", ...CONTENDERS, "at most", ""]];
  for (const phase of ["growing", "evicting"]) {
    for (const clock of ["own", "wall"]) {
      const longest = CONTENDERS.map((name) => runs[name].map((run) => run[phase][clock]));
      const row = [phase, `${clock} time`, ...longest.map(summary), "", ""];
      if (clock === "own") {
        const [ours, ...theirs] = longest.map((figures) => Math.min(...figures));
        const most = Math.min(...theirs) / TIMES_SHORTER;
        const what = `pauses, ${phase}: longest SET ${ours.toFixed(2)} ms`;
        row.splice(-2, 2, most.toFixed(2), verdict(ours <= most, what));
      }
      rows.push(row);
    }
  }
  progressDone();
  console.log(
    `\nNo pauses: the longest single SET, through the package, while growing to ${ENTRIES} entries`,
  );
  console.log(
    `(17 B keys, 64 B values, ferrite in 128 MiB), then of ${ENTRIES} more while evicting (Map:`,
  );
  console.log(
    `the oldest deleted by hand). The smallest of ${RUNS} runs' longest, and the others; at most a`,
  );
  console.log(
    "twentieth of the better peer. Own time is without what other programs took of the processor.",
  );
  printTable(rows);
}

function measureApart(name, seed) {
  const script = fileURLToPath(new URL("./longest-set.mjs", import.meta.url));
  const args = [script, name, `${ENTRIES}`, `${seed}`];
  return JSON.parse(execFileSync(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] }));
}

function summary(figures) {
  const [least, ...others] = figures.sort((a, b) => a - b).map((ms) => ms.toFixed(2));
  return `${least} (${others.join(" ")})`;
}
