// A function of AWS Lambda's, with the package beside it, invoked by lambda-local.
import { version } from "lambda-local";
import { row } from "../rows.mjs";
import { playInFunction } from "./deploy.mjs";
import { invoke } from "./invoke.mjs";

await row("AWS Lambda, by lambda-local", async () => {
  const played = await playInFunction(invoke);
  return { ...played, version };
});
