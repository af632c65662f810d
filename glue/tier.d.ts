/**
 * The shared tier: the module in front, a Redis or Valkey that many isolates share behind, through
 * the client that you have.
 */
import type { Ferrite, Value } from "@ferrite/edge";

export { FerriteError } from "@ferrite/edge";

/**
 * A client of ioredis (standalone, with sentinels, Cluster), node-redis (5.9 and later; standalone, a pool,
 * with sentinels, or a cluster), valkey-glide or @upstash/redis, or a Cloudflare KV namespace.
 */
export type RedisClient = object;

/** Where a value is that is shared. A remote of your own. */
export interface Remote {
  /** `ttlMs` is Infinity if it does not expire. Both as they were at one moment. */
  get(key: string): Promise<{ value: Uint8Array | null; ttlMs: number }>;
  /** `px`: milliseconds to live, or undefined. Releases a lock of the key, whosever it is. */
  set(key: string, value: Uint8Array, px?: number): Promise<void>;
  del(key: string): Promise<void>;
  /** What node has the key: one that fails does not keep others from being asked. */
  nodeOf(key: string): string | undefined;

  /** The four of a lock, if it has them. Nobody else holds the key's lock for `px` ms: is it ours? */
  lock?(key: string, token: string, px: number): Promise<boolean>;
  /** Releases it if it has this token. */
  unlock?(key: string, token: string): Promise<void>;
  /** Sets the key and releases the lock, if that has this token: has it? */
  store?(key: string, value: Uint8Array, px: number | undefined, token: string): Promise<boolean>;

  /** A connection to a node on which changes of what was read on it, or of all keys, are told. */
  open?(
    node: string,
    options: { broadcast: boolean; prefixes: string[] },
    told: { keys(keys: string[]): void; all(): void; end(): void },
  ): Promise<{ get: Remote["get"]; ping(): Promise<unknown>; close(): void }>;
}

export interface TierOptions {
  /**
   * By what local copies are known to be good. "default": the remote tells of changes to keys that were
   * read; "broadcast": of changes to all keys, or all with one of `prefixes`; `false`: it does not, and
   * a copy lives for `maxStaleMs`. Default: "default" if the remote can tell, else false.
   */
  tracking?: "default" | "broadcast" | false;
  /** With "broadcast": what has none of these prefixes is never kept. They must not overlap. */
  prefixes?: string[];
  /**
   * The bound: no read gives a value older than one that was acknowledged to its writer that many
   * milliseconds before the read began. Default 1000.
   */
  maxStaleMs?: number;
  /** How long a call of the remote may take. Default 2000. */
  timeoutMs?: number;
  /** How long it is remembered that a key is absent, in milliseconds. Default 0: it is not. */
  negativeMs?: number;
  /** Serve what there is of a copy, until its TTL, when the remote does not answer. Default false. */
  staleIfError?: boolean;
  /**
   * Writes resolve at once and go to the remote later, the last of each key: at most `maxKeys` (1000)
   * and `maxBytes` (1 MiB) wait. Default false.
   */
  writeBehind?: boolean | { maxKeys?: number; maxBytes?: number };
  /** Before the keys of local copies, which are the cache's own. Default "tier:". */
  prefix?: string;
  /** What went wrong where nobody waits: a connection, a refresh, a write behind. */
  onError?: (error: Error) => void;
}

export interface LoadOptions {
  /** Seconds to live, of which `jitter` takes a random part off. Without: until it is evicted. */
  ex?: number;
  /** Seconds more for which it is served while one makes it anew. Default 0. */
  swr?: number;
  /**
   * Once across isolates: for so many seconds nobody else loads. Default true, which is 10. `false`:
   * once in each isolate.
   */
  lock?: boolean | number;
  /** Up to what part of `ex` is taken off. Default 0.1. */
  jitter?: number;
}

type Loaded = Value | null | undefined;

/** What was done so far. */
export interface TierStats {
  /** Reads answered by a local copy. */
  localHits: number;
  /** Reads, of how many ever who waited for one, that the remote answered with a value; and without. */
  remoteHits: number;
  misses: number;
  /** Reads answered by a copy not known to be good, since the remote did not answer. */
  stale: number;
  /** Replies that were not kept: the key had changed meanwhile, or no connection tells of it. */
  discarded: number;
  /** Keys that the remote told had changed. */
  changes: number;
  /** How often all copies were given up. */
  flushes: number;
  /** Calls of the remote, and those of them that failed. */
  remoteCalls: number;
  remoteFailures: number;
  /** How often a loader ran, threw, was run to make a stale value anew, and another's was waited for. */
  loads: number;
  loadErrors: number;
  refreshes: number;
  lockWaits: number;
  /** Of all reads, those of a local copy. */
  hitRatio: number;
  /** Writes that wait. */
  waiting: number;
}

export interface Tier {
  /** The value, or `null`. */
  get(key: string): Promise<string | null>;
  getBytes(key: string): Promise<Uint8Array | null>;
  /**
   * Resolves when the remote has acknowledged it; with `writeBehind`, when there is room in the queue. If it
   * rejects with the code "REMOTE", it may have been done or not.
   */
  set(key: string, value: Value, options?: { ex?: number; px?: number }): Promise<"OK">;
  del(key: string): Promise<void>;
  /**
   * The value, or what the loader makes of the key: run once, whoever asks meanwhile. If it throws, all
   * who wait in this isolate get the error and nothing is stored; nor if it gives `null`.
   */
  getOrSet(
    key: string,
    loader: (key: string) => Loaded | Promise<Loaded>,
    options?: LoadOptions,
  ): Promise<string | null>;
  getOrSetBytes(
    key: string,
    loader: (key: string) => Loaded | Promise<Loaded>,
    options?: LoadOptions,
  ): Promise<Uint8Array | null>;
  stats(): TierStats;
  /** Waits until all that was written behind is in the remote. */
  flush(): Promise<void>;
  /** The same, and ends the tier's own connections; the client that was given stays as it is. */
  close(): Promise<void>;
}

/**
 * A tier of a cache and a remote; without a remote, of local copies only.
 *
 * What it throws is a FerriteError: with the remote's error and its code, or with "REMOTE" if it does not
 * answer, the client's error being its `cause`.
 */
export function createTier(
  cache: Ferrite,
  remote: RedisClient | Remote | null | undefined,
  options?: TierOptions,
): Tier;
