/*
 * What a cache tells of itself: its last key events, its largest keys, and its figures for Prometheus.
 * While it is open: to be told of every key costs every call something.
 */
import { bytesText, countText, shortText } from "./text.js";

const REFRESH_MS = 1000;
const SHOWN = 8; // events, and keys
const KINDS = ["changed", "expired", "evicted"];

export class Inside {
  #details = document.getElementById("inside");
  #cache;
  #stop = null;
  #events = []; // the last ones
  #counts;
  #shownAt = 0;

  constructor() {
    this.#details.addEventListener("toggle", () => this.watch(this.#cache));
  }

  /** From now on it is of this cache. */
  watch(cache) {
    this.#cache = cache;
    this.#stop?.();
    this.#stop = this.#details.open ? cache.onChanges((changes) => this.#note(changes)) : null;
    this.#events = [];
    this.#clear();
    this.#shownAt = 0;
  }

  #clear() {
    this.#counts = { changed: 0, expired: 0, evicted: 0, lost: 0 };
  }

  #note({ all, changes }) {
    if (all) this.#counts.lost++;
    for (const { kind } of changes) this.#counts[kind]++;
    const told = changes.slice(-SHOWN).map(({ kind, key }) => `${kind.padEnd(8)} ${textOf(key)}`);
    this.#events = [...this.#events, ...(all ? ["all      (or too much to tell)"] : told)].slice(
      -SHOWN,
    );
  }

  /** In a frame: shows it, once a second. */
  show(now) {
    if (this.#stop === null || now - this.#shownAt < REFRESH_MS) return;
    const seconds = (now - this.#shownAt) / 1000;
    const rates = KINDS.map((kind) => `${shortText(this.#counts[kind] / seconds)} ${kind}`);
    if (this.#counts.lost > 0) rates.push("some lost");
    write("events", [this.#shownAt === 0 ? "" : `a second: ${rates.join(", ")}`, ...this.#events]);
    const { keys, sampled, top } = this.#cache.top({ count: SHOWN, samples: 200 });
    const rows = top.map(({ key, size }) => `${bytesText(size).padStart(8)} ${key}`);
    write("top", [`of ${countText(sampled)} of ${countText(keys)} keys`, ...rows]);
    write("metrics", this.#cache.metrics().split("\n"));
    this.#clear();
    this.#shownAt = now;
  }
}

const textOf = (key) => new TextDecoder().decode(key);

function write(id, lines) {
  document.getElementById(id).textContent = lines.join("\n");
}
