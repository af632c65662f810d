/*
 * What a connection is going to be sent: collected while an event is served, and written at once.
 */
const JOINED_MAX = 64 * 1024; // bytes up to which pieces are joined: a copy beats a write of each

export class Output {
  bytes = 0;
  #pieces = [];

  /** A copy of memory[start, end). */
  copy(memory, start, end) {
    const piece = Buffer.allocUnsafe(end - start);
    piece.set(start === 0 && end === memory.length ? memory : memory.subarray(start, end));
    this.#add(piece);
  }

  /** Text in which each unit is a byte. */
  write(text) {
    if (text.length > 0) this.#add(Buffer.from(text, "latin1"));
  }

  #add(piece) {
    this.#pieces.push(piece);
    this.bytes += piece.length;
  }

  clear() {
    this.#pieces = [];
    this.bytes = 0;
  }

  /** Writes it all to a socket. */
  flush(socket) {
    const pieces = this.#pieces;
    if (pieces.length === 1) {
      socket.write(pieces[0]);
    } else if (this.bytes > 0 && this.bytes <= JOINED_MAX) {
      socket.write(Buffer.concat(pieces, this.bytes));
    } else if (this.bytes > 0) {
      socket.cork();
      for (const piece of pieces) socket.write(piece);
      socket.uncork();
    }
    this.clear();
  }
}
