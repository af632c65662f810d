// The example in C on Wasmtime, with Fastly's host calls in C behind it (hosts.c): the object is the one
// of the guest that is deployed.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { compileGuest, linkGuest } from "../rows.mjs";
import { findWasmtime } from "../wasmtime/wizer.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const EXAMPLE = here("../../../glue/examples/fastly");
const OBJECT = here("../../../build/fastly/main.o");

test("on Wasmtime: a HIT in the sandbox that had the MISS", () => {
  const hosts = compileGuest(here("hosts.c"), "-I", EXAMPLE);
  const guest = linkGuest("fastly-on-wasi", OBJECT, hosts);
  const imports = execFileSync("wasm-objdump", ["-x", "-j", "Import", guest], { encoding: "utf8" });
  assert.doesNotMatch(imports, /<- fastly/);
  const { program, words } = findWasmtime(guest);
  const input = "GET /a\nGET /a\nGET /b\nPOST /a\nGET /missing\nGET /missing\nGET /b\n";
  const output = execFileSync(program, words, { input, encoding: "utf8" });
  assert.deepEqual(output.trim().split("\n"), [
    "200 MISS GET /a, 1",
    "200 HIT GET /a, 1",
    "200 MISS GET /b, 2",
    "200 PASS POST /a, 3",
    "404 PASS GET /missing, 4",
    "404 PASS GET /missing, 5",
    "200 HIT GET /b, 2",
  ]);
});
