// An app of Next.js: site/, the example for Vercel, the page's function, and the package installed.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort } from "../../servers.mjs";
import { createProject } from "../project.mjs";
import { directory } from "../rows.mjs";

const require = createRequire(import.meta.url);
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const text = (name) => readFileSync(here(name), "utf8");
const NEXT = here("node_modules/next/dist/bin/next");
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1" };

export const { version } = require("next/package.json");

/** -> its folder, which is below the folder of all that it uses. */
export function createApp(t, name) {
  const folder = directory(`next/${name}`);
  const write = (path, content) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  rmSync(folder, { recursive: true });
  cpSync(here("site"), folder, { recursive: true });
  write("app/api/cached-data/route.ts", routeOn("edge"));
  write("app/api/on-node/route.ts", routeOn("nodejs"));
  // A key that may be null is no string, which TypeScript says of the page's function.
  const page = text("../vercel/page.ts").replace("./fetch", "../../fetch");
  write("pages/api/page.ts", `// @ts-nocheck\n${page}`);
  write("fetch-from-origin.ts", text("../vercel/fetch-from-origin.ts"));
  install(t, folder);
  return folder;
}

/** The example for Vercel as a route, in the way its guide says. */
const routeOn = (runtime) =>
  text("../../../glue/examples/vercel/api/cached-data.ts")
    .replace('export const config = { runtime: "edge" };', `export const runtime = "${runtime}";`)
    .replace("export default async function handler", "export async function GET");

/** Another app, of a folder beside this file, with the package installed. */
export function createSite(t, name) {
  const folder = directory(`next/${name}`);
  rmSync(folder, { recursive: true });
  cpSync(here(name), folder, { recursive: true });
  install(t, folder);
  return folder;
}

function install(t, folder) {
  const modules = join(folder, "node_modules");
  cpSync(join(createProject(t).folder, "node_modules"), modules, { recursive: true });
  for (const tool of ["next", "react", "react-dom", "typescript", "@types"])
    symlinkSync(here(`node_modules/${tool}`), join(modules, tool));
}

export async function build(folder, bundler, variables) {
  const options = { cwd: folder, env: { ...env, ...variables } };
  try {
    await promisify(execFile)(process.execPath, [NEXT, "build", bundler], options);
  } catch (error) {
    throw new Error(`next build ${bundler}\n${error.stdout}\n${error.stderr}`);
  }
}

/** "next start", until the test is over -> its address, once it answers there. */
export async function serve(t, folder, variables) {
  const port = await freePort();
  const words = [NEXT, "start", "-H", "127.0.0.1", "-p", `${port}`];
  const options = { cwd: folder, env: { ...env, ...variables }, stdio: "ignore" };
  const server = spawn(process.execPath, words, options);
  const gone = once(server, "exit");
  t.after(async () => {
    server.kill();
    await gone;
  });
  const url = `http://127.0.0.1:${port}`;
  for (let i = 0; i < 200; i++) {
    if (server.exitCode !== null) throw new Error(`next ended with ${server.exitCode}`);
    const up = await fetch(url).then(
      () => true,
      () => false,
    );
    if (up) return url;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("next does not answer");
}
