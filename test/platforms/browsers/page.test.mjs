// The page in Chromium, at a desk's width and a phone's: what is typed, what is shown, and that the
// figures are those of INFO.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { POLICY, servePlayground } from "../../../glue/examples/playground/serve.mjs";
import { launchChromium } from "./launch.mjs";
import {
  checkFigures,
  number,
  open,
  ready,
  seeWhatIsMissing,
  settled,
  sleep,
  type,
  useTheLoad,
  useThePrompt,
} from "./playground.mjs";
import { useTabs } from "./tabs.mjs";

const SIZES = {
  desk: { viewport: { width: 1280, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, deviceScaleFactor: 2 },
};

let browser;
let site;

before(async () => {
  site = await servePlayground(0);
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  site?.close();
});

/** Opens the page, and fails if it ever complains or asks for what is elsewhere. */
async function withPage(options, work, { url = site.url, complaints = [] } = {}) {
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    const complained = await open(page, url);
    await work(page);
    const unexpected = complained.filter((text) => !complaints.some((known) => known.test(text)));
    assert.deepEqual(unexpected, []);
  } finally {
    await context.close();
  }
}

const asked = (page) => page.locator("#log .asked").allInnerTexts();
const helpText = (page) => page.locator("#help").innerText();

for (const [name, size] of Object.entries(SIZES)) {
  test(`${name}: commands are typed, and replies read`, () =>
    withPage(size, (page) => useThePrompt(page, size.viewport.width)));
  test(`${name}: key events, the largest keys and metrics are shown while that is open`, () =>
    withPage(size, async (page) => {
      await ready(page);
      const text = (id) => page.locator(`#${id}`).innerText();
      await type(page, "SET before 1");
      await page.locator("#inside summary").click();
      await type(page, `SET large ${"x".repeat(500)}`);
      await type(page, "DEL before");
      const shows = (id, what) =>
        page.waitForFunction(
          ([id, what]) => document.getElementById(id).textContent.includes(what),
          [id, what],
        );
      await shows("events", "changed  large\nchanged  before");
      await shows("top", "of 1 of 1 keys\n");
      assert.match(await text("top"), /^of 1 of 1 keys\n.* KiB large$/);
      await shows("metrics", 'redis_db_keys{db="db0"} 1\n');
      await page.locator("#run").click();
      await page.waitForFunction(() =>
        /[1-9].* changed/.test(document.getElementById("events").textContent),
      );
    }));
  test(`${name}: the figures are INFO's, after ten seconds of load`, () =>
    withPage(size, useTheLoad));
}

test("the example: tabs share a cache, which lives as long as one of them", async (t) => {
  const context = await browser.newContext();
  try {
    await useTabs(t, context);
  } finally {
    await context.close();
  }
});

test("a pasted script runs line by line", () =>
  withPage(SIZES.desk, async (page) => {
    await ready(page);
    const script = "# a comment\nRPUSH l a b\n\n  LLEN l\r\nDEL l\n";
    await page.focus("#line");
    await page.evaluate((text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", text);
      const paste = new ClipboardEvent("paste", { clipboardData, cancelable: true, bubbles: true });
      document.getElementById("line").dispatchEvent(paste);
    }, script);
    assert.deepEqual(await asked(page), ["RPUSH l a b", "LLEN l", "DEL l"]);
    const replies = await page.locator("#log .reply").allInnerTexts();
    assert.deepEqual(replies, ["(integer) 2", "(integer) 2", "(integer) 1"]);
  }));

test("history, completion and help, by keyboard", () =>
  withPage(SIZES.desk, async (page) => {
    await ready(page);
    await type(page, "SET a 1");
    await type(page, "GET a");
    for (const key of ["ArrowUp", "ArrowUp"]) await page.keyboard.press(key);
    assert.equal(await page.inputValue("#line"), "SET a 1");
    await page.keyboard.press("ArrowDown");
    assert.equal(await page.inputValue("#line"), "GET a");
    await page.keyboard.press("Escape");
    await page.keyboard.type("zrangeb");
    assert.match(await helpText(page), /ZRANGEBYLEX\s+ZRANGEBYSCORE/);
    await page.keyboard.press("Tab");
    assert.equal(await page.inputValue("#line"), "ZRANGEBY");
    await page.keyboard.type("l");
    await page.keyboard.press("Tab");
    assert.equal(await page.inputValue("#line"), "ZRANGEBYLEX ");
    assert.match(
      await helpText(page),
      /key min max.*\n.*range of names\n4 words or more, readonly/,
    );
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab"); // with nothing to complete, it leaves
    assert.equal(await page.evaluate(() => document.activeElement.id), "run");
    await page.keyboard.press("Space");
    await page.waitForFunction(() => document.getElementById("run").textContent === "Pause");
  }));

test("the arena tells what a cell holds, to mouse and keyboard", () =>
  withPage(SIZES.desk, async (page) => {
    await ready(page);
    await type(page, `SET landmark ${"x".repeat(700)}`);
    await settled();
    const readout = () => page.locator("#readout").innerText();
    await page.hover("#mosaic", { position: { x: 2, y: 2 } });
    assert.match(await readout(), /^0x0000000 +stack, static 512 B/);
    await page.click("#line");
    await page.keyboard.press("Shift+Tab"); // the log
    await page.focus("#mosaic");
    await page.keyboard.press("Home");
    let steps = 0;
    for (; !/landmark/.test(await readout()); steps++) {
      assert.ok(steps < 200, "the key is in one of the first cells");
      await page.keyboard.press("ArrowRight");
    }
    assert.match(await readout(), /"landmark" +string of 700 B, 712 B in all/);
    const at = Number.parseInt((await readout()).slice(2), 16);
    assert.equal(at, steps * 512);
    await page.keyboard.press("End");
    assert.match(await readout(), /not yet taken 512 B/);
  }));

test("a large budget is looked at in slices, under load", () =>
  withPage(SIZES.desk, async (page) => {
    await ready(page);
    for (const [name, key] of [
      ["budget", "End"],
      ["valueBytes", "Home"],
      ["rate", "End"],
    ]) {
      await page.focus(`input[name=${name}]`);
      await page.keyboard.press(key);
    }
    assert.match(await page.locator("#arena-bytes").innerText(), /256 MiB/);
    await page.click("#run");
    await sleep(5000);
    assert.equal(await type(page, "PING"), "PONG");
    await page.click("#run");
    await sleep(2000);
    await checkFigures(page);
  }));

test("a budget, a policy and both colours may change on the way", () =>
  withPage(SIZES.desk, async (page) => {
    await ready(page);
    await page.click("#run");
    await page.selectOption("select[name=policyA]", "noeviction");
    await page.emulateMedia({ colorScheme: "dark" });
    await page.focus("input[name=budget]");
    await page.keyboard.press("ArrowLeft");
    await sleep(3000);
    await page.click("#run");
    await settled();
    const { told, shown } = await checkFigures(page);
    assert.equal(told.maxmemory, 2 << 20);
    assert.equal(told.evicted_keys, 0);
    assert.ok(number(shown.refused) > 0, "what does not fit is refused");
  }));

test("without 'wasm-unsafe-eval' the page says what is missing", async () => {
  const strict = await servePlayground(0, { ...POLICY, "script-src": "'self'" });
  const complaints = [/Content Security Policy/];
  try {
    await withPage(SIZES.desk, seeWhatIsMissing, { url: strict.url, complaints });
  } finally {
    strict.close();
  }
});

test("the server sends what a page needs, and nothing else", async () => {
  const get = (path, options) => fetch(new URL(path, site.url), { redirect: "manual", ...options });
  const page = await get("/examples/playground/");
  assert.match(
    page.headers.get("content-security-policy"),
    /script-src 'self' 'wasm-unsafe-eval';/,
  );
  assert.match(page.headers.get("content-type"), /^text\/html/);
  const wasm = await get("/ferrite.wasm");
  assert.equal(wasm.headers.get("content-type"), "application/wasm");
  assert.equal((await get("/")).headers.get("location"), "/examples/playground/");
  assert.equal((await get("/", { method: "POST" })).status, 405);
  for (const path of [
    "/nothing.js",
    "/package.json",
    "/node_modules/prettier/index.mjs",
    "/%2e%2e/README.md",
    "/..%2fbuild.sh",
    "/examples/../../src/abi/pack.mjs",
    "/examples",
  ])
    assert.equal((await get(path)).status, 404, path);
});
