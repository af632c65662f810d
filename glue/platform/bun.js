/*
 * Bun: an import of the type "file" gives a path, and has "bun build" bring the file along; from what
 * that has built, the path is relative to the program.
 */
import path from "../ferrite.wasm" with { type: "file" };
import { compiler } from "../compile.js";
import { entry } from "../entry.js";

export { Ferrite, FerriteError } from "../entry.js";
export { initFerrite as default };

const file = () => Bun.file(path.startsWith(".") ? new URL(path, import.meta.url) : path);

export const { initFerrite, createFerrite } = entry(() => file().arrayBuffer(), compiler);
