// The function of the page that this project comes from, as it is there but for the second import: of
// what the page leaves to its reader.
import { initFerrite } from "@ferrite/edge";
import { fetchFromOrigin } from "./fetch-from-origin";

export const config = { runtime: "edge" };

const cache = await initFerrite({ maxMemory: "32mb" });

export default async function handler(req: Request) {
  const key = new URL(req.url).searchParams.get("key");

  const cached = cache.get(key);
  if (cached) {
    return new Response(cached, { status: 200 });
  }

  const data = await fetchFromOrigin(key);
  cache.set(key, data, { ex: 120 });

  return new Response(data, { status: 200 });
}
