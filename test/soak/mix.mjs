// What the soak asks: every command of the table, over keys some of which are asked for far more often
// than others, and values of all sizes. What is random comes from the Random given.

import { COMMANDS } from "../redis/grammar.mjs";
import { anyCase } from "../redis/arguments.mjs";

const KEYS = 200_000;
const KEY_SKEW = 0.9; // Zipf: the nth key is asked for in proportion to 1 / n ** KEY_SKEW
const MEDIAN_BYTES = 600;
const SPREAD = 1.7; // of the sizes' logarithm
const MOST_BYTES = 1 << 20;

/** What looks at all keys, or takes all away, comes that much more rarely. */
const RARELY = {
  KEYS: 2e-3,
  RANDOMKEY: 0.2,
  FLUSHALL: 2e-4,
  FLUSHDB: 2e-4,
  "CONFIG SET": 2e-3,
  "CONFIG RESETSTAT": 0.05,
  LCS: 0.02,
};

/** Of the table, what the grammar leaves to other tests. */
const OTHERS = [
  ({ hash, field, time }) => ["HPEXPIRE", hash, time, "FIELDS", "2", field, field],
  ({ hash, field }) => ["HEXPIRE", hash, "7", "NX", "FIELDS", "1", field],
  ({ hash, field }) => ["HEXPIREAT", hash, "1900000000", "FIELDS", "1", field],
  ({ hash, field }) => ["HPEXPIREAT", hash, "1900000000000", "GT", "FIELDS", "1", field],
  ({ hash, field }) => ["HPERSIST", hash, "FIELDS", "1", field],
  ({ hash, field }) => ["HTTL", hash, "FIELDS", "2", field, "f"],
  ({ hash, field }) => ["HPTTL", hash, "FIELDS", "1", field],
  ({ hash, field }) => ["HEXPIRETIME", hash, "FIELDS", "1", field],
  ({ hash, field }) => ["HPEXPIRETIME", hash, "FIELDS", "1", field],
  ({ key }) => ["CL.THROTTLE", `limit:${key}`, "9", "60", "60", "2"],
  ({ key }) => ["MEMORY", "USAGE", key],
  ({ key }) => ["MEMORY", "USAGE", key, "SAMPLES", "0"],
  () => ["MEMORY", "STATS"],
  () => ["MEMORY", "HELP"],
  ({ key }) => ["OBJECT", "FREQ", key],
  ({ key }) => ["OBJECT", "IDLETIME", key],
  ({ hash }) => ["OBJECT", "ENCODING", hash],
  ({ key }) => ["OBJECT", "REFCOUNT", key],
  () => ["OBJECT", "HELP"],
  () => ["INFO"],
  () => ["COMMAND"],
  () => ["COMMAND", "COUNT"],
  () => ["COMMAND", "DOCS"],
  () => ["COMMAND", "INFO", "get", "nosuch", "config|set"],
  () => ["COMMAND", "HELP"],
  () => ["CONFIG", "HELP"],
];

const WEIGHTED = COMMANDS.map((entry) => [entry.weight * (RARELY[entry.name] ?? 1), entry]);
const OTHERS_SHARE = 0.03;

export class Mix {
  constructor(random) {
    this.random = random;
    this.ranks = new Float64Array(KEYS); // how likely one of the keys up to here is
    for (let i = 0, sum = 0; i < KEYS; i++) this.ranks[i] = sum += (i + 1) ** -KEY_SKEW;
    this.first = random.shuffle([...COMMANDS, ...OTHERS]); // each of them once
  }

  /** A number of 32 bits is coarse for so many keys, so two make one. */
  fraction() {
    return (this.random.word() + this.random.word() / 2 ** 32) / 2 ** 32;
  }

  key() {
    const at = this.fraction() * this.ranks[KEYS - 1];
    let [low, high] = [0, KEYS - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ranks[middle] < at) low = middle + 1;
      else high = middle;
    }
    return `key:${low.toString(36)}`;
  }

  /** Lognormal: a bell curve of the logarithm (Box and Muller, 1958). */
  size() {
    const bell =
      Math.sqrt(-2 * Math.log(1 - this.fraction())) * Math.cos(6.283185307 * this.fraction());
    return Math.min(Math.round(MEDIAN_BYTES * Math.exp(SPREAD * bell)), MOST_BYTES);
  }

  /** A value of that many bytes that tells whose it is. */
  value(size, name) {
    const unit = `${name}=${this.random.word()};`;
    return unit.repeat(Math.ceil(size / unit.length)).slice(0, size);
  }

  pick() {
    const { random, first } = this;
    if (first.length > 0) return first.pop();
    return random.chance(OTHERS_SHARE) ? random.pick(OTHERS) : random.weighted(WEIGHTED);
  }

  /** Some commands that belong together; the last one is what it is about. */
  commands() {
    const { random } = this;
    const keys = Array.from({ length: 4 }, () => this.key());
    const entry = this.pick();
    if (typeof entry === "function") {
      const time = String(random.between(1, 20000));
      const context = { key: keys[0], hash: `hash:${keys[0]}`, field: `e${random.below(8)}`, time };
      return [entry(context)];
    }
    const context = { random, keys, uses: [] };
    const words = entry.words.map((text) => anyCase(random, text));
    const args = entry.args.flatMap((generator) => generator(context));
    const before = entry.before.flatMap((generator) => generator(context));
    return [...before.filter(([name]) => name !== "KEYS"), [...words, ...args]];
  }
}
