/*
 * ioredis (and iovalkey), standalone, with sentinels, or a cluster.
 *
 * Its connections keep RESP3's messages of invalidation to themselves, so changes come as Redis has them
 * for RESP2: on a connection that subscribes to them, to which the one that reads redirects them. Neither
 * connects again by itself: when one breaks, the link is over.
 */
import { found, isFull, refuseKeyPrefix } from "../redis.js";
import { slotOf } from "../slot.js";

const CHANNEL = "__redis__:invalidate";

// No command waits for a connection, nor is sent again on another: what is tracked would be unknown.
const ONE_CONNECTION = {
  protocol: 2,
  lazyConnect: true,
  retryStrategy: () => null,
  sentinelRetryStrategy: () => null,
  reconnectOnError: () => false,
  enableOfflineQueue: false,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  enableAutoPipelining: false,
  maxRetriesPerRequest: 0,
};

export function ioredis(client) {
  refuseKeyPrefix(client.options.keyPrefix ?? client.options.redisOptions?.keyPrefix);
  const nodes = client.isCluster ? clusterNodes(client) : { nodeOf: () => "", at: () => client };
  return {
    read: (key) => read(client, key),
    exec: (key, commands) => exec(client, commands),
    call: (key, [name, ...words]) => client.call(name, ...words.map(toArgument)),
    session: async (key) => session(nodes.at(nodes.nodeOf(key))),
    nodeOf: nodes.nodeOf,
    open: async (node, options, told) => open(nodes.at(node), options, told),
  };
}

function clusterNodes(client) {
  const address = ({ options }) => `${options.host}:${options.port}`;
  return {
    nodeOf: (key) => client.slots[slotOf(key)]?.[0],
    at(node) {
      const primary = client.nodes("master").find((one) => address(one) === node);
      if (!primary) throw new Error(`${node} is no primary of the cluster now`);
      return primary;
    },
  };
}

const toArgument = (word) =>
  word instanceof Uint8Array ? Buffer.from(word.buffer, word.byteOffset, word.length) : word;

async function read(client, key) {
  try {
    return found(...(await finished(client.multi().getBuffer(key).pttl(key))));
  } catch (error) {
    if (!isFull(error)) throw error;
    return found(...(await Promise.all([client.getBuffer(key), client.pttl(key)])));
  }
}

const exec = (client, commands) => finished(transaction(client, commands));

// The replies of a transaction; what was refused, rather than that all was given up for it.
async function finished(queued) {
  const replies = await queued.exec().catch((error) => {
    throw error.previousErrors?.[0] ?? error;
  });
  return replies.map(result);
}

function transaction(client, commands) {
  const queued = client.multi();
  for (const [name, ...words] of commands) queued[name.toLowerCase()](...words.map(toArgument));
  return queued;
}

/** A connection for WATCH; `exec` says whether nothing that is watched has changed. */
async function session(client) {
  const one = connection(client, () => {});
  await one.connect();
  return {
    call: ([name, ...words]) => one.call(name, ...words),
    exec: async (commands) => (await transaction(one, commands).exec()) !== null,
    close: () => one.disconnect(),
  };
}

function result([error, reply]) {
  if (error) throw error;
  return reply;
}

async function open(client, { broadcast, prefixes }, told) {
  const sink = connection(client, told.end);
  const reader = connection(client, told.end);
  const close = () => [sink, reader].forEach((one) => one.disconnect());
  try {
    await Promise.all([sink.connect(), reader.connect()]);
    const [role] = await reader.role();
    if (role !== "master") throw new Error("the node is no primary");
    const id = await sink.client("ID");
    const tracking = ["TRACKING", "ON", "REDIRECT", id];
    sink.on("messageBuffer", (channel, keys) => {
      if (keys === null) told.all();
      else told.keys(keys.map(String));
    });
    // A broadcast is not about what was read: it depends on no other connection.
    if (broadcast) {
      const words = prefixes.flatMap((prefix) => ["PREFIX", prefix]);
      await sink.client(...tracking, "BCAST", ...words);
    }
    await sink.subscribe(CHANNEL);
    if (!broadcast) await reader.client(...tracking);
  } catch (error) {
    close();
    throw error;
  }
  return {
    get: (key) => read(reader, key),
    ping: () => Promise.all([sink.ping(), reader.ping()]),
    close,
  };
}

function connection(client, end) {
  const one = client.duplicate(ONE_CONNECTION);
  one.on("error", () => {}); // it ends then
  one.on("close", end);
  return one;
}
