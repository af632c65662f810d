// Reads and packs the request traces in this folder. KVT2 is gzip of little-endian columns:
//
//     char magic[4] = "KVT2"
//     u32  requests, keys, flags, 0     flags 1: value sizes are real (else a model)
//                                             2: there is a time column
//     u8   keyBytes[keys]
//     u32  valueBytes[keys]
//     u32  ttlSeconds[keys]             0: none
//     u8   low[requests], middle[requests], high[requests]
//                                       of the key's number; keys are numbered as they first appear
//     u32  time[requests]               seconds; only with flag 2
//
// Every request is a read-through GET: a miss is followed by a SET of that key, size and TTL.

import { gunzipSync, gzipSync } from "node:zlib";

const MAGIC = "KVT2";
const HEADER_BYTES = 20;
export const REAL_SIZES = 1;
export const HAS_TIME = 2;

/** Bytes of a .kvt2.gz -> { flags, keyBytes, valueBytes, ttlSeconds, requests, time }. */
export function unpackTrace(packed) {
  const bytes = gunzipSync(packed);
  if (bytes.toString("latin1", 0, 4) !== MAGIC) throw new Error(`not a ${MAGIC} trace`);
  const [requestCount, keyCount, flags] = [4, 8, 12].map((at) => bytes.readUInt32LE(at));
  let at = HEADER_BYTES;
  const column8 = (length) => Uint8Array.from(bytes.subarray(at, (at += length)));
  const column32 = (length) =>
    Uint32Array.from({ length }, () => bytes.readUInt32LE((at += 4) - 4));

  const keyBytes = column8(keyCount);
  const valueBytes = column32(keyCount);
  const ttlSeconds = column32(keyCount);
  const [low, middle, high] = [0, 0, 0].map(() => column8(requestCount));
  const requests = Uint32Array.from(low, (byte, i) => byte | (middle[i] << 8) | (high[i] << 16));
  const time = flags & HAS_TIME ? column32(requestCount) : null;
  return { flags, keyBytes, valueBytes, ttlSeconds, requests, time };
}

/** The reverse of unpackTrace. */
export function packTrace({ flags, keyBytes, valueBytes, ttlSeconds, requests, time }) {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, "latin1");
  [requests.length, keyBytes.length, flags].forEach((n, i) => header.writeUInt32LE(n, 4 + 4 * i));
  const column32 = (column) => {
    const bytes = Buffer.alloc(4 * column.length);
    column.forEach((n, i) => bytes.writeUInt32LE(n, 4 * i));
    return bytes;
  };
  const idBytes = [0, 8, 16].map((shift) => Buffer.from(requests.map((id) => id >> shift)));
  const columns = [keyBytes, column32(valueBytes), column32(ttlSeconds), ...idBytes];
  if (time) columns.push(column32(time));
  return gzipSync(Buffer.concat([header, ...columns]), { level: 9 });
}

/** The first `count` requests, and the keys they ask for. */
export function sliceTrace(trace, count) {
  const requests = trace.requests.slice(0, count);
  const keys = requests.reduce((most, id) => Math.max(most, id), -1) + 1; // numbered as they appear
  return {
    flags: trace.flags,
    keyBytes: trace.keyBytes.slice(0, keys),
    valueBytes: trace.valueBytes.slice(0, keys),
    ttlSeconds: trace.ttlSeconds.slice(0, keys),
    requests,
    time: trace.time?.slice(0, count) ?? null,
  };
}
