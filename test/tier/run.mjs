// Runs every *.test.mjs beside it: node test/tier/run.mjs

import { runFolder } from "../folder.mjs";

await runFolder("tier", import.meta.url, { concurrency: 1, timeout: 120_000 });
