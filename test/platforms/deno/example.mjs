// The example for Deno, as its user has it: the package added from a registry.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createProject } from "../project.mjs";
import { runIn } from "../runtimes.mjs";
import { checkPages, checkPassage, serve, startOrigin } from "../serving.mjs";

const EXAMPLE = fileURLToPath(new URL("../../../glue/examples/deno", import.meta.url));

/** A registry of npm's kind that has the package only, until the test is over -> its address */
async function startRegistry(t, { folder, tarball }) {
  const manifest = JSON.parse(readFileSync(join(folder, "packed/package.json"), "utf8"));
  const packed = readFileSync(tarball);
  const integrity = `sha512-${createHash("sha512").update(packed).digest("base64")}`;
  const server = createServer((request, response) => {
    if (request.url === "/packed.tgz") return response.end(packed);
    const dist = { tarball: `${url}/packed.tgz`, integrity };
    const versions = { [manifest.version]: { ...manifest, dist } };
    const told = { name: manifest.name, versions, "dist-tags": { latest: manifest.version } };
    response.statusCode = decodeURIComponent(request.url) === `/${manifest.name}` ? 200 : 404;
    response.end(JSON.stringify(told));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const url = `http://127.0.0.1:${server.address().port}`;
  return url;
}

/** The example's folder, where `deno` has added the package that a registry has */
async function installExample(t, deno, settings) {
  const project = createProject(t);
  const cwd = join(project.folder, "example");
  const registry = await startRegistry(t, project);
  const env = { NPM_CONFIG_REGISTRY: registry, DENO_DIR: join(project.folder, "dir"), ...settings };
  cpSync(EXAMPLE, cwd, { recursive: true });
  const { imports, tasks } = JSON.parse(readFileSync(join(cwd, "deno.json"), "utf8"));
  writeFileSync(join(cwd, "deno.json"), "{}");
  const run = (...words) => runIn({ cwd, env: { ...process.env, ...env } }, deno, ...words);
  await run("add", "npm:@ferrite/edge");
  const added = JSON.parse(readFileSync(join(cwd, "deno.json"), "utf8"));
  assert.deepEqual(added.imports, imports, "what the example has in its deno.json");
  return { options: { cwd, env }, run, started: tasks.start.split(" ").slice(1) };
}

/** Checks its types and what it does, with the flags that its task has, or others. */
export async function checkExample(t, deno, flags) {
  const origin = await startOrigin(t);
  const settings = { DENO_SERVE_ADDRESS: "tcp:127.0.0.1:0", ORIGIN: origin.url };
  const { options, run, started } = await installExample(t, deno, settings);
  await run("check", "main.ts");
  const url = await serve(t, deno, flags ? ["run", ...flags, "main.ts"] : started, options);
  await checkPages(url, origin);
  await checkPassage(url, origin);
}
