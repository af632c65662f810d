// Runs every *.test.mjs beside it, then the fleet, with every fault once.
//
//   node test/tier/run.mjs [seed]

import { runFolder } from "../folder.mjs";
import { runFleet } from "./fleet.mjs";

const seed = Number(process.argv[2] ?? Math.floor(Math.random() * 2 ** 32));
const total = await runFolder("the parts", import.meta.url, { concurrency: 6, timeout: 120_000 });
console.log(`the fleet, seed ${seed}`);
const { problems, report } = await runFleet({ seed, log: console.log });
console.log(report.join("\n"));
for (const problem of problems) console.log(`not ok: ${problem}`);
if (problems.length === 0) total.passed++;
else total.failed++;
console.log(`tier: ${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
