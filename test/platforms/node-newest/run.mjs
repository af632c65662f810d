// The tests of the package and of the example for Node.js, run by the newest Node.js there is.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runtime } from "../runtimes.mjs";

const node = runtime("node-newest");
let passed = 0;
let failed = 0;
for (const name of ["../../glue/run.mjs", "../node/run.mjs"]) {
  const path = fileURLToPath(new URL(name, import.meta.url));
  const { stdout, stderr, status } = spawnSync(node, [path], { encoding: "utf8" });
  const counts = /: (\d+) passed, (\d+) failed\n$/.exec(stdout) ?? [0, 0, 1];
  passed += Number(counts[1]);
  failed += Number(counts[2]) || Number(status !== 0);
  process.stdout.write(stdout + stderr);
}
console.log(`node-newest: ${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
