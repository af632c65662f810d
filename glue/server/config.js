/*
 * CONFIG: the settings of Redis that clients and tools ask for, and those that do something here.
 */
import { glob } from "./glob.js";
import { bulk, error, map, OK, SYNTAX_ERROR } from "./replies.js";

const MIB = 1024 * 1024;
const INT = 2 ** 31 - 1;
const LONG = 9223372036854775807n;

/* --- kinds of settings ------------------------------------------------------------------------ */

// Each has a value, as text, and reads another, or throws why it is none; null: it never changes.

class Invalid extends Error {}

function within(value, least, most) {
  if (value >= least && value <= most) return value;
  throw new Invalid(`argument must be between ${least} and ${most} inclusive`);
}

function integer(text) {
  if (/^(0|-?[1-9]\d{0,18})$/.test(text)) return BigInt(text);
  throw new Invalid("argument couldn't be parsed into an integer");
}

const UNITS = { "": 1, b: 1, k: 1000, kb: 1024, m: 1e6, mb: MIB, g: 1e9, gb: 1024 * MIB };

function bytes(text, kind = "memory") {
  const [, digits, unit] = /^(\d{0,18})([a-z]{0,2})$/i.exec(text) ?? [];
  const factor = UNITS[unit?.toLowerCase()];
  if (factor === undefined) throw new Invalid(`argument must be a ${kind} value`);
  return BigInt(digits) * BigInt(factor);
}

const yesNo = (value) => ({
  value,
  read: (text) => {
    if (/^(yes|no)$/i.test(text)) return text.toLowerCase();
    throw new Invalid("argument must be 'yes' or 'no'");
  },
});
const number = (value, least = 0, most = INT) => ({
  value: String(value),
  read: (text) => String(within(integer(text), least, most)),
});
const memory = (value, least = 0, most = LONG) => ({
  value: String(value),
  read: (text) => String(within(bytes(text), least, most)),
});
const choice = (value, words) => ({
  value,
  read: (text) => {
    if (words.includes(text.toLowerCase())) return text.toLowerCase();
    throw new Invalid(`argument(s) must be one of the following: ${words.join(", ")}`);
  },
});
const percentOrMemory = (value) => ({
  value,
  read: (text) => {
    const [, percents] = /^(\d{1,18})%$/.exec(text) ?? [];
    if (percents === undefined) return String(bytes(text, "memory or percent"));
    if (Number(percents) <= 100) return `${Number(percents)}%`;
    throw new Invalid("percentage argument must be less or equal to 100");
  },
});
// What cannot be changed while it runs, though Redis can.
const asItIs = (value, why) => ({
  value: String(value),
  read: (given) => {
    if (given === String(value)) return given;
    throw new Invalid(why);
  },
});
const text = (value) => ({ value, read: (given) => given });
const fixed = (value) => ({ value: String(value), read: null });
const save = {
  value: "",
  read: (given) => {
    const words = given.split(" ").filter((word) => word !== "");
    const isGood = (word, i) => /^\d{1,10}$/.test(word) && (i % 2 === 1 || Number(word) > 0);
    if (words.length % 2 === 0 && words.every(isGood)) return words.map(Number).join(" ");
    throw new Invalid("Invalid save parameters");
  },
};
const events = {
  value: "",
  read: (given) => {
    if (given === "") return given;
    throw new Invalid("keyspace events are not published: cache.onChanges() tells of them");
  },
};

// client-output-buffer-limit: of each class, the most, and the most for so many seconds.
const CLASSES = { normal: "normal", slave: "slave", replica: "slave", pubsub: "pubsub" };
const bufferLimits = {
  value: `normal ${64 * MIB} 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60`,
  read: (given, old) => {
    const words = given.split(" ").filter((word) => word !== "");
    if (words.length % 4 !== 0) {
      throw new Invalid("Wrong number of arguments in buffer limit configuration.");
    }
    const limits = new Map(inFours(old.split(" ")));
    for (const [name, hard, soft, seconds] of inFours(words).map(([n, rest]) => [n, ...rest])) {
      const kind = CLASSES[name.toLowerCase()];
      if (!kind) throw new Invalid("Invalid client class specified in buffer limit configuration.");
      try {
        limits.set(kind, [bytes(hard), bytes(soft), BigInt(seconds)]);
      } catch {
        throw new Invalid(
          "Error in hard, soft or soft_seconds setting in buffer limit configuration.",
        );
      }
    }
    return [...limits].map(([name, rest]) => `${name} ${rest.join(" ")}`).join(" ");
  },
};

function inFours(words) {
  const fours = [];
  for (let at = 0; at < words.length; at += 4) fours.push([words[at], words.slice(at + 1, at + 4)]);
  return fours;
}

/* --- the settings ----------------------------------------------------------------------------- */

// Kept by the module.
const OF_MODULE = ["maxmemory", "maxmemory-policy", "maxmemory-samples"];

// Two names for one thing.
const ALIASES = {
  "hash-max-ziplist-entries": "hash-max-listpack-entries",
  "hash-max-ziplist-value": "hash-max-listpack-value",
  "list-max-ziplist-size": "list-max-listpack-size",
  "zset-max-ziplist-entries": "zset-max-listpack-entries",
  "zset-max-ziplist-value": "zset-max-listpack-value",
  "lua-time-limit": "busy-reply-threshold",
  "repl-ping-slave-period": "repl-ping-replica-period",
  slaveof: "replicaof",
};

const settings = ({ bind, port, socket, requirepass, maxclients, queryBytes }) => ({
  // What does something.
  "client-output-buffer-limit": bufferLimits,
  "client-query-buffer-limit": memory(queryBytes, MIB),
  maxclients: number(maxclients, 1, 2 ** 32 - 1),
  "proto-max-bulk-len": memory(512 * MIB, MIB),
  requirepass: text(requirepass),
  timeout: number(0),
  "tracking-table-max-keys": number(1_000_000, 0, LONG),

  // What cannot be otherwise.
  appendonly: yesNo("no"),
  bind: asItIs(bind, "Failed to bind to specified addresses."),
  "cluster-enabled": fixed("no"),
  daemonize: fixed("no"),
  databases: fixed(1),
  "enable-debug-command": fixed("local"),
  "io-threads": fixed(1),
  "notify-keyspace-events": events,
  port: asItIs(port, "Unable to listen on this port. Check server logs."),
  replicaof: fixed(""),
  unixsocket: fixed(socket ?? ""),

  // What is but kept, so that it can be read again.
  "aof-use-rdb-preamble": yesNo("yes"),
  "active-expire-effort": number(1, 1, 10),
  activedefrag: yesNo("no"),
  activerehashing: yesNo("yes"),
  appendfsync: choice("everysec", ["everysec", "always", "no"]),
  "auto-aof-rewrite-percentage": number(100),
  "busy-reply-threshold": number(5000, 0, LONG),
  dbfilename: text("dump.rdb"),
  dir: text("."),
  "dynamic-hz": yesNo("yes"),
  "hash-max-listpack-entries": number(512, 0, LONG),
  "hash-max-listpack-value": memory(64),
  "hll-sparse-max-bytes": memory(3000),
  hz: number(10, 0),
  "latency-monitor-threshold": number(0, 0, LONG),
  "latency-tracking": yesNo("yes"),
  "lazyfree-lazy-eviction": yesNo("no"),
  "lazyfree-lazy-expire": yesNo("no"),
  "lazyfree-lazy-server-del": yesNo("no"),
  "lazyfree-lazy-user-del": yesNo("no"),
  "lazyfree-lazy-user-flush": yesNo("no"),
  "lfu-decay-time": number(1),
  "lfu-log-factor": number(10),
  "list-compress-depth": number(0),
  "list-max-listpack-size": number(-2, -INT - 1),
  loglevel: choice("notice", ["debug", "verbose", "notice", "warning"]),
  "maxmemory-clients": percentOrMemory("0"),
  "maxmemory-eviction-tenacity": number(10, 0, 100),
  "min-replicas-max-lag": number(10),
  "min-replicas-to-write": number(0),
  "protected-mode": yesNo("no"),
  "repl-backlog-size": memory(MIB, 1),
  "repl-ping-replica-period": number(10, 1),
  rdbcompression: yesNo("yes"),
  save,
  "set-max-intset-entries": number(512, 0, LONG),
  "slowlog-log-slower-than": number(10000, -1, LONG),
  "slowlog-max-len": number(128, 0, LONG),
  "stop-writes-on-bgsave-error": yesNo("yes"),
  "tcp-keepalive": number(300),
  "zset-max-listpack-entries": number(128, 0, LONG),
  "zset-max-listpack-value": memory(64),
});

export class Config {
  /** What is looked at all the time. */
  limits = {
    bulkBytes: 0,
    clients: 0,
    maxmemory: 0,
    outputBytes: 0,
    queryBytes: 0,
    trackedKeys: 0,
  };

  #cache;
  #settings;

  constructor(cache, options) {
    this.#cache = cache;
    this.#settings = new Map();
    for (const [name, setting] of Object.entries(settings(options))) {
      this.#settings.set(name, { ...setting });
    }
    for (const [alias, name] of Object.entries(ALIASES)) {
      this.#settings.set(alias, this.#settings.get(name));
    }
    for (const name of OF_MODULE) this.#settings.set(name, null);
    this.#apply();
  }

  get names() {
    return [...this.#settings.keys()];
  }

  has(name) {
    return this.#settings.has(name);
  }

  /** The value of a setting that there is. */
  get(name) {
    const setting = this.#settings.get(name);
    return setting ? setting.value : this.#cache.run(["CONFIG", "GET", name], false)[1];
  }

  get password() {
    return this.get("requirepass");
  }

  /** Changes all settings, of a list of names and values, or none: then it returns the error. */
  change(pairs) {
    const values = new Map(); // by name
    const forModule = [];
    for (const [name] of pairs) {
      if (!this.has(name.toLowerCase())) {
        return `ERR Unknown option or number of arguments for CONFIG SET - '${name}'`;
      }
    }
    for (const [name] of pairs) {
      const setting = this.#settings.get(name.toLowerCase());
      if (setting?.read === null) return failed(name, "can't set immutable config");
      if (values.has(name.toLowerCase())) return failed(name, "duplicate parameter");
      values.set(name.toLowerCase(), null);
    }
    for (const [name, given] of pairs) {
      const setting = this.#settings.get(name.toLowerCase());
      try {
        if (setting === null) forModule.push(name, given);
        else values.set(name.toLowerCase(), setting.read(given, setting.value));
      } catch (cause) {
        if (!(cause instanceof Invalid)) throw cause;
        return failed(name.toLowerCase(), cause.message);
      }
    }
    try {
      if (forModule.length > 0) this.#cache.run(["CONFIG", "SET", ...forModule], false);
    } catch (refusal) {
      return refusal.message;
    }
    for (const [name, value] of values) {
      if (value !== null) this.#settings.get(name).value = value;
    }
    this.#apply();
    return null;
  }

  #apply() {
    const { limits } = this;
    limits.bulkBytes = Number(this.get("proto-max-bulk-len"));
    limits.queryBytes = Number(this.get("client-query-buffer-limit"));
    limits.outputBytes = Number(this.get("client-output-buffer-limit").split(" ")[1]) || Infinity;
    limits.maxmemory = Number(this.get("maxmemory"));
    limits.clients = Number(this.get("maxclients"));
    limits.trackedKeys = Number(this.get("tracking-table-max-keys")) || Infinity;
  }
}

function failed(name, why) {
  return `ERR CONFIG SET failed (possibly related to argument '${name}') - ${why}`;
}

/* --- commands --------------------------------------------------------------------------------- */

export function configGet({ server: { config }, resp }, [, , ...patterns]) {
  const found = new Set();
  for (const pattern of patterns) {
    if (!/[[*?]/.test(pattern)) {
      if (config.has(pattern.toLowerCase())) found.add(pattern);
      continue;
    }
    for (const name of config.names.filter(glob(pattern))) found.add(name);
  }
  const items = [];
  for (const name of found) items.push(bulk(name), bulk(config.get(name.toLowerCase())));
  return map(resp, items);
}

export function configSet({ server }, [, , ...words]) {
  if (words.length % 2 === 1) return SYNTAX_ERROR;
  const pairs = [];
  for (let i = 0; i < words.length; i += 2) pairs.push([words[i], words[i + 1]]);
  const refusal = server.config.change(pairs);
  if (refusal !== null) return error(refusal);
  if (server.config.password === "") server.trustAll();
  return OK;
}

export function configRewrite() {
  return error("ERR The server is running without a config file");
}

export function configResetstat({ server }) {
  server.stats.reset();
  server.cache.run(["CONFIG", "RESETSTAT"], false);
  return OK;
}
