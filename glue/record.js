/*
 * A record of every call into the module and of what it answered, from which the calls can be made
 * again, anywhere: the module depends on nothing else. It is put around the exports, so a cache that
 * is not recorded has nothing to do with it.
 *
 *     "FERRITE1"                          8 bytes
 *     then, of each call
 *       number | 0x80                     a byte: its place in CALLS; 0x80: the time is the last one's
 *       arguments                         in the order of ferrite.h, the time last
 *       length, bytes                     what the host has written for it: a request, a key, a value
 *     and of its answer, as soon as there is one
 *       status                            a byte
 *       length, hash                      of the data, where the status says that there are some
 *
 * Lengths and whole numbers are LEB128, times and the budget the 8 bytes of a double, hashes 4
 * bytes: 32-bit FNV-1a. All of it is little-endian.
 */
const MAGIC = "FERRITE1";

// struct ferrite_io, in words
const [REQUEST, CAPACITY, DATA, DATA_BYTES] = [0, 1, 2, 3];

// Of each call: its arguments (whole numbers, doubles, the time); where in the window, or since a
// reservation in its place, what the host wrote for it begins, and how long it is; with which
// statuses there are data.
const inWindow = (start, length) => ({ start, length });
const [OK, MORE, PROTOCOL] = [0, 1, 6];
export const CALLS = [
  { name: "init", args: "fuuuuu" },
  { name: "request", args: "ut" },
  { name: "run", args: "uuut", reads: (at, n) => inWindow(at, n), data: [OK, MORE, PROTOCOL] },
  { name: "more", args: "", data: [OK, MORE, PROTOCOL] },
  { name: "get", args: "ut", reads: (n) => inWindow(0, n), data: [OK] },
  { name: "set", args: "uuuft", reads: (key, value) => inWindow(0, key + value) },
  { name: "reserve", args: "uuuft", reads: (n) => inWindow(0, n) },
  { name: "commit", args: "t" },
  { name: "tick", args: "t" },
  { name: "changes", args: "u", data: [OK] },
];

/** FNV-1a of the bytes. */
export function hashBytes(bytes) {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** The exports of the module, whose calls go to `sink` as well: a function that takes bytes. */
export function recorded(exports, sink) {
  const { memory } = exports;
  const io = exports.ferrite_io() >>> 0;
  const words = () => new Uint32Array(memory.buffer, io, 6);
  let lastTime;
  let reserved = { start: 0, length: 0 }; // an address

  // What the host wrote for the call; nothing, if it says that it wrote where it cannot.
  const written = ({ name, reads }, args) => {
    if (name === "commit") return new Uint8Array(memory.buffer, reserved.start, reserved.length);
    const { start, length } = reads ? reads(...args) : inWindow(0, 0);
    if (start + length > words()[CAPACITY]) return new Uint8Array(0);
    return new Uint8Array(memory.buffer, words()[REQUEST] + start, length);
  };

  const wrap =
    (call, number) =>
    (...given) => {
      const args = [...call.args].map((kind, i) => (kind === "u" ? given[i] >>> 0 : +given[i]));
      const time = call.args.endsWith("t") ? args.at(-1) : lastTime;
      const isLast = Object.is(time, lastTime);
      lastTime = time;
      const bytes = written(call, args);
      const out = [number | (isLast ? 0x80 : 0)];
      for (const [i, kind] of [...call.args].entries()) {
        if (kind === "u") out.push(...numberBytes(args[i]));
        else if (kind === "f" || !isLast) out.push(...doubleBytes(args[i]));
      }
      sink(Uint8Array.of(...out, ...numberBytes(bytes.length)));
      if (bytes.length > 0) sink(bytes.slice());

      const status = exports[`ferrite_${call.name}`](...given);
      const [start, length] = [words()[DATA], words()[DATA_BYTES]];
      if (call.name === "reserve" && status === OK) reserved = { start, length };
      else reserved.length = 0;
      const answer = [status];
      if (call.data?.includes(status)) {
        const hash = hashBytes(new Uint8Array(memory.buffer, start, length));
        answer.push(
          ...numberBytes(length),
          hash & 255,
          (hash >> 8) & 255,
          (hash >> 16) & 255,
          hash >>> 24,
        );
      }
      sink(Uint8Array.from(answer));
      return status;
    };

  sink(Uint8Array.from(MAGIC, (letter) => letter.charCodeAt(0)));
  const wrapped = CALLS.map((call, number) => [`ferrite_${call.name}`, wrap(call, number)]);
  return { ...exports, ...Object.fromEntries(wrapped) };
}

function numberBytes(value) {
  const bytes = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push(value % 128 | 128);
  return [...bytes, value];
}

function doubleBytes(value) {
  return new Uint8Array(Float64Array.of(value).buffer);
}
