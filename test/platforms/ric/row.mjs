// A function of AWS Lambda's, with the package beside it, in AWS's own Runtime Interface Client.
import { readFileSync } from "node:fs";
import { playInFunction } from "../lambda/deploy.mjs";
import { row } from "../rows.mjs";
import { startFunction } from "./runtime.mjs";

await row("AWS Lambda's runtime client", async () => {
  const played = await playInFunction(async (path, event) => {
    const { invoke, stop } = await startFunction(path);
    return invoke(event).finally(stop);
  });
  const manifest = new URL("node_modules/aws-lambda-ric/package.json", import.meta.url);
  return { ...played, version: JSON.parse(readFileSync(manifest, "utf8")).version };
});
