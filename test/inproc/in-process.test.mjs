// What differs from a socket, and must not. What clients say is what test/clients has them say.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import diagnostics from "node:diagnostics_channel";
import { once } from "node:events";
import net from "node:net";
import { test } from "node:test";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { createClient as createClientOf4 } from "redis-4";
import { inProcess as forIORedis } from "../../glue/adapters/ioredis.js";
import { inProcess as forNodeRedis } from "../../glue/adapters/node-redis.js";
import { initFerrite } from "../../glue/platform/node.js";
import { freePort, startServer } from "../servers.mjs";

const LIMITED = { timeout: 20_000 };

function openIORedis(t, cache, options) {
  const client = new Redis({ ...forIORedis(cache), ...options });
  t.after(() => client.disconnect());
  return client;
}

async function openNodeRedis(t, cache) {
  const client = createClient(forNodeRedis(cache)).on("error", () => {});
  t.after(() => client.isOpen && client.destroy());
  return client.connect();
}

test("no socket is made", async (t) => {
  let sockets = 0;
  const count = () => sockets++;
  diagnostics.subscribe("net.client.socket", count);
  t.after(() => diagnostics.unsubscribe("net.client.socket", count));
  const cache = await initFerrite();
  await openIORedis(t, cache).set("a", 1);
  assert.equal(await (await openNodeRedis(t, cache)).get("a"), "1");
  assert.equal(sockets, 0);
  net.connect(await freePort(), "127.0.0.1").on("error", () => {});
  assert.equal(sockets, 1); // it would have been seen
});

test("all clients and the program have one cache; another cache is another", async (t) => {
  const [cache, other] = [await initFerrite(), await initFerrite()];
  const [one, two] = [openIORedis(t, cache), await openNodeRedis(t, cache)];
  await one.set("a", 1);
  assert.equal(await two.incr("a"), 2);
  assert.equal(cache.incr("a"), 3);
  assert.equal(await one.get("a"), "3");
  assert.equal(await (await openNodeRedis(t, other)).get("a"), null);
  const popped = one.blpop("queue", 0);
  await two.ping();
  cache.rpush("queue", "x"); // which the server hears of in its upkeep
  assert.deepEqual(await popped, ["queue", "x"]);
});

test("clients hear what others publish", LIMITED, async (t) => {
  const cache = await initFerrite();
  const listener = openIORedis(t, cache);
  const [publisher, other] = [await openNodeRedis(t, cache), await openNodeRedis(t, cache)];
  const heard = [];
  listener.on("message", (...told) => heard.push(told));
  listener.on("pmessage", (...told) => heard.push(told));
  assert.equal(await listener.subscribe("news"), 1);
  assert.equal(await listener.psubscribe("n*"), 2);
  await other.subscribe("news", (text, channel) => heard.push([text, channel]));
  assert.equal(await publisher.publish("news", "one"), 3);
  assert.equal(await publisher.publish("nothing", "two"), 1);
  await listener.ping();
  assert.deepEqual(heard.sort(), [
    ["n*", "news", "one"],
    ["n*", "nothing", "two"],
    ["news", "one"],
    ["one", "news"],
  ]);
  assert.equal(await listener.unsubscribe("news"), 1);
  await other.unsubscribe("news");
  assert.equal(await publisher.publish("news", "three"), 1);
});

test("node-redis and others that want a socket get one", async (t) => {
  const server = await startServer("redis");
  t.after(() => server.stop());
  const cache = await initFerrite();
  cache.set("where", "here");
  const near = await openNodeRedis(t, cache);
  const far = createClient({ url: `redis://127.0.0.1:${server.port}` });
  await far.on("error", () => {}).connect();
  t.after(() => far.destroy());
  await far.set("where", "there");
  assert.deepEqual([await near.get("where"), await far.get("where")], ["here", "there"]);
  const socket = net.createConnection(server.port, "127.0.0.1");
  await once(socket, "connect");
  socket.destroy();
});

test("node-redis 4: a connection that closes is told as one of a socket", LIMITED, async (t) => {
  const client = createClientOf4(forNodeRedis(await initFerrite()));
  const errors = [];
  client.on("error", (error) => errors.push(error.constructor.name));
  t.after(() => client.disconnect());
  await client.connect();
  await client.sendCommand(["QUIT"]); // of which it does not know what it does
  await assert.rejects(client.ping(), { name: "Error", message: "Socket closed unexpectedly" });
  assert.deepEqual(errors, ["SocketClosedUnexpectedlyError"]);
  assert.equal(await client.ping(), "PONG");
});

test("a program that asks on and on leaves timers their turn", async (t) => {
  const client = openIORedis(t, await initFerrite());
  let isOver = false;
  setTimeout(() => (isOver = true), 20);
  while (!isOver) await client.get("a");
});

test("a value may be changed once it was given", async (t) => {
  const cache = await initFerrite();
  const client = openIORedis(t, cache);
  await client.ping();
  const value = Buffer.alloc(100_000, "a");
  const stored = client.set("a", value);
  value.fill("b");
  await stored;
  assert.ok(cache.get("a") === "a".repeat(100_000));
});

test("a client may leave before it has come", async (t) => {
  const client = openIORedis(t, await initFerrite());
  client.disconnect();
  await once(client, "end");
});

test("a password, as on any server", async (t) => {
  const cache = await initFerrite();
  const first = openIORedis(t, cache);
  await first.config("SET", "requirepass", "secret");
  const stranger = openIORedis(t, cache, { retryStrategy: null });
  await assert.rejects(stranger.get("a"), /^.*NOAUTH/);
  assert.equal(await openIORedis(t, cache, { password: "secret" }).get("a"), null);
});

test("what is no cache is refused", () => {
  for (const options of [forIORedis, forNodeRedis]) {
    for (const none of [undefined, null, {}, "cache", { get() {} }])
      assert.throws(() => options(none), { name: "FerriteError", message: /^cache is .* Ferrite/ });
  }
});

const GLUE = new URL("../../glue/", import.meta.url);

// A program of its own; `open` makes clients of `cache`.
const program = (open, rest) => `
import { Redis } from "ioredis";
import { createClient } from "redis";
import { inProcess as forIORedis } from "${GLUE}adapters/ioredis.js";
import { inProcess as forNodeRedis } from "${GLUE}adapters/node-redis.js";
import { initFerrite } from "${GLUE}platform/node.js";
${open}
${rest}`;
const run = (text, ...flags) =>
  execFileSync(process.execPath, [...flags, "--input-type=module", "-e", text], {
    cwd: new URL(".", import.meta.url),
    encoding: "utf8",
    timeout: 20_000,
  });

test("a connection that nobody closes does not keep a program from its end", () => {
  const open = `
    const cache = await initFerrite();
    const clients = [new Redis(forIORedis(cache)), await createClient(forNodeRedis(cache)).connect()];
    for (const client of clients) console.log(await client.ping());`;
  assert.equal(run(program(open, "")), "PONG\nPONG\n");
});

test("a cache is let go of when its clients have gone", () => {
  const open = `
    async function use() {
      const cache = await initFerrite();
      const one = new Redis(forIORedis(cache));
      const two = await createClient(forNodeRedis(cache)).connect();
      await Promise.all([one.set("a", 1), two.get("a")]);
      await Promise.all([one.quit(), two.close()]);
      return new WeakRef(cache);
    }`;
  const rest = `
    const used = await use();
    for (let i = 0; i < 100 && used.deref(); i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      gc();
    }
    console.log(used.deref() === undefined);`;
  assert.equal(run(program(open, rest), "--expose-gc"), "true\n");
});
