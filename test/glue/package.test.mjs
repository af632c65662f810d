// The package as others get it: packed, installed in an empty folder, used from there; and that
// its types tell of every method.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Ferrite } from "../../glue/platform/node.js";

const GLUE = fileURLToPath(new URL("../../glue/", import.meta.url));

const MOST_BYTES = 142 * 1024; // packed

const EXAMPLE = `
import initDefault, { initFerrite, createFerrite, FerriteError } from "@ferrite/edge";
import { dump, load } from "@ferrite/edge/snapshot";
const cache = await initFerrite({ maxMemory: "64mb", evictionPolicy: "allkeys-lru" });
console.log(cache.set("page:/", "<html>", { ex: 60 }), cache.get("page:/"));
console.log(cache.getBytes("img:1"), cache.incr("rate:1.2.3.4"), cache.expire("rate:1.2.3.4", 60));
try { cache.incr("page:/"); } catch (error) { console.log(error instanceof FerriteError, error.code); }
console.log((await load(await initFerrite(), dump(cache))).loaded);
console.log(initDefault === initFerrite, typeof createFerrite);
const tier = (await import("@ferrite/edge/tier")).createTier(cache, null);
console.log(await tier.getOrSet("tea", () => "Earl Grey", { ex: 60 }), await tier.get("tea"));
console.log(import.meta.resolve?.("@ferrite/edge/ferrite.wasm") !== "");
`;
const COMPILES = /WebAssembly\.[ci]|new WebAssembly\.Module|compile\.js|\beval\b/;

test("npm pack, npm install in an empty folder, and it works", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "ferrite-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const run = (program, args, cwd) =>
    execFileSync(program, args, { cwd, encoding: "utf8", stdio: "pipe" });
  run(process.execPath, ["pack.mjs", join(folder, "package")], GLUE);
  const [packed] = JSON.parse(
    run(
      "npm",
      ["pack", "--json", "--silent", "--pack-destination", folder],
      join(folder, "package"),
    ),
  );
  const read = (name) => readFileSync(join(folder, "package", name), "utf8");
  assert.ok(packed.size <= MOST_BYTES, `${packed.size} bytes`);
  assert.deepEqual(packed.files.map((file) => file.path).sort(), [
    "LICENSE",
    "README.md",
    ...readdirSync(join(GLUE, "adapters"))
      .sort()
      .map((name) => `adapters/${name}`),
    "compile.js",
    "entry.js",
    "error.js",
    "ferrite.wasm",
    "index.d.ts",
    "package.json",
    ...readdirSync(join(GLUE, "platform"))
      .sort()
      .map((name) => `platform/${name}`),
    "server/in-process.js",
    "server/main.js",
    "server/server.js",
    "snapshot.d.ts",
    "snapshot.js",
    "tier.d.ts",
    "tier/index.js",
  ]);
  // Edge platforms' programs, which some of them refuse if anything there might compile.
  const atEdges = ["platform/workerd.js", "platform/edge-light.js", "entry.js", "error.js"];
  for (const name of [...atEdges, "tier/index.js"]) assert.ok(!COMPILES.test(read(name)), name);
  writeFileSync(join(folder, "package.json"), '{"private":true,"type":"module"}');
  run(
    "npm",
    ["install", "--offline", "--no-audit", "--no-fund", join(folder, packed.filename)],
    folder,
  );
  writeFileSync(join(folder, "example.js"), EXAMPLE);
  assert.equal(
    run(process.execPath, ["example.js"], folder),
    "OK <html>\nnull 1 1\ntrue ERR\n2\ntrue function\nEarl Grey Earl Grey\ntrue\n",
  );
  const program = (...words) => run("node_modules/.bin/ferrite-edge", words, folder);
  assert.match(program("--help"), /^usage: .* serve/);
  const ofOwn = program("size", "--max", "100000", "--imports", "none");
  assert.match(
    ofOwn,
    /@ferrite\/edge\/ferrite\.wasm\n[^]* raw, at most 100000\n[^]*imports: none\n/,
  );
});

test("the lock file names no registry", () => {
  assert.doesNotMatch(readFileSync(`${GLUE}package-lock.json`, "utf8"), /"resolved"/);
});

test("index.d.ts declares every method, and nothing that is not there", () => {
  const types = readFileSync(`${GLUE}index.d.ts`, "utf8");
  const body = types.slice(types.indexOf("export class Ferrite {"));
  const declared = new Set(["memory"]);
  for (const [, name] of body.matchAll(/^ {2}(\w+)\(/gm)) declared.add(name);
  declared.delete("constructor");
  // What commands, servers and snapshots are made of.
  const internal = ["constructor", "run", "put", "pump", "tick", "bulk", "undisturbed"];
  const methods = new Set();
  for (let at = Ferrite.prototype; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) {
      if (!internal.includes(name)) methods.add(name);
    }
  }
  assert.deepEqual([...declared].sort(), [...methods].sort());
});
