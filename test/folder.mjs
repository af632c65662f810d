// Runs every *.test.mjs of a folder; the last line says how many tests passed and failed.
import { readdirSync } from "node:fs";
import { run } from "node:test";
import { fileURLToPath } from "node:url";

/** @param url of a file in the folder; `isWanted`: of the files' names -> { passed, failed } */
export function runFolder(name, url, { isWanted = () => true, ...options } = {}) {
  const here = fileURLToPath(new URL(".", url));
  const files = readdirSync(here)
    .filter((file) => file.endsWith(".test.mjs") && isWanted(file))
    .map((file) => here + file);
  // Node.js 18 reports each file as a test of its own.
  const isFile = (test) => test.nesting === 0 && files.includes(test.name);

  let passed = 0;
  let failed = 0;
  return new Promise((resolve) =>
    run({ files, ...options })
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
        console.log(`${name}: ${passed} passed, ${failed} failed`);
        process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
        resolve({ passed, failed });
      })
      .resume(),
  );
}
