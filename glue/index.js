/*
 * The package on Node.js: the module is the file ferrite.wasm beside this one.
 */
import { webcrypto } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Ferrite } from "./commands.js";
import { compileModule, compileModuleNow, isModuleSource } from "./module.js";

export { FerriteError } from "./error.js";
export { Ferrite };
export { initFerrite as default };

let ownModule; // a promise, once it was asked for

/** initFerrite(options), initFerrite(module, options) */
export async function initFerrite(...args) {
  const [source, options] =
    args.length > 1 || isModuleSource(args[0]) ? args : [loadOwnModule(), args[0]];
  return new Ferrite(await compileModule(source), options, webcrypto);
}

export function createFerrite(module, options) {
  return new Ferrite(compileModuleNow(module), options, webcrypto);
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
