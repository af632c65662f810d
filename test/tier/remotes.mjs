// The clients that a tier is tried with.

import { Redis as Upstash } from "@upstash/redis";
import { GlideClient } from "@valkey/valkey-glide";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { initFerrite } from "../../glue/platform/node.js";
import { createTier } from "../../glue/tier/index.js";
import { startRest } from "./rest.mjs";

export const CLIENTS = [
  {
    name: "ioredis",
    open: async (port) => {
      const client = new Redis(port, { maxRetriesPerRequest: 1, retryStrategy: () => 20 });
      client.on("error", () => {}); // what fails says so itself
      return [client, () => client.disconnect()];
    },
  },
  {
    name: "node-redis",
    open: async (port) => {
      const client = createClient({
        url: `redis://127.0.0.1:${port}`,
        socket: { reconnectStrategy: () => 20 },
      });
      client.on("error", () => {});
      await client.connect();
      return [client, () => client.destroy()];
    },
  },
];

/** Those that cannot tell of changes. */
export const UNTRACKED = [
  {
    name: "valkey-glide",
    open: async (port) => {
      const client = await GlideClient.createClient({ addresses: [{ host: "127.0.0.1", port }] });
      return [client, () => client.close()];
    },
  },
  {
    name: "@upstash/redis",
    isText: true,
    open: async (port) => {
      const { url, token, close } = await startRest(port);
      return [new Upstash({ url, token, automaticDeserialization: false }), close];
    },
  },
];

/** A tier over a client of its own; closed when the test ends. */
export async function openTier(t, { open }, port, options) {
  const [client, close] = await open(port);
  const tier = createTier(await initFerrite({ maxMemory: "4mb" }), client, options);
  t.after(() => {
    close();
    return tier.close();
  });
  return tier;
}
