/*
 * CLIENT TRACKING: who has read which keys, and is told when they change.
 *
 * The table of keys that were read is bounded: what does not fit any more is told as changed.
 */
import { invalidation } from "./channels.js";
import { findKeys } from "./keys.js";
import {
  array,
  bulk,
  bulks,
  error,
  integer,
  map,
  nil,
  NOT_AN_INTEGER,
  OK,
  push,
  set,
  SYNTAX_ERROR,
} from "./replies.js";
import { wholeNumber } from "./words.js";

/** What a connection has asked for. */
class Wish {
  isBroken = false; // the connection it redirects to has gone
  cachesNext = false; // CLIENT CACHING was given for the next command

  constructor({ redirect, prefixes, modes }) {
    this.redirect = redirect; // a connection's id, or 0
    this.prefixes = prefixes; // of BCAST
    this.isBroadcast = modes.has("bcast");
    this.isOptin = modes.has("optin");
    this.isOptout = modes.has("optout");
    this.isNoloop = modes.has("noloop");
  }

  /** Are keys that it reads remembered now? */
  get remembers() {
    return this.isOptin ? this.cachesNext : !(this.isOptout && this.cachesNext);
  }
}

export class Tracking {
  clientCount = 0;
  itemCount = 0; // keys, counted once for each client that read them

  #server;
  #readers = new Map(); // of a key: ids of connections
  #broadcasts = new Map(); // of a prefix: { connections, changed: keys, and who changed each last }

  constructor(server) {
    this.#server = server;
  }

  get isNeeded() {
    return this.clientCount > 0;
  }

  get keyCount() {
    return this.#readers.size;
  }

  get prefixCount() {
    return this.#broadcasts.size;
  }

  begin(connection, wish) {
    this.#leaveBroadcasts(connection);
    if (connection.tracking === null) this.clientCount++;
    connection.tracking = wish;
    for (const prefix of wish.prefixes) {
      if (!this.#broadcasts.has(prefix)) {
        this.#broadcasts.set(prefix, { connections: new Set(), changed: new Map() });
      }
      this.#broadcasts.get(prefix).connections.add(connection);
    }
    this.#server.needChanges();
  }

  end(connection) {
    if (connection.tracking === null) return;
    this.#leaveBroadcasts(connection);
    connection.tracking = null;
    if (--this.clientCount === 0) this.#forgetAll();
    this.#server.needChanges();
  }

  #leaveBroadcasts(connection) {
    for (const prefix of connection.tracking?.prefixes ?? []) {
      const { connections } = this.#broadcasts.get(prefix);
      connections.delete(connection);
      if (connections.size === 0) this.#broadcasts.delete(prefix);
    }
  }

  #forgetAll() {
    this.#readers.clear();
    this.itemCount = 0;
  }

  /** The connection has run a command: it may keep what it has read. */
  remember(connection, command, words) {
    const wish = connection.tracking;
    if (wish === null || wish.isBroadcast || !wish.remembers) return;
    if (!command.flags.has("readonly")) return;
    for (const { key } of findKeys(command, words) ?? []) {
      if (!this.#readers.has(key)) this.#readers.set(key, new Set());
      const readers = this.#readers.get(key);
      if (!readers.has(connection.id)) this.itemCount++;
      readers.add(connection.id);
    }
  }

  /** What is beyond the limit is told as changed: before a command, as Redis does, and in time. */
  limit() {
    const most = this.#server.config.limits.trackedKeys;
    for (const key of this.#readers.size > most ? this.#readers.keys() : []) {
      if (this.#readers.size <= most) break;
      this.#invalidate(key, null);
    }
  }

  /** A key has changed: `origin` has done that, or, if it is null, nobody. */
  noteChange(key, origin) {
    for (const [prefix, { changed }] of this.#broadcasts) {
      if (key.startsWith(prefix)) changed.set(key, origin);
    }
    this.#invalidate(key, origin);
  }

  #invalidate(key, origin) {
    const readers = this.#readers.get(key);
    if (readers === undefined) return;
    this.#readers.delete(key);
    this.itemCount -= readers.size;
    for (const id of readers) {
      const connection = this.#server.connections.get(id);
      const wish = connection?.tracking;
      if (!wish || wish.isBroadcast || (wish.isNoloop && connection === origin)) continue;
      this.#tell(connection, bulks([key]));
    }
  }

  /** Everything may have changed. */
  noteAll() {
    this.#forgetAll();
    for (const connection of this.#server.connections.values()) {
      if (connection.tracking !== null) this.#tell(connection, null);
    }
  }

  /** Those who follow prefixes are told once an event, of all that has changed. */
  broadcast() {
    for (const { connections, changed } of this.#broadcasts.values()) {
      if (changed.size === 0) continue;
      const keys = [...changed.keys()].sort();
      for (const connection of connections) {
        const { isNoloop } = connection.tracking;
        const told = isNoloop ? keys.filter((key) => changed.get(key) !== connection) : keys;
        if (told.length > 0) this.#tell(connection, bulks(told));
      }
      changed.clear();
    }
  }

  // `keys` is a reply, or null: all keys.
  #tell(connection, keys) {
    const { redirect } = connection.tracking;
    const target = redirect === 0 ? connection : this.#server.connections.get(redirect);
    if (target === undefined) {
      connection.tracking.isBroken = true;
      if (connection.resp === 3) {
        connection.push(push(3, [bulk("tracking-redir-broken"), integer(redirect)]));
      }
    } else if (target.resp === 3) {
      target.push(push(3, [bulk("invalidate"), keys ?? nil(3)]));
    } else if (redirect !== 0 && target.isListening) {
      target.push(invalidation(keys ?? nil(2)));
    }
  }
}

/* --- commands --------------------------------------------------------------------------------- */

const MODES = ["bcast", "optin", "optout", "noloop"];

/** CLIENT TRACKING ON|OFF [REDIRECT id] [PREFIX prefix] ... [BCAST] [OPTIN] [OPTOUT] [NOLOOP] */
export function clientTracking(connection, [, , state, ...words]) {
  const { server } = connection;
  const asked = { redirect: 0, prefixes: [], modes: new Set() };
  for (let i = 0; i < words.length; i++) {
    const option = words[i].toLowerCase();
    const hasValue = i + 1 < words.length;
    if (option === "redirect" && hasValue) {
      if (asked.redirect !== 0) {
        return error("ERR A client can only redirect to a single other client");
      }
      asked.redirect = wholeNumber(words[++i]);
      if (Number.isNaN(asked.redirect)) return NOT_AN_INTEGER;
      if (!server.connections.has(asked.redirect)) {
        return error("ERR The client ID you want redirect to does not exist");
      }
    } else if (option === "prefix" && hasValue) {
      asked.prefixes.push(words[++i]);
    } else if (MODES.includes(option)) {
      asked.modes.add(option);
    } else {
      return SYNTAX_ERROR;
    }
  }
  if (/^off$/i.test(state)) {
    server.tracking.end(connection);
    return OK;
  }
  if (!/^on$/i.test(state)) return SYNTAX_ERROR;
  const conflict = conflictOf(asked, connection.tracking);
  if (conflict !== null) return error(`ERR ${conflict}`);
  // New prefixes come to those that there are.
  const old = connection.tracking?.prefixes ?? [];
  if (asked.modes.has("bcast") && asked.prefixes.length === 0) asked.prefixes.push("");
  asked.prefixes = [...new Set([...old, ...asked.prefixes])];
  server.tracking.begin(connection, new Wish(asked));
  return OK;
}

// Why options do not go together, or not with what is on already; null: they do.
function conflictOf({ modes, prefixes }, wish) {
  const switching = (what) =>
    `You can't switch ${what} before disabling tracking for this client, and then re-enabling it ` +
    "with a different mode.";
  if (!modes.has("bcast") && prefixes.length > 0) {
    return "PREFIX option requires BCAST mode to be enabled";
  }
  if (wish !== null && wish.isBroadcast !== modes.has("bcast")) {
    return switching("BCAST mode on/off");
  }
  if (modes.has("bcast") && (modes.has("optin") || modes.has("optout"))) {
    return "OPTIN and OPTOUT are not compatible with BCAST";
  }
  if (modes.has("optin") && modes.has("optout")) {
    return "You can't specify both OPTIN mode and OPTOUT mode";
  }
  if ((modes.has("optin") && wish?.isOptout) || (modes.has("optout") && wish?.isOptin)) {
    return switching("OPTIN/OPTOUT mode");
  }
  return overlapOf(prefixes, wish?.prefixes ?? []);
}

function overlapOf(prefixes, old) {
  const overlaps = (one, other) => one.startsWith(other) || other.startsWith(one);
  const must = "Prefixes for a single client must not overlap.";
  for (const [i, prefix] of prefixes.entries()) {
    const existing = old.find((other) => overlaps(prefix, other));
    if (existing !== undefined) {
      return `Prefix '${prefix}' overlaps with an existing prefix '${existing}'. ${must}`;
    }
    const provided = prefixes.slice(i + 1).find((other) => overlaps(prefix, other));
    if (provided !== undefined) {
      return `Prefix '${prefix}' overlaps with another provided prefix '${provided}'. ${must}`;
    }
  }
  return null;
}

export function clientCaching({ tracking: wish }, [, , word]) {
  if (wish === null) {
    return error(
      "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or " +
        "OPTOUT mode enabled",
    );
  }
  if (/^yes$/i.test(word)) {
    if (!wish.isOptin) {
      return error("ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.");
    }
  } else if (/^no$/i.test(word)) {
    if (!wish.isOptout) {
      return error("ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.");
    }
  } else {
    return SYNTAX_ERROR;
  }
  wish.cachesNext = true;
  return OK;
}

export const clientGetredir = ({ tracking: wish }) => integer(wish === null ? -1 : wish.redirect);

export function clientTrackinginfo({ tracking: wish, resp }) {
  const flags = [
    ["off", wish === null],
    ["on", wish !== null],
    ["bcast", wish?.isBroadcast],
    ["optin", wish?.isOptin],
    ["caching-yes", wish?.isOptin && wish.cachesNext],
    ["optout", wish?.isOptout],
    ["caching-no", wish?.isOptout && wish.cachesNext],
    ["noloop", wish?.isNoloop],
    ["broken_redirect", wish?.isBroken],
  ];
  const on = flags.filter(([, isOn]) => isOn).map(([name]) => bulk(name));
  return map(resp, [
    bulk("flags"),
    set(resp, on),
    bulk("redirect"),
    integer(wish === null ? -1 : wish.redirect),
    bulk("prefixes"),
    wish === null ? array([]) : bulks([...wish.prefixes].sort()),
  ]);
}
