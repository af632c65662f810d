// The version of Deno that Deno Deploy is said to run, with its flag.
import { row } from "../rows.mjs";
import { playedBy, runtime } from "../runtimes.mjs";

await row("Deno, as on Deno Deploy", () =>
  playedBy(runtime("deno-deploy"), "run", "--allow-all", "--quiet"),
);
