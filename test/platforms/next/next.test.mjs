// An app that Next.js builds, with both of its bundlers: on its edge runtime a route, middleware and the
// page's function, and a route on Node.js.
import assert from "node:assert/strict";
import { test } from "node:test";
import { get, startOrigin } from "../serving.mjs";
import { build, createApp, serve } from "./next.mjs";

async function checkRoute(route, origin) {
  const first = await get(`${route}?key=a`);
  const { asked } = origin;
  assert.deepEqual(first, { status: 200, cache: "MISS", body: `GET /a , answer ${asked}` });
  assert.deepEqual(await get(`${route}?key=a`), { ...first, cache: "HIT" });
  assert.equal(origin.asked, asked);
  assert.equal((await get(`${route}?key=missing`)).status, 404);
  assert.equal((await get(route)).status, 400);
}

async function checkMiddleware(url) {
  const statusFor = async (client) => {
    const headers = { "X-Client": client };
    return (await fetch(`${url}/api/cached-data?key=a`, { headers })).status;
  };
  for (let i = 0; i < 100; i++) assert.equal(await statusFor("one"), 200);
  assert.equal(await statusFor("one"), 429);
  assert.equal(await statusFor("another"), 200);
}

async function checkPage(url, origin) {
  const first = await get(`${url}/api/page?key=hello`);
  const { asked } = origin;
  assert.equal(first.body, `GET /hello , answer ${asked}`);
  assert.deepEqual(await get(`${url}/api/page?key=hello`), first);
  assert.equal(origin.asked, asked);
}

for (const bundler of ["turbopack", "webpack"]) {
  test(bundler, async (t) => {
    const origin = await startOrigin(t);
    const folder = createApp(t, bundler);
    await build(folder, `--${bundler}`);
    const url = await serve(t, folder, { ORIGIN: origin.url });
    await t.test("a route: MISS, then HIT", () => checkRoute(`${url}/api/cached-data`, origin));
    await t.test("the same on Node.js", () => checkRoute(`${url}/api/on-node`, origin));
    await t.test("middleware: a hundred requests, then 429", () => checkMiddleware(url));
    await t.test("the page's function, its await at the top level and all", () =>
      checkPage(url, origin),
    );
  });
}
