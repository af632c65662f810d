// Functions, built and packed as for AWS.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createProject, link, TOOLS } from "../project.mjs";
import { cases } from "../rows.mjs";

const EXAMPLE = fileURLToPath(new URL("../../../glue/examples/lambda", import.meta.url));
const MOST_ZIPPED = 1_000_000; // of a function for viewer-request events

/** The example in a project of its own. */
export function createExample(t) {
  const project = createProject(t);
  cpSync(EXAMPLE, project.folder, {
    recursive: true,
    filter: (path) => !/node_modules|out$/.test(path.slice(EXAMPLE.length)),
  });
  link(project, "@types/aws-lambda", "@types/node");
  return project;
}

/** Builds and zips the example, and unpacks that as AWS would -> the path of what is in it. */
export function deploy({ folder }) {
  const env = { ...process.env, PATH: `${join(TOOLS, ".bin")}:${process.env.PATH}` };
  execFileSync("npm", ["run", "build"], { cwd: folder, env, stdio: "pipe" });
  const zip = join(folder, "out/function.zip");
  const bytes = statSync(zip).size;
  assert.ok(bytes < MOST_ZIPPED, `${bytes} bytes`);
  execFileSync("unzip", ["-q", zip, "-d", join(folder, "deployed")]);
  return join(folder, "deployed/index.mjs");
}

/** Has `invoke(path, event)` play the cases in a function with the package beside it. */
export async function playInFunction(invoke) {
  const cleanUp = [];
  const project = createProject({ after: (work) => cleanUp.push(work) });
  try {
    const inside = fileURLToPath(new URL("inside.js", import.meta.url));
    const options = "--bundle --platform=node --format=esm --packages=external".split(" ");
    await project.run("esbuild", inside, ...options, "--outfile=index.mjs");
    const played = await invoke(join(project.folder, "index.mjs"), { tables: cases() });
    played.differences.forEach((text) => console.log(text));
    return { ...played, differences: undefined };
  } finally {
    cleanUp.forEach((work) => work());
  }
}
