/*
 * MONITOR: connections that are shown each command that is run, but for those of operators.
 */
import { error, NOTHING, OK, simple } from "./replies.js";

export class Monitors {
  #connections = new Set();

  get isNeeded() {
    return this.#connections.size > 0;
  }

  add(connection) {
    this.#connections.add(connection);
    connection.isMonitor = true;
  }

  remove(connection) {
    this.#connections.delete(connection);
    connection.isMonitor = false;
  }

  /** The connection has run a command. */
  show(connection, command, words) {
    if (!this.isNeeded || command.flags.has("admin")) return;
    const { server, isLocal, address } = connection;
    const ms = server.now();
    const time = `${Math.floor(ms / 1000)}.${String((ms % 1000) * 1000).padStart(6, "0")}`;
    const from = isLocal ? `unix:${address.replace(/:0$/, "")}` : address;
    const line = simple(
      `${time} [0 ${from}] ${withoutSecrets(command, words).map(quote).join(" ")}`,
    );
    for (const monitor of this.#connections) monitor.push(line);
  }
}

const HIDDEN = "(redacted)";

// Names of users and passwords.
function withoutSecrets({ name }, words) {
  const isAuth = (word, i) => name === (i === 0 ? "auth" : "hello") && /^auth$/i.test(word);
  const at = words.findIndex(isAuth);
  return words.map((word, i) => (at >= 0 && i > at && i <= at + 2 ? HIDDEN : word));
}

const ESCAPED = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\x07": "\\a",
  "\b": "\\b",
};

function quote(word) {
  const escape = (byte) =>
    ESCAPED[byte] ?? `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`;
  return `"${word.replace(/[\\"]|[^ -~]/g, escape)}"`;
}

export function monitor(connection) {
  if (connection.inExec) return error("ERR MONITOR isn't allowed for DENY BLOCKING client");
  if (connection.isMonitor) return NOTHING;
  connection.server.monitors.add(connection);
  return OK;
}

/** What a monitor is answered instead of what it asks for, or null. */
export function answerMonitor({ isMonitor }, { flags, writes }) {
  if (!isMonitor || !(writes || flags.has("readonly"))) return null;
  return error("ERR Replica can't interact with the keyspace");
}
