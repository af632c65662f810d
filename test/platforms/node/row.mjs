// The Node.js that runs the tests; node-newest has another.
import { row } from "../rows.mjs";
import { playedBy } from "../runtimes.mjs";

await row("Node.js", () => playedBy(process.execPath));
