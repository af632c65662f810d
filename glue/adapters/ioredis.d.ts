import type { Ferrite } from "../index.js";

/**
 * Options for ioredis and iovalkey, whose commands then go to a cache in the same process:
 * `new Redis(inProcess(cache))`, or `new Redis({ ...inProcess(cache), ...others })`.
 */
export function inProcess(cache: Ferrite): { Connector: new (options: any) => any };
