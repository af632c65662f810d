import type { Ferrite } from "../index.js";

export interface KeyvFerriteOptions {
  /** Of all keys of the store. Default "keyv:". */
  prefix?: string;
}

/**
 * A store for Keyv 5 and 6, cacheable 2 and cache-manager 7: `new Keyv({ store: new KeyvFerrite(cache) })`.
 * Each Keyv has one of its own; several may share a prefix.
 */
export class KeyvFerrite {
  constructor(cache: Ferrite, options?: KeyvFerriteOptions);
  opts: { dialect: string };
  namespace?: string;
  get(key: string): Promise<any>;
  getMany(keys: string[]): Promise<any[]>;
  /** `ttl` in milliseconds. */
  set(key: string, value: any, ttl?: number): Promise<boolean>;
  has(key: string): Promise<boolean>;
  delete(key: string): Promise<boolean>;
  /** All of the namespace if there is one, else all of the prefix. */
  clear(): Promise<void>;
  iterator(namespace?: string): AsyncGenerator<any, void>;
}
