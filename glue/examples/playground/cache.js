/*
 * The package, and what stops it from starting: the one place that knows where it comes from.
 */
import { Ferrite } from "../../commands.js";
import { compileModule } from "../../compile.js";

export { POLICIES } from "../../options.js";

const WASM = new URL("../../ferrite.wasm", import.meta.url);

/** The module, compiled. Errors say what to do. */
export async function loadModule() {
  if (typeof WebAssembly !== "object") throw new Error("This browser has no WebAssembly.");
  try {
    return await compileModule(fetch(WASM));
  } catch (error) {
    if (!/content security policy|csp/i.test(error.message)) throw error;
    throw new Error(
      "This page is not allowed to compile WebAssembly: its Content-Security-Policy has no " +
        "'wasm-unsafe-eval' in script-src. Whoever serves it has to add that.",
      { cause: error },
    );
  }
}

/** An empty cache. */
export const makeCache = (module, maxMemory, evictionPolicy) =>
  new Ferrite(module, { maxMemory, evictionPolicy });
