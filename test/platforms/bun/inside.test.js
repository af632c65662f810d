// Run by "bun test", in a project where the package is installed.
import { expect, test } from "bun:test";
import { createFerrite, Ferrite, FerriteError, initFerrite } from "@ferrite/edge";
import path from "@ferrite/edge/ferrite.wasm" with { type: "file" };

const early = await initFerrite({ maxMemory: "1mb" });
early.set("key", "value", { ex: 60 });

test("what is set at module scope is there", () => {
  expect(early.get("key")).toBe("value");
  expect(early.ttl("key")).toBe(60);
});

test("ferrite.wasm is a file to import", async () => {
  const bytes = await Bun.file(path).bytes();
  expect(createFerrite(bytes)).toBeInstanceOf(Ferrite);
  expect(createFerrite(new WebAssembly.Module(bytes))).toBeInstanceOf(Ferrite);
  expect(await initFerrite(new Response(Bun.file(path)), {})).toBeInstanceOf(Ferrite);
});

test("an error is Redis's", () => {
  early.set("text", "value");
  expect(() => early.incr("text")).toThrow(FerriteError);
  expect(() => early.incr("text")).toThrow("ERR value is not an integer or out of range");
});

test("it is never more than the budget", async () => {
  const cache = await initFerrite({ maxMemory: "1mb" });
  for (let i = 0; i < 20_000; i++) cache.set(`key${i}`, "x".repeat(100));
  expect(cache.memory.buffer.byteLength).toBeLessThanOrEqual(1 << 20);
  expect(cache.info().evicted_keys).toBeGreaterThan(0);
  expect(cache.get("key19999")).not.toBeNull();
});

test("a worker's cache is its own", async () => {
  const worker = new Worker(new URL("worker.js", import.meta.url));
  const said = await new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
  });
  worker.terminate();
  expect(said).toEqual([null, "the worker's"]);
  expect(early.get("key")).toBe("value");
});
