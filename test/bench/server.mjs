// Requests a second through the server, beside redis-server: redis-benchmark -P 64 in two processes at
// once, each with its 50 connections, against the two servers in turn.
//
//   node test/bench/server.mjs [--rounds 3] [--requests 100000] [--only set,get]
//
// Both servers have 256 MiB, noeviction. Judged is the median over rounds of how many times as many
// requests a second ours answered in the same round.

import { execFile } from "node:child_process";
import { parseArgs, promisify } from "node:util";
import { startServer } from "../servers.mjs";
import { printSummary, printTable, progress, progressDone, verdict } from "./report.mjs";
import { summary } from "./rounds.mjs";

const CLIENTS = 2;
const PIPELINE = 64;
const KEYS = 100_000;
const TARGET_TIMES = 0.5;

// Tests of redis-benchmark, in an order in which the later find what they take.
const TESTS = ["ping_mbulk", "set", "get", "incr", "mset", "lpush", "rpush", "lrange_100", "lpop"];
TESTS.push("rpop", "sadd", "spop", "hset", "zadd", "zpopmin");
const SLOW = { lrange_100: 20, mset: 5 }; // times fewer requests

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    requests: { type: "string", default: "100000" },
    only: { type: "string", default: TESTS.join(",") },
  },
});
const rounds = Number(options.rounds);
const requests = Number(options.requests);
const tests = options.only.split(",");

async function benchmark(port, words) {
  const to = ["-p", `${port}`, "--csv", ...words];
  const { stdout, stderr } = await promisify(execFile)("redis-benchmark", to);
  const [, perSecond] =
    /^"[^\n]*?","([\d.]+)"[^\n]*\n$/m.exec(stdout.split("\n").slice(1).join("\n")) ?? [];
  if (!perSecond || stderr) throw new Error(`redis-benchmark: ${stdout}${stderr}`);
  return Number(perSecond);
}

/** Thousands of requests a second, of all clients. */
async function measure({ port }, test) {
  const count = requests / (SLOW[test] ?? 1);
  const words = ["-t", test, "-n", `${count}`, "-P", `${PIPELINE}`, "-r", `${KEYS}`];
  const each = Array.from({ length: CLIENTS }, () => benchmark(port, words));
  return (await Promise.all(each)).reduce((sum, perSecond) => sum + perSecond) / 1000;
}

const servers = { ferrite: await startServer("ferrite"), redis: await startServer("redis") };
const runs = new Map(tests.map((test) => [test, []]));
try {
  for (let round = 0; round < rounds; round++) {
    for (const { port } of Object.values(servers))
      await promisify(execFile)("redis-cli", ["-p", `${port}`, "FLUSHALL", "SYNC"]);
    for (const test of tests) {
      progress(`server: ${test}, round ${round + 1} of ${rounds}`);
      const run = {};
      for (const [name, server] of Object.entries(servers)) run[name] = await measure(server, test);
      runs.get(test).push(run);
    }
  }
} finally {
  await Promise.all(Object.values(servers).map((server) => server.stop()));
}
progressDone();

console.log(
  `server: thousands of requests a second, redis-benchmark -P ${PIPELINE} in ${CLIENTS} processes at once,`,
);
console.log(
  `medians of ${rounds} rounds (least-most); at least ${TARGET_TIMES} times as many as redis-server.`,
);
const table = [["", "ferrite", "redis-server", "times as many", ""]];
for (const [test, figures] of runs) {
  const ratios = figures.map(({ ferrite, redis }) => ferrite / redis).sort((a, b) => a - b);
  const median = ratios[ratios.length >> 1];
  table.push([
    test,
    ...Object.keys(servers).map((name) =>
      summary(
        figures.map((run) => run[name]),
        0,
      ),
    ),
    summary(ratios, 2),
    verdict(median >= TARGET_TIMES, `${test}: ${median.toFixed(2)} times as many`),
  ]);
}
printTable(table);
printSummary("server");
