// The types, by TypeScript's strictest reading and by the two programs that know how packages go wrong.
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createProject, link } from "../project.mjs";

const PROGRAM = readFileSync(new URL("./types.ts", import.meta.url), "utf8");

for (const [resolution, module] of [
  ["nodenext", "nodenext"],
  ["bundler", "esnext"],
]) {
  for (const where of ["dom", "workers"]) {
    test(`tsc --strict, as ${resolution} resolves, with the types of ${where}`, async (t) => {
      const project = createProject(t, { "types.ts": PROGRAM });
      link(project, "@cloudflare/workers-types");
      const library =
        where === "dom" ? ["es2022,dom"] : ["es2022", "--types", "@cloudflare/workers-types"];
      await project.run(
        "tsc",
        ...["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess"],
        ...["--target", "es2022", "--module", module, "--moduleResolution", resolution],
        ...["--lib", ...library, "types.ts"],
      );
    });
  }
}

test("publint has nothing to say", async (t) => {
  const { tarball, run } = createProject(t);
  await run("publint", "run", tarball, "--strict");
});

test("arethetypeswrong: they are not", async (t) => {
  const { tarball, run } = createProject(t);
  // An ES module only. What an import of ferrite.wasm gives depends on who bundles.
  const files = ["ferrite.wasm", "package.json"];
  await run("attw", tarball, "--profile", "esm-only", "--exclude-entrypoints", ...files);
});
