// Allows a client a hundred requests an hour.
import { initFerrite } from "@ferrite/edge";

export const config = { matcher: "/api/cached-data" };

const ready = initFerrite({ maxMemory: "1mb" });

export async function middleware(req: Request) {
  const cache = await ready;
  const key = `rate:${req.headers.get("X-Client")}`;
  const { limited } = cache.throttle(key, { maxBurst: 99, count: 100, period: 3600 });
  if (limited) return new Response("Too Many Requests", { status: 429 });
}
