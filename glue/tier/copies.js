/*
 * Local copies: what the tier keeps in the module, under a prefix of its own, so that its memory is in
 * the budget and is evicted by policy like any other.
 *
 *     [ kind: u8 ][ epoch: u32 ][ expires: f64 ][ the value ]
 *
 * `epoch` names the tracking connection that told of changes when the copy was made: when that breaks,
 * its epoch is over, and all its copies are, at once, whatever their number. `expires` is when the remote
 * will drop the value, or Infinity, in milliseconds since the Unix epoch.
 */
const EPOCH = 1;
const EXPIRES = 5;
const HEAD_BYTES = 13;

/** What a copy says of its key. */
export const ABSENT = 0; // the remote does not have it
export const PRESENT = 1;
export const NOTHING = 2; // nor has the loader

export class Copies {
  #cache;
  #prefix;

  constructor(cache, prefix) {
    this.#cache = cache;
    this.#prefix = prefix;
  }

  /** { kind, epoch, expires, value: a Uint8Array, or null }, or undefined. */
  read(key) {
    const bytes = this.#cache.getBytes(this.#prefix + key);
    if (bytes === null || bytes.length < HEAD_BYTES) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, HEAD_BYTES);
    const kind = bytes[0];
    return {
      kind,
      epoch: view.getUint32(EPOCH),
      expires: view.getFloat64(EXPIRES),
      value: kind === PRESENT ? bytes.subarray(HEAD_BYTES) : null,
    };
  }

  /** Keeps a copy for `lifeMs`; a value that the budget does not hold is not kept. */
  write(key, { kind, epoch, expires, value }, lifeMs) {
    const bytes = new Uint8Array(HEAD_BYTES + (value?.length ?? 0));
    const view = new DataView(bytes.buffer);
    bytes[0] = kind;
    view.setUint32(EPOCH, epoch);
    view.setFloat64(EXPIRES, expires);
    if (value) bytes.set(value, HEAD_BYTES);
    const px = Math.floor(lifeMs);
    if (!(px > 0)) return this.drop(key);
    try {
      this.#cache.set(this.#prefix + key, bytes, px < 1e12 ? { px } : {});
    } catch (error) {
      if (error.code !== "OOM") throw error;
      this.drop(key);
    }
  }

  drop(key) {
    this.#cache.del(this.#prefix + key);
  }
}
