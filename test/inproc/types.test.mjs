// The types: types.mts is right. The libraries' own are not ours to judge.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const WORDS =
  "--noEmit --strict --skipLibCheck --target es2022 --module nodenext --types node types.mts";

test("tsc --strict", () => {
  const { stdout, error } = spawnSync("node_modules/.bin/tsc", WORDS.split(" "), {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    encoding: "utf8",
  });
  assert.equal(error, undefined);
  assert.equal(stdout, "");
});
