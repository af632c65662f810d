// What the benchmarks say: figures on the standard output, how far they are on the standard error.

export const KIB = 1024;
export const MIB = 1024 * KIB;

let judged = 0;
const missed = [];

/** "met" or "missed", and remembers which for the summary. */
export function verdict(met, what) {
  judged++;
  if (!met) missed.push(what);
  return met ? "met" : "missed";
}

/** How many figures were met, and the names of those that were not. */
export function printSummary(name) {
  for (const what of missed) console.log(`missed: ${what}`);
  console.log(`${name}: ${judged - missed.length} of ${judged} targets met`);
}

/** Columns, each as wide as its widest cell; the first to the left, the others to the right. */
export function printTable(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => `${row[i]}`.length)));
  for (const row of rows) {
    const cells = row.map((cell, i) =>
      i === 0 ? `${cell}`.padEnd(widths[i]) : `${cell}`.padStart(widths[i]),
    );
    console.log(`  ${cells.join("  ")}`.trimEnd());
  }
}

const SECONDS_BETWEEN_LINES = 5;
const started = Date.now();
let lastLineAt = -Infinity;

/** One line that is written over by the next on a terminal; elsewhere a line now and then. */
export function progress(text) {
  const seconds = (Date.now() - started) / 1000;
  const line = `${seconds.toFixed(0).padStart(4)} s  ${text}`;
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\x1b[K${line}`);
  } else if (seconds >= lastLineAt + SECONDS_BETWEEN_LINES) {
    process.stderr.write(`${line}\n`);
    lastLineAt = seconds;
  }
}

/** To be called before figures are printed. */
export function progressDone() {
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
}

export function percent(share) {
  return `${(100 * share).toFixed(1)}%`;
}

export function bytes(count) {
  for (const [unit, name] of [
    [MIB, "MiB"],
    [KIB, "KiB"],
  ]) {
    if (count >= unit) return `${+(count / unit).toFixed(2)} ${name}`;
  }
  return `${count} B`;
}
