// An app of both kinds of middleware, for any runtime. Nothing is asked of the cache before a request comes.
import { initFerrite } from "@ferrite/edge";
import { cacheResponses } from "@ferrite/edge/hono-cache";
import { limitRate } from "@ferrite/edge/hono-rate-limit";
import { Hono } from "hono";

const cache = await initFerrite({ maxMemory: "1mb" });
const app = new Hono();
let calls = 0;

app.use("/limited", limitRate(cache, { key: (c) => c.req.header("client"), limit: 3, period: 60 }));
app.get("/limited", (c) => c.text("in"));
app.use("/pages/*", cacheResponses(cache));
app.get("/pages/bytes", () => {
  const bytes = new Uint8Array(256).map((_, i) => i);
  return new Response(bytes, { headers: { "cache-control": "max-age=60" } });
});
app.get("/pages/private", (c) => {
  c.header("cache-control", "private, max-age=60");
  return c.text(`${++calls}`);
});
app.get("/pages/:name", (c) => {
  c.header("cache-control", "max-age=60");
  c.header("vary", "accept-language");
  c.header("etag", '"v1"');
  return c.text(`${c.req.param("name")} ${c.req.header("accept-language")} ${++calls}`);
});
app.post("/pages/:name", (c) => c.text("changed"));

export default app;
