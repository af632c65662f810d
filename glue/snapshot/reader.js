/* Reading a snapshot from a source that comes in chunks. */
import { refusal } from "../error.js";
import { isBytes } from "../text.js";
import { Crc } from "./crc.js";
import { corrupt, lengthEnd, lengthValue, stringEnd } from "./format.js";

export const PIECE_BYTES = 65536; // of a value to be restored, about

async function* chunksOf(source) {
  if (isBytes(source)) yield source;
  else if (source instanceof ArrayBuffer) yield new Uint8Array(source);
  else if (source?.[Symbol.asyncIterator] || source?.[Symbol.iterator]) yield* source;
  else if (typeof source?.getReader === "function") {
    const reader = source.getReader();
    let ended = false;
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if ((ended = done)) return;
        yield value;
      }
    } finally {
      if (!ended) await reader.cancel();
    }
  } else {
    const allowed = "a Uint8Array, a ReadableStream, an iterable of Uint8Arrays";
    throw refusal("source", source, allowed);
  }
}

/** A window on the source: bytes[at, end) are there, and not yet done with. */
export class Reader {
  bytes = new Uint8Array(2 * PIECE_BYTES);
  at = 0;
  end = 0;
  offset = 0; // of bytes[at] in the source
  crc = new Crc();
  #chunks;

  constructor(source) {
    this.#chunks = chunksOf(source);
  }

  /** Makes sure that so many bytes are there. */
  async need(count) {
    await this.fill(count);
    if (this.end - this.at < count) throw this.#ended();
  }

  #ended() {
    return corrupt(this.offset + this.end - this.at, "it ends here, in the middle");
  }

  /** Makes sure that so many bytes are there, or all that are left. */
  async fill(count) {
    while (this.end - this.at < count) {
      const { value, done } = await this.#chunks.next();
      if (done) return;
      if (!isBytes(value)) throw refusal("a chunk of the source", value, "a Uint8Array");
      const left = this.end - this.at;
      if (left + value.length > this.bytes.length) {
        const larger = new Uint8Array(Math.max(2 * this.bytes.length, left + value.length));
        larger.set(this.bytes.subarray(this.at, this.end));
        this.bytes = larger;
      } else if (this.end + value.length > this.bytes.length) {
        this.bytes.copyWithin(0, this.at, this.end);
      } else {
        this.bytes.set(value, this.end);
        this.end += value.length;
        continue;
      }
      this.at = 0;
      this.bytes.set(value, left);
      this.end = left + value.length;
    }
  }

  /** The next bytes, good until more are needed. */
  async take(count) {
    if (this.end - this.at < count) await this.need(count);
    return this.now(count);
  }

  /** The same of what is there. */
  now(count) {
    if (this.end - this.at < count) throw this.#ended();
    const taken = this.bytes.subarray(this.at, this.at + count);
    this.crc.add(taken);
    this.at += count;
    this.offset += count;
    return taken;
  }

  async length() {
    await this.there(0, lengthEnd);
    return this.lengthNow();
  }

  lengthNow() {
    const { bytes, at } = this;
    this.now(lengthEnd(bytes, at, this.end, this.offset - at) - at);
    return lengthValue(bytes, at);
  }

  /** At least so many bytes, left where they are. */
  async peek(count) {
    if (this.end - this.at < count) await this.need(count);
    return this.bytes.subarray(this.at, this.end);
  }

  /** How long the string is that lies `skip` bytes on, all of it made sure to be there. */
  async string(skip) {
    return (await this.there(skip, stringEnd)) - skip;
  }

  /** How many bytes on something ends that lies `skip` bytes on, all of it made sure to be there. */
  async there(skip, endOf, form) {
    for (;;) {
      const end = this.#endOf(skip, endOf, form);
      if (end <= this.end) return end - this.at;
      await this.need(end - this.at);
    }
  }

  /** The same of what is there already; 0: not all of it is. */
  thereNow(skip, endOf, form) {
    const end = this.#endOf(skip, endOf, form);
    return end <= this.end ? end - this.at : 0;
  }

  #endOf(skip, endOf, form) {
    return endOf(this.bytes, this.at + skip, this.end, this.offset - this.at, form);
  }

  /** The rest is of no interest. */
  async close() {
    await this.#chunks.return?.();
  }
}

/* --- what is passed over ------------------------------------------------------------------------ */

export async function skipModule(reader) {
  for (;;) {
    switch (await reader.length()) {
      case 0:
        return;
      case 1:
      case 2:
        await reader.length();
        break;
      case 3:
        await reader.take(4);
        break;
      case 4:
        await reader.take(8);
        break;
      case 5:
        await skipString(reader);
        break;
      default:
        throw corrupt(reader.offset, "no part of a module's value");
    }
  }
}

export async function skipString(reader) {
  await reader.take(await reader.string(0));
}

export async function skipLengths(reader, count) {
  for (; count > 0; count--) await reader.length();
}

export async function skipStream(reader, version) {
  for (let nodes = await reader.length(); nodes > 0; nodes--) {
    await skipString(reader);
    await skipString(reader);
  }
  await skipLengths(reader, version > 1 ? 8 : 3);
  for (let groups = await reader.length(); groups > 0; groups--) {
    await skipString(reader);
    await skipLengths(reader, version > 1 ? 3 : 2);
    for (let pending = await reader.length(); pending > 0; pending--) {
      await reader.take(24);
      await reader.length();
    }
    for (let consumers = await reader.length(); consumers > 0; consumers--) {
      await skipString(reader);
      await reader.take(version > 2 ? 16 : 8);
      for (let pending = await reader.length(); pending > 0; pending--) await reader.take(16);
    }
  }
}
