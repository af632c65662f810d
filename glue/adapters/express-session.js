/*
 * A store for express-session 1. A session lives as long as its cookie says, from when it was last used;
 * one whose cookie says nothing, as long as the option `ttl` does.
 */
import session from "express-session";
import { refusal } from "../error.js";
import { Space } from "./space.js";

const DAY = 86_400;

export class FerriteStore extends session.Store {
  #space;
  #ttl;

  /** @param prefix of all keys of the store; ttl in seconds */
  constructor(cache, { prefix = "sess:", ttl = DAY } = {}) {
    super();
    if (!(ttl > 0)) throw refusal("ttl", ttl, "seconds, more than 0");
    this.#space = new Space(cache, prefix);
    this.#ttl = ttl;
  }

  get(sid, callback) {
    return answer(callback, async () => this.#read(sid));
  }

  set(sid, session, callback) {
    return answer(callback, async () => this.#write(sid, session));
  }

  /** The session was used: its cookie is a new one, what it holds is not looked at. */
  touch(sid, { cookie }, callback) {
    return answer(callback, async () => {
      const session = this.#read(sid);
      if (session) this.#write(sid, { ...session, cookie });
    });
  }

  destroy(sid, callback) {
    return answer(callback, async () => void this.#space.cache.del(this.#space.prefix + sid));
  }

  ids(callback) {
    return answer(callback, () => this.#space.names());
  }

  length(callback) {
    return answer(callback, async () => (await this.#space.names()).length);
  }

  all(callback) {
    return answer(callback, async () => {
      const sids = await this.#space.names();
      const sessions = sids.map((id) => ({ ...this.#read(id), id }));
      return sessions.filter(({ cookie }) => cookie); // others went meanwhile
    });
  }

  clear(callback) {
    return answer(callback, () => this.#space.clear());
  }

  #read(sid) {
    const text = this.#space.cache.get(this.#space.prefix + sid);
    return text === null ? undefined : JSON.parse(text);
  }

  #write(sid, session) {
    const { cache, prefix } = this.#space;
    const { expires } = session.cookie;
    const px = Math.ceil(expires ? new Date(expires) - Date.now() : this.#ttl * 1000);
    if (px > 0) cache.set(prefix + sid, JSON.stringify(session), { px });
    else cache.del(prefix + sid);
  }
}

// To the callback, whose own errors are not ours to catch; without one, a promise.
function answer(callback, work) {
  const done = work();
  if (!callback) return done;
  done.then(
    (result) => setImmediate(callback, null, result),
    (error) => setImmediate(callback, error),
  );
}
