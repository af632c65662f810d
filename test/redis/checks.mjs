// Checks that random sequences cannot make: short expiries in real time, and a memory budget that is
// used up. Each gives null, or what is wrong.

import { encodeArray, parseReplies, quote } from "./resp.mjs";

const ask = async (peer, commands) =>
  parseReplies(await peer.exchange(commands.map(encodeArray).join("")));

const raws = (replies) => replies.map((reply) => reply.raw).join("");

/** Keys given 40 ms are there at once and gone after 90, whichever way the time was given. */
export async function expiryInRealTime(peers) {
  const soon = () => String(Date.now() + 40);
  const prepare = () => [
    ["MSET", "pexpire", "1", "pexpireat", "2", "getex px", "3", "getex pxat", "4", "renamed", "5"],
    ["SET", "set px", "v", "PX", "40"],
    ["SET", "set pxat", "v", "PXAT", soon()],
    ["SET", "counted", "5", "PX", "40"],
    ["SET", "appended", "v", "PX", "40"],
    ["SET", "kept", "v", "PX", "40"],
    ["SET", "kept", "w", "KEEPTTL"],
    ["SET", "copied", "v", "PX", "40"],
    ["COPY", "copied", "copy"],
    ["SET", "persistent", "v", "PX", "40"],
    ["PERSIST", "persistent"],
    ["SET", "replaced", "v", "PX", "40"],
    ["SET", "replaced", "w"],
    ["PSETEX", "psetex", "40", "v"],
    ["PEXPIRE", "pexpire", "40"],
    ["PEXPIREAT", "pexpireat", soon()],
    ["GETEX", "getex px", "PX", "40"],
    ["GETEX", "getex pxat", "PXAT", soon()],
    ["PEXPIRE", "renamed", "40"],
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
    await ask(peer, prepare());
    before.push(raws(await ask(peer, [["EXISTS", "persistent", "replaced", ...gone]])));
  }
  await new Promise((resolve) => setTimeout(resolve, 90));
  const after = [];
  for (const peer of peers) after.push(await ask(peer, afterwards));
  const exists = `:${gone.length + 2}\r\n`;
  if (before.some((reply) => reply !== exists))
    return `keys given 40 ms were not all there at once: ${before.map((raw) => quote(raw))}`;
  for (const [i, command] of afterwards.entries())
    if (command[0] !== "SCAN" && after[0][i].raw !== after[1][i].raw)
      return `${command.join(" ")}: ${quote(after[0][i].raw)} and ${quote(after[1][i].raw)}`;
  return null;
}

const OUT_OF_MEMORY = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";

/** With the budget used up, each command that needs much more is refused in the same words. */
export async function refusalsWhenFull(peers) {
  const much = "m".repeat(1500); // small enough for the request window there always is
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
