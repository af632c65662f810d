// The cases, in a page that vite has built with the package.
import { spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createProject } from "../project.mjs";
import { cases, NotRun } from "../rows.mjs";
import { visitFolder } from "./visit.mjs";

export const POLICY =
  "default-src 'none'; connect-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
// A page that shares nothing with others has a clock of 5 microseconds in Chromium, of 20 in Firefox; others
// have one of 100, and of 1000.
const ISOLATED = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

const PAGE = '<!doctype html><script type="module" src="/app.js"></script>';
const APP = `
  import { initFerrite } from "@ferrite/edge";
  import { playInside } from "./platforms/inside.js";
  import tables from "./cases.txt?raw";
  playInside(initFerrite, tables)
    .catch((error) => ({ failed: 1, differences: [error.stack] }))
    .then((played) => fetch("/said", { method: "POST", body: JSON.stringify(played) }));`;

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** -> what a row has, of the browser that `launch` starts, if the program is here. */
export async function playInBrowser(program, launch) {
  if (spawnSync("which", [program]).status !== 0) throw new NotRun(`${program} is not here`);
  const cleanUp = [];
  const files = { "index.html": PAGE, "app.js": APP, "cases.txt": cases() };
  const { folder, run } = createProject({ after: (work) => cleanUp.push(work) }, files);
  try {
    cpSync(here("../inside.js"), join(folder, "platforms/inside.js"));
    cpSync(here("../../cases/play.mjs"), join(folder, "cases/play.mjs"));
    await run("vite", "build", "--outDir", "out", "--logLevel", "warn");
    let version;
    const launchAsked = async () => {
      const browser = await launch();
      version = /\d+\.\d+/.exec(await browser.version())[0];
      return browser;
    };
    const options = { launch: launchAsked, headers: ISOLATED };
    const played = JSON.parse(await visitFolder(join(folder, "out"), POLICY, options));
    played.differences.forEach((text) => console.log(text));
    return { ...played, differences: undefined, version };
  } finally {
    cleanUp.forEach((work) => work());
  }
}
