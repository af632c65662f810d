/*
 * What compiles a module. It is a file of its own, which the loaders of platforms that forbid it leave
 * alone: Next.js with webpack refuses a program in which anything might compile.
 */
import { FerriteError, refusal } from "./error.js";
import { isBuffer, isCompiled, isResponse } from "./module.js";

const FORMS = "a WebAssembly.Module, an ArrayBuffer, a Uint8Array";

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

/** For `entry`. */
export const compiler = { compile: compileModule, compileNow: compileModuleNow };

function bytesOf(buffer) {
  if (!ArrayBuffer.isView(buffer)) return buffer;
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

// Others, such as one of a server that does not know .wasm, compileStreaming would refuse.
function isStreamable(response) {
  return (
    typeof WebAssembly.compileStreaming === "function" &&
    response instanceof globalThis.Response &&
    response.headers.get("content-type") === "application/wasm"
  );
}
