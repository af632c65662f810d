import type { Context, MiddlewareHandler } from "hono";
import type { Ferrite, Throttled } from "../index.js";

export interface LimitRateOptions {
  /** Who is limited: what clients count together under. */
  key: (context: Context) => string | Promise<string>;
  /** How many requests in a period, and at once. A whole number. */
  limit: number;
  /** Seconds. A whole number. */
  period: number;
  /** Of the policy, as clients see it; limits of different names count apart. Default "default". */
  name?: string;
  /** Of all keys of the limit. Default: "rate:", the name and ":". */
  prefix?: string;
  /**
   * The fields of responses: of the IETF's draft-ietf-httpapi-ratelimit-headers, 11 (the same as of 8 to
   * 10), 7 or 6, or X-RateLimit-*. Default "draft-11".
   */
  fields?: "draft-11" | "draft-7" | "draft-6" | "x" | "none";
  /** The response to who is over the limit. Default: status 429 and a problem, of RFC 9457. */
  refuse?: (
    context: Context,
    throttled: Throttled & { name: string },
  ) => Response | Promise<Response>;
}

/** Middleware for Hono 4: a rate limit, and the fields that tell of it. */
export function limitRate(cache: Ferrite, options: LimitRateOptions): MiddlewareHandler;
