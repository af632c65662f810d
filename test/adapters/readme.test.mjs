// The examples of glue/adapters/README.md, as they stand. A line that prints says in a comment what.
// One that listens at PORT is asked for what its section's test wants to know.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const FOLDER = path("node_modules/.examples/"); // from where the packages are found

mkdirSync(FOLDER, { recursive: true });
after(() => rmSync(FOLDER, { recursive: true }));

const sections = readFileSync(path("../../glue/adapters/README.md"), "utf8")
  .split(/^## /m)
  .slice(1);

for (const section of sections) {
  const title = section.slice(0, section.indexOf("\n"));
  const [, text] = /^```js\n([\s\S]*?)^```$/m.exec(section) ?? [];
  if (text.includes("process.env.PORT")) continue;
  test(`the example for ${title}`, () => {
    const file = `${FOLDER}${title.replace(/\W/g, "-")}.mjs`;
    writeFileSync(file, text);
    const told = Array.from(text.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm), ([, said]) => said);
    assert.ok(told.length > 0);
    const printed = execFileSync(process.execPath, [file], { encoding: "utf8" });
    assert.deepEqual(printed.trimEnd().split("\n"), told);
  });
}
