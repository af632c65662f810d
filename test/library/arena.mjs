// The wasm32 library in a guest without anything else, whose memory we fill: as `play` needs it. After
// every call all memory but the arena and the guest's stack has to be as it was.

import { ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { POLICIES } from "../../glue/options.js";
import { directCalls } from "../cases/play.mjs";

const IO_WORDS = 6; // struct ferrite_io
const WINDOW_BYTES = 2048; // that the request window always has
const [OK, MORE, ABSENT, WRONG_TYPE, NO_MEMORY, TOO_LARGE, PROTOCOL, , LOST] = Array(9).keys(); // enum ferrite_status
const FLAGS = { nx: 1, xx: 2, keepttl: 4 }; // enum ferrite_set_flag
const EXPIRE_AT = 8;
const CHANGES = ["changed", "expired", "evicted"]; // enum ferrite_change
const TEXTS = {
  [WRONG_TYPE]: "WRONGTYPE Operation against a key holding the wrong kind of value",
  [NO_MEMORY]: "OOM command not allowed when used memory > 'maxmemory'.",
  [TOO_LARGE]: "OOM command not allowed when used memory > 'maxmemory'.",
};

/** `stackBytes` are the first of the guest's memory. */
export function arenaPlayer(guest, stackBytes, random) {
  const module = new WebAssembly.Module(readFileSync(guest));
  const { exports } = new WebAssembly.Instance(module);
  const memory = Buffer.from(exports.memory.buffer);
  const firstFree = exports.__heap_base.value;
  let before;
  let at;
  let end;
  let calls = 0;
  let left; // of the connection's bytes: the beginning of a command
  let now;

  const isUntouched = (from, to) => memory.compare(before, from, to, from, to) === 0;

  /** Makes a call, and looks at what it has written -> its status. */
  function enter(name, ...args) {
    const status = exports[`ferrite_${name}`](at, ...args);
    calls++;
    ok(exports.memory.buffer.byteLength === before.length, "memory has grown");
    ok(isUntouched(stackBytes, at), `call ${calls} has written below the arena`);
    ok(isUntouched(end, before.length), `call ${calls} has written above the arena`);
    if (TEXTS[status]) throw new Error(TEXTS[status]);
    return status;
  }

  const io = () => new Uint32Array(memory.buffer, exports.ferrite_io(at), IO_WORDS);

  function data() {
    const [, , start, bytes] = io();
    return Buffer.from(memory.subarray(start, start + bytes));
  }

  function fillWindow(bytes) {
    if (bytes.length > io()[1]) enter("request", bytes.length, now);
    memory.set(bytes, io()[0]);
  }

  const direct = directCalls({
    get(key) {
      const bytes = Buffer.from(key);
      fillWindow(bytes);
      return enter("get", bytes.length, now) === ABSENT ? null : data();
    },
    set(keyWord, valueWord, { ex = 0, px = ex * 1000, pxat, ...options }) {
      const [key, value] = [keyWord, valueWord].map((word) => Buffer.from(word));
      let flags = pxat === undefined ? 0 : EXPIRE_AT;
      for (const name of Object.keys(options)) flags |= FLAGS[name];
      const isLong = key.length + value.length > WINDOW_BYTES;
      fillWindow(isLong ? key : Buffer.concat([key, value]));
      const args = [key.length, value.length, flags, pxat ?? px, now];
      if (enter(isLong ? "reserve" : "set", ...args) === ABSENT) return false;
      if (!isLong) return true;
      memory.set(value, io()[2]);
      return enter("commit", now) === OK;
    },
    tick: () => enter("tick", now) === MORE,
    changes(keep) {
      if (enter("changes", Number(keep)) === LOST) return null;
      const records = data();
      const pairs = [];
      for (let place = 0, next; place < records.length; place = next) {
        const head = records.readUInt32LE(place);
        next = place + 4 + (head >>> 8);
        pairs.push([CHANGES[head & 255], records.subarray(place + 4, next)]);
      }
      return pairs;
    },
  });

  return {
    calls: () => calls,
    fresh(bytes, policy) {
      const places = (memory.length - firstFree - bytes) / 64 - 2;
      at = (Math.ceil(firstFree / 64) + Math.floor(random() * places)) * 64;
      end = at + bytes;
      for (let i = firstFree; i < memory.length; i++) memory[i] = random() * 256;
      before = Buffer.from(memory);
      const number = POLICIES.indexOf(policy);
      ok(enter("init", bytes, number, 1, 2, 3, 4) === OK, "ferrite_init");
      left = Buffer.alloc(0);
    },
    exec(bytes, nowMs, resp) {
      now = nowMs;
      const requests = Buffer.concat([left, bytes]);
      fillWindow(requests);
      let status = enter("run", 0, requests.length, resp, now);
      const pieces = [data()];
      while (status === MORE) {
        status = enter("more");
        pieces.push(data());
      }
      const close = status === PROTOCOL;
      ok(close || status === OK, `status ${status}`);
      left = close ? Buffer.alloc(0) : requests.subarray(io()[4]);
      return { reply: Buffer.concat(pieces), close };
    },
    call(words, nowMs) {
      now = nowMs;
      return direct(words);
    },
  };
}
