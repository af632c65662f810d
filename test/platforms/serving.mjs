// An example that serves, in front of an origin, and what it answers.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";

const PATIENCE_MS = 10_000;

/** An origin on loopback, until the test is over; counts what it is asked. */
export async function startOrigin(t) {
  const origin = { asked: 0 };
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const piece of request) text += piece;
    origin.asked++;
    response.statusCode = request.url.startsWith("/missing") ? 404 : 200;
    response.end(`${request.method} ${request.url} ${text}, answer ${origin.asked}`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  origin.url = `http://127.0.0.1:${server.address().port}`;
  return origin;
}

/** Starts a server, which says where it listens; until the test is over -> its address */
export async function serve(t, program, words, { env, ...options }) {
  const stdio = ["ignore", "pipe", "pipe"];
  const server = spawn(program, words, { stdio, env: { ...process.env, ...env }, ...options });
  const gone = once(server, "exit");
  t.after(() => (server.kill(), gone));
  let said = "";
  for (const stream of [server.stdout, server.stderr])
    stream.setEncoding("utf8").on("data", (text) => (said += text));
  const giveUp = Date.now() + PATIENCE_MS;
  while (server.exitCode === null && server.signalCode === null && Date.now() < giveUp) {
    const [url] = /http:\/\/[\w.]+:\d+\b/.exec(said) ?? [];
    if (url) return url;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`it does not listen: ${said}`);
}

export async function get(url, headers) {
  const response = await fetch(url, { headers });
  return {
    status: response.status,
    cache: response.headers.get("X-Cache"),
    body: await response.text(),
  };
}

/** Pages are kept, and errors are not. */
export async function checkPages(url, origin) {
  const first = await get(`${url}/hello?a=1`);
  assert.deepEqual(first, { status: 200, cache: "MISS", body: "GET /hello?a=1 , answer 1" });
  assert.deepEqual(await get(`${url}/hello?a=1`), { ...first, cache: "HIT" });
  assert.equal(origin.asked, 1);
  for (let i = 0; i < 2; i++) {
    const { status, cache } = await get(`${url}/missing`);
    assert.deepEqual([status, cache], [404, "MISS"]);
  }
}

/** What is one user's, and what changes something, goes through. */
export async function checkPassage(url, origin) {
  const { body } = await get(`${url}/hello?a=1`, { Authorization: "ann" });
  assert.equal(body, `GET /hello?a=1 , answer ${origin.asked}`);
  const posted = await fetch(`${url}/hello?a=1`, { method: "POST", body: "a form" });
  assert.equal(await posted.text(), `POST /hello?a=1 a form, answer ${origin.asked}`);
}

/** A hundred requests a minute, of which those before have `made` some, then 429. */
export async function checkRateLimit(url, made) {
  for (; made < 100; made++) assert.equal((await get(`${url}/hello?a=1`)).status, 200);
  assert.equal((await get(`${url}/hello?a=1`)).status, 429);
}
