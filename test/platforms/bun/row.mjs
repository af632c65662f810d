import { row } from "../rows.mjs";
import { playedBy, runtime } from "../runtimes.mjs";

await row("Bun", () => playedBy(runtime("bun"), "run"));
