/*
 * The forms in which ferrite.wasm may be given: compiled, as bytes, or as a Response.
 */
import { FerriteError, refusal } from "./error.js";

const FORMS = "a WebAssembly.Module, an ArrayBuffer, a Uint8Array";

/** Could it be meant as one of these forms, rather than as options? */
export function isModuleSource(value) {
  return isCompiled(value) || isBuffer(value) || isResponse(value) || isPromise(value);
}

/** A WebAssembly.Module of any of the forms, or of a promise of one. */
export async function compileModule(source) {
  const given = await source;
  if (isCompiled(given)) return given;
  if (isBuffer(given)) return WebAssembly.compile(bytesOf(given));
  if (!isResponse(given)) throw refusal("module", given, `${FORMS}, a Response, a promise of one`);
  if (given.ok === false) {
    throw new FerriteError(`module is a Response with status ${given.status}; allowed: 200`);
  }
  return isStreamable(given) ? WebAssembly.compileStreaming(given) : compileBody(given);
}

// A server of single pages gives its page for whatever it does not have.
async function compileBody(response) {
  const bytes = await response.arrayBuffer();
  if (new TextDecoder().decode(bytes.slice(0, 4)) !== "\0asm") {
    const type = response.headers?.get("content-type") ?? "of no type";
    throw new FerriteError(`${response.url || "the Response"} is no WebAssembly, but ${type}`);
  }
  return WebAssembly.compile(bytes);
}

/** The same at once, for the forms that need no waiting. */
export function compileModuleNow(source) {
  if (isCompiled(source)) return source;
  if (isBuffer(source)) return new WebAssembly.Module(bytesOf(source));
  throw refusal("module", source, FORMS);
}

function bytesOf(buffer) {
  if (!ArrayBuffer.isView(buffer)) return buffer;
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

// By their tags, not their classes, which differ from realm to realm.
function isCompiled(value) {
  return Object.prototype.toString.call(value) === "[object WebAssembly.Module]";
}

function isBuffer(value) {
  return (
    ArrayBuffer.isView(value) || Object.prototype.toString.call(value) === "[object ArrayBuffer]"
  );
}

function isResponse(value) {
  return typeof value?.arrayBuffer === "function";
}

// Others, such as one of a server that does not know .wasm, compileStreaming would refuse.
function isStreamable(response) {
  return (
    typeof WebAssembly.compileStreaming === "function" &&
    response instanceof globalThis.Response &&
    response.headers.get("content-type") === "application/wasm"
  );
}

function isPromise(value) {
  return typeof value?.then === "function";
}
