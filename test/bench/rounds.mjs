// Rounds: contenders take turns, each in a process of its own, so that none suffers from what the
// engine learned of another; the figures are medians over the rounds.

import { execFileSync, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Asks each contender in turn, `rounds` times -> [{ contender: what `measure` returned }, ...]. */
export function alternate(contenders, rounds, measure) {
  const runs = [];
  for (let round = 0; round < rounds; round++) {
    runs.push({});
    for (const name of contenders) runs[round][name] = measure(name, round);
  }
  return runs;
}

/** Runs a script in a process of its own, and returns what it prints as JSON; `flags` are Node.js's. */
export function measureApart(scriptUrl, options, flags = []) {
  const command = [...flags, ...wordsOf(scriptUrl, options)];
  return JSON.parse(
    execFileSync(process.execPath, command, { stdio: ["ignore", "pipe", "inherit"] }),
  );
}

/** The same, where it does not matter what else runs meanwhile -> a promise. */
export function measureBeside(scriptUrl, options) {
  const child = spawn(process.execPath, wordsOf(scriptUrl, options), {
    stdio: ["ignore", "pipe", "inherit"],
  });
  process.once("exit", () => child.kill());
  let text = "";
  child.stdout.on("data", (piece) => (text += piece));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) =>
      code === 0 ? resolve(JSON.parse(text)) : reject(new Error(`${scriptUrl}: exit code ${code}`)),
    );
  });
}

const wordsOf = (scriptUrl, options) => [
  fileURLToPath(scriptUrl),
  ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`]),
];

export const median = (figures) => [...figures].sort((a, b) => a - b)[figures.length >> 1];

/** "median (least-most)". */
export function summary(figures, digits) {
  const [middle, least, most] = [median(figures), Math.min(...figures), Math.max(...figures)];
  return `${middle.toFixed(digits)} (${least.toFixed(digits)}-${most.toFixed(digits)})`;
}

/** A string that lies in memory as one piece, as one that was read from somewhere does. */
export function flat(text) {
  return Buffer.from(text).toString("latin1");
}
