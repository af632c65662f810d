// Where the module's bytes go, by the folders of src.
//
//   node test/bench/rooms.mjs
//
// A function belongs to the folder of the file that defines it, with what was inlined in it; names are
// those of build/ferrite-named.wasm, whose code is the module's.

import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readVarint } from "./module.mjs";
import { bars } from "./plots.mjs";
import { percent, printTable } from "./report.mjs";
import { writePlot, writeResults } from "./results.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const OBJECTS = `${ROOT}build/wasm`;
const PREAMBLE_BYTES = 8;
const CODE_SECTION = 10;
const DATA_SECTION = 11;
const FUNCTION_NAMES = 1;
const SEVERAL = "in several rooms";

const WHAT = {
  cmd: "commands",
  type: "collections",
  store: "index, eviction, expiry",
  heap: "allocator",
  wire: "protocol",
  abi: "exports",
  base: "hash, numbers",
};

/** { section id: its content } */
function sectionsOf(module) {
  const sections = {};
  for (let at = PREAMBLE_BYTES; at < module.length; ) {
    const [bytes, contentAt] = readVarint(module, at + 1);
    sections[module[at]] = module.subarray(contentAt, contentAt + bytes);
    at = contentAt + bytes;
  }
  return sections;
}

/** Bytes of each function, in order; the module imports none, so that is their index. */
function functionSizes(code) {
  let [count, at] = readVarint(code, 0);
  return Array.from({ length: count }, () => {
    const [bytes, bodyAt] = readVarint(code, at);
    const start = at;
    at = bodyAt + bytes;
    return at - start;
  });
}

/** Of each function, in order. */
function functionNames(named) {
  const [section] = WebAssembly.Module.customSections(new WebAssembly.Module(named), "name");
  const bytes = Buffer.from(section);
  const names = [];
  for (let at = 0; at < bytes.length; ) {
    const kind = bytes[at];
    const [length, contentAt] = readVarint(bytes, at + 1);
    at = contentAt;
    if (kind === FUNCTION_NAMES) {
      let [count, next] = readVarint(bytes, at);
      for (; count > 0; count--) {
        const [index, lengthAt] = readVarint(bytes, next);
        const [nameBytes, nameAt] = readVarint(bytes, lengthAt);
        next = nameAt + nameBytes;
        names[index] = bytes.toString("utf8", nameAt, next);
      }
    }
    at = contentAt + length;
  }
  return names;
}

/** Function -> the rooms that define one of that name: of a header, or of a file. */
function definitions() {
  const inHeaders = new Map();
  for (const room of Object.keys(WHAT)) {
    for (const file of readdirSync(`${ROOT}src/${room}`).filter((file) => file.endsWith(".h"))) {
      const source = readFileSync(`${ROOT}src/${room}/${file}`, "utf8");
      for (const [, name] of source.matchAll(/^\w[^\n;=]*?\b(\w+)\([^;{}()]*\)\s*\{/gm))
        inHeaders.set(name, new Set([room]));
    }
  }
  const inFiles = new Map();
  for (const object of readdirSync(OBJECTS).filter((file) => file.endsWith(".c.o"))) {
    const [room] = object.split("-");
    const words = ["--defined-only", "--format=just-symbols", `${OBJECTS}/${object}`];
    for (const name of execFileSync("llvm-nm-19", words).toString().split("\n"))
      inFiles.set(name, (inFiles.get(name) ?? new Set()).add(room));
  }
  return new Map([...inFiles, ...inHeaders]);
}

const module = readFileSync(`${ROOT}build/ferrite.wasm`);
const named = readFileSync(`${ROOT}build/ferrite-named.wasm`);
const sections = sectionsOf(module);
const code = sections[CODE_SECTION];
if (!code.equals(sectionsOf(named)[CODE_SECTION]))
  throw new Error("build/ferrite-named.wasm has other code than build/ferrite.wasm");

const roomsOf = definitions();
const names = functionNames(named);
const found = new Map(Object.keys(WHAT).map((room) => [room, 0]));
const add = (room, bytes) => found.set(room, (found.get(room) ?? 0) + bytes);
for (const [index, bytes] of functionSizes(code).entries()) {
  const name = names[index].replace(/(\.\d+|_\d+)$/, ""); // what the linker made of equal names
  const rooms = roomsOf.get(names[index]) ?? roomsOf.get(name);
  if (!rooms) throw new Error(`no file of src defines ${names[index]}`);
  add(rooms.size === 1 ? [...rooms][0] : SEVERAL, bytes);
}
const sizes = [...found].sort((a, b) => b[1] - a[1]);
sizes.push(["static data, packed", sections[DATA_SECTION].length]);
sizes.push(["types, table, exports", module.length - sizes.reduce((sum, [, n]) => sum + n, 0)]);

const label = (room) => (WHAT[room] ? `src/${room}: ${WHAT[room]}` : room);
console.log(`rooms: bytes of ferrite.wasm, ${module.length} in all`);
printTable([
  ["", "bytes", ""],
  ...sizes.map(([room, n]) => [label(room), n, percent(n / module.length)]),
]);
writeResults("rooms", { module_bytes: module.length, room_bytes: Object.fromEntries(sizes) });
const shown = sizes.map(([room, value]) => ({ name: label(room), value }));
writePlot(
  "rooms",
  "bytes",
  bars({
    title: `Bytes in the module, ${module.length.toLocaleString("en")} in all`,
    groups: [{ title: "", bars: shown }],
    x: { label: "bytes" },
  }),
);
