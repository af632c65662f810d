// The cases in a route on Next.js's edge runtime.
import { fileURLToPath } from "node:url";
import { cases, needFile, row } from "../rows.mjs";

await row("Next.js, edge route", async () => {
  needFile(fileURLToPath(new URL("node_modules/next", import.meta.url)), "next");
  const { build, createApp, serve, version } = await import("./next.mjs");
  const after = [];
  const t = { after: (undo) => after.unshift(undo) };
  try {
    const folder = createApp(t, "row");
    await build(folder, "--turbopack");
    const response = await fetch(`${await serve(t, folder)}/cases`, {
      method: "POST",
      body: cases(),
    });
    const { differences, ...result } = await response.json();
    differences.forEach((difference) => console.log(difference));
    return { version, ...result };
  } finally {
    for (const undo of after) await undo();
  }
});
