/*
 * The forms in which ferrite.wasm may be given: compiled, as bytes, or as a Response.
 */
import { refusal } from "./error.js";

/** Could it be meant as one of these forms, rather than as options? */
export function isModuleSource(value) {
  return isCompiled(value) || isBuffer(value) || isResponse(value) || isPromise(value);
}

/** Where nothing may be compiled: the module, which has to be. */
export function compiledModule(source) {
  if (isCompiled(source)) return source;
  throw refusal("module", source, "a WebAssembly.Module, as nothing is compiled here");
}

// By their tags, not their classes, which differ from realm to realm.
export function isCompiled(value) {
  return Object.prototype.toString.call(value) === "[object WebAssembly.Module]";
}

export function isBuffer(value) {
  return (
    ArrayBuffer.isView(value) || Object.prototype.toString.call(value) === "[object ArrayBuffer]"
  );
}

export function isResponse(value) {
  return typeof value?.arrayBuffer === "function";
}

function isPromise(value) {
  return typeof value?.then === "function";
}
