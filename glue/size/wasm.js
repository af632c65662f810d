/*
 * A WebAssembly module as a file: its sections and functions, and the bytes of each.
 */
import { FerriteError } from "../error.js";

const PREAMBLE_BYTES = 8;
const KINDS =
  "custom type import function table memory global export start element code data data-count tag";
const FUNCTION_NAMES = 1; // a part of the name section

/** Walks bytes. The engine has found them well-formed, but for what custom sections hold. */
class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  get done() {
    return this.at >= this.bytes.length;
  }

  byte() {
    if (this.done) throw new RangeError("the bytes end too early");
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
    return new TextDecoder().decode(this.take());
  }
}

/**
 * Of the bytes of a file ->
 *
 *     { file, bytes,
 *       imports:   [{ module, name, kind }],
 *       sections:  [{ name, bytes, body }],     bytes with the section's own header
 *       functions: [{ index, name, bytes }] }   in order; without a name where the module has none
 */
export function readWasm(bytes, file) {
  const module = compile(bytes, file);
  const sections = sectionsOf(bytes);
  const imports = WebAssembly.Module.imports(module);
  const [section] = WebAssembly.Module.customSections(module, "name");
  const names = section ? namesOf(new Uint8Array(section)) : new Map();
  const imported = imports.filter(({ kind }) => kind === "function").length; // they are numbered first
  const functions = functionSizes(bodyOf({ sections }, "code")).map((size, i) => ({
    index: imported + i,
    name: names.get(imported + i),
    bytes: size,
  }));
  return { file, bytes, imports, sections, functions };
}

/** What a section holds; if there is none, a list of no elements. */
export function bodyOf({ sections }, name) {
  return sections.find((section) => section.name === name)?.body ?? new Uint8Array(1);
}

function compile(bytes, file) {
  try {
    return new WebAssembly.Module(bytes);
  } catch ({ message }) {
    const why = message.replace(/^WebAssembly\.Module\(\): /, "");
    throw new FerriteError(`${file} is no WebAssembly module: ${why}`);
  }
}

function sectionsOf(bytes) {
  const reader = new Reader(bytes);
  const sections = [];
  reader.take(PREAMBLE_BYTES);
  while (!reader.done) {
    const start = reader.at;
    const kind = KINDS.split(" ")[reader.byte()];
    const body = reader.take();
    const name = kind === "custom" ? `custom "${new Reader(body).text()}"` : kind;
    sections.push({ name, bytes: reader.at - start, body });
  }
  return sections;
}

function functionSizes(code) {
  const reader = new Reader(code);
  return Array.from({ length: reader.number() }, () => {
    const start = reader.at;
    reader.take();
    return reader.at - start;
  });
}

/** Index -> name. Of a section that is damaged, as many as can be read: it is no part of the code. */
function namesOf(section) {
  const names = new Map();
  const reader = new Reader(section);
  try {
    while (!reader.done) {
      const part = reader.byte();
      const entries = new Reader(reader.take());
      if (part !== FUNCTION_NAMES) continue;
      for (let count = entries.number(); count > 0; count--)
        names.set(entries.number(), entries.text());
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return names;
}
