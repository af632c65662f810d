// What Next.js's server keeps is in the cache: pages are rendered again when their time or their tag is
// up, and not before, and memory has its bound however many there are.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startOrigin } from "../serving.mjs";
import { build, createSite, serve } from "./next.mjs";

const PATIENCE_MS = 10_000;

async function read(url) {
  const response = await fetch(url);
  assert.equal(response.status, 200, url);
  return (await response.text()).replaceAll("<!-- -->", "");
}

async function until(isSo) {
  for (const giveUp = Date.now() + PATIENCE_MS; !(await isSo()); await sleep(20))
    assert.ok(Date.now() < giveUp, `${isSo}`);
}

const state = async (url) => JSON.parse(await read(`${url}/state`));

async function revalidate(url, what) {
  const body = JSON.stringify(what);
  const response = await fetch(`${url}/revalidate`, { method: "POST", body });
  assert.equal(await response.text(), "OK");
}

for (const bundler of ["turbopack", "webpack"]) {
  test(`cacheHandler, ${bundler}`, async (t) => {
    const origin = await startOrigin(t);
    const variables = { ORIGIN: origin.url };
    const folder = createSite(t, "cached");
    await build(folder, `--${bundler}`, variables);
    const url = await serve(t, folder, variables);

    await t.test("a page is rendered again when its time is up, and not before", async () => {
      const shown = async () => /rendered at (\d+)/.exec(await read(`${url}/isr`))[1];
      const first = await shown();
      assert.equal(await shown(), first);
      assert.ok((await state(url)).names.some((name) => name.endsWith("/isr")));
      await sleep(1100);
      await shown(); // which asks for the next
      await until(async () => (await shown()) !== first);
    });

    for (const what of [
      { tag: "news", expire: 0 },
      { tag: "news", expire: 60 },
      { path: "/tagged" },
    ])
      await t.test(`${JSON.stringify(what)} is revalidated`, async () => {
        const shown = async () => /answer (\d+)/.exec(await read(`${url}/tagged`))[1];
        const first = await shown();
        const { asked } = origin;
        for (let i = 0; i < 5; i++) assert.equal(await shown(), first);
        await revalidate(url, { tag: "others", expire: 0 });
        assert.equal(await shown(), first);
        assert.equal(origin.asked, asked);
        await revalidate(url, what);
        await until(async () => (await shown()) !== first);
        assert.equal(origin.asked, asked + 1);
        const second = await shown();
        for (let i = 0; i < 5; i++) assert.equal(await shown(), second);
        assert.equal(origin.asked, asked + 1);
      });

    await t.test("memory has its bound, however many pages there are", async () => {
      const page = (id) => read(`${url}/many/${id}`).then((text) => /of (\d+)/.exec(text)[1]);
      const first = await page("first");
      assert.equal(await page("first"), first);
      for (let i = 0; i < 100; i++) await page(i);
      const { memory, evicted_keys, keys } = await state(url);
      assert.ok(memory <= 4 * 1024 * 1024, `${memory} bytes`);
      assert.ok(evicted_keys > 50 && keys > 5, `${evicted_keys} evicted, ${keys} left`);
      assert.notEqual(await page("first"), first);
    });
  });
}

test('cacheHandlers, "use cache"', async (t) => {
  const origin = await startOrigin(t);
  const variables = { ORIGIN: origin.url };
  const folder = createSite(t, "use-cache");
  await build(folder, "--turbopack", variables);
  const url = await serve(t, folder, variables);
  const answer = (id) => read(`${url}/answer?id=${id}`);

  for (const what of [
    { tag: "news", expire: 0 },
    { tag: "news", expire: 60 },
  ])
    await t.test(`${JSON.stringify(what)} is revalidated`, async () => {
      const first = [await answer("a"), await answer("b")];
      const { asked } = origin;
      await revalidate(url, { tag: "others", expire: 0 });
      for (let i = 0; i < 5; i++) assert.deepEqual([await answer("a"), await answer("b")], first);
      assert.equal(origin.asked, asked);
      await revalidate(url, what);
      await until(async () => (await answer("a")) !== first[0]);
      await until(async () => (await answer("b")) !== first[1]);
      assert.equal(origin.asked, asked + 2);
    });

  await t.test("memory has its bound", async () => {
    const large = (id) => read(`${url}/large?id=${id}`);
    const first = await large("first");
    assert.equal(await large("first"), first);
    for (let i = 0; i < 100; i++) await large(i);
    const { memory, evicted_keys, keys } = await state(url);
    assert.ok(memory <= 4 * 1024 * 1024, `${memory} bytes`);
    assert.ok(evicted_keys > 50 && keys > 5, `${evicted_keys} evicted, ${keys} left`);
    assert.notEqual(await large("first"), first);
  });
});
