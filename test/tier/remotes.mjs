// The clients that a tier is tried with.

import { Redis } from "ioredis";
import { createClient } from "redis";
import { initFerrite } from "../../glue/platform/node.js";
import { createTier } from "../../glue/tier/index.js";

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
