// Makes the calls of a recording again, with the module, and compares what is answered. glue/record.js
// says what is in a recording; replay.c does the same natively, and prints the same lines. It runs in
// any engine that has Node's fs.
//
//     node test/replay/replay.mjs FILE [calls between points] [ferrite.wasm]
//
// The hash of the arena is of all its bytes from the windows to the end of memory, free blocks too.
// (In front of the windows lies the state, which natively has larger pointers in it.)

import { readFileSync } from "node:fs";
import { CALLS, hashBytes } from "../../glue/record.js";

const LEAST_BYTES = 262144;
const SAME_TIME = 0x80;
const MOST_SHOWN = 5;

const [path, every = "10000", modulePath = new URL("../../build/ferrite.wasm", import.meta.url)] =
  process.argv.slice(2);
const module = new WebAssembly.Module(readFileSync(modulePath));
const hex = (hash) => hash.toString(16).padStart(8, "0");

// --- the recording -------------------------------------------------------------------------------

const file = readFileSync(path);
let at = 0;

function take(length) {
  if (file.length - at < length) throw new Error("the recording is damaged");
  at += length;
  return file.subarray(at - length, at);
}

function takeNumber() {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const [byte] = take(1);
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
}

if (take(8).toString("latin1") !== "FERRITE1") throw new Error("it is no recording");

// --- the cache -----------------------------------------------------------------------------------

let wasm;
let windowsAt;
let reserved = 0;

const word = (index) => new Uint32Array(wasm.memory.buffer, wasm.ferrite_io() >>> 0, 6)[index];
const data = () => new Uint8Array(wasm.memory.buffer, word(2), word(3));
const hashArena = () => hashBytes(new Uint8Array(wasm.memory.buffer, windowsAt));

/** A new module that has unpacked itself, with nothing left of that. */
function renew() {
  wasm = new WebAssembly.Instance(module).exports;
  wasm.ferrite_init(LEAST_BYTES, 0, 0, 0, 0, 0);
  windowsAt = word(0); // of the request, the first
  new Uint8Array(wasm.memory.buffer, windowsAt).fill(0);
}

// --- replaying -----------------------------------------------------------------------------------

let time;
let others = 0; // answers that are not those of the recording

/** An answer as it is told, and as it is compared. */
const answer = (status, length, hash) => `status ${status}, ${length} bytes, hash ${hex(hash)}`;

function takeAnswer(call) {
  const [status] = take(1);
  if (!call.data?.includes(status)) return answer(status, 0, 0);
  const length = takeNumber();
  return answer(status, length, take(4).readUInt32LE());
}

function replayCall(number) {
  const [mark] = take(1);
  const call = CALLS[mark & ~SAME_TIME];
  const args = Array.from(call.args, (kind) => {
    if (kind === "u") return takeNumber();
    if (kind === "f") return take(8).readDoubleLE();
    if (!(mark & SAME_TIME)) time = take(8).readDoubleLE();
    return time;
  });
  if (call.name === "init") renew();
  const bytes = take(takeNumber());
  const offset = call.name === "run" && bytes.length ? args[0] : 0;
  const place = call.name === "commit" ? reserved : word(0) + offset;
  new Uint8Array(wasm.memory.buffer).set(bytes, bytes.length ? place : 0);
  const status = wasm[`ferrite_${call.name}`](...args);
  if (call.name === "reserve") reserved = word(2);
  const hasData = call.data?.includes(status);
  const given = hasData ? answer(status, word(3), hashBytes(data())) : answer(status, 0, 0);
  const name = `call ${number} (${call.name})`;
  if (at === file.length) {
    console.log(`${name} is the last, not answered in the recording: ${given}`);
    return;
  }
  const recorded = takeAnswer(call);
  if (given !== recorded && others++ < MOST_SHOWN)
    console.log(`${name}: ${given}; recorded: ${recorded}`);
}

function hashInfo() {
  new Uint8Array(wasm.memory.buffer, word(0)).set(Buffer.from("INFO\r\n"));
  return wasm.ferrite_run(0, 6, 2, time) === 0 ? hashBytes(data()) : 0;
}

let number = 0;
while (at < file.length) {
  replayCall(++number);
  if (number % Number(every) === 0)
    console.log(
      `at call ${number}: ${wasm.memory.buffer.byteLength} bytes, arena ${hex(hashArena())}`,
    );
}
const { byteLength } = wasm.memory.buffer;
const arena = hex(hashArena());
console.log(
  `${number} calls, ${others} answered otherwise; ${byteLength} bytes, arena ${arena}, INFO ${hex(hashInfo())}`,
);
process.exitCode = others ? 1 : 0;
