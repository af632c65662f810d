export const dynamic = "force-dynamic";

export function GET() {
  const cache = globalThis.cacheOfNext;
  return Response.json({
    ...cache.info(),
    memory: cache.memory.buffer.byteLength,
    names: cache.keys("*"),
  });
}
