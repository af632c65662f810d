// What hostile, hasty or slow clients may take: bounded memory, and no other client's time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseReply } from "../redis/resp.mjs";
import { Client, request, sleep, startServer, until } from "./harness.mjs";

const MIB = 1024 * 1024;

// What the server says of itself.
async function infoOf(t, server) {
  const client = await Client.open(t, server.at);
  return async (field) => {
    client.send("INFO EVERYTHING\r\n");
    await until(() => parseReply(client.text), "INFO");
    return new RegExp(`^${field}:(.*)\r$`, "m").exec(client.take())[1];
  };
}

// Resident memory of a process, in bytes.
async function rssOf({ child }) {
  const { readFile } = await import("node:fs/promises");
  const status = await readFile(`/proc/${child.pid}/status`, "latin1");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)[1]) * 1024;
}

test("a line that never ends is refused at 64 KiB, and so is a count", async (t) => {
  const server = await startServer(t);
  const cases = [
    ["", "too big inline request"],
    ["*", "too big mbulk count string"],
    ["*1\r\n$", "too big bulk count string"],
    ["*1\r\n", "too big bulk count string"],
  ];
  for (const [start, text] of cases) {
    const client = await Client.open(t, server.at);
    client.send(start + "9".repeat(65_000));
    await sleep(50);
    assert.equal(client.text, "", "not yet");
    client.send("9".repeat(1000));
    await client.expectClosed();
    assert.equal(client.text, `-ERR Protocol error: ${text}\r\n`);
  }
});

test("a line of 64 KiB is fine, in one piece or byte by byte", async (t) => {
  const server = await startServer(t);
  const client = await Client.open(t, server.at);
  const line = `ECHO ${"x".repeat(65_000)}`;
  await client.ask(line, `$65000\r\n${"x".repeat(65_000)}\r\n`);
  for (const byte of request("SET", "key", "a value") + "GET key\r\n") {
    client.send(byte);
    await sleep(1);
  }
  await client.expect("+OK\r\n$7\r\na value\r\n");
});

test("a flood of garbage takes no memory", async (t) => {
  const server = await startServer(t);
  await Client.open(t, server.at);
  const before = await rssOf(server);
  const garbage = "\x00\xff*$x".repeat(20_000); // and no end of a line
  for (let i = 0; i < 200; i++) {
    const client = await Client.open(t, server.at);
    client.send(garbage);
    client.send(garbage);
    await client.expectClosed();
  }
  assert.ok((await rssOf(server)) - before < 100 * MIB);
});

test("unfinished commands of many connections keep only what has come", async (t) => {
  const server = await startServer(t);
  const info = await infoOf(t, server);
  for (let i = 0; i < 100; i++) {
    const client = await Client.open(t, server.at);
    client.send("*2\r\n$3\r\nGET\r\n$536870912\r\nabc");
  }
  await sleep(100);
  assert.ok(Number(await info("mem_clients_normal")) < 100 * 1024);
});

test("a request beyond client-query-buffer-limit ends its connection", async (t) => {
  const server = await startServer(t);
  const client = await Client.open(t, server.at);
  await client.ask("CONFIG SET client-query-buffer-limit 1mb", "+OK\r\n");
  client.send(request("SET", "k", "x".repeat(1000 * 1000)));
  await client.expect("+OK\r\n");
  client.send(request("SET", "k", "x".repeat(1100 * 1000)));
  await client.expectClosed();
  assert.equal(client.text, "");
  // So does a transaction that grows beyond it.
  const other = await Client.open(t, server.at);
  other.send("MULTI\r\n");
  for (let i = 0; i < 20; i++) other.send(request("SET", "k", "x".repeat(100_000)));
  await other.expectClosed();
});

test("a word beyond proto-max-bulk-len is refused before it comes", async (t) => {
  const server = await startServer(t);
  const client = await Client.open(t, server.at);
  await client.ask("CONFIG SET proto-max-bulk-len 1mb", "+OK\r\n");
  client.send(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${MIB + 1}\r\n`);
  await client.expect("-ERR Protocol error: invalid bulk length\r\n");
  await client.expectClosed();
});

test("what is larger than the cache is refused, and the connection lives", async (t) => {
  const server = await startServer(t, "--maxmemory", "1mb");
  const client = await Client.open(t, server.at);
  client.send(request("SET", "k", "x".repeat(2 * MIB)));
  await client.expect("-OOM command not allowed when used memory > 'maxmemory'.\r\n");
  await client.ask("PING", "+PONG\r\n");
});

test("requests and replies of many megabytes, in many pieces", async (t) => {
  const server = await startServer(t);
  const client = await Client.open(t, server.at);
  const value = "0123456789".repeat(1_500_000);
  const bytes = request("SET", "large", value) + request("STRLEN", "large");
  for (let at = 0; at < bytes.length; at += 99_991) client.send(bytes.slice(at, at + 99_991));
  await client.expect(`+OK\r\n:${value.length}\r\n`);
  await client.ask("GET large", `$${value.length}\r\n${value}\r\n`);
  const words = Array.from({ length: 50_000 }, (_, i) => `word${i}`);
  client.send(request("RPUSH", "list", ...words));
  await client.expect(":50000\r\n");
  const bulks = words.map((word) => `$${word.length}\r\n${word}\r\n`).join("");
  await client.ask("LRANGE list 0 -1", `*50000\r\n${bulks}`);
});

test("more connections than maxclients are told so, and closed", async (t) => {
  const server = await startServer(t, "--maxclients", "3");
  const clients = [];
  for (let i = 0; i < 3; i++) clients.push(await Client.open(t, server.at));
  await clients[2].ask("PING", "+PONG\r\n");
  const late = await Client.open(t, server.at);
  await late.expectClosed();
  assert.equal(late.text, "-ERR max number of clients reached\r\n");
  clients[0].socket.destroy();
  await sleep(50);
  const next = await Client.open(t, server.at);
  await next.ask("PING", "+PONG\r\n");
});

test("who does not read is not read from, and gets all in the end", async (t) => {
  const server = await startServer(t);
  const info = await infoOf(t, server);
  const slow = await Client.open(t, server.at);
  const value = "v".repeat(500_000);
  slow.send(request("SET", "k", value));
  await slow.expect("+OK\r\n");
  slow.socket.pause();
  const count = 400; // 200 MB of replies
  for (let i = 0; i < count; i++)
    slow.send(
      "GET k\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n".slice(i % 2 ? 7 : 0, i % 2 ? undefined : 7),
    );
  await sleep(300);
  assert.ok(Number(await info("mem_clients_normal")) < 4 * MIB);
  slow.socket.resume();
  const reply = `$${value.length}\r\n${value}\r\n`;
  let left = count;
  while (left > 0) {
    await until(() => slow.text.length >= reply.length, "a reply");
    const whole = Math.floor(slow.text.length / reply.length);
    const text = slow.take();
    assert.equal(text.slice(0, whole * reply.length), reply.repeat(whole));
    slow.text = text.slice(whole * reply.length) + slow.text;
    left -= whole;
  }
  assert.equal(slow.text, "");
});

test("many large replies, more than the output limit together, all arrive", async (t) => {
  const server = await startServer(t);
  const client = await Client.open(t, server.at);
  const value = "v".repeat(2 * MIB);
  client.send(request("SET", "k", value));
  await client.expect("+OK\r\n");
  await client.ask("STRLEN k", `:${value.length}\r\n`);
  const reply = `$${value.length}\r\n${value}\r\n`;
  client.send(request("GET", "k"));
  await client.expect(reply);
  client.send(request("GET", "k").repeat(50)); // 100 MiB
  await client.expect(reply.repeat(50));
});

test("who leaves more than the output limit unread is closed, and others are served", async (t) => {
  const server = await startServer(t);
  const info = await infoOf(t, server);
  const admin = await Client.open(t, server.at);
  const limit = 'CONFIG SET client-output-buffer-limit "normal 8mb 0 0"';
  await admin.ask(limit, "+OK\r\n");
  admin.send("DEBUG POPULATE 1000 k 10000\r\n");
  await admin.expect("+OK\r\n");
  const keys = Array.from({ length: 1000 }, (_, i) => `k:${i}`);
  const slow = await Client.open(t, server.at);
  slow.socket.pause();
  slow.send(request("MGET", ...keys)); // 10 MB
  await until(async () => (await info("connected_clients")) === "2", "it is closed");
  slow.socket.resume();
  await slow.expectClosed();
  assert.match(server.log, /leaves \d+ bytes of replies unread: closed/);
  await admin.ask("PING", "+PONG\r\n");
});

test("a client that waits is not read from beyond 64 KiB", async (t) => {
  const server = await startServer(t);
  const info = await infoOf(t, server);
  const blocked = await Client.open(t, server.at);
  blocked.send("BLPOP l 0\r\n");
  const pings = "PING\r\n".repeat(20_000);
  for (let i = 0; i < 20; i++) blocked.send(pings);
  await sleep(200);
  assert.ok(Number(await info("mem_clients_normal")) < MIB);
  const other = await Client.open(t, server.at);
  await other.ask("LPUSH l x", ":1\r\n");
  const served = "*2\r\n$1\r\nl\r\n$1\r\nx\r\n";
  await blocked.expect(served + "+PONG\r\n".repeat(400_000));
});

test("a pattern of many stars takes no time to speak of", async (t) => {
  const server = await startServer(t);
  const client = await Client.open(t, server.at);
  await client.ask(`SET ${"a".repeat(1000)} 1`, "+OK\r\n");
  const begun = Date.now();
  const pattern = `${"a*".repeat(100)}b`;
  await client.ask(`KEYS ${pattern}`, "*0\r\n");
  await client.ask(`SCAN 0 MATCH ${pattern}`, "*2\r\n$1\r\n0\r\n*0\r\n");
  await client.ask(`CONFIG GET ${"*m".repeat(100)}`, "*0\r\n");
  await client.ask(`CONFIG GET ${"*?".repeat(15)}#`, "*0\r\n");
  await client.ask(`COMMAND LIST FILTERBY PATTERN ${"*e".repeat(100)}`, "*0\r\n");
  assert.ok(Date.now() - begun < 4000);
});

test("an idle client is closed after timeout seconds, a blocked one is not", async (t) => {
  const server = await startServer(t);
  const [idle, blocked] = [await Client.open(t, server.at), await Client.open(t, server.at)];
  await idle.ask("CONFIG SET timeout 1", "+OK\r\n");
  blocked.send("BLPOP l 0\r\n");
  await idle.expectClosed();
  assert.equal(blocked.isClosed, false);
});

test("a cache that is full and may evict nothing refuses, and the server lives", async (t) => {
  const server = await startServer(t, "--maxmemory", "1mb", "--policy", "noeviction");
  const client = await Client.open(t, server.at);
  const oom = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
  for (let i = 0; i < 1000; i++) client.send(request("SET", `k${i}`, "x".repeat(2000)));
  client.send("PING\r\n");
  await until(() => client.text.endsWith("+PONG\r\n"), "it is full");
  assert.ok(client.take().includes(oom));
  const large = "x".repeat(200_000);
  for (const words of [
    ["WATCH", large],
    ["GET", large],
    ["CONFIG", "SET", "maxmemory", large],
  ]) {
    client.send(request(...words));
    await until(() => client.text.endsWith("\r\n"), words[0]);
    assert.match(client.take(), /^-(OOM|ERR) /);
  }
  client.send(`MULTI\r\n${request("SET", "k", large)}PING\r\nEXEC\r\n`);
  await client.expect(`+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n${oom}+PONG\r\n`);
  client.send(request("BLPOP", large, "0"));
  await client.expect(oom);
});
