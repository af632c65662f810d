// Prints the table of platforms: each row plays the cases on a runtime of its own (rows.mjs).
//
//     node test/platforms/run.mjs [name ...]
//
// What this machine does not have is "not run", and counted as that. The last line is
// "platforms: N passed, N failed, N not run", of rows; the exit code is 0 if some passed and none failed.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const known = readdirSync(here(".")).filter((name) => existsSync(here(`${name}/row.mjs`)));
const names = process.argv.length > 2 ? process.argv.slice(2) : known;
const total = { passed: 0, failed: 0, "not run": 0 };

const print = (...cells) =>
  console.log(cells.map((cell, i) => String(cell).padEnd([28, 12, 10, 14][i] ?? 0)).join(""));
const ms = (time) => (time === undefined ? "-" : time.toFixed(time < 1 ? 3 : 1));

function runRow(name) {
  const options = { encoding: "utf8", timeout: 300_000, maxBuffer: 1 << 28 };
  const { stdout, stderr } = spawnSync(process.execPath, [here(`${name}/row.mjs`)], options);
  const lines = `${stdout}`.trim().split("\n");
  try {
    return { ...JSON.parse(lines.at(-1)), said: lines.slice(0, -1).join("\n") };
  } catch {
    return { runtime: name, failed: 1, passed: 0, said: `${stdout}${stderr}` };
  }
}

function judge({ notRun, passed, failed }) {
  if (notRun) return "not run";
  return passed > 0 && failed === 0 ? "passed" : "failed";
}

print("runtime", "version", "cases", "instantiate", "first request, ms");
for (const name of names) {
  if (!known.includes(name))
    throw new Error(`no such platform: ${name}; there are ${known.join(" ")}`);
  const result = runRow(name);
  const { runtime, version = "", passed, failed, instantiateMs, firstRequestMs, notRun } = result;
  const verdict = judge(result);
  total[verdict]++;
  if (verdict === "not run") print(runtime, "", `not run: ${notRun}`);
  else
    print(runtime, version, `${passed}/${passed + failed}`, ms(instantiateMs), ms(firstRequestMs));
  if (verdict === "failed") console.log(result.said);
}
console.log(
  `platforms: ${Object.entries(total)
    .map(([verdict, n]) => `${n} ${verdict}`)
    .join(", ")}`,
);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
