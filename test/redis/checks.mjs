// Checks that random sequences cannot make, or not often enough: short expiries in real time, a scan of
// many keys that come and go, thousands of patterns and of sums, a memory budget that is used up. Each
// gives null, or what is wrong.

import { float, relatives } from "./arguments.mjs";
import { encodeArray, parseReplies, quote } from "./resp.mjs";

const ask = async (peer, commands) =>
  parseReplies(await peer.exchange(commands.map(encodeArray).join("")));

const LIFE_MS = 250;

/** Keys given a little time are there at once and then gone, whichever way the time was given. */
export async function expiryInRealTime(peers) {
  const life = String(LIFE_MS);
  const soon = () => String(Date.now() + LIFE_MS);
  const prepare = () => [
    ["MSET", "pexpire", "1", "pexpireat", "2", "getex px", "3", "getex pxat", "4", "renamed", "5"],
    ["SET", "set px", "v", "PX", life],
    ["SET", "set pxat", "v", "PXAT", soon()],
    ["SET", "counted", "5", "PX", life],
    ["SET", "appended", "v", "PX", life],
    ["SET", "kept", "v", "PX", life],
    ["SET", "kept", "w", "KEEPTTL"],
    ["SET", "copied", "v", "PX", life],
    ["COPY", "copied", "copy"],
    ["SET", "persistent", "v", "PX", life],
    ["PERSIST", "persistent"],
    ["SET", "replaced", "v", "PX", life],
    ["SET", "replaced", "w"],
    ["PSETEX", "psetex", life, "v"],
    ["PEXPIRE", "pexpire", life],
    ["PEXPIREAT", "pexpireat", soon()],
    ["GETEX", "getex px", "PX", life],
    ["GETEX", "getex pxat", "PXAT", soon()],
    ["PEXPIRE", "renamed", life],
    ["RENAME", "renamed", "new name"],
  ];
  const gone = [
    "set px",
    "set pxat",
    "kept",
    "psetex",
    "pexpire",
    "pexpireat",
    "getex px",
    "getex pxat",
    "copied",
    "copy",
    "new name",
    "counted",
    "appended",
  ];
  const afterwards = [
    ["INCR", "counted"],
    ["APPEND", "appended", "w"],
    ["TTL", "counted"],
    ["RENAME", "kept", "other"],
    ["SETNX", "set px", "again"],
    ["EXISTS", "new name", ...gone],
    ...gone.flatMap((key) => [
      ["GET", key],
      ["PTTL", key],
      ["TYPE", key],
    ]),
    ["MGET", "persistent", "replaced", "set px"],
    ["SCAN", "0", "COUNT", "1000"],
    ["DBSIZE"],
  ];
  for (const peer of peers) await peer.begin(2, true);
  const before = [];
  for (const peer of peers) {
    const all = ["EXISTS", "persistent", "replaced", ...gone];
    before.push((await ask(peer, [...prepare(), all])).pop().raw);
  }
  await new Promise((resolve) => setTimeout(resolve, LIFE_MS + 50));
  const after = [];
  for (const peer of peers) after.push(await ask(peer, afterwards));
  const exists = `:${gone.length + 2}\r\n`;
  if (before.some((reply) => reply !== exists))
    return `not all keys were there at once: ${before.map((raw) => quote(raw))}`;
  for (const [i, command] of afterwards.entries())
    if (command[0] !== "SCAN" && after[0][i].raw !== after[1][i].raw)
      return `${command.join(" ")}: ${quote(after[0][i].raw)} and ${quote(after[1][i].raw)}`;
  return null;
}

/** A scan while keys come and go finds all that stay; KEYS and DBSIZE agree about the rest. */
export async function scanOfManyKeys(peers) {
  const COUNT = 6000;
  const numbers = Array.from({ length: COUNT }, (_, i) => i);
  const chunks = (list, size) =>
    Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
      list.slice(i * size, (i + 1) * size),
    );
  const results = [];
  for (const peer of peers) {
    await peer.begin(2, true);
    await ask(
      peer,
      chunks(numbers, 500).map((some) => ["MSET", ...some.flatMap((i) => [`k:${i}`, `${i}`])]),
    );
    const found = new Set();
    let cursor = "0";
    let goes = 1; // every third key goes, in pieces, while the scan is under way
    do {
      const going = Array.from({ length: 30 }, (_, i) => `k:${goes + 3 * i}`);
      goes += 90;
      const [, , reply] = await ask(peer, [
        ["DEL", ...going],
        ["MSET", `new:${goes}`, "1", `k:${(goes % COUNT) - 1}`, "again"],
        ["SCAN", cursor, "COUNT", "40", "MATCH", "k:*"],
      ]);
      cursor = reply.value[0].value;
      for (const item of reply.value[1].value) found.add(item.value);
    } while (cursor !== "0" && goes < 100 * COUNT);
    if (cursor !== "0") return `${peer.name}: the scan does not end`;
    const lost = numbers.find((i) => i % 3 !== 1 && !found.has(`k:${i}`));
    if (lost !== undefined) return `${peer.name}: the scan missed k:${lost}`;
    if ([...found].some((key) => !/^k:\d+$/.test(key))) return `${peer.name}: found what is not`;
    await ask(peer, [
      ["DEL", ...numbers.filter((i) => i % 3 === 1).map((i) => `k:${i}`)],
      ["DEL", ...numbers.flatMap((i) => (i % 90 === 1 ? [`new:${i}`] : []))],
    ]);
    const replies = await ask(peer, [["KEYS", "k:*"], ["KEYS", "k:?[2-5]7*"], ["DBSIZE"]]);
    results.push(replies.slice(0, 2).map((reply) => reply.value.map((item) => item.raw).sort()));
    const left = Number(replies[2].value);
    const [others] = await ask(peer, [["KEYS", "new:*"]]);
    if (left !== replies[0].value.length + others.value.length)
      return `${peer.name}: DBSIZE ${left}`;
  }
  return JSON.stringify(results[0]) === JSON.stringify(results[1]) ? null : "KEYS differ";
}

/** The same of fields and members: those that stay are found, whatever comes and goes meanwhile. */
export async function scanOfManyItems(peers) {
  const COUNT = 5000;
  for (const peer of peers) {
    for (const [scan, add, remove] of [
      ["HSCAN", "HSET", "HDEL"],
      ["SSCAN", "SADD", "SREM"],
    ]) {
      const isHash = scan === "HSCAN";
      const words = (names) => names.flatMap((name) => (isHash ? [name, "value"] : [name]));
      const name = (i) => `item:${i}`.padEnd(i % 500 === 7 ? 1500 : 0, ".");
      await peer.begin(2, true);
      for (let i = 0; i < COUNT; i += 100)
        await ask(peer, [
          [add, "all", ...words(Array.from({ length: 100 }, (_, j) => name(i + j)))],
        ]);
      const found = new Set();
      let cursor = "0";
      let round = 0; // two of three go in the end, and others come and go
      do {
        const going = Array.from({ length: 60 }, (_, i) => 60 * round + i).filter((i) => i % 3);
        const [, , , reply] = await ask(peer, [
          [remove, "all", ...going.map(name)],
          [add, "all", ...words(Array.from({ length: 40 }, (_, i) => `new:${round}:${i}`))],
          [remove, "all", ...Array.from({ length: 40 }, (_, i) => `new:${round - 3}:${i}`)],
          [scan, "all", cursor, "COUNT", "30", "MATCH", "item:*"],
        ]);
        cursor = reply.value[0].value;
        reply.value[1].value.forEach((item, i) => (isHash && i % 2) || found.add(item.value));
      } while (cursor !== "0" && ++round < COUNT);
      if (cursor !== "0") return `${peer.name}: ${scan} does not end`;
      for (let i = 0; i < COUNT; i += 3)
        if (!found.has(name(i))) return `${peer.name}: ${scan} missed ${name(i).slice(0, 20)}`;
    }
  }
  return null;
}

/** Patterns and keys of the few characters that matter to either. */
export async function patterns(peers, random) {
  const alphabet = [..."aabcz*?[[]]^-\\", "\x7f", "\x80", "\xff", "\0"];
  const text = (most) =>
    Array.from({ length: random.between(0, most) }, () => random.pick(alphabet)).join("");
  const keys = Array.from({ length: 80 }, () => text(4));
  const asked = Array.from({ length: 4000 }, () => ["KEYS", text(random.pick([3, 5, 9]))]);
  return sameReplies(peers, [["MSET", ...keys.flatMap((key) => [key, ""])], ...asked]);
}

/** Sums of two numbers as people and machines write them. */
export async function sums(peers, random) {
  const digits = (most) =>
    Array.from({ length: random.between(1, most) }, () => random.below(10)).join("");
  const decimal = () => {
    const exponent = random.chance(0.3) ? `e${random.between(-30, 30)}` : "";
    return `${random.pick(["", "-"])}${digits(20)}.${digits(25)}${exponent}`;
  };
  const hex = () =>
    `0x${random.word().toString(16)}.${random.word().toString(16)}p${random.between(-40, 40)}`;
  const number = () => random.pick([decimal, decimal, hex, () => float({ random })])();
  const asked = Array.from({ length: 4000 }, () => [
    ["SET", "sum", number()],
    ["INCRBYFLOAT", "sum", number()],
    ["GET", "sum"],
  ]);
  return sameReplies(peers, asked.flat());
}

/** Scores are added to under every condition, infinities to infinities, too. */
export async function infiniteScores(peers) {
  const asked = ["", "NX", "XX", "GT", "LT"].flatMap((condition) =>
    ["inf", "-inf", "0"].flatMap((by) => [
      ["ZADD", "scores", "inf", "most", "-inf", "least", "1", "one"],
      ...["most", "least", "one", "new"].map((member) =>
        ["ZADD", "scores", condition, "INCR", by, member].filter((word) => word !== ""),
      ),
      ["ZRANGE", "scores", "0", "-1", "WITHSCORES"],
      ["DEL", "scores"],
    ]),
  );
  return sameReplies(peers, asked);
}

/** Sketches of up to a hundred thousand elements, merged, byte for byte on the way. */
export async function sketches(peers, random) {
  const keys = ["small", "large", "merged", "both"];
  const look = [
    ...keys.map((key) => ["GET", key]),
    ...keys.map((key) => ["PFCOUNT", key]),
    ["PFCOUNT", ...keys],
    ...keys.map((key) => ["GET", key]),
  ];
  const commands = [];
  for (let round = 0, added = 0; added < 100000; round++) {
    const count = random.between(1, round < 60 ? 40 : 4000);
    const some = Array.from({ length: count }, (_, i) => `element ${added + i}`);
    added += count;
    commands.push(["PFADD", "large", ...some], ["PFADD", "small", some[0], String(round)]);
    if (random.chance(0.3)) commands.push(["PFMERGE", "merged", "small"]);
    if (random.chance(0.1)) commands.push(["PFMERGE", "both", "small", "large"]);
    if (random.chance(0.05)) commands.push(["DEL", random.pick(["merged", "both"])]);
    commands.push(...look);
  }
  return sameReplies(peers, commands);
}

/** Subsequences of longer texts, with everything that is told of them. */
export async function subsequences(peers, random) {
  const asked = Array.from({ length: 400 }, () => {
    const [a, b] = relatives(random, random.chance(0.05) ? 3000 : 200);
    const least = String(random.between(0, 5));
    return [
      ["MSET", "a", a, "b", b],
      ["LCS", "a", "b"],
      ["LCS", "a", "b", "LEN"],
      ["LCS", "a", "b", "IDX", "WITHMATCHLEN", "MINMATCHLEN", least],
    ];
  });
  return sameReplies(peers, asked.flat());
}

/** Ranges by name where scores differ, and rise with the names: in packed sets and in large ones. */
export async function namesThatRiseWithScores(peers, random) {
  const name = (i) => `name ${String(i).padStart(5, "0")}`;
  const commands = [];
  for (const [key, count] of Object.entries({ small: 20, large: 3000 })) {
    const numbers = Array.from({ length: count }, (_, i) => i);
    commands.push(["ZADD", key, ...numbers.flatMap((i) => [String(i >> 1), name(2 * i)])]);
    const bound = () =>
      random.chance(0.1)
        ? random.pick(["-", "+"])
        : random.pick(["(", "["]) + name(random.between(0, 2 * count));
    for (let i = 0; i < 200; i++) {
      const [min, max] = [bound(), bound()];
      commands.push(["ZRANGEBYLEX", key, min, max, "LIMIT", "0", "9"]);
      commands.push(["ZRANGE", key, max, min, "BYLEX", "REV"], ["ZLEXCOUNT", key, min, max]);
    }
    commands.push(["ZREMRANGEBYLEX", key, `(${name(3)}`, `[${name(count)}`], ["ZCARD", key]);
  }
  return sameReplies(peers, commands);
}

/** Asks both the same, and compares; the order of lists does not matter. */
async function sameReplies(peers, commands) {
  const replies = [];
  for (const peer of peers) {
    await peer.begin(2, true);
    replies.push(await ask(peer, commands));
  }
  for (const [i, command] of commands.entries()) {
    const [redis, ours] = replies.map((list) => {
      const { raw, value } = list[i];
      return Array.isArray(value)
        ? value
            .map((item) => item.raw)
            .sort()
            .join("")
        : raw;
    });
    if (redis === ours) continue;
    const before =
      i > 0 ? `${commands[i - 1].map((text) => quote(text, 100)).join(" ")}, then ` : "";
    return `${before}${command.map((text) => quote(text, 100)).join(" ")}: ${quote(redis)} and ${quote(ours)}`;
  }
  return null;
}

const OUT_OF_MEMORY = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";

/** With the budget used up, each command that needs much more is refused in the same words. */
export async function refusalsWhenFull(peers) {
  const much = "m".repeat(800); // small enough for the request window there always is
  const refused = [
    ["SET", "new", much],
    ["SET", "new", much, "EX", "100", "NX", "GET"],
    ["SETNX", "new", much],
    ["SETEX", "new", "100", much],
    ["PSETEX", "new", "100000", much],
    ["GETSET", "new", much],
    ["MSET", "new", much, "newer", much],
    ["MSETNX", "new", much, "newer", much],
    ["APPEND", "new", much],
    ["SETRANGE", "new", "0", much],
    ["SETRANGE", "new", "50000", "x"],
    ["PFADD", "new", "x"],
    ["PFMERGE", "new", "newer"],
    ["SETBIT", "new", "400000", "1"],
    ["BITFIELD", "new", "SET", "u8", "400000", "1"],
    ["HINCRBYFLOAT", "new", much, "1"],
  ];
  const allowed = [
    ["SET", "new"],
    ["GET", "new"],
    ["EXISTS", "new", "newer"],
    ["DEL", "new"],
    ["TTL", "new"],
    ["EXPIRE", "new", "100"],
    ["PERSIST", "new"],
    ["GETDEL", "new"],
    ["GETEX", "new"],
    ["UNLINK", "new"],
    ["TOUCH", "new"],
    ["STRLEN", "new"],
    ["PFCOUNT", "new", "newer"],
    ["GETBIT", "new", "7"],
    ["BITCOUNT", "new"],
    ["BITPOS", "new", "1"],
    ["BITFIELD_RO", "new", "GET", "u8", "0"],
    ["LCS", "new", "newer"],
    ["HRANDFIELD", "new"],
    ["HSCAN", "new", "0"],
    ["SRANDMEMBER", "new", "2"],
    ["SSCAN", "new", "0"],
    ["LPOS", "new", "x"],
    ["LMPOP", "1", "new", "LEFT"],
    ["PING"],
    ["ECHO", "e"],
    ["TYPE", "new"],
    ["NOSUCH", "new"],
  ];
  const replies = [];
  for (const peer of peers) {
    await peer.begin(2, true);
    await peer.exhaust();
    const answers = [];
    for (const command of [...refused, ...allowed]) answers.push(...(await ask(peer, [command])));
    replies.push(answers);
    await peer.begin(2, true);
  }
  for (const [i, command] of [...refused, ...allowed].entries()) {
    const [redis, ours] = replies.map((list) => list[i].raw);
    const words = command.map((text) => quote(text, 40)).join(" ");
    if (i < refused.length && redis !== OUT_OF_MEMORY) return `redis lets through ${words}`;
    if (redis !== ours) return `${words}: ${quote(redis)} and ${quote(ours)}`;
  }
  return null;
}
