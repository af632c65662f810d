/*
 * CLIENT PAUSE: commands are held back for a while, all of them or those that write.
 */
const MAY_REPLICATE = new Set(["pfcount", "publish", "spublish"]);

export class Pausing {
  #server;
  #held = [];
  #timer = null;
  #until = 0;
  #onlyWrites = false;

  constructor(server) {
    this.#server = server;
  }

  get isOn() {
    return this.#timer !== null;
  }

  /** How many connections are held. */
  get count() {
    return this.#held.length;
  }

  /** As Redis does, a pause that lasts longer, or holds more, is not made less. */
  begin(ms, onlyWrites) {
    const until = this.#server.now() + ms;
    this.#onlyWrites = onlyWrites && (!this.isOn || this.#onlyWrites);
    this.#until = Math.max(until, this.#until);
    this.#arm();
  }

  #arm() {
    clearTimeout(this.#timer);
    const left = Math.min(Math.max(this.#until - this.#server.now(), 0), 2 ** 31 - 1);
    this.#timer = setTimeout(() => {
      if (this.#server.now() < this.#until) this.#arm();
      else this.#server.during(() => this.end());
    }, left);
  }

  end() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#until = 0;
    for (const connection of this.#held.splice(0)) {
      connection.isHeld = false;
      this.#server.toResume.push(connection);
    }
  }

  /** Is this command held back? Then the connection is, until the pause ends. */
  holds(connection, command) {
    if (!this.isOn) return false;
    const { transaction } = connection;
    const isWrite =
      writes(command) ||
      (command.name === "exec" && transaction.commands.some((queued) => writes(queued.command)));
    if (this.#onlyWrites && !isWrite) return false;
    connection.isHeld = true;
    this.#held.push(connection);
    return true;
  }
}

// Also those that would have to be told to a replica.
const writes = (command) => command.writes || MAY_REPLICATE.has(command.name);
