// The package carries the module that was built last.
import { copyFileSync } from "node:fs";

copyFileSync(
  new URL("../build/ferrite.wasm", import.meta.url),
  new URL("./ferrite.wasm", import.meta.url),
);
