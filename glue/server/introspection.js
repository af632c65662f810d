/*
 * COMMAND: what the table of all commands, the module's and the server's, says of itself.
 */
import { glob } from "./glob.js";
import { findKeys, keySpecs } from "./keys.js";
import {
  array,
  bulk,
  bulks,
  error,
  integer,
  map,
  nil,
  set,
  simple,
  SYNTAX_ERROR,
} from "./replies.js";

// Of Redis's ACL categories, those that follow from a command's group ...
const CATEGORY_OF_GROUP = {
  bitmap: "@bitmap",
  connection: "@connection",
  generic: "@keyspace",
  geo: "@geo",
  hash: "@hash",
  hyperloglog: "@hyperloglog",
  list: "@list",
  scripting: "@scripting",
  set: "@set",
  "sorted-set": "@sortedset",
  string: "@string",
  transactions: "@transaction",
};

// ... but for these, and for containers, which have none.
const CATEGORIES = {
  command: ["@connection"],
  dbsize: ["@keyspace"],
  flushall: ["@keyspace", "@dangerous"],
  flushdb: ["@keyspace", "@dangerous"],
  info: ["@dangerous"],
  keys: ["@keyspace", "@dangerous"],
  lastsave: ["@admin", "@dangerous"],
  restore: ["@keyspace", "@dangerous"],
  role: ["@admin", "@dangerous"],
  sort: ["@set", "@sortedset", "@list", "@dangerous"],
  sort_ro: ["@set", "@sortedset", "@list", "@dangerous"],
  swapdb: ["@keyspace", "@dangerous"],
  wait: ["@connection"],
};

const IN_ORDER =
  "keyspace read write set sortedset list hash string bitmap hyperloglog geo stream pubsub admin " +
  "fast slow blocking dangerous connection transaction scripting";

function categories(command) {
  const { name, flags, group, parts } = command;
  const ofGroup = parts.size > 0 ? [] : [CATEGORY_OF_GROUP[group]];
  const found = new Set(CATEGORIES[name.split("|")[0]] ?? ofGroup);
  found.delete(undefined);
  if (flags.has("write")) found.add("@write");
  if (flags.has("readonly")) found.add("@read");
  if (flags.has("admin")) found.add("@admin").add("@dangerous");
  if (flags.has("blocking")) found.add("@blocking");
  if (flags.has("pubsub")) found.add("@pubsub");
  found.add(flags.has("fast") ? "@fast" : "@slow");
  return IN_ORDER.split(" ")
    .map((category) => `@${category}`)
    .filter((category) => found.has(category));
}

// A map of names and values, which are replies.
const record = (resp, fields) =>
  map(
    resp,
    Object.entries(fields).flatMap(([name, value]) => [bulk(name), value]),
  );

function describeSpec(resp, { kind, flags, first, last, step, keyword, startfrom }) {
  const numbers = (fields) =>
    record(resp, Object.fromEntries(Object.entries(fields).map(([n, v]) => [n, integer(v)])));
  const found = {
    range: { lastkey: last, keystep: step, limit: 0 },
    keynum: { keynumidx: 0, firstkey: 1, keystep: 1 },
    unknown: {},
  };
  let begin = ["index", numbers({ index: first })];
  if (kind === "unknown") begin = ["unknown", numbers({})];
  if (keyword) {
    const place = { keyword: bulk(keyword), startfrom: integer(startfrom) };
    begin = ["keyword", record(resp, place)];
  }
  return record(resp, {
    flags: set(resp, flags.map(simple)),
    begin_search: record(resp, { type: bulk(begin[0]), spec: begin[1] }),
    find_keys: record(resp, { type: bulk(kind), spec: numbers(found[kind]) }),
  });
}

function describe(resp, command) {
  const [first, last, step] = command.keys;
  const flags = [...command.flags];
  const parts = [...command.parts.values()];
  return array([
    bulk(command.name),
    integer(command.arity),
    set(resp, flags.map(simple)),
    integer(first),
    integer(last),
    integer(step),
    set(resp, categories(command).map(simple)),
    set(resp, []), // tips
    set(
      resp,
      keySpecs(command).map((spec) => describeSpec(resp, spec)),
    ),
    parts.length > 0 ? array(parts.map((part) => describe(resp, part))) : set(resp, []),
  ]);
}

export function command({ server, resp }) {
  return array([...server.table].map((each) => describe(resp, each)));
}

export function commandInfo({ server, resp }, [, , ...names]) {
  if (names.length === 0) return command({ server, resp });
  const found = names.map((name) => visible(server, name));
  return array(found.map((each) => (each ? describe(resp, each) : nil(resp))));
}

function visible(server, name) {
  const found = server.table.named(name);
  return found?.isHidden ? undefined : found;
}

export function commandCount({ server }) {
  return integer([...server.table].length);
}

/**
 * In brief: since when, and what group. Of all commands at once it is refused: redis-cli asks for
 * that, would have no hints from these, and shows the help it comes with instead.
 */
export function commandDocs({ server, resp }, [, , ...names]) {
  if (names.length === 0) {
    return error("ERR COMMAND DOCS without names is not supported: it has no summaries to tell");
  }
  return docs(resp, names.map((name) => visible(server, name)).filter(Boolean));
}

function docs(resp, commands) {
  const items = commands.flatMap(({ name, since, group, parts }) => {
    const about = { since: bulk(since), group: bulk(group) };
    if (parts.size > 0) about.subcommands = docs(resp, [...parts.values()]);
    return [bulk(name), record(resp, about)];
  });
  return map(resp, items);
}

/** COMMAND LIST [FILTERBY MODULE name | ACLCAT category | PATTERN pattern] */
export function commandList({ server }, [, , option, kind, value, ...more]) {
  const all = [...server.table].flatMap((each) => [each, ...each.parts.values()]);
  if (option === undefined) return bulks(all.map(({ name }) => name));
  if (option.toLowerCase() !== "filterby" || value === undefined || more.length > 0) {
    return SYNTAX_ERROR;
  }
  const matches = glob(value);
  const filters = {
    module: () => false,
    aclcat: (each) => categories(each).includes(`@${value.toLowerCase()}`),
    pattern: (each) => matches(each.name),
  };
  if (!Object.hasOwn(filters, kind.toLowerCase())) return SYNTAX_ERROR;
  return bulks(all.filter(filters[kind.toLowerCase()]).map(({ name }) => name));
}

// The keys of the command that is told, or an error.
function keysOf(server, [, , ...words]) {
  const found = server.table.named(words[0]);
  const part = found?.parts.size > 0 ? found.parts.get(words[1]?.toLowerCase()) : found;
  if (!part || part.isHidden) return error("ERR Invalid command specified");
  if (keySpecs(part).length === 0) return error("ERR The command has no key arguments");
  if (!part.takes(words.length)) {
    return error("ERR Invalid number of arguments specified for command");
  }
  return findKeys(part, words) ?? error("ERR Invalid arguments specified for command");
}

export function commandGetkeys({ server }, words) {
  const keys = keysOf(server, words);
  return typeof keys === "string" ? keys : bulks(keys.map(({ key }) => key));
}

export function commandGetkeysandflags({ server, resp }, words) {
  const keys = keysOf(server, words);
  if (typeof keys === "string") return keys;
  return array(keys.map(({ key, flags }) => array([bulk(key), set(resp, flags.map(simple))])));
}

/** Of any container: in brief, its subcommands. */
export function help({ server }, [name]) {
  const parts = [...server.table.named(name).parts.keys()].map((part) => part.toUpperCase());
  return array(
    [
      `${name.toUpperCase()} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`,
      ...parts,
    ].map(simple),
  );
}
