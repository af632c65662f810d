// Reads the list "skipped": what of Redis's suite is not played, and why.

import { readFileSync } from "node:fs";

/**
 * Lines that begin with "#" give the reason of those below: a file such as "unit/scripting", a tag such
 * as "tag needs:repl", or a test, "unit/type/list: its name" -> { files, tags, testsOf(file) }
 */
export function readSkipped() {
  const lines = readFileSync(new URL("skipped", import.meta.url), "utf8").split("\n");
  const files = new Set();
  const tags = [];
  const tests = new Map();
  let reason = "";
  for (const line of lines) {
    if (line.startsWith("#")) reason = line;
    if (line.startsWith("#") || line === "") continue;
    if (!reason) throw new Error(`skipped without a reason: ${line}`);
    const [, file, name] = /^(unit\/[a-z0-9/_-]+)(?:: (.*))?$/.exec(line) ?? [];
    if (line.startsWith("tag ")) tags.push(line.slice("tag ".length));
    else if (!file) throw new Error(`skipped: neither a file nor a tag nor a test: ${line}`);
    else if (!name) files.add(file);
    else tests.set(file, [...(tests.get(file) ?? []), name]);
  }
  return { files, tags, testsOf: (file) => tests.get(file) ?? [] };
}
