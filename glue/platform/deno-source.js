/*
 * A source phase import gives a WebAssembly.Module, asks for no permission, and is seen by what compiles
 * the program. Where it is a syntax error, deno.js finds out here.
 */
import source module from "../ferrite.wasm";

export { module };
