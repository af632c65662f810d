/*
 * Cloudflare Workers: nothing may be compiled at run time, and what is imported as .wasm is a
 * WebAssembly.Module already.
 */
import module from "../ferrite.wasm";
import { entry } from "../entry.js";

export { Ferrite, FerriteError } from "../entry.js";
export { initFerrite as default };

export const { initFerrite, createFerrite } = entry(() => module);
