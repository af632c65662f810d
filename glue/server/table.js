/*
 * All commands: the module's, as it tells of them, and the server's own.
 *
 * A name is looked up where it lies in a request, without making text of it, since that is done for
 * every command.
 */
const A = 0x41;
const Z = 0x5a;
const LOWER = 0x20;
const SLOTS = 1024; // of the hash table, a power of two
const FACTOR = 31;

export class Command {
  /** @param run what the server does; null: the module does it, unless the command `isOwn` */
  constructor({ name, arity, flags, keys = [0, 0, 0], group, since, run, isOwn, isHidden }) {
    this.name = name; // "config", or "config|get"
    this.bytes = Buffer.from(name, "latin1");
    this.arity = arity;
    this.flags = new Set(flags);
    this.writes = this.flags.has("write");
    this.keys = keys; // the first, the last, the step
    this.group = group;
    this.since = since;
    this.run = run ?? null;
    this.isOwn = isOwn ?? false; // the server's, as it is or in its subcommands
    this.isHidden = isHidden ?? false; // from COMMAND
    this.parts = new Map(); // subcommands, by their own names
  }

  /** Does it take so many words, its name included? */
  takes(count) {
    return this.arity < 0 ? count >= -this.arity : count === this.arity;
  }
}

export class Table {
  #commands = new Map();
  #slots = new Array(SLOTS).fill(null);

  /**
   * @param told what the module replies to COMMAND
   * @param docs what it replies to COMMAND DOCS
   * @param lines the server's own commands, which come before the module's of the same name
   * @param takeovers functions that do some of the module's commands in its place, by name
   */
  constructor(told, docs, lines, takeovers) {
    const docOf = pairs(docs);
    for (const info of told) this.#add(fromModule(info, docOf.get(info[0])));
    for (const line of lines) {
      const command = new Command({ ...line, isOwn: true });
      const [container, part] = line.name.split("|");
      if (part === undefined) this.#add(command);
      else this.#commands.get(container).parts.set(part, command);
    }
    for (const name in takeovers) {
      Object.assign(this.#commands.get(name), { run: takeovers[name], isOwn: true });
    }
    for (const command of this.#commands.values()) this.#index(command);
  }

  #add(command) {
    this.#commands.set(command.name, command);
  }

  #index(command) {
    let slot = hash(command.bytes, 0, command.bytes.length);
    while (this.#slots[slot & (SLOTS - 1)] !== null) slot++;
    this.#slots[slot & (SLOTS - 1)] = command;
  }

  /** Those that are to be seen. */
  *[Symbol.iterator]() {
    for (const command of this.#commands.values()) if (!command.isHidden) yield command;
  }

  /** The command whose name bytes[start, end) is, or null. */
  find(bytes, start, end) {
    let slot = hash(bytes, start, end);
    for (;;) {
      const command = this.#slots[slot & (SLOTS - 1)];
      if (command === null || isSame(command.bytes, bytes, start, end)) return command;
      slot++;
    }
  }

  /** By name in any case: "get", "CONFIG", "config|get"; undefined if there is none. */
  named(name) {
    const [first, ...part] = name.toLowerCase().split("|");
    const command = this.#commands.get(first);
    return part.length === 0 ? command : command?.parts.get(part.join("|"));
  }
}

function hash(bytes, start, end) {
  let value = 0;
  for (let at = start; at < end; at++) value = (value * FACTOR + (bytes[at] | LOWER)) | 0;
  return value;
}

function isSame(name, bytes, start, end) {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i++) {
    const byte = bytes[start + i];
    if ((byte >= A && byte <= Z ? byte | LOWER : byte) !== name[i]) return false;
  }
  return true;
}

function fromModule([name, arity, flags, first, last, step, , , , parts], doc) {
  const about = pairs(doc);
  const [group, since] = [about.get("group"), about.get("since")];
  const command = new Command({ name, arity, flags, keys: [first, last, step], group, since });
  const docOf = pairs(about.get("subcommands") ?? []);
  for (const part of parts) {
    command.parts.set(part[0].split("|")[1], fromModule(part, docOf.get(part[0])));
  }
  return command;
}

function pairs(flat) {
  const map = new Map();
  for (let i = 0; i < flat.length; i += 2) map.set(flat[i], flat[i + 1]);
  return map;
}
