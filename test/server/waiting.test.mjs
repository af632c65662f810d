// Blocked clients, transactions and tracking, where more than two clients, or time, have a part.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseReply } from "../redis/resp.mjs";
import { Client, request, sleep, startServer, until } from "./harness.mjs";

const open = (t, server, count) =>
  Promise.all(Array.from({ length: count }, () => Client.open(t, server.at)));

const bulk = (text) => `$${text.length}\r\n${text}\r\n`;
const popped = (key, value) => `*2\r\n${bulk(key)}${bulk(value)}`;
const invalidation = (...keys) =>
  `>2\r\n${bulk("invalidate")}*${keys.length}\r\n${keys.map(bulk).join("")}`;

/** Sends a line and resolves with what it is answered. */
async function ask(client, line) {
  client.send(`${line}\r\n`);
  await until(() => parseReply(client.text), line);
  return parseReply(client.take()).value;
}

const idOf = async (client) => Number(await ask(client, "CLIENT ID"));

/** Resolves when so many clients are blocked. */
function blocked(admin, count) {
  const line = `\r\nblocked_clients:${count}\r\n`;
  return until(async () => (await ask(admin, "INFO CLIENTS")).includes(line), `${count} blocked`);
}

test("many blocked clients are served in the order in which they came", async (t) => {
  const server = await startServer(t);
  const admin = await Client.open(t, server.at);
  const clients = await open(t, server, 200);
  for (const [i, client] of clients.entries()) {
    client.send(i % 2 ? "BLPOP other list 0\r\n" : "BLMPOP 0 2 list another LEFT\r\n");
    await blocked(admin, i + 1);
  }
  const words = clients.map((_, i) => `element${i}`);
  admin.send(request("RPUSH", "list", ...words.slice(0, 100)));
  for (const word of words.slice(100)) admin.send(request("RPUSH", "list", word));
  await until(() => clients.every((client) => client.text !== ""), "all are served");
  clients.forEach((client, i) => {
    const one = `*2\r\n${bulk("list")}*1\r\n${bulk(words[i])}`;
    assert.equal(client.text, i % 2 ? popped("list", words[i]) : one);
  });
  await blocked(admin, 0);
});

test("a blocked client is served right after the command that lets it go on", async (t) => {
  const server = await startServer(t);
  const [waiter, pusher] = await open(t, server, 2);
  waiter.send("BLPOP l 0\r\n");
  await blocked(pusher, 1);
  pusher.send("RPUSH l a b\r\nLRANGE l 0 -1\r\nLLEN l\r\n");
  await pusher.expect(`:2\r\n*1\r\n${bulk("b")}:1\r\n`);
  await waiter.expect(popped("l", "a"));
});

test("a client that goes while it is blocked takes nothing with it", async (t) => {
  const server = await startServer(t);
  const [gone, next, admin] = await open(t, server, 3);
  gone.send("BLPOP l 0\r\n");
  await blocked(admin, 1);
  next.send("BLPOP l 0\r\n");
  await blocked(admin, 2);
  gone.socket.destroy();
  await blocked(admin, 1);
  await admin.ask("RPUSH l a", ":1\r\n");
  await next.expect(popped("l", "a"));
});

test("CLIENT UNBLOCK and CLIENT KILL end the wait of another", async (t) => {
  const server = await startServer(t);
  const [waiter, admin] = await open(t, server, 2);
  const id = await idOf(waiter);
  await admin.ask(`CLIENT UNBLOCK ${id}`, ":0\r\n");
  for (const [line, nothing] of [
    ["BLPOP l 0", "*-1\r\n"],
    ["BLMOVE l m LEFT LEFT 0", "*-1\r\n"],
    ["WAIT 1 0", ":0\r\n"],
  ]) {
    waiter.send(`${line}\r\n`);
    await blocked(admin, 1);
    await admin.ask(`CLIENT UNBLOCK ${id} TIMEOUT`, ":1\r\n");
    await waiter.expect(nothing);
    waiter.send(`${line}\r\n`);
    await blocked(admin, 1);
    await admin.ask(`CLIENT UNBLOCK ${id} ERROR`, ":1\r\n");
    await waiter.expect("-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n");
  }
  waiter.send("BLPOP l 0\r\n");
  await blocked(admin, 1);
  await admin.ask(`CLIENT KILL ID ${id}`, ":1\r\n");
  await waiter.expectClosed();
  await blocked(admin, 0);
});

test("CLIENT KILL ends all others, or itself, too, once it has been answered", async (t) => {
  const server = await startServer(t);
  const [first, second, third, admin] = await open(t, server, 4);
  const id = await idOf(first);
  await ask(third, "SUBSCRIBE __redis__:invalidate");
  await admin.ask(`CLIENT KILL TYPE pubsub ID ${id}`, ":0\r\n");
  await admin.ask("CLIENT KILL TYPE pubsub", ":1\r\n");
  await third.expectClosed();
  await admin.ask("CLIENT KILL TYPE normal SKIPME yes", ":2\r\n");
  await Promise.all([first, second].map((client) => client.expectClosed()));
  await admin.ask("CLIENT KILL TYPE normal SKIPME no\r\nPING", ":1\r\n");
  await admin.expectClosed();
});

test("timeouts are kept, each its own, and what was sent behind comes then", async (t) => {
  const server = await startServer(t);
  const clients = await open(t, server, 3);
  const begun = Date.now();
  const ended = clients.map(async (client, i) => {
    client.send(`BLPOP l 0.${3 - i}\r\nECHO after\r\n`);
    await client.expect(`*-1\r\n${bulk("after")}`);
    return Date.now() - begun;
  });
  const [third, second, first] = await Promise.all(ended);
  assert.ok(first >= 98 && second >= 198 && third >= 298, "none comes early");
  assert.ok(first <= second && second <= third && third < 5000, `${first}, ${second}, ${third} ms`);
});

test("a timeout of more than a timer can wait is one all the same", async (t) => {
  const server = await startServer(t);
  const [waiter, admin] = await open(t, server, 2);
  waiter.send("BLPOP l 99999999\r\n");
  await blocked(admin, 1);
  await sleep(50);
  await admin.ask("RPUSH l a", ":1\r\n");
  await waiter.expect(popped("l", "a"));
});

test("a key that expires, or is evicted, spoils the transaction of who watches it", async (t) => {
  const server = await startServer(t, "--maxmemory", "1mb");
  const [watcher, other] = await open(t, server, 2);
  await watcher.ask("DEBUG SET-ACTIVE-EXPIRE 0", "+OK\r\n");
  for (const command of ["GET k", "PING"]) {
    await other.ask("SET k v PX 200", "+OK\r\n");
    await watcher.ask("WATCH k", "+OK\r\n");
    await sleep(300);
    await ask(other, command);
    watcher.send("MULTI\r\nPING\r\nEXEC\r\n");
    await watcher.expect("+OK\r\n+QUEUED\r\n*-1\r\n");
  }
  await other.ask("SET k v", "+OK\r\n");
  await watcher.ask("WATCH k", "+OK\r\n");
  await other.ask("DEBUG POPULATE 5000 x 1000", "+OK\r\n");
  assert.equal(await ask(other, "EXISTS k"), "0");
  watcher.send("MULTI\r\nPING\r\nEXEC\r\n");
  await watcher.expect("+OK\r\n+QUEUED\r\n*-1\r\n");
});

test("what has expired is removed soon, though nobody asks for it", async (t) => {
  const server = await startServer(t);
  const client = await Client.open(t, server.at);
  const count = 6;
  for (let i = 0; i < count; i++) client.send(`SET key:${i} v PX ${i % 2 ? 100 : 1_000_000}\r\n`);
  await client.expect("+OK\r\n".repeat(count));
  const begun = Date.now();
  await until(async () => (await ask(client, "DBSIZE")) === `${count / 2}`, "half are gone");
  assert.ok(Date.now() - begun < 10_000); // by itself, the module takes half a minute
});

test("nobody's commands come between those of a transaction", async (t) => {
  const server = await startServer(t);
  const clients = await open(t, server, 4);
  const size = 20;
  const repeats = 50;
  const block = `MULTI\r\n${"INCR n\r\n".repeat(size)}EXEC\r\n`;
  for (let i = 0; i < repeats; i++) for (const client of clients) client.send(block);
  for (const client of clients) {
    const isDone = () => client.text.split(`*${size}\r\n`).length === repeats + 1;
    await until(() => isDone() && parseReply(client.text, client.text.lastIndexOf("*")), "all");
    for (let at = client.text.indexOf("*"); at >= 0; at = client.text.indexOf("*", at + 1)) {
      const [first, ...rest] = parseReply(client.text, at).value.map(({ value }) => Number(value));
      assert.deepEqual(
        rest,
        rest.map((_, i) => first + 1 + i),
      );
    }
  }
});

test("random clients that count with WATCH lose no increment", async (t) => {
  const server = await startServer(t);
  const clients = await open(t, server, 5);
  await ask(clients[0], "SET n 0");
  const count = async (client) => {
    for (let done = 0; done < 20; ) {
      await ask(client, "WATCH n");
      const n = Number(await ask(client, "GET n"));
      await ask(client, "MULTI");
      await ask(client, `SET n ${n + 1}`);
      if ((await ask(client, "EXEC")) !== null) done++;
    }
  };
  await Promise.all(clients.map(count));
  assert.equal(await ask(clients[0], "GET n"), "100");
});

test("invalidations go to the connection they are redirected to", async (t) => {
  const server = await startServer(t);
  const [reader, listener, writer] = await open(t, server, 3);
  await ask(listener, "HELLO 3");
  const id = await idOf(listener);
  await reader.ask(`CLIENT TRACKING ON REDIRECT ${id}`, "+OK\r\n");
  await reader.ask("CLIENT GETREDIR", `:${id}\r\n`);
  await reader.ask("GET k", "$-1\r\n");
  await writer.ask("SET k v", "+OK\r\n");
  await listener.expect(invalidation("k"));
  // In RESP2, on the channel that is there for it.
  await ask(listener, "RESET");
  await reader.ask("GET k", bulk("v"));
  await writer.ask("SET k v", "+OK\r\n");
  await reader.ask("GET k", bulk("v"));
  await ask(listener, "SUBSCRIBE __redis__:invalidate");
  await writer.ask("SET k v", "+OK\r\n");
  const message = `*3\r\n${bulk("message")}${bulk("__redis__:invalidate")}`;
  await listener.expect(`${message}*1\r\n${bulk("k")}`);
  await writer.ask("FLUSHALL", "+OK\r\n");
  await listener.expect(`${message}$-1\r\n`);
  await writer.ask("SET k v", "+OK\r\n");
  listener.socket.destroy();
  await until(async () => !(await ask(writer, "CLIENT LIST")).includes(`id=${id} `), "it is gone");
  await ask(reader, "HELLO 3");
  await reader.ask("GET k", bulk("v"));
  await writer.ask("SET k w", "+OK\r\n");
  await reader.expect(`>2\r\n${bulk("tracking-redir-broken")}:${id}\r\n`);
  assert.ok(JSON.stringify(await ask(reader, "CLIENT TRACKINGINFO")).includes("broken_redirect"));
});

test("a tracked key that expires is told so at its time, though nobody asks for it", async (t) => {
  const server = await startServer(t);
  const [reader, follower, writer] = await open(t, server, 3);
  await ask(reader, "HELLO 3");
  await ask(follower, "HELLO 3");
  await reader.ask("CLIENT TRACKING ON", "+OK\r\n");
  await follower.ask("CLIENT TRACKING ON BCAST PREFIX k", "+OK\r\n");
  const begun = Date.now();
  await writer.ask("SET k v PX 300", "+OK\r\n");
  await follower.expect(invalidation("k"));
  await reader.ask("GET k", bulk("v"));
  await Promise.all([reader, follower].map((client) => client.expect(invalidation("k"))));
  const took = Date.now() - begun;
  assert.ok(took >= 295 && took < 5000, `${took} ms`);
  await reader.ask("GET k", "_\r\n");
});

test("invalidations come at once, not when the server looks for them", async (t) => {
  const server = await startServer(t);
  const [reader, writer] = await open(t, server, 2);
  await ask(reader, "HELLO 3");
  await reader.ask("CLIENT TRACKING ON", "+OK\r\n");
  const begun = Date.now();
  for (let i = 0; i < 50; i++) {
    await ask(reader, "GET k");
    writer.send(request("SET", "k", "v"));
    await writer.expect("+OK\r\n");
    await reader.expect(invalidation("k"));
  }
  assert.ok(Date.now() - begun < 4000); // 50 times 100 ms, if it had to look for them
});

test("the table of tracked keys is bounded: what does not fit is told as changed", async (t) => {
  const server = await startServer(t);
  const [reader, admin] = await open(t, server, 2);
  await admin.ask("CONFIG SET tracking-table-max-keys 10", "+OK\r\n");
  await ask(reader, "HELLO 3");
  await reader.ask("CLIENT TRACKING ON", "+OK\r\n");
  for (let i = 0; i < 25; i++) reader.send(`GET key${i}\r\n`);
  await until(() => reader.text.split("invalidate").length === 16, "15 keys are given up");
  assert.match(await ask(admin, "INFO STATS"), /\r\ntracking_total_keys:10\r\n/);
  reader.socket.destroy();
  await until(
    async () => (await ask(admin, "INFO STATS")).includes("\r\ntracking_total_keys:0\r\n"),
    "nothing is tracked when nobody tracks",
  );
});

test("more changes than are noted are told as a change of everything", async (t) => {
  const server = await startServer(t);
  const [reader, watcher, waiter, writer] = await open(t, server, 4);
  await ask(reader, "HELLO 3");
  await reader.ask("CLIENT TRACKING ON", "+OK\r\n");
  await reader.ask("GET k", "_\r\n");
  await watcher.ask("WATCH k", "+OK\r\n");
  const words = Array.from({ length: 3000 }, (_, i) => [`a-long-name-of-a-key:${i}`, "v"]).flat();
  writer.send(request("MSET", ...words));
  await writer.expect("+OK\r\n");
  await reader.expect(`>2\r\n${bulk("invalidate")}_\r\n`);
  watcher.send("MULTI\r\nPING\r\nEXEC\r\n");
  await watcher.expect("+OK\r\n+QUEUED\r\n*-1\r\n");
  waiter.send("BLPOP l 0\r\n");
  await blocked(writer, 1);
  writer.send(`MULTI\r\n${request("MSET", ...words)}RPUSH l x\r\nEXEC\r\n`);
  await waiter.expect(popped("l", "x"));
});
