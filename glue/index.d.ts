/**
 * A Redis-compatible in-memory cache that never takes more memory than it was given.
 *
 * Every method is synchronous. Replies are Redis's: integers are numbers (bigints where a number
 * would not be exact), 1 and 0 stand for yes and no, a miss is `null`, and an error reply is thrown
 * as a {@link FerriteError}.
 */

/** A key, or any other text or bytes. Strings are stored as UTF-8 and must be well-formed. */
export type Bytes = string | Uint8Array;

/** What can be stored. A number or bigint is stored as JavaScript prints it; it must be finite. */
export type Value = Bytes | number | bigint;

/** A whole number. Beyond 2^53, use a bigint or a string of digits. */
export type Integer = number | bigint | string;

/** A span of time in seconds: a whole number. */
export type Seconds = Integer;
/** A span of time in milliseconds: a whole number. */
export type Milliseconds = Integer;
/** A point in time, in whole seconds since the Unix epoch. */
export type UnixSeconds = Integer;
/** A point in time, in whole milliseconds since the Unix epoch. */
export type UnixMilliseconds = Integer;

/**
 * The name of an eviction policy: what makes room when memory is full. Redis's eight, and those that
 * look at size, too: the adaptive ones keep what is used often for its size, for most hits; the
 * "-bytes" ones let size count for less, for most hits at no fewer bytes than LRU.
 */
export type EvictionPolicy =
  | "noeviction"
  | "allkeys-lru"
  | "allkeys-lfu"
  | "allkeys-random"
  | "volatile-lru"
  | "volatile-lfu"
  | "volatile-random"
  | "volatile-ttl"
  | "allkeys-adaptive"
  | "volatile-adaptive"
  | "allkeys-adaptive-bytes"
  | "volatile-adaptive-bytes";

export interface FerriteOptions {
  /**
   * The ceiling on the module's memory, all of it counted: bytes, or a string as Redis reads it
   * ("64mb" and "512kb" in powers of 1024, "64m" and "512k" in powers of 1000). Default "32mb".
   */
  maxMemory?: number | string;
  /** Default "allkeys-lru". */
  evictionPolicy?: EvictionPolicy;
  /**
   * The clock, milliseconds since the Unix epoch; called once a call. Default: Date.now, but that
   * in a burst of calls with no await between them a reading serves up to 64.
   */
  now?: () => number;
  /**
   * 128 bits that outsiders cannot guess: the key of the hash. The same seed, clock and calls give
   * the same replies. Default: from crypto.getRandomValues, when the cache is made, or used first where
   * there is no randomness before.
   */
  seed?: Uint32Array | Uint8Array;
  /**
   * Called with pieces of a record of every call and its answer, one after the other: with a file of
   * them anybody can make the same calls again. It holds all that was put in, and the seed. If it
   * throws, the cache is "BROKEN": a recording with a gap would be none. On Node.js, the environment variable FERRITE_RECORD names a file that is written like that.
   */
  record?: (bytes: Uint8Array) => void;
}

// TypeScript takes any object for a WebAssembly.Module; options are none.
type CompiledModule = WebAssembly.Module & { [Name in keyof FerriteOptions]?: never };

/** ferrite.wasm, compiled or not. */
export type ModuleSource = CompiledModule | ArrayBuffer | ArrayBufferView;

/** A Response, as fetch gives it. */
export interface ModuleResponse {
  readonly ok?: boolean;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** Makes a cache of the module that comes with the package. */
export function initFerrite(options?: FerriteOptions): Promise<Ferrite>;
/** Makes a cache of a module given. */
export function initFerrite(
  module: ModuleSource | ModuleResponse | PromiseLike<ModuleSource | ModuleResponse>,
  options?: FerriteOptions,
): Promise<Ferrite>;
export default initFerrite;

/** The same, at once. */
export function createFerrite(module: ModuleSource, options?: FerriteOptions): Ferrite;

/** What every method throws. */
export class FerriteError extends Error {
  /**
   * The first word of Redis's error: "ERR", "WRONGTYPE", "OOM", ... ; "ARGUMENT" if an argument or
   * option is of a wrong kind; "INCOMPLETE" if bytes given to exec end within a command; "BROKEN"
   * if the module was stopped in the middle of a call, by a trap (which would be an error of ours)
   * or where the stack of JavaScript ended. Such a cache throws that from every method: make another;
   * "TOOEARLY" if the cache is used, not just made, outside of a request on a platform that has no clock
   * or no randomness there, as Cloudflare Workers: it works in a handler.
   */
  readonly code: string;
  /** Of "INCOMPLETE": the replies to the commands before the unfinished one. */
  readonly reply?: Uint8Array;
  /** Of "INCOMPLETE": how many bytes those commands have. */
  readonly consumed?: number;
  /** Of "BROKEN": what stopped it. */
  readonly cause?: unknown;
}

/** At most one of the four. */
export type Expiry =
  | { ex?: Seconds; px?: undefined; exat?: undefined; pxat?: undefined }
  | { ex?: undefined; px?: Milliseconds; exat?: undefined; pxat?: undefined }
  | { ex?: undefined; px?: undefined; exat?: UnixSeconds; pxat?: undefined }
  | { ex?: undefined; px?: undefined; exat?: undefined; pxat?: UnixMilliseconds };

export type SetOptions = (Expiry | { keepttl?: boolean }) & {
  /** Only if the key is absent. */
  nx?: boolean;
  /** Only if the key is present. */
  xx?: boolean;
  /** Return the old value. */
  get?: boolean;
};

export type GetexOptions = Expiry | { persist?: boolean };

export interface ExpireOptions {
  /** Only if the key has no expiry. */
  nx?: boolean;
  /** Only if the key has one. */
  xx?: boolean;
  /** Only if the new expiry is later. */
  gt?: boolean;
  /** Only if the new expiry is earlier. */
  lt?: boolean;
}

export interface ThrottleOptions {
  /** How many may come at once beyond the first. */
  maxBurst: Integer;
  /** How many in a period, spread evenly. */
  count: Integer;
  period: Seconds;
  /** How many this call is; 0 only looks. Default 1. */
  quantity?: Integer;
}

export interface Throttled {
  /** Too many have come: this one is not counted. */
  limited: boolean;
  /** maxBurst + 1. */
  limit: number;
  /** How many could come now. */
  remaining: number;
  /** Seconds until this one could come; -1 if it was not limited, or is larger than the limit. */
  retryAfter: number;
  /** Seconds until all is as if none had come. */
  resetAfter: number;
}

export interface CopyOptions {
  /** There is only database 0. */
  db?: Integer;
  /** Replace the destination if it exists. */
  replace?: boolean;
}

export interface RestoreOptions {
  /** Whatever the key holds; without it, a key that is there is an error. */
  replace?: boolean;
  /** The expiry is a time, not a time from now. */
  absttl?: boolean;
  idletime?: Seconds;
  freq?: Integer;
}

export interface ScanOptions {
  /** A pattern of Redis's kind: "page:*". */
  match?: Bytes;
  /** About how many keys a step looks at. */
  count?: Integer;
  /** Only keys of this type: "string", ... */
  type?: string;
}

export interface LcsOptions {
  /** The length of the subsequence instead of itself. */
  len?: boolean;
  /** Where it is in both strings. */
  idx?: boolean;
  /** With idx: only matches at least that long. */
  minmatchlen?: Integer;
  /** With idx: the length of each match. */
  withmatchlen?: boolean;
}

/** Bytes start to end, both included, of the first string, and of the second; and how many. */
export type LcsMatch = [[number, number], [number, number], number?];

/** What indexes of start and end count. */
export type BitUnit = "BYTE" | "BIT" | "byte" | "bit";

type Letters<Word extends string> = Word | Lowercase<Word>;

/** "u8", "i64": unsigned up to 63 bits, signed up to 64. */
export type FieldType = `u${number}` | `i${number}`;

/** A place in bits; "#2" is the place of the third field of its type. */
export type FieldOffset = Integer;

/** One operation of bitfield_ro. */
export type FieldRead =
  | readonly [Letters<"GET">, FieldType, FieldOffset]
  | readonly [Letters<"OVERFLOW">, Letters<"WRAP" | "SAT" | "FAIL">];

/** One operation of bitfield. OVERFLOW is for those behind it. */
export type FieldOperation =
  | FieldRead
  | readonly [Letters<"SET" | "INCRBY">, FieldType, FieldOffset, Integer];

export interface Page<Key> {
  /** Where to go on; "0" at the end. */
  cursor: string;
  keys: Key[];
}

/** Of hscan and sscan. */
export interface ItemScanOptions {
  /** A pattern of Redis's kind for fields or members. */
  match?: Bytes;
  /** About how many a step looks at. */
  count?: Integer;
}

export interface EntryPage<Text> {
  /** Where to go on; "0" at the end. */
  cursor: string;
  entries: [Text, Text][];
}

export interface MemberPage<Text> {
  /** Where to go on; "0" at the end. */
  cursor: string;
  members: Text[];
}

export interface LposOptions {
  /** 2: the second one; below 0: from the tail. */
  rank?: Integer;
  /** How many places; 0 is all. */
  count?: Integer;
  /** How many elements are looked at. */
  maxlen?: Integer;
}

/** A longitude, -180 to 180, and a latitude, -85.05112878 to 85.05112878, in degrees. */
export type Place = readonly [number, number];

export type LengthUnit = Letters<"M" | "KM" | "FT" | "MI">;

export interface GeoaddOptions {
  /** Only members that are new. */
  nx?: boolean;
  /** Only members that are there. */
  xx?: boolean;
  /** Count those that moved, too. */
  ch?: boolean;
}

/** From where, of what shape, and how many. */
export type SearchOptions = (
  | { frommember: Bytes; fromlonlat?: undefined }
  | { fromlonlat: Place; frommember?: undefined }
) &
  (
    | { byradius: readonly [number, LengthUnit]; bybox?: undefined }
    /** Width and height. */
    | { bybox: readonly [number, number, LengthUnit]; byradius?: undefined }
  ) & {
    /** The nearest first, or the farthest. */
    asc?: boolean;
    desc?: boolean;
    /** At most so many, the nearest of all if neither asc nor desc is given. */
    count?: Integer;
    /** With count: any so many. */
    any?: boolean;
  };

export type GeosearchOptions = SearchOptions & {
  withdist?: boolean;
  withhash?: boolean;
  withcoord?: boolean;
};

export interface Found<Text> {
  member: Text;
  /** With withdist: in the unit of the search. */
  distance?: number;
  /** With withhash: the member's score. */
  hash?: number;
  /** With withcoord. */
  place?: Place;
}

export interface FlushOptions {
  /** Accepted for compatibility: flushing takes no time either way. */
  async?: boolean;
  sync?: boolean;
}

export interface Changes {
  /** Not all was noted, or all keys were flushed: any key may have changed. `changes` is empty then. */
  all: boolean;
  /** In the order in which they came. */
  changes: { kind: "changed" | "expired" | "evicted"; key: Uint8Array }[];
}

export interface FeedResult {
  /** The replies to all complete commands. */
  reply: Uint8Array;
  /** Bytes of the request these commands have; keep the rest and append what comes next. */
  consumed: number;
  /** The rest is not RESP, the reply ends with an error that says so; Redis would disconnect. */
  close: boolean;
}

/** INFO's fields by name; numbers where they are numeric. */
export interface Info {
  /** Bytes in use. */
  used_memory?: number;
  /** The ceiling, bytes. */
  maxmemory?: number;
  maxmemory_policy?: EvictionPolicy;
  keyspace_hits?: number;
  keyspace_misses?: number;
  evicted_keys?: number;
  expired_keys?: number;
  /** How many keys there are. */
  keys?: number;
  /** How many of them have an expiry. */
  expires?: number;
  [field: string]: number | string | undefined;
}

export interface TopOptions {
  /** How many. Default 10. */
  count?: number;
  /**
   * How many keys are drawn at random, as by RANDOMKEY; if there are not more, all are looked at, and the
   * answer is exact. Default 1000, which takes some 2 ms. Of n keys, one is missed with the probability
   * (1 - 1/n)^samples: the single largest of a million most likely, all of the largest hundredth
   * hardly ever (0.004%).
   */
  samples?: number;
}

export interface Top<Entry> {
  /** How many keys there are, expired ones among them. */
  keys: number;
  /** How many were looked at, each once. */
  sampled: number;
  /**
   * The first is the largest. `size`: bytes, as MEMORY USAGE, which estimates large collections. `hits`:
   * as OBJECT FREQ, a counter up to 255 that grows with the logarithm of uses and shrinks with time. To
   * look counts as no use, but by "hits" each key is a hit of INFO's keyspace_hits, as in Redis.
   */
  top: Entry[];
}

/** A reply of any command. */
export type Reply<Text = string> =
  | Text
  | string
  | number
  | bigint
  | null
  | FerriteError
  | Reply<Text>[];

/** Keys and values by turns, or one object, Map or other iterable of pairs. */
export type Pairs =
  | [Record<string, Value>]
  | [Iterable<readonly [Bytes, Value]>]
  | [Bytes, Value, ...Value[]];

/** Keys as arguments, or one array of them. */
export type Keys = Bytes[] | [readonly Bytes[]];

/** An end of a list, in any case. */
export type End = "LEFT" | "RIGHT" | "left" | "right";

/** Elements, fields or members as arguments, or one array of them. */
export type Elements = Value[] | [readonly Value[]];

/** A member of a sorted set. */
export interface Scored<Text = string> {
  value: Text;
  /** Infinity and -Infinity are scores, too. */
  score: number;
}

/** A number, or text as Redis reads it: "1.5", "inf", "-inf". */
export type Score = number | bigint | string;

/** The end of a range of scores: 5, or "(5" without 5 itself; -Infinity or "-inf". */
export type ScoreBound = Score;

/** The end of a range of names: "[a", or "(a" without it; "-" and "+" are before and behind all. */
export type NameBound = Bytes;

export interface ZaddOptions {
  /** Only members that are new. */
  nx?: boolean;
  /** Only members that are there. */
  xx?: boolean;
  /** Of those there, only if the new score is higher. */
  gt?: boolean;
  /** Of those there, only if the new score is lower. */
  lt?: boolean;
  /** Count those whose score changes, too. */
  ch?: boolean;
  /** Add to the score of one member, and return what it comes to: null if an option forbids it. */
  incr?: boolean;
}

/** Of what there is, leave out `offset` (0), and show at most `count` (-1: all). */
export interface Limit {
  offset?: Integer;
  count?: Integer;
}

export interface WithScores {
  withScores?: boolean;
}

export interface RangeOptions {
  /** The ends are scores, or names of members that have one score; else ranks. */
  by?: "score" | "lex";
  /** From the highest to the lowest; the first end is the higher one, but for ranks. */
  rev?: boolean;
  /** With `by`. */
  limit?: Limit;
}

export interface UnionOptions {
  /** What scores are multiplied by, a number for each key. */
  weights?: readonly Score[];
  /** What becomes of several scores. Default: sum. */
  aggregate?: Letters<"SUM" | "MIN" | "MAX">;
}

export interface SortOptions {
  /** "weight:*" sorts by the strings at such keys, "of:*->field" by fields; "nosort" does not sort. */
  by?: Bytes;
  limit?: Limit;
  /** In place of each element, what is at such keys, or in fields; "#" is the element. */
  get?: Bytes | readonly Bytes[];
  asc?: boolean;
  desc?: boolean;
  /** As text, byte by byte; else as numbers. */
  alpha?: boolean;
}

/** One cache. Made by {@link initFerrite} or {@link createFerrite}. */
export class Ferrite {
  private constructor();

  /**
   * The module's memory, never larger than maxMemory. It is the cache's own: look, but copy what
   * you take, and do not write.
   */
  readonly memory: WebAssembly.Memory;

  /** Any command: `call("SET", "key", "value", "EX", 60)`. Bulk strings come back as strings. */
  call(command: string, ...args: Value[]): Reply;
  /** The same; bulk strings come back as bytes. */
  callBytes(command: string, ...args: Value[]): Reply<Uint8Array>;
  /**
   * RESP requests in, one or many, RESP replies out. Throws a FerriteError "INCOMPLETE" if the last
   * command is not finished; those before it have been executed.
   */
  exec(request: Bytes, options?: { resp?: 2 | 3 }): Uint8Array;
  /** As exec, for requests that arrive in pieces. */
  feed(request: Bytes, options?: { resp?: 2 | 3 }): FeedResult;
  /**
   * What has happened to keys since the last call: changed (or made, or removed) by a command, expired,
   * or evicted. The first call begins; `takeChanges(false)` ends it. Call it often: there is room for
   * a 1024th of maxMemory of keys, 1 to 16 KiB.
   */
  takeChanges(keep?: boolean): Changes;
  /**
   * Key events: has a listener told what has happened to keys, once the code that called the cache ends
   * or awaits something. Where that is more than 10,000 changes, or one call changes more keys than
   * `takeChanges` has room for, they are lost, and `all` says so. What expires is told when it is
   * noticed, which takes a call. Returns what ends it.
   */
  onChanges(listener: (changes: Changes) => void): () => void;

  /* --- strings --- */

  get(key: Bytes): string | null;
  /** A copy of the value. */
  getBytes(key: Bytes): Uint8Array | null;
  /**
   * The value itself, in the cache's memory: to be read, not written to, and only until the next call
   * of any method of this cache. Then the bytes may be another value's, or the view be empty, since
   * memory has grown. It is no argument for such a call either: `slice()` makes a copy that stays.
   */
  getView(key: Bytes): Uint8Array | null;
  /** "OK", or `null` if nx or xx was not met. */
  set(key: Bytes, value: Value, options?: SetOptions & { get?: false }): "OK" | null;
  /** The old value. */
  set(key: Bytes, value: Value, options: SetOptions & { get: true }): string | null;
  set(key: Bytes, value: Value, options?: SetOptions): string | null;
  /** As set; what `get` asks for comes back as bytes. */
  setBytes(key: Bytes, value: Value, options?: SetOptions & { get?: false }): "OK" | null;
  setBytes(key: Bytes, value: Value, options: SetOptions & { get: true }): Uint8Array | null;
  setBytes(key: Bytes, value: Value, options?: SetOptions): Uint8Array | "OK" | null;
  /** 1 if the key was absent and now has the value, else 0. */
  setnx(key: Bytes, value: Value): number;
  setex(key: Bytes, seconds: Seconds, value: Value): "OK";
  psetex(key: Bytes, milliseconds: Milliseconds, value: Value): "OK";
  /** The old value. */
  getset(key: Bytes, value: Value): string | null;
  getsetBytes(key: Bytes, value: Value): Uint8Array | null;
  getdel(key: Bytes): string | null;
  getdelBytes(key: Bytes): Uint8Array | null;
  getex(key: Bytes, options?: GetexOptions): string | null;
  getexBytes(key: Bytes, options?: GetexOptions): Uint8Array | null;
  mget(...keys: Keys): (string | null)[];
  mgetBytes(...keys: Keys): (Uint8Array | null)[];
  mset(...pairs: Pairs): "OK";
  /** 1 if all were set, 0 if none, since one of the keys was there. */
  msetnx(...pairs: Pairs): number;
  /** The new length in bytes. */
  append(key: Bytes, value: Value): number;
  /** The length in bytes. */
  strlen(key: Bytes): number;
  /** Bytes start to end, both included; negative ones count from the end. */
  getrange(key: Bytes, start: Integer, end: Integer): string;
  getrangeBytes(key: Bytes, start: Integer, end: Integer): Uint8Array;
  /** An old name of getrange. */
  substr(key: Bytes, start: Integer, end: Integer): string;
  substrBytes(key: Bytes, start: Integer, end: Integer): Uint8Array;
  /** The new length in bytes. */
  setrange(key: Bytes, offset: Integer, value: Value): number;
  incr(key: Bytes): number | bigint;
  decr(key: Bytes): number | bigint;
  incrby(key: Bytes, increment: Integer): number | bigint;
  decrby(key: Bytes, decrement: Integer): number | bigint;
  /** The new value, all its digits. */
  incrbyfloat(key: Bytes, increment: number | bigint | string): string;
  /** The longest common subsequence of two strings. */
  lcs(key1: Bytes, key2: Bytes, options?: LcsOptions & { len?: false; idx?: false }): string;
  lcs(key1: Bytes, key2: Bytes, options: LcsOptions & { len: true; idx?: false }): number;
  /** The matches from the last to the first, and the length of the whole. */
  lcs(
    key1: Bytes,
    key2: Bytes,
    options: LcsOptions & { len?: false; idx: true },
  ): { matches: LcsMatch[]; len: number };
  lcsBytes(key1: Bytes, key2: Bytes, options?: { len?: false; idx?: false }): Uint8Array;

  /* --- bits of strings: bit 0 is the highest of the first byte --- */

  /** The old bit. The string grows, by zeros, to hold it. */
  setbit(key: Bytes, offset: Integer, bit: Integer): number;
  getbit(key: Bytes, offset: Integer): number;
  /** How many ones, of all or from start to end, both included; negative ones count from the end. */
  bitcount(key: Bytes): number;
  bitcount(key: Bytes, start: Integer, end: Integer, unit?: BitUnit): number;
  /** Where the first such bit is; -1 if there is none. */
  bitpos(key: Bytes, bit: Integer, start?: Integer, end?: Integer, unit?: BitUnit): number;
  /** The length of the result in bytes, that of the longest source. NOT takes one source. */
  bitop(
    operation: Letters<"AND" | "OR" | "XOR" | "NOT">,
    destination: Bytes,
    ...keys: Keys
  ): number;
  /** What each GET found, each SET replaced, each INCRBY came to; `null` where OVERFLOW FAIL did. */
  bitfield(key: Bytes, ...operations: FieldOperation[]): (number | bigint | null)[];
  bitfield_ro(key: Bytes, ...operations: FieldRead[]): (number | bigint)[];

  /* --- sketches and rate limits --- */

  /**
   * Counts different elements in at most 12 KiB, to 0.81%. 1 if the count may have changed, else 0.
   * Elements as arguments, or one array of them. The key holds a string with Redis's own bytes.
   */
  pfadd(key: Bytes, ...elements: Value[] | [readonly Value[]]): number;
  /** About how many different elements were added to any of the keys. */
  pfcount(...keys: Keys): number;
  /** Adds to destination what was added to the sources. */
  pfmerge(destination: Bytes, ...sources: Bytes[] | [readonly Bytes[]]): "OK";
  /**
   * Rate limiting, CL.THROTTLE of the module redis-cell: may one more come? It is counted if so. The
   * key holds a string that expires once nothing of the burst is used up.
   */
  throttle(key: Bytes, options: ThrottleOptions): Throttled;

  /* --- keys --- */

  // --- hashes ---

  /** How many fields are new. Fields and values by turns, or an object, Map or other pairs. */
  hset(key: Bytes, ...pairs: Pairs): number;
  hmset(key: Bytes, ...pairs: Pairs): "OK";
  /** 1 if it was set, 0 if the field was there. */
  hsetnx(key: Bytes, field: Bytes, value: Value): number;
  hget(key: Bytes, field: Bytes): string | null;
  hgetBytes(key: Bytes, field: Bytes): Uint8Array | null;
  hmget(key: Bytes, ...fields: Elements): (string | null)[];
  hmgetBytes(key: Bytes, ...fields: Elements): (Uint8Array | null)[];
  /** An object without a prototype; null if there is no such key. */
  hgetall(key: Bytes): Record<string, string> | null;
  /** Pairs; null if there is no such key. */
  hgetallBytes(key: Bytes): [Uint8Array, Uint8Array][] | null;
  hkeys(key: Bytes): string[];
  hkeysBytes(key: Bytes): Uint8Array[];
  hvals(key: Bytes): string[];
  hvalsBytes(key: Bytes): Uint8Array[];
  /** How many fields there were to delete. */
  hdel(key: Bytes, ...fields: Elements): number;
  hlen(key: Bytes): number;
  /** The value's length in bytes. */
  hstrlen(key: Bytes, field: Bytes): number;
  hexists(key: Bytes, field: Bytes): number;
  hincrby(key: Bytes, field: Bytes, increment: Integer): number | bigint;
  /**
   * Of each field: 1 if its expiry was set, 2 if it was deleted, as the time is past, 0 if an option
   * forbade it, -2 if there is no such field. At most one option, as in Redis. One field may be given
   * without an array.
   */
  hexpire(key: Bytes, seconds: Seconds, fields: Value | Value[], options?: ExpireOptions): number[];
  hpexpire(
    key: Bytes,
    milliseconds: Milliseconds,
    fields: Value | Value[],
    options?: ExpireOptions,
  ): number[];
  hexpireat(
    key: Bytes,
    time: UnixSeconds,
    fields: Value | Value[],
    options?: ExpireOptions,
  ): number[];
  hpexpireat(
    key: Bytes,
    time: UnixMilliseconds,
    fields: Value | Value[],
    options?: ExpireOptions,
  ): number[];
  /** Of each field: 1 if it expires no more, -1 if it did not, -2 if there is none. */
  hpersist(key: Bytes, ...fields: Elements): number[];
  /** Of each field: seconds left, rounded up; -1 if it does not expire, -2 if there is none. */
  httl(key: Bytes, ...fields: Elements): number[];
  hpttl(key: Bytes, ...fields: Elements): number[];
  hexpiretime(key: Bytes, ...fields: Elements): number[];
  hpexpiretime(key: Bytes, ...fields: Elements): number[];

  /** The new value, all its digits. */
  hincrbyfloat(key: Bytes, field: Bytes, increment: number | bigint | string): string;
  /** A field chosen at random, or null if there is no such key. */
  hrandfield(key: Bytes): string | null;
  /** Up to so many, each once; below 0, that many, which may come again. */
  hrandfield(key: Bytes, count: Integer, options?: { withValues?: false }): string[];
  hrandfield(
    key: Bytes,
    count: Integer,
    options: { withValues: true },
  ): { field: string; value: string }[];
  hrandfieldBytes(key: Bytes): Uint8Array | null;
  hrandfieldBytes(key: Bytes, count: Integer, options?: { withValues?: false }): Uint8Array[];
  hrandfieldBytes(
    key: Bytes,
    count: Integer,
    options: { withValues: true },
  ): { field: Uint8Array; value: Uint8Array }[];
  /** As scan, over fields and their values. A small hash comes at once. */
  hscan(key: Bytes, cursor: Integer, options?: ItemScanOptions): EntryPage<string>;
  hscanBytes(key: Bytes, cursor: Integer, options?: ItemScanOptions): EntryPage<Uint8Array>;
  /** All fields there are from beginning to end; one may come more than once. */
  hscanIterator(key: Bytes, options?: ItemScanOptions): IterableIterator<[string, string]>;
  hscanIteratorBytes(
    key: Bytes,
    options?: ItemScanOptions,
  ): IterableIterator<[Uint8Array, Uint8Array]>;

  // --- lists ---

  /** Each puts values at an end, one after the other, and returns the new length. */
  lpush(key: Bytes, ...values: Elements): number;
  rpush(key: Bytes, ...values: Elements): number;
  /** The same, but only if there is such a list. */
  lpushx(key: Bytes, ...values: Elements): number;
  rpushx(key: Bytes, ...values: Elements): number;
  /** The element at that end, or null; with a count, up to so many, or null if there is no list. */
  lpop(key: Bytes): string | null;
  lpop(key: Bytes, count: Integer): string[] | null;
  lpopBytes(key: Bytes): Uint8Array | null;
  lpopBytes(key: Bytes, count: Integer): Uint8Array[] | null;
  rpop(key: Bytes): string | null;
  rpop(key: Bytes, count: Integer): string[] | null;
  rpopBytes(key: Bytes): Uint8Array | null;
  rpopBytes(key: Bytes, count: Integer): Uint8Array[] | null;
  /** The element that was moved, or null. */
  lmove(source: Bytes, destination: Bytes, from: End, to: End): string | null;
  /** From the tail of one to the head of the other. */
  rpoplpush(source: Bytes, destination: Bytes): string | null;
  /** Where the element is, or null; with a count, where it is so often: 0 is all. */
  lpos(key: Bytes, element: Value, options?: LposOptions & { count?: undefined }): number | null;
  lpos(key: Bytes, element: Value, options: LposOptions & { count: Integer }): number[];
  /** Elements of the first of the lists that is there, or null. */
  lmpop(
    keys: Bytes | readonly Bytes[],
    from: End,
    options?: { count?: Integer },
  ): { key: string; elements: string[] } | null;
  lmpopBytes(
    keys: Bytes | readonly Bytes[],
    from: End,
    options?: { count?: Integer },
  ): { key: Uint8Array; elements: Uint8Array[] } | null;
  /**
   * Nothing blocks: these answer at once, with null if there is nothing to take. The timeout, in
   * seconds, is only checked; default 0.
   */
  blpop(
    keys: Bytes | readonly Bytes[],
    timeout?: number | string,
  ): { key: string; element: string } | null;
  blpopBytes(
    keys: Bytes | readonly Bytes[],
    timeout?: number | string,
  ): { key: Uint8Array; element: Uint8Array } | null;
  brpop(
    keys: Bytes | readonly Bytes[],
    timeout?: number | string,
  ): { key: string; element: string } | null;
  brpopBytes(
    keys: Bytes | readonly Bytes[],
    timeout?: number | string,
  ): { key: Uint8Array; element: Uint8Array } | null;
  blmove(
    source: Bytes,
    destination: Bytes,
    from: End,
    to: End,
    timeout?: number | string,
  ): string | null;
  brpoplpush(source: Bytes, destination: Bytes, timeout?: number | string): string | null;
  blmpop(
    keys: Bytes | readonly Bytes[],
    from: End,
    timeout?: number | string,
    options?: { count?: Integer },
  ): { key: string; elements: string[] } | null;
  blmpopBytes(
    keys: Bytes | readonly Bytes[],
    from: End,
    timeout?: number | string,
    options?: { count?: Integer },
  ): { key: Uint8Array; elements: Uint8Array[] } | null;
  llen(key: Bytes): number;
  /** Elements start to end, both included; negative ones count from the end. */
  lrange(key: Bytes, start: Integer, end: Integer): string[];
  lrangeBytes(key: Bytes, start: Integer, end: Integer): Uint8Array[];
  lindex(key: Bytes, index: Integer): string | null;
  lindexBytes(key: Bytes, index: Integer): Uint8Array | null;
  lset(key: Bytes, index: Integer, value: Value): "OK";
  /** The new length; -1 if the pivot is not there, 0 if the list is not. */
  linsert(key: Bytes, where: "BEFORE" | "AFTER", pivot: Value, value: Value): number;
  /** How many were removed: at most `count` from the head, or from the tail if it is negative. */
  lrem(key: Bytes, count: Integer, value: Value): number;
  ltrim(key: Bytes, start: Integer, end: Integer): "OK";

  // --- sets ---

  /** How many members are new. */
  sadd(key: Bytes, ...members: Elements): number;
  /** How many members there were to remove. */
  srem(key: Bytes, ...members: Elements): number;
  /** A member chosen at random, which is removed, or null; with a count, up to so many. */
  spop(key: Bytes): string | null;
  spop(key: Bytes, count: Integer): string[];
  spopBytes(key: Bytes): Uint8Array | null;
  spopBytes(key: Bytes, count: Integer): Uint8Array[];
  /** A member chosen at random, or null if there is no such key. */
  srandmember(key: Bytes): string | null;
  /** Up to so many, each once; below 0, that many, which may come again. */
  srandmember(key: Bytes, count: Integer): string[];
  srandmemberBytes(key: Bytes): Uint8Array | null;
  srandmemberBytes(key: Bytes, count: Integer): Uint8Array[];
  /** As scan, over members. A small set comes at once. */
  sscan(key: Bytes, cursor: Integer, options?: ItemScanOptions): MemberPage<string>;
  sscanBytes(key: Bytes, cursor: Integer, options?: ItemScanOptions): MemberPage<Uint8Array>;
  /** All members there are from beginning to end; one may come more than once. */
  sscanIterator(key: Bytes, options?: ItemScanOptions): IterableIterator<string>;
  sscanIteratorBytes(key: Bytes, options?: ItemScanOptions): IterableIterator<Uint8Array>;
  /** 1 if it was moved, 0 if it was not there. */
  smove(source: Bytes, destination: Bytes, member: Value): number;
  scard(key: Bytes): number;
  sismember(key: Bytes, member: Value): number;
  smismember(key: Bytes, ...members: Elements): number[];
  smembers(key: Bytes): string[];
  smembersBytes(key: Bytes): Uint8Array[];

  // --- places ---

  /**
   * How many members are new. Longitude, latitude and member by turns, or an array of such threes;
   * options may come last.
   */
  geoadd(
    key: Bytes,
    ...places: (Value | readonly [number, number, Value][] | GeoaddOptions)[]
  ): number;
  geopos(key: Bytes, ...members: Elements): (Place | null)[];
  /** In meters, or in that unit; null if one is not there. */
  geodist(key: Bytes, member1: Value, member2: Value, unit?: LengthUnit): number | null;
  /** Of 11 characters, as geohash.org has them. */
  geohash(key: Bytes, ...members: Elements): (string | null)[];
  /** Members, or, with a with... option, what was asked for. */
  geosearch(
    key: Bytes,
    options: SearchOptions & { withdist?: false; withhash?: false; withcoord?: false },
  ): string[];
  geosearch(key: Bytes, options: GeosearchOptions): string[] | Found<string>[];
  geosearchBytes(
    key: Bytes,
    options: SearchOptions & { withdist?: false; withhash?: false; withcoord?: false },
  ): Uint8Array[];
  geosearchBytes(key: Bytes, options: GeosearchOptions): Uint8Array[] | Found<Uint8Array>[];
  /** How many were found, and are now what destination holds; with storedist, by their distance. */
  geosearchstore(
    destination: Bytes,
    source: Bytes,
    options: SearchOptions & { storedist?: boolean },
  ): number;

  /** How many there were. */
  del(...keys: Keys): number;
  /** How many there were. */
  unlink(...keys: Keys): number;
  /** How many there are; a key given twice counts twice. */
  exists(...keys: Keys): number;
  /** How many there are. */
  touch(...keys: Keys): number;
  /** "string", ... or "none". */
  type(key: Bytes): string;
  /** 1 if the expiry was set, else 0. */
  expire(key: Bytes, seconds: Seconds, options?: ExpireOptions): number;
  pexpire(key: Bytes, milliseconds: Milliseconds, options?: ExpireOptions): number;
  expireat(key: Bytes, time: UnixSeconds, options?: ExpireOptions): number;
  pexpireat(key: Bytes, time: UnixMilliseconds, options?: ExpireOptions): number;
  /** Seconds left; -1 if the key has no expiry, -2 if there is no key. */
  ttl(key: Bytes): number;
  /** Milliseconds left; -1 and -2 as ttl. */
  pttl(key: Bytes): number;
  /** Seconds since the epoch; -1 and -2 as ttl. */
  expiretime(key: Bytes): number;
  /** Milliseconds since the epoch; -1 and -2 as ttl. */
  pexpiretime(key: Bytes): number;
  /** 1 if there was an expiry to remove, else 0. */
  persist(key: Bytes): number;
  rename(key: Bytes, newKey: Bytes): "OK";
  /** 1, or 0 if newKey exists. */
  renamenx(key: Bytes, newKey: Bytes): number;
  /** 1 if it was copied, else 0. */
  copy(source: Bytes, destination: Bytes, options?: CopyOptions): number;
  /** The value in Redis's format; null if there is none. */
  dump(key: Bytes): Uint8Array | null;
  /** What dump, or any Redis up to 7.0, has answered. An expiry of 0: none. */
  restore(
    key: Bytes,
    milliseconds: Milliseconds,
    payload: Uint8Array,
    options?: RestoreOptions,
  ): "OK";
  randomkey(): string | null;
  randomkeyBytes(): Uint8Array | null;
  keys(pattern: Bytes): string[];
  keysBytes(pattern: Bytes): Uint8Array[];
  /** Begins at 0 and ends when the cursor returned is "0". A key may come more than once. */
  scan(cursor: Integer, options?: ScanOptions): Page<string>;
  scanBytes(cursor: Integer, options?: ScanOptions): Page<Uint8Array>;
  /** All keys there are from beginning to end; a key may come more than once. */
  scanIterator(options?: ScanOptions): IterableIterator<string>;
  scanIteratorBytes(options?: ScanOptions): IterableIterator<Uint8Array>;

  // --- sorted sets ---

  /**
   * How many members are new; with incr, the score. Scores and members by turns, [score, member], or
   * { score, value }, or an array of such; options may come last.
   */
  zadd(key: Bytes, member: Scored<Value>, options: ZaddOptions & { incr: true }): number | null;
  zadd(
    key: Bytes,
    score: Score,
    member: Value,
    options: ZaddOptions & { incr: true },
  ): number | null;
  zadd(
    key: Bytes,
    ...members: (
      | Value
      | readonly [Score, Value]
      | Scored<Value>
      | readonly (readonly [Score, Value] | Scored<Value>)[]
      | (ZaddOptions & { incr?: false })
    )[]
  ): number;
  /** The new score. */
  zincrby(key: Bytes, increment: Score, member: Value): number;
  zscore(key: Bytes, member: Value): number | null;
  zmscore(key: Bytes, ...members: Elements): (number | null)[];
  /** How many there were to remove. */
  zrem(key: Bytes, ...members: Elements): number;
  zcard(key: Bytes): number;
  zcount(key: Bytes, min: ScoreBound, max: ScoreBound): number;
  zlexcount(key: Bytes, min: NameBound, max: NameBound): number;
  /** How many members come before it, by score and then by name; null if it is not there. */
  zrank(key: Bytes, member: Value): number | null;
  /** How many come behind it. */
  zrevrank(key: Bytes, member: Value): number | null;
  /** Ranks start to stop, both included, from the lowest score; negative ones count from the end. */
  zrange(
    key: Bytes,
    start: ScoreBound | NameBound,
    stop: ScoreBound | NameBound,
    options?: RangeOptions & { withScores?: false },
  ): string[];
  zrange(
    key: Bytes,
    start: ScoreBound | NameBound,
    stop: ScoreBound | NameBound,
    options: RangeOptions & { withScores: true },
  ): Scored[];
  zrangeBytes(
    key: Bytes,
    start: ScoreBound | NameBound,
    stop: ScoreBound | NameBound,
    options?: RangeOptions & { withScores?: false },
  ): Uint8Array[];
  zrangeBytes(
    key: Bytes,
    start: ScoreBound | NameBound,
    stop: ScoreBound | NameBound,
    options: RangeOptions & { withScores: true },
  ): Scored<Uint8Array>[];
  /** The same from the highest score. */
  zrevrange(
    key: Bytes,
    start: Integer,
    stop: Integer,
    options?: WithScores & { withScores?: false },
  ): string[];
  zrevrange(
    key: Bytes,
    start: Integer,
    stop: Integer,
    options: WithScores & { withScores: true },
  ): Scored[];
  zrevrangeBytes(
    key: Bytes,
    start: Integer,
    stop: Integer,
    options?: WithScores & { withScores?: false },
  ): Uint8Array[];
  zrevrangeBytes(
    key: Bytes,
    start: Integer,
    stop: Integer,
    options: WithScores & { withScores: true },
  ): Scored<Uint8Array>[];
  zrangebyscore(
    key: Bytes,
    min: ScoreBound,
    max: ScoreBound,
    options?: { limit?: Limit } & { withScores?: false },
  ): string[];
  zrangebyscore(
    key: Bytes,
    min: ScoreBound,
    max: ScoreBound,
    options: { limit?: Limit } & { withScores: true },
  ): Scored[];
  zrangebyscoreBytes(
    key: Bytes,
    min: ScoreBound,
    max: ScoreBound,
    options?: { limit?: Limit } & { withScores?: false },
  ): Uint8Array[];
  zrangebyscoreBytes(
    key: Bytes,
    min: ScoreBound,
    max: ScoreBound,
    options: { limit?: Limit } & { withScores: true },
  ): Scored<Uint8Array>[];
  zrevrangebyscore(
    key: Bytes,
    max: ScoreBound,
    min: ScoreBound,
    options?: { limit?: Limit } & { withScores?: false },
  ): string[];
  zrevrangebyscore(
    key: Bytes,
    max: ScoreBound,
    min: ScoreBound,
    options: { limit?: Limit } & { withScores: true },
  ): Scored[];
  zrevrangebyscoreBytes(
    key: Bytes,
    max: ScoreBound,
    min: ScoreBound,
    options?: { limit?: Limit } & { withScores?: false },
  ): Uint8Array[];
  zrevrangebyscoreBytes(
    key: Bytes,
    max: ScoreBound,
    min: ScoreBound,
    options: { limit?: Limit } & { withScores: true },
  ): Scored<Uint8Array>[];
  zrangebylex(key: Bytes, min: NameBound, max: NameBound, options?: { limit?: Limit }): string[];
  zrangebylexBytes(
    key: Bytes,
    min: NameBound,
    max: NameBound,
    options?: { limit?: Limit },
  ): Uint8Array[];
  zrevrangebylex(key: Bytes, max: NameBound, min: NameBound, options?: { limit?: Limit }): string[];
  zrevrangebylexBytes(
    key: Bytes,
    max: NameBound,
    min: NameBound,
    options?: { limit?: Limit },
  ): Uint8Array[];
  /** How many there are in the range, which destination holds then. */
  zrangestore(
    destination: Bytes,
    source: Bytes,
    start: ScoreBound | NameBound,
    stop: ScoreBound | NameBound,
    options?: RangeOptions,
  ): number;
  /** How many went. */
  zremrangebyrank(key: Bytes, start: Integer, stop: Integer): number;
  zremrangebyscore(key: Bytes, min: ScoreBound, max: ScoreBound): number;
  zremrangebylex(key: Bytes, min: NameBound, max: NameBound): number;
  /** The member of the lowest score, which is removed; or, with a count, so many. */
  zpopmin(key: Bytes): Scored | null;
  zpopmin(key: Bytes, count: Integer): Scored[];
  zpopminBytes(key: Bytes): Scored<Uint8Array> | null;
  zpopminBytes(key: Bytes, count: Integer): Scored<Uint8Array>[];
  zpopmax(key: Bytes): Scored | null;
  zpopmax(key: Bytes, count: Integer): Scored[];
  zpopmaxBytes(key: Bytes): Scored<Uint8Array> | null;
  zpopmaxBytes(key: Bytes, count: Integer): Scored<Uint8Array>[];
  /** From the first of the keys that has any: one, or at most so many. */
  zmpop(
    keys: Bytes | readonly Bytes[],
    from: Letters<"MIN" | "MAX">,
    options?: { count?: Integer },
  ): { key: string; members: Scored[] } | null;
  zmpopBytes(
    keys: Bytes | readonly Bytes[],
    from: Letters<"MIN" | "MAX">,
    options?: { count?: Integer },
  ): { key: Uint8Array; members: Scored<Uint8Array>[] } | null;
  /** These do not block: they answer at once. */
  bzpopmin(keys: Bytes | readonly Bytes[], timeout?: Score): (Scored & { key: string }) | null;
  bzpopminBytes(
    keys: Bytes | readonly Bytes[],
    timeout?: Score,
  ): (Scored<Uint8Array> & { key: Uint8Array }) | null;
  bzpopmax(keys: Bytes | readonly Bytes[], timeout?: Score): (Scored & { key: string }) | null;
  bzpopmaxBytes(
    keys: Bytes | readonly Bytes[],
    timeout?: Score,
  ): (Scored<Uint8Array> & { key: Uint8Array }) | null;
  bzmpop(
    keys: Bytes | readonly Bytes[],
    from: Letters<"MIN" | "MAX">,
    timeout?: Score,
    options?: { count?: Integer },
  ): { key: string; members: Scored[] } | null;
  bzmpopBytes(
    keys: Bytes | readonly Bytes[],
    from: Letters<"MIN" | "MAX">,
    timeout?: Score,
    options?: { count?: Integer },
  ): { key: Uint8Array; members: Scored<Uint8Array>[] } | null;
  /** One at random; or so many different ones, or, below 0, so many that may be the same. */
  zrandmember(key: Bytes): string | null;
  zrandmember(key: Bytes, count: Integer, options?: { withScores?: false }): string[];
  zrandmember(key: Bytes, count: Integer, options: { withScores: true }): Scored[];
  zrandmemberBytes(key: Bytes): Uint8Array | null;
  zrandmemberBytes(key: Bytes, count: Integer, options?: { withScores?: false }): Uint8Array[];
  zrandmemberBytes(key: Bytes, count: Integer, options: { withScores: true }): Scored<Uint8Array>[];
  /** As scan, over members; all come at once. */
  zscan(
    key: Bytes,
    cursor: Integer,
    options?: Pick<ScanOptions, "match" | "count">,
  ): { cursor: string; members: Scored[] };
  zscanBytes(
    key: Bytes,
    cursor: Integer,
    options?: Pick<ScanOptions, "match" | "count">,
  ): { cursor: string; members: Scored<Uint8Array>[] };
  zscanIterator(
    key: Bytes,
    options?: Pick<ScanOptions, "match" | "count">,
  ): IterableIterator<Scored>;
  zscanIteratorBytes(
    key: Bytes,
    options?: Pick<ScanOptions, "match" | "count">,
  ): IterableIterator<Scored<Uint8Array>>;

  // --- algebra of sets and sorted sets, where members of a set have the score 1 ---

  zunion(keys: Bytes | readonly Bytes[], options?: UnionOptions & { withScores?: false }): string[];
  zunion(keys: Bytes | readonly Bytes[], options: UnionOptions & { withScores: true }): Scored[];
  zunionBytes(
    keys: Bytes | readonly Bytes[],
    options?: UnionOptions & { withScores?: false },
  ): Uint8Array[];
  zunionBytes(
    keys: Bytes | readonly Bytes[],
    options: UnionOptions & { withScores: true },
  ): Scored<Uint8Array>[];
  zinter(keys: Bytes | readonly Bytes[], options?: UnionOptions & { withScores?: false }): string[];
  zinter(keys: Bytes | readonly Bytes[], options: UnionOptions & { withScores: true }): Scored[];
  zinterBytes(
    keys: Bytes | readonly Bytes[],
    options?: UnionOptions & { withScores?: false },
  ): Uint8Array[];
  zinterBytes(
    keys: Bytes | readonly Bytes[],
    options: UnionOptions & { withScores: true },
  ): Scored<Uint8Array>[];
  /** What is in the first and in no other. */
  zdiff(keys: Bytes | readonly Bytes[], options?: WithScores & { withScores?: false }): string[];
  zdiff(keys: Bytes | readonly Bytes[], options: WithScores & { withScores: true }): Scored[];
  zdiffBytes(
    keys: Bytes | readonly Bytes[],
    options?: WithScores & { withScores?: false },
  ): Uint8Array[];
  zdiffBytes(
    keys: Bytes | readonly Bytes[],
    options: WithScores & { withScores: true },
  ): Scored<Uint8Array>[];
  /** How many there are in the result, which destination holds then. */
  zunionstore(destination: Bytes, keys: Bytes | readonly Bytes[], options?: UnionOptions): number;
  zinterstore(destination: Bytes, keys: Bytes | readonly Bytes[], options?: UnionOptions): number;
  zdiffstore(destination: Bytes, keys: Bytes | readonly Bytes[]): number;
  /** How many are in all of them; counting may stop at a limit. */
  zintercard(keys: Bytes | readonly Bytes[], options?: { limit?: Integer }): number;
  sunion(...keys: Keys): string[];
  sunionBytes(...keys: Keys): Uint8Array[];
  sinter(...keys: Keys): string[];
  sinterBytes(...keys: Keys): Uint8Array[];
  sdiff(...keys: Keys): string[];
  sdiffBytes(...keys: Keys): Uint8Array[];
  sunionstore(destination: Bytes, ...keys: Keys): number;
  sinterstore(destination: Bytes, ...keys: Keys): number;
  sdiffstore(destination: Bytes, ...keys: Keys): number;
  sintercard(keys: Bytes | readonly Bytes[], options?: { limit?: Integer }): number;

  // --- sorting of lists, sets and sorted sets ---

  /** The elements, sorted, or what is asked for in place of them; with store, how many are stored. */
  sort(key: Bytes, options?: SortOptions & { get?: undefined; store?: undefined }): string[];
  sort(key: Bytes, options: SortOptions & { store?: undefined }): (string | null)[];
  sort(key: Bytes, options: SortOptions & { store: Bytes }): number;
  sortBytes(
    key: Bytes,
    options?: SortOptions & { get?: undefined; store?: undefined },
  ): Uint8Array[];
  sortBytes(key: Bytes, options: SortOptions & { store?: undefined }): (Uint8Array | null)[];
  sortBytes(key: Bytes, options: SortOptions & { store: Bytes }): number;
  sort_ro(key: Bytes, options?: SortOptions & { get?: undefined }): string[];
  sort_ro(key: Bytes, options: SortOptions): (string | null)[];
  sort_roBytes(key: Bytes, options?: SortOptions & { get?: undefined }): Uint8Array[];
  sort_roBytes(key: Bytes, options: SortOptions): (Uint8Array | null)[];

  /* --- the cache --- */

  ping(): "PONG";
  ping(message: Value): string;
  pingBytes(message: Value): Uint8Array;
  echo(message: Value): string;
  echoBytes(message: Value): Uint8Array;
  /** How many keys there are. */
  dbsize(): number;
  flushdb(options?: FlushOptions): "OK";
  flushall(options?: FlushOptions): "OK";
  objectEncoding(key: Bytes): string | null;
  /** Seconds since it was last used, about. */
  objectIdletime(key: Bytes): number | null;
  /** The counter of the lfu policies, 0 to 255. */
  objectFreq(key: Bytes): number | null;
  objectRefcount(key: Bytes): number | null;
  /** Bytes, all that the entry costs. */
  memoryUsage(key: Bytes, options?: { samples?: Integer }): number | null;
  memoryStats(): Record<string, unknown>;
  info(...sections: string[]): Info;
  /**
   * The figures as Prometheus reads them (text, version 0.0.4), under the names that redis_exporter has
   * for a Redis's, as `redis_memory_used_bytes`. `labels` are put to each: with several caches in a
   * process, what tells them apart.
   */
  metrics(options?: { labels?: Record<string, string | number> }): string;
  /** The keys that take most memory, of a sample. */
  top(options?: TopOptions & { by?: "size" }): Top<{ key: string; size: number }>;
  /** The keys that are used most, of a sample. Under an LFU policy. */
  top(options: TopOptions & { by: "hits" }): Top<{ key: string; hits: number }>;
  configGet(...patterns: string[]): Record<string, string>;
  configSet(...pairs: Pairs): "OK";
  configResetstat(): "OK";
  command(): Reply[];
  commandCount(): number;
  commandInfo(...names: string[]): Reply[];
  commandDocs(...names: string[]): Record<string, Record<string, Reply>>;
}
