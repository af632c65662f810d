// The module as a host meets it: it imports nothing, and it exports what include/ferrite.h says,
// no more, under the types the prototypes there promise. The binary is read by wabt, so that what
// is checked is the file and not what one engine makes of it.
//
//     node test/module/check.mjs build/ferrite.wasm <ceiling in bytes>

import { execFileSync, spawnSync } from "node:child_process";
import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const MOST_EXPORTS = 16;
const PAGE_BYTES = 65536;

const [modulePath, ceiling] = process.argv.slice(2);
const headerPath = fileURLToPath(new URL("../../include/ferrite.h", import.meta.url));
const header = readFileSync(headerPath, "utf8");
const dump = execFileSync("wasm-objdump", ["-x", modulePath], { encoding: "utf8" });

// --- what the header says ------------------------------------------------------------------------

const headerNumber = (name) => Number(new RegExp(`#define ${name} (\\d+)u`).exec(header)[1]);

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
