/*
 * PUB/SUB: who listens to which channels, to patterns of their names, and to shard channels, which in
 * a server that is no cluster are but channels by themselves.
 */
import { glob } from "./glob.js";
import { array, bulk, bulks, error, integer, nil, NOTHING, push } from "./replies.js";

const INVALIDATE = "__redis__:invalidate"; // of tracking, in RESP2

/** What is listened to, by name: those who do. */
class Topics extends Map {
  add(name, connection) {
    if (!this.has(name)) this.set(name, new Set());
    this.get(name).add(connection);
  }

  remove(name, connection) {
    const listeners = this.get(name);
    listeners?.delete(connection);
    if (listeners?.size === 0) this.delete(name);
  }
}

/** What a connection listens to, of each kind: names. */
export class Subscriptions {
  channels = new Set();
  patterns = new Set();
  shards = new Set();

  get isEmpty() {
    return this.channels.size + this.patterns.size + this.shards.size === 0;
  }

  /** As a client is told it: shard channels are counted by themselves. */
  count(kind) {
    return kind === "shards" ? this.shards.size : this.channels.size + this.patterns.size;
  }
}

export class Channels {
  channels = new Topics();
  patterns = new Topics();
  shards = new Topics();

  #matchers = new Map(); // of a pattern

  listen(connection, kind, name) {
    this[kind].add(name, connection);
    if (kind === "patterns") this.#matchers.set(name, glob(name, { exact: true }));
    connection.subscriptions[kind].add(name);
    connection.isListening = true;
  }

  leave(connection, kind, name) {
    this[kind].remove(name, connection);
    if (!this.patterns.has(name)) this.#matchers.delete(name);
    connection.subscriptions[kind].delete(name);
    connection.isListening = !connection.subscriptions.isEmpty;
  }

  leaveAll(connection) {
    for (const [kind, names] of Object.entries(connection.subscriptions)) {
      for (const name of names) this.leave(connection, kind, name);
    }
  }

  /** How many were told. */
  publish(channel, text) {
    let count = tell(this.channels.get(channel), "message", [channel, text]);
    for (const [pattern, listeners] of this.patterns) {
      if (!this.#matchers.get(pattern)(channel)) continue;
      count += tell(listeners, "pmessage", [pattern, channel, text]);
    }
    return count;
  }

  publishToShard(channel, text) {
    return tell(this.shards.get(channel), "smessage", [channel, text]);
  }
}

function tell(listeners = new Set(), what, texts) {
  const items = [what, ...texts].map(bulk);
  for (const listener of listeners) listener.push(push(listener.resp, items));
  return listeners.size;
}

/** What tells a listener that keys have changed; `keys` is a reply. */
export const invalidation = (keys) => push(2, [bulk("message"), bulk(INVALIDATE), keys]);

/* --- commands --------------------------------------------------------------------------------- */

// What a connection is told of a name, or, if it is null, of none: a message, and so not muted.
function confirm(connection, kind, word, name) {
  const count = connection.subscriptions.count(kind);
  const { resp } = connection;
  const what = name === null ? nil(resp) : bulk(name);
  const text = push(resp, [bulk(word.toLowerCase()), what, integer(count)]);
  if (connection.inExec) return text;
  connection.push(text);
  return NOTHING;
}

const subscriber =
  (kind) =>
  (connection, [word, ...names]) => {
    if (kind === "shards" && connection.inExec) {
      return error("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client");
    }
    const told = names.map((name) => {
      connection.server.channels.listen(connection, kind, name);
      return confirm(connection, kind, word, name);
    });
    return told.join("");
  };

const unsubscriber =
  (kind) =>
  (connection, [word, ...given]) => {
    const names = given.length > 0 ? given : [...connection.subscriptions[kind]];
    if (names.length === 0) return confirm(connection, kind, word, null);
    const told = names.map((name) => {
      connection.server.channels.leave(connection, kind, name);
      return confirm(connection, kind, word, name);
    });
    return told.join("");
  };

export const subscribe = subscriber("channels");
export const psubscribe = subscriber("patterns");
export const ssubscribe = subscriber("shards");
export const unsubscribe = unsubscriber("channels");
export const punsubscribe = unsubscriber("patterns");
export const sunsubscribe = unsubscriber("shards");

export const publish = ({ server }, [, channel, text]) =>
  integer(server.channels.publish(channel, text));

export const spublish = ({ server }, [, channel, text]) =>
  integer(server.channels.publishToShard(channel, text));

const lister =
  (kind) =>
  ({ server }, [, part, pattern = "*", ...more]) => {
    if (more.length > 0) {
      const what = "unknown subcommand or wrong number of arguments for";
      return error(`ERR ${what} '${part}'. Try PUBSUB HELP.`);
    }
    const matches = glob(pattern, { exact: true });
    return bulks([...server.channels[kind].keys()].filter(matches));
  };

const counter =
  (kind) =>
  ({ server }, [, , ...names]) => {
    const count = (name) => integer(server.channels[kind].get(name)?.size ?? 0);
    return array(names.flatMap((name) => [bulk(name), count(name)]));
  };

export const pubsubChannels = lister("channels");
export const pubsubShardchannels = lister("shards");
export const pubsubNumsub = counter("channels");
export const pubsubShardnumsub = counter("shards");
export const pubsubNumpat = ({ server }) => integer(server.channels.patterns.size);

const ALLOWED = new Set(
  "ping psubscribe punsubscribe quit reset ssubscribe subscribe sunsubscribe unsubscribe".split(
    " ",
  ),
);

/** In RESP2, a listener can but listen: what it is answered instead, or null. */
export function answerListener(connection, command, [, text = ""]) {
  if (!connection.isListening || connection.resp === 3) return null;
  if (command.name === "ping") return array([bulk("pong"), bulk(text)]);
  if (ALLOWED.has(command.name)) return null;
  return error(
    `ERR Can't execute '${command.name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / ` +
      "RESET are allowed in this context",
  );
}
