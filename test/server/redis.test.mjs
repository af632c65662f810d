// Redis's answers, byte for byte: what is said to our server is said to redis-server, too.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CONVERSATIONS } from "./conversations.mjs";
import { Client, request, sleep, startRedis, startServer, until } from "./harness.mjs";

const HELD_MS = 100; // after which a server is taken to hold back all commands
const PATIENCE_MS = 3000;

// What differs by nature.
const VOLATILE = [
  [/(\$2\r\nid\r\n:)\d+/g, "$1id"],
  [/7\.0\.\d+/g, "7.0.x"],
  [/\+\d+\.\d{6} \[0 [^\]]*\]/g, "+now [0 place]"], // of MONITOR
];

// What a line means: { name, bytes } or { waitMs }
function readLine(line) {
  const [, ms] = /^wait (\d+)$/.exec(line) ?? [];
  if (ms) return { waitMs: Number(ms) };
  const [, name, raw, text] = /^([a-z])(:?) ([^]*)$/.exec(line);
  if (raw) return { name, bytes: unescape(text) };
  const words = text.match(/"(\\.|[^"])*"|[^ ]+/g);
  return {
    name,
    bytes: request(...words.map((word) => (word[0] === '"' ? JSON.parse(word) : word))),
  };
}

function unescape(text) {
  return text.replace(/\\(x[0-9a-f]{2}|[rn\\])/g, (whole) =>
    JSON.parse(`"${whole.replace("\\x", "\\u00")}"`),
  );
}

// Lines of one connection that follow each other are sent together.
function steps(lines) {
  const list = [];
  for (const line of lines.map(readLine)) {
    const last = list.at(-1);
    if (line.name && last?.name === line.name) last.bytes += line.bytes;
    else list.push({ ...line });
  }
  return list;
}

// From where they differ.
function show({ step, ours, theirs }) {
  let at = 0;
  while (ours[at] === theirs[at]) at++;
  at = Math.max(ours.lastIndexOf("\n", at - 2) + 1, 0);
  const tail = (text) => JSON.stringify(text.slice(at, at + 300));
  const said = JSON.stringify(step).slice(0, 200);
  return `after ${said}\n  ours:   ${tail(ours)}\n  theirs: ${tail(theirs)}`;
}

class Side {
  clients = new Map();

  constructor(t, at) {
    Object.assign(this, { t, at });
  }

  async say({ name, bytes, waitMs }) {
    if (waitMs) return sleep(waitMs);
    if (!this.clients.has(name)) this.clients.set(name, await Client.open(this.t, this.at));
    return this.clients.get(name).send(bytes);
  }

  // What all clients have heard so far.
  get heard() {
    let heard = "";
    for (const [name, client] of this.clients) {
      heard += `${name}: ${client.text}${client.isClosed ? "<closed>" : ""}\n`;
    }
    return VOLATILE.reduce((text, [pattern, fixed]) => text.replace(pattern, fixed), heard);
  }

  forget() {
    for (const client of this.clients.values()) client.take();
  }

  // Until the server has dealt with what was said: it answers others in turn, so when a newcomer has
  // been answered twice, those before have been, too. (In a pause, nobody is answered.)
  async settle() {
    const other = await Client.open(this.t, this.at);
    for (let i = 0; i < 2; i++) {
      other.send("PING\r\n");
      await until(() => other.text.split("\n").length > i + 1, "PING", HELD_MS).catch(() => {});
    }
    other.socket.destroy();
    await sleep(1);
  }
}

for (const [name, lines] of Object.entries(CONVERSATIONS)) {
  test(name, async (t) => {
    const server = await startServer(t);
    const ours = new Side(t, server.at);
    const theirs = new Side(t, (await startRedis(t)).at);
    const differences = [];
    for (const step of steps(lines)) {
      await Promise.all([ours.say(step), theirs.say(step)]);
      await Promise.all([ours.settle(), theirs.settle()]);
      // What a clock brings may come late, on either side.
      const end = Date.now() + PATIENCE_MS;
      while (ours.heard !== theirs.heard && Date.now() < end) await sleep(1);
      if (ours.heard !== theirs.heard) {
        differences.push({ step, ours: ours.heard, theirs: theirs.heard });
      }
      ours.forget();
      theirs.forget();
    }
    await Promise.all([ours.settle(), theirs.settle()]);
    assert.equal(differences.map(show).join("\n"), "");
    assert.equal(ours.heard, theirs.heard);
    assert.equal(server.code, null);
  });
}
