// What TypeScript must take, and, where it says so, must not.
import { Redis } from "ioredis";
import { createClient } from "redis";
import { initFerrite, type Changes } from "@ferrite/edge";
import { inProcess as forIORedis } from "@ferrite/edge/ioredis";
import { cacheHandler, useCacheHandler } from "@ferrite/edge/next";
import { inProcess as forNodeRedis } from "@ferrite/edge/node-redis";

const cache = await initFerrite();
const one = new Redis(forIORedis(cache));
const other = new Redis({ ...forIORedis(cache), keyPrefix: "app:" });
const value: string | null = await one.get("a");
await other.quit();
const client = createClient(forNodeRedis(cache));
const third = createClient({ RESP: 3, ...forNodeRedis(cache) });
await client.connect();
await third.get("a");
// @ts-expect-error: no cache
forIORedis({});

const text: string = cache.metrics({ labels: { shard: 1 } });
const size: number = cache.top().top[0].size;
const hits: number = cache.top({ by: "hits", count: 1 }).top[0].hits;
// @ts-expect-error: it was not asked by hits
cache.top({ by: "size" }).top[0].hits;
const stop: () => void = cache.onChanges(({ all, changes }: Changes) => all || changes[0].kind);
// @ts-expect-error: labels are strings or numbers
cache.metrics({ labels: { shard: null } });

const Handler = cacheHandler(cache, { prefix: "a:" });
await new Handler().revalidateTag(["a"], { expire: 1 });
await useCacheHandler(cache).updateTags(["a"]);
console.log(value, text, size, hits, stop);
