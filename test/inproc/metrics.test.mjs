// The figures, as those who take them read them: Prometheus's format by a parser of it, and the example
// for OpenTelemetry by its SDK.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { Redis } from "ioredis";
import parse from "parse-prometheus-text-format";
import { observe } from "../../glue/examples/opentelemetry/metrics.js";
import { initFerrite } from "../../glue/platform/node.js";
import { Program, PROGRAM, until } from "../server/harness.mjs";
import { freePort } from "../servers.mjs";

// What the format asks for, and the usual rules for names and units.
function check(text) {
  assert.ok(text.endsWith("\n"));
  const families = parse(text);
  const names = families.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { name, type, help, metrics } of families) {
    assert.match(name, /^redis_[a-z_]+$/);
    assert.ok(help.length > 0, name);
    assert.equal(name.endsWith("_total"), type === "COUNTER", name);
    assert.ok(["COUNTER", "GAUGE"].includes(type), name);
    for (const { value } of metrics) assert.match(value, /^\d+(\.\d+)?$/, name);
    assert.equal(text.split(`\n# TYPE ${name} `).length, 2, name);
  }
  return families;
}

test("Prometheus: the cache's figures", async () => {
  const cache = await initFerrite({ maxMemory: "1mb" });
  cache.set("a", 1);
  const odd = 'quote " and back\\slash and\nline';
  const families = check(cache.metrics({ labels: { pod: odd, shard: 3 } }));
  for (const { metrics } of families) {
    const [{ labels }] = metrics;
    assert.equal(labels.shard, "3");
    assert.equal(labels.pod, odd);
  }
  const [{ value, labels }] = families.find(({ name }) => name === "redis_db_keys").metrics;
  assert.equal(value, "1");
  assert.equal(labels.db, "db0");
  const plain = check(cache.metrics());
  assert.equal(plain.length, families.length);
});

test("Prometheus: the server's", async (t) => {
  const words = [PROGRAM, "serve", "--port", "0", "--metrics-port", "0"];
  const server = new Program(t, process.execPath, words);
  const url = await until(() => /^metrics: (.*)$/m.exec(server.log)?.[1], "it says where");
  const names = check(await (await fetch(url)).text()).map(({ name }) => name);
  assert.ok(names.includes("redis_connected_clients") && names.includes("redis_memory_used_bytes"));
});

// What the exporter itself changes by asking, or what has gone on meanwhile.
const MOVING = /clients|cpu|uptime|start_time|processed|net_|connections_received|memory_used/;

test("Prometheus: the real exporter says the same of the server as the server does", async (t) => {
  const words = [PROGRAM, "serve", "--port", "0", "--metrics-port", "0"];
  const server = new Program(t, process.execPath, words);
  const url = await until(() => /^metrics: (.*)$/m.exec(server.log)?.[1], "it says where");
  const [, port] = await until(() => /-p (\d+)/.exec(server.log), "it says where");
  const at = `127.0.0.1:${await freePort()}`;
  const place = ["-redis.addr", `redis://127.0.0.1:${port}`, "-web.listen-address", at];
  new Program(t, "prometheus-redis-exporter", place);
  const client = new Redis(port);
  t.after(() => client.disconnect());
  await client.set("a", 1, "EX", 100);
  await client.mget("a", "b");
  const told = () =>
    fetch(`http://${at}/metrics`).then(
      (answer) => answer.text(),
      () => "",
    );
  const theirs = new Map(
    parse(await until(async () => (await told()) || null, "the exporter")).map((each) => [
      each.name,
      each,
    ]),
  );
  for (const { name, type, metrics } of check(await (await fetch(url)).text())) {
    const same = theirs.get(name);
    assert.equal(same?.type, type, name);
    assert.equal(metrics.length, 1, name);
    const [{ value, labels = {} }] = metrics;
    const [theirsOf] = same.metrics;
    assert.deepEqual(labels, theirsOf.labels ?? {}, name);
    if (!MOVING.test(name)) assert.equal(Number(value), Number(theirsOf.value), name);
  }
});

test("OpenTelemetry: the example", async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  const provider = new MeterProvider({ readers: [reader] });
  const collected = async () => {
    exporter.reset();
    await provider.forceFlush();
    const all = exporter
      .getMetrics()
      .flatMap((each) => each.scopeMetrics.flatMap((s) => s.metrics));
    return new Map(
      all.map(({ descriptor, dataPoints }) => [descriptor.name, { descriptor, dataPoints }]),
    );
  };
  const cache = await initFerrite({ maxMemory: "1mb" });
  const stop = observe(provider.getMeter("cache"), cache, { cache: "pages" });
  cache.set("a", 1, { ex: 60 });
  cache.get("a");
  cache.get("b");
  const first = await collected();
  const value = (figures, name) => figures.get(name).dataPoints[0].value;
  assert.equal(value(first, "redis.db.keys"), 1);
  assert.equal(value(first, "redis.db.expires"), 1);
  assert.equal(value(first, "redis.keyspace.hits"), 1);
  assert.equal(value(first, "redis.keyspace.misses"), 1);
  assert.equal(value(first, "redis.maxmemory"), 1024 * 1024);
  assert.equal(value(first, "redis.memory.used"), cache.info().used_memory);
  assert.equal(first.get("redis.memory.used").descriptor.unit, "By");
  assert.deepEqual(first.get("redis.db.keys").dataPoints[0].attributes, {
    cache: "pages",
    db: "0",
  });
  cache.get("a");
  assert.equal(value(await collected(), "redis.keyspace.hits"), 2);
  stop();
  cache.get("a");
  assert.equal(value(await collected(), "redis.keyspace.hits"), 2);
  await provider.shutdown();
});
