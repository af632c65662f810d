/*
 * Commands on the server as a whole.
 *
 * It keeps nothing on disk, has no replicas, one database, and no log of slow commands: what asks
 * for these is answered as a Redis answers that has been told to have none, or is refused.
 */
import {
  array,
  bulk,
  error,
  integer,
  lines,
  map,
  NOT_AN_INTEGER,
  NOTHING,
  OK,
  SYNTAX_ERROR,
} from "./replies.js";
import { wholeNumber } from "./words.js";

const OUT_OF_RANGE = error("ERR DB index is out of range");

export function time({ server }) {
  const ms = server.now();
  return array([bulk(String(Math.floor(ms / 1000))), bulk(String((ms % 1000) * 1000))]);
}

export const lastsave = ({ server }) => integer(Math.floor(server.startedAt / 1000));

export const role = () => array([bulk("master"), integer(0), array([])]);

export function replicaof(connection, [, host, port]) {
  const isNone = host.toLowerCase() === "no" && port.toLowerCase() === "one";
  return isNone ? OK : error("ERR REPLICAOF is not supported: this server has no replication");
}

/** SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [ABORT] */
export function shutdown(connection, [, ...words]) {
  const asked = new Set(words.map((word) => word.toLowerCase()));
  const known = ["nosave", "save", "now", "force", "abort"];
  const isOdd =
    (asked.has("abort") && asked.size > 1) || (asked.has("save") && asked.has("nosave"));
  if (isOdd || [...asked].some((word) => !known.includes(word))) return SYNTAX_ERROR;
  if (asked.has("abort")) return error("ERR No shutdown in progress.");
  if (asked.has("save"))
    return error("ERR SHUTDOWN SAVE is not supported: nothing is kept on disk");
  connection.server.shutDown();
  return NOTHING;
}

/* --- databases -------------------------------------------------------------------------------- */

// Why a word cannot be a database's index; null: it can.
function refusalOfIndex(word) {
  const number = wholeNumber(word);
  if (Number.isNaN(number)) return NOT_AN_INTEGER;
  if (number === (number | 0)) return null;
  return error("ERR value is out of range, value must between -2147483648 and 2147483647");
}

export function select(connection, [, index]) {
  return refusalOfIndex(index) ?? (wholeNumber(index) === 0 ? OK : OUT_OF_RANGE);
}

export function move(connection, [, , index]) {
  const same = error("ERR source and destination objects are the same");
  return refusalOfIndex(index) ?? (wholeNumber(index) === 0 ? same : OUT_OF_RANGE);
}

export function swapdb(connection, [, one, other]) {
  if (refusalOfIndex(one)) return error("ERR invalid first DB index");
  if (refusalOfIndex(other)) return error("ERR invalid second DB index");
  return wholeNumber(one) === 0 && wholeNumber(other) === 0 ? OK : OUT_OF_RANGE;
}

/** FLUSHALL, FLUSHDB: others have to know that this was it, not any other change of everything. */
export function flush(connection, words) {
  const { server } = connection;
  server.noteChanges(connection);
  const reply = server.ask(words, connection.resp);
  connection.write(reply);
  if (reply === OK) server.noteFlush();
  return NOTHING;
}

/* --- what is not measured --------------------------------------------------------------------- */

export function slowlogGet(connection, [, , count]) {
  if (count !== undefined && !(wholeNumber(count) >= -1)) {
    return error("ERR count should be greater than or equal to -1");
  }
  return array([]);
}

export const nothing = () => array([]);

export const zero = () => integer(0);

export const done = () => OK;

export const latencyHistogram = ({ resp }) => map(resp, []);

export const latencyDoctor = ({ resp }) =>
  lines(resp, "Latencies are not monitored by this server.\n");

export const latencyGraph = (connection, [, , event]) =>
  error(`ERR No samples available for event '${event}'`);

/* --- what is refused -------------------------------------------------------------------------- */

export const refuse = (why) => (connection, words, command) =>
  error(`ERR ${command.name.replace("|", " ").toUpperCase()} is not supported: ${why}`);
