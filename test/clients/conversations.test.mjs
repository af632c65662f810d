// Every client in every protocol holds every conversation: one request at a time, and all at once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { IOREDIS, NODE_REDIS, openIORedis, openNodeRedis } from "./clients.mjs";
import { CONVERSATIONS } from "./conversations.mjs";

const speakers = [
  ...IOREDIS.map((kind) => ({
    ...kind,
    async open(t) {
      const client = openIORedis(t, kind);
      // It goes by the name, in lower case, in how it shows a reply.
      return ([name, ...words]) => client.call(name.toLowerCase(), ...words);
    },
  })),
  ...NODE_REDIS.map((kind) => ({
    ...kind,
    async open(t) {
      const client = await openNodeRedis(t, kind);
      return (words) => client.sendCommand(words);
    },
  })),
];

for (const { name, shows, open } of speakers) {
  for (const [about, lines] of Object.entries(CONVERSATIONS)) {
    test(`${name}: ${about}`, async (t) => {
      const ask = await open(t);
      const answer = (line) => ask(line.split(" ")).catch((error) => error);
      await ask(["FLUSHALL"]);
      for (const line of lines) check(line, shows, await answer(line[0]));
      await ask(["FLUSHALL"]);
      const answers = await Promise.all(lines.map(([request]) => answer(request)));
      for (const [i, line] of lines.entries()) check(line, shows, answers[i]);
    });
  }
}

function check([request, inRESP2, inRESP3 = inRESP2], shows, answer) {
  const expected = shows === 3 ? inRESP3 : inRESP2;
  let shown = plain(answer);
  if (expected?.anyOrder) {
    assert.deepEqual([...shown].sort(), [...expected.anyOrder].sort(), request);
  } else {
    assert.deepEqual(shown, expected, request);
  }
}

/** A reply as it would be written in the table: an error as its text, a map as a plain object. */
function plain(reply) {
  if (reply instanceof Error) return { error: reply.message };
  if (Array.isArray(reply)) return reply.map(plain);
  if (reply !== null && typeof reply === "object")
    return Object.fromEntries(Object.entries(reply).map(([key, value]) => [key, plain(value)]));
  return reply;
}
