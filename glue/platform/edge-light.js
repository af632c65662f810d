/*
 * Vercel Edge Functions and Next.js: as on Workers, and what is imported with ?module is a
 * WebAssembly.Module.
 */
import module from "../ferrite.wasm?module";
import { entry } from "../entry.js";

export { Ferrite, FerriteError } from "../entry.js";
export { initFerrite as default };

export const { initFerrite, createFerrite } = entry(() => module);
