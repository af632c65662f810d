// The C library in a WASI guest on Wasmtime. Of the time to instantiate, nothing shows from outside.
import { buildGuest, played, row } from "../rows.mjs";
import { findWasmtime } from "./wizer.mjs";

await row("Wasmtime, WASI guest", () => {
  const { program, version, words } = findWasmtime(buildGuest());
  return { version, ...played(program, words), instantiateMs: undefined };
});
