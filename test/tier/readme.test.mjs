// The example in the README, as it stands, but for the port.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Node } from "./nodes.mjs";

const GLUE = new URL("../../glue/", import.meta.url);
const IOREDIS = new URL("node_modules/ioredis", import.meta.url);

test("the program in the README runs", async (t) => {
  const server = await Node.start();
  const folder = mkdtempSync(join(tmpdir(), "ferrite-tier-"));
  t.after(() => rmSync(folder, { recursive: true }));
  t.after(() => server.stop());
  mkdirSync(join(folder, "node_modules/@ferrite"), { recursive: true });
  symlinkSync(fileURLToPath(GLUE), join(folder, "node_modules/@ferrite/edge"));
  symlinkSync(fileURLToPath(IOREDIS), join(folder, "node_modules/ioredis"));
  const text = readFileSync(new URL("tier/README.md", GLUE), "utf8");
  const [, program] = /^```js\n([\s\S]*?)^```$/m.exec(text);
  writeFileSync(join(folder, "program.mjs"), program.replace("6379", server.port));
  const output = execFileSync(process.execPath, ["program.mjs"], {
    cwd: folder,
    encoding: "utf8",
    timeout: 10_000,
  });
  assert.equal(output, "<h1>Hello</h1> Ann\n");
});
