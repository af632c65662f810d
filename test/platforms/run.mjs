// Prints the table of platforms: each row plays the cases on a runtime of its own (rows.mjs), and has
// tests of what the platform's example does, if there are any.
//
//     node test/platforms/run.mjs [--all] [name ...]
//     node test/platforms/run.mjs --names [--all] [name ...]     only says which
//
// What this machine does not have is "not run", and counted as that. The last line is
// "platforms: N passed, N failed, N not run", of rows; the exit code is 0 if some passed and none failed.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const SLOW = ["firefox", "next", "ric"]; // only if named, or with --all

const options = { all: { type: "boolean" }, names: { type: "boolean" } };
const { values, positionals } = parseArgs({ options, allowPositionals: true });

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const known = readdirSync(here(".")).filter((name) => existsSync(here(`${name}/row.mjs`)));
const unknown = positionals.find((name) => !known.includes(name));
if (unknown) throw new Error(`no such platform: ${unknown}; there are ${known.join(" ")}`);
const usual = known.filter((name) => values.all || !SLOW.includes(name));
const names = positionals.length > 0 ? positionals : usual;

function run(path) {
  const options = { encoding: "utf8", timeout: 600_000, maxBuffer: 1 << 28 };
  const { stdout, stderr } = spawnSync(process.execPath, [path], options);
  const lines = `${stdout}`.trim().split("\n");
  return { last: lines.pop(), said: [...lines, stderr].join("\n") };
}

function playCases(name) {
  const { last, said } = run(here(`${name}/row.mjs`));
  try {
    return { ...JSON.parse(last), said };
  } catch {
    return { runtime: name, passed: 0, failed: 1, said: `${said}${last}` };
  }
}

/** -> { passed, failed, said }, or undefined if the platform has no tests. */
function runTests(name) {
  const path = here(`${name}/run.mjs`);
  if (!existsSync(path)) return undefined;
  const { last, said } = run(path);
  const [, passed, failed] = /: (\d+) passed, (\d+) failed$/.exec(last) ?? [0, 0, 1];
  return { passed: Number(passed), failed: Number(failed), said: `${said}${last}` };
}

const isRight = ({ passed, failed }) => passed > 0 && failed === 0;
const ratio = (count) => (count ? `${count.passed}/${count.passed + count.failed}` : "-");
const ms = (time) => (time === undefined ? "-" : time.toFixed(time < 1 ? 3 : 1));
const print = (...cells) =>
  console.log(cells.map((cell, i) => cell.padEnd([34, 14, 11, 11, 13][i] ?? 0)).join(""));

/** Prints a row -> "passed", "failed" or "not run". */
function showRow(name) {
  const cases = playCases(name);
  if (cases.notRun) {
    print(cases.runtime, `not run: ${cases.notRun}`);
    return "not run";
  }
  const tests = runTests(name);
  const { runtime, version = "", instantiateMs, firstRequestMs } = cases;
  print(runtime, version, ratio(cases), ratio(tests), ms(instantiateMs), ms(firstRequestMs));
  const wrong = [cases, tests].filter((count) => count && !isRight(count));
  for (const { said } of wrong) console.log(said);
  return wrong.length > 0 ? "failed" : "passed";
}

if (values.names) {
  console.log(names.join("\n"));
} else {
  print("runtime", "version", "cases", "tests", "instantiate", "first request, ms");
  const verdicts = names.map(showRow);
  const count = (verdict) => verdicts.filter((other) => other === verdict).length;
  const counts = ["passed", "failed", "not run"].map((verdict) => `${count(verdict)} ${verdict}`);
  console.log(`platforms: ${counts.join(", ")}`);
  process.exitCode = count("failed") > 0 || count("passed") === 0 ? 1 : 0;
}
