// The page in Firefox, at a desk's width and a phone's.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { POLICY, servePlayground } from "../../../glue/examples/playground/serve.mjs";
import { open, seeWhatIsMissing, useTheLoad, useThePrompt } from "../browsers/playground.mjs";
import { useTabs } from "../browsers/tabs.mjs";
import { launchFirefox } from "./launch.mjs";

const SIZES = { desk: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

let browser;
let site;

before(async () => {
  site = await servePlayground(0);
  browser = await launchFirefox();
});

after(async () => {
  await browser?.close();
  site?.close();
});

/** Opens the page, and fails if it ever complains or asks for what is elsewhere. */
async function withPage(size, work, { url = site.url, complaints = [] } = {}) {
  const context = await browser.createBrowserContext();
  try {
    const page = await context.newPage();
    await page.setViewport(size);
    const complained = await open(page, url);
    await work(page);
    const unexpected = complained.filter((text) => !complaints.some((known) => known.test(text)));
    assert.deepEqual(unexpected, []);
  } finally {
    await context.close();
  }
}

for (const [name, size] of Object.entries(SIZES)) {
  test(`${name}: commands are typed, and replies read`, () =>
    withPage(size, (page) => useThePrompt(page, size.width)));
  test(`${name}: the figures are INFO's, after ten seconds of load`, () =>
    withPage(size, useTheLoad));
}

test("the example: tabs share a cache, which lives as long as one of them", async (t) => {
  const context = await browser.createBrowserContext();
  try {
    await useTabs(t, context);
  } finally {
    await context.close();
  }
});

test("without 'wasm-unsafe-eval' the page says what is missing", async () => {
  const strict = await servePlayground(0, { ...POLICY, "script-src": "'self'" });
  const complaints = [/Content.Security.Policy/];
  try {
    await withPage(SIZES.desk, seeWhatIsMissing, { url: strict.url, complaints });
  } finally {
    strict.close();
  }
});
