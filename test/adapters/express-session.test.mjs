// The store for express-session beside that library's own store in memory, and in an app of Express.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { promisify } from "node:util";
import { initFerrite } from "@ferrite/edge";
import { FerriteStore } from "@ferrite/edge/express-session";
import express from "express";
import session from "express-session";
import { Random } from "../redis/random.mjs";

const seed = Number(process.env.ADAPTERS_SEED ?? Math.floor(Math.random() * 2 ** 31));

const METHODS = ["get", "set", "touch", "destroy", "all", "length", "clear"];
const called = (store) =>
  Object.fromEntries(METHODS.map((name) => [name, promisify(store[name].bind(store))]));

const cookie = (maxAge) => {
  const made = new session.Cookie({ maxAge });
  if (maxAge !== undefined) made.expires = new Date(Math.ceil(made.expires / 1000) * 1000);
  return made;
};

test(`as its MemoryStore does (seed ${seed})`, async () => {
  const random = new Random(seed);
  const cache = await initFerrite();
  cache.set("page:/", "the program's own");
  const memory = called(new session.MemoryStore());
  const store = called(new FerriteStore(cache));
  const asked = [];
  const same = (actual, expected) =>
    assert.deepEqual(
      JSON.parse(JSON.stringify(actual ?? null)),
      JSON.parse(JSON.stringify(expected ?? null)),
      asked.slice(-20).join(", "),
    );
  for (let i = 0; i < 2000; i++) {
    const method = random.pick(["get", "get", "set", "set", "touch", ...METHODS.slice(0, -1)]);
    const sid = random.pick(["a", "b", "c*[d]?", "é"]);
    asked.push(`${method} ${sid}`);
    const words = ["all", "length"].includes(method) ? [] : [sid];
    if (method === "set" || method === "touch")
      words.push({ cookie: cookie(random.pick([undefined, 60_000, 3_600_000])), views: i });
    const expected = await memory[method](...words);
    const actual = await store[method](...words);
    if (method === "all") {
      for (const { id, ...found } of actual) same(found, expected[id]);
      assert.equal(actual.length, Object.keys(expected).length);
    } else if (method !== "set" && method !== "touch") {
      same(actual, expected);
    }
  }
  await store.set("a", { cookie: cookie(60_000) });
  await store.clear();
  assert.equal(await store.length(), 0);
  assert.equal(cache.dbsize(), 1);
});

test("a session lives as its cookie says, by the cache's clock, and is prolonged when it is used", async () => {
  let now = Date.now();
  const cache = await initFerrite({ now: () => now });
  const store = new FerriteStore(cache, { ttl: 1000 });
  const { get, set, touch } = called(store);
  await set("said", { cookie: cookie(60_000), views: 1 });
  await set("unsaid", { cookie: cookie() });
  assert.ok(Math.abs(cache.pttl("sess:said") - 60_000) < 2_000);
  assert.equal(cache.pttl("sess:unsaid"), 1_000_000);
  await touch("said", { cookie: cookie(120_000), views: 2 });
  assert.ok(Math.abs(cache.pttl("sess:said") - 120_000) < 2_000);
  assert.equal((await get("said")).views, 1);
  await touch("never", { cookie: cookie(60_000) });
  assert.equal(await get("never"), undefined);
  now += 122_000;
  assert.equal(await get("said"), undefined);
  await set("unsaid", { cookie: cookie(-1000) }); // over
  assert.equal(cache.dbsize(), 0);
  assert.throws(() => new FerriteStore(cache, { ttl: 0 }), { message: /^ttl is 0/ });
});

test("what fails, the callback gets", async () => {
  const cache = await initFerrite({ maxMemory: "1mb" });
  const store = new FerriteStore(cache);
  const { get, set } = called(store);
  const large = { cookie: cookie(60_000), text: "x".repeat(2 ** 20) };
  await assert.rejects(set("a", large), { code: "OOM" });
  await assert.rejects(store.set("a", large), { code: "OOM" }); // without a callback, the promise
  cache.set("sess:a", "{");
  await assert.rejects(get("a"), SyntaxError);
});

test("in an app: sessions of two browsers, kept, regenerated, ended, and lost when they are evicted", async (t) => {
  const cache = await initFerrite();
  const app = express();
  app.use(
    session({
      store: new FerriteStore(cache),
      secret: "of the test",
      resave: false,
      saveUninitialized: false,
      cookie: { maxAge: 60_000 },
    }),
  );
  app.get("/", (request, response) => {
    request.session.views = (request.session.views ?? 0) + 1;
    response.send(`${request.session.views}`);
  });
  app.get("/read", (request, response) => response.send(`${request.session.views}`));
  app.get("/login", (request, response, next) => {
    const { views } = request.session;
    request.session.regenerate((error) => {
      request.session.views = views;
      if (error) next(error);
      else response.send("in");
    });
  });
  app.get("/logout", (request, response, next) =>
    request.session.destroy((error) => (error ? next(error) : response.send("out"))),
  );
  const server = app.listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");

  const browser = () => {
    let kept = "";
    return async (path) => {
      const url = `http://127.0.0.1:${server.address().port}${path}`;
      const response = await fetch(url, { headers: { cookie: kept } });
      const [set] = response.headers.getSetCookie();
      if (set) kept = set.slice(0, set.indexOf(";"));
      return response.text();
    };
  };
  const [ann, bob] = [browser(), browser()];
  assert.deepEqual([await ann("/"), await ann("/"), await bob("/")], ["1", "2", "1"]);
  assert.equal(cache.dbsize(), 2);

  const [anns] = cache
    .scan("0", { match: "sess:*" })
    .keys.filter((key) => /"views":2/.test(cache.get(key)));
  cache.pexpire(anns, 1000);
  assert.equal(await ann("/read"), "2");
  assert.ok(cache.pttl(anns) > 50_000, "touched");

  assert.equal(await ann("/login"), "in");
  assert.equal(cache.exists(anns), 0);
  assert.equal(await ann("/"), "3");
  assert.equal(await ann("/logout"), "out");
  assert.equal(cache.dbsize(), 1);
  cache.flushall();
  assert.equal(await bob("/"), "1");
});
