import type { IRateLimiterStoreOptions } from "rate-limiter-flexible";
import { RateLimiterStoreAbstract } from "rate-limiter-flexible";
import type { Ferrite } from "../index.js";

export interface RateLimiterFerriteOptions extends IRateLimiterStoreOptions {
  storeClient: Ferrite;
}

/** A limiter for rate-limiter-flexible 11, with all that its limiters have. */
export class RateLimiterFerrite extends RateLimiterStoreAbstract {
  constructor(options: RateLimiterFerriteOptions);
}
