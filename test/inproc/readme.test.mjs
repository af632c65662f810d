// The examples of the guides, as they stand: each prints what its comments say.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const FOLDER = path("node_modules/.examples/"); // from where the packages are found

mkdirSync(FOLDER, { recursive: true });
after(() => rmSync(FOLDER, { recursive: true }));

for (const [guide, count] of [["adapters/clients.md", 2]]) {
  const text = readFileSync(path(`../../glue/${guide}`), "utf8");
  const examples = Array.from(text.matchAll(/^```js\n([\s\S]*?)^```$/gm), ([, code]) => code);
  test(`${guide} has ${count} examples`, () => assert.equal(examples.length, count));
  for (const [i, code] of examples.entries()) {
    test(`${guide}, example ${i + 1}`, () => {
      const file = `${FOLDER}${guide.replace(/\W/g, "-")}-${i}.mjs`;
      writeFileSync(file, code);
      const told = Array.from(
        code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm),
        ([, said]) => said,
      );
      assert.ok(told.length > 0);
      const printed = execFileSync(process.execPath, [file], { encoding: "utf8", timeout: 20_000 });
      assert.deepEqual(printed.trimEnd().split("\n"), told);
    });
  }
}
