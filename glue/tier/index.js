// @ts-self-types="../tier.d.ts"
/*
 * @ferrite/edge/tier: the module in front of a Redis or Valkey that many isolates share.
 */
import { refusal } from "../error.js";
import { remoteOf } from "./clients.js";
import { Tier } from "./tier.js";

export { FerriteError } from "../error.js";

/** `remote` is the client that there is already, or null: then there are local copies only. */
export function createTier(cache, remote, options) {
  if (typeof cache?.getBytes !== "function")
    throw refusal("cache", cache, "a cache of initFerrite");
  return new Tier(cache, remoteOf(remote), options);
}
