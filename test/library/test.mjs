// The C library, native and for wasm32: the example does what it says, as a program and as a WASI
// guest, and the core touches nothing outside the arena that it was given.
//
//     node test/library/test.mjs [seed]
//
// The last line is "library: N passed, N failed".

import { deepEqual, doesNotMatch, equal } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { play } from "../cases/play.mjs";
import { Random } from "../redis/random.mjs";
import { arenaPlayer } from "./arena.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const HERE = `${ROOT}build/library-test/`;
const CASES = `${ROOT}test/cases/`;
const EXAMPLE = "glue/examples/c/two-caches.c";
const STACK_BYTES = 65536;
const MEMORY_BYTES = 8 << 20; // twice the largest arena of the cases
const CALLS = ["io", "init", "request", "run", "more", "get", "set", "reserve", "commit"].concat([
  "tick",
  "changes",
]);
const EXPECTED = [
  ...["+OK", ":2", "$14", "<h1>Hello</h1>"],
  ...["*4", "$4", "user", "$3", "ada", "$4", "cart", "$1", "3", ":0", ""],
].join("\r\n");

const seed = Number(process.argv[2] ?? Math.floor(Math.random() * 1e9));
const table = readdirSync(CASES)
  .filter((name) => name.endsWith(".txt"))
  .map((name) => readFileSync(CASES + name, "utf8"))
  .join("");

const run = (program, words, options) =>
  execFileSync(program, words, { cwd: ROOT, encoding: "utf8", stdio: "pipe", ...options });

/** The commands of the example's guide, the indented lines that begin with that program. */
const guide = (program) =>
  readFileSync(`${ROOT}glue/examples/c/README.md`, "utf8")
    .split("\n")
    .filter((line) => line.startsWith(`    ${program} `))
    .map((line) => line.trim());

const tests = {
  "the example, natively, built as its guide says"() {
    const [command] = guide("cc");
    run("sh", ["-c", command]);
    equal(run("./build/two-caches", []), EXPECTED);
  },

  "the example as a WASI guest, built as its guide says"() {
    const [command] = guide("clang-19");
    run("sh", ["-c", command]);
    const host = `${ROOT}test/platforms/node-wasi/host.mjs`;
    const flags = ["--no-warnings", "--no-turbo-fast-api-calls"];
    equal(run(process.execPath, [...flags, host, "build/two-caches.wasm"]), EXPECTED);
  },

  "natively, the cases between pages that nobody may touch"() {
    const program = `${HERE}guarded`;
    const sources = ["test/library/guarded.c", "test/cases/play.c", "build/libferrite.a"];
    const wrap = "-Wl,--wrap=aligned_alloc,--wrap=free";
    run("clang-19", ["-std=c11", "-O2", "-I", "include", wrap, ...sources, "-o", program]);
    const { passed, failed } = JSON.parse(run(program, [], { input: table }));
    deepEqual([passed > 900, failed], [true, 0]);
  },

  async "for wasm32, the cases in memory that is compared after each call"() {
    const guest = `${HERE}guest.wasm`;
    run("wasm-ld-19", [
      ...["--no-entry", "--stack-first", "-z", `stack-size=${STACK_BYTES}`],
      ...[`--initial-memory=${MEMORY_BYTES}`, `--max-memory=${2 * MEMORY_BYTES}`],
      ...["--whole-archive", "build/wasm32/libferrite.a", "--export=__heap_base"],
      ...CALLS.map((name) => `--export=ferrite_${name}`),
      ...["-o", guest],
    ]);
    doesNotMatch(run("wasm-objdump", ["-d", guest], { maxBuffer: 1 << 28 }), /memory\.grow/);
    const random = new Random(seed);
    const player = arenaPlayer(guest, STACK_BYTES, () => random.below(1 << 24) / (1 << 24));
    const { passed, differences } = await play(table, player);
    deepEqual(differences, []);
    equal(player.calls() > passed && passed > 900, true);
  },
};

mkdirSync(HERE, { recursive: true });
console.log(`seed ${seed}`);
let passed = 0;
let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  try {
    await test();
    passed++;
  } catch (error) {
    failed++;
    console.log(`not ok: ${name}\n${error.stderr || error.stdout || error.stack}`);
  }
}
console.log(`library: ${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
