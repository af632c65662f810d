/*
 * node-redis 5.9 and later, standalone, a pool, with sentinels, or a cluster. On a connection of RESP3 it tells
 * what was invalidated, in order with the replies, so that one connection is the link: what is read on it
 * is what it tells about. It does not connect again by itself: when it breaks, the link is over.
 */
import { found, isFull, refuseKeyPrefix } from "../redis.js";
import { slotOf } from "../slot.js";

const asBytes = () => ({ typeMapping: { 36: Buffer } }); // bulk strings, whose type is "$"

export function nodeRedis(client) {
  refuseKeyPrefix(client.options?.keyPrefix ?? client._keyPrefix);
  if (Array.isArray(client.slots)) return cluster(client);
  if (typeof client.getMasterNode === "function")
    return single((use) => client._execute(false, use)); // with a client of the primary, as long as it is one
  if (typeof client.execute === "function") return single((use) => client.execute(use)); // a pool
  return single(async (use) => use(client));
}

// `lend` calls a function with a client of one node.
const single = (lend) => ({
  read: (key) => lend((client) => read(client, key)),
  exec: (key, commands) => lend((client) => exec(client.multi(), commands, (words) => [words])),
  call: (key, words) => lend((client) => client.sendCommand(words.map(toArgument))),
  session: () => lend((client) => session(client, {})),
  open: (node, options, told) => lend((client) => open(client, {}, options, told)),
});

function cluster(client) {
  const primaryOf = (key) => client.slots[slotOf(key)]?.master;
  return {
    async read(key) {
      const node = await client.nodeClient(primaryOf(key));
      return read(node, key).catch(async (error) => {
        if (!/^MOVED/.test(error.message)) throw error;
        // The client learns of it by a command of its own.
        await client.sendCommand(key, false, ["EXISTS", key]);
        return read(await client.nodeClient(primaryOf(key)), key);
      });
    },
    exec: (key, commands) => exec(client.multi(key), commands, (words) => [key, false, words]),
    call: (key, words) => client.sendCommand(key, false, words.map(toArgument)),
    nodeOf: (key) => primaryOf(key)?.address,
    session: async (key) =>
      session(await client.nodeClient(primaryOf(key)), placeOf(primaryOf(key))),
    async open(address, options, told) {
      const primary = client.masters.find((one) => one.address === address);
      if (!primary) throw new Error(`${address} is no primary of the cluster now`);
      return open(await client.nodeClient(primary), placeOf(primary), options, told);
    },
  };
}

const placeOf = ({ host, port }) => ({ host, port });

const toArgument = (word) =>
  word instanceof Uint8Array ? Buffer.from(word.buffer, word.byteOffset, word.length) : word;

// Its own transactions give strings, which not all bytes are. Of these commands all go out together, or none
// that would do anything alone.
async function read(client, key) {
  const send = (...words) => client.sendCommand(words, asBytes());
  const asked = [send("MULTI"), send("GET", key), send("PTTL", key), send("EXEC")];
  const replies = await Promise.allSettled(asked);
  const failed = replies.find(({ status }) => status === "rejected");
  if (failed && isFull(failed.reason)) {
    return found(...(await Promise.all([send("GET", key), send("PTTL", key)])));
  }
  if (failed) throw failed.reason;
  const [value, pttl] = replies[3].value;
  if (value instanceof Error) throw value;
  return found(value, pttl);
}

async function exec(transaction, commands, place) {
  for (const words of commands) transaction.addCommand(...place(words.map(toArgument)));
  return transaction.exec().catch((error) => {
    throw error.replies?.find((reply) => reply instanceof Error) ?? error;
  });
}

/** A connection for WATCH; `exec` says whether nothing that is watched has changed. */
async function session(client, place) {
  const one = connection(client, place, {}, () => {});
  await one.connect();
  return {
    call: (words) => one.sendCommand(words),
    // All go out together; EXEC alone does anything.
    exec: async (commands) => {
      const all = [["MULTI"], ...commands, ["EXEC"]];
      const replies = await Promise.all(all.map((words) => one.sendCommand(words.map(toArgument))));
      return replies.at(-1) !== null;
    },
    close: () => one.destroy(),
  };
}

function connection(client, place, options, end) {
  const one = client.duplicate({
    ...options,
    disableOfflineQueue: true,
    socket: { ...client.options?.socket, ...place, reconnectStrategy: false },
  });
  for (const event of ["error", "end"]) one.on(event, end); // either may come alone
  return one;
}

async function open(client, place, { broadcast, prefixes }, told) {
  const link = connection(client, place, { RESP: 3, emitInvalidate: true }, told.end);
  const close = () => link.isOpen && link.destroy();
  link.on("invalidate", (key) => (key === null ? told.all() : told.keys([String(key)])));
  try {
    await link.connect();
    const [role] = await link.sendCommand(["ROLE"]);
    if (role !== "master") throw new Error("the node is no primary");
    if (broadcast) {
      const words = prefixes.flatMap((prefix) => ["PREFIX", prefix]);
      await link.sendCommand(["CLIENT", "TRACKING", "OFF"]);
      await link.sendCommand(["CLIENT", "TRACKING", "ON", "BCAST", ...words]);
    }
  } catch (error) {
    close();
    throw error;
  }
  return { get: (key) => read(link, key), ping: () => link.ping(), close };
}
