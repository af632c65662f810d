// A module that is stopped in the middle of a call is not used again. These are real traps: the
// built module, but for one function, which executes `unreachable`.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createFerrite, Ferrite } from "../../glue/platform/node.js";

const wasm = readFileSync(new URL("../../glue/ferrite.wasm", import.meta.url));

/* --- the module, changed ------------------------------------------------------------------------ */

const [FUNCTION_IMPORTS, EXPORTS, CODE] = [2, 7, 10]; // sections

function readNumber(bytes, at) {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[at++];
    value += (byte & 127) * scale;
    if (byte < 128) return [value, at];
  }
}

function number(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...number(value >>> 7)];
}

function* sectionsOf(bytes) {
  for (let at = 8; at < bytes.length; ) {
    const [length, body] = readNumber(bytes, at + 1);
    yield { id: bytes[at], start: at, body, end: body + length };
    at = body + length;
  }
}

function indexOfExport(bytes, { body }, name) {
  let [count, at] = readNumber(bytes, body);
  for (; count > 0; count--) {
    const [length, text] = readNumber(bytes, at);
    const [index, next] = readNumber(bytes, text + length + 1);
    if (bytes.toString("latin1", text, text + length) === name) return index;
    at = next;
  }
}

/** The module, but that the function exported as `name` does nothing but trap. */
function trappingIn(name) {
  const sections = [...sectionsOf(wasm)];
  assert.ok(!sections.some(({ id }) => id === FUNCTION_IMPORTS)); // they would come first
  const code = sections.find(({ id }) => id === CODE);
  const index = indexOfExport(
    wasm,
    sections.find(({ id }) => id === EXPORTS),
    name,
  );
  let [count, at] = readNumber(wasm, code.body);
  const bodies = number(count);
  for (let i = 0; i < count; i++) {
    const [length, from] = readNumber(wasm, at);
    at = from + length;
    if (i === index)
      bodies.push(3, 0, 0x00, 0x0b); // 3 bytes: no locals, unreachable, end
    else bodies.push(...number(length), ...wasm.subarray(from, at));
  }
  const changed = Buffer.from([CODE, ...number(bodies.length), ...bodies]);
  return Buffer.concat([wasm.subarray(0, code.start), changed, wasm.subarray(code.end)]);
}

/* --- what becomes of the cache ------------------------------------------------------------------ */

const isBroken = (error) => {
  assert.equal(error.name, "FerriteError");
  assert.equal(error.code, "BROKEN");
  assert.match(error.message, /broken.*stopped midway.*make another/);
  return (
    error.cause instanceof WebAssembly.RuntimeError && /unreachable/i.test(error.cause.message)
  );
};

const isNotBroken = (error) => error.code !== "BROKEN";

/** What reaches the module by which function. */
const CALLS = {
  ferrite_get: (cache) => cache.get("key"),
  ferrite_set: (cache) => cache.set("key", "value"),
  ferrite_reserve: (cache) => cache.set("key", "x".repeat(100_000)),
  ferrite_commit: (cache) => cache.set("key", "x".repeat(100_000)),
  ferrite_request: (cache) => cache.get("x".repeat(100_000)),
  ferrite_run: (cache) => cache.dbsize(),
  ferrite_more: (cache) => cache.echo("x".repeat(100_000)),
  ferrite_changes: (cache) => cache.takeChanges(),
};

for (const [name, call] of Object.entries(CALLS)) {
  test(`a trap in ${name} is told, and the cache refuses every further call`, () => {
    const cache = createFerrite(trappingIn(name));
    if (name !== "ferrite_set") cache.set("before", "value");
    if (name !== "ferrite_get" && name !== "ferrite_set")
      assert.equal(cache.get("before"), "value");
    assert.throws(() => call(cache), isBroken);
    for (const other of Object.values(CALLS)) assert.throws(() => other(cache), isBroken);
    assert.throws(() => cache.exec("GET before\r\n"), isBroken);
    assert.throws(() => cache.feed("*1\r\n$4\r\nPING\r\n"), isBroken);
    const { memory } = cache;
    assert.ok(memory.buffer.byteLength > 0); // to be looked at by whoever wants to know why
  });
}

test("no method of a broken cache answers", () => {
  const cache = createFerrite(trappingIn("ferrite_get"));
  assert.throws(() => cache.get("key"), isBroken);
  let methods = 0;
  for (let at = Ferrite.prototype; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) {
      // feed pumps; what is not disturbed are calls.
      if (["constructor", "memory", "pump", "undisturbed"].includes(name)) continue;
      for (const args of [["key"], ["key", "1", "2", "3"], [["PING"]]]) {
        const use = () =>
          name.includes("Iterator") ? [...cache[name](...args)] : cache[name](...args);
        assert.throws(use, { name: "FerriteError" }, name);
      }
      methods++;
    }
  }
  assert.ok(methods > 150);
});

test("a trap in the init makes no cache, and another cache is not concerned", () => {
  const module = new WebAssembly.Module(wasm);
  const other = createFerrite(module);
  other.set("key", "value");
  assert.throws(() => createFerrite(trappingIn("ferrite_init")), isBroken);
  assert.throws(() => createFerrite(trappingIn("ferrite_get")).get("key"), isBroken);
  assert.equal(other.get("key"), "value");
});

test("a clock that gives no number stops nothing: the call is not made", () => {
  let time = 1000;
  const cache = createFerrite(wasm, { now: () => time });
  cache.set("key", "value");
  const throwing = { valueOf: () => assert.fail("no time") };
  for (time of [1n, Symbol("time"), throwing]) {
    for (const [name, call] of Object.entries(CALLS))
      if (name !== "ferrite_changes") assert.throws(() => call(cache), isNotBroken); // it takes no time
  }
  time = 1000;
  assert.equal(cache.get("key"), "value");
});

// Where it ends is up to the engine: in the module, as nearly always here, or around it.
test("where the stack ends, the cache is whole, or says that it is broken, from then on", () => {
  let broken = 0;
  for (let round = 0; round < 60; round++) {
    const cache = createFerrite(wasm, { maxMemory: "1mb" });
    const dive = (depth) => {
      cache.sadd("set", `${depth}`, "x".repeat(round));
      dive(depth + 1);
    };
    assert.throws(
      () => dive(0),
      (error) => error instanceof RangeError || error.code === "BROKEN",
    );
    try {
      assert.equal(cache.smembers("set").length, cache.scard("set"));
    } catch (error) {
      assert.equal(error.code, "BROKEN");
      assert.ok(error.cause instanceof RangeError);
      assert.throws(() => cache.scard("set"), { code: "BROKEN" });
      broken++;
    }
  }
  assert.ok(broken > 0);
});
