// The middleware for Hono: what RFC 9111 and 9110 say of a shared cache, and the fields of a rate limit;
// and an app of both, behind Hono's server on Node.js.
import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { initFerrite } from "@ferrite/edge";
import { cacheResponses } from "@ferrite/edge/hono-cache";
import { limitRate } from "@ferrite/edge/hono-rate-limit";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { etag } from "hono/etag";

const TAG = '"v1"';
const MODIFIED = "Wed, 21 Oct 2025 07:28:00 GMT";

// An app that answers anything with the fields given, and counts what it is asked.
async function cached(fields, { status = 200, options, body = (n) => `${n}` } = {}) {
  let now = Date.now();
  const cache = await initFerrite({ now: () => now, ...options });
  const app = new Hono();
  const seen = [];
  app.use(cacheResponses(cache));
  app.all("*", (c) => {
    seen.push(c.req.raw.headers);
    return new Response(status === 204 ? null : body(seen.length), {
      status: c.req.header("fail") ? 500 : status,
      headers: typeof fields === "function" ? fields(c) : fields,
    });
  });
  const ask = (path = "/", headers = {}, method = "GET") =>
    app.request(`http://here${path}`, { method, headers });
  const isKept = async (...words) => {
    await ask(...words);
    const before = seen.length;
    await ask(...words);
    return seen.length === before;
  };
  return { cache, seen, ask, isKept, pass: (ms) => (now += ms) };
}

const cacheStatus = async (response) => (await response).headers.get("cache-status");

describe("the cache for Hono", () => {
  test("a fresh response is served again, byte for byte", async () => {
    const bytes = new Uint8Array(256).map((_, i) => i);
    const fields = {
      "cache-control": "max-age=60",
      "content-type": "image/x",
      "x-own": "1",
      age: "7",
    };
    const { seen, ask, cache } = await cached(fields, { body: () => bytes });
    const first = await ask("/a?b=c");
    assert.deepEqual(new Uint8Array(await first.arrayBuffer()), bytes);
    assert.equal(first.headers.get("cache-status"), "ferrite; fwd=uri-miss; stored");
    const second = await ask("/a?b=c");
    assert.deepEqual(new Uint8Array(await second.arrayBuffer()), bytes);
    assert.equal(second.headers.get("content-type"), "image/x");
    assert.equal(second.headers.get("x-own"), "1");
    assert.ok(Number(second.headers.get("age")) >= 7);
    assert.match(second.headers.get("cache-status"), /^ferrite; hit; ttl=5[23]$/);
    assert.equal(seen.length, 1);
    await ask("/a?b=d");
    assert.equal(seen.length, 2);
    assert.deepEqual([...cache.scanIterator()].sort(), [
      "http:http://here/a?b=c",
      "http:http://here/a?b=d",
    ]);
  });

  for (const [why, fields, words = [], setup] of [
    ["says nothing", {}],
    ["was only modified long ago", { "last-modified": MODIFIED }],
    ["is immutable, and no more", { "cache-control": "immutable" }],
    ["is no-store", { "cache-control": "max-age=60, no-store" }],
    ["is No-Store", { "cache-control": "Max-Age=60, No-Store" }],
    ["is no-cache", { "cache-control": "max-age=60, no-cache" }],
    ["is private", { "cache-control": "private, max-age=60" }],
    ["is stale at once", { "cache-control": "max-age=0" }],
    ["is stale for a shared cache", { "cache-control": "max-age=60, s-maxage=0" }],
    ["is as old as it may be", { "cache-control": "max-age=60", age: "60" }],
    ["has expired", { expires: MODIFIED }],
    ["has expired, in no form of a date", { expires: "0" }],
    ["sets a cookie", { "cache-control": "public, max-age=60", "set-cookie": "a=b" }],
    ["varies by anything", { "cache-control": "max-age=60", vary: "accept, *" }],
    ["is an error", { "cache-control": "max-age=60" }, [], { status: 500 }],
    ["is a part", { "cache-control": "max-age=60" }, [], { status: 206 }],
    ["was authorised", { "cache-control": "max-age=60" }, ["/", { authorization: "Basic x" }]],
    [
      "was not to be stored",
      { "cache-control": "max-age=60" },
      ["/", { "cache-control": "no-store" }],
    ],
    ["answers a POST", { "cache-control": "max-age=60" }, ["/", {}, "POST"]],
    ["answers a HEAD", { "cache-control": "max-age=60" }, ["/", {}, "HEAD"]],
    ["answers an OPTIONS", { "cache-control": "max-age=60" }, ["/", {}, "OPTIONS"]],
    ["is for a range", { "cache-control": "max-age=60" }, ["/", { range: "bytes=0-1" }]],
  ]) {
    test(`does not keep what ${why}`, async () => {
      const { isKept, cache } = await cached(fields, setup);
      assert.equal(await isKept(...words), false);
      assert.equal(cache.dbsize(), 0);
    });
  }

  for (const [why, fields, words = [], setup] of [
    ["is fresh for a shared cache", { "cache-control": "max-age=0, s-maxage=60" }],
    ["is Public, Max-Age", { "cache-control": "Public, Max-Age=60" }],
    ["expires", { expires: new Date(Date.now() + 60_000).toUTCString() }],
    ["must be revalidated, but later", { "cache-control": "max-age=60, must-revalidate" }],
    [
      "was authorised, and is public",
      { "cache-control": "public, max-age=60" },
      ["/", { authorization: "x" }],
    ],
    ["was not found", { "cache-control": "max-age=60" }, [], { status: 404 }],
    ["has moved", { "cache-control": "max-age=60", location: "/there" }, [], { status: 301 }],
    ["is empty", { "cache-control": "max-age=60" }, [], { status: 204 }],
  ]) {
    test(`keeps what ${why}`, async () => {
      const { isKept, ask } = await cached(fields, setup);
      assert.equal(await isKept(...words), true);
      const again = await ask(...words);
      assert.equal(again.status, setup?.status ?? 200);
      for (const [name, value] of Object.entries(fields))
        assert.equal(again.headers.get(name).toLowerCase(), value.toLowerCase());
    });
  }

  test("what is stale by the cache's clock is gone, each variant for itself", async () => {
    const { ask, pass, seen, cache } = await cached({ "cache-control": "max-age=60", vary: "a" });
    await ask("/", { a: "1" });
    pass(30_000);
    await ask("/", { a: "2" });
    pass(29_999);
    assert.match(await cacheStatus(ask("/", { a: "1" })), /hit/);
    pass(1);
    assert.equal(await cacheStatus(ask("/", { a: "1" })), "ferrite; fwd=vary-miss; stored");
    assert.match(await cacheStatus(ask("/", { a: "2" })), /hit/);
    assert.equal(seen.length, 3);
    pass(60_000);
    assert.equal(cache.exists("http:http://here/"), 0);
  });

  test("a body is there, or its head is not, whenever time passes", async () => {
    let now = 1e12;
    let step = 0;
    const cache = await initFerrite({ now: () => (now += step) });
    const app = new Hono();
    app.use(cacheResponses(cache));
    app.get("*", (c) => c.text("body", 200, { "cache-control": "max-age=60" }));
    for (let early = 1; early < 10; early++) {
      step = 0;
      await app.request(`/${early}`);
      now += 60_000 - early;
      step = 1;
      assert.equal(await (await app.request(`/${early}`)).text(), "body");
    }
  });

  test("a variant that is fresh for less leaves the others as they are", async () => {
    const fields = (c) => ({ "cache-control": `max-age=${c.req.header("a")}`, vary: "a" });
    const { ask, pass } = await cached(fields);
    await ask("/", { a: "60" });
    await ask("/", { a: "10" });
    pass(30_000);
    assert.match(await cacheStatus(ask("/", { a: "60" })), /hit/);
    assert.match(await cacheStatus(ask("/", { a: "10" })), /vary-miss/);
  });

  test("a variant for each value of what Vary names, and for none", async () => {
    const fields = { "cache-control": "max-age=60", vary: "Accept-Language,  accept-ENCODING" };
    const { ask, seen } = await cached(fields);
    const texts = async (...headers) =>
      Promise.all(headers.map(async (each) => (await ask("/", each)).text()));
    const requests = [
      {},
      { "accept-language": "de" },
      { "accept-language": "en", "accept-encoding": "br" },
      { "accept-encoding": "br" },
      { "accept-language": "" },
    ];
    const first = [];
    for (const each of requests) first.push(await (await ask("/", each)).text());
    assert.deepEqual(first, ["1", "2", "3", "4", "5"]);
    assert.deepEqual(await texts(...requests), first);
    assert.deepEqual(await texts({ "accept-language": "de", cookie: "other" }), ["2"]);
    assert.equal(seen.length, 5);
    const again = await ask("/");
    assert.equal(again.headers.get("vary"), fields.vary);
  });

  test("nothing of a request is kept but what Vary names", async () => {
    const { ask, cache } = await cached({ "cache-control": "public, max-age=60", vary: "accept" });
    await ask("/", { authorization: "secret", cookie: "secret", accept: "text/html" });
    const kept = JSON.stringify(cache.hgetall("http:http://here/"));
    assert.match(kept, /text\/html/);
    assert.doesNotMatch(kept, /secret/);
  });

  test("a client that varies without end does not fill the cache with one URL", async () => {
    const { ask, cache } = await cached({ "cache-control": "max-age=60", vary: "user-agent" });
    for (let i = 0; i < 500; i++) await ask("/", { "user-agent": `${i}` });
    assert.ok(cache.hlen("http:http://here/") <= 131);
    assert.match(await cacheStatus(ask("/", { "user-agent": "499" })), /hit/);
  });

  const TAGGED = {
    "cache-control": "max-age=60",
    etag: TAG,
    "last-modified": MODIFIED,
    "content-type": "text/plain",
    "content-location": "/there",
    vary: "accept",
    "content-security-policy": "default-src 'self'",
  };
  for (const [headers, status] of [
    [{ "if-none-match": TAG }, 304],
    [{ "if-none-match": `W/${TAG}` }, 304],
    [{ "if-none-match": `"v0", W/"x" , ${TAG}` }, 304],
    [{ "if-none-match": "*" }, 304],
    [{ "if-none-match": '"v2"' }, 200],
    [{ "if-none-match": "v1" }, 200],
    [{ "if-none-match": '"v2"', "if-modified-since": MODIFIED }, 200],
    [{ "if-modified-since": MODIFIED }, 304],
    [{ "if-modified-since": "Wed, 21 Oct 2025 07:28:01 GMT" }, 304],
    [{ "if-modified-since": "Wed, 21 Oct 2025 07:27:59 GMT" }, 200],
    [{ "if-modified-since": "yesterday" }, 200],
  ]) {
    test(`${JSON.stringify(headers)} is answered ${status}, stored or not`, async () => {
      const { ask, seen } = await cached(TAGGED);
      for (const why of ["ferrite; fwd=uri-miss; stored", "ferrite; hit; ttl=59"]) {
        const response = await ask("/", headers);
        assert.equal(response.status, status);
        assert.equal(response.headers.get("cache-status").replace("ttl=60", "ttl=59"), why);
        assert.equal(await response.text(), status === 304 ? "" : "1");
        assert.equal(response.headers.get("content-type"), status === 304 ? null : "text/plain");
        assert.equal(response.headers.get("last-modified"), status === 304 ? null : MODIFIED);
        for (const name of [
          "cache-control",
          "etag",
          "content-location",
          "vary",
          "content-security-policy",
        ])
          assert.equal(response.headers.get(name), TAGGED[name]);
      }
      assert.equal((await (await ask("/")).text()).length, 1);
      assert.equal(seen.length, 1);
      for (const name in headers) assert.equal(seen[0].has(name), false, "asked for all of it");
    });
  }

  test("a weak tag, and one of an error", async () => {
    const weak = await cached({ "cache-control": "max-age=60", etag: `W/${TAG}` });
    assert.equal((await weak.ask("/", { "if-none-match": TAG })).status, 304);
    const gone = await cached({ "cache-control": "max-age=60", etag: TAG }, { status: 404 });
    assert.equal((await gone.ask("/", { "if-none-match": TAG })).status, 404);
    const uncached = await cached({ etag: TAG });
    assert.equal((await uncached.ask("/", { "if-none-match": TAG })).status, 304);
  });

  test("conditions that are the handler's reach it", async () => {
    const { ask, seen } = await cached({ "cache-control": "max-age=60", etag: TAG });
    await ask("/");
    await ask("/", { "if-match": '"v0"' });
    assert.equal(seen[1].get("if-match"), '"v0"');
  });

  test("what a request says of caches counts", async () => {
    const { ask, seen } = await cached({ "cache-control": "max-age=60", age: "10" });
    const only = await ask("/", { "cache-control": "only-if-cached" });
    assert.deepEqual([only.status, seen.length], [504, 0]);
    await ask("/");
    assert.equal((await ask("/", { "cache-control": "only-if-cached" })).status, 200);
    for (const [directives, hit] of [
      ["max-age=20", true],
      ["max-age=5", false],
      ["MAX-AGE=5", false],
      ["min-fresh=40", true],
      ["min-fresh=55", false],
      ["no-cache", false],
    ]) {
      const status = await cacheStatus(ask("/", { "cache-control": directives }));
      assert.match(status, hit ? /hit/ : /^ferrite; fwd=request; stored$/, directives);
    }
    assert.match(await cacheStatus(ask("/", { pragma: "no-cache" })), /fwd=request/);
    const both = { pragma: "no-cache", "cache-control": "max-age=60" };
    assert.match(await cacheStatus(ask("/", both)), /hit/);
  });

  test("HEAD is answered from what GET has brought", async () => {
    const { ask, seen } = await cached({ "cache-control": "max-age=60", etag: TAG });
    await ask("/");
    const head = await ask("/", {}, "HEAD");
    assert.deepEqual([await head.text(), head.headers.get("etag"), seen.length], ["", TAG, 1]);
    assert.equal((await ask("/", { "if-none-match": TAG }, "HEAD")).status, 304);
  });

  test("what changes a resource removes all of its variants, if it succeeds", async () => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      const { ask } = await cached({ "cache-control": "max-age=60", vary: "a" });
      const isHit = async (a) => (await cacheStatus(ask("/", { a }))).includes("hit");
      await ask("/", { a: "1" });
      await ask("/", { a: "2" });
      await ask("/", { fail: "1" }, method);
      assert.deepEqual([await isHit("1"), await isHit("2")], [true, true]);
      await ask("/", {}, method);
      assert.deepEqual([await isHit("1"), await isHit("2")], [false, false]);
    }
  });

  test("what is larger than the cache is served, and not kept", async () => {
    const body = () => "x".repeat(2 ** 20);
    const setup = { options: { maxMemory: "1mb" }, body };
    const { ask, seen } = await cached({ "cache-control": "max-age=60" }, setup);
    for (let i = 0; i < 2; i++) {
      const response = await ask("/");
      assert.equal((await response.text()).length, 2 ** 20);
      assert.equal(response.headers.get("cache-status"), "ferrite; fwd=uri-miss");
    }
    assert.equal(seen.length, 2);
  });

  test("under a volatile policy there is something to evict", async () => {
    const options = { maxMemory: "1mb", evictionPolicy: "volatile-lru" };
    const setup = { options, body: () => "x".repeat(20_000) };
    const { ask } = await cached({ "cache-control": "max-age=60" }, setup);
    for (let i = 0; i < 200; i++) assert.match(await cacheStatus(ask(`/${i}`)), /stored/, `${i}`);
  });
});

describe("the rate limit for Hono", () => {
  const limited = async (options) => {
    let now = 1e12;
    const cache = await initFerrite({ now: () => now });
    const app = new Hono();
    const key = (c) => c.req.query("client") ?? "all";
    for (const each of [options].flat())
      app.use(limitRate(cache, { key, limit: 3, period: 60, ...each }));
    app.get("*", (c) => c.text("ok"));
    const ask = (client) => app.request(`/?client=${client}`);
    return { ask, cache, pass: (ms) => (now += ms) };
  };

  for (const [fields, expected, refused] of [
    [
      undefined,
      { "RateLimit-Policy": '"default";q=3;w=60', RateLimit: '"default";r=2;t=20' },
      { "RateLimit-Policy": '"default";q=3;w=60', RateLimit: '"default";r=0;t=20' },
    ],
    [
      "draft-7",
      { "RateLimit-Policy": "3;w=60", RateLimit: "limit=3, remaining=2, reset=20" },
      { "RateLimit-Policy": "3;w=60", RateLimit: "limit=3, remaining=0, reset=20" },
    ],
    [
      "draft-6",
      {
        "RateLimit-Policy": "3;w=60",
        "RateLimit-Limit": "3",
        "RateLimit-Remaining": "2",
        "RateLimit-Reset": "20",
      },
      { "RateLimit-Limit": "3", "RateLimit-Remaining": "0", "RateLimit-Reset": "20" },
    ],
    [
      "x",
      { "X-RateLimit-Limit": "3", "X-RateLimit-Remaining": "2" },
      { "X-RateLimit-Remaining": "0" },
    ],
    ["none", { RateLimit: null, "RateLimit-Policy": null }, { RateLimit: null }],
  ]) {
    test(`fields of ${fields ?? "the current draft"}`, async () => {
      const { ask } = await limited({ fields });
      const first = await ask("a");
      for (const name in expected) assert.equal(first.headers.get(name), expected[name], name);
      await ask("a");
      assert.equal((await ask("a")).status, 200);
      const last = await ask("a");
      assert.equal(last.status, 429);
      assert.equal(last.headers.get("retry-after"), "20");
      for (const name in refused) assert.equal(last.headers.get(name), refused[name], name);
      if (fields === "x") {
        const reset = Number(last.headers.get("X-RateLimit-Reset")) - Date.now() / 1000;
        assert.ok(reset > 18 && reset <= 21, `${reset}`);
      }
      assert.equal((await ask("b")).status, 200);
    });
  }

  test("so many at once, and spread evenly, by the cache's clock", async () => {
    const { ask, pass } = await limited();
    const statuses = async (n) => {
      const all = [];
      for (let i = 0; i < n; i++) all.push((await ask("a")).status);
      return all;
    };
    assert.deepEqual(await statuses(4), [200, 200, 200, 429]);
    pass(20_000);
    assert.deepEqual(await statuses(2), [200, 429]);
    pass(60_000);
    assert.deepEqual(await statuses(4), [200, 200, 200, 429]);
  });

  test("two limits tell of both; what refuses is a problem that names itself, or your own", async () => {
    const { ask } = await limited([
      { name: "burst", limit: 2, period: 10 },
      { name: "daily", limit: 5, period: 86400, refuse: (c, { name }) => c.text(name, 503) },
    ]);
    const first = await ask("a");
    assert.equal(first.headers.get("ratelimit-policy"), '"daily";q=5;w=86400, "burst";q=2;w=10');
    assert.equal(first.headers.get("ratelimit"), '"daily";r=4;t=17280, "burst";r=1;t=5');
    await ask("a");
    const refused = await ask("a");
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get("content-type"), "application/problem+json");
    assert.deepEqual((await refused.json())["violated-policies"], ["burst"]);
    const { ask: askOwn } = await limited({ limit: 1, refuse: (c, { name }) => c.text(name, 503) });
    await askOwn("a");
    const own = await askOwn("a");
    assert.deepEqual([own.status, await own.text()], [503, "default"]);
  });

  test("options of a wrong kind are refused", async () => {
    const cache = await initFerrite();
    const good = { key: () => "", limit: 1, period: 1 };
    for (const [name, wrong] of Object.entries({
      key: "ip",
      limit: 0,
      period: 0.5,
      name: '"',
      fields: "draft-5",
      prefix: 1,
    }))
      assert.throws(() => limitRate(cache, { ...good, [name]: wrong }), {
        name: "FerriteError",
        message: new RegExp(`^${name} is `),
      });
    assert.throws(() => limitRate(null, good), { message: /^cache is null/ });
    assert.throws(() => cacheResponses(new Map()), { message: /^cache is an object/ });
  });
});

test("an app on Node.js, its tags by hono/etag", async (t) => {
  const cache = await initFerrite();
  const app = new Hono();
  let calls = 0;
  app.use(limitRate(cache, { key: (c) => c.req.header("client"), limit: 20, period: 60 }));
  app.use(cacheResponses(cache), etag());
  app.get("/page", (c) => {
    c.header("cache-control", "public, max-age=60");
    return c.html(`<h1>${++calls}</h1>`);
  });
  app.post("/page", async (c) => c.text(await c.req.text()));
  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
  t.after(() => server.close());
  if (!server.listening) await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}/page`;
  const ask = (headers, options) =>
    fetch(url, { headers: { client: "a", ...headers }, ...options });

  const first = await ask();
  assert.equal(await first.text(), "<h1>1</h1>");
  const tag = first.headers.get("etag");
  assert.match(tag, /^"\w+"$/);
  const second = await ask();
  assert.deepEqual([await second.text(), second.headers.get("etag")], ["<h1>1</h1>", tag]);
  assert.match(second.headers.get("cache-status"), /hit/);
  assert.match(second.headers.get("ratelimit"), /^"default";r=18;/);
  const conditional = { "cache-control": "max-age=60", "if-none-match": tag }; // fetch would say no-cache
  const third = await ask(conditional);
  assert.deepEqual([third.status, await third.text()], [304, ""]);
  const posted = await ask({}, { method: "POST", body: "changed" });
  assert.equal(await posted.text(), "changed");
  const fourth = await ask({ "if-none-match": '"old"' });
  assert.deepEqual([fourth.status, await fourth.text()], [200, "<h1>2</h1>"]);
  for (let i = 0; i < 15; i++) await (await ask()).text();
  assert.equal((await ask()).status, 429);
  assert.equal((await ask({ client: "b" })).status, 200);
  assert.equal(calls, 2);
});
