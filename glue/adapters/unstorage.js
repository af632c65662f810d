/*
 * A driver for unstorage 1. Times to live are in seconds there, as an option of the driver or of setItem;
 * raw items are bytes.
 */
import { refusal } from "../error.js";
import { Space } from "./space.js";

export function ferriteDriver({ cache, prefix = "unstorage:", ttl }) {
  const space = new Space(cache, prefix);

  // unstorage calls with its options wherever it is called with any.
  function put(key, value, options) {
    const seconds = options?.ttl ?? ttl;
    cache.set(prefix + key, value, seconds && { px: Math.ceil(seconds * 1000) });
  }

  return {
    name: "ferrite",
    options: { cache, prefix, ttl },
    getInstance: () => cache,
    hasItem: async (key) => cache.exists(prefix + key) === 1,
    getItem: async (key) => cache.get(prefix + key),
    getItemRaw: async (key) => cache.getBytes(prefix + key),
    setItem: async (key, value, options) => put(key, value, options),
    setItemRaw: async (key, value, options) => put(key, bytesOf(value), options),
    removeItem: async (key) => void cache.unlink(prefix + key),
    getKeys: (base) => space.names(base),
    clear: (base) => space.clear(base),
  };
}

function bytesOf(value) {
  if (typeof value === "string") return value;
  if (ArrayBuffer.isView(value))
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw refusal("value", value, "a string, an ArrayBuffer, a view of one");
}
