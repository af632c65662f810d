// The types: types.mts is right, and nothing in the adapters' own is wrong. What TypeScript has to say of
// the libraries' (unstorage names the types of everything that it could be used with) is not ours.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const WORDS =
  "--noEmit --strict --target es2022 --module nodenext --lib es2023,dom,dom.iterable --types node types.mts";

test("tsc --strict", () => {
  const { stdout, error } = spawnSync("node_modules/.bin/tsc", WORDS.split(" "), {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    encoding: "utf8",
  });
  assert.equal(error, undefined);
  const errors = stdout.split("\n").filter((line) => /^\S+\(\d+,\d+\): error/.test(line));
  const isOurs = (line) => !line.startsWith("node_modules/") || line.includes("@ferrite/edge/");
  assert.deepEqual(errors.filter(isOurs), []);
});
