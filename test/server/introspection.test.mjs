// COMMAND and INFO: what the server says of itself, against what redis-server says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseReply } from "../redis/resp.mjs";
import { Client, request, startRedis, startServer, until } from "./harness.mjs";

/** Sends a command and resolves with its reply: strings, arrays, null. */
async function ask(client, ...words) {
  client.send(request(...words));
  const reply = await until(() => parseReply(client.text), words.join(" "));
  client.take();
  const plain = ({ value }) => (Array.isArray(value) ? value.map(plain) : value);
  return plain(reply);
}

async function both(t, ...words) {
  const ours = await Client.open(t, (await startServer(t)).at);
  const theirs = await Client.open(t, (await startRedis(t)).at);
  return [await ask(ours, ...words), await ask(theirs, ...words)];
}

// Of what COMMAND says: by name, with sets in order; tips and notes are left out.
function byName(commands, found = new Map()) {
  for (const [name, arity, flags, first, last, step, categories, , specs, parts] of commands) {
    const places = specs.map((spec) => {
      const fields = spec.slice(spec.indexOf("flags"));
      return [[...fields[1]].sort(), ...fields.slice(2)];
    });
    found.set(name, {
      arity,
      flags: [...flags].sort(),
      keys: [first, last, step],
      categories: [...categories].sort(),
      places,
    });
    byName(parts, found);
  }
  return found;
}

// Commands that Redis 7.0 has not.
const NEW = /^(cl\.throttle|hp?(expire|ttl|persist).*|client\|(setinfo|no-touch))$/;

test("COMMAND tells of each command what redis-server tells", async (t) => {
  const [ours, theirs] = (await both(t, "COMMAND")).map((reply) => byName(reply));
  assert.ok(ours.size > 230);
  for (const name of [...ours.keys()].filter((name) => NEW.test(name))) {
    assert.equal(theirs.has(name), false, name);
    ours.delete(name);
  }
  for (const name of theirs.keys()) if (!ours.has(name)) theirs.delete(name);
  const all = (told) => Object.fromEntries([...told].sort());
  assert.deepEqual(all(ours), all(theirs));
});

test("COMMAND INFO, COUNT, LIST and DOCS tell of the same commands", async (t) => {
  const client = await Client.open(t, (await startServer(t)).at);
  const all = await ask(client, "COMMAND");
  const names = all.map(([name]) => name);
  assert.equal(await ask(client, "COMMAND", "COUNT"), String(names.length));
  const parts = all.flatMap(([name, ...rest]) => [name, ...rest.at(-1).map(([part]) => part)]);
  assert.deepEqual(await ask(client, "COMMAND", "LIST"), parts);
  assert.deepEqual(await ask(client, "COMMAND", "INFO"), all);
  assert.match(await ask(client, "COMMAND", "DOCS"), /^ERR COMMAND DOCS without names/);
  const docs = await ask(client, "COMMAND", "DOCS", ...names);
  assert.deepEqual(
    docs.filter((_, i) => i % 2 === 0),
    names,
  );
  const told = await ask(client, "COMMAND", "INFO", "GET", "nosuch", "config|get", "eval");
  assert.equal(told[0][0], "get");
  assert.equal(told[1], null);
  assert.equal(told[2][0], "config|get");
  assert.equal(told[3], null, "what is refused is no command");
  const [name, about] = await ask(client, "COMMAND", "DOCS", "multi", "nosuch");
  assert.equal(name, "multi");
  assert.deepEqual(about, ["since", "1.2.0", "group", "transactions"]);
});

test("since and group are redis-server's", async (t) => {
  const groups = [];
  const [commands] = await both(t, "COMMAND");
  for (const docs of await both(t, "COMMAND", "DOCS", ...commands.map(([name]) => name))) {
    const found = new Map();
    const walk = (list) => {
      for (let i = 0; i < list.length; i += 2) {
        const about = new Map();
        for (let j = 0; j < list[i + 1].length; j += 2)
          about.set(list[i + 1][j], list[i + 1][j + 1]);
        found.set(list[i], [about.get("since"), about.get("group")]);
        walk(about.get("subcommands") ?? []);
      }
    };
    walk(docs);
    groups.push(found);
  }
  const [ours, theirs] = groups;
  const known = [...ours.keys()].filter((name) => !NEW.test(name));
  const all = (told) => known.map((name) => [name, ...told.get(name)]);
  assert.deepEqual(all(ours), all(theirs));
});

test("COMMAND LIST FILTERBY finds what redis-server finds", async (t) => {
  const ours = await Client.open(t, (await startServer(t)).at);
  const theirs = await Client.open(t, (await startRedis(t)).at);
  const all = (await ask(ours, "COMMAND")).flatMap((each) => [each, ...each[9]]);
  const has = new Set(all.map(([name]) => name).filter((name) => !NEW.test(name)));
  const filters = [
    ["PATTERN", "*get*"],
    ["PATTERN", "CLIENT|*"],
    ["PATTERN", "[a-c]*"],
    ["PATTERN", "[^a-z]*"],
    ["PATTERN", "x?\\[]*"],
    ["ACLCAT", "transaction"],
    ["ACLCAT", "DANGEROUS"],
    ["ACLCAT", "nosuch"],
  ];
  for (const filter of filters) {
    const [mine, real] = await Promise.all(
      [ours, theirs].map((client) => ask(client, "COMMAND", "LIST", "FILTERBY", ...filter)),
    );
    const known = (names) => names.filter((name) => has.has(name)).sort();
    assert.deepEqual(known(mine), known(real), filter.join(" "));
  }
});

test("each container's HELP names its subcommands", async (t) => {
  const client = await Client.open(t, (await startServer(t)).at);
  for (const [name, , , , , , , , , parts] of await ask(client, "COMMAND")) {
    if (parts.length === 0) continue;
    const [title, ...lines] = await ask(client, name, "HELP");
    assert.match(title, new RegExp(`^${name.toUpperCase()} <subcommand>`));
    const names = parts.map(([part]) => part.split("|")[1].toUpperCase());
    assert.deepEqual(lines, names);
  }
});

test("INFO has the sections and fields that clients and tools look for", async (t) => {
  const client = await Client.open(t, (await startServer(t)).at);
  await ask(client, "SET", "k", "v");
  const text = await ask(client, "INFO");
  const fields = new Map(
    text
      .split("\r\n")
      .filter((line) => line.includes(":"))
      .map((line) => line.split(/:(.*)/).slice(0, 2)),
  );
  const titles = [...text.matchAll(/^# (\w+)\r$/gm)].map(([, title]) => title);
  const expected =
    "Server Clients Memory Persistence Stats Replication CPU Modules Cluster Keyspace";
  assert.deepEqual(titles, expected.split(" "));
  assert.match(fields.get("redis_version"), /^7\.0\.\d+$/);
  assert.equal(fields.get("role"), "master");
  assert.equal(fields.get("loading"), "0");
  assert.equal(fields.get("connected_clients"), "1");
  assert.equal(fields.get("maxmemory"), String(64 * 1024 * 1024));
  assert.equal(fields.get("maxmemory_human"), "64.00M");
  assert.equal(fields.get("total_commands_processed"), "2");
  assert.equal(fields.get("db0"), "keys=1,expires=0,avg_ttl=0");
  assert.match(await ask(client, "INFO", "replication"), /^# Replication\r\nrole:master\r\n/);
  assert.equal(await ask(client, "INFO", "nosuch"), "");
  assert.match(await ask(client, "INFO", "SERVER", "keyspace"), /^# Server[^]*\r\n\r\n# Keyspace/);
  await ask(client, "CONFIG", "RESETSTAT");
  assert.match(await ask(client, "INFO", "stats"), /\r\ntotal_connections_received:0\r\n/);
});
