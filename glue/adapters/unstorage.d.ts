import type { Driver } from "unstorage";
import type { Ferrite } from "../index.js";

export interface FerriteDriverOptions {
  cache: Ferrite;
  /** Of all keys of the driver. Default "unstorage:". */
  prefix?: string;
  /** How long items live, in seconds, of which setItem may be given another. Default: no end. */
  ttl?: number;
}

/** A driver for unstorage 1: `createStorage({ driver: ferriteDriver({ cache }) })`. */
export function ferriteDriver(options: FerriteDriverOptions): Driver<FerriteDriverOptions, Ferrite>;
