import { Store, type SessionData } from "express-session";
import type { Ferrite } from "../index.js";

export interface FerriteStoreOptions {
  /** Of all keys of the store. Default "sess:". */
  prefix?: string;
  /** How long a session lives whose cookie has no maxAge, after it was last used. Default: a day. */
  ttl?: number;
}

/** A store for express-session 1: `session({ store: new FerriteStore(cache), ... })`. */
export class FerriteStore extends Store {
  constructor(cache: Ferrite, options?: FerriteStoreOptions);
  get(sid: string, callback: (error: any, session?: SessionData | null) => void): void;
  set(sid: string, session: SessionData, callback?: (error?: any) => void): void;
  touch(sid: string, session: SessionData, callback?: (error?: any) => void): void;
  destroy(sid: string, callback?: (error?: any) => void): void;
  ids(callback: (error: any, sids?: string[]) => void): void;
  all(callback: (error: any, sessions?: SessionData[]) => void): void;
  length(callback: (error: any, length?: number) => void): void;
  /** All sessions of the prefix. */
  clear(callback?: (error?: any) => void): void;
}
