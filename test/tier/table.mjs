// What a writer has written and when it was acknowledged, for readers in other threads to judge by.
//
// The values of a key are versions, 1, 2, 3 ... A read is stale by the time from the acknowledgement of the
// first version after the one it got, to its beginning. A write that failed may have been done or not, or
// be done yet: that its version is read says nothing.

const KEPT = 4096; // versions of a key

/** Milliseconds, the same in all threads. */
export const now = () => Number(process.hrtime.bigint() / 1000n) / 1000;

export class Table {
  constructor(keys, shared) {
    this.keys = keys;
    this.shared = shared ?? {
      written: new Int32Array(new SharedArrayBuffer(4 * keys)), // the last version, acknowledged or not
      acked: new Float64Array(new SharedArrayBuffer(8 * keys * KEPT)), // 0: not, or not yet
      running: new Int32Array(new SharedArrayBuffer(4)),
      loads: new Int32Array(new SharedArrayBuffer(4)), // how often a loader ran
      ready: new Int32Array(new SharedArrayBuffer(4)), // isolates that have done with that
    };
  }

  get running() {
    return Atomics.load(this.shared.running, 0) === 0;
  }

  end() {
    Atomics.store(this.shared.running, 0, 1);
  }

  begin(key) {
    const version = this.shared.written[key] + 1;
    this.shared.acked[this.#place(key, version)] = 0;
    Atomics.store(this.shared.written, key, version);
    return version;
  }

  ack(key, version) {
    this.shared.acked[this.#place(key, version)] = now();
  }

  /** Milliseconds by which `version`, read from `began` on, was stale; undefined if nobody can tell. */
  staleness(key, version, began) {
    const written = Atomics.load(this.shared.written, key);
    if (version <= written - KEPT) return Infinity;
    if (version > 0 && this.shared.acked[this.#place(key, version)] === 0) return undefined;
    for (let next = version + 1; next <= written; next++) {
      const acked = this.shared.acked[this.#place(key, next)];
      if (acked > 0) return Math.max(0, began - acked);
    }
    return 0;
  }

  /** The last version that was acknowledged, or 0. */
  lastAcked(key) {
    const written = Atomics.load(this.shared.written, key);
    for (let version = written; version > Math.max(0, written - KEPT); version--) {
      if (this.shared.acked[this.#place(key, version)] > 0) return version;
    }
    return 0;
  }

  #place(key, version) {
    return key * KEPT + (version % KEPT);
  }
}
