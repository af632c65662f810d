/*
 * A connection that stays in this process: two ends, each of which reads what the other writes.
 *
 * An end behaves as a net.Socket does, as far as clients and the server use one: what is written
 * arrives later, never during the write; a reader that is late holds the writer up; an end that is
 * closed ends the other; what is written to what is gone is lost, and after that an EPIPE.
 */
import { Duplex } from "node:stream";

const gone = () => Object.assign(new Error("write EPIPE"), { code: "EPIPE", syscall: "write" });

class End extends Duplex {
  connecting = false;
  peer = null;

  #later; // how what it writes is put off
  #isOver = false; // has the peer said that it writes no more?
  #goOn = null; // the peer's write that waits until more is wanted here
  #hasLost = false; // has something come when this was gone?

  constructor(later) {
    super({ allowHalfOpen: false });
    this.#later = later;
  }

  /* --- what the stream asks for --------------------------------------------------------------- */

  _read() {
    this.#release();
  }

  _write(chunk, encoding, done) {
    this._writev([{ chunk }], done);
  }

  // A copy: whose the bytes are may change them once they are written.
  _writev(chunks, done) {
    const bytes = Buffer.concat(chunks.map(({ chunk }) => chunk));
    this.#later(() => this.peer.#take(bytes, done));
  }

  _final(done) {
    this.#tellEnd();
    done();
  }

  _destroy(error, done) {
    this.connecting = false;
    this.#tellEnd();
    this.#release(gone());
    done(error);
  }

  // In a turn of its own, as from a socket: whoever waits for what came before goes on first.
  #tellEnd() {
    setImmediate(() => this.peer.#takeEnd());
  }

  /* --- what the peer does --------------------------------------------------------------------- */

  #take(bytes, done) {
    if (this.destroyed) this.#lose(done);
    else if (this.push(bytes)) done();
    else this.#goOn = done;
  }

  // The writer may not know yet: the end is on its way to it.
  #lose(done) {
    done(this.#hasLost ? gone() : null);
    this.#hasLost = true;
  }

  #takeEnd() {
    if (this.#isOver || this.destroyed) return;
    this.#isOver = true;
    this.push(null);
  }

  #release(error) {
    const goOn = this.#goOn;
    this.#goOn = null;
    goOn?.(error);
  }

  /* --- of net.Socket -------------------------------------------------------------------------- */

  /** When all that was written has been taken. */
  destroySoon() {
    this.end();
    if (this.writableFinished) this.destroy();
    else this.once("finish", () => this.destroy());
  }

  // There is no network to tune, or to wait for.
  setNoDelay() {
    return this;
  }

  setKeepAlive() {
    return this;
  }

  setTimeout() {
    return this;
  }

  ref() {
    return this;
  }

  unref() {
    return this;
  }
}

/**
 * -> [the client's end, the server's]. What the client writes waits for the event loop's next turn,
 * so that a program that asks again and again leaves timers and sockets theirs.
 */
export function createPair() {
  const [client, server] = [new End(setImmediate), new End(process.nextTick)];
  client.peer = server;
  server.peer = client;
  client.connecting = true;
  process.nextTick(() => {
    client.connecting = false;
    if (!client.destroyed) client.emit("connect");
  });
  return [client, server];
}
