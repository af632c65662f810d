// Run by "workerd test": each test is an entry point of its own.
import { createFerrite, Ferrite, FerriteError, initFerrite } from "@ferrite/edge";
import module from "@ferrite/edge/ferrite.wasm";

function check(holds, what) {
  if (!holds) throw new Error(what);
}

function codeOf(use) {
  try {
    use();
  } catch (error) {
    return error instanceof FerriteError ? error.code : String(error);
  }
  return "nothing thrown";
}

// What happens at module scope, where workerd has no randomness. Its clock runs there, locally; where
// workers are deployed it stands at 0, which is what Date.now is made to say here.
const { now } = Date;
const cache = await initFerrite({ maxMemory: "1mb" });
const withoutRandomness = codeOf(() => cache.set("key", "value", { ex: 60 }));
const seeded = await initFerrite({ maxMemory: "1mb", seed: new Uint32Array(4) });
Date.now = () => 0;
const withoutClock = codeOf(() => seeded.set("key", "value", { ex: 60 }));
Date.now = now;

export const moduleScope = {
  test() {
    check(withoutRandomness === "TOOEARLY", withoutRandomness);
    check(withoutClock === "TOOEARLY", withoutClock);
    for (const made of [cache, seeded]) {
      check(made.dbsize() === 0, "what was refused is there");
      check(made.set("key", "value", { ex: 60 }) === "OK", "SET");
      check(made.get("key") === "value" && made.ttl("key") === 60, "dead at the first request");
    }
  },
};

export const seeds = {
  test() {
    // Scans go through a cache in an order that its seed makes.
    const orders = Array.from({ length: 3 }, () => {
      const one = createFerrite(module, { maxMemory: "1mb" });
      for (let i = 0; i < 100; i++) one.set(`key${i}`, i);
      return one.keys("*").join();
    });
    check(new Set(orders).size === 3, "the same seed again");
  },
};

export const noRuntimeCompilation = {
  async test() {
    check(module instanceof WebAssembly.Module, "ferrite.wasm is no module");
    check(createFerrite(module) instanceof Ferrite, "createFerrite");
    const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
    const refused = await WebAssembly.compile(bytes).then(String, String);
    check(/CompileError/.test(refused), refused); // why the package imports it
    const { code } = await initFerrite(bytes, {}).catch((error) => error);
    check(code === "ARGUMENT" && codeOf(() => createFerrite(bytes)) === "ARGUMENT", code);
  },
};

export const withinBudget = {
  test() {
    const full = createFerrite(module, { maxMemory: "1mb" });
    for (let i = 0; i < 20_000; i++) full.set(`key${i}`, "x".repeat(100));
    check(full.memory.buffer.byteLength <= 1 << 20, "more than the budget");
    check(full.info().evicted_keys > 0 && full.get("key19999") !== null, "no eviction");
  },
};

export default {};
