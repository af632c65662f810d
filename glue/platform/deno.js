// @ts-self-types="../index.d.ts"
/*
 * Deno: compiled already, without a permission to read files; from the file, which takes one, before Deno
 * 2.6. Deno Deploy, where all is permitted, is told to run 2.5.
 */
import { compiler } from "../compile.js";
import { entry } from "../entry.js";

export { Ferrite, FerriteError } from "../entry.js";
export { initFerrite as default };

const imported = () => import("./deno-source.js").then(({ module }) => module);
const read = () => Deno.readFile(new URL("../ferrite.wasm", import.meta.url));

export const { initFerrite, createFerrite } = entry(() => imported().catch(read), compiler);
