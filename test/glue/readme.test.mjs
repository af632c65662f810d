// The README's examples, as they stand: each JavaScript block is a program, run where the package is
// installed under its name; the C block is one too. And its table of commands: those that there are.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { initFerrite } from "../../glue/platform/node.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "ferrite-readme-"));
  mkdirSync(join(folder, "node_modules/@ferrite"), { recursive: true });
  symlinkSync(join(root, "glue"), join(folder, "node_modules/@ferrite/edge"));
  for (const name of ["build", "include"]) symlinkSync(join(root, name), join(folder, name));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const blocks = (file, language) =>
  Array.from(
    readFileSync(join(root, file), "utf8").matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm),
    ([, name, text]) => ({ name, text }),
  ).filter(({ name }) => name === language);

const run = (file, ...args) => execFileSync(file, args, { cwd: folder, encoding: "utf8" });

for (const [file, expected] of [
  ["README.md", ["", "", "+OK\r\n$5\r\nhello\r\n\n"]],
  ["glue/README.md", [""]],
]) {
  test(`the programs in ${file} run`, () => {
    const programs = blocks(file, "js");
    assert.equal(programs.length, expected.length);
    for (const [i, { text }] of programs.entries()) {
      writeFileSync(join(folder, "program.mjs"), text);
      assert.equal(run(process.execPath, "program.mjs"), expected[i]);
    }
  });
}

test("the C program in README.md compiles against the library and runs", () => {
  const [{ text }] = blocks("README.md", "c");
  writeFileSync(join(folder, "example.c"), text);
  run("clang-19", "-std=c11", "-I", "include", "example.c", "build/libferrite.a", "-o", "example");
  assert.equal(run("./example"), "hello\n:1\r\n");
});

/* --- the table of commands: | family, or nothing | time | COMMAND COMMAND† ... | ---------------- */

const section = /^## Commands\n([\s\S]*?)^## /m.exec(
  readFileSync(join(root, "README.md"), "utf8"),
)[1];
const lines = Array.from(
  section.matchAll(/^\| (.*?)\| .+? \| ([A-Z].*) \|$/gm),
  ([, family, names]) => ({
    family: family.trim(),
    names: names.replaceAll("†", "").split(" "),
  }),
);

test("README.md lists the commands of the module, each once", async () => {
  const cache = await initFerrite();
  const known = cache.command().map(([name]) => name.toUpperCase());
  assert.deepEqual(lines.flatMap(({ names }) => names).sort(), known.sort());
});

test("a family of README.md's commands comes once, the names in a line of it in order", () => {
  const families = lines.map(({ family }) => family).filter((family) => family !== "");
  assert.deepEqual(families, [...new Set(families)]);
  for (const { names } of lines) assert.deepEqual(names, [...names].sort());
});

test("README.md says what differs of each command that has a †, and of no other", () => {
  const marked = Array.from(section.matchAll(/([A-Z._]+)†/g), ([, name]) => name);
  const told = Array.from(section.matchAll(/^- ([A-Z._ ]+): /gm), ([, names]) => names.split(" "));
  assert.deepEqual(told.flat().sort(), marked.sort());
});
