import { row } from "../rows.mjs";
import { playedBy, runtime } from "../runtimes.mjs";

await row("Node.js, the newest", () => playedBy(runtime("node-newest")));
