// Where figures and plots go: build/bench/NAME.json and build/bench/NAME-WHAT.svg.

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FOLDER = `${ROOT}build/bench`;

/** What the figures were measured on. */
export function machine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    node: process.version,
    commit: commit(),
    date: new Date().toISOString().slice(0, 10),
  };
}

// Of a copy that is no clone, or where there is no git, unknown.
function commit() {
  const git = (...words) =>
    execFileSync("git", words, { cwd: ROOT, stdio: ["ignore", "pipe", "ignore"] }).toString();
  try {
    const changed = git("status", "--porcelain") !== "";
    return git("rev-parse", "--short=12", "HEAD").trim() + (changed ? ", changed" : "");
  } catch {
    return "unknown";
  }
}

/** Figures of a benchmark, an object whose names end with their units. */
export function writeResults(name, figures) {
  write(`${name}.json`, `${JSON.stringify({ machine: machine(), ...figures }, null, 2)}\n`);
}

/** A plot of plots.mjs, of the benchmark `name`. */
export function writePlot(name, what, svg) {
  write(`${name}-${what}.svg`, svg);
}

function write(file, text) {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(`${FOLDER}/${file}`, text);
  console.log(`  build/bench/${file}`);
}
