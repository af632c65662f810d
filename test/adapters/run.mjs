// The package's adapters, as it is packed, with the libraries they are for, and those libraries' own
// tests of stores where they are published.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runFolder } from "../folder.mjs";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

// There, and not linked: from its own folder the package would not find the libraries.
execFileSync(process.execPath, [path("../../glue/pack.mjs"), path("node_modules/@ferrite/edge")]);
await runFolder("adapters", import.meta.url, { concurrency: 2, timeout: 60_000 });
