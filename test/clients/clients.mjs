// The clients of the tests: each library in each protocol it speaks, and how it shows replies.

import { Redis as IORedis } from "ioredis";
import { Redis as IOValkey } from "iovalkey";
import { createClient } from "redis";
import { inProcess as forIORedis } from "../../glue/adapters/ioredis.js";
import { inProcess as forNodeRedis } from "../../glue/adapters/node-redis.js";
import { initFerrite } from "../../glue/platform/node.js";

// Where the server under test listens, as run.mjs says; without one, it is a cache in this process.
export const PORT = process.env.SERVER_PORT;
const cache = PORT ? null : await initFerrite({ maxMemory: "256mb", evictionPolicy: "noeviction" });

/** Options that say so to the libraries. */
const IOREDIS_AT = cache ? forIORedis(cache) : { port: Number(PORT) };
export const NODE_REDIS_AT = cache ? forNodeRedis(cache) : { url: `redis://127.0.0.1:${PORT}` };

// `shows` is the protocol in whose shapes it gives replies: ioredis turns RESP3's into RESP2's,
// unless it is told not to.
export const IOREDIS = [
  { name: "ioredis, RESP2", Client: IORedis, options: { protocol: 2 }, shows: 2 },
  { name: "ioredis, RESP3", Client: IORedis, options: { protocol: 3 }, shows: 2 },
  {
    name: "ioredis, RESP3 as it is",
    Client: IORedis,
    options: { protocol: 3, replyMapping: "resp3" },
    shows: 3,
  },
  { name: "iovalkey", Client: IOValkey, options: {}, shows: 2 },
];

export const NODE_REDIS = [
  { name: "node-redis, RESP2", options: { RESP: 2 }, shows: 2 },
  { name: "node-redis, RESP3", options: { RESP: 3 }, shows: 3 },
];

/** A client of the family of ioredis; closed when the test `t` ends. */
export function openIORedis(t, { Client, options }, more = {}) {
  const client = new Client({ ...IOREDIS_AT, ...options, ...more });
  t.after(() => client.disconnect());
  return client;
}

export async function openNodeRedis(t, { options }, more = {}) {
  const client = createClient({ ...NODE_REDIS_AT, ...options, ...more });
  client.on("error", () => {}); // of a connection that was killed; a command that fails says so itself
  t.after(() => client.isOpen && client.destroy());
  return client.connect();
}
