/*
 * Replies of the server itself, as text in which each unit is a byte: see words.js.
 *
 * What looks different in RESP3 takes the protocol's version first.
 */
export const OK = "+OK\r\n";
export const NOTHING = ""; // there is no reply, or it has been given

export const simple = (text) => `+${text}\r\n`;
export const integer = (value) => `:${value}\r\n`;
export const bulk = (text) => `$${text.length}\r\n${text}\r\n`;
export const array = (items) => `*${items.length}\r\n${items.join("")}`;
export const bulks = (texts) => array(texts.map(bulk));
export const nil = (resp) => (resp === 3 ? "_\r\n" : "$-1\r\n");
export const nilArray = (resp) => (resp === 3 ? "_\r\n" : "*-1\r\n");
export const push = (resp, items) =>
  `${resp === 3 ? ">" : "*"}${items.length}\r\n${items.join("")}`;
export const set = (resp, items) => `${resp === 3 ? "~" : "*"}${items.length}\r\n${items.join("")}`;

/** Of replies by turns: a name, its value, and so on. */
export const map = (resp, items) =>
  `${resp === 3 ? `%${items.length / 2}` : `*${items.length}`}\r\n${items.join("")}`;

/** Of text for people to read. */
export const lines = (resp, text) =>
  resp === 3 ? `=${text.length + 4}\r\ntxt:${text}\r\n` : bulk(text);

/** The text begins with its code: "ERR no such thing". What would end the line is a blank. */
export const error = (message) => `-${message.replace(/[\r\n]/g, " ")}\r\n`;

export const SYNTAX_ERROR = error("ERR syntax error");
export const NOT_AN_INTEGER = error("ERR value is not an integer or out of range");
