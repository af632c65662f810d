// Deno: its own tests, in a project where the package is installed, those of test/glue that start no
// Node.js, and those that start Deno.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runSuite } from "../runtimes.mjs";

const GLUE = fileURLToPath(new URL("../../glue/", import.meta.url));

const here = (name) => readFileSync(new URL(name, import.meta.url), "utf8");
const neutral = readdirSync(GLUE)
  .filter((name) => name.endsWith(".test.mjs"))
  .map((name) => GLUE + name)
  .filter((path) => !readFileSync(path, "utf8").includes("child_process"));

const permissions = ["--no-prompt", "--allow-read", "--allow-env"];

await runSuite("deno", import.meta.url, {
  files: { "inside_test.js": here("inside_test.js"), "worker.js": here("../worker.js") },
  words: ["test", "--no-check", ...permissions, "inside_test.js", ...neutral],
  counts: /^(?:ok|FAILED) \| (\d+) passed.*? \| (\d+) failed/m,
});
