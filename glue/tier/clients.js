/*
 * What a remote is, by its looks: the clients themselves are the caller's, and not imported here.
 */
import { refusal } from "../error.js";
import { glide } from "./clients/glide.js";
import { ioredis } from "./clients/ioredis.js";
import { kv } from "./clients/kv.js";
import { nodeRedis } from "./clients/node-redis.js";
import { upstash } from "./clients/upstash.js";
import { RedisRemote } from "./redis.js";

const ALLOWED =
  "a client of ioredis, node-redis, valkey-glide or @upstash/redis, a Cloudflare KV namespace, " +
  "an object with get, set, del and nodeOf, or null";

/** { get, set, del, nodeOf; lock, unlock, store and open, if it has them }, or undefined for none. */
export function remoteOf(given) {
  if (given === null || given === undefined) return undefined;
  const has = (...names) => names.every((name) => typeof given[name] === "function");
  if (has("duplicate", "defineCommand") || given.isCluster) return new RedisRemote(ioredis(given));
  if (has("customCommand", "exec")) return new RedisRemote(glide(given));
  if (has("createScript", "exec")) return new RedisRemote(upstash(given));
  if (has("getWithMetadata", "put", "delete")) return kv(given);
  if (has("sendCommand", "multi")) return new RedisRemote(nodeRedis(given));
  if (has("get", "set", "del", "nodeOf")) return given;
  throw refusal("remote", given, ALLOWED);
}
