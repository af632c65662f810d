// What runs on a platform of JavaScript, bundled with the package as that platform's programs are:
// the cases, with the time that the first cache and its first request take.
import { bytesOf, overPackage, play } from "../cases/play.mjs";

/** -> { passed, failed, differences, instantiateMs, firstRequestMs }, for `initFerrite` and the tables */
export async function playInside(initFerrite, text) {
  const engine = overPackage(initFerrite);
  const began = performance.now();
  await engine.fresh(1 << 20, "allkeys-lru");
  const made = performance.now();
  engine.exec(bytesOf("*1\r\n$4\r\nPING\r\n"), 1.7e12, 2);
  const answered = performance.now();
  return {
    ...(await play(text, engine)),
    instantiateMs: made - began,
    firstRequestMs: answered - made,
  };
}
