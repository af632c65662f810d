/*
 * The server's own commands, a line each: name, what runs it, flags, group, since, arity. The rest is
 * the module's; what it tells of a command, and this does, comes from the module (TAKEOVERS).
 */
import { blockingCommands } from "./blocking.js";
import { configGet, configResetstat, configRewrite, configSet } from "./config.js";
import { auth, hello, quit, reset, select } from "./session.js";
import { discard, exec, multi, unwatch, watch } from "./transactions.js";

const ANY_TIME = "noscript loading stale";
const STRANGERS_TOO = `${ANY_TIME} fast no_auth allow_busy`;
const OPERATOR = `admin ${ANY_TIME}`;

const line = (name, run, flags, group, since, arity, keys) => ({
  name,
  run,
  flags: flags.split(" ").filter((flag) => flag !== ""),
  group,
  since,
  arity,
  keys,
});

export const COMMANDS = [
  line("auth", auth, STRANGERS_TOO, "connection", "1.0.0", -2),
  line("config", null, "", "server", "2.0.0", -2),
  line("config|get", configGet, OPERATOR, "server", "2.0.0", -3),
  line("config|resetstat", configResetstat, OPERATOR, "server", "2.0.0", 2),
  line("config|rewrite", configRewrite, OPERATOR, "server", "2.8.0", 2),
  line("config|set", configSet, OPERATOR, "server", "2.0.0", -4),
  line("discard", discard, `${ANY_TIME} fast allow_busy`, "transactions", "2.0.0", 1),
  line("exec", exec, `${ANY_TIME} skip_slowlog`, "transactions", "1.2.0", 1),
  line("hello", hello, STRANGERS_TOO, "connection", "6.0.0", -1),
  line("multi", multi, `${ANY_TIME} fast allow_busy`, "transactions", "1.2.0", 1),
  line("quit", quit, STRANGERS_TOO, "connection", "1.0.0", -1),
  line("reset", reset, STRANGERS_TOO, "connection", "6.2.0", 1),
  line("select", select, "loading stale fast", "connection", "1.0.0", 2),
  line("unwatch", unwatch, `${ANY_TIME} fast allow_busy`, "transactions", "2.2.0", 1),
  line("watch", watch, `${ANY_TIME} fast allow_busy`, "transactions", "2.2.0", -2, [1, -1, 1]),
];

export const TAKEOVERS = { ...blockingCommands };
