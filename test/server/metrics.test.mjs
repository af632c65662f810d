// --metrics-port: figures for Prometheus. That their form is right, test/inproc has a parser say.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, Program, PROGRAM, startServer, until } from "./harness.mjs";

test("/metrics has the figures of the cache and of the server", async (t) => {
  const server = await startServer(t, "--metrics-port", "0", "--requirepass", "secret");
  const url = await until(() => /^metrics: (.*)$/m.exec(server.log)?.[1], "it says where");
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
  const client = await Client.open(t, server.at);
  await client.ask("AUTH secret", "+OK\r\n");
  await client.ask("SET a 1", "+OK\r\n");
  await client.ask("GET a", "$1\r\n1\r\n");
  const response = await fetch(url);
  assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const text = await response.text();
  for (const line of [
    'db_keys{db="db0"} 1',
    "keyspace_hits_total 1",
    "memory_max_bytes 67108864",
    "connected_clients 1",
    "connections_received_total 1",
    "commands_processed_total 3",
    "config_maxclients 10000",
  ])
    assert.ok(text.includes(`\nredis_${line}\n`), `${line}\n${text}`);

  assert.equal((await fetch(new URL("/", url))).status, 404);
  assert.equal((await fetch(url, { method: "POST" })).status, 405);
  assert.equal((await fetch(url, { method: "HEAD" })).status, 200);
  client.send("SHUTDOWN\r\n");
  assert.equal(await server.ended, 0);
});

test("a port for metrics that cannot be had is told, and nothing is left", async (t) => {
  const server = await startServer(t);
  assert.doesNotMatch(server.log, /metrics/);
  for (const port of [`${server.at.port}`, "65536", "x"]) {
    const words = [PROGRAM, "serve", "--port", "0", "--metrics-port", port];
    const { log, ended } = new Program(t, process.execPath, words);
    assert.equal(await ended, 1, log);
  }
});
