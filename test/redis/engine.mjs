// The smallest host of ferrite.wasm: what include/ferrite.h asks for, and nothing else.

import { readFileSync } from "node:fs";
import { recorded } from "../../glue/record.js";

export const STATUS = { OK: 0, MORE: 1, PROTOCOL: 6, LOST: 8 };
const IO = { request: 0, capacity: 1, data: 2, dataBytes: 3, consumed: 4, budget: 5 };

const STACK_END = 1104; // CALL_END of src/heap/heap.h
const PAGE_BYTES = 65536;
const STACK_SPARE_BYTES = 512;
const UNUSED = 0xa5;

export class Engine {
  /** @param {string} path of ferrite.wasm */
  static load(path) {
    return new WebAssembly.Module(readFileSync(path));
  }

  /** @param {Function} record as of glue/record.js: what is given pieces of a recording */
  constructor(module, budgetBytes, policy, seed, record) {
    const { exports } = new WebAssembly.Instance(module, {});
    this.wasm = record ? recorded(exports, record) : exports;
    this.stackSpare.fill(UNUSED);
    this.io = this.wasm.ferrite_io() >>> 0;
    this.init(budgetBytes, policy, seed);
    this.windowsAt = this.field(IO.request); // the first; behind it are the other and the heap
  }

  get stackSpare() {
    return new Uint8Array(this.wasm.memory.buffer, STACK_END, STACK_SPARE_BYTES);
  }

  /** Did a call come so near the end of its stack, which grows down? */
  get stackIsShort() {
    return this.stackSpare.some((b) => b !== UNUSED);
  }

  init(budgetBytes, policy, seed) {
    const status = this.wasm.ferrite_init(budgetBytes, policy, seed, seed + 1, seed + 2, seed + 3);
    if (status !== STATUS.OK) throw new Error(`ferrite_init: status ${status}`);
  }

  /** The same with all memory there may be filled with poison. */
  initPoisoned(budgetBytes, policy, seed, poison) {
    const { memory } = this.wasm;
    memory.grow(Math.floor((budgetBytes - memory.buffer.byteLength) / PAGE_BYTES));
    poison.fill(new Uint8Array(memory.buffer, this.windowsAt));
    this.init(budgetBytes, policy, seed);
  }

  /** A field of struct ferrite_io. */
  field(index) {
    return new DataView(this.wasm.memory.buffer).getUint32(this.io + 4 * index, true);
  }

  /** A copy of the reply, or piece of it, that the last call left. */
  data() {
    const at = this.field(IO.data);
    return Buffer.from(this.wasm.memory.buffer, at, this.field(IO.dataBytes)).toString("latin1");
  }

  /**
   * Executes the requests in `bytes`. `consumed` bytes are done with: the rest is the beginning
   * of a request, or, if `status` says PROTOCOL, nothing that could become one.
   */
  run(bytes, form, nowMs, offset = 0) {
    const need = bytes.length + offset;
    const capacity = this.field(IO.capacity);
    // A window much too large is handed back as well: the budget has better uses for it.
    if (need > capacity || (capacity > 65536 && need < capacity / 4)) {
      const status = this.wasm.ferrite_request(need, nowMs);
      if (status !== STATUS.OK) throw new Error(`ferrite_request(${need}): status ${status}`);
    }
    const window = new Uint8Array(this.wasm.memory.buffer, this.field(IO.request) + offset);
    window.set(bytes);
    let status = this.wasm.ferrite_run(offset, bytes.length, form, nowMs);
    let reply = this.data();
    while (status === STATUS.MORE) {
      status = this.wasm.ferrite_more();
      reply += this.data();
    }
    if (status !== STATUS.OK && status !== STATUS.PROTOCOL)
      throw new Error(`ferrite_run: status ${status}`);
    return { status, reply, consumed: this.field(IO.consumed) };
  }

  /** What has happened to keys since the last call, [{ change, key }]; null: anything. */
  changes() {
    const status = this.wasm.ferrite_changes(1);
    if (status === STATUS.LOST) return null;
    if (status !== STATUS.OK) throw new Error(`ferrite_changes: status ${status}`);
    const records = Buffer.from(this.data(), "latin1");
    const changes = [];
    for (let at = 0, end; at < records.length; at = end) {
      const head = records.readUInt32LE(at);
      end = at + 4 + (head >>> 8);
      changes.push({ change: head & 255, key: records.toString("latin1", at + 4, end) });
    }
    return changes;
  }
}
