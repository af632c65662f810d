// A page whose cache begins with what it had: a snapshot in the origin's private file system. What is not
// closed is not there, so who is stopped midway leaves the last one whole.
import { dumpStream, load } from "@ferrite/edge/snapshot";

const NAME = "cache.rdb";

export async function save(cache) {
  const root = await navigator.storage.getDirectory();
  const file = await root.getFileHandle(NAME, { create: true });
  await dumpStream(cache).pipeTo(await file.createWritable());
}

/** How many keys there were; 0 without a snapshot. */
export async function warmUp(cache) {
  const root = await navigator.storage.getDirectory();
  const file = await root.getFileHandle(NAME).catch(() => null);
  if (!file) return 0;
  const { loaded } = await load(cache, (await file.getFile()).stream());
  return loaded;
}
