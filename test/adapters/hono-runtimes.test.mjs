// The middleware for Hono where Hono mostly runs: in workerd, built by wrangler, in Deno and in Bun.
import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { once } from "node:events";
import { request } from "node:http";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createProject } from "../platforms/project.mjs";
import { runtime } from "../platforms/runtimes.mjs";
import { serve } from "../platforms/serving.mjs";
import { serve as serveWorker } from "../platforms/workerd/workerd.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

function createApp(t, files = {}) {
  const text = readFileSync(here("hono-app.js"), "utf8");
  const project = createProject(t, { "app.js": text, ...files });
  for (const name of ["hono", "http-cache-semantics"]) {
    const [from, to] = [here("."), project.folder].map((at) => join(at, "node_modules", name));
    cpSync(from, to, { recursive: true });
  }
  return project;
}

const RUNTIMES = {
  async workerd(t) {
    const config = 'name = "app"\nmain = "app.js"\ncompatibility_date = "2024-01-01"\n';
    const project = createApp(t, { "wrangler.toml": config });
    await project.run("wrangler", "deploy", "--dry-run", "--outdir", "out");
    return serveWorker(t, join(project.folder, "out"), {});
  },
  Deno(t) {
    const words = "serve --no-prompt --allow-read --host 127.0.0.1 --port 0 app.js".split(" ");
    return serve(t, runtime("deno"), words, { cwd: createApp(t).folder });
  },
  Bun(t) {
    const main = `import app from "./app.js";
      console.log(\`\${Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: app.fetch }).url}\`);`;
    return serve(t, runtime("bun"), ["main.js"], { cwd: createApp(t, { "main.js": main }).folder });
  },
};

// Not fetch, which says no-cache where there is a condition.
async function ask(url, headers = {}, method = "GET") {
  const [response] = await once(request(url, { method, headers, agent: false }).end(), "response");
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
}

for (const [name, start] of Object.entries(RUNTIMES)) {
  test(`the middleware for Hono in ${name}`, async (t) => {
    const url = await start(t);
    const page = (path, ...words) => ask(`${url}/pages/${path}`, ...words);
    const told = async (...words) => {
      const { status, headers, body } = await page(...words);
      return [status, headers["cache-status"].replace(/=\d+$/, ""), `${body}`];
    };
    const [english, german] = ["en", "de"].map((language) => ({ "accept-language": language }));
    assert.deepEqual(await told("a", english), [200, "ferrite; fwd=uri-miss; stored", "a en 1"]);
    assert.deepEqual(await told("a", english), [200, "ferrite; hit; ttl", "a en 1"]);
    assert.deepEqual(await told("a", german), [200, "ferrite; fwd=vary-miss; stored", "a de 2"]);
    assert.deepEqual(await told("a", english, "HEAD"), [200, "ferrite; hit; ttl", ""]);
    const unchanged = await page("a", { ...english, "if-none-match": '"v1"' });
    assert.deepEqual([unchanged.status, `${unchanged.body}`], [304, ""]);
    assert.equal(unchanged.headers.etag, '"v1"');
    assert.match((await page("a", english)).headers.age, /^\d$/);
    await page("a", {}, "POST");
    assert.deepEqual(await told("a", english), [200, "ferrite; fwd=uri-miss; stored", "a en 3"]);
    for (const count of [4, 5])
      assert.deepEqual(await told("private"), [200, "ferrite; fwd=uri-miss", `${count}`]);
    for (const kept of [false, true]) {
      const { headers, body } = await page("bytes");
      assert.equal(/hit/.test(headers["cache-status"]), kept);
      assert.deepEqual([...body], [...Array(256).keys()]);
    }

    const limited = (client) => ask(`${url}/limited`, { client });
    for (const left of [2, 1, 0]) {
      const { status, headers } = await limited("a");
      assert.equal(status, 200);
      assert.match(headers.ratelimit, new RegExp(`^"default";r=${left};t=\\d+$`));
      assert.equal(headers["ratelimit-policy"], '"default";q=3;w=60');
    }
    const refused = await limited("a");
    assert.deepEqual(
      [refused.status, refused.headers["content-type"]],
      [429, "application/problem+json"],
    );
    assert.match(refused.headers["retry-after"], /^(1\d|20)$/);
    assert.equal((await limited("b")).status, 200);
  });
}
