// A Worker whose isolates begin with what one of them had: a snapshot in KV, at most 25 MiB, which a cron
// trigger puts there. A new isolate takes it before its first answer.
import { initFerrite } from "@ferrite/edge";
import { dumpStream, load } from "@ferrite/edge/snapshot";

const cache = await initFerrite({ maxMemory: "16mb" });
let warm;

async function warmUp({ KV }) {
  const snapshot = await KV.get("snapshot.rdb", { type: "stream" });
  if (snapshot) await load(cache, snapshot, { replace: false });
}

export default {
  async fetch(request, env) {
    await (warm ??= warmUp(env));
    const { pathname } = new URL(request.url);
    if (request.method === "PUT") cache.set(pathname, await request.text(), { ex: 3600 });
    const value = cache.get(pathname);
    return new Response(value, { status: value === null ? 404 : 200 });
  },

  async scheduled(controller, { KV }) {
    await KV.put("snapshot.rdb", dumpStream(cache), { expirationTtl: 86_400 });
  },
};
