// The module's boundary, as a hostile or a mistaken host meets it: whatever the arguments of whatever
// call, in whatever order, and whatever becomes of the request window meanwhile, the answer is a
// status. No call traps, memory never grows beyond the budget, and what was refused has changed
// nothing: all keys are read before and after.
//
//     node test/module/boundary.mjs build/ferrite.wasm [--seed S] [--rounds N]

import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { parseArgs } from "node:util";
import { Engine } from "../redis/engine.mjs";
import { FACTS } from "../redis/grammar.mjs";
import { MALFORMED } from "../redis/protocol.mjs";
import { Random } from "../redis/random.mjs";
import { encodeArray, parseReplies } from "../redis/resp.mjs";

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string" }, rounds: { type: "string", default: "8000" } },
});
const seed = Number(given.seed ?? Math.floor(Math.random() * 1e9));
const module = Engine.load(positionals[0]);

const [OK, MORE, ABSENT, , NO_MEMORY, TOO_LARGE, PROTOCOL, BAD_ARGUMENT, LOST] = Array(9).keys();
const LEAST_BYTES = 262144;
const MOST_BYTES = 4294901760;
const BUDGET_BYTES = 1 << 20;
const NOW_MS = 1.8e12;

// --- a module under test -------------------------------------------------------------------------

/** A cache whose every call is watched. */
class Host extends Engine {
  constructor(budget = BUDGET_BYTES, policy = 0) {
    super(module, budget, policy, 1);
    this.budget = budget;
  }

  /** A module that has not been told to begin. */
  static unmade() {
    const host = Object.create(Host.prototype);
    host.wasm = new WebAssembly.Instance(module).exports;
    host.io = host.wasm.ferrite_io() >>> 0;
    host.budget = 0;
    return host;
  }

  /** The status of ferrite_`name`. An argument that is no number at all never arrives. */
  call(name, ...args) {
    let status;
    try {
      status = this.wasm[`ferrite_${name}`](...args);
    } catch (error) {
      if (error instanceof TypeError) return BAD_ARGUMENT; // a BigInt or Symbol: JavaScript's own refusal
      throw new Error(`${name}(${args.map(String)}): ${error}`);
    }
    const used = this.wasm.memory.buffer.byteLength;
    ok(used <= Math.max(this.budget, 65536), `${name}(${args.map(String)}): ${used} bytes`);
    ok(status >= OK && status <= LOST, `${name}(${args.map(String)}) answered ${status}`);
    return status;
  }

  get window() {
    return new Uint8Array(this.wasm.memory.buffer, this.field(0), this.field(1));
  }

  write(text, at = 0) {
    this.window.set(Buffer.from(text, "latin1"), at);
    return text.length;
  }

  /** The reply to a command, with its raw bytes. */
  ask(...command) {
    const request = Buffer.from(encodeArray(command), "latin1");
    return parseReplies(this.run(request, 2, NOW_MS).reply)[0];
  }

  /** All keys and everything that can be asked of them. Needs no larger window than there is. */
  keyspace() {
    const keys = this.ask("KEYS", "*").value.map(({ value }) => value);
    const facts = (key) => FACTS.map((fact) => this.ask(...fact.ask(key)).raw).join("");
    return keys
      .sort()
      .map((key) => encodeArray([key]) + facts(key))
      .join("");
  }

  /** A key of every kind, packed and large, with and without an expiry. */
  fill() {
    const many = Array.from({ length: 300 }, (_, i) => `item:${i}`);
    const commands = [
      ["SET", "string", "value"],
      ["SET", "number", "41", "PX", "100000000"],
      ["SET", "long", "x".repeat(9000)],
      ["RPUSH", "list", "a", "b", "c"],
      ...[..."lmnop"].map((letter) => ["SET", `long ${letter.repeat(900)}`, ""]),
      ["RPUSH", "long list", ...many],
      ["RPUSH", "list of one", ...Array(900).fill("one")],
      ["SADD", "set", "a", "b"],
      ["SADD", "large set", ...many],
      ["ZADD", "scores", "1", "a", "2", "b"],
      ["ZADD", "many scores", ...many.flatMap((member, i) => [String(i), member])],
      ["HSET", "hash", "f", "v"],
      ["HSET", "large hash", ...many.flatMap((field) => [field, field])],
      ["HPEXPIRE", "large hash", "100000000", "FIELDS", "1", "item:7"],
    ];
    for (const command of commands) this.ask(...command);
    this.call("request", 0, NOW_MS); // the usual window again
    return this;
  }
}

/** Does what `change` says, which must leave the keyspace as it is; returns what it answered. */
function unchanged(host, change) {
  const before = host.keyspace();
  const answer = change();
  ok(host.keyspace() === before, "the keyspace has changed");
  return answer;
}

// --- arguments -----------------------------------------------------------------------------------

const LENGTHS = [
  ...[0, 1, 2, 7, 8, 100, 2047, 2048, 2049, 4095, 4096, 65535, 65536, 65537, BUDGET_BYTES],
  ...[BUDGET_BYTES + 1, 2 ** 24, 2 ** 29, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, MOST_BYTES],
  ...[2 ** 32 - 8, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 5, 2 ** 53, -1, -8, -0, 0.5],
  ...[NaN, Infinity, -Infinity],
];
const KEY_LENGTHS = LENGTHS.filter((length) => length >>> 0 < 1000 || length >>> 0 > BUDGET_BYTES);
const TIMES = [
  ...[NOW_MS, NOW_MS, NOW_MS, 0, -0, 1, 0.5, NOW_MS + 0.999, 2 ** 53 - 1, 2 ** 52, 5e-324],
  ...[-5e-324, -1, -NOW_MS, 2 ** 53, 2 ** 63, 1e300, NaN, Infinity, -Infinity],
];
const SMALL_NUMBERS = [0, 1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 255, 2 ** 31, 2 ** 32 - 1, -1, NaN, 2.9];
const NO_NUMBERS = [undefined, null, "", "7", "x", {}, [], [5], true, 1n, Symbol.iterator, () => 5];

/** What each parameter is, by name. */
const PARAMETERS = {
  request: [LENGTHS, TIMES],
  run: [LENGTHS, LENGTHS, SMALL_NUMBERS, TIMES],
  more: [],
  get: [KEY_LENGTHS, TIMES],
  set: [KEY_LENGTHS, LENGTHS, SMALL_NUMBERS, TIMES, TIMES],
  reserve: [KEY_LENGTHS, LENGTHS, SMALL_NUMBERS, TIMES, TIMES],
  commit: [TIMES],
  tick: [TIMES],
  changes: [SMALL_NUMBERS],
};
const NAMES = Object.keys(PARAMETERS);

const isTime = (time) => typeof time === "number" && time >= 0 && time < 2 ** 53;

/** What no call would refuse. */
const GOOD = {
  request: [3000, NOW_MS],
  run: [0, 2048, 2, NOW_MS],
  get: [6, NOW_MS],
  set: [6, 100, 0, 0, NOW_MS],
  reserve: [6, 100, 0, 0, NOW_MS],
  commit: [NOW_MS],
  tick: [NOW_MS],
  more: [],
  changes: [1],
};

function absurd(random, name) {
  if (random.chance(0.3)) return GOOD[name];
  const args = PARAMETERS[name].map((choices) =>
    random.pick(random.chance(0.04) ? NO_NUMBERS : choices),
  );
  if (random.chance(0.02)) args.pop();
  if (random.chance(0.02)) args.push(random.pick(LENGTHS));
  return args;
}

// --- requests ------------------------------------------------------------------------------------

const list = (text) => text.split(" ");
const WORDS = [...list("string number list x -1 0"), "large set", "many scores", "large hash"];

/** What a host may have left in the window: requests, beginnings of requests, anything. */
function request(random) {
  const some = (most) => Array.from({ length: random.between(1, most) }, () => random.pick(WORDS));
  return random.weighted([
    [4, () => encodeArray([random.pick(READS), ...some(3)])],
    [2, () => encodeArray([random.pick(STREAMED), "long", ...some(40)])],
    [2, () => encodeArray([random.pick(WRITES), ...some(4)])],
    [1, () => encodeArray(some(12)).slice(0, random.between(1, 60))],
    [1, () => `${some(12).join(" ")}\r\n`],
    [1, () => random.pick(MALFORMED).slice(0, 2000)],
    [1, () => random.bytes(random.between(1, 2000))],
    [1, () => random.pick(["*", "$", "\r", "\n", '"', " ", "1", "\xff", "\0"]).repeat(2000)],
  ])();
}
const READS = list("GET STRLEN SCARD LLEN TYPE TTL NOSUCH ECHO KEYS DBSIZE");
const STREAMED = list("MGET HMGET ZMSCORE SMISMEMBER EXISTS SINTER GEOPOS");
const WRITES = list("SET DEL APPEND SADD RPUSH MSET EXPIRE LPOP SPOP RENAME");

/** Commands whose replies leave in pieces, reading their request, or what it named, again and again. */
const LONG_REPLIES = [
  ["ECHO", "e".repeat(20000)],
  ["GET", "long"],
  ["KEYS", "*[l-p]*"],
  ["KEYS", "*"],
  ["MGET", ..."1234567".repeat(2), ...Array(30).fill("long")],
  ["HMGET", "large hash", ...Array.from({ length: 300 }, (_, i) => `item:${i}`)],
  ["ZMSCORE", "many scores", ...Array.from({ length: 900 }, (_, i) => `item:${i}`)],
  ["SMISMEMBER", "large set", ...Array.from({ length: 1500 }, (_, i) => `item:${i}`)],
  ["LPOS", "list of one", "one", "COUNT", "0"],
  ["LRANGE", "long list", "0", "-1"],
  ["SMEMBERS", "large set"],
  ["SUNION", "large set", "set", "nosuch"],
  ["SINTER", "large set", "large set"],
  ["ZRANGE", "many scores", "0", "-1", "WITHSCORES"],
  ["HGETALL", "large hash"],
  ["HSCAN", "large hash", "0", "MATCH", "*item*", "COUNT", "1000"],
  ["SSCAN", "large set", "0", "MATCH", "*item*", "COUNT", "1000"],
  ["HRANDFIELD", "large hash", "-900", "WITHVALUES"],
  [
    "SORT",
    "many scores",
    "ALPHA",
    "GET",
    "#",
    "GET",
    "*:suffix",
    "GET",
    "*",
    "GET",
    "#",
    "GET",
    "#",
  ],
  ["BITFIELD_RO", "long", ...Array(900).fill(["GET", "u32", "#9"]).flat()],
  ["BITFIELD", "long", ...Array(900).fill(["INCRBY", "u32", "#9", "0"]).flat()],
  ["HPEXPIRE", "large hash", "100000000", "FIELDS", "900", ...Array(900).fill("nosuch")],
  ["COMMAND", "DOCS"],
  ["COMMAND", "INFO", ...Array(60).fill("get")],
];

/** How a pending request may be written over. */
const SCRIBBLES = [
  (random, window) => window.fill(random.pick([0, 32, 34, 48, 57, 255])),
  (random, window) => window.set(Buffer.from(request(random), "latin1").subarray(0, window.length)),
  (random, window) =>
    random.bytes(200) && (window[random.below(window.length)] ^= 1 << random.below(8)),
  (random, window) => window.set(window.slice(random.between(1, 20))),
  (random, window) => {
    const text = encodeArray(["BITFIELD", "long", ..."123456", "SET", "u32", "#99999999", "7"]);
    window.set(Buffer.from(text.repeat(20), "latin1").subarray(0, window.length));
  },
  (random, window) => {
    for (let at = 0; at < window.length; at++) if (window[at] === 42) window[at] = 120;
  },
];

// --- the checks ----------------------------------------------------------------------------------

/** Every call but init, with arguments that would be good, answers that it is out of order. */
function expectNothingServed(host) {
  const random = new Random(seed);
  for (const name of NAMES) {
    equal(host.call(name, ...GOOD[name]), BAD_ARGUMENT, name);
    for (let i = 0; i < 50; i++)
      equal(host.call(name, ...absurd(random, name)), BAD_ARGUMENT, name);
  }
}

const BAD_INITS = [
  [[NaN, 0], BAD_ARGUMENT, 0],
  [[-1, 0], BAD_ARGUMENT, 0],
  [[-Infinity, 0], BAD_ARGUMENT, 0],
  [[BUDGET_BYTES, 12], BAD_ARGUMENT, 0],
  [[BUDGET_BYTES, -1], BAD_ARGUMENT, 0],
  [[BUDGET_BYTES, 2 ** 31], BAD_ARGUMENT, 0],
  [[undefined, undefined], BAD_ARGUMENT, 0],
  [[0, 0], NO_MEMORY, LEAST_BYTES],
  [[-0, 0], NO_MEMORY, LEAST_BYTES],
  [[5e-324, 0], NO_MEMORY, LEAST_BYTES],
  [[LEAST_BYTES - 1, 0], NO_MEMORY, LEAST_BYTES],
  [[MOST_BYTES + 1, 0], TOO_LARGE, MOST_BYTES],
  [[2 ** 32, 0], TOO_LARGE, MOST_BYTES],
  [[2 ** 53, 0], TOO_LARGE, MOST_BYTES],
  [[Infinity, 0], TOO_LARGE, MOST_BYTES],
];

/** With which statuses a call may have changed the keyspace. */
const MAY_CHANGE = {
  run: [OK, MORE, PROTOCOL],
  more: [OK, MORE, PROTOCOL],
  set: [OK],
  commit: [OK],
};

/** What may come between a reservation and its commit, and gives it up. */
const BETWEEN = [
  (host) => host.call("get", host.write("string"), NOW_MS),
  (host) => host.call("get", host.write("nosuch"), NOW_MS),
  (host) => host.call("set", host.write("other"), 0, 0, 0, NOW_MS),
  (host) => host.call("run", 0, host.write("PING\r\n"), 2, NOW_MS),
  (host) => host.call("run", 0, 0, 2, NOW_MS),
  (host) => host.call("request", 10, NOW_MS),
  (host) => host.call("request", 100000, NOW_MS),
  (host) => host.call("tick", NOW_MS),
  (host) => host.call("changes", 1),
];

const checks = {
  "before an init nothing is served, whatever is passed"() {
    expectNothingServed(Host.unmade());
  },
  "an init out of range is refused, with the nearest budget that works; then nothing is served"() {
    for (const [args, status, nearest] of BAD_INITS) {
      for (const host of [Host.unmade(), new Host().fill()]) {
        equal(host.call("init", ...args, 1, 2, 3, 4), status, `init(${args})`);
        equal(host.field(5), nearest, `init(${args})`);
        expectNothingServed(host);
        host.budget = BUDGET_BYTES;
        equal(host.call("init", BUDGET_BYTES, 0, 1, 2, 3, 4), OK);
        equal(host.keyspace(), "");
      }
    }
  },
  "an init below what memory has grown to is refused, and says so"() {
    const host = new Host(4 << 20).fill();
    for (let i = 0; i < 3000; i++) host.ask("SET", `key:${i}`, "x".repeat(900));
    const { byteLength } = host.wasm.memory.buffer;
    equal(host.call("init", byteLength - 65536, 0, 1, 2, 3, 4), NO_MEMORY);
    equal(host.field(5), byteLength);
    equal(host.call("init", byteLength, 0, 1, 2, 3, 4), OK);
    equal(host.wasm.memory.buffer.byteLength, byteLength);
  },
  "lengths and offsets beyond the window, and sums that wrap, are refused"() {
    const host = new Host().fill();
    const capacity = host.field(1);
    const sums = [
      ...[
        [0, capacity + 1],
        [capacity + 1, 0],
        [capacity, 1],
        [1, capacity],
        [8, 2 ** 32 - 8],
      ],
      ...[
        [8, 2 ** 32 - 1],
        [2 ** 32 - 1, 1],
        [2 ** 32 - 1, 2 ** 32 - 1],
        [2 ** 31, 2 ** 31],
      ],
      ...[
        [capacity, 2 ** 32 - capacity],
        [-1, 1],
        [-1, 2],
        [2 ** 32 - 8, 16],
      ],
    ];
    unchanged(host, () => {
      host.write("FLUSHALL\r\n".repeat(20));
      for (const [first, second] of sums) {
        equal(host.call("run", first, second, 2, NOW_MS), BAD_ARGUMENT, `run(${first}, ${second})`);
        equal(
          host.call("set", first, second, 0, 0, NOW_MS),
          BAD_ARGUMENT,
          `set(${first}, ${second})`,
        );
      }
      for (const length of LENGTHS.filter((length) => length >>> 0 > capacity)) {
        equal(host.call("get", length, NOW_MS), BAD_ARGUMENT, `get(${length})`);
        equal(host.call("reserve", length, 1, 0, 0, NOW_MS), BAD_ARGUMENT, `reserve(${length})`);
      }
    });
  },
  "the window itself may be used to its last byte"() {
    const host = new Host();
    const capacity = host.field(1);
    host.window.fill(97);
    equal(host.call("set", capacity, 0, 0, 0, NOW_MS), OK);
    equal(host.call("set", 0, capacity, 0, 0, NOW_MS), OK);
    equal(host.call("get", capacity, NOW_MS), OK);
    equal(host.call("get", 0, NOW_MS), OK);
    equal(host.field(3), capacity);
    equal(host.call("run", capacity, 0, 2, NOW_MS), OK);
    host.write("\r\nPING\r\n", capacity - 8);
    equal(host.call("run", capacity - 6, 6, 2, NOW_MS), OK);
    equal(host.data(), "+PONG\r\n");
  },
  "what could never fit is too large, and nothing is evicted for it"() {
    const host = new Host(BUDGET_BYTES, 1).fill();
    unchanged(host, () => {
      for (const length of LENGTHS.filter((length) => length >>> 0 >= BUDGET_BYTES)) {
        host.write("string");
        equal(host.call("reserve", 6, length, 0, 0, NOW_MS), TOO_LARGE, `reserve(6, ${length})`);
        equal(host.call("request", length, NOW_MS), TOO_LARGE, `request(${length})`);
      }
    });
  },
  "a time that is none is refused by every call that takes one"() {
    const host = new Host().fill();
    host.write("string");
    unchanged(host, () => {
      for (const time of TIMES.filter((time) => !isTime(time))) {
        equal(host.call("get", 6, time), BAD_ARGUMENT, `${time}`);
        equal(host.call("set", 6, 1, 0, 0, time), BAD_ARGUMENT, `${time}`);
        equal(host.call("set", 6, 1, 0, time, NOW_MS), BAD_ARGUMENT, `expiry ${time}`);
        equal(host.call("set", 6, 1, 8, time, NOW_MS), BAD_ARGUMENT, `expiry at ${time}`);
        equal(host.call("reserve", 6, 1, 0, 0, time), BAD_ARGUMENT, `${time}`);
        equal(host.call("reserve", 6, 1, 0, time, NOW_MS), BAD_ARGUMENT, `expiry ${time}`);
        equal(host.call("commit", time), BAD_ARGUMENT, `${time}`);
        equal(host.call("run", 0, 6, 2, time), BAD_ARGUMENT, `${time}`);
        equal(host.call("request", 1, time), BAD_ARGUMENT, `${time}`);
        equal(host.call("tick", time), BAD_ARGUMENT, `${time}`);
      }
    });
  },
  "every other time is one: the first, the last, fractions, in any order"() {
    const host = new Host();
    for (const time of [...TIMES, ...[...TIMES].reverse()].filter(isTime)) {
      host.write("keyvalue");
      equal(host.call("set", 3, 5, 0, 0, time), OK, `${time}`);
      equal(host.call("set", 3, 5, 0, 2 ** 53 - 1, time), OK, `${time}`);
      equal(host.call("get", 3, time), OK, `${time}`);
      equal(host.call("tick", time) <= MORE, true, `${time}`);
      equal(host.call("run", 0, host.write("PTTL key\r\n"), 2, time), OK, `${time}`);
    }
  },
  "flags, policies and forms there are none of are refused"() {
    const host = new Host().fill();
    unchanged(host, () => {
      for (const number of SMALL_NUMBERS) {
        const flags = number >>> 0;
        host.write("string");
        if (flags > 15) equal(host.call("set", 6, 1, number, 0, NOW_MS), BAD_ARGUMENT);
        if (flags > 15) equal(host.call("reserve", 6, 1, number, 0, NOW_MS), BAD_ARGUMENT);
        if (flags & 4) equal(host.call("set", 6, 1, number, 5, NOW_MS), BAD_ARGUMENT);
        if (flags !== 2 && flags !== 3) equal(host.call("run", 0, 6, number, NOW_MS), BAD_ARGUMENT);
      }
    });
  },
  "more, without a reply that goes on, is out of order"() {
    const host = new Host().fill();
    unchanged(host, () => {
      equal(host.call("more"), BAD_ARGUMENT);
      for (const between of BETWEEN.slice(0, 2).concat(BETWEEN.slice(3))) {
        equal(host.call("run", 0, host.write("GET long\r\n"), 2, NOW_MS), MORE);
        between(host);
        equal(host.call("more"), BAD_ARGUMENT, String(between));
      }
      let status = host.call("run", 0, host.write("GET long\r\n"), 2, NOW_MS);
      while (status === MORE) status = host.call("more");
      equal(status, OK);
      equal(host.call("more"), BAD_ARGUMENT);
      equal(host.call("more"), BAD_ARGUMENT);
    });
  },
  "a request written over by the next is answered no more, the next is"() {
    for (const command of LONG_REPLIES) {
      const host = new Host().fill();
      const text = encodeArray(command);
      unchanged(host, () => {
        host.call("request", text.length, NOW_MS);
        equal(host.call("run", 0, host.write(text), 2, NOW_MS), MORE, command[0]);
        equal(host.call("run", 0, host.write("ECHO next\r\n"), 2, NOW_MS), OK);
        equal(host.data(), "$4\r\nnext\r\n");
      });
    }
  },
  "what was written behind a command that goes on is taken for what follows it"() {
    const host = new Host().fill();
    const first = host.write("GET long\r\n");
    equal(host.call("run", 0, first + host.write("FLUSHALL\r\n", first), 2, NOW_MS), MORE);
    host.write("ECHO not\r\n", first);
    let status = MORE;
    while (status === MORE) status = host.call("more");
    equal(status, OK);
    ok(host.data().endsWith("$3\r\nnot\r\n"));
    equal(host.ask("STRLEN", "long").value, "9000");
  },
  "a request written over while its reply goes on is given up, whatever it was"() {
    const random = new Random(seed, 1);
    let refused = 0;
    for (const command of LONG_REPLIES) {
      for (const scribble of SCRIBBLES) {
        const host = new Host().fill();
        const text = encodeArray(command);
        unchanged(host, () => {
          host.call("request", text.length, NOW_MS);
          let status = host.call("run", 0, host.write(text), random.pick([2, 3]), NOW_MS);
          equal(status, MORE, command[0]);
          const before = Buffer.from(host.window);
          scribble(random, host.window.subarray(0, text.length));
          const isAsItWas = before.equals(host.window);
          status = host.call("more");
          equal(status === BAD_ARGUMENT, !isAsItWas, `${command[0]}, ${scribble}: ${status}`);
          refused += !isAsItWas;
          for (let pieces = 0; status === MORE; pieces++) {
            ok(pieces < 1000, `${command[0]} does not end`);
            status = host.call("more");
          }
          equal(host.call("more"), BAD_ARGUMENT);
        });
      }
    }
    ok(refused > 100);
  },
  "a commit is lost without a reservation, or once another call has been made"() {
    const host = new Host().fill();
    const value = () => host.ask("GET", "string").value;
    equal(host.call("commit", NOW_MS), LOST);
    for (const between of BETWEEN) {
      equal(host.call("reserve", host.write("string"), 100, 0, 0, NOW_MS), OK);
      between(host);
      equal(host.call("commit", NOW_MS), LOST, String(between));
      equal(value(), "value");
    }
    for (const length of [0, 1, 100, 50000]) {
      equal(host.call("reserve", host.write("string"), 7, 0, 0, NOW_MS), OK);
      equal(host.call("reserve", host.write("string"), length, 0, 0, NOW_MS), OK);
      new Uint8Array(host.wasm.memory.buffer, host.field(2), length).fill(98);
      host.window.fill(255); // the key that was reserved is the key
      equal(host.call("commit", NOW_MS), OK);
      equal(host.call("commit", NOW_MS), LOST);
      equal(value(), "b".repeat(length));
    }
    equal(host.call("reserve", host.write("string"), 9, 1, 0, NOW_MS), ABSENT); // NX
    equal(host.call("commit", NOW_MS), LOST);
    equal(host.call("reserve", host.write("gone"), 9, 8, 1, NOW_MS), OK); // expired already
    equal(host.call("commit", NOW_MS), OK);
    equal(host.ask("EXISTS", "gone").value, "0");
  },
  "a request of any bytes, anywhere in the window, is answered, or is refused as none"() {
    const random = new Random(seed, 2);
    for (let round = 0; round < 3000; round++) {
      if (round % 100 === 0) var host = new Host(LEAST_BYTES, random.below(8));
      const text = request(random);
      const at = random.below(Math.max(1, host.field(1) - text.length));
      const bytes = host.write(text.slice(0, host.field(1)), at);
      let status = host.call("run", at, bytes, random.pick([2, 3]), NOW_MS + round);
      while (status === MORE) status = host.call("more");
      ok(status === OK || status === PROTOCOL, `${status}`);
      ok(host.field(4) <= bytes);
    }
  },
  "any call with any arguments in any order: a status, and no change by what was refused"() {
    const random = new Random(seed, 3);
    const counts = {};
    let host, keyspace;
    const rounds = Number(given.rounds);
    for (let round = 0; round < rounds; round++) {
      if (round % 200 === 0) {
        host = new Host(random.pick([LEAST_BYTES, BUDGET_BYTES]), 0).fill();
        keyspace = host.keyspace();
      }
      let mayChange = false;
      for (let calls = random.between(1, 6); calls > 0; calls--) {
        if (random.chance(0.4)) {
          const text = request(random).slice(0, host.field(1));
          host.write(text, random.pick([0, 0, random.below(host.field(1) - text.length + 1)]));
        }
        const name = random.pick(NAMES);
        const args = absurd(random, name);
        const status = host.call(name, ...args);
        counts[`${name} ${status}`] = (counts[`${name} ${status}`] ?? 0) + 1;
        mayChange ||= MAY_CHANGE[name]?.includes(status);
        mayChange ||= args.some((time) => isTime(time) && time > NOW_MS + 1); // something may expire
      }
      const now = host.keyspace();
      if (!mayChange) ok(now === keyspace, `round ${round}: the keyspace has changed`);
      keyspace = now;
    }
    for (const name of NAMES)
      for (const status of [OK, BAD_ARGUMENT])
        if (PARAMETERS[name].includes(TIMES))
          // else it is refused only out of order, or never
          ok(counts[`${name} ${status}`] > rounds / 300, `${name} ${status}`);
  },
};

let failed = 0;
console.log(`boundary: seed ${seed}`);
for (const [name, check] of Object.entries(checks)) {
  try {
    check();
    console.log(`  ok      ${name}`);
  } catch (error) {
    failed++;
    console.log(`  FAILED  ${name}\n${error.stack}`);
  }
}
console.log(`boundary: ${Object.keys(checks).length - failed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
