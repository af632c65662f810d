// The wasm32 library in a guest without anything else, whose memory we fill: as `play` needs it. After
// every call all memory but the arena and the guest's stack has to be as it was.

import { ok } from "node:assert/strict";
import { readFileSync } from "node:fs";

const POLICIES = ["noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random"].concat([
  "volatile-lru",
  "volatile-lfu",
  "volatile-random",
  "volatile-ttl",
]);
const IO_WORDS = 6; // struct ferrite_io
const [OK, MORE] = [0, 1]; // enum ferrite_status

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

  const isUntouched = (from, to) => memory.compare(before, from, to, from, to) === 0;
  function checked(status) {
    calls++;
    ok(exports.memory.buffer.byteLength === before.length, "memory has grown");
    ok(isUntouched(stackBytes, at), `call ${calls} has written below the arena`);
    ok(isUntouched(end, before.length), `call ${calls} has written above the arena`);
    return status;
  }
  const io = () => new Uint32Array(memory.buffer, exports.ferrite_io(at), IO_WORDS);

  return {
    calls: () => calls,
    fresh(bytes, policy) {
      const places = (memory.length - firstFree - bytes) / 64 - 2;
      at = (Math.ceil(firstFree / 64) + Math.floor(random() * places)) * 64;
      end = at + bytes;
      for (let i = firstFree; i < memory.length; i++) memory[i] = random() * 256;
      before = Buffer.from(memory);
      const number = POLICIES.indexOf(policy);
      ok(checked(exports.ferrite_init(at, bytes, number, 1, 2, 3, 4)) === OK, "ferrite_init");
    },
    exec(request, nowMs, resp) {
      if (request.length > io()[1]) {
        const status = checked(exports.ferrite_request(at, request.length, nowMs));
        ok(status === OK, "ferrite_request");
      }
      memory.set(request, io()[0]);
      let status = checked(exports.ferrite_run(at, 0, request.length, resp, nowMs));
      const pieces = [];
      for (;;) {
        const [, , data, bytes] = io();
        pieces.push(Buffer.from(memory.subarray(data, data + bytes)));
        if (status !== MORE) break;
        status = checked(exports.ferrite_more(at));
      }
      return Buffer.concat(pieces);
    },
  };
}
