// Poison: what memory holds that the module has not written, instead of the zeros that it begins with.
// Its bytes are random and differ, so that a few of them in a row, in a reply, are no accident.

const BYTES = 16;
const RUN = 6; // so many in a row are no accident

export class Poison {
  constructor(random) {
    const bytes = random.shuffle(Array.from({ length: 256 }, (_, byte) => byte)).slice(0, BYTES);
    this.bytes = Uint8Array.from(bytes);
    const twice = String.fromCharCode(...bytes, ...bytes);
    this.runs = bytes.map((_, i) => twice.slice(i, i + RUN));
  }

  /** Over all of `memory`, a Uint8Array. */
  fill(memory) {
    memory.set(this.bytes);
    for (let done = BYTES; done < memory.length; done *= 2) memory.copyWithin(done, 0, done);
  }

  /** Is any of it in the bytes, a string of characters 0..255? */
  showsIn(text) {
    return this.runs.some((run) => text.includes(run));
  }
}
