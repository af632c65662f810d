/*
 * CLIENT: connections, told and ended.
 */
import { unblock } from "./blocking.js";
import {
  bulk,
  error,
  integer,
  lines,
  NOT_AN_INTEGER,
  OK,
  NOTHING,
  SYNTAX_ERROR,
  nil,
} from "./replies.js";
import { rename } from "./session.js";
import { wholeNumber } from "./words.js";

const TYPES = ["normal", "slave", "replica", "pubsub", "master"];

const typeOf = (connection) => (connection.isListening ? "pubsub" : "normal");

export const clientId = (connection) => integer(connection.id);

export const clientGetname = ({ name, resp }) => (name === "" ? nil(resp) : bulk(name));

export const clientSetname = (connection, [, , name]) => rename(connection, name) ?? OK;

export const clientInfo = (connection) => lines(connection.resp, `${describe(connection)}\n`);

/** As in Redis 7.2, whose clients send it to whatever server they find. */
export function clientSetinfo({ library }, [, , option, value]) {
  const name = { "lib-name": "name", "lib-ver": "version" }[option.toLowerCase()];
  if (name === undefined) return error(`ERR Unrecognized option '${option}'`);
  if (/[^!-~]/.test(value)) {
    const what = option.toLowerCase();
    return error(`ERR ${what} cannot contain spaces, newlines or special characters.`);
  }
  library[name] = value;
  return OK;
}

export function clientList({ server, resp }, [, , option, ...values]) {
  let found = [...server.connections.values()];
  if (option?.toLowerCase() === "type" && values.length === 1) {
    const type = values[0].toLowerCase();
    if (!TYPES.includes(type)) return unknownType(values[0]);
    found = found.filter((each) => typeOf(each) === type);
  } else if (option?.toLowerCase() === "id" && values.length > 0) {
    const ids = values.map(wholeNumber);
    if (ids.some(Number.isNaN)) return error("ERR Invalid client ID");
    found = ids.map((id) => server.connections.get(id)).filter((connection) => connection);
  } else if (option !== undefined) {
    return SYNTAX_ERROR;
  }
  return lines(resp, found.map((connection) => `${describe(connection)}\n`).join(""));
}

function unknownType(type) {
  return error(`ERR Unknown client type '${type}'`);
}

// A line of CLIENT LIST, with all of Redis's fields.
function describe(connection) {
  const { server, framing, transaction, tracking, subscriptions } = connection;
  const seconds = (since) => Math.max(0, Math.floor((server.now() - since) / 1000));
  const fields = {
    id: connection.id,
    addr: connection.address,
    laddr: connection.localAddress,
    fd: connection.socket._handle?.fd ?? -1,
    name: connection.name,
    age: seconds(connection.createdAt),
    idle: seconds(connection.activeAt),
    flags: flags(connection),
    db: 0,
    sub: subscriptions.channels.size,
    psub: subscriptions.patterns.size,
    ssub: subscriptions.shards.size,
    multi: transaction.isOpen ? transaction.commands.length : -1,
    qbuf: framing.end - framing.start, // with the command at work
    "qbuf-free": Math.max(0, framing.bytes.length - framing.end),
    "argv-mem": 0,
    "multi-mem": transaction.bytes,
    rbs: 0,
    rbp: 0,
    obl: 0,
    oll: 0,
    omem: connection.unsent,
    "tot-mem": connection.memory,
    events: "r",
    cmd: connection.command?.name ?? "NULL",
    user: "default",
    redir: tracking?.redirect ?? -1,
    resp: connection.resp,
    "lib-name": connection.library.name,
    "lib-ver": connection.library.version,
  };
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

function flags(connection) {
  const { transaction, tracking } = connection;
  const letters = [
    [connection.isMonitor, "O"],
    [connection.isListening, "P"],
    [transaction.isOpen, "x"],
    [connection.wait !== null || connection.isHeld, "b"],
    [tracking !== null, "t"],
    [tracking?.isBroken, "R"],
    [tracking?.isBroadcast, "B"],
    [transaction.isTouched, "d"],
    [connection.isClosing, "c"],
    [connection.isLocal, "U"],
    [connection.isProtected, "e"],
  ];
  const set = letters.filter(([isSet]) => isSet).map(([, letter]) => letter);
  return set.join("") || "N";
}

/** CLIENT KILL address, or CLIENT KILL option value ... */
export function clientKill(connection, [, , ...words]) {
  const { server } = connection;
  const isOld = words.length === 1;
  const conditions = isOld ? [(other) => other.address === words[0]] : [];
  let sparesItself = !isOld;
  for (let i = 0; i < words.length && !isOld; i += 2) {
    const [option, value] = [words[i].toLowerCase(), words[i + 1]];
    if (value === undefined) return SYNTAX_ERROR;
    if (option === "id") {
      const id = wholeNumber(value);
      if (!(id >= 1)) return error("ERR client-id should be greater than 0");
      conditions.push((other) => other.id === id);
    } else if (option === "type") {
      if (!TYPES.includes(value.toLowerCase())) return unknownType(value);
      conditions.push((other) => typeOf(other) === value.toLowerCase());
    } else if (option === "addr") {
      conditions.push((other) => other.address === value);
    } else if (option === "laddr") {
      conditions.push((other) => other.localAddress === value);
    } else if (option === "user") {
      if (value !== "default") return error(`ERR No such user '${value}'`);
      conditions.push((other) => other.isTrusted);
    } else if (option === "skipme" && /^(yes|no)$/i.test(value)) {
      sparesItself = value.toLowerCase() === "yes";
    } else {
      return SYNTAX_ERROR;
    }
  }
  let killed = 0;
  for (const other of server.connections.values()) {
    if (!conditions.every((holds) => holds(other))) continue;
    if (other === connection && sparesItself) continue;
    if (other === connection) other.closeSoon();
    else other.close();
    killed++;
  }
  if (!isOld) return integer(killed);
  return killed > 0 ? OK : error("ERR No such client");
}

export function clientReply(connection, [, , mode]) {
  switch (mode.toLowerCase()) {
    case "on":
      connection.replies = "on";
      return OK;
    case "off":
      connection.replies = "off";
      return NOTHING;
    case "skip":
      if (connection.replies !== "off") connection.replies = "skip";
      return NOTHING;
    default:
      return SYNTAX_ERROR;
  }
}

export function clientNoEvict(connection, [, , word]) {
  if (!/^(on|off)$/i.test(word)) return SYNTAX_ERROR;
  connection.isProtected = word.toLowerCase() === "on";
  return OK;
}

/** As in Redis 7.2, but that no key's recency can be spared. */
export function clientNoTouch(connection, [, , word]) {
  if (/^off$/i.test(word)) return OK;
  if (!/^on$/i.test(word)) return SYNTAX_ERROR;
  return error("ERR CLIENT NO-TOUCH ON is not supported: every read makes a key more recent");
}

export function clientUnblock({ server }, [, , given, how]) {
  if (how !== undefined && !/^(timeout|error)$/i.test(how)) {
    return error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
  }
  const id = wholeNumber(given);
  if (Number.isNaN(id)) return NOT_AN_INTEGER;
  const isError = how?.toLowerCase() === "error";
  return integer(unblock(server, server.connections.get(id), isError) ? 1 : 0);
}

export function clientPause({ server }, [, , timeout, mode]) {
  if (mode !== undefined && !/^(write|all)$/i.test(mode)) {
    return error("ERR CLIENT PAUSE mode must be WRITE or ALL");
  }
  const ms = wholeNumber(timeout);
  if (Number.isNaN(ms)) return error("ERR timeout is not an integer or out of range");
  if (ms < 0) return error("ERR timeout is negative");
  server.pausing.begin(ms, mode?.toLowerCase() === "write");
  return OK;
}

export function clientUnpause({ server }) {
  server.pausing.end();
  return OK;
}
