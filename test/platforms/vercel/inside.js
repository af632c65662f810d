// Run in edge-runtime: what is wrong is thrown.
import { createFerrite, Ferrite, FerriteError, initFerrite } from "@ferrite/edge";
import module from "@ferrite/edge/ferrite.wasm?module";

function check(holds, what) {
  if (!holds) throw new Error(what);
}

function errorOf(use) {
  try {
    use();
  } catch (error) {
    return error;
  }
  throw new Error("nothing thrown");
}

// At module scope, where the clock of a deployed function may stand at 0.
const { now } = Date;
const cache = await initFerrite({ maxMemory: "1mb" });
Date.now = () => 0;
const early = errorOf(() => cache.set("key", "value", { ex: 60 }));
Date.now = now;
check(early instanceof FerriteError && early.code === "TOOEARLY", early);
check(cache.set("key", "value", { ex: 60 }) === "OK", "SET");
check(cache.get("key") === "value" && cache.ttl("key") === 60, "dead at the first request");

check(createFerrite(module) instanceof Ferrite, "createFerrite");
const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
const refused = await WebAssembly.compile(bytes).then(String, String);
check(/CompileError/.test(refused), refused); // why the package imports it
const { code } = await initFerrite(bytes, {}).catch((error) => error);
check(code === "ARGUMENT" && errorOf(() => createFerrite(bytes)).code === "ARGUMENT", code);
check(/EvalError/.test(errorOf(() => new Function("1"))), "strings are compiled");

for (let i = 0; i < 20_000; i++) cache.set(`key${i}`, "x".repeat(100));
check(cache.memory.buffer.byteLength <= 1 << 20, "more than the budget");
check(cache.info().evicted_keys > 0 && cache.get("key19999") !== null, "no eviction");
globalThis.done = true;
