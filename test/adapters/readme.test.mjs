// The examples of glue/adapters/README.md, as they stand. A line that prints says in a comment what.
// One that listens at PORT is asked for what its section's test wants to know.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { freshDirectory, keep } from "../keeper.mjs";
import { freePort } from "../servers.mjs";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const FOLDER = path("node_modules/.examples/"); // from where the packages are found

mkdirSync(FOLDER, { recursive: true });
after(() => rmSync(FOLDER, { recursive: true }));

const ADAPTERS = path("../../glue/adapters/");
const sections = readFileSync(`${ADAPTERS}README.md`, "utf8").split(/^## /m).slice(1);

const examples = sections.map((section) => {
  const title = section.slice(0, section.indexOf("\n"));
  const [, text] = /^```js\n([\s\S]*?)^```$/m.exec(section);
  const file = `${FOLDER}${title.replace(/\W+/g, "-")}.mjs`;
  writeFileSync(file, text);
  return { title, text, file };
});

for (const { title, text, file } of examples) {
  if (text.includes("process.env.PORT")) continue;
  test(`the example for ${title}`, () => {
    const told = Array.from(text.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm), ([, said]) => said);
    assert.ok(told.length > 0);
    const printed = execFileSync(process.execPath, [file], { encoding: "utf8" });
    assert.deepEqual(printed.trimEnd().split("\n"), told);
  });
}

/* --- those that listen --------------------------------------------------------------------------- */

const requests = {
  "express-rate-limit": async (url) => {
    const statuses = [];
    for (let i = 0; i < 6; i++)
      statuses.push((await fetch(`${url}/login`, { method: "POST" })).status);
    assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429]);
  },
  "express-session": async (url) => {
    const first = await fetch(url);
    const [cookie] = first.headers.getSetCookie();
    assert.equal(await first.text(), "views: 1");
    const second = await fetch(url, { headers: { cookie: cookie.slice(0, cookie.indexOf(";")) } });
    assert.equal(await second.text(), "views: 2");
    assert.equal(await (await fetch(url)).text(), "views: 1");
  },
  "Hono: a cache of responses": async (url) => {
    const [first, second] = [await fetch(url), await fetch(url)];
    assert.equal(await second.text(), await first.text());
    assert.match(second.headers.get("cache-status"), /hit/);
    assert.equal(second.headers.get("etag"), first.headers.get("etag"));
  },
};

for (const [title, ask] of Object.entries(requests)) {
  test(`the example for ${title}`, async (t) => {
    const { file } = examples.find((example) => example.title === title);
    const port = await freePort();
    process.env.PORT = port;
    const { log, stop } = keep(freshDirectory(), process.execPath, [file]);
    t.after(stop);
    const url = `http://127.0.0.1:${port}`;
    for (const giveUp = Date.now() + 10_000; !(await fetch(`${url}/none`).catch(() => null)); ) {
      assert.ok(Date.now() < giveUp, log());
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await ask(url);
  });
}

test("each adapter is told of, and each example was run", () => {
  const { exports } = JSON.parse(readFileSync(`${ADAPTERS}../package.json`, "utf8"));
  const pages = readdirSync(ADAPTERS).filter((name) => name.endsWith(".md"));
  const told = pages.map((name) => readFileSync(ADAPTERS + name, "utf8")).join("");
  for (const [name, { default: file }] of Object.entries(exports))
    if (file?.startsWith("./adapters/"))
      assert.ok(told.includes(`"@ferrite/edge/${name.slice(2)}"`), name);
  const listening = examples.filter(({ text }) => text.includes("process.env.PORT"));
  assert.deepEqual(
    listening.map(({ title }) => title),
    Object.keys(requests),
  );
});
