// What a worker does with the package, inside workerd and over HTTP.
import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createProject, link } from "../project.mjs";
import { get, startOrigin } from "../serving.mjs";
import { configure, runTests, serve } from "./workerd.mjs";

const EXAMPLE = fileURLToPath(new URL("../../../glue/examples/workers", import.meta.url));
const here = (name) => readFileSync(new URL(name, import.meta.url), "utf8");
const configOf = (main) => `name = "test"\nmain = "${main}"\ncompatibility_date = "2024-01-01"\n`;

/** Builds a worker with wrangler -> the folder of what would be uploaded. */
async function build(project) {
  await project.run("wrangler", "deploy", "--dry-run", "--outdir", "out");
  return join(project.folder, "out");
}

test("workerd test", async (t) => {
  const project = createProject(t, {
    "inside.js": here("inside.js"),
    "wrangler.toml": configOf("inside.js"),
  });
  const { status, said } = await runTests(configure(await build(project), {}));
  assert.equal(status, 0, said);
  const tests = here("inside.js").match(/^export const \w+/gm).length;
  assert.equal(said.match(/\[ PASS \]/g)?.length, tests, said);
});

test("the page's worker", async (t) => {
  const origin = await startOrigin(t);
  const project = createProject(t, {
    "page.ts": here("page.ts"),
    "page-with-module.js": here("page-with-module.js"),
    "wrangler.toml": configOf("page-with-module.js"),
  });
  const url = await serve(t, await build(project), { origin: new URL(origin.url).host });
  const first = await get(`${url}/hello`);
  assert.equal(first.cache, "MISS");
  const asked = origin.asked;
  assert.deepEqual(await get(`${url}/hello`), { ...first, cache: "HIT" });
  assert.equal(origin.asked, asked);
});

test("the example", async (t) => {
  const origin = await startOrigin(t);
  const project = createProject(t);
  cpSync(EXAMPLE, project.folder, { recursive: true });
  link(project, "@cloudflare/workers-types");
  await project.run(
    "tsc",
    ...["--noEmit", "--strict", "--target", "es2022", "--module", "esnext"],
    ...["--moduleResolution", "bundler", "--lib", "es2022"],
    ...["--types", "@cloudflare/workers-types", "src/index.ts"],
  );
  const bindings = `(name = "ORIGIN", text = "${origin.url}")`;
  const url = await serve(t, await build(project), { origin: new URL(origin.url).host, bindings });

  await t.test("pages: MISS, then HIT, and errors are not kept", async () => {
    const first = await get(`${url}/hello`);
    assert.deepEqual([first.status, first.cache], [200, "MISS"]);
    const { asked } = origin;
    assert.deepEqual(await get(`${url}/hello`), { ...first, cache: "HIT" });
    assert.equal(origin.asked, asked);
    for (let i = 0; i < 2; i++) {
      const { status, cache } = await get(`${url}/missing`);
      assert.deepEqual([status, cache], [404, "MISS"]);
    }
  });

  await t.test("sessions", async () => {
    assert.equal((await get(`${url}/account`)).status, 401);
    assert.equal((await get(`${url}/account`, { Authorization: "forged" })).status, 401);
    const { body: token } = await get(`${url}/login?user=ann`);
    assert.equal((await get(`${url}/account`, { Authorization: token })).body, "Hello, ann");
  });

  await t.test("experiments: a user keeps the variant, and there are both", async () => {
    const variants = new Set();
    for (let user = 0; user < 30; user++) {
      const { body } = await get(`${url}/variant?experiment=1&user=${user}`);
      assert.equal((await get(`${url}/variant?experiment=1&user=${user}`)).body, body);
      variants.add(body);
    }
    assert.deepEqual([...variants].sort(), ["A", "B"]);
  });

  await t.test("the rate limit: 100 a minute and address, then 429", async () => {
    const client = { "CF-Connecting-IP": "192.0.2.1" };
    for (let i = 0; i < 100; i++) assert.equal((await get(`${url}/hello`, client)).status, 200);
    assert.equal((await get(`${url}/hello`, client)).status, 429);
    const other = await get(`${url}/hello`, { "CF-Connecting-IP": "192.0.2.2" });
    assert.equal(other.status, 200);
  });
});
