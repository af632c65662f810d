// The example as it would be deployed, in lambda-local: many invocations of one instance.
import assert from "node:assert/strict";
import { once } from "node:events";
import { cpSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { checked, originRequest, originResponse, viewerRequest } from "./cloudfront.mjs";
import { createExample, deploy } from "./deploy.mjs";
import { invoke } from "./invoke.mjs";

/** An origin on loopback, until the test is over; counts what it is asked. */
async function startOrigin(t) {
  const origin = { asked: 0, fails: false };
  const server = createServer((request, response) => {
    const url = new URL(request.url, "http://origin");
    const length = Number(url.searchParams.get("length"));
    const missing = url.pathname === "/missing";
    origin.asked++;
    origin.variant = request.headers["x-variant"];
    const type = url.pathname.endsWith(".png") ? "image/png" : "text/html";
    response.writeHead(origin.fails ? 503 : missing ? 404 : 200, { "Content-Type": type });
    response.end(`page ${request.url}, made ${origin.asked}`.padEnd(length, "x"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin.port = server.address().port;
  origin.stop = () => (server.closeAllConnections(), server.close());
  t.after(origin.stop);
  return origin;
}

const headerOf = ({ headers }, name) => headers[name]?.[0].value;
const how = (answer) => headerOf(answer, "x-ferrite");

test("the example", async (t) => {
  const project = createExample(t);
  await project.run(
    "tsc",
    ...["--noEmit", "--strict", "--target", "es2022", "--module", "esnext"],
    ...["--moduleResolution", "bundler", "--types", "aws-lambda,node", "index.ts", "wasm.d.ts"],
  );
  const path = deploy(project);
  const origin = await startOrigin(t);

  const send = async (event) => checked(event, await invoke(path, event));
  let visits = 0; // each from an address of its own, unless one is given

  /** A visit as CloudFront handles it, which keeps nothing itself -> what the viewer-request answers, or the origin's. */
  async function visit(uri, { clientIp = `192.0.2.${visits++}`, ...options } = {}) {
    const asked = viewerRequest(uri, { clientIp, ...options });
    const atViewer = await send(asked);
    if (atViewer !== asked.Records[0].cf.request) return { at: "viewer-request", ...atViewer };
    const passed = originRequest(atViewer, origin.port);
    const atOrigin = await send(passed);
    if (atOrigin !== passed.Records[0].cf.request) return { at: "origin-request", ...atOrigin };
    return { at: "origin", request: atOrigin };
  }

  const visitor = { headers: { Cookie: "visitor=1" } };

  await t.test("pages: MISS from the origin, then HIT for the same variant", async () => {
    const first = await visit("/hello?a=1", visitor);
    assert.deepEqual([first.at, first.status, how(first)], ["origin-request", "200", "MISS"]);
    assert.equal(first.body, "page /hello?a=1, made 1");
    assert.equal(headerOf(first, "cache-control"), "max-age=60");
    const second = await visit("/hello?a=1", visitor);
    assert.deepEqual([second.at, how(second)], ["viewer-request", "HIT"]);
    assert.equal(second.body, first.body);
    assert.equal(headerOf(second, "content-type"), "text/html");
    assert.equal(origin.asked, 1);
    assert.equal((await visit("/hello?a=2", visitor)).body, "page /hello?a=2, made 2");
  });

  await t.test("what is too long for one event's answer is left to the next", async () => {
    for (const [length, at] of [
      [38_000, "viewer-request"],
      [38_001, "origin-request"],
      [980_000, "origin-request"],
      [980_001, "origin"],
    ]) {
      await visit(`/long?length=${length}`, visitor);
      assert.equal((await visit(`/long?length=${length}`, visitor)).at, at, `${length}`);
    }
  });

  await t.test("what cannot be answered is left to CloudFront, and asked for once", async () => {
    for (const uri of ["/longer?length=1000000", "/picture.png", "/missing"]) {
      const { asked } = origin;
      for (let i = 0; i < 2; i++) assert.equal((await visit(uri, visitor)).at, "origin");
      assert.equal(origin.asked, asked + 1, uri);
    }
    const { asked } = origin;
    const headers = { ...visitor.headers, Authorization: "Basic YTpi" };
    for (const options of [{ headers }, { ...visitor, method: "POST" }])
      assert.equal((await visit("/hello?a=1", options)).at, "origin");
    assert.equal(origin.asked, asked);
  });

  await t.test("the last good copy, when the origin fails", async (t) => {
    await visit("/news", visitor);
    const now = Date.now();
    t.mock.method(Date, "now", () => now + 61_000);
    origin.fails = true;
    const stale = await visit("/news", visitor);
    assert.deepEqual([stale.at, stale.status, how(stale)], ["origin-request", "200", "STALE"]);
    assert.match(stale.body, /^page \/news/);
    assert.equal(headerOf(stale, "cache-control"), "max-age=0");

    const { request } = await visit("/new", visitor); // there is no copy
    const failed = originResponse(request, 503);
    assert.equal(await send(failed), failed.Records[0].cf.response);

    const asked = originRequest(await send(viewerRequest("/news", visitor)), origin.port);
    const replaced = await send(originResponse(asked.Records[0].cf.request, 502));
    assert.deepEqual([replaced.status, how(replaced)], ["200", "STALE"]);
    const fine = originResponse(asked.Records[0].cf.request, 200);
    assert.equal(await send(fine), fine.Records[0].cf.response);

    origin.fails = false;
    assert.equal(how(await visit("/news", visitor)), "MISS");
  });

  await t.test("sessions", async () => {
    assert.equal((await visit("/account")).status, "401");
    assert.equal(
      (await visit("/account", { headers: { Cookie: "session=forged" } })).status,
      "401",
    );
    const login = await visit("/login?user=ann");
    assert.deepEqual([login.status, headerOf(login, "location")], ["302", "/account"]);
    const [Cookie] = headerOf(login, "set-cookie").split(";");
    assert.equal((await visit("/account", { headers: { Cookie } })).body, "Hello, ann");
  });

  await t.test("the experiment: a visitor keeps the variant, and there are both", async () => {
    const variants = new Set();
    for (let i = 0; i < 30; i++) {
      const headers = { Cookie: `theme=dark; visitor=v${i}` };
      await visit(`/experiment?visitor=${i}`, { headers });
      variants.add(origin.variant);
      const again = await send(
        viewerRequest("/elsewhere", { headers, clientIp: `198.51.100.${i}` }),
      );
      assert.equal(headerOf(again, "x-variant"), origin.variant);
    }
    assert.deepEqual([...variants].sort(), ["A", "B"]);
  });

  await t.test("the rate limit: 100 a minute and address, then 429", async () => {
    const client = { ...visitor, clientIp: "2001:db8::1" };
    for (let i = 0; i < 100; i++) assert.equal(how(await visit("/hello?a=1", client)), "HIT");
    assert.equal((await visit("/hello?a=1", client)).status, "429");
    const other = { ...visitor, clientIp: "2001:db8::2" };
    assert.equal((await visit("/hello?a=1", other)).status, "200");
  });

  await t.test("an origin that is gone", async () => {
    await visit("/last", visitor);
    origin.stop();
    assert.equal((await visit("/first", visitor)).at, "origin");
    assert.equal(how(await visit("/last", visitor)), "HIT");
  });
});

test("another instance begins empty", async (t) => {
  const first = deploy(createExample(t));
  const second = first.replace("index", "again");
  cpSync(first, second);
  const { headers } = await invoke(first, viewerRequest("/login?user=ann"));
  const event = viewerRequest("/account", { headers: { Cookie: headers["set-cookie"][0].value } });
  assert.equal((await invoke(first, event)).status, "200");
  assert.equal((await invoke(second, event)).status, "401");
});

test("the same as CommonJS", async (t) => {
  const project = createExample(t);
  const options = "--bundle --platform=node --target=node20 --format=cjs --loader:.wasm=binary";
  await project.run("esbuild", "index.ts", ...options.split(" "), "--outfile=out/index.cjs");
  const lambdaFunc = createRequire(import.meta.url)(join(project.folder, "out/index.cjs"));
  const event = viewerRequest("/login?user=ann");
  for (let i = 0; i < 100; i++) assert.equal((await invoke({ lambdaFunc }, event)).status, "302");
  assert.equal((await invoke({ lambdaFunc }, event)).status, "429");
});
