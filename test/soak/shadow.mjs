// A copy of a sample of keys: what they were given last is what they have, or nothing, once they have
// been evicted or have expired. Nothing else touches these keys but what touches all.
//
// Each step looks at a key first, then changes it, then reads all of it, in one request. The key may
// have been evicted before that, or while room was made for the change; what is read must follow from
// what was there, or from nothing, or be nothing.

import { encodeArray, quote } from "../redis/resp.mjs";

const KEYS = 3000;
const ITEMS = 40;
const ABSENT = null;

/** Of each type: an empty one, how to read it, and what a reply to that makes. */
const TYPES = {
  string: {
    read: (key) => ["GET", key],
    load: ({ value }) => value,
    text: (data) => data,
    isEmpty: () => false,
  },
  hash: {
    read: (key) => ["HGETALL", key],
    load: ({ value }) => new Map(pairs(value)),
    text: (data) => [...data].sort(byName).join("\n"),
    isEmpty: (data) => data.size === 0,
  },
  list: {
    read: (key) => ["LRANGE", key, "0", "-1"],
    load: ({ value }) => value.map((item) => item.value),
    text: (data) => data.join("\n"),
    isEmpty: (data) => data.length === 0,
  },
  set: {
    read: (key) => ["SMEMBERS", key],
    load: ({ value }) => new Set(value.map((item) => item.value)),
    text: (data) => [...data].sort().join("\n"),
    isEmpty: (data) => data.size === 0,
  },
  zset: {
    read: (key) => ["ZRANGE", key, "0", "-1", "WITHSCORES"],
    load: ({ value }) => new Map(pairs(value)),
    text: (data) => [...data].sort(byName).join("\n"),
    isEmpty: (data) => data.size === 0,
  },
};
const NAMES = Object.keys(TYPES);

const byName = ([a], [b]) => (a < b ? -1 : 1);

function pairs(items) {
  return Array.from({ length: items.length / 2 }, (_, i) => [
    items[2 * i].value,
    items[2 * i + 1].value,
  ]);
}

/**
 * A change: the command, and what it makes of the data (undefined: there are none), or of the data
 * and when they expire. It does not change what it is given.
 */
const CHANGES = {
  string: {
    set: (key, { value }) => [["SET", key, value], () => ({ data: value, expiresAt: 0 })],
    expiring: (key, { value, ms, now }) => [
      ["SET", key, value, "PX", String(ms)],
      () => ({ data: value, expiresAt: now + ms }),
    ],
    keeping: (key, { value }) => [
      ["SET", key, value, "KEEPTTL"],
      (old) => ({ data: value, expiresAt: old?.expiresAt ?? 0 }),
    ],
    append: (key, { value }) => [
      ["APPEND", key, value],
      (old) => with_(old, (old?.data ?? "") + value),
    ],
    setrange: (key, { value, number }) => [
      ["SETRANGE", key, String(number), value],
      (old) => (value || old ? with_(old, overwritten(old?.data ?? "", number, value)) : ABSENT),
    ],
  },
  hash: {
    hset: (key, { items, value }) => [
      ["HSET", key, ...items.flatMap((item) => [item, value])],
      (old) => with_(old, new Map([...(old?.data ?? []), ...items.map((item) => [item, value])])),
    ],
    hdel: (key, { items }) => [["HDEL", key, ...items], (old) => without(old, items)],
  },
  list: {
    rpush: (key, { items }) => [
      ["RPUSH", key, ...items],
      (old) => with_(old, [...(old?.data ?? []), ...items]),
    ],
    lpush: (key, { items }) => [
      ["LPUSH", key, ...items],
      (old) => with_(old, [...[...items].reverse(), ...(old?.data ?? [])]),
    ],
    lpop: (key, { number }) => [
      ["LPOP", key, String(number)],
      (old) => old && with_(old, old.data.slice(number)),
    ],
    ltrim: (key, { number }) => [
      ["LTRIM", key, String(-number - 1), "-1"],
      (old) => old && with_(old, old.data.slice(-number - 1)),
    ],
  },
  set: {
    sadd: (key, { items }) => [
      ["SADD", key, ...items],
      (old) => with_(old, new Set([...(old?.data ?? []), ...items])),
    ],
    srem: (key, { items }) => [["SREM", key, ...items], (old) => without(old, items)],
  },
  zset: {
    zadd: (key, { items, number }) => [
      ["ZADD", key, ...items.flatMap((item) => [String(number), item])],
      (old) =>
        with_(old, new Map([...(old?.data ?? []), ...items.map((item) => [item, String(number)])])),
    ],
    zrem: (key, { items }) => [["ZREM", key, ...items], (old) => without(old, items)],
  },
};

/** For keys of any type. */
const COMMON = {
  read: (key) => [["EXISTS", key], (old) => old],
  expire: (key, { ms, now }) => [
    ["PEXPIRE", key, String(ms)],
    (old) => old && { ...old, expiresAt: now + ms },
  ],
  persist: (key) => [["PERSIST", key], (old) => old && { ...old, expiresAt: 0 }],
  del: (key) => [["DEL", key], () => ABSENT],
};

const with_ = (old, data) => ({ data, expiresAt: old?.expiresAt ?? 0 });

function without(old, items) {
  if (!old) return ABSENT;
  const data = new old.data.constructor(old.data);
  for (const item of items) data.delete(item);
  return { ...old, data };
}

function overwritten(text, at, more) {
  if (more === "") return text;
  return text.slice(0, at).padEnd(at, "\0") + more + text.slice(at + more.length);
}

export class Shadow {
  constructor(random, mix) {
    this.random = random;
    this.mix = mix;
    this.states = Array(KEYS).fill(ABSENT);
  }

  /** Everything has been taken away. */
  clear() {
    this.states.fill(ABSENT);
  }

  /** One step, at that time; `ask` takes a request and gives its replies. Throws if they are wrong. */
  step(ask, now) {
    const { random } = this;
    const id = random.below(random.chance(0.5) ? 100 : KEYS);
    const name = NAMES[id % NAMES.length];
    const type = TYPES[name];
    const key = `shadow:${name}:${id}`;
    const choices = { ...CHANGES[name], ...(random.chance(0.35) ? COMMON : {}) };
    const [command, change] = random.pick(Object.values(choices))(key, this.arguments(name, now));
    const look = ["PEXPIRETIME", key];
    const steps = [look, command, look, type.read(key)];
    const replies = ask(steps.map(encodeArray).join(""));
    if (!replies) return; // there was no memory for the request
    const [before, changed, after, read] = replies;
    const wrong = (why) => {
      const words = command.map((word) => quote(word, 60)).join(" ");
      const answers = replies.map(({ raw }) => quote(raw)).join(", ");
      return new Error(`${words}, at ${now}: ${why}; replies ${answers}`);
    };

    let old = this.states[id];
    if (old?.expiresAt && old.expiresAt <= now) old = ABSENT;
    if (before.value === "-2") old = ABSENT;
    else if (!old) throw wrong("the key should be gone");
    else if (Number(before.value) !== (old.expiresAt || -1)) throw wrong("another expiry");

    const isRefused = changed.type === "-";
    if (isRefused && !changed.value.startsWith("OOM ")) throw wrong("refused");
    const makes = isRefused ? (state) => state : change;
    const seen =
      after.value === "-2"
        ? ABSENT
        : { data: type.load(read), expiresAt: Math.max(Number(after.value), 0) };
    const possible = [makes(old), makes(ABSENT), ABSENT].map((state) =>
      state && (type.isEmpty(state.data) || (state.expiresAt && state.expiresAt <= now))
        ? ABSENT
        : state,
    );
    const text = (state) => state && `${state.expiresAt}\n${type.text(state.data)}`;
    const seenText = text(seen);
    const state = possible.find((state) => text(state) === seenText);
    if (state === undefined) throw wrong(`it holds what it was not given`);
    this.states[id] = state;
  }

  arguments(name, now) {
    const { random, mix } = this;
    const size = name === "string" && random.chance(0.3) ? mix.size() : random.below(100);
    const count = random.chance(0.1) ? random.between(20, 200) : random.between(1, 5);
    return {
      now,
      value: mix.value(size, name),
      items: Array.from(
        { length: count },
        () => `item:${random.below(ITEMS * (count > 5 ? 50 : 1))}`,
      ),
      number: random.below(300),
      ms: random.pick([1, 50, 1000, 20000, 10_000_000]) + random.below(100),
    };
  }
}
