/*
 * The package on Node.js: the module is the file ferrite.wasm beside this one.
 */
import { webcrypto } from "node:crypto";
import { openSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Ferrite } from "./commands.js";
import { compileModule, compileModuleNow, isModuleSource } from "./module.js";

export { FerriteError } from "./error.js";
export { Ferrite };
export { initFerrite as default };

let ownModule; // a promise, once it was asked for
let recordings = 0;

/** initFerrite(options), initFerrite(module, options) */
export async function initFerrite(...args) {
  const [source, options] =
    args.length > 1 || isModuleSource(args[0]) ? args : [loadOwnModule(), args[0]];
  return make(await compileModule(source), options);
}

export function createFerrite(module, options) {
  return make(compileModuleNow(module), options);
}

// With FERRITE_RECORD=file each cache is recorded: the first one there, others in file.2, file.3 ...
// What is written is there at once, whatever becomes of the process.
function make(module, options = {}) {
  const path = process.env.FERRITE_RECORD;
  if (!path || typeof options !== "object" || options === null || options.record)
    return new Ferrite(module, options, webcrypto);
  const file = openSync(++recordings === 1 ? path : `${path}.${recordings}`, "w");
  return new Ferrite(module, { ...options, record: (bytes) => writeSync(file, bytes) }, webcrypto);
}

function loadOwnModule() {
  ownModule ??= readFile(new URL("./ferrite.wasm", import.meta.url))
    .then((bytes) => WebAssembly.compile(bytes))
    .catch((error) => {
      ownModule = undefined; // the next call tries again
      throw error;
    });
  return ownModule;
}
