import type { ClientRateLimitInfo, Options, Store } from "express-rate-limit";
import type { Ferrite } from "../index.js";

export interface FerriteStoreOptions {
  /** Of all keys of the store. Limits that are not to count together have different ones. Default "rl:". */
  prefix?: string;
}

/** A store for express-rate-limit 7 and 8: `rateLimit({ store: new FerriteStore(cache) })`. */
export class FerriteStore implements Store {
  constructor(cache: Ferrite, options?: FerriteStoreOptions);
  localKeys: boolean;
  prefix: string;
  init(options: Options): void;
  get(key: string): Promise<ClientRateLimitInfo | undefined>;
  increment(key: string): Promise<ClientRateLimitInfo>;
  decrement(key: string): Promise<void>;
  resetKey(key: string): Promise<void>;
  /** All keys of the prefix. */
  resetAll(): Promise<void>;
}
