/*
 * Browsers, and any platform that is not known: the module is fetched from beside the package. The URL
 * is written such that bundlers recognise it.
 */
import { compiler } from "../compile.js";
import { entry } from "../entry.js";

export { Ferrite, FerriteError } from "../entry.js";
export { initFerrite as default };

export const { initFerrite, createFerrite } = entry(
  () => fetch(new URL("../ferrite.wasm", import.meta.url)),
  compiler,
);
