// The module as a host meets it: it imports nothing, and it exports what include/ferrite.h says,
// no more, under the types the prototypes there promise. The binary is read by wabt, so that what
// is checked is the file and not what one engine makes of it.
//
//     node test/module/check.mjs build/ferrite.wasm build/ferrite-named.wasm <ceiling in bytes>
//
// The second is the same module before its static data was packed: what the linker made.

import { execFileSync, spawnSync } from "node:child_process";
import { deepStrictEqual, equal, notEqual, ok } from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const MOST_EXPORTS = 16;
const PAGE_BYTES = 65536;

const [modulePath, linkedPath, ceiling] = process.argv.slice(2);
const headerPath = fileURLToPath(new URL("../../include/ferrite.h", import.meta.url));
const header = readFileSync(headerPath, "utf8");
const dump = execFileSync("wasm-objdump", ["-x", modulePath], { encoding: "utf8" });

// --- what the header says ------------------------------------------------------------------------

const headerNumber = (name) => Number(new RegExp(`#define ${name} (\\d+)u`).exec(header)[1]);

const headerStatus = (name) => Number(new RegExp(`FERRITE_${name} =\\s+(\\d+)`).exec(header)[1]);

/** The names in the header's list of exports. */
function listedExports() {
  const [, list] = /Its exports are exactly\n([\s\S]*?)and it imports nothing/.exec(header);
  return list.match(/memory|ferrite_\w+/g).sort();
}

/** Name -> "(i32, f64) -> i32", by the prototypes, without the cache that wasm leaves out. */
function promisedSignatures() {
  const prototypes = header
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .matchAll(/^((?:\w+ )+\*?)(ferrite_\w+)\(([^)]*)\);/gm);
  const type = (c) => (c.startsWith("double") ? "f64" : "i32");
  const signatures = {};
  for (const [, result, name, list] of prototypes) {
    const parameters = list.split(",").map((parameter) => parameter.trim());
    if (parameters[0] === "struct ferrite *cache" || parameters[0] === "void") parameters.shift();
    signatures[name] = `(${parameters.map(type).join(", ")}) -> ${type(result)}`;
  }
  return signatures;
}

// --- what the file holds -------------------------------------------------------------------------

/** The lines of one section, "" if the module has no such section. */
function section(name) {
  return new RegExp(`^${name}\\[\\d+\\]:\\n((?: - .*\\n)*)`, "m").exec(dump)?.[1] ?? "";
}

/** [{ kind, index, name }] */
function fileExports() {
  const lines = section("Export").matchAll(/^ - (\w+)\[(\d+)\].* -> "(.*)"$/gm);
  return Array.from(lines, ([, kind, index, name]) => ({ kind, index, name }));
}

/** Name -> signature, of the functions exported. */
function fileSignatures() {
  const types = new Map();
  for (const [, index, signature] of section("Type").matchAll(/^ - type\[(\d+)\] (.*)$/gm))
    types.set(index, signature);
  const functions = new Map();
  for (const [, index, type] of section("Function").matchAll(/^ - func\[(\d+)\] sig=(\d+)/gm))
    functions.set(index, types.get(type));
  const exported = fileExports().filter(({ kind }) => kind === "func");
  return Object.fromEntries(exported.map(({ name, index }) => [name, functions.get(index)]));
}

// --- what it does --------------------------------------------------------------------------------

const instantiate = (path) =>
  new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path))).exports;
const memoryOf = (exports) => new Uint8Array(exports.memory.buffer).slice();

/** Status of an init with the least budget, or another. */
const init = (exports, budget = headerNumber("FERRITE_LEAST_BYTES"), policy = 0) =>
  exports.ferrite_init(budget, policy, 1, 2, 3, 4);

/** Static data as the linker made it, and where. Apart from that, memory begins as 0. */
function linkedData() {
  const memory = memoryOf(instantiate(linkedPath));
  const start = memory.findIndex((byte) => byte !== 0);
  const end = memory.findLastIndex((byte) => byte !== 0) + 1;
  return { start, end, bytes: memory.subarray(start, end) };
}

function isUnpacked(exports) {
  const { start, end, bytes } = linkedData();
  return Buffer.compare(memoryOf(exports).subarray(start, end), bytes) === 0;
}

// --- the checks ----------------------------------------------------------------------------------

const checks = {
  "is valid with no wasm feature beyond bulk memory, sign extension, saturating conversions"() {
    const others = ["simd", "multi-value", "reference-types"].map((name) => `--disable-${name}`);
    execFileSync("wasm-validate", [...others, modulePath], { stdio: "pipe" });
  },
  "imports nothing"() {
    equal(/^Import\[/m.test(dump), false);
    equal(WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(modulePath))).length, 0);
  },
  "exports exactly what include/ferrite.h lists"() {
    deepStrictEqual(
      fileExports()
        .map(({ name }) => name)
        .sort(),
      listedExports(),
    );
  },
  [`exports at most ${MOST_EXPORTS} names`]() {
    ok(fileExports().length <= MOST_EXPORTS);
  },
  "every function listed in the header is declared there, and the other way round"() {
    deepStrictEqual(["memory", ...Object.keys(promisedSignatures())].sort(), listedExports());
  },
  "every function takes and returns what its prototype says"() {
    deepStrictEqual(fileSignatures(), promisedSignatures());
  },
  [`is at most ${ceiling} bytes`]() {
    const { size } = statSync(modulePath);
    ok(size <= Number(ceiling), `it is ${size}`);
  },
  "starts within the least budget, and its memory has no maximum of its own"() {
    const [, initial, rest] = /^ - memory\[0\] pages: initial=(\d+)(.*)$/m.exec(section("Memory"));
    ok(initial * PAGE_BYTES <= headerNumber("FERRITE_LEAST_BYTES"), `initial: ${initial} pages`);
    equal(rest, "");
  },
  "holds no names, paths or other custom sections"() {
    equal(/^Custom:/m.test(dump), false);
  },
  "runs nothing by itself, and answers its ABI version"() {
    equal(/^Start:/m.test(dump), false);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(modulePath)));
    equal(exports.ferrite_abi_version(), headerNumber("FERRITE_ABI_VERSION"));
  },
  "answers nothing but that and where its io is before an init, and touches nothing"() {
    const exports = instantiate(modulePath);
    const before = memoryOf(exports);
    for (const { kind, name } of fileExports()) {
      if (kind !== "func" || /_(abi_version|io|init)$/.test(name)) continue;
      const answer = exports[name](...Array(exports[name].length).fill(0));
      equal(answer, headerStatus("BAD_ARGUMENT"), name);
    }
    exports.ferrite_io();
    equal(Buffer.compare(before, memoryOf(exports)), 0);
  },
  "unpacks, in the pages it starts with, exactly the static data that were linked"() {
    const exports = instantiate(modulePath);
    const { length } = memoryOf(exports);
    equal(isUnpacked(exports), false);
    equal(init(exports), 0);
    equal(isUnpacked(exports), true);
    equal(memoryOf(exports).length, length);
  },
  "unpacks at an init that fails, too, and the next ones find it as it is"() {
    const exports = instantiate(modulePath);
    notEqual(init(exports, 0), 0);
    notEqual(init(exports, headerNumber("FERRITE_LEAST_BYTES"), 99), 0);
    for (let times = 0; times < 3; times++) {
      equal(init(exports, 2 ** (20 + times)), 0);
      equal(isUnpacked(exports), true);
      new Uint8Array(exports.memory.buffer, linkedData().end).fill(255); // as a heap in use may
    }
  },
  "its header compiles as C++11 and as C11, strictly"() {
    for (const language of ["-xc++ -std=c++11", "-xc -std=c11"]) {
      const flags = [...language.split(" "), "-fsyntax-only", "-Wall", "-Wextra", "-Werror"];
      const { status, stderr } = spawnSync("clang-19", [...flags, headerPath]);
      equal(status, 0, String(stderr));
    }
  },
};

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  try {
    check();
    console.log(`  ok      ${name}`);
  } catch (error) {
    failed++;
    console.log(`  FAILED  ${name}\n${error.stderr ?? ""}${error.message}`);
  }
}
console.log(`module: ${Object.keys(checks).length - failed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
