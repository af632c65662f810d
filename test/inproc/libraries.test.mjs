// Libraries that keep their things in a Redis, as they are, over clients in the process: Keyv's own tests
// of a store, and sessions of Express's.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { afterEach, beforeEach, describe, it, test } from "node:test";
import KeyvRedis from "@keyv/redis";
import keyvTestSuite from "@keyv/test-suite";
import { RedisStore } from "connect-redis";
import { expect } from "expect";
import session from "express-session";
import Keyv from "keyv";
import { createClient } from "redis";
import { inProcess } from "../../glue/adapters/node-redis.js";
import { initFerrite } from "../../glue/platform/node.js";

// It is written for Vitest, whose tests are given their `expect`.
const vitest = {
  it: (name, body) => it(name, () => body({ expect })),
  beforeEach: (body) => beforeEach(() => body({ expect })),
  afterEach: (body) => afterEach(() => body({ expect })),
};

const cache = await initFerrite();

describe("@keyv/redis", () => {
  const client = createClient(inProcess(cache));
  keyvTestSuite(vitest, Keyv, () => new KeyvRedis(client, { noNamespaceAffectsAll: true }));
});

test("express-session with connect-redis", async (t) => {
  const client = await createClient(inProcess(cache)).connect();
  const store = new RedisStore({ client, ttl: 100 });
  const open = session({ secret: "s", resave: false, saveUninitialized: false, store });
  const server = createServer((request, response) =>
    open(request, response, (error) => {
      if (error) return response.writeHead(500).end(error.message);
      request.session.count = (request.session.count ?? 0) + 1;
      response.end(`${request.session.count}`);
    }),
  ).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(async () => {
    server.close();
    await client.close();
  });
  const visit = async (cookie) => {
    const response = await fetch(`http://127.0.0.1:${server.address().port}`, {
      headers: { cookie, connection: "close" },
    });
    return [await response.text(), response.headers.get("set-cookie")?.split(";")[0]];
  };
  const [first, cookie] = await visit("");
  assert.equal(first, "1");
  assert.equal((await visit(cookie))[0], "2");
  assert.equal((await visit(""))[0], "1");
  assert.equal(await store.length(), 2);
  const [key] = cache.keys("sess:*");
  assert.equal(cache.ttl(key), 100);
  await store.clear();
  assert.equal((await visit(cookie))[0], "1");
});
