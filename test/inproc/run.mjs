// Clients in the cache's own process, and what looks into a cache.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runFolder } from "../folder.mjs";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

// For the examples, the package as it is packed; there, so that it finds the libraries.
execFileSync(process.execPath, [path("../../glue/pack.mjs"), path("node_modules/@ferrite/edge")]);
await runFolder("inproc", import.meta.url, { concurrency: 2, timeout: 60_000 });
