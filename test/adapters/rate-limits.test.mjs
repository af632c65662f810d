// The stores for express-rate-limit and rate-limiter-flexible beside those libraries' own stores in
// memory, which are asked the same, and in an app of Express.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { initFerrite } from "@ferrite/edge";
import { FerriteStore } from "@ferrite/edge/express-rate-limit";
import { RateLimiterFerrite } from "@ferrite/edge/rate-limiter-flexible";
import express from "express";
import { MemoryStore, rateLimit as rateLimit8 } from "express-rate-limit";
import { rateLimit as rateLimit7 } from "express-rate-limit-7";
import { BurstyRateLimiter, RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { Random } from "../redis/random.mjs";

const seed = Number(process.env.ADAPTERS_SEED ?? Math.floor(Math.random() * 2 ** 31));
const SLACK_MS = 2_000; // what both may differ in when they look at the time
const CLIENTS = ["1.2.3.4", "::1", "a*b?[c]", "é"];

async function listening(t, app) {
  const server = app.listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  return `http://127.0.0.1:${server.address().port}`;
}

/* --- express-rate-limit ------------------------------------------------------------------------- */

test(`express-rate-limit: answers as its MemoryStore does (seed ${seed})`, async (t) => {
  const memory = new MemoryStore();
  const cache = await initFerrite();
  const store = new FerriteStore(cache);
  t.after(() => memory.shutdown());
  for (const each of [memory, store]) each.init({ windowMs: 60_000 });
  const random = new Random(seed);
  const asked = [];
  for (let i = 0; i < 2000; i++) {
    const method = random.pick([
      "increment",
      "increment",
      "increment",
      "decrement",
      "get",
      "resetKey",
    ]);
    const key = random.pick(CLIENTS);
    asked.push(`${method} ${key}`);
    const [expected, actual] = [await memory[method](key), await store[method](key)];
    const where = asked.slice(-20).join(", ");
    // The other store counts a client that it was only asked about, or that it should count less: as 0.
    assert.equal(actual?.totalHits ?? 0, expected?.totalHits ?? 0, where);
    if (actual)
      assert.ok(Math.abs(actual.resetTime - expected.resetTime) < SLACK_MS, `reset of ${where}`);
  }
  await store.increment("1.2.3.4");
  cache.set("page:/", "the program's own");
  await store.resetAll();
  assert.equal(await store.get("1.2.3.4"), undefined);
  assert.equal(cache.dbsize(), 1);
});

test("express-rate-limit: a window ends by the cache's clock, and no counter is without an end", async () => {
  let now = 1e12;
  const cache = await initFerrite({ now: () => now });
  const store = new FerriteStore(cache);
  store.init({ windowMs: 1500 });
  assert.equal((await store.increment("a")).totalHits, 1);
  now += 1000;
  const { totalHits, resetTime } = await store.increment("a");
  assert.equal(totalHits, 2);
  assert.ok(Math.abs(resetTime - Date.now() - 500) < SLACK_MS);
  now += 500;
  await store.decrement("a"); // of the window that is over
  assert.equal(await store.get("a"), undefined);
  assert.equal((await store.increment("a")).totalHits, 1);
  cache.persist("rl:a");
  await store.increment("a");
  assert.equal(cache.pttl("rl:a"), 1500);
});

for (const [version, rateLimit] of [
  [8, rateLimit8],
  [7, rateLimit7],
])
  test(`express-rate-limit ${version}: in an app, and what fails is the app's to see`, async (t) => {
    const cache = await initFerrite({ maxMemory: "1mb" });
    const app = express();
    const limit = (prefix, options) =>
      rateLimit({
        store: new FerriteStore(cache, { prefix }),
        windowMs: 60_000,
        standardHeaders: "draft-8",
        legacyHeaders: false,
        keyGenerator: (request) => request.query.client,
        ...options,
      });
    app.get("/", limit("rl:all:", { limit: 3 }), (_, response) => response.send("ok"));
    app.get(
      "/login",
      limit("rl:login:", { limit: 1, skipSuccessfulRequests: true }),
      (request, response) => response.sendStatus(request.query.right ? 200 : 403),
    );
    app.use((error, _request, response, _next) => response.status(500).send(error.code));
    const url = await listening(t, app);
    const status = async (path) => (await fetch(url + path)).status;

    const first = await fetch(`${url}/?client=a`);
    assert.match(first.headers.get("ratelimit"), /r=2; t=(59|60)/);
    assert.deepEqual(
      [await status("/?client=a"), await status("/?client=a"), await status("/?client=a")],
      [200, 200, 429],
    );
    assert.equal(await status("/?client=b"), 200);
    for (let i = 0; i < 3; i++) {
      assert.equal(await status("/login?client=a&right=1"), 200);
      await until(() => cache.get("rl:login:a") === "0");
    }
    assert.equal(await status("/login?client=a"), 403);
    assert.equal(await status("/login?client=a"), 429);
    cache.hset("rl:all:c", "not", "a counter");
    const failed = await fetch(`${url}/?client=c`);
    assert.deepEqual([failed.status, await failed.text()], [500, "WRONGTYPE"]);
  });

async function until(done) {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/* --- rate-limiter-flexible ----------------------------------------------------------------------- */

// What came of a promise of a limiter: an answer, a refusal with one, or an error.
const outcome = async (promise) => {
  try {
    return { came: await promise };
  } catch (error) {
    if (error instanceof Error) throw error;
    return { refused: error };
  }
};

const comparable = ({ came, refused }) => {
  const result = came ?? refused;
  if (!(result instanceof RateLimiterRes)) return { result };
  // isFirstInDuration is as with Redis: whether there is no more than this call has added.
  const { remainingPoints, consumedPoints } = result;
  return { refused: Boolean(refused), remainingPoints, consumedPoints };
};

for (const options of [
  { points: 5, duration: 60 },
  { points: 3, duration: 30, blockDuration: 600, keyPrefix: "login" },
  { points: 4, duration: 0 },
]) {
  test(`rate-limiter-flexible: as its limiter in memory with ${JSON.stringify(options)} (seed ${seed})`, async () => {
    const memory = new RateLimiterMemory(options);
    const limiter = new RateLimiterFerrite({ storeClient: await initFerrite(), ...options });
    const random = new Random(seed);
    const calls = {
      consume: () => [random.between(1, 2)],
      penalty: () => [random.between(1, 2)],
      reward: () => [1],
      get: () => [],
      delete: () => [],
      block: () => [random.between(60, 120)],
      set: () => [random.below(7), random.between(60, 120)],
    };
    const asked = [];
    for (let i = 0; i < 2000; i++) {
      const method = random.pick(["consume", "consume", "consume", "get", ...Object.keys(calls)]);
      const words = [random.pick(CLIENTS), ...calls[method]()];
      asked.push(`${method} ${words.join(" ")}`);
      const expected = await outcome(memory[method](...words));
      const actual = await outcome(limiter[method](...words));
      const where = asked.slice(-20).join(", ");
      assert.deepEqual(comparable(actual), comparable(expected), where);
      const [{ msBeforeNext: due }, { msBeforeNext: is }] = [expected, actual].map(
        ({ came, refused }) => came ?? refused ?? {},
      );
      if (due !== undefined)
        assert.ok(Math.abs(due - is) < SLACK_MS, `${is}, not ${due}: ${where}`);
    }
  });
}

test("rate-limiter-flexible: a duration ends by the cache's clock", async () => {
  let now = 1e12;
  const cache = await initFerrite({ now: () => now });
  const limiter = new RateLimiterFerrite({ storeClient: cache, points: 1, duration: 1.5 });
  const first = await limiter.consume("a");
  assert.deepEqual([first.remainingPoints, first.isFirstInDuration], [0, true]);
  now += 1499;
  const { refused } = await outcome(limiter.consume("a"));
  assert.deepEqual([refused.msBeforeNext, refused.isFirstInDuration], [1, false]);
  now += 1;
  assert.equal((await limiter.consume("a")).consumedPoints, 1);
  await limiter.block("a", 0); // for good
  now += 1e9;
  assert.equal((await outcome(limiter.consume("a"))).refused.consumedPoints, 3);
  now += 1e9;
  assert.equal((await outcome(limiter.consume("a"))).refused.consumedPoints, 4);
});

test("rate-limiter-flexible: wrapped, insured, and without a cache", async () => {
  const cache = await initFerrite();
  const options = { storeClient: cache, points: 1, duration: 60 };
  const bursty = new BurstyRateLimiter(
    new RateLimiterFerrite(options),
    new RateLimiterFerrite({ ...options, keyPrefix: "burst", points: 2 }),
  );
  for (let i = 0; i < 3; i++) await bursty.consume("a");
  assert.ok((await outcome(bursty.consume("a"))).refused);
  const insured = new RateLimiterFerrite({
    ...options,
    insuranceLimiter: new RateLimiterMemory({ points: 1, duration: 60 }),
  });
  cache.hset("rlflx:b", "not", "a counter");
  await assert.rejects(new RateLimiterFerrite(options).consume("b"), { code: "WRONGTYPE" });
  assert.equal((await insured.consume("b")).remainingPoints, 0);
  assert.throws(() => new RateLimiterFerrite({ points: 1, duration: 1 }), { name: "FerriteError" });
});
