import type { Ferrite } from "../index.js";

/**
 * Options for node-redis, whose commands then go to a cache in the same process:
 * `createClient(inProcess(cache))`, or `createClient({ ...inProcess(cache), ...others })`.
 * The first call replaces `net.createConnection` by one that knows these options.
 */
export function inProcess(cache: Ferrite): { socket: { path: string; tls: false } };
