// Deno: its own tests, in a project where the package is installed, and those that start it.
import { readFileSync } from "node:fs";
import { runSuite } from "../runtimes.mjs";

const here = (name) => readFileSync(new URL(name, import.meta.url), "utf8");

await runSuite("deno", import.meta.url, {
  files: { "inside_test.js": here("inside_test.js"), "worker.js": here("worker.js") },
  words: ["test", "--no-check", "--allow-read", "--no-prompt"],
});
