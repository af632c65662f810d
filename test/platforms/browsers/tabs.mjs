// The example, as vite builds it: what tabs share, what survives, and whose policy a worker is under.
import assert from "node:assert/strict";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createProject } from "../project.mjs";
import { POLICY } from "./play.mjs";
import { serveFolder } from "./visit.mjs";

const EXAMPLE = fileURLToPath(new URL("../../../glue/examples/browsers", import.meta.url));

/** `context` is playwright's or puppeteer's. */
export async function useTabs(t, context) {
  const { folder, run } = createProject(t);
  cpSync(EXAMPLE, folder, { recursive: true });
  await run("vite", "build", "--logLevel", "warn");
  writeFileSync(join(folder, "dist/answer.txt"), "42");
  const strict = "default-src 'self'";
  const serve = (policyOf) => serveFolder(join(folder, "dist"), policyOf);
  const site = await serve(() => POLICY);
  const forbidding = await serve((path) => (path.endsWith(".html") ? POLICY : strict));
  t.after(() => [site, forbidding].forEach(({ close }) => close()));

  const complaints = [];
  async function openTab() {
    const page = await context.newPage();
    page.on("pageerror", (error) => complaints.push(error.stack));
    page.on("console", (message) => complaints.push(message.text()));
    await page.goto(site.url);
    return page;
  }

  const first = await openTab();
  assert.equal(await ask(first), "MISS: 42");
  const second = await openTab();
  assert.equal(await ask(second), "HIT: 42", "another tab");
  await first.reload();
  assert.equal(await ask(first), "HIT: 42", "reloaded, beside another tab");
  await first.close();
  await second.close();
  const third = await openTab();
  assert.equal(await ask(third), "MISS: 42", "with no tab the worker was gone");
  // Firefox looks for an icon, which the page does not allow.
  assert.deepEqual(
    complaints.filter((text) => !text.includes("/favicon.ico")),
    [],
  );

  await third.goto(forbidding.url); // the page's answer allows it, and the worker's does not
  assert.match(await ask(third), /^Error: .*Content.Security.Policy|^Error: .*CSP/);
}

async function ask(page) {
  await page.click("#ask");
  await page.waitForFunction(() => document.querySelector("#answer").value !== "");
  return page.$eval("#answer", (output) => output.value);
}
