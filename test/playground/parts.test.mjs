// The prompt and the load, without a browser: replies as redis-cli shows them, help, and who asks for
// what.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { completions, helpOf, names } from "../../glue/examples/playground/help.js";
import { makeRandom, makeRequests, makeZipf } from "../../glue/examples/playground/load.js";
import { formatReply, parseReply } from "../../glue/examples/playground/reply.js";
import { bytesText, shortText } from "../../glue/examples/playground/text.js";
import { encodeRequest, splitWords } from "../../glue/examples/playground/words.js";
import { initFerrite } from "../../glue/platform/node.js";
import { startServer } from "../servers.mjs";

// No reply here depends on chance or time.
const SCRIPT = `
PING
SET greeting "hello world"
GET greeting
GET nothing
GET
NOSUCH command
SET bytes "\\x00\\xff\\n\\r\\t\\a\\b\\\\ \\"quoted\\" é"
GET bytes
SET single 'it\\'s \\n so'
GET single
SET empty ""
GET empty
STRLEN empty
INCR greeting
INCRBY n 41
APPEND n 1
MGET n nothing greeting
KEYS nothing*
HSET h name Ada born 1815 died 1852
HGETALL h
HGETALL nothing
HGET h name
HMGET h name nothing
HRANDFIELD h 0
SADD s a
SMEMBERS s
SMEMBERS nothing
SISMEMBER s a
RPUSH l 1 2 3 4 5 6 7 8 9 10 11
LRANGE l 0 -1
LRANGE l 5 1
LPOS l 3
LLEN greeting
ZADD z 1.5 a -2 b 1e20 c
ZRANGE z 0 -1 WITHSCORES
ZRANGE z 0 0 WITHSCORES
ZSCORE z a
ZINCRBY z 0.25 a
ZMSCORE z a nothing
ZPOPMIN z
ZPOPMIN z 2
GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
GEOPOS g Palermo nothing Catania
GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km ASC WITHCOORD WITHDIST
LMPOP 2 nothing l LEFT COUNT 2
SCAN 0 MATCH greeting COUNT 1000
LCS greeting single IDX
BITFIELD b SET u8 0 255 GET i8 0
TYPE z
EXPIRE h 100
PERSIST h
CONFIG GET maxmemory-policy
DEL h s l
`;

/** The whole script through redis-cli. */
function redisCli(port, resp) {
  const words = [`-${resp}`, "--no-raw", "-p", `${port}`];
  return new Promise((resolve, reject) => {
    const child = execFile("redis-cli", words, (error, out) =>
      error ? reject(error) : resolve(out),
    );
    child.stdin.end(`FLUSHALL\n${SCRIPT.trim()}\n`);
  });
}

for (const resp of [2, 3]) {
  test(`replies are shown as redis-cli shows redis-server's, RESP${resp}`, async () => {
    const server = await startServer("redis");
    try {
      const cache = await initFerrite({ maxMemory: "8mb", evictionPolicy: "noeviction" });
      const shown = `FLUSHALL\n${SCRIPT.trim()}`.split("\n").map((line) => {
        const { reply } = cache.feed(encodeRequest(splitWords(line)), { resp });
        return formatReply(parseReply(reply));
      });
      const expected = await redisCli(server.port, resp);
      // redis-cli has an empty line behind an error, when it is no terminal.
      assert.equal(shown.join("\n"), expected.replace(/^(\(error\).*)\n\n/gm, "$1\n").trimEnd());
    } finally {
      await server.stop();
    }
  });
}

test("forms that the module does not reply in are shown, too", () => {
  const show = (text, raw) => formatReply(parseReply(new TextEncoder().encode(text)), raw);
  assert.equal(show("#t\r\n"), "(true)");
  assert.equal(show("_\r\n"), "(nil)");
  assert.equal(show("=8\r\ntxt:a\nb!\r\n"), "a\nb!");
  assert.equal(show("$3\r\na\nb\r\n", true), "a\nb");
  assert.equal(
    show("%1\r\n+a\r\n*2\r\n:1\r\n:2\r\n"),
    "1# a => \n   1) (integer) 1\n   2) (integer) 2",
  );
  assert.equal(show("*0\r\n"), "(empty array)");
});

test("lines with a quote that is not closed are refused", () => {
  for (const line of ['"', "'a", '"a"b', "'a'b", 'SET a "b']) assert.equal(splitWords(line), null);
  const text = (line) => splitWords(line).map((word) => new TextDecoder().decode(word));
  assert.deepEqual(text(' a  "b c" \'d\' "" '), ["a", "b c", "d", ""]);
});

test("each command has its line of help, and nothing else has", async () => {
  const cache = await initFerrite({ maxMemory: "1mb" });
  assert.deepEqual(
    [...names].sort(),
    cache
      .call("COMMAND")
      .map(([name]) => name)
      .sort(),
  );
  for (const name of names) {
    const { syntax, summary } = helpOf(name);
    assert.ok(summary, name);
    const [[, arity]] = cache.call("COMMAND", "INFO", name);
    const words = syntax.split(" ").filter((word) => word && !/^[[.]|\]$|^\.\.\./.test(word));
    assert.ok(arity < 0 || words.length + 1 === arity, `${name} ${syntax}: arity ${arity}`);
  }
  assert.equal(helpOf("GET").name, "GET");
  assert.deepEqual(completions("getd"), ["getdel"]);
});

test("ranks are drawn as often as Zipf's law says", () => {
  const seed = Number(process.env.SEED ?? (Date.now() % 1e9) + 1);
  console.log(`seed ${seed} (SEED=${seed} repeats it)`);
  const COUNT = 1000;
  const DRAWS = 400_000;
  for (const skew of [0, 0.5, 0.9, 1, 1.1, 1.5]) {
    const draw = makeZipf(COUNT, skew, makeRandom(seed));
    const drawn = new Float64Array(COUNT + 1);
    for (let i = 0; i < DRAWS; i++) drawn[draw()]++;
    let whole = 0;
    for (let rank = 1; rank <= COUNT; rank++) whole += rank ** -skew;
    let squares = 0; // chi squared, of 999 degrees: 1200 is beyond 1 in 100,000
    for (let rank = 1; rank <= COUNT; rank++) {
      const expected = (DRAWS * rank ** -skew) / whole;
      squares += (drawn[rank] - expected) ** 2 / expected;
    }
    assert.equal(drawn[0], 0);
    assert.ok(squares < 1200, `skew ${skew}: chi squared ${squares}`);
  }
});

test("the same seed makes the same requests", async () => {
  const now = () => 1_700_000_000_000;
  const options = { keys: 5000, skew: 0.9, valueBytes: 200, ttlSeconds: 60, seed: 7 };
  for (const mix of ["zipf", "site"]) {
    const figures = [];
    for (let run = 0; run < 2; run++) {
      const cache = await initFerrite({ maxMemory: "512kb", now, seed: new Uint32Array(4) });
      const next = makeRequests({ mix, ...options });
      for (let i = 0; i < 20_000; i++) next()(cache);
      figures.push(cache.info());
    }
    assert.deepEqual(figures[0], figures[1]);
    assert.ok(figures[0].evicted_keys > 0);
  }
});

test("figures in three digits", () => {
  assert.equal(bytesText(999), "999 B");
  assert.equal(bytesText(1536), "1.50 KiB");
  assert.equal(bytesText(1023 * 1024), "1.00 MiB");
  assert.equal(bytesText(64 << 20), "64.0 MiB");
  assert.equal(shortText(20_000), "20k");
  assert.equal(shortText(1_250_000), "1.25M");
});
