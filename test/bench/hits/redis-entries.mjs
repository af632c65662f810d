// What entries cost in a real redis-server: what MEMORY USAGE says of each, and the same more for all,
// for what they take together beyond that: their buckets, and what the allocator rounds up.

import { RedisPeer } from "../../redis/peers.mjs";
import { encodeArray } from "../../redis/resp.mjs";

const BYTES_A_BATCH = 2 ** 20;

/** Puts all entries of a trace into it -> { version, entryBytes: of its maxmemory, for each entry }. */
export async function measureRedisEntries({ keyBytes, valueBytes }) {
  const redis = await RedisPeer.start();
  try {
    await redis.begin(2);
    await redis.exchange(encodeArray(["CONFIG", "SET", "maxmemory", "0"]));
    const before = await usedMemory(redis);
    const usages = [];
    for (let id = 0; id < keyBytes.length; ) {
      let sets = "";
      let questions = "";
      for (let bytes = 0; bytes < BYTES_A_BATCH && id < keyBytes.length; id++) {
        const key = `${id}`.padStart(keyBytes[id], "k");
        sets += encodeArray(["SET", key, "v".repeat(valueBytes[id])]);
        questions += encodeArray(["MEMORY", "USAGE", key]);
        bytes += keyBytes[id] + valueBytes[id];
      }
      const reply = await redis.exchange(sets + questions);
      for (const [, digits] of reply.matchAll(/^:(\d+)\r$/gm)) usages.push(Number(digits));
      if (usages.length !== id) throw new Error(`redis-server: ${reply.slice(0, 200)}`);
    }
    const used = (await usedMemory(redis)) - before;
    const unsaid = (used - usages.reduce((sum, usage) => sum + usage, 0)) / usages.length;
    return { version: redis.version, entryBytes: Float64Array.from(usages, (n) => n + unsaid) };
  } finally {
    await redis.stop();
  }
}

/** Asked on a new connection, whose buffers are as small as they were before. */
async function usedMemory(redis) {
  await redis.reconnect();
  const info = await redis.exchange(encodeArray(["INFO", "memory"]));
  return Number(/^used_memory:(\d+)/m.exec(info)[1]);
}
