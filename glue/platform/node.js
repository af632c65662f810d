/*
 * Node.js: the module is read from the file.
 *
 * With FERRITE_RECORD=file each cache is recorded: the first one there, others in file.2, file.3 ...
 * What is written is there at once, whatever becomes of the process.
 */
import crypto from "node:crypto";
import { openSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { compiler } from "../compile.js";
import { entry, Ferrite } from "../entry.js";

export { Ferrite, FerriteError } from "../entry.js";
export { initFerrite as default };

export const { initFerrite, createFerrite } = entry(
  () => readFile(new URL("../ferrite.wasm", import.meta.url)),
  compiler,
  make,
);

// What crypto.getRandomValues gives, without half a millisecond for its first call.
const random = { getRandomValues: (words) => crypto.randomFillSync(words) };

let recordings = 0;

function make(module, options = {}) {
  const path = process.env.FERRITE_RECORD;
  if (!path || typeof options !== "object" || options === null || options.record)
    return new Ferrite(module, options, random);
  const file = openSync(++recordings === 1 ? path : `${path}.${recordings}`, "w");
  return new Ferrite(module, { ...options, record: (bytes) => writeSync(file, bytes) }, random);
}
