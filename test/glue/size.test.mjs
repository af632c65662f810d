// "ferrite-edge size": what it shows of a file, the budgets that it holds, what it refuses.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const PROGRAM = fileURLToPath(new URL("../../glue/server/main.js", import.meta.url));
const OWN = fileURLToPath(new URL("../../glue/ferrite.wasm", import.meta.url));
const NAMED = fileURLToPath(new URL("../../build/ferrite-named.wasm", import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "ferrite-"));
after(() => rmSync(folder, { recursive: true }));

function run(...words) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, "size", ...words], {
    encoding: "utf8",
  });
  return { status, shown: stdout, said: stderr };
}

function file(name, bytes) {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/* --- modules, made by hand: all lengths are below 128 ------------------------------------------ */

const part = (...bytes) => [bytes.length, ...bytes];
const text = (string) => part(...Buffer.from(string));
const list = (...elements) => [elements.length, ...elements.flat()];
const section = (id, ...bytes) => [id, ...part(...bytes)];
const PREAMBLE = [0, 97, 115, 109, 1, 0, 0, 0];
const NOTHING_TO_NOTHING = [0x60, 0, 0];

/** With functions [[name, bytes with the length in front], ...], and names of those that have one. */
function moduleOf(functions, { imports = [], names = true } = {}) {
  const body = (bytes) => part(0, ...Array(bytes - 3).fill(1), 0x0b); // no locals, nops, end
  const named = functions.map(([name], i) => [imports.length + i, ...text(name)]);
  return Uint8Array.from([
    ...PREAMBLE,
    ...section(1, ...list(NOTHING_TO_NOTHING)),
    ...section(2, ...list(...imports.map(([from, name]) => [...text(from), ...text(name), 0, 0]))),
    ...section(3, ...list(...functions.map(() => [0]))),
    ...section(10, ...list(...functions.map(([, bytes]) => body(bytes)))),
    ...(names ? section(0, ...text("name"), 1, ...part(...list(...named))) : []),
  ]);
}

const LOG = { imports: [["env", "log"]] };

/** The rows below a title: [[name, bytes], ...] */
function rows(shown, title) {
  const lines = shown
    .slice(shown.indexOf(`\n${title}`))
    .split("\n")
    .slice(2);
  const end = lines.findIndex((line) => !line.startsWith("  "));
  return lines.slice(0, end).map((line) => {
    const [, bytes, name] = /^ +([-+]?\d*) {2}(.*)$/.exec(line);
    return [name, bytes];
  });
}

/* --- what is shown ----------------------------------------------------------------------------- */

test("functions by size, sections, the file three ways, imports, SHA-256", () => {
  const bytes = moduleOf([["small", 4], ["large", 9], ["middle", 6]], LOG); // prettier-ignore
  const path = file("shown.wasm", bytes);
  const { status, shown, said } = run(path);
  assert.deepEqual([status, said], [0, ""]);
  assert.deepEqual(rows(shown, "functions, the 3 largest of 3"), [
    ["large", "9"],
    ["middle", "6"],
    ["small", "4"],
  ]);
  const sections = rows(shown, "sections");
  const names = ["type", "import", "function", "code", 'custom "name"'];
  assert.deepEqual(
    sections.map(([name]) => name),
    names,
  );
  const total = sections.reduce((sum, [, size]) => sum + Number(size), PREAMBLE.length);
  assert.equal(total, bytes.length);
  assert.deepEqual(rows(shown, "file"), [
    ["raw", `${bytes.length}`],
    ["gzip", `${gzipSync(bytes, { level: 9 }).length}`],
    ["brotli", `${brotliCompressSync(bytes).length}`],
  ]);
  assert.match(shown, /^imports: env\.log$/m);
  assert.ok(shown.includes(`SHA-256: ${createHash("sha256").update(bytes).digest("hex")}\n`));
  assert.equal(rows(run(path, "--functions", "1").shown, "functions, the 1 largest").length, 1);
});

test("without a name section functions have numbers, those of imports counted", () => {
  const bytes = moduleOf([["a", 4], ["b", 5]], { ...LOG, names: false }); // prettier-ignore
  const { shown } = run(file("nameless.wasm", bytes));
  assert.deepEqual(rows(shown, "functions, the 2 largest of 2; there is no name section"), [
    ["function 2", "5"],
    ["function 1", "4"],
  ]);
});

test("without a file, the package's own; its names come from the same code with names", () => {
  const { status, shown } = run("--names", NAMED, "--imports", "none");
  assert.equal(status, 0);
  assert.ok(shown.startsWith(`${OWN}\n`));
  assert.match(shown, /^ +\d+ {2}cmd_restore$/m);
  assert.match(shown, /^ +\d+ {2}data; \d+ in .*ferrite-named.wasm$/m);
  assert.match(shown, /^imports: none$/m);
});

test("since another build: what grew, shrank, came and went, most first", () => {
  const now = file("now.wasm", moduleOf([["grew", 20], ["same", 5], ["shrank", 4], ["came", 7]])); // prettier-ignore
  const then = file("then.wasm", moduleOf([["grew", 5], ["same", 5], ["shrank", 6], ["went", 8]])); // prettier-ignore
  const { status, shown } = run(now, "--since", then);
  assert.equal(status, 0);
  const [raw, , , ...functions] = rows(shown, `since ${then}`);
  assert.deepEqual(raw, ["raw", "+12"]); // "went" is a shorter name
  assert.deepEqual(functions, [
    ["grew", "+15"],
    ["went, gone", "-8"],
    ["came, new", "+7"],
    ["shrank", "-2"],
  ]);
});

test("since another build: numbers behind equal names do not count", () => {
  const now = file("now.wasm", moduleOf([["min.12", 5], ["min.7", 9]])); // prettier-ignore
  const then = file("then.wasm", moduleOf([["min.3", 5], ["min", 6]])); // prettier-ignore
  const [, , , ...functions] = rows(run(now, "--since", then).shown, `since ${then}`);
  assert.deepEqual(functions, [["min", "+3"]]);
});

test("since a build without names: the bytes alone, and it says so", () => {
  const path = file("now.wasm", moduleOf([["f", 20]]));
  const then = file("then.wasm", moduleOf([["f", 10]], { names: false }));
  assert.match(run(path, "--since", then).shown, /functions have no names on both sides/);
  const names = file("then-named.wasm", moduleOf([["f", 10]]));
  const { shown } = run(path, "--since", then, "--since-names", names);
  assert.deepEqual(rows(shown, `since ${then}`).at(-1), ["f", "+10"]);
});

/* --- budgets ----------------------------------------------------------------------------------- */

test("a budget that is met, and one that is not by a byte", () => {
  const bytes = readFileSync(OWN);
  for (const [option, form, size] of [
    ["--max", "raw", bytes.length],
    ["--max-gzip", "gzip", gzipSync(bytes, { level: 9 }).length],
    ["--max-brotli", "brotli", brotliCompressSync(bytes).length],
  ]) {
    const met = run(OWN, option, `${size}`);
    assert.deepEqual([met.status, met.said], [0, ""]);
    assert.ok(met.shown.includes(`${size}  ${form}, at most ${size}\n`));
    const missed = run(OWN, `${option}=${size - 1}`);
    assert.equal(missed.status, 1);
    const over = `${OWN} is over budget: ${size} bytes ${form}, 1 more than ${size - 1}`;
    assert.equal(missed.said, `ferrite-edge: ${over}\n`);
    assert.match(missed.shown, /SHA-256/);
  }
});

test("imports, of the modules named alone", () => {
  const imports = [["env", "log"], ["wasi", "exit"]]; // prettier-ignore
  const path = file("imports.wasm", moduleOf([["f", 4]], { imports }));
  assert.equal(run(path, "--imports", "wasi,env").status, 0);
  const one = run(path, "--imports", "env");
  assert.equal(one.status, 1);
  assert.equal(one.said, `ferrite-edge: ${path} imports wasi.exit; allowed: env\n`);
  const none = run(path, "--imports", "none", "--max", "1");
  assert.equal(none.status, 1);
  assert.match(none.said, /over budget[^]*env\.log; allowed: none\n[^]*wasi\.exit/);
});

/* --- what is refused --------------------------------------------------------------------------- */

test("a file that is missing, empty, cut short or broken is named, with what is wrong", () => {
  const whole = readFileSync(OWN);
  const broken = whole.slice();
  broken[whole.length >> 1] ^= 0xff;
  const cases = {
    empty: new Uint8Array(0),
    text: Buffer.from("<!doctype html>"),
    header: whole.subarray(0, 6),
    cut: whole.subarray(0, whole.length - 1),
    broken,
  };
  for (const [name, bytes] of Object.entries(cases)) {
    const path = file(name, bytes);
    const { status, shown, said } = run(path);
    assert.deepEqual([status, shown], [1, ""], name);
    const [line, ...rest] = said.split("\n");
    assert.ok(line.startsWith(`ferrite-edge: ${path} is no WebAssembly module: `), line);
    assert.match(line, /empty|magic|@\+\d+|at (byte|index) \d+/); // in the engine's words
    assert.deepEqual(rest, [""]);
  }
  assert.match(run(join(folder, "nowhere")).said, /nowhere cannot be read: ENOENT/);
  assert.match(run(folder).said, /cannot be read: EISDIR/);
});

test("a name section that is damaged is none, as engines take it", () => {
  const bytes = moduleOf([["f", 4]]);
  bytes[bytes.length - 4] = 99; // names
  const { status, shown } = run(file("damaged.wasm", bytes));
  assert.equal(status, 0);
  assert.match(shown, /functions, the 1 largest of 1/);
});

test("names of other code are refused", () => {
  const path = file("code.wasm", moduleOf([["f", 4]], { names: false }));
  const names = file("other.wasm", moduleOf([["f", 5]]));
  const { status, said } = run(path, "--names", names);
  assert.equal(status, 1);
  assert.match(said, /other\.wasm has other code than .*code\.wasm/);
});

test("wrong words are named, with what is allowed", () => {
  for (const [words, message] of [
    [
      ["--maximum", "5"],
      /no option --maximum; allowed: --max, --max-gzip, --max-brotli, --imports/,
    ],
    [["a.wasm", "b.wasm"], /no option b\.wasm/],
    [["--max"], /--max needs a value/],
    [["--max", "90kb"], /--max is "90kb"; allowed: a number/],
    [["--max", "-1"], /--max is "-1"; allowed: a number/],
    [["--since-names", NAMED], /--since-names needs --since/],
  ]) {
    const { status, shown, said } = run(...words);
    assert.deepEqual([status, shown], [1, ""]);
    assert.match(said, message);
  }
  const { status, shown } = run("--help");
  assert.equal(status, 0);
  assert.match(shown, /^usage: ferrite-edge size \[FILE\]/);
});
