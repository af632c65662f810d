// The handlers for Next.js where Next.js itself seldom leads; test/platforms/next has it do the rest.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { cacheHandler, useCacheHandler } from "../../glue/adapters/next.js";
import { initFerrite } from "../../glue/platform/node.js";

const page = (tags) => ({
  kind: "APP_PAGE",
  html: "<p>é</p>",
  rscData: Buffer.from([0, 255]),
  headers: { "x-next-cache-tags": tags },
  segmentData: new Map([["/a", Buffer.from("segment")]]),
  status: 200,
  postponed: undefined,
});

async function open(options) {
  const cache = await initFerrite(options);
  const Handler = cacheHandler(cache);
  return { cache, Handler, handler: new Handler({ revalidatedTags: [] }) };
}

test("what was set comes back as it was, buffers and maps and all, to every object", async () => {
  const { cache, Handler, handler } = await open();
  await handler.set("/a", page("x,y"), { cacheControl: { revalidate: 1, expire: 60 } });
  const entry = await new Handler().get("/a", { kind: "APP_PAGE" });
  assert.deepEqual(entry.value, page("x,y"));
  assert.deepEqual(entry.cacheControl, { revalidate: 1, expire: 60 });
  assert.equal(cache.ttl("next:/a"), 60);
  await handler.set("/404", null, { cacheControl: { revalidate: false } });
  assert.equal((await handler.get("/404", { kind: "PAGES" })).value, null);
  assert.equal(await handler.get("/none", { kind: "PAGES" }), null);
  handler.resetRequestCache();
});

test("a tag ends what has it, of whatever kind; soft tags of a fetch, too", async () => {
  const { Handler, handler } = await open();
  const fetched = { kind: "FETCH", data: { body: "b" }, revalidate: 60, tags: ["x"] };
  const fill = async () => {
    await sleep(2);
    await handler.set("/a", page("x,y"), {});
    await handler.set("f", fetched, { fetchCache: true, tags: ["z"] });
  };
  const soft = { kind: "FETCH", tags: ["x"], softTags: ["_N_T_/a"] };
  const isThere = async () =>
    [await handler.get("/a", { kind: "APP_PAGE" }), await handler.get("f", soft)].map(Boolean);
  for (const [tags, left] of [
    ["y", [false, true]],
    [["z"], [true, false]],
    [
      ["q", "x"],
      [false, false],
    ],
    ["_N_T_/a", [true, false]],
    ["q", [true, true]],
  ]) {
    await fill();
    assert.deepEqual(await isThere(), [true, true]);
    await handler.revalidateTag(tags);
    assert.deepEqual(await isThere(), left, `${tags}`);
  }
  const inRequest = new Handler({ revalidatedTags: ["x"] });
  assert.equal(await inRequest.get("f", soft), null);
});

test("with a profile, it is stale at once, and gone when that is over", async () => {
  const { handler } = await open();
  await handler.set("/a", page("x"), {});
  await handler.revalidateTag("x", { expire: 0.05 });
  assert.equal((await handler.get("/a", { kind: "APP_PAGE" })).lastModified, -1);
  await sleep(60);
  assert.equal(await handler.get("/a", { kind: "APP_PAGE" }), null);
});

test("tags that are forgotten were revalidated", async () => {
  const { handler } = await open();
  await handler.set("/old", page("first"), {});
  await handler.set("/other", page("never"), {});
  await sleep(2);
  await handler.revalidateTag("first");
  await sleep(2);
  await handler.set("/new", page("first"), {});
  assert.ok(await handler.get("/other", {}));
  await sleep(2);
  for (let i = 0; i < 10_000; i++) await handler.revalidateTag(`tag ${i}`);
  assert.equal(await handler.get("/old", {}), null);
  assert.equal(await handler.get("/other", {}), null);
  assert.ok(await handler.get("/new", {}));
});

test("what has no room is not kept, and not what it would have replaced", async () => {
  const { handler } = await open({ maxMemory: "256kb" });
  await handler.set("/a", page("x"), {});
  await handler.set("/a", { ...page("x"), html: "x".repeat(1_000_000) }, {});
  assert.equal(await handler.get("/a", { kind: "APP_PAGE" }), null);
});

/* --- "use cache" -------------------------------------------------------------------------------- */

const made = (value, more) => ({
  value: new Response(value).body,
  tags: ["x"],
  stale: 1,
  timestamp: Date.now(),
  expire: 100,
  revalidate: 10,
  ...more,
});
const text = async (entry) => entry && new Response(entry.value).text();

test('"use cache": a get waits for what is being set, and each has a stream of its own', async () => {
  const cache = await initFerrite();
  const handler = useCacheHandler(cache);
  assert.equal(await handler.get("k", []), undefined);
  const setting = handler.set(
    "k",
    sleep(10).then(() => made("value")),
  );
  assert.equal(await text(await handler.get("k", [])), "value");
  await setting;
  const { value, ...entry } = await handler.get("k", []);
  assert.equal(await new Response(value).text(), "value");
  assert.deepEqual(
    { ...entry, timestamp: 0 },
    {
      tags: ["x"],
      stale: 1,
      timestamp: 0,
      expire: 100,
      revalidate: 10,
    },
  );
  assert.equal(cache.ttl("next-use:k"), 100);
  await handler.set("k", Promise.resolve(made("forever", { expire: 0xfffffffe })));
  assert.equal(cache.ttl("next-use:k"), -1);
  await handler.refreshTags();
});

test('"use cache": what breaks off is not kept', async () => {
  const handler = useCacheHandler(await initFerrite());
  const value = new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array(10));
      controller.error(new Error("broken off"));
    },
  });
  await handler.set("k", Promise.resolve(made("", { value })));
  await handler.set("l", Promise.reject(new Error("not made")));
  assert.equal(await handler.get("k", []), undefined);
  assert.equal(await handler.get("l", []), undefined);
});

test('"use cache": tags, soft tags, and when they were revalidated last', async () => {
  const handler = useCacheHandler(await initFerrite());
  const fill = () => handler.set("k", Promise.resolve(made("value", { timestamp: Date.now() })));
  assert.equal(await handler.getExpiration(["x", "y"]), 0);
  for (const tag of ["x", "_N_T_/a"]) {
    await fill();
    assert.ok(await handler.get("k", ["_N_T_/a"]));
    const before = Date.now();
    await handler.updateTags([tag]);
    assert.equal(await handler.get("k", ["_N_T_/a"]), undefined);
    assert.ok((await handler.getExpiration(["y", tag])) >= before);
    await sleep(2);
  }
  await fill();
  await handler.updateTags(["x"], { expire: 60 });
  assert.equal((await handler.get("k", [])).revalidate, -1);
});

test("what is no cache, or no prefix, is refused", async () => {
  const cache = await initFerrite();
  for (const make of [cacheHandler, useCacheHandler]) {
    assert.throws(() => make({}), { name: "FerriteError", message: /^cache is/ });
    assert.throws(() => make(cache, { prefix: 5 }), {
      name: "FerriteError",
      message: /^prefix is/,
    });
  }
});
