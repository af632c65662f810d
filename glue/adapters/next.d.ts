import type { Ferrite } from "../index.js";

export interface NextOptions {
  /** Of all keys. Default "next:", and "next-use:" for "use cache". */
  prefix?: string;
}

/**
 * What the file says by default that Next.js's `cacheHandler` names:
 * `export default cacheHandler(await initFerrite({ maxMemory: "64mb" }))`.
 */
export function cacheHandler(
  cache: Ferrite,
  options?: NextOptions,
): new (context?: any) => {
  get(key: string, context?: any): Promise<any>;
  set(key: string, value: any, context?: any): Promise<void>;
  revalidateTag(tags: string | string[], durations?: { expire?: number }): Promise<void>;
  resetRequestCache(): void;
};

/** The same for a file that `cacheHandlers` names: what "use cache" uses. */
export function useCacheHandler(
  cache: Ferrite,
  options?: NextOptions,
): {
  get(key: string, softTags: string[]): Promise<any>;
  set(key: string, pendingEntry: Promise<any>): Promise<void>;
  refreshTags(): Promise<void>;
  getExpiration(tags: string[]): Promise<number>;
  updateTags(tags: string[], durations?: { expire?: number }): Promise<void>;
};
