/*
 * Requests: who asks for what, in which order. The same seed gives the same requests, and what is asked
 * of one cache is asked of the other, so what differs is the policy.
 */

/** Uniform in [0, 1): xorshift, from a seed that is not 0. */
export function makeRandom(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/**
 * Ranks 1 to count, rank k as often as k^-skew says, in constant time and no table: rejection-inversion
 * (Hörmann and Derflinger, 1996). The area under the curve is drawn from and inverted; what falls
 * outside the bars is drawn again, which is seldom.
 */
export function makeZipf(count, skew, random) {
  const power = 1 - skew;
  const isOne = Math.abs(power) < 1e-9;
  const area = (x) => (isOne ? Math.log(x) : (x ** power - 1) / power);
  const inverse = (y) => (isOne ? Math.exp(y) : (1 + y * power) ** (1 / power));
  const low = area(1.5) - 1;
  const high = area(count + 0.5);
  const sure = 2 - inverse(area(2.5) - 2 ** -skew);
  return () => {
    for (;;) {
      const y = high + random() * (low - high);
      const x = inverse(y);
      const rank = Math.min(Math.max(Math.round(x), 1), count);
      if (rank - x <= sure || y >= area(rank + 0.5) - rank ** -skew) return rank;
    }
  };
}

const FILLER = new Uint8Array(1 << 20).map((_, i) => 97 + (i % 26));

// The same for a key each time: half the size that was asked for, to one and a half.
function sizeOf(rank, bytes) {
  const part = (Math.imul(rank, 0x9e3779b1) >>> 0) / 2 ** 32;
  return Math.min(Math.max(1, Math.round(bytes * (0.5 + part))), FILLER.length);
}

const readThrough = (key, size, expiry) => (cache) => {
  if (cache.getBytes(key) === null) cache.set(key, FILLER.subarray(0, size), expiry);
};

/** A function that returns the next request: a function of a cache. */
export function makeRequests({ mix, keys, skew, valueBytes, ttlSeconds, seed }) {
  const random = makeRandom(seed);
  const rank = makeZipf(keys, skew, random);
  const expiry = ttlSeconds ? { ex: ttlSeconds } : undefined;
  const item = () => {
    const k = rank();
    return readThrough(`item:${k}`, sizeOf(k, valueBytes), expiry);
  };
  return mix === "site" ? makeSite({ random, rank, keys, valueBytes, ttlSeconds, expiry }) : item;
}

const CRAWL_EVERY = 200_000; // requests
const CRAWL_PAGES = 10_000;

/*
 * A web site's day: pages of sizes that differ a hundredfold, sessions, counters, rate limits, feeds, a
 * leaderboard, visitors; and now and then a crawler, which asks for pages that nobody else wants.
 */
function makeSite({ random, rank, keys, valueBytes, ttlSeconds, expiry }) {
  const below = (count) => Math.floor(random() * count);
  const page = () => {
    const k = rank();
    const spread = ((Math.imul(k, 0x85ebca6b) >>> 0) / 2 ** 32) * 4 - 2;
    return readThrough(
      `page:/${k}`,
      Math.ceil(Math.min(valueBytes * Math.exp(spread), 1e6)),
      expiry,
    );
  };
  const session = () => {
    const key = `session:${rank()}`;
    const field = `last:${below(6)}`;
    return (cache) => {
      cache.hset(key, { user: key, [field]: "/products/a-page-of-the-shop" });
      cache.expire(key, ttlSeconds || 1800);
      cache.hgetall(key);
    };
  };
  const visit = () => {
    const key = `visits:${rank()}`;
    return (cache) => cache.incr(key);
  };
  const limit = () => {
    const key = `rate:10.0.${below(40)}.${below(250)}`;
    return (cache) => cache.throttle(key, { maxBurst: 9, count: 60, period: 60 });
  };
  const feed = () => {
    const key = `feed:${rank()}`;
    const text = `a line about item ${below(keys)}`;
    return (cache) => {
      cache.lpush(key, text);
      cache.ltrim(key, 0, 199);
      cache.lrange(key, 0, 9);
    };
  };
  const score = () => {
    const member = `player:${rank()}`;
    const points = below(100);
    return (cache) => cache.call("ZINCRBY", "leaderboard", points, member);
  };
  const visitor = () => {
    const who = `visitor:${below(keys * 10)}`;
    return (cache) => cache.pfadd("visitors", who);
  };

  let made = 0;
  let crawled = 0;
  return () => {
    if (++made % CRAWL_EVERY < CRAWL_PAGES)
      return readThrough(`page:/archive/${++crawled}`, valueBytes, expiry);
    const draw = random();
    if (draw < 0.55) return page();
    if (draw < 0.7) return session();
    if (draw < 0.78) return visit();
    if (draw < 0.86) return limit();
    if (draw < 0.92) return feed();
    return draw < 0.97 ? score() : visitor();
  };
}
