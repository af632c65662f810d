import { runFolder } from "../folder.mjs";

await runFolder("snapshot", import.meta.url, { concurrency: 2 });
