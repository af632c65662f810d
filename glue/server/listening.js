/*
 * SUBSCRIBE to the one channel there is: on it, connections that speak RESP2 are told which keys
 * have changed, of those that others track and redirect to them.
 */
import { array, bulk, error, integer, nil, push } from "./replies.js";

const CHANNEL = "__redis__:invalidate";
const ALLOWED = new Set(
  "ping psubscribe punsubscribe quit reset ssubscribe subscribe sunsubscribe unsubscribe".split(
    " ",
  ),
);

/** What a listener is sent; `keys` is a reply. */
export const message = (resp, keys) => push(resp, [bulk("message"), bulk(CHANNEL), keys]);

export function subscribe(connection, [, ...channels]) {
  if (channels.some((channel) => channel !== CHANNEL)) {
    return error(`ERR SUBSCRIBE is not supported: this server has no channel but ${CHANNEL}`);
  }
  connection.isListening = true;
  const told = push(connection.resp, [bulk("subscribe"), bulk(CHANNEL), integer(1)]);
  return told.repeat(channels.length);
}

export function unsubscribe(connection, [, ...channels]) {
  const { resp } = connection;
  const names =
    channels.length > 0 ? channels.map(bulk) : [connection.isListening ? bulk(CHANNEL) : nil(resp)];
  if (channels.length === 0 || channels.includes(CHANNEL)) connection.isListening = false;
  const left = integer(connection.isListening ? 1 : 0);
  return names.map((name) => push(resp, [bulk("unsubscribe"), name, left])).join("");
}

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
