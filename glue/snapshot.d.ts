import type { Ferrite } from "@ferrite/edge";

/** Keys that were not loaded, by the reason: "stream", "module", "function", "no memory", "database 3". */
export interface Loaded {
  loaded: number;
  /** Their time was over. */
  expired: number;
  /** They were there already, and `replace` was false. */
  kept: number;
  skipped: Record<string, number>;
}

export interface LoadOptions {
  /** A key that is there is replaced (the default), or kept. */
  replace?: boolean;
  /** Which of Redis's databases to load: 0. */
  database?: number;
  /** Milliseconds since 1970, the cache's clock, if it is not Date.now. */
  now?: () => number;
  /** Called after each key. */
  progress?: (soFar: Loaded & { bytes: number }) => void;
}

export type Source =
  | Uint8Array
  | ArrayBuffer
  | ReadableStream<Uint8Array>
  | Iterable<Uint8Array>
  | AsyncIterable<Uint8Array>;

/**
 * The cache as an RDB file of version 10, which Redis 7.0 starts from, in chunks. Other commands may run
 * between them: each key is there once, as it was before or after them. When fields expire is told in a
 * form that Redis 7.0 passes over: there they stay for good.
 */
export function dump(cache: Ferrite): AsyncGenerator<Uint8Array, void>;

/** The same as a stream. */
export function dumpStream(cache: Ferrite): ReadableStream<Uint8Array>;

/**
 * Loads an RDB file of any Redis up to 8.0, fields that expire included. Throws a FerriteError with the
 * code "CORRUPT", whose message names the offset and whose `result` says what was loaded till then.
 */
export function load(cache: Ferrite, source: Source, options?: LoadOptions): Promise<Loaded>;
