// call, exec and feed: any command, and RESP as it is.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { initFerrite } from "../../glue/platform/node.js";

const text = (bytes) => new TextDecoder().decode(bytes);
const utf8 = (string) => new TextEncoder().encode(string);

let cache;
beforeEach(async () => {
  cache = await initFerrite({ maxMemory: "8mb", now: () => 1_700_000_000_000 });
});

test("call runs any command", () => {
  assert.equal(cache.call("SET", "k", "v", "EX", 60), "OK");
  assert.equal(cache.call("get", "k"), "v");
  assert.deepEqual(cache.callBytes("GET", "k"), utf8("v"));
  assert.equal(cache.call("TTL", utf8("k")), 60);
  assert.equal(cache.call("GET", "nothing"), null);
  assert.equal(cache.callBytes("GET", "nothing"), null);
  assert.deepEqual(cache.call("MGET", "k", "nothing"), ["v", null]);
  assert.deepEqual(cache.callBytes("MGET", "k", "nothing"), [utf8("v"), null]);
  assert.equal(cache.callBytes("SET", "k", 5n), "OK");
  assert.deepEqual(cache.call("CONFIG", "GET", "maxmemory"), ["maxmemory", `${8 * 1024 * 1024}`]);
  assert.deepEqual(cache.call("SCAN", 0, "COUNT", 100), ["0", ["k"]]);
});

test("error replies are thrown with Redis's text and code", () => {
  const cases = [
    [["NONSENSE", "a"], "ERR unknown command 'NONSENSE', with args beginning with: 'a' "],
    [["GET"], "ERR wrong number of arguments for 'get' command"],
    [["SET", "k", "v", "EX", "x"], "ERR value is not an integer or out of range"],
    [["SET", "k", "v", "XX", "NX"], "ERR syntax error"],
  ];
  for (const [words, message] of cases) {
    assert.throws(() => cache.call(...words), { name: "FerriteError", message, code: "ERR" });
  }
  assert.throws(() => cache.call(), { name: "FerriteError" });
});

test("exec takes a pipeline, as bytes or text, and gives all the replies", () => {
  const request =
    "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\nGET k\r\n*2\r\n$3\r\nGET\r\n$1\r\nx\r\n";
  assert.equal(text(cache.exec(request)), "+OK\r\n$1\r\nv\r\n$-1\r\n");
  assert.equal(text(cache.exec(utf8(request))), "+OK\r\n$1\r\nv\r\n$-1\r\n");
  assert.equal(text(cache.exec("GET x\r\n", { resp: 3 })), "_\r\n");
  assert.equal(text(cache.exec("GET x\r\n", { resp: 2 })), "$-1\r\n");
  assert.equal(cache.exec("").length, 0);
  assert.equal(text(cache.exec("SET k é\r\nGET k\r\n")), "+OK\r\n$2\r\né\r\n");
  assert.equal(text(cache.exec("NONSENSE\r\n")).slice(0, 20), "-ERR unknown command");
  for (const resp of [1, 4, "3", null]) {
    assert.throws(() => cache.exec("PING\r\n", { resp }), { code: "ARGUMENT", message: /resp is/ });
  }
});

test("exec throws if the last command is unfinished, with the replies before it", () => {
  for (const tail of [
    "*2\r\n$3\r\nGET\r\n$1\r\nk",
    "*",
    "GET k",
    "*1\r\n$4\r\nPIN",
    "*2\r\n$3\r\nGET\r\n$9000\r\nk",
  ]) {
    assert.throws(
      () => cache.exec(`SET k v\r\nGET k\r\n${tail}`),
      (error) => {
        assert.equal(error.code, "INCOMPLETE");
        assert.equal(text(error.reply), "+OK\r\n$1\r\nv\r\n");
        assert.equal(error.consumed, 16);
        return true;
      },
    );
  }
});

test("feed keeps the tail for the next time, wherever the cut", () => {
  const value = "x".repeat(9000);
  const stream = utf8(
    `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nhello\r\nGET k\r\n*3\r\n$3\r\nSET\r\n$1\r\nl\r\n$9000\r\n${value}\r\n*2\r\n$6\r\nSTRLEN\r\n$1\r\nl\r\n`,
  );
  const cuts = [
    1,
    5,
    19,
    33,
    35,
    44,
    50,
    70,
    71,
    72,
    73,
    100,
    5000,
    stream.length - 1,
    stream.length,
  ];
  for (const cut of cuts) {
    cache.flushall();
    const first = cache.feed(stream.subarray(0, cut));
    assert.equal(first.close, false);
    assert.ok(first.consumed <= cut);
    const second = cache.feed(stream.subarray(first.consumed));
    assert.equal(second.consumed, stream.length - first.consumed);
    assert.equal(
      text(first.reply) + text(second.reply),
      "+OK\r\n$5\r\nhello\r\n+OK\r\n:9000\r\n",
      `${cut}`,
    );
  }
});

test("feed byte by byte", () => {
  const stream = utf8("PING\r\n*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n\r\n*0\r\nDBSIZE\r\n");
  let pending = new Uint8Array(0);
  let replies = "";
  for (const byte of stream) {
    pending = Uint8Array.of(...pending, byte);
    const { reply, consumed, close } = cache.feed(pending);
    assert.equal(close, false);
    replies += text(reply);
    pending = pending.subarray(consumed);
  }
  assert.equal(pending.length, 0);
  assert.equal(replies, "+PONG\r\n$2\r\nhi\r\n:0\r\n");
});

test("a protocol error ends the reply, as in Redis", () => {
  for (const wrong of [
    "*x\r\n",
    "*1\r\nPING\r\n",
    "*1\r\n$-5\r\n",
    "*2\r\n$3\r\nGET\r\n$x\r\nk\r\n",
  ]) {
    const request = `PING\r\n${wrong}PING\r\n`;
    const { reply, consumed, close } = cache.feed(request);
    assert.equal(close, true, wrong);
    assert.equal(consumed, 6);
    assert.match(text(reply), /^\+PONG\r\n-ERR Protocol error: [^\n]*\r\n$/);
    assert.equal(text(cache.exec(request)), text(reply));
  }
});

test("a protocol error behind a large argument", () => {
  const request = `*3\r\n$3\r\nSET\r\n$9000\r\n${"k".repeat(9000)}\r\n$x\r\n`;
  const { reply, close } = cache.feed(request);
  assert.equal(close, true);
  assert.match(text(reply), /^-ERR Protocol error/);
  assert.equal(cache.ping(), "PONG");
});

test("pipelines and commands larger than the window", () => {
  const pings = cache.exec("PING\r\n".repeat(10_000));
  assert.ok(text(pings) === "+PONG\r\n".repeat(10_000));
  const large = "v".repeat(100_000);
  let request = "";
  for (let i = 0; i < 20; i++) {
    request += `*3\r\n$3\r\nSET\r\n$5\r\nkey${10 + i}\r\n$100000\r\n${large}\r\n*2\r\n$3\r\nGET\r\n$5\r\nkey${10 + i}\r\n`;
  }
  assert.ok(text(cache.exec(request)) === `+OK\r\n$100000\r\n${large}\r\n`.repeat(20));
});

test("a command that cannot fit answers OOM, and the next ones run", async () => {
  const small = await initFerrite({ maxMemory: "256kb" });
  const request = `SET a 1\r\n*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$500000\r\n${"v".repeat(500_000)}\r\nGET a\r\n`;
  const oom = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
  assert.equal(text(small.exec(request)), `+OK\r\n${oom}$1\r\n1\r\n`);
});
