// What a function does with the package in edge-runtime, and in what Vercel's own tools make of it.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { download, glob } from "@vercel/build-utils";
import { build } from "@vercel/node";
import { runServer } from "edge-runtime";
import { createProject } from "../project.mjs";
import { get, startOrigin } from "../serving.mjs";
import { serveInDev } from "./dev.mjs";
import { runInEdge } from "./edge.mjs";

const EXAMPLE = fileURLToPath(new URL("../../../glue/examples/vercel", import.meta.url));
const FUNCTION = "api/cached-data.ts";
const here = (name) => readFileSync(new URL(name, import.meta.url), "utf8");
const PAGE = {
  [FUNCTION]: here("page.ts"),
  "api/fetch-from-origin.ts": here("fetch-from-origin.ts"),
};

function createExample(t) {
  const project = createProject(t);
  cpSync(EXAMPLE, project.folder, { recursive: true });
  return project;
}

/** Serves a project's function in edge-runtime until the test is over -> its address. */
async function serveInEdge(t, { folder }, env) {
  const runtime = await runInEdge(folder, "listen.js", env);
  const server = await runServer({ runtime, host: "127.0.0.1" });
  t.after(() => server.close());
  return server.url;
}

const LISTEN = {
  "listen.js": `
    import handler from "./api/cached-data";
    addEventListener("fetch", (event) => event.respondWith(handler(event.request)));`,
};

async function checkExample(url, origin) {
  const first = await get(`${url}/api/cached-data?key=a%20b`);
  assert.deepEqual(first, { status: 200, cache: "MISS", body: "GET /a%20b , answer 1" });
  assert.deepEqual(await get(`${url}/api/cached-data?key=a%20b`), { ...first, cache: "HIT" });
  assert.equal(origin.asked, 1);
  assert.equal((await get(`${url}/api/cached-data?key=other`)).cache, "MISS");
  for (let i = 0; i < 2; i++)
    assert.equal((await get(`${url}/api/cached-data?key=missing`)).status, 404);
  assert.equal(origin.asked, 4); // what is no page is not kept
  assert.equal((await get(`${url}/api/cached-data`)).status, 400);
}

test("the package, where nothing may be compiled at run time", async (t) => {
  const { folder } = createProject(t, { "inside.js": here("inside.js") });
  assert.equal((await runInEdge(folder, "inside.js")).context.done, true);
});

test("the page's function in edge-runtime", async (t) => {
  const origin = await startOrigin(t);
  const project = createProject(t, { ...PAGE, ...LISTEN });
  const url = await serveInEdge(t, project, { ORIGIN: origin.url });
  const first = await get(`${url}/api/cached-data?key=hello`);
  assert.equal(first.body, "GET /hello , answer 1");
  assert.deepEqual(await get(`${url}/api/cached-data?key=hello`), first);
  assert.equal(origin.asked, 1);
});

test('the page\'s function in the server of "vercel dev": its await is refused', async (t) => {
  const { folder } = createProject(t, PAGE);
  const { said } = await serveInDev(t, folder, FUNCTION);
  assert.match(said(), /Top-level await is currently not supported/);
});

test("the example in edge-runtime", async (t) => {
  const origin = await startOrigin(t);
  const project = createExample(t);
  writeFileSync(join(project.folder, "listen.js"), LISTEN["listen.js"]);
  await checkExample(await serveInEdge(t, project, { ORIGIN: origin.url }), origin);
});

test('the example in the server of "vercel dev"', async (t) => {
  const origin = await startOrigin(t);
  const { folder } = createExample(t);
  const { url } = await serveInDev(t, folder, FUNCTION, { ORIGIN: origin.url });
  await checkExample(url, origin);
});

test("the same on Node.js", async (t) => {
  const origin = await startOrigin(t);
  const { folder } = createExample(t);
  const file = join(folder, FUNCTION);
  const onNode = readFileSync(file, "utf8")
    .replace(/^export const config.*/m, "")
    .replace("export default async function handler", "export async function GET");
  assert.doesNotMatch(onNode, /runtime/);
  writeFileSync(file, onNode);
  const { url } = await serveInDev(t, folder, FUNCTION, { ORIGIN: origin.url });
  await checkExample(url, origin);
});

test('what "vercel build" uploads of the example, in edge-runtime', async (t) => {
  const origin = await startOrigin(t);
  const { folder: workPath } = createExample(t);
  const files = await glob("**", { cwd: workPath, ignore: ["node_modules/**", "packed/**"] });
  const config = { zeroConfig: true };
  const meta = { isDev: true }; // the package is installed already
  const { output } = await build({ files, entrypoint: FUNCTION, workPath, config, meta });
  assert.equal(output.type, "EdgeFunction");

  const uploaded = createProject(t, LISTEN);
  rmSync(join(uploaded.folder, "node_modules"), { recursive: true });
  await download(output.files, uploaded.folder);
  await checkExample(await serveInEdge(t, uploaded, { ORIGIN: origin.url }), origin);
});

test("the example's types", async (t) => {
  const project = createExample(t);
  const types = createRequire(import.meta.url).resolve("@types/node/package.json");
  mkdirSync(join(project.folder, "node_modules/@types"));
  symlinkSync(dirname(types), join(project.folder, "node_modules/@types/node"));
  await project.run(
    "tsc",
    ...["--noEmit", "--strict", "--target", "es2022", "--module", "esnext"],
    ...["--moduleResolution", "bundler", "--lib", "es2022"],
    ...["--skipLibCheck", "--types", "node", FUNCTION],
  );
});
