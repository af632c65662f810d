// How the program starts and ends: its options, what it refuses, and what it says.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Client, PROGRAM, Program, request, startServer } from "./harness.mjs";

const run = async (t, ...words) => {
  const program = new Program(t, process.execPath, [PROGRAM, ...words]);
  await program.ended;
  return program;
};

function folderFor(t) {
  const folder = mkdtempSync(join(tmpdir(), "ferrite-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test("--help says what there is; no verb, or a wrong one, does so too, and fails", async (t) => {
  for (const words of [["--help"], ["help"], ["serve", "--help"]]) {
    const { log, code } = await run(t, ...words);
    assert.match(log, /usage: .* serve[^]*--port[^]*--requirepass/);
    assert.equal(code, 0);
  }
  for (const words of [[], ["nosuch"]]) {
    const { log, code } = await run(t, ...words);
    assert.match(log, /usage/);
    assert.equal(code, 2);
  }
});

test("an option that is wrong is named, with what is allowed", async (t) => {
  const cases = [
    [["--nosuch", "1"], /--nosuch; allowed: --port, --bind/],
    [["6379"], /there is no option 6379/],
    [["--port"], /--port needs a value/],
    [["--port="], /--port needs a value/],
    [["--port", "x"], /--port is "x"; allowed: a number/],
    [["--port", "65536"], /--port is 65536 .*allowed: 0 to 65535/],
    [["--maxclients", "0"], /--maxclients is 0/],
    [["--maxmemory", "lots"], /--maxmemory is "lots"; allowed: bytes/],
    [["--maxmemory", "1kb"], /--maxmemory is 1024 .*at least 262144 bytes/],
    [["--policy", "nosuch"], /--policy is "nosuch"; allowed: noeviction/],
    [["--bind", "nosuch.invalid", "--requirepass", "x"], /nosuch.invalid/],
    [["--port", "0", "--socket", "/nosuch/folder/socket"], /\/nosuch\/folder\/socket/],
    [["--port", "7379", "--socket", "/nosuch/folder/socket"], /\/nosuch\/folder\/socket/],
  ];
  for (const [words, expected] of cases) {
    const { log, code } = await run(t, "serve", ...words);
    assert.match(log, expected);
    assert.doesNotMatch(log, /\n.*\n/, "one line");
    assert.equal(code, 1, words.join(" "));
  }
});

test("other addresses than loopback ask for a password", async (t) => {
  for (const bind of ["0.0.0.0", "::", "192.168.1.1", "example.com", ""]) {
    const { log, code } = await run(t, "serve", "--port", "0", `--bind=${bind}`);
    assert.match(log, bind === "" ? /--bind needs a value/ : /that needs --requirepass/);
    assert.equal(code, 1);
  }
  const server = await startServer(t, "--bind", "0.0.0.0", "--requirepass", "secret");
  const client = await Client.open(t, server.at);
  await client.ask("PING", "-NOAUTH Authentication required.\r\n");
  await client.ask("AUTH secret", "+OK\r\n");
  await client.ask("PING", "+PONG\r\n");
});

test("without options it listens at loopback alone", async (t) => {
  const server = await startServer(t);
  assert.match(server.log, / -h 127\.0\.0\.1 -p \d+/);
});

test("one line says how to connect; a port in use is named", async (t) => {
  const server = await startServer(t, "--maxmemory", "8mb", "--policy", "allkeys-lfu");
  const { port } = server.at;
  const line = `ready: redis-cli -h 127.0.0.1 -p ${port}; 8mb, allkeys-lfu\n`;
  assert.equal(server.log, line);
  const { log, code } = await run(t, "serve", "--port", String(port));
  assert.match(log, new RegExp(`address already in use 127.0.0.1:${port}`));
  assert.equal(code, 1);
  const client = await Client.open(t, server.at);
  const reply = "*2\r\n$9\r\nmaxmemory\r\n$7\r\n8388608\r\n";
  await client.ask("CONFIG GET maxmemory", reply);
});

test("a Unix socket; one left behind is replaced, a file is not", async (t) => {
  const path = join(folderFor(t), "socket");
  await new Promise((resolve) => createServer().listen(path, resolve).unref());
  const server = await startServer(t, "--socket", path);
  assert.deepEqual(server.at, { path });
  const client = await Client.open(t, server.at);
  await client.ask("PING", "+PONG\r\n");
  await client.ask("CLIENT KILL ADDR nosuch", ":0\r\n");
  await client.ask(`CLIENT KILL ADDR ${path}:0 SKIPME no`, ":1\r\n");
  server.child.kill("SIGTERM");
  assert.equal(await server.ended, 0);
  assert.equal(existsSync(path), false);

  writeFileSync(path, "precious");
  const { log, code } = await run(t, "serve", "--port", "0", "--socket", path);
  assert.match(log, /address already in use/);
  assert.equal(code, 1);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  test(`${signal} ends it, when what was asked before has been answered`, async (t) => {
    const server = await startServer(t);
    const [idle, blocked, busy] = await Promise.all([1, 2, 3].map(() => Client.open(t, server.at)));
    blocked.send("BLPOP l 0\r\n");
    const value = "x".repeat(20_000_000);
    busy.send(request("SET", "large", value));
    await busy.expect("+OK\r\n");
    busy.send(request("GET", "large"));
    await new Promise((resolve) => busy.socket.once("data", resolve));
    server.child.kill(signal);
    assert.equal(await server.ended, 0);
    await Promise.all([idle, blocked, busy].map((client) => client.expectClosed()));
    assert.equal(busy.text, `$${value.length}\r\n${value}\r\n`);
  });
}

test("it ends though a client reads nothing", async (t) => {
  const server = await startServer(t);
  const client = await Client.open(t, server.at);
  await client.ask("DEBUG POPULATE 1 k 30000000", "+OK\r\n");
  client.socket.pause();
  client.send("GET k:0\r\n");
  await new Promise((resolve) => setTimeout(resolve, 200));
  const begun = Date.now();
  server.child.kill("SIGTERM");
  assert.equal(await server.ended, 0);
  assert.ok(Date.now() - begun < 10_000);
});

test("SHUTDOWN ends it", async (t) => {
  const server = await startServer(t);
  const client = await Client.open(t, server.at);
  client.send("SHUTDOWN NOSAVE\r\n");
  assert.equal(await server.ended, 0);
  await client.expectClosed();
  assert.equal(client.text, "");
});
