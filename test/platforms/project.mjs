// A project of its own in a new folder, where the package is installed as npm packs it.
import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

// Of wrangler: no figures to its makers, no look for a newer one.
const QUIET = { NO_COLOR: "1", WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true" };
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const TOOLS = join(ROOT, "test/platforms/node_modules");

/** -> { folder, tarball, run(tool, ...args) -> its output }, gone when the test `t` is over. */
export function createProject(t, files) {
  const folder = mkdtempSync(join(tmpdir(), "ferrite-project-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const packed = join(folder, "packed");
  execFileSync(process.execPath, [join(ROOT, "glue/pack.mjs"), packed]);
  mkdirSync(join(folder, "node_modules/@ferrite"), { recursive: true });
  const name = execFileSync("npm", ["pack", "--silent"], { cwd: packed, encoding: "utf8" }).trim();
  const tarball = join(packed, name);
  execFileSync("tar", ["xzf", tarball], { cwd: packed });
  cpSync(join(packed, "package"), join(folder, "node_modules/@ferrite/edge"), { recursive: true });

  for (const [name, text] of Object.entries({ "package.json": '{"type":"module"}', ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return { folder, tarball, run: (tool, ...args) => runTool(folder, tool, args) };
}

/** Makes tools of test/platforms importable in a project. */
export function link({ folder }, ...names) {
  for (const name of names) {
    mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
    symlinkSync(join(TOOLS, name), join(folder, "node_modules", name));
  }
}

async function runTool(cwd, tool, args) {
  const [program, ...before] = tool === "node" ? [process.execPath] : [join(TOOLS, ".bin", tool)];
  try {
    const env = { ...process.env, ...QUIET };
    const { stdout } = await promisify(execFile)(program, [...before, ...args], { cwd, env });
    return stdout;
  } catch (error) {
    const said = `${error.stdout}\n${error.stderr}`.slice(-2000);
    throw new Error(`${tool} ${args.join(" ")}\n${said}`);
  }
}
