// What TypeScript must take: each store where its library asks for one, and each option.
import { serve } from "@hono/node-server";
import { createCache } from "cache-manager";
import { Cacheable } from "cacheable";
import { rateLimit } from "express-rate-limit";
import express from "express";
import session from "express-session";
import { Hono } from "hono";
import Keyv6 from "keyv";
import Keyv5 from "keyv5";
import { createStorage } from "unstorage";
import { initFerrite } from "@ferrite/edge";
import { FerriteStore as Limits } from "@ferrite/edge/express-rate-limit";
import { FerriteStore as Sessions } from "@ferrite/edge/express-session";
import { cacheResponses } from "@ferrite/edge/hono-cache";
import { limitRate } from "@ferrite/edge/hono-rate-limit";
import { KeyvFerrite } from "@ferrite/edge/keyv";
import { RateLimiterFerrite } from "@ferrite/edge/rate-limiter-flexible";
import { ferriteDriver } from "@ferrite/edge/unstorage";

const cache = await initFerrite();

const text: string | undefined = await new Keyv6<string>({ store: new KeyvFerrite(cache) }).get(
  "k",
);
const store = new Keyv5({ store: new KeyvFerrite(cache, { prefix: "a:" }) });
new Cacheable({ primary: store });
createCache({ stores: [store] });

const app = express();
app.use(rateLimit({ windowMs: 60_000, limit: 5, store: new Limits(cache, { prefix: "a:" }) }));
const sessions = new Sessions(cache, { prefix: "a:", ttl: 60 });
app.use(session({ store: sessions, secret: "x", resave: false, saveUninitialized: false }));
sessions.all((error, all) =>
  console.log(
    error,
    all?.map(({ cookie }) => cookie),
  ),
);

const limiter = new RateLimiterFerrite({ storeClient: cache, points: 1, duration: 60 });
const left: number = (await limiter.consume("a")).remainingPoints;

const storage = createStorage({ driver: ferriteDriver({ cache, prefix: "a:", ttl: 60 }) });
const keys: string[] = await storage.getKeys();

const hono = new Hono<{ Variables: { user: string } }>();
hono.use(cacheResponses(cache, { prefix: "a:" }));
hono.use(
  limitRate(cache, {
    key: async (c) => c.req.header("api-key") ?? "",
    limit: 100,
    period: 60,
    name: "a",
    prefix: "a:",
    fields: "draft-7",
    refuse: (c, { name, retryAfter }) => c.text(`${name}: ${retryAfter}`, 429),
  }),
);
serve(hono);

// @ts-expect-error there is no such form of the fields
limitRate(cache, { key: () => "", limit: 1, period: 1, fields: "draft-5" });
// @ts-expect-error it is no cache
new KeyvFerrite(new Map());
// @ts-expect-error it needs a cache
new RateLimiterFerrite({ points: 1, duration: 60 });

export { keys, left, text };
