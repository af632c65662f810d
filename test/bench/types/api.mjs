// Through the JavaScript API, beside plain.mjs. Keys, fields and members are freshly concatenated for
// each operation (in batches, before the clock starts).

import { createFerrite } from "../../../glue/platform/node.js";
import { random } from "../random.mjs";
import { printTable, progress, progressDone } from "../report.mjs";
import { alternate, flat, summary } from "../rounds.mjs";
import { Plain } from "./plain.mjs";

const BATCH = 1000;
const WARM_UP_BATCHES = 100;
const BATCHES = 200;
const ENOUGH_NS = 2e8; // of warming up, and of each figure
const COUNTERS = 10_000;
const REQUESTS_A_CLIENT = 4; // of the rate limits, in the mean
const SESSIONS = 10_000;
const SHAPES = {
  small: { keys: 1000, items: 10 },
  large: { keys: 1, items: 100_000 },
};

/* --- the contenders ---------------------------------------------------------------------------- */

class Ferrite {
  constructor(module) {
    this.cache = createFerrite(module, { maxMemory: "64mb" });
  }

  incr(key) {
    return this.cache.incr(key);
  }

  hset(key, field, value) {
    return this.cache.hset(key, field, value);
  }

  hget(key, field) {
    return this.cache.hget(key, field);
  }

  lpush(key, value) {
    return this.cache.lpush(key, value);
  }

  lpop(key) {
    return this.cache.lpop(key);
  }

  sadd(key, member) {
    return this.cache.sadd(key, member);
  }

  srem(key, member) {
    return this.cache.srem(key, member);
  }

  sismember(key, member) {
    return this.cache.sismember(key, member);
  }

  zadd(key, score, member) {
    return this.cache.call("ZADD", key, score, member);
  }

  zrank(key, member) {
    return this.cache.call("ZRANK", key, member);
  }

  zrangebyscore(key, least, most) {
    return this.cache.call("ZRANGEBYSCORE", key, least, most, "LIMIT", 0, 10);
  }

  limit(key) {
    const count = this.cache.incr(key);
    if (count === 1) this.cache.expire(key, 60);
    return count;
  }

  throttle(key) {
    return this.cache.throttle(key, { maxBurst: 9, count: 60, period: 60 }).limited;
  }

  login(key, session) {
    this.cache.hset(key, session);
    this.cache.expire(key, 3600);
  }

  session(key) {
    return this.cache.hgetall(key);
  }
}

const CONTENDERS = { ferrite: Ferrite, plain: Plain };

/* --- the operations ---------------------------------------------------------------------------- */

const values = Array.from({ length: 256 }, (_, i) =>
  flat("value ".repeat(6).slice(0, 8 + (i % 25))),
);
const sessions = values.map((value, i) => ({
  user: flat(`${1_000_000 + i}`),
  name: value,
  role: "reader",
  city: "Zürich",
  token: flat("0123456789abcdef".repeat(2)),
}));

// A batch: filled in before the clock starts.
const keys = new Array(BATCH);
const items = new Array(BATCH);
const scores = new Float64Array(BATCH);
export let sink; // so that no result is for nothing

// Each has a loop of its own, since calls in a common one could not be inlined.
const each = {
  lpush(c) {
    for (let i = 0; i < BATCH; i++) sink = c.lpush(keys[i], values[i & 255]);
  },
  lpop(c) {
    for (let i = 0; i < BATCH; i++) sink = c.lpop(keys[i]);
  },
  srem(c) {
    for (let i = 0; i < BATCH; i++) sink = c.srem(keys[i], items[i]);
  },
};

/** `items`: how they are called; `before` and `after` are not timed. */
const OF_COLLECTIONS = {
  HSET: {
    items: "field:",
    run(c) {
      for (let i = 0; i < BATCH; i++) sink = c.hset(keys[i], items[i], values[i & 255]);
    },
  },
  HGET: {
    items: "field:",
    run(c) {
      for (let i = 0; i < BATCH; i++) sink = c.hget(keys[i], items[i]);
    },
  },
  LPUSH: { run: each.lpush, after: each.lpop },
  LPOP: { before: each.lpush, run: each.lpop },
  SADD: {
    items: "new:",
    run(c) {
      for (let i = 0; i < BATCH; i++) sink = c.sadd(keys[i], items[i]);
    },
    after: each.srem,
  },
  SISMEMBER: {
    items: "member:",
    run(c) {
      for (let i = 0; i < BATCH; i++) sink = c.sismember(keys[i], items[i]);
    },
  },
  ZADD: {
    items: "member:",
    run(c) {
      for (let i = 0; i < BATCH; i++) sink = c.zadd(keys[i], scores[i], items[i]);
    },
  },
  ZRANK: {
    items: "member:",
    run(c) {
      for (let i = 0; i < BATCH; i++) sink = c.zrank(keys[i], items[i]);
    },
  },
  ZRANGEBYSCORE: {
    run(c) {
      for (let i = 0; i < BATCH; i++) sink = c.zrangebyscore(keys[i], scores[i], scores[i] + 100);
    },
  },
};

// One key of a client's requests, one after the other.
const clientOf = (prefix) => (draw, batch) =>
  prefix + (1_000_000 + Math.floor(((batch + draw) * BATCH) / REQUESTS_A_CLIENT));

const OF_KEYS = {
  INCR: {
    key: (draw) => "count:" + Math.floor(draw * COUNTERS),
    run(c) {
      for (let i = 0; i < BATCH; i++) sink = c.incr(keys[i]);
    },
  },
  "rate limit: INCR, EXPIRE": {
    key: clientOf("rate:"),
    run(c) {
      for (let i = 0; i < BATCH; i++) sink = c.limit(keys[i]);
    },
  },
  "rate limit: CL.THROTTLE": {
    key: clientOf("throttle:"),
    run(c) {
      for (let i = 0; i < BATCH; i++) sink = c.throttle(keys[i]);
    },
  },
  "login: HSET of 5, EXPIRE": {
    key: (draw) => "session:" + Math.floor(draw * SESSIONS),
    run(c) {
      for (let i = 0; i < BATCH; i++) c.login(keys[i], sessions[i & 255]);
    },
  },
  "session: HGETALL of 5": {
    key: (draw) => "session:" + Math.floor(draw * SESSIONS),
    run(c) {
      for (let i = 0; i < BATCH; i++) sink = c.session(keys[i]);
    },
  },
};

/* --- one contender, in a process of its own ---------------------------------------------------- */

const FILLS = {
  H: (c, key, i) => c.hset(key, "field:" + i, values[i & 255]),
  L: (c, key, i) => c.lpush(key, values[i & 255]),
  S: (c, key, i) => c.sadd(key, "member:" + i),
  Z: (c, key, i) => c.zadd(key, i, "member:" + i),
};

/** Figures are ns an operation; null: there is no such command. */
export function measureApi(contender, module, seed) {
  const figures = {};
  const c = new CONTENDERS[contender](module);
  let draws = 0;
  const draw = () => random(seed, draws++);

  const measure = (operation, fillIn) => {
    const run = (batches) => {
      let nanoseconds = 0;
      let batch = 0;
      for (; batch < batches && nanoseconds < ENOUGH_NS; batch++) {
        fillIn();
        operation.before?.(c);
        const start = process.hrtime.bigint();
        operation.run(c);
        nanoseconds += Number(process.hrtime.bigint() - start);
        operation.after?.(c);
      }
      return nanoseconds / (batch * BATCH);
    };
    run(WARM_UP_BATCHES);
    return run(BATCHES);
  };

  for (let i = 0; i < SESSIONS; i++) c.login("session:" + i, sessions[i & 255]);
  let batch = 0;
  for (const [name, operation] of Object.entries(OF_KEYS))
    figures[name] = measure(operation, () => {
      for (let i = 0; i < BATCH; i++) keys[i] = operation.key(draw(), batch);
      batch++;
    });
  for (const [shape, { keys: keyCount, items: itemCount }] of Object.entries(SHAPES)) {
    const keyOf = (type, k) => `${shape}:${type}:` + k;
    for (const [type, fill] of Object.entries(FILLS)) {
      const operations = Object.entries(OF_COLLECTIONS).filter(([name]) => typeOf(name) === type);
      const known = orUnknown(() => {
        for (let k = 0; k < keyCount; k++)
          for (let i = 0; i < itemCount; i++) fill(c, keyOf(type, k), i);
      });
      for (const [name, operation] of operations)
        figures[`${name}, ${shape}`] =
          known &&
          measure(operation, () => {
            for (let i = 0; i < BATCH; i++) {
              keys[i] = keyOf(type, Math.floor(draw() * keyCount));
              items[i] = (operation.items ?? "") + Math.floor(draw() * itemCount);
              scores[i] = Math.floor(draw() * itemCount);
            }
          });
    }
  }
  return figures;
}

const typeOf = (name) => name[0];

/** null if what was called has a command that is not known, else true. */
function orUnknown(call) {
  try {
    call();
    return true;
  } catch (error) {
    if (error.message.startsWith("ERR unknown command")) return null;
    throw error;
  }
}

/* --- both -------------------------------------------------------------------------------------- */

/** `measure` has measureApi done in a process of its own. */
export function compareApi(rounds, measure) {
  const runs = alternate(Object.keys(CONTENDERS), rounds, (name, round) => {
    progress(`api: ${name}, round ${round + 1} of ${rounds}`);
    return measure(name, round);
  });
  const rows = [["", "ferrite, ns", "plain JavaScript, ns", "times as fast"]];
  for (const name of Object.keys(runs[0].ferrite)) {
    const [ours, plain] = ["ferrite", "plain"].map((who) => runs.map((run) => run[who][name]));
    if (ours[0] === null) rows.push([name, "not measured", summary(plain, 0), "no such command"]);
    else
      rows.push([
        name,
        summary(ours, 0),
        summary(plain, 0),
        (Math.min(...plain) / Math.min(...ours)).toFixed(2),
      ]);
  }
  const { small, large } = SHAPES;
  progressDone();
  console.log(
    `\nThrough the API, ns an operation. Small: ${small.items} items in each of ${small.keys} keys; large: ${large.items} in`,
  );
  console.log(
    "one. Plain: Map, Set, arrays, and for sorted sets a Map and a sorted array, without a bound. Times",
  );
  console.log("as fast: by the least of all rounds.");
  printTable(rows);
}
