/*
 * Where the bytes of a WebAssembly file are, whether they are within a budget, and what has changed
 * since another build of it.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { readWords } from "../command-line.js";
import { FerriteError } from "../error.js";
import { bodyOf, readWasm } from "./wasm.js";

const OWN = new URL("../ferrite.wasm", import.meta.url);

export const HELP = `usage: ferrite-edge size [FILE] [options]

Where the bytes of a .wasm file are, the package's own if none is named. The exit code is 1 if it is over one
of the budgets, or no WebAssembly module.

  --max BYTES         the most that the file may have
  --max-gzip BYTES    the same, of the file as gzip -9 makes it
  --max-brotli BYTES  the same, of the file as brotli makes it
  --imports MODULES   from which modules alone it may import: one or more, with commas, or none
  --functions N       how many functions to show, the largest first (20)
  --names FILE        the same code with a name section, if FILE has been stripped of its names
  --since FILE        an earlier build, to show what has grown, shrunk, come and gone
  --since-names FILE  the same code as that with a name section
`;

const DEFAULTS = {
  max: Infinity,
  "max-gzip": Infinity,
  "max-brotli": Infinity,
  imports: null,
  functions: 20,
  names: null,
  since: null,
  "since-names": null,
};
const NUMBERS = ["max", "max-gzip", "max-brotli", "functions"];

/** Shows what `words` ask for -> sentences about what is over budget; none if nothing is. */
export function size(words, print) {
  const { options, files } = readWords(words, DEFAULTS, NUMBERS, 1);
  if (options["since-names"] && !options.since)
    throw new FerriteError("--since-names needs --since");
  const wasm = read(files[0] ?? fileURLToPath(OWN), options.names);
  const sizes = sizesOf(wasm);
  const most = { raw: options.max, gzip: options["max-gzip"], brotli: options["max-brotli"] };
  print(wasm.file);
  printFunctions(print, wasm, options.functions);
  printRows(print, "sections", wasm.sections.map(describeSection(wasm.twin)));
  const budget = (form) => (most[form] === Infinity ? "" : `, at most ${most[form]}`);
  const rows = Object.entries(sizes).map(([form, bytes]) => [form + budget(form), bytes]);
  printRows(print, "file", rows);
  print(`\nimports: ${wasm.imports.map(importName).join(", ") || "none"}`);
  print(`SHA-256: ${createHash("sha256").update(wasm.bytes).digest("hex")}`);
  if (options.since) printChanges(print, wasm, read(options.since, options["since-names"]));
  return [...overBudget(wasm.file, sizes, most), ...forbiddenImports(wasm, options.imports)];
}

/* --- what there is ----------------------------------------------------------------------------- */

/** A module; `twin` is the same code with names, of which its functions have theirs. */
function read(file, twinFile) {
  const wasm = readWasm(contentOf(file), file);
  if (!twinFile) return wasm;
  const twin = readWasm(contentOf(twinFile), twinFile);
  if (Buffer.compare(bodyOf(wasm, "code"), bodyOf(twin, "code")) !== 0)
    throw new FerriteError(`${twinFile} has other code than ${file}, so its names are not that's`);
  return { ...wasm, twin, functions: twin.functions };
}

function contentOf(file) {
  try {
    return readFileSync(file);
  } catch ({ message }) {
    throw new FerriteError(`${file} cannot be read: ${message}`);
  }
}

function sizesOf({ bytes }) {
  return {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes).length,
  };
}

const hasNames = ({ functions }) => functions.some(({ name }) => name !== undefined);

function printFunctions(print, wasm, most) {
  const rows = wasm.functions
    .map(({ index, name, bytes }) => [name ?? `function ${index}`, bytes])
    .sort((a, b) => b[1] - a[1])
    .slice(0, most);
  const title = `functions, the ${rows.length} largest of ${wasm.functions.length}`;
  printRows(print, hasNames(wasm) ? title : `${title}; there is no name section`, rows);
}

/** With what the twin has of a section instead, such as static data that was packed later. */
function describeSection(twin) {
  return ({ name, bytes }) => {
    const other = twin?.sections.find((section) => section.name === name)?.bytes ?? bytes;
    return [other === bytes ? name : `${name}; ${other} in ${twin.file}`, bytes];
  };
}

const importName = ({ module, name }) => `${module}.${name}`;

function printRows(print, title, rows) {
  print(`\n${title}`);
  for (const [name, bytes] of rows) print(`  ${String(bytes).padStart(8)}  ${name}`);
}

/* --- budgets ----------------------------------------------------------------------------------- */

function overBudget(file, sizes, most) {
  return Object.keys(sizes)
    .filter((form) => sizes[form] > most[form])
    .map((form) => {
      const over = sizes[form] - most[form];
      return `${file} is over budget: ${sizes[form]} bytes ${form}, ${over} more than ${most[form]}`;
    });
}

function forbiddenImports({ file, imports }, allowed) {
  if (allowed === null) return [];
  const modules = allowed === "none" ? [] : allowed.split(",");
  return imports
    .filter(({ module }) => !modules.includes(module))
    .map((imported) => `${file} imports ${importName(imported)}; allowed: ${allowed}`);
}

/* --- what has changed -------------------------------------------------------------------------- */

function printChanges(print, now, then) {
  const [sizes, before] = [sizesOf(now), sizesOf(then)];
  const rows = Object.keys(sizes).map((form) => [form, signed(sizes[form] - before[form])]);
  if (hasNames(now) && hasNames(then)) rows.push(...changedFunctions(now, then));
  else rows.push(["functions have no names on both sides, so they are not compared", ""]);
  printRows(print, `since ${then.file}`, rows);
}

const signed = (difference) => (difference > 0 ? `+${difference}` : `${difference}`);

/** What has changed most first. */
function changedFunctions(now, then) {
  const [sizes, before] = [bytesByName(now), bytesByName(then)];
  return [...new Set([...sizes.keys(), ...before.keys()])]
    .map((name) => {
      const state = !before.has(name) ? ", new" : !sizes.has(name) ? ", gone" : "";
      return [name + state, (sizes.get(name) ?? 0) - (before.get(name) ?? 0)];
    })
    .filter(([, difference]) => difference !== 0)
    .sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]))
    .map(([name, difference]) => [name, signed(difference)]);
}

/** Functions of several files may have one name; LLVM numbers them, otherwise each time. */
function bytesByName({ functions }) {
  const sizes = new Map();
  for (const { name, bytes } of functions) {
    const ownName = name?.replace(/\.\d+$/, "");
    sizes.set(ownName, (sizes.get(ownName) ?? 0) + bytes);
  }
  return sizes;
}
