import { connection } from "next/server";

export async function GET() {
  await connection();
  const cache = globalThis.cacheOfNext;
  const names = cache.keys("*");
  return Response.json({ ...cache.info(), memory: cache.memory.buffer.byteLength, names });
}
