// The tests of the crate, by each cargo of this machine (the PATH's and Debian's): natively, with its
// documentation's examples, and as wasm32-wasi programs over node:wasi. Then the crate, packaged.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const CRATE = here("../../../glue/rust");
const BUILD = here("../../../build/rust");
const DEBIAN = "/usr/bin";
const WASI_TARGETS = ["wasm32-wasi", "wasm32-wasip1"]; // its former and its present name

// With V8's fast calls node:wasi goes on with the memory that a growing one has left, and crashes now
// and then (11 of 25 runs, Node.js 20.20).
const NODE_FLAGS = "--no-warnings --no-turbo-fast-api-calls";

let passed = 0;
let failed = 0;

function run(program, args, env = {}) {
  const options = { cwd: CRATE, env: { ...process.env, ...env }, encoding: "utf8" };
  const { status, stdout, stderr, error } = spawnSync(program, args, options);
  return { ok: status === 0, output: `${stdout ?? ""}${stderr ?? error ?? ""}`.trim() };
}

const cargos = [["cargo", "rustc", "rustdoc"]];
if (run("rustc", ["-V"]).output !== run(`${DEBIAN}/rustc`, ["-V"]).output) {
  cargos.push(["cargo", "rustc", "rustdoc"].map((name) => `${DEBIAN}/${name}`));
}

/** Counts what cargo and the player of the table have counted. */
function test(title, cargo, args, env) {
  const { ok, output } = run(cargo, ["test", ...args, "--", "--nocapture"], env);
  let tests = 0;
  let cases = 0;
  let red = 0;
  for (const [, kind, good, bad] of output.matchAll(
    /(result|cases): (?:\w+\. )?(\d+) passed[;,] (\d+) failed/g,
  )) {
    if (kind === "cases") cases += Number(good);
    else tests += Number(good);
    red += Number(bad);
  }
  if (tests === 0 || cases === 0 || (!ok && red === 0)) red++;
  console.log(`${title}: ${tests} tests and ${cases} cases passed, ${red} failed`);
  if (red > 0) console.log(output);
  passed += tests + cases;
  failed += red;
}

let wasiTargets = 0;
for (const [cargo, rustc, rustdoc] of cargos) {
  const version = run(rustc, ["-V"]).output;
  const found = run(rustc, ["--print", "sysroot"]);
  if (!found.ok) continue; // a rustup without a toolchain
  const env = {
    RUSTC: rustc,
    RUSTDOC: rustdoc,
    CARGO_TARGET_DIR: `${BUILD}/${version.replaceAll(/[^\w.]+/g, "-")}`,
  };
  test(`${version}, native`, cargo, [], env);
  for (const target of WASI_TARGETS) {
    if (!existsSync(`${found.output}/lib/rustlib/${target}`)) continue;
    wasiTargets++;
    const name = target.toUpperCase().replaceAll("-", "_");
    const runner = `node ${NODE_FLAGS} ${here("wasi.mjs")}`;
    const wasiEnv = { ...env, [`CARGO_TARGET_${name}_RUNNER`]: runner };
    test(`${version}, ${target} over node:wasi`, cargo, ["--target", target], wasiEnv);
  }
}
if (wasiTargets === 0) {
  console.log("no rustc here has wasm32-wasi");
  failed++;
}

// What is packaged is compiled as it would be from the registry: with copies of the C, without the
// repository around it.
const packaged = run("cargo", ["package", "--allow-dirty", "--offline"], {
  CARGO_TARGET_DIR: `${BUILD}/package`,
});
const whole = run("cargo", ["package", "--allow-dirty", "--list"]).output.includes(
  "core/src/abi/library.c",
);
console.log(`packaged: ${packaged.ok && whole ? "compiles" : packaged.output}`);
if (packaged.ok && whole) passed++;
else failed++;

console.log(`rust: ${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
