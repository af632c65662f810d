// Never run: tsc checks that what is right compiles, and that each line below an @ts-expect-error does not.
import initDefault, {
  createFerrite,
  Ferrite,
  FerriteError,
  initFerrite,
  type FerriteOptions,
  type ModuleSource,
} from "@ferrite/edge";
import { createTier, type Remote, type Tier } from "@ferrite/edge/tier";

type Is<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <_ extends true>() => {};

const options: FerriteOptions = { maxMemory: "64mb", evictionPolicy: "allkeys-lru" };
const cache = await initFerrite(options);
is<Is<typeof cache, Ferrite>>();
is<Is<typeof initDefault, typeof initFerrite>>();

declare const module: WebAssembly.Module;
const source: ModuleSource = module;
is<Is<ReturnType<typeof createFerrite>, Ferrite>>();
createFerrite(source, { seed: new Uint32Array(4), now: () => 0 });
await initFerrite(module, { maxMemory: 1 << 20 });
await initFerrite(fetch("https://example.com/ferrite.wasm"));

is<Is<ReturnType<typeof cache.get>, string | null>>();
const count: number | bigint = cache.incr("visits");
const limited: boolean = cache.throttle("ip", { maxBurst: 9, count: 60, period: 60 }).limited;
cache.set("key", new Uint8Array(3), { ex: 60, nx: true });
if (new FerriteError("ERR") instanceof Error) console.log(count, limited);

// @ts-expect-error a policy that there is not
await initFerrite({ evictionPolicy: "lru" });
// @ts-expect-error an option that there is not
await initFerrite({ maxmemory: "64mb" });
// @ts-expect-error two times
cache.set("key", "value", { ex: 60, px: 60_000 });
// @ts-expect-error no key
cache.get(5);
// @ts-expect-error no value
cache.set("key", { a: 1 });
// @ts-expect-error it may be null
cache.get("key").length;
// @ts-expect-error made by initFerrite only
new Ferrite();

const tier = createTier(cache, null, { maxStaleMs: 500, writeBehind: { maxKeys: 10 } });
is<Is<typeof tier, Tier>>();
const page: string | null = await tier.getOrSet("page", async () => "<h1>", { ex: 60, lock: 5 });
const image: Uint8Array | null = await tier.getOrSetBytes("image", () => new Uint8Array(3));
declare const remote: Remote;
console.log(page, image, createTier(cache, remote, { tracking: "broadcast" }).stats().hitRatio);
// @ts-expect-error
createTier(cache, null, { tracking: true });
// @ts-expect-error
tier.getOrSet("page", "<h1>");
// @ts-expect-error
createTier(cache, "redis://127.0.0.1");
