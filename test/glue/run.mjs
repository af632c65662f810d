// Runs every *.test.mjs beside it; the last line says how many tests passed and failed.
import { readdirSync } from "node:fs";
import { run } from "node:test";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const files = readdirSync(here)
  .filter((name) => name.endsWith(".test.mjs"))
  .map((name) => here + name);

let passed = 0;
let failed = 0;
run({ files })
  .on("test:pass", (test) => {
    if (isFile(test)) return;
    // A test that was not run has not passed.
    if (test.skip !== undefined || test.todo !== undefined) failed++;
    else passed++;
  })
  .on("test:fail", (test) => {
    if (isFile(test) && test.details.error.failureType === "subtestsFailed") return;
    failed++;
    console.log(`not ok: ${test.name}`);
    console.log(test.details.error.cause ?? test.details.error);
  })
  .on("end", () => {
    console.log(`glue: ${passed} passed, ${failed} failed`);
    process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
  })
  .resume();

// Node.js 18 reports each file as a test of its own.
function isFile(test) {
  return test.nesting === 0 && files.includes(test.name);
}
