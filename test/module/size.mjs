// Where the module's bytes go: by section, by function, compressed. Fails above the ceiling.
//
//     node test/module/size.mjs build/ferrite.wasm build/ferrite-named.wasm <ceiling in bytes>
//
// The module carries no names. They come from a twin linked with them, whose static data is not
// packed, and otherwise the same; if its code should ever differ, the table says so rather than name
// the wrong function.

import { brotliCompressSync, gzipSync } from "node:zlib";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const SECTION_NAMES =
  "custom type import function table memory global export start element code data data-count";
const CODE_SECTION = 10;
const DATA_SECTION = 11;

/** Walks the bytes of a module, or of a part of one. */
class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  get done() {
    return this.at >= this.bytes.length;
  }

  byte() {
    return this.bytes[this.at++];
  }

  number() {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  /** The next `length` bytes, or as many as a length in front of them says. */
  take(length = this.number()) {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  text() {
    return Buffer.from(this.take()).toString();
  }
}

/** [{ id, name, bytes, body }]: bytes with the section's own header. */
function sectionsOf(module) {
  const reader = new Reader(module);
  const sections = [];
  reader.take(8);
  while (!reader.done) {
    const start = reader.at;
    const id = reader.byte();
    const body = reader.take();
    const name = SECTION_NAMES.split(" ")[id];
    sections.push({ id, name, bytes: reader.at - start, body });
  }
  return sections;
}

const codeOf = (sections) => sections.find(({ id }) => id === CODE_SECTION).body;
const dataBytes = (sections) => sections.find(({ id }) => id === DATA_SECTION).bytes;

/** Bytes of each function, in order; the module imports none, so that is their index. */
function functionSizes(code) {
  const reader = new Reader(code);
  return Array.from({ length: reader.number() }, () => {
    const start = reader.at;
    reader.take();
    return reader.at - start;
  });
}

/** Index -> name, from the name section. */
function functionNames(sections) {
  const names = new Map();
  for (const { body } of sections.filter(({ name }) => name === "custom")) {
    const reader = new Reader(body);
    if (reader.text() !== "name") continue;
    while (!reader.done) {
      const kind = reader.byte();
      const entries = new Reader(reader.take());
      if (kind !== 1) continue;
      for (let count = entries.number(); count > 0; count--)
        names.set(entries.number(), entries.text());
    }
  }
  return names;
}

function printRows(title, rows) {
  console.log(`\n${title}`);
  for (const [name, bytes, note = ""] of rows)
    console.log(`  ${String(bytes).padStart(7)}  ${name}${note}`);
}

const [modulePath, namedPath, ceiling] = process.argv.slice(2);
const module = readFileSync(modulePath);
const sections = sectionsOf(module);
const named = sectionsOf(readFileSync(namedPath));
const sameCode = Buffer.compare(codeOf(sections), codeOf(named)) === 0;
const names = sameCode ? functionNames(named) : new Map();

const functions = functionSizes(codeOf(sections))
  .map((bytes, index) => [names.get(index) ?? `function ${index}`, bytes])
  .sort((a, b) => b[1] - a[1]);

printRows("functions", functions);
if (!sameCode) console.log("  (no names: the twin that has them came out differently)");
printRows(
  "sections",
  sections.map(({ id, name, bytes }) => [
    name,
    bytes,
    id === DATA_SECTION ? `, packed; ${dataBytes(named)} as linked` : "",
  ]),
);
printRows("module", [
  ["raw", module.length, `, ceiling ${ceiling}`],
  ["gzip -9", gzipSync(module, { level: 9 }).length],
  ["brotli", brotliCompressSync(module).length],
]);
console.log(`\nSHA-256  ${createHash("sha256").update(module).digest("hex")}`);

if (module.length > Number(ceiling)) {
  console.error(`${modulePath} is ${module.length - Number(ceiling)} bytes above its ceiling`);
  process.exitCode = 1;
}
