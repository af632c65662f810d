// Bun: its own tests, in a project where the package is installed, those of test/glue, and those that
// start Bun.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runSuite } from "../runtimes.mjs";

const GLUE = fileURLToPath(new URL("../../glue", import.meta.url));

const here = (name) => readFileSync(new URL(name, import.meta.url), "utf8");

await runSuite("bun", import.meta.url, {
  files: { "inside.test.js": here("inside.test.js"), "worker.js": here("../worker.js") },
  words: ["test", "--timeout=60000", "./inside.test.js", GLUE],
  counts: /^ *(\d+) pass\n *(\d+) fail$/m,
});
