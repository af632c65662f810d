/*
 * A limiter for rate-limiter-flexible 11. What a store's limiter is made of is in none of its exports.
 */
import RateLimiterRes from "rate-limiter-flexible/lib/RateLimiterRes.js";
import RateLimiterStoreAbstract from "rate-limiter-flexible/lib/RateLimiterStoreAbstract.js";
import { Space } from "./space.js";

export class RateLimiterFerrite extends RateLimiterStoreAbstract {
  /** @param options the library's; `storeClient` is the cache */
  constructor(options) {
    super(options);
    this.client = new Space(options.storeClient, this.keyPrefix).cache;
  }

  async _upsert(key, points, durationMs, anew = false) {
    const px = Math.ceil(durationMs);
    if (anew) {
      this.client.set(key, points, px > 0 ? { px } : undefined);
      return [Number(points), px > 0 ? px : -1];
    }
    const consumed = this.client.incrby(key, points);
    let leftMs = this.client.pttl(key);
    // A new one, and not one that was blocked or set without an end.
    if (leftMs === -1 && consumed === Number(points) && px > 0) {
      this.client.pexpire(key, px);
      leftMs = px;
    }
    return [consumed, leftMs];
  }

  async _get(key) {
    const consumed = this.client.get(key);
    return consumed === null ? null : [Number(consumed), this.client.pttl(key)];
  }

  async _delete(key) {
    return this.client.del(key) === 1;
  }

  _getRateLimiterRes(key, changed, [consumed, leftMs]) {
    const remaining = Math.max(this.points - consumed, 0);
    return new RateLimiterRes(remaining, leftMs, consumed, consumed === changed);
  }
}
