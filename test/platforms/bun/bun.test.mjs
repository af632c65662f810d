// What Bun makes of the package and of the example, from outside.
import assert from "node:assert/strict";
import { cpSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createProject, link } from "../project.mjs";
import { runIn, runtime } from "../runtimes.mjs";
import { checkPages, checkPassage, checkRateLimit, serve, startOrigin } from "../serving.mjs";

const BUN = runtime("bun");
const EXAMPLE = fileURLToPath(new URL("../../../glue/examples/bun", import.meta.url));
const SAY = `import { initFerrite } from "@ferrite/edge";
  const cache = await initFerrite();
  cache.set("key", "value", { ex: 60 });
  console.log(cache.get("key"), cache.ttl("key"));`;
const SAID = "value 60\n";

test("the example, and compiled to one program", async (t) => {
  const { folder } = createProject(t);
  cpSync(EXAMPLE, folder, { recursive: true });
  const origin = await startOrigin(t);
  const env = { PORT: "0", ORIGIN: origin.url };
  const { scripts } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const words = (script) => script.split(" ").slice(1);
  const url = await serve(t, BUN, words(scripts.start), { cwd: folder, env });
  await checkPages(url, origin);
  await checkPassage(url, origin);
  await checkRateLimit(url, 6);

  await runIn(folder, BUN, ...words(scripts.build));
  const program = join(createProject(t).folder, "server"); // far from the package
  renameSync(join(folder, "server"), program);
  renameSync(join(folder, "node_modules"), join(folder, "gone"));
  const other = await startOrigin(t);
  await checkPages(await serve(t, program, [], { env: { ...env, ORIGIN: other.url } }), other);
});

test("its types are right", async (t) => {
  const project = createProject(t);
  cpSync(EXAMPLE, project.folder, { recursive: true });
  link(project, "bun-types", "@types/node", "undici-types");
  const as = "--noEmit --strict --target esnext --module preserve --lib esnext --types bun-types";
  await project.run("tsc", ...as.split(" "), "server.ts");
});

for (const options of ["", "--minify --splitting --sourcemap=linked"]) {
  test(`bun build ${options}: ferrite.wasm comes along`, async (t) => {
    const { folder } = createProject(t, { "src/main.js": SAY });
    const words = ["build", "src/main.js", "--target=bun", "--outdir=out"];
    await runIn(folder, BUN, ...words, ...options.split(" ").filter(Boolean));
    const elsewhere = join(createProject(t).folder, "out");
    renameSync(join(folder, "out"), elsewhere);
    renameSync(join(folder, "node_modules"), join(folder, "gone"));
    assert.equal(await runIn("/", BUN, join(elsewhere, "main.js")), SAID);
  });
}
