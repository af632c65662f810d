// The cases within edge-runtime, in a project that has the package installed.
import { fileURLToPath } from "node:url";
import { createProject } from "../project.mjs";
import { cases, needFile, ROOT, row } from "../rows.mjs";

const PROGRAM = `
  import { initFerrite } from "@ferrite/edge";
  import { playInside } from "${ROOT}test/platforms/inside.js";
  import text from "./cases.txt";
  globalThis.played = await playInside(initFerrite, text);`;

await row("Vercel, edge-runtime", async () => {
  needFile(fileURLToPath(new URL("node_modules/edge-runtime", import.meta.url)), "edge-runtime");
  const { runInEdge, version } = await import("./edge.mjs");
  const whenOver = { after: (remove) => process.on("exit", remove) };
  const { folder } = createProject(whenOver, { "program.js": PROGRAM, "cases.txt": cases() });
  const { differences, ...result } = (await runInEdge(folder, "program.js")).context.played;
  differences.forEach((difference) => console.log(difference));
  return { version, ...result };
});
