// A cache that begins with what it had when the process before it ended. In Node.js, Deno and Bun:
//
//     node file.mjs cache.rdb
//
// A redis-server starts from the file, too, and what one has saved is loaded: Redis 7.0's format.
import { createReadStream, existsSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import process from "node:process";
import { initFerrite } from "@ferrite/edge";
import { dump, load } from "@ferrite/edge/snapshot";

/** Beside, then in its place: who is stopped midway leaves the last one whole. */
async function save(cache, path) {
  const file = await open(`${path}.new`, "w");
  try {
    for await (const chunk of dump(cache)) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

const path = process.argv[2];
const cache = await initFerrite({ maxMemory: "64mb" });
if (existsSync(path)) {
  const began = performance.now();
  const { loaded, expired } = await load(cache, createReadStream(path));
  const took = Math.round(performance.now() - began);
  console.log(`${loaded} keys from ${path}, ${expired} had expired; ${took} ms`);
}

console.log(`visit ${cache.incr("visits")}`);
await save(cache, path);
