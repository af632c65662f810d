/*
 * What a connection says about itself, and how it ends: HELLO, AUTH, SELECT, RESET, QUIT ...
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { array, bulk, error, integer, map, NOTHING, OK, simple, SYNTAX_ERROR } from "./replies.js";
import { wholeNumber } from "./words.js";

const VERSION = "7.0.15"; // of Redis, whose answers these are
const WRONG_PASSWORD = error("WRONGPASS invalid username-password pair or user is disabled.");

/** In a time that tells nothing of where two texts differ. */
function isSame(one, other) {
  const digest = (text) => createHash("sha256").update(text, "latin1").digest();
  return timingSafeEqual(digest(one), digest(other));
}

function authenticate(connection, user, password) {
  const right = connection.server.config.password;
  if (user !== "default" || (right !== "" && !isSame(password, right))) return false;
  connection.isTrusted = true;
  return true;
}

/** An error, or null if the name is fine. */
export function rename(connection, name) {
  if (/[^!-~]/.test(name)) {
    return error("ERR Client names cannot contain spaces, newlines or special characters.");
  }
  connection.name = name;
  return null;
}

export function hello(connection, words) {
  const version = words.length > 1 ? wholeNumber(words[1]) : connection.resp;
  if (Number.isNaN(version)) {
    return error("ERR Protocol version is not an integer or out of range");
  }
  if (version !== 2 && version !== 3) return error("NOPROTO unsupported protocol version");
  for (let i = 2; i < words.length; i++) {
    const option = words[i].toLowerCase();
    if (option === "auth" && i + 2 < words.length) {
      if (!authenticate(connection, words[i + 1], words[i + 2])) return WRONG_PASSWORD;
      i += 2;
    } else if (option === "setname" && i + 1 < words.length) {
      const refusal = rename(connection, words[++i]);
      if (refusal) return refusal;
    } else {
      return error(`ERR Syntax error in HELLO option '${words[i]}'`);
    }
  }
  if (!connection.isTrusted) {
    return error(
      "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO " +
        "AUTH <user> <pass> option can be used to authenticate the client and select the RESP " +
        "protocol version at the same time",
    );
  }
  connection.resp = version;
  const about = [
    ["server", bulk("redis")],
    ["version", bulk(VERSION)],
    ["proto", integer(version)],
    ["id", integer(connection.id)],
    ["mode", bulk("standalone")],
    ["role", bulk("master")],
    ["modules", array([])],
  ];
  return map(
    version,
    about.flatMap(([name, value]) => [bulk(name), value]),
  );
}

export function auth(connection, words) {
  if (words.length > 3) return SYNTAX_ERROR;
  if (words.length === 2 && connection.server.config.password === "") {
    return error(
      "ERR AUTH <password> called without any password configured for the default user. " +
        "Are you sure your configuration is correct?",
    );
  }
  const [user, password] = words.length === 2 ? ["default", words[1]] : words.slice(1);
  return authenticate(connection, user, password) ? OK : WRONG_PASSWORD;
}

export function quit(connection) {
  connection.closeSoon();
  return OK;
}

/** As if it had just come. */
export function reset(connection) {
  const { server, transaction } = connection;
  server.tracking.end(connection);
  server.channels.leaveAll(connection);
  server.monitors.remove(connection);
  server.watched.remove(transaction);
  transaction.end();
  server.needChanges();
  connection.resp = 2;
  connection.name = "";
  connection.replies = "on";
  connection.isProtected = false;
  connection.isTrusted = server.config.password === "";
  return simple("RESET");
}

/** POST and Host: are what a web browser says that somebody has pointed at this server. */
export function ignore(connection, [word]) {
  connection.server.log(`${connection.address} sent ${word}, as web browsers do: closed`);
  connection.close();
  return NOTHING;
}
