// What the example does, by itself and in a cluster; the Node.js that runs this test runs it.
import assert from "node:assert/strict";
import { once } from "node:events";
import { cpSync } from "node:fs";
import { request } from "node:http";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { createProject } from "../project.mjs";
import { checkPages, checkRateLimit, get, serve, startOrigin } from "../serving.mjs";

const EXAMPLE = fileURLToPath(new URL("../../../glue/examples/node", import.meta.url));
const THREAD = `
  import { parentPort } from "node:worker_threads";
  import { initFerrite } from "@ferrite/edge";
  const cache = await initFerrite({ maxMemory: "1mb" });
  parentPort.postMessage(cache.incr("visits"));`;

async function start(t, file) {
  const { folder } = createProject(t);
  cpSync(EXAMPLE, folder, { recursive: true });
  const origin = await startOrigin(t);
  const env = { PORT: "0", ORIGIN: origin.url };
  return { origin, url: await serve(t, process.execPath, [file], { cwd: folder, env }) };
}

test("pages, sessions and a rate limit", async (t) => {
  const { origin, url } = await start(t, "server.mjs");
  await checkPages(url, origin);
  assert.equal((await fetch(url, { method: "POST" })).status, 405);

  assert.equal((await get(`${url}/account`)).status, 401);
  assert.equal((await get(`${url}/account`, { Authorization: "forged" })).status, 401);
  const { body: token } = await get(`${url}/login?user=ann`);
  assert.equal((await get(`${url}/account`, { Authorization: token })).body, "Hello, ann");
  await checkRateLimit(url, 9);
});

test("an origin that is away is no end", async (t) => {
  const { folder } = createProject(t);
  cpSync(EXAMPLE, folder, { recursive: true });
  const env = { PORT: "0", ORIGIN: "http://127.0.0.1:9" };
  const url = await serve(t, process.execPath, ["server.mjs"], { cwd: folder, env });
  for (let i = 0; i < 2; i++) assert.equal((await get(`${url}/hello`)).status, 503);
});

/** A request on a connection of its own, which any process of a cluster may get -> X-Cache */
async function ask(url) {
  const asked = request(url, { agent: false }).end();
  const [response] = await once(asked, "response");
  response.resume();
  await once(response, "end");
  return response.headers["x-cache"];
}

test("a process of a cluster has its own", async (t) => {
  const { origin, url } = await start(t, "cluster.mjs");
  const processes = availableParallelism();
  let misses = 0;
  for (let i = 0; i < 90 * processes && misses < processes; i++) {
    if ((await ask(`${url}/hello`)) === "MISS") misses++;
    else await setTimeout(100); // until another process listens
  }
  assert.equal(misses, processes);
  assert.equal(await ask(`${url}/hello`), "HIT");
  assert.equal(origin.asked, processes);
});

test("and so has a thread", async (t) => {
  const { folder } = createProject(t, { "thread.mjs": THREAD });
  for (let i = 0; i < 2; i++) {
    const [visits] = await once(new Worker(join(folder, "thread.mjs")), "message");
    assert.equal(visits, 1);
  }
});
