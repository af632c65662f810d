/*
 * Deno: a source phase import gives a WebAssembly.Module, asks for no permission to read files, and is
 * seen by what bundles or compiles the program.
 */
import source module from "../ferrite.wasm";
import { compiler } from "../compile.js";
import { entry } from "../entry.js";

export { Ferrite, FerriteError } from "../entry.js";
export { initFerrite as default };

export const { initFerrite, createFerrite } = entry(() => module, compiler);
