// Deno, which is asked for no permission.
import { row } from "../rows.mjs";
import { playedBy, runtime } from "../runtimes.mjs";

await row("Deno", () => playedBy(runtime("deno"), "run", "--no-prompt", "--quiet"));
