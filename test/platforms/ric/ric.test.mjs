// The example as it would be deployed, in the client that runs functions on Lambda.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { viewerRequest } from "../lambda/cloudfront.mjs";
import { createExample, deploy } from "../lambda/deploy.mjs";
import { createProject } from "../project.mjs";
import { startFunction } from "./runtime.mjs";

const FUNCTION = `
  import { initFerrite } from "@ferrite/edge";
  const cache = await initFerrite({ maxMemory: "1mb" });
  export const handler = async ({ words }) => ({ pid: process.pid, reply: cache.call(...words) });`;

/** An instance, until the test is over. */
async function start(t, path) {
  const instance = await startFunction(path);
  t.after(instance.stop);
  return instance;
}

test("an instance keeps what it has from invocation to invocation, and the next begins empty", async (t) => {
  const path = deploy(createExample(t));
  const first = await start(t, path);
  const { headers } = await first.invoke(viewerRequest("/login?user=ann"));
  const event = viewerRequest("/account", { headers: { Cookie: headers["set-cookie"][0].value } });
  assert.equal((await first.invoke(event)).body, "Hello, ann");
  for (let i = 2; i < 100; i++) assert.equal((await first.invoke(event)).status, "200");
  assert.equal((await first.invoke(event)).status, "429");

  const second = await start(t, path);
  assert.equal((await second.invoke(event)).status, "401");
  assert.equal((await first.invoke(event)).status, "429");
});

test("a request that is let through is CloudFront's, with the visitor's variant", async (t) => {
  const { invoke } = await start(t, deploy(createExample(t)));
  const event = viewerRequest("/hello?a=1");
  const { headers, ...request } = await invoke(event);
  const { "x-variant": variant, ...others } = headers;
  assert.deepEqual({ ...request, headers: others }, event.Records[0].cf.request);
  assert.match(variant[0].value, /^[AB]$/);
});

// Lambda freezes an instance between two invocations.
test("what expires while an instance is frozen is gone", async (t) => {
  const { folder } = createProject(t, { "index.mjs": FUNCTION });
  const { invoke } = await start(t, join(folder, "index.mjs"));
  const { pid } = await invoke({ words: ["SET", "short", "v", "PX", 1500] });
  await invoke({ words: ["SET", "long", "v", "EX", 60] });
  assert.equal((await invoke({ words: ["GET", "short"] })).reply, "v");
  process.kill(pid, "SIGSTOP");
  await sleep(1600);
  process.kill(pid, "SIGCONT");
  assert.equal((await invoke({ words: ["GET", "short"] })).reply, null);
  assert.equal((await invoke({ words: ["GET", "long"] })).reply, "v");
});

test("what a function throws is told", async (t) => {
  const { invoke } = await start(t, deploy(createExample(t)));
  await assert.rejects(invoke({ Records: [] }), /error: .*TypeError/);
});
