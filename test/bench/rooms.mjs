// Where the module's bytes go, by the folders of src.
//
//   node test/bench/rooms.mjs
//
// A function belongs to the folder of the file that defines it, with what was inlined in it; names are
// those of build/ferrite-named.wasm, whose code is the module's.

import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bodyOf, readWasm } from "../../glue/size/wasm.js";
import { bars } from "./plots.mjs";
import { percent, printTable } from "./report.mjs";
import { writePlot, writeResults } from "./results.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const OBJECTS = `${ROOT}build/wasm`;
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

const [module, named] = ["ferrite", "ferrite-named"].map((name) =>
  readWasm(readFileSync(`${ROOT}build/${name}.wasm`), name),
);
if (!bodyOf(module, "code").equals(bodyOf(named, "code")))
  throw new Error("build/ferrite-named.wasm has other code than build/ferrite.wasm");

const roomsOf = definitions();
const found = new Map(Object.keys(WHAT).map((room) => [room, 0]));
const add = (room, bytes) => found.set(room, (found.get(room) ?? 0) + bytes);
for (const { name, bytes } of named.functions) {
  const ownName = name.replace(/(\.\d+|_\d+)$/, ""); // without what the linker made of equal names
  const rooms = roomsOf.get(name) ?? roomsOf.get(ownName);
  if (!rooms) throw new Error(`no file of src defines ${name}`);
  add(rooms.size === 1 ? [...rooms][0] : SEVERAL, bytes);
}
const sizes = [...found].sort((a, b) => b[1] - a[1]);
sizes.push(["static data, packed", bodyOf(module, "data").length]);
const total = module.bytes.length;
sizes.push(["types, table, exports", total - sizes.reduce((sum, [, n]) => sum + n, 0)]);

const label = (room) => (WHAT[room] ? `src/${room}: ${WHAT[room]}` : room);
console.log(`rooms: bytes of ferrite.wasm, ${total} in all`);
printTable([["", "bytes", ""], ...sizes.map(([room, n]) => [label(room), n, percent(n / total)])]);
writeResults("rooms", { module_bytes: total, room_bytes: Object.fromEntries(sizes) });
const shown = sizes.map(([room, value]) => ({ name: label(room), value }));
writePlot(
  "rooms",
  "bytes",
  bars({
    title: `Bytes in the module, ${total.toLocaleString("en")} in all`,
    groups: [{ title: "", bars: shown }],
    x: { label: "bytes" },
  }),
);
