// A function in front of an origin, which keeps what the origin has under a key for two minutes.
import { initFerrite } from "@ferrite/edge";

export const config = { runtime: "edge" };

const ready = initFerrite({ maxMemory: "32mb" }); // Vercel takes no await out here

export default async function handler(req: Request) {
  const key = new URL(req.url).searchParams.get("key");
  if (key === null) return new Response("?key= is missing", { status: 400 });

  const cache = await ready;
  const cached = cache.get(key);
  if (cached !== null) {
    return new Response(cached, { status: 200, headers: { "X-Cache": "HIT" } });
  }

  const origin = await fetchFromOrigin(key);
  if (!origin.ok) return new Response(null, { status: origin.status }); // not kept
  const data = await origin.text();
  cache.set(key, data, { ex: 120 });

  return new Response(data, { status: 200, headers: { "X-Cache": "MISS" } });
}

const fetchFromOrigin = (key: string) => fetch(`${process.env.ORIGIN}/${encodeURIComponent(key)}`);
