// The core, without what only Node.js has: Buffer, and where it is new, String's isWellFormed.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

const COMMANDS = new URL("../../glue/commands.js", import.meta.url).href;
const WASM = new URL("../../glue/ferrite.wasm", import.meta.url).href;

async function script(commands, wasm) {
  const { readFileSync } = await import("node:fs");
  const module = new WebAssembly.Module(readFileSync(new URL(wasm)));
  globalThis.Buffer = undefined;
  delete String.prototype.isWellFormed;
  const { Ferrite } = await import(commands);
  const cache = new Ferrite(module, { maxMemory: "16mb", seed: new Uint32Array(4) });
  const alphabets = ["a", "é", "€", "😀", "aé€😀", "\ufeff", "\u007f\u0080\u07ff\u0800\uffff"];
  for (const alphabet of alphabets) {
    for (const count of [0, 1, 10, 30, 300, 600, 2000, 100_000]) {
      const text = alphabet.repeat(count);
      cache.flushall();
      cache.set(text, text);
      cache.call("SET", `2${text}`, text);
      if (cache.get(text) !== text || cache.get(`2${text}`) !== text)
        throw new Error(`${alphabet} ${count}`);
      if (cache.strlen(text) !== new TextEncoder().encode(text).length)
        throw new Error(`${alphabet} ${count}`);
    }
  }
  for (const half of ["\ud800", "\udc00\ud800", `${"x".repeat(5000)}\udfff`]) {
    for (const call of [() => cache.get(half), () => cache.set("key", half)]) {
      try {
        call();
      } catch (error) {
        if (error.code === "ARGUMENT") continue;
      }
      throw new Error(`accepted ${JSON.stringify(half)}`);
    }
  }
  return "done";
}

test("text goes in and out without Buffer and isWellFormed", () => {
  const code = `console.log(await (${script})(${JSON.stringify(COMMANDS)}, ${JSON.stringify(WASM)}))`;
  const out = execFileSync(process.execPath, ["--input-type=module", "-e", code]);
  assert.equal(out.toString(), "done\n");
});

test("nothing but platform/node.js and the server imports from Node.js", async () => {
  const folder = new URL("../../glue/", import.meta.url);
  const names = ["", "platform/"].flatMap((at) =>
    readdirSync(new URL(at || ".", folder)).map((name) => at + name),
  );
  const neutral = names.filter((name) => name.endsWith(".js") && name !== "platform/node.js");
  assert.ok(neutral.length > 10);
  for (const name of neutral) {
    const source = await readFile(new URL(name, folder), "utf8");
    assert.doesNotMatch(source, /from "node:|require\(|process\.|import\((?!"\.\/)/, name);
  }
});

// Node.js 20 crashed on this when calls of the module were inlined: core.js, `enter`.
test("arguments of every kind, in hot code, by turns", () => {
  const script = new URL("./kinds.mjs", import.meta.url);
  for (const seed of ["1", "2", "3", "4"]) {
    const out = execFileSync(process.execPath, [script.pathname, seed]);
    assert.equal(out.toString(), `seed ${seed}: done\n`);
  }
});
