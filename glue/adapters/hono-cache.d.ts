import type { MiddlewareHandler } from "hono";
import type { Ferrite } from "../index.js";

export interface CacheResponsesOptions {
  /** Of all keys of the middleware. Default "http:". */
  prefix?: string;
}

/**
 * Middleware for Hono 4: a shared cache, of RFC 9111, in front of the handlers behind it. It stores what
 * says for how long it is fresh, answers conditional requests, and says in Cache-Status what it did.
 */
export function cacheResponses(cache: Ferrite, options?: CacheResponsesOptions): MiddlewareHandler;
