// How many entries lru-cache holds in so much heap, in a process of its own, and prints it as JSON:
//
//   node --expose-gc lru-cache-heap.mjs <64, 256, 1024 or web> <bytes> <seed>
//
// Its maxSize counts keys and values; it is chosen so that the heap grows by about as much as asked for.

import { LRUCache } from "lru-cache";
import { Cache, KEY_BYTES } from "../module.mjs";
import { MIB } from "../report.mjs";
import { flat } from "../rounds.mjs";
import { TTL_MS, webLike } from "./density.mjs";

const [kind, budget, seed] = process.argv.slice(2);
const TRIES = 4;
const TIMES_WRITTEN = 2;
const sizeOf = kind === "web" ? webLike(MIB).sizeOf : () => Number(kind);

/** Bytes of strings and all else, after a collection. */
function memoryInUse() {
  for (let i = 0; i < 3; i++) globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function fill(maxSize) {
  const before = memoryInUse();
  const cache = new LRUCache({
    maxSize,
    ttl: TTL_MS,
    sizeCalculation: (value, key) => value.length + key.length,
  });
  for (let id = 0, written = 0; written < TIMES_WRITTEN * maxSize; id++) {
    const size = sizeOf(Number(seed), id);
    cache.set(flat(Cache.key(id)), Buffer.alloc(size, "v").toString("latin1"));
    written += KEY_BYTES + size;
  }
  const memory = memoryInUse() - before;
  return { name: "lru-cache", entries: cache.size, contents: cache.calculatedSize, memory };
}

// The heap grows in jumps, when a table doubles: the try that comes closest counts.
const distance = ({ memory }) => Math.abs(memory - Number(budget));
let maxSize = Number(budget) / 2;
let best;
for (let i = 0; i < TRIES; i++) {
  const result = fill(Math.round(maxSize));
  if (!best || distance(result) < distance(best)) best = result;
  maxSize *= Number(budget) / result.memory;
}
console.log(JSON.stringify(best));
