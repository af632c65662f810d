// redis-cli: requests as arguments, mass insertion, its looks at the keyspace, and on a terminal.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { beforeEach, test } from "node:test";
import { PORT } from "./clients.mjs";
import { Terminal } from "./terminal.mjs";

const TO_SERVER = ["-p", `${PORT}`];

/** Runs redis-cli with these arguments -> what it prints; rejects if it does not exit with 0. */
function cli(words, input = "") {
  const options = { maxBuffer: 64 << 20 };
  return new Promise((resolve, reject) => {
    const child = execFile("redis-cli", [...TO_SERVER, ...words], options, (error, out, log) =>
      error ? reject(new Error(`${error.message}${out}${log}`)) : resolve(out + log),
    );
    child.stdin.on("error", () => {}); // it may have ended before it read
    child.stdin.end(input);
  });
}
const ask = (line) => cli(["-e", ...line.split(" ")]);

beforeEach(() => ask("FLUSHALL"));

const request = (...words) =>
  `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;

test("redis-cli: requests as arguments, in each of its formats", async () => {
  assert.equal(await ask("HSET user name Ann"), "1\n");
  assert.equal(await cli(["-2", "--no-raw", "HGETALL", "user"]), '1) "name"\n2) "Ann"\n');
  assert.equal(await cli(["-3", "--no-raw", "HGETALL", "user"]), '1# "name" => "Ann"\n');
  assert.equal(await cli(["--json", "HGETALL", "user"]), '{"name":"Ann"}\n');
  assert.equal(await cli(["--csv", "HGETALL", "user"]), '"name","Ann"\n');
  assert.equal(await cli(["-x", "SET", "from input"], "a\0b"), "OK\n");
  assert.equal(await cli(["--no-raw", "GET", "from input"]), '"a\\x00b"\n');
  assert.equal(await cli(["-r", "3", "INCR", "count"]), "1\n2\n3\n");
  assert.equal(await cli([], "SET a 1\nGET a\nGET\n"), "OK\n1\n" + WRONG_ARITY);
  await assert.rejects(ask("GET"), /wrong number of arguments/);
  await assert.rejects(ask("HGET count f"), /WRONGTYPE/);
});
const WRONG_ARITY = "ERR wrong number of arguments for 'get' command\n\n";

test("redis-cli --pipe: 100,000 requests", async () => {
  const requests = Array.from({ length: 100_000 }, (_, i) => request("SET", `key:${i}`, `${i}`));
  const said = await cli(["--pipe"], requests.join(""));
  assert.match(said, /^errors: 0, replies: 100000$/m);
  assert.equal(await ask("DBSIZE"), "100000\n");
  assert.equal(await ask("GET key:99999"), "99999\n");
});

test("redis-cli --pipe: errors are counted, and stop nothing", async () => {
  const requests = [
    request("SET", "a", "1"),
    request("GET"),
    "INCR a\r\n",
    request("LPUSH", "a", "x"),
  ];
  const asked = cli(["--pipe"], requests.join(""));
  await assert.rejects(asked, /^errors: 2, replies: 4$/m);
  assert.equal(await ask("GET a"), "2\n");
});

test("redis-cli --scan, --bigkeys, --memkeys", async () => {
  const keys = Array.from({ length: 1000 }, (_, i) => `key:${i}`);
  await cli(["--pipe"], keys.map((key) => request("SET", key, "v")).join(""));
  await ask(`SET large ${"0123456789".repeat(50)}`);
  await ask("RPUSH list a b c");
  await ask("HSET hash f v g w");
  await ask("SADD set a b c d");
  await ask("ZADD sorted 1 a");

  const lines = async (words) => (await cli(words)).trim().split("\n");
  assert.deepEqual([...new Set(await lines(["--scan", "--pattern", "key:*"]))].sort(), keys.sort());

  const big = await cli(["--bigkeys"]);
  assert.match(big, /^Sampled 1005 keys in the keyspace!$/m);
  assert.match(big, /^Biggest +list found '"list"' has 3 items$/m);
  assert.match(big, /^Biggest +hash found '"hash"' has 2 fields$/m);
  assert.match(big, /^Biggest +set found '"set"' has 4 members$/m);
  assert.match(big, /^Biggest +zset found '"sorted"' has 1 members$/m);
  assert.match(big, /^Biggest string found '"large"' has 500 bytes$/m);
  assert.match(big, /^1001 strings with 1500 bytes /m);

  const memory = await cli(["--memkeys"]);
  assert.match(memory, /^Sampled 1005 keys in the keyspace!$/m);
  assert.match(memory, /^Biggest string found '"large"' has \d+ bytes$/m);
});

test("redis-cli --hotkeys", async (t) => {
  await ask("CONFIG SET maxmemory-policy allkeys-lfu");
  t.after(() => ask("CONFIG SET maxmemory-policy noeviction"));
  await ask("MSET cold 1 hot 2 colder 3");
  await cli(["-r", "300", "GET", "hot"]);
  const counters = (await cli(["--hotkeys"])).match(/^hot key found .*$/gm);
  assert.match(counters[0], /^hot key found with counter: \d+\tkeyname: "hot"$/);
});

test("redis-cli --stat, --latency", async (t) => {
  await ask("MSET a 1 b 2");
  const terminal = new Terminal(`redis-cli ${TO_SERVER.join(" ")} -i 0.05 --stat`);
  t.after(() => terminal.close());
  // keys, memory, clients, blocked, requests, connections
  await terminal.read(/(^2 +[\d.]+[KMG] +\d+ +0 +\d+ \(\+\d+\) +\d+ +\r?\n){3}/m);
  assert.match(await cli(["--latency", "-i", "0.1", "--raw"]), /^\d+ \d+ [\d.]+ \d+$/m);
});

test("redis-cli on a terminal", async (t) => {
  const terminal = new Terminal(`redis-cli ${TO_SERVER.join(" ")}`);
  t.after(() => terminal.close());
  const prompt = `127.0.0.1:${PORT}`;
  const say = async (line, next = `${prompt}> `) => {
    terminal.type(`${line}\r`);
    await terminal.read(/\n/);
    return await terminal.read(new RegExp(`${next.replace(/[().]/g, "\\$&")}$`));
  };
  await terminal.read(new RegExp(`${prompt}> $`));
  assert.match(await say("SET greeting hello"), /OK/);
  assert.match(await say("GET greeting"), /"hello"/);
  assert.match(await say("GET"), /\(error\) ERR wrong number of arguments for 'get' command/);
  assert.match(await say("INCR greeting"), /\(error\) ERR value is not an integer/);
  assert.match(await say("RPUSH list a b"), /\(integer\) 2/);
  assert.match(await say("LRANGE list 0 -1"), /1\) "a"\s+2\) "b"/);
  assert.match(await say("GET nothing"), /\(nil\)/);
  assert.match(await say("HELLO 3"), /5# "mode" => "standalone"/);
  assert.match(await say("ZADD sorted INCR 1.5 m"), /\(double\) 1.5/);
  assert.match(await say("MULTI", `${prompt}(TX)> `), /OK/);
  assert.match(await say("INCR n", `${prompt}(TX)> `), /QUEUED/);
  assert.match(await say("EXEC"), /1\) \(integer\) 1/);
  assert.match(await say("CLIENT TRACKING ON"), /OK/);
  assert.match(await say("GET n"), /"1"/);
  await ask("SET n 2");
  assert.match(await say("PING"), /invalidate: 'n'/);
  assert.match(await say("help GETEX"), /summary: .*expiration[^]*since: 6\.2\.0[^]*group: string/);
  assert.match(await say("2 PING"), /PONG\s+PONG/);
  terminal.type("get ");
  await terminal.read(/get key/); // the hint
  terminal.type("\x15quit\r"); // what was typed is taken back
  assert.equal(await terminal.exit, 0);
});
