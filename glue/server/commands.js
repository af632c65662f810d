/*
 * The server's own commands, a line each: what runs it, its flags, its group, the Redis version
 * that brought it, and its arity. A subcommand's line is behind its container's. All other commands
 * are the module's, and known from what it tells of them; some it leaves to the server (TAKEOVERS).
 */
import * as administration from "./administration.js";
import { blockingCommands, wait } from "./blocking.js";
import * as channels from "./channels.js";
import * as clients from "./clients.js";
import { configGet, configResetstat, configRewrite, configSet } from "./config.js";
import { debug } from "./debug.js";
import * as places from "./georadius.js";
import { info } from "./info.js";
import * as introspection from "./introspection.js";
import { auth, hello, ignore, quit, reset } from "./session.js";
import { monitor } from "./monitor.js";
import * as tracking from "./tracking.js";
import { discard, exec, multi, unwatch, watch } from "./transactions.js";

const { help } = introspection;
const { done, nothing, refuse, zero } = administration;

const LOOK = "loading stale"; // even when there is nothing to be looked at yet, in Redis's words
const ANY_TIME = `noscript ${LOOK}`;
const STRANGER = `${ANY_TIME} fast no_auth allow_busy`; // without the password, too
const QUEUE = `${ANY_TIME} fast allow_busy`; // of transactions
const OPERATOR = `admin ${ANY_TIME}`;
const WATCHER = `admin ${LOOK}`;
const LISTENER = `pubsub ${ANY_TIME}`;
const SPEAKER = `pubsub ${LOOK} fast`;
const STORES = "write denyoom movablekeys";
const NONE = "";

const line = (name, run, flags, group, since, arity, keys) => {
  return { name, run, flags: flags.split(" ").filter(Boolean), group, since, arity, keys };
};

// Those that are no commands of this server, and not shown.
const hidden = (names, run, flags = NONE) =>
  names.split(" ").map((name) => ({ ...line(name, run, flags, "", "", -1), isHidden: true }));

export const COMMANDS = [
  line("auth", auth, STRANGER, "connection", "1.0.0", -2),
  line("client", null, NONE, "connection", "2.4.0", -2),
  line("client|caching", tracking.clientCaching, ANY_TIME, "connection", "6.0.0", 3),
  line("client|getname", clients.clientGetname, ANY_TIME, "connection", "2.6.9", 2),
  line("client|getredir", tracking.clientGetredir, ANY_TIME, "connection", "6.0.0", 2),
  line("client|help", help, LOOK, "connection", "5.0.0", 2),
  line("client|id", clients.clientId, ANY_TIME, "connection", "5.0.0", 2),
  line("client|info", clients.clientInfo, ANY_TIME, "connection", "6.2.0", 2),
  line("client|kill", clients.clientKill, OPERATOR, "connection", "2.4.0", -3),
  line("client|list", clients.clientList, OPERATOR, "connection", "2.4.0", -2),
  line("client|no-evict", clients.clientNoEvict, OPERATOR, "connection", "7.0.0", 3),
  line("client|no-touch", clients.clientNoTouch, ANY_TIME, "connection", "7.2.0", 3),
  line("client|pause", clients.clientPause, OPERATOR, "connection", "2.9.50", -3),
  line("client|reply", clients.clientReply, ANY_TIME, "connection", "3.2.0", 3),
  line("client|setinfo", clients.clientSetinfo, ANY_TIME, "connection", "7.2.0", 4),
  line("client|setname", clients.clientSetname, ANY_TIME, "connection", "2.6.9", 3),
  line("client|tracking", tracking.clientTracking, ANY_TIME, "connection", "6.0.0", -3),
  line("client|trackinginfo", tracking.clientTrackinginfo, ANY_TIME, "connection", "6.2.0", 2),
  line("client|unblock", clients.clientUnblock, OPERATOR, "connection", "5.0.0", -3),
  line("client|unpause", clients.clientUnpause, OPERATOR, "connection", "6.2.0", 2),
  line("command", introspection.command, LOOK, "server", "2.8.13", -1),
  line("command|count", introspection.commandCount, LOOK, "server", "2.8.13", 2),
  line("command|docs", introspection.commandDocs, LOOK, "server", "7.0.0", -2),
  line("command|getkeys", introspection.commandGetkeys, LOOK, "server", "2.8.13", -4),
  line(
    "command|getkeysandflags",
    introspection.commandGetkeysandflags,
    LOOK,
    "server",
    "7.0.0",
    -4,
  ),
  line("command|help", help, LOOK, "server", "5.0.0", 2),
  line("command|info", introspection.commandInfo, LOOK, "server", "2.8.13", -2),
  line("command|list", introspection.commandList, LOOK, "server", "7.0.0", -2),
  line("config", null, NONE, "server", "2.0.0", -2),
  line("config|get", configGet, OPERATOR, "server", "2.0.0", -3),
  line("config|help", help, LOOK, "server", "5.0.0", 2),
  line("config|resetstat", configResetstat, OPERATOR, "server", "2.0.0", 2),
  line("config|rewrite", configRewrite, OPERATOR, "server", "2.8.0", 2),
  line("config|set", configSet, OPERATOR, "server", "2.0.0", -4),
  line("debug", debug, OPERATOR, "server", "1.0.0", -2),
  line("discard", discard, QUEUE, "transactions", "2.0.0", 1),
  line("exec", exec, `${ANY_TIME} skip_slowlog`, "transactions", "1.2.0", 1),
  line("function", null, NONE, "scripting", "7.0.0", -2),
  line("function|flush", done, "write noscript", "scripting", "7.0.0", -2),
  line("function|help", help, LOOK, "scripting", "7.0.0", 2),
  line("function|list", nothing, "noscript", "scripting", "7.0.0", -2),
  line("georadius", places.georadius, STORES, "geo", "3.2.0", -6, [1, 1, 1]),
  line("georadius_ro", places.georadiusRo, "readonly", "geo", "3.2.10", -6, [1, 1, 1]),
  line("georadiusbymember", places.georadiusbymember, STORES, "geo", "3.2.0", -5, [1, 1, 1]),
  line(
    "georadiusbymember_ro",
    places.georadiusbymemberRo,
    "readonly",
    "geo",
    "3.2.10",
    -5,
    [1, 1, 1],
  ),
  line("hello", hello, STRANGER, "connection", "6.0.0", -1),
  line("lastsave", administration.lastsave, `${LOOK} fast`, "server", "1.0.0", 1),
  line("latency", null, NONE, "server", "2.8.13", -2),
  line("latency|doctor", administration.latencyDoctor, OPERATOR, "server", "2.8.13", 2),
  line("latency|graph", administration.latencyGraph, OPERATOR, "server", "2.8.13", 3),
  line("latency|help", help, LOOK, "server", "2.8.13", 2),
  line("latency|histogram", administration.latencyHistogram, OPERATOR, "server", "7.0.0", -2),
  line("latency|history", nothing, OPERATOR, "server", "2.8.13", 3),
  line("latency|latest", nothing, OPERATOR, "server", "2.8.13", 2),
  line("latency|reset", zero, OPERATOR, "server", "2.8.13", -2),
  line("monitor", monitor, OPERATOR, "server", "1.0.0", 1),
  line("move", administration.move, "write fast", "generic", "1.0.0", 3, [1, 1, 1]),
  line("multi", multi, QUEUE, "transactions", "1.2.0", 1),
  line("psubscribe", channels.psubscribe, LISTENER, "pubsub", "2.0.0", -2),
  line("publish", channels.publish, SPEAKER, "pubsub", "2.0.0", 3),
  line("pubsub", null, NONE, "pubsub", "2.8.0", -2),
  line("pubsub|channels", channels.pubsubChannels, `pubsub ${LOOK}`, "pubsub", "2.8.0", -2),
  line("pubsub|help", help, LOOK, "pubsub", "6.2.0", 2),
  line("pubsub|numpat", channels.pubsubNumpat, `pubsub ${LOOK}`, "pubsub", "2.8.0", 2),
  line("pubsub|numsub", channels.pubsubNumsub, `pubsub ${LOOK}`, "pubsub", "2.8.0", -2),
  line(
    "pubsub|shardchannels",
    channels.pubsubShardchannels,
    `pubsub ${LOOK}`,
    "pubsub",
    "7.0.0",
    -2,
  ),
  line("pubsub|shardnumsub", channels.pubsubShardnumsub, `pubsub ${LOOK}`, "pubsub", "7.0.0", -2),
  line("punsubscribe", channels.punsubscribe, LISTENER, "pubsub", "2.0.0", -1),
  line("quit", quit, STRANGER, "connection", "1.0.0", -1),
  line(
    "replicaof",
    administration.replicaof,
    "admin noscript stale no_async_loading",
    "server",
    "5.0.0",
    3,
  ),
  line("reset", reset, STRANGER, "connection", "6.2.0", 1),
  line("role", administration.role, `${ANY_TIME} fast`, "server", "2.8.12", 1),
  line("script", null, NONE, "scripting", "2.6.0", -2),
  line("script|flush", done, "noscript", "scripting", "2.6.0", -2),
  line("script|help", help, LOOK, "scripting", "5.0.0", 2),
  line("select", administration.select, `${LOOK} fast`, "connection", "1.0.0", 2),
  line(
    "shutdown",
    administration.shutdown,
    `${OPERATOR} no_multi allow_busy`,
    "server",
    "1.0.0",
    -1,
  ),
  line(
    "slaveof",
    administration.replicaof,
    "admin noscript stale no_async_loading",
    "server",
    "1.0.0",
    3,
  ),
  line("slowlog", null, NONE, "server", "2.2.12", -2),
  line("slowlog|get", administration.slowlogGet, WATCHER, "server", "2.2.12", -2),
  line("slowlog|help", help, LOOK, "server", "6.2.0", 2),
  line("slowlog|len", zero, WATCHER, "server", "2.2.12", 2),
  line("slowlog|reset", done, WATCHER, "server", "2.2.12", 2),
  line("spublish", channels.spublish, SPEAKER, "pubsub", "7.0.0", 3, [1, 1, 1]),
  line("ssubscribe", channels.ssubscribe, LISTENER, "pubsub", "7.0.0", -2, [1, -1, 1]),
  line("subscribe", channels.subscribe, LISTENER, "pubsub", "2.0.0", -2),
  line("sunsubscribe", channels.sunsubscribe, LISTENER, "pubsub", "7.0.0", -1, [1, -1, 1]),
  line("swapdb", administration.swapdb, "write fast", "server", "4.0.0", 3),
  line("time", administration.time, `${LOOK} fast`, "server", "2.6.0", 1),
  line("unsubscribe", channels.unsubscribe, LISTENER, "pubsub", "2.0.0", -1),
  line("unwatch", unwatch, QUEUE, "transactions", "2.2.0", 1),
  line("wait", wait, "noscript", "generic", "3.0.0", 3),
  line("watch", watch, QUEUE, "transactions", "2.2.0", -2, [1, -1, 1]),

  ...hidden("host: post", ignore, "no_auth"),
  ...hidden(
    "eval eval_ro evalsha evalsha_ro fcall fcall_ro",
    refuse("this server runs no scripts"),
  ),
  ...hidden("bgsave bgrewriteaof", refuse("nothing is kept on disk")),
  ...hidden("save", refuse("nothing is kept on disk"), "no_multi"),
  ...hidden("sync psync replconf failover", refuse("this server has no replication")),
  ...hidden("cluster asking readonly readwrite", refuse("this server is no part of a cluster")),
];

export const TAKEOVERS = {
  ...blockingCommands,
  flushall: administration.flush,
  flushdb: administration.flush,
  info,
};
