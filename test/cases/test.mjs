// The cases: every command has one; what is kept is what redis-server answers; the package and the C
// library answer the same.
//
//     node test/cases/test.mjs build/play
//
// The last line is "cases: N passed, N failed".

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { initFerrite } from "../../glue/platform/node.js";
import { redisTables, startRedis, tables } from "./make.mjs";
import { overPackage, play } from "./play.mjs";

// Their replies are prose and figures of our own.
const UNPLAYED = /^(INFO|COMMAND DOCS|\w+ HELP|MEMORY STATS)$/;

const text = (paths) => paths.map((path) => readFileSync(path, "utf8")).join("");
let passed = 0;
let failed = 0;

function count(name, result) {
  console.log(`${name}: ${result.passed} passed, ${result.failed} failed`);
  for (const difference of result.differences ?? []) console.log(`  ${difference}`);
  passed += result.passed;
  failed += result.failed || (result.passed ? 0 : 1);
}

function everyCommandHasACase() {
  const table = readFileSync(new URL("../../src/cmd/commands.inc", import.meta.url), "utf8");
  const names = [...table.matchAll(/^COMMAND\("([^"]*)"/gm)]
    .map(([, name]) => name.toUpperCase().replace("|", " "))
    .filter((name) => !UNPLAYED.test(name));
  const played = text(tables);
  const missing = names.filter((name) => !new RegExp(`^> ${name}\\b`, "m").test(played));
  const differences = missing.map((name) => `no case: ${name}`);
  count("commands", { passed: names.length - missing.length, failed: missing.length, differences });
}

async function redisAnswersTheSame() {
  const redis = await startRedis();
  try {
    for (const path of redisTables)
      count(`redis ${redis.version}, ${basename(path)}`, await play(text([path]), redis));
  } finally {
    await redis.stop();
  }
}

function theLibraryAnswersTheSame(program) {
  const { stdout } = spawnSync(program, { input: text(tables), encoding: "utf8" });
  const lines = stdout.trim().split("\n");
  count("the C library", { ...JSON.parse(lines.pop()), differences: lines });
}

everyCommandHasACase();
await redisAnswersTheSame();
count("the package", await play(text(tables), overPackage(initFerrite)));
theLibraryAnswersTheSame(process.argv[2]);
console.log(`cases: ${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
