// A program's first cache, in Node.js, Deno and Bun: prints how long its parts took, in ms, as JSON.
//
//   node test/bench/speed/first.mjs build/ferrite.wasm node|deno|bun

import { readFileSync } from "node:fs";
import { argv } from "node:process";

const [path, platform] = argv.slice(2);
const { createFerrite } = await import(`../../../glue/platform/${platform}.js`);
const bytes = readFileSync(path);
const began = performance.now();
const module = new WebAssembly.Module(bytes);
const compiled = performance.now();
const cache = createFerrite(module, { maxMemory: "64mb" });
const made = performance.now();
cache.set("key", "value", { ex: 60 });
if (cache.get("key") !== "value") throw new Error("it has no value");
const used = performance.now();
console.log(JSON.stringify({ compile: compiled - began, make: made - compiled, use: used - made }));
