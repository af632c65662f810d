// What is looked at in the playground in each browser, through what playwright and puppeteer have in common.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

export { sleep };

/** Opens an address; what the page complains of, or asks for that is elsewhere, is in the list returned. */
export async function open(page, url) {
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.stack));
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("requestfailed", (request) => complaints.push(`failed: ${request.url()}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(new URL("/", url).href))
      complaints.push(`asked ${request.url()}`);
  });
  await page.goto(url);
  return complaints;
}

export const ready = (page) => page.waitForSelector("#playground:not([hidden])");

/** Types a line -> what was written in the log for it. */
export async function type(page, line) {
  await page.focus("#line");
  await page.keyboard.type(line);
  await page.keyboard.press("Enter");
  return lastReply(page);
}

const lastReply = (page) => page.$$eval("#log pre", (all) => all.at(-1).innerText);
/** INFO as the prompt shows it, as numbers. */
async function info(page) {
  const lines = (await type(page, "INFO")).split("\n");
  const fields = lines.map((line) => line.trim().split(":")).filter(([, value]) => value);
  const figures = Object.fromEntries(fields.map(([name, value]) => [name, Number(value)]));
  const db = fields.find(([name]) => name === "db0")?.[1];
  return { ...figures, keys: Number(/keys=(\d+)/.exec(db)?.[1] ?? 0) };
}

/** A column of the table of figures: texts by their names. */
const figures = (page, column) =>
  page.$$eval(
    "#figures tr",
    (rows, i) =>
      Object.fromEntries(rows.map(({ cells }) => [cells[0].innerText, cells[i].innerText])),
    column,
  );

export const number = (text) => Number(text.replaceAll(",", ""));
export const settled = () => sleep(600); // three samples

/** What the page shows of cache A, so long after INFO was asked, is what INFO said. */
export async function checkFigures(page, pauseMs = 600) {
  const told = await info(page);
  await sleep(pauseMs);
  const shown = await figures(page, 1);
  assert.equal(number(shown.keys), told.keys);
  assert.equal(number(shown.used), told.used_memory);
  assert.equal(number(shown.taken), told.used_memory_rss);
  assert.equal(number(shown.evicted), told.evicted_keys);
  assert.equal(number(shown.expired), told.expired_keys);
  const hits = told.keyspace_hits / (told.keyspace_hits + told.keyspace_misses);
  assert.equal(shown["hit ratio"], `${(hits * 100).toFixed(1)}%`);

  const bytes = await page.$$eval("#legend button", (rows) =>
    Object.fromEntries(
      rows.map((row) => [row.dataset.kind, Number(row.querySelector("output").dataset.bytes)]),
    ),
  );
  assert.equal(bytes.index, told.used_memory_overhead);
  assert.equal(bytes.untaken, told.maxmemory - told.used_memory_rss);
  const { free, untaken, ...used } = bytes;
  assert.equal(
    Object.values(used).reduce((sum, value) => sum + value, 0),
    told.used_memory,
  );
  return { told, shown };
}

async function inAFewTries(check) {
  for (let tries = 5; ; tries--) {
    try {
      return await check();
    } catch (error) {
      if (tries === 1) throw error;
    }
  }
}

/** Has a select at a value, as a user has. */
const choose = (page, selector, value) =>
  page.$eval(
    selector,
    (select, chosen) => {
      select.value = chosen;
      for (const name of ["input", "change"])
        select.dispatchEvent(new Event(name, { bubbles: true }));
    },
    value,
  );

/** Commands are typed, and replies read, in a page of a width. */
export async function useThePrompt(page, width) {
  await ready(page);
  assert.equal(await type(page, "SET greeting hello EX 60"), "OK");
  assert.equal(await type(page, "get greeting"), '"hello"');
  assert.match(await type(page, "INCR greeting"), /^\(error\) ERR value is not an integer/);
  assert.equal(await page.$$eval("#log pre", (all) => all.at(-1).className), "error");
  assert.equal(await type(page, 'SET "'), "Invalid argument(s)");
  assert.equal(await type(page, "HSET h name Ada"), "(integer) 1");
  assert.equal(await type(page, "HGETALL h"), '1) "name"\n2) "Ada"');
  await page.click("input[name=resp][value='3'] + span");
  assert.equal(await type(page, "HGETALL h"), '1# "name" => "Ada"');
  assert.equal(await type(page, "SADD s a"), "(integer) 1");
  assert.equal(await type(page, "SMEMBERS s"), '1~ "a"');
  const widths = await page.evaluate(() => [
    window.innerWidth,
    document.documentElement.scrollWidth,
  ]);
  assert.equal(widths[0], width);
  assert.ok(widths[1] <= width, `${widths[1]} pixels wide`);
}

/** The figures are INFO's, after ten seconds of load. */
export async function useTheLoad(page) {
  await ready(page);
  await page.click("#run");
  await sleep(10_000);
  await page.click("#run");
  await settled();
  const { told, shown } = await checkFigures(page);
  const reads = told.keyspace_hits + told.keyspace_misses;
  assert.equal(number(shown.requests), reads, "each request reads one key");
  assert.ok(reads > 1000, `${reads} requests`);
  assert.ok(told.used_memory_rss <= told.maxmemory);
  const other = await figures(page, 2);
  assert.equal(other.requests, shown.requests);
  assert.notDeepEqual(other, shown, "another policy");
  const values = await page.$$eval("#curves b", (all) => all.map((one) => one.innerText));
  assert.equal(values.filter(Boolean).length, 6, "three curves of two caches");

  await page.click("#anew");
  await choose(page, "select[name=mix]", "site");
  await choose(page, "select[name=policyB]", "");
  await page.click("#run");
  await sleep(3000);
  await page.click("#run");
  await settled();
  await inAFewTries(() => checkFigures(page, 40)); // rate limits expire all the time
  assert.equal((await figures(page, 2)).keys, "", "no second cache");
}

/** Without 'wasm-unsafe-eval' the page says what is missing. */
export async function seeWhatIsMissing(page) {
  await page.waitForSelector("#trouble:not([hidden])");
  const said = await page.$eval("#trouble", (trouble) => trouble.innerText);
  assert.match(said, /no 'wasm-unsafe-eval' in script-src/);
  assert.ok(await page.$eval("#playground", ({ hidden }) => hidden));
}
