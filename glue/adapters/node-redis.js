/*
 * node-redis on a cache in the same process.
 *
 * It takes no stream: it calls net.createConnection, and before version 5 net.connect, which is the
 * same, with the options it was given for its socket. So that function is replaced once this is used.
 * Where the options have a cache, it gives a stream to that; for everybody else it is as it was.
 */
import net from "node:net";
import { assertCache, connect } from "../server/in-process.js";

const CACHE = Symbol("cache");
let isReplaced = false;

/** Options for `createClient(...)`, alone or among others. */
export function inProcess(cache) {
  assertCache(cache);
  replaceCreateConnection();
  return { socket: { path: "in-process", tls: false, [CACHE]: cache } };
}

function replaceCreateConnection() {
  if (isReplaced) return;
  isReplaced = true;
  const { createConnection } = net;
  net.connect = net.createConnection = function (...args) {
    const cache = args[0]?.[CACHE];
    return cache ? connect(cache) : createConnection.apply(this, args);
  };
}
