// A function of AWS Lambda's, with the package beside it, invoked by lambda-local.
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { version } from "lambda-local";
import { createProject } from "../project.mjs";
import { cases, row } from "../rows.mjs";
import { invoke } from "./invoke.mjs";

await row("AWS Lambda, by lambda-local", async () => {
  const cleanUp = [];
  const project = createProject({ after: (work) => cleanUp.push(work) });
  try {
    const inside = fileURLToPath(new URL("inside.js", import.meta.url));
    const options = "--bundle --platform=node --format=esm --packages=external".split(" ");
    await project.run("esbuild", inside, ...options, "--outfile=index.mjs");
    const played = await invoke(join(project.folder, "index.mjs"), { tables: cases() });
    played.differences.forEach((text) => console.log(text));
    return { ...played, differences: undefined, version };
  } finally {
    cleanUp.forEach((work) => work());
  }
});
