// The two ends of a connection that stays in the process, as sockets are.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createPair } from "../../glue/server/pair.js";

const collect = (end) => {
  const found = { text: "" };
  end.on("data", (chunk) => (found.text += chunk)).resume();
  return found;
};

test("it says when it is connected, once", async () => {
  const [client] = createPair();
  assert.equal(client.connecting, true);
  await once(client, "connect");
  assert.equal(client.connecting, false);
});

test("what one end writes the other reads, in order, and later", async () => {
  for (const [from, to] of [createPair(), createPair().reverse()]) {
    const found = collect(to);
    for (let i = 0; i < 100; i++) from.write(`${i},`);
    assert.equal(found.text, "");
    await once(to, "data");
    await sleep(1);
    assert.equal(found.text, Array.from({ length: 100 }, (_, i) => `${i},`).join(""));
  }
});

test("bytes may be changed once they are written", async () => {
  const [client, server] = createPair();
  const found = collect(server);
  const bytes = Buffer.from("before");
  client.write(bytes);
  bytes.fill("x");
  await once(server, "data");
  assert.equal(found.text, "before");
});

test("a reader that is late holds the writer up, which may go on when it has read", async () => {
  for (const [from, to] of [createPair(), createPair().reverse()]) {
    to.pause();
    const chunk = Buffer.alloc(1000, "x");
    let written = 0;
    for (let turn = 0; turn < 100; turn++) {
      for (; !from.writableNeedDrain; written++) from.write(chunk);
      await sleep(0);
    }
    assert.ok(written * 1000 < 200_000, `${written * 1000} bytes`);
    const found = collect(to);
    await once(from, "drain");
    while (from.writableLength > 0) await sleep(1);
    assert.equal(found.text.length, written * 1000);
  }
});

test("an end that ends, or is destroyed, ends the other, which has read what came before", async () => {
  for (const how of ["end", "destroySoon"]) {
    for (const [from, to] of [createPair(), createPair().reverse()]) {
      const found = collect(to);
      from.resume();
      from.write("last words");
      from[how]();
      await Promise.all([once(from, "close"), once(to, "close")]);
      assert.equal(found.text, "last words");
    }
  }
  const [client, server] = createPair();
  const found = collect(server);
  client.write("last words");
  client.destroy();
  await Promise.all([once(client, "close"), once(server, "close")]);
  assert.equal(client.connecting, false);
  assert.ok(["", "last words"].includes(found.text));
});

test("an end comes in a turn of its own: who waits for the last words may write before", async () => {
  for (const [from, to] of [createPair(), createPair().reverse()]) {
    const told = [];
    from.resume();
    to.on("error", () => told.push("error")).on("close", () => told.push("close"));
    from.write("last words");
    from.destroySoon();
    await once(to, "data");
    told.push("answer");
    to.write("an answer, which is lost");
    await once(to, "close");
    assert.deepEqual(told, ["answer", "close"]);
  }
});

test("to write to an end that is gone is an EPIPE when some was lost, also for what waits", async () => {
  const [client, server] = createPair();
  server.pause(); // sees no end
  client.on("error", () => {}).destroy();
  await sleep(5);
  server.write("x");
  await sleep(5);
  server.write("y");
  assert.equal((await once(server, "error"))[0].code, "EPIPE");

  const [other, late] = createPair();
  late.pause();
  while (other.write(Buffer.alloc(10_000)));
  await sleep(5);
  late.destroy();
  assert.equal((await once(other, "error"))[0].code, "EPIPE");
  assert.ok(other.destroyed);
});
