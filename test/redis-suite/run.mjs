// Redis's own test suite against the server of the package, as against any external server: every
// file of tests/unit, each with a fresh server, but for what the file "skipped" beside this one names.
//
//   node test/redis-suite/run.mjs SOURCE [--server redis] [--patience N] [--verbose] [file ...]
//     SOURCE           where Redis's source lies
//     --server redis   a real redis-server instead, which says what a test is worth here
//     --patience N     how many seconds a test may take (120)
//     --verbose        what every test said
//     file             such as unit/type/list; all if none is named
//
// The last line is "redis-suite: N passed, N failed". A file that is not played to its end has failed
// once more, and so has a line of "skipped" that names no test.

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { freePort, startServer } from "../servers.mjs";
import { readSkipped } from "./skipped.mjs";

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    server: { type: "string", default: "ferrite" },
    patience: { type: "string", default: "120" },
    verbose: { type: "boolean", default: false },
  },
});
const [source, ...asked] = positionals;
const skipped = readSkipped();

const files = readdirSync(join(source, "tests"), { recursive: true })
  .filter((name) => /^unit\/.*\.tcl$/.test(name))
  .map((name) => name.slice(0, -".tcl".length))
  .sort();
const chosen = asked.length ? asked : files.filter((file) => !skipped.files.has(file));

/** Plays a file against a fresh server -> { ok, err, skip, ignore: names, complete } */
async function play(file) {
  const server = await startServer(given.server);
  const directory = mkdtempSync(join(tmpdir(), "ferrite-suite-"));
  const skipfile = join(directory, "skip");
  const isSkipping = given.server === "ferrite";
  writeFileSync(skipfile, isSkipping ? skipped.testsOf(file).join("\n") : "");
  const words = ["tests/test_helper.tcl", "--host", "127.0.0.1", "--port", `${server.port}`];
  words.push("--singledb", "--durable", "--timeout", given.patience, "--single", file);
  // It talks to itself at a port that is 32 below this one.
  words.push("--skipfile", skipfile, "--baseport", `${(await freePort()) + 32}`);
  if (isSkipping) words.push("--tags", skipped.tags.map((tag) => `-${tag}`).join(" "));
  const child = spawn("tclsh", words, { cwd: source, stdio: ["ignore", "pipe", "inherit"] });
  try {
    return await listen(child, file);
  } finally {
    await server.stop();
    rmSync(directory, { recursive: true });
  }
}

const FAILURES = new Set(["err", "exception", "TIMEOUT"]);
const COLOUR = /\x1b\[[0-9;]*m/g;

async function listen(child, file) {
  const result = { ok: [], err: [], skip: [], ignore: [], complete: false };
  let failure = false; // of what is said of a failure, more lines follow
  for await (const coloured of createInterface({ input: child.stdout })) {
    const line = coloured.replace(COLOUR, "");
    const [, status, text] = /^\[([^\]]+)\]: (.*)$/s.exec(line) ?? [];
    if (line.includes("The End")) result.complete = true;
    if (line.includes("The following tests failed")) break;
    if (FAILURES.has(status)) console.log(`\n${file}`);
    failure = status ? FAILURES.has(status) : failure && line !== "";
    if (failure || given.verbose) console.log(line);
    if (FAILURES.has(status)) result.err.push(text);
    else if (status === "ok") result.ok.push(text.replace(/ \(\d+ ms\)$/, ""));
    else if (result[status]) result[status].push(text);
  }
  child.stdout.resume();
  await new Promise((resolve) =>
    child.exitCode === null ? child.once("exit", resolve) : resolve(),
  );
  return result;
}

const total = { passed: 0, failed: 0, skipped: 0, ignored: 0 };
for (const file of chosen) {
  const started = Date.now();
  const { ok, err, skip, ignore, complete } = await play(file);
  const stale =
    given.server === "ferrite" ? skipped.testsOf(file).filter((name) => !skip.includes(name)) : [];
  for (const name of stale) console.log(`${file}: skipped, but no test: ${name}`);
  if (!complete) console.log(`${file}: not played to its end`);
  const failed = err.length + stale.length + (complete ? 0 : 1);
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  console.log(
    `${file}: ${ok.length} passed, ${failed} failed; ${skip.length} skipped, ${ignore.length} by tag, ${seconds} s`,
  );
  total.passed += ok.length;
  total.failed += failed;
  total.skipped += skip.length;
  total.ignored += ignore.length;
}
console.log(`${total.skipped} skipped by name, ${total.ignored} by tag`);
console.log(`redis-suite: ${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
