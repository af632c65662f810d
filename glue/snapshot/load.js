/* Loading a snapshot. */
import { FerriteError, refusal } from "../error.js";
import { decodeText } from "../text.js";
import {
  AUX,
  corrupt,
  EOF,
  EXPIRETIME,
  EXPIRETIME_MS,
  FREQ,
  FUNCTION,
  HASH,
  IDLE,
  LATEST,
  lengthAt,
  lengthValue,
  MODULE_AUX,
  RESIZEDB,
  SELECTDB,
  SLOT_INFO,
  stringEnd,
  timeAt,
  TIMES,
  viewOf,
} from "./format.js";
import { PIECE_BYTES, Reader, skipLengths, skipModule, skipStream, skipString } from "./reader.js";
import {
  itemEnd,
  ITEMS,
  LIST,
  LISTPACKS,
  MODULE,
  partsOf,
  payloadOf,
  STREAMS,
  STRINGS,
  TIMED,
} from "./values.js";

const NEWEST = 12; // of what is read; types that came later are refused where they are met
const SHORT = 16; // more than what is in front of a key takes
const EXPIRE_AT = 8; // enum ferrite_set_flag

const EVICTED = new FerriteError("what was there of a value has been evicted", "OOM");

class Loader {
  result = { loaded: 0, expired: 0, kept: 0, skipped: {} };
  database = 0;
  #cache;
  #reader;
  #options;
  #names = 0;

  constructor(cache, reader, options) {
    this.#cache = cache;
    this.#reader = reader;
    this.#options = options;
  }

  skip(reason) {
    this.result.skipped[reason] = (this.result.skipped[reason] ?? 0) + 1;
  }

  /**
   * Most keys hold a short string, all of which is there: nothing has to be waited for. `about`:
   * { expiryMs, words: IDLETIME or FREQ }. False: it is not that.
   */
  short(type, about) {
    const reader = this.#reader;
    const { bytes, at, end } = reader;
    if (type !== 0 || end - at < 2) return false;
    const keyStart = at + lengthAt(bytes, at);
    const keyEnd = keyStart > at ? stringEnd(bytes, at, end, reader.offset - at) : end;
    if (keyEnd >= end) return false;
    const start = keyEnd + lengthAt(bytes, keyEnd);
    if (start === keyEnd) return false;
    const valueEnd = stringEnd(bytes, keyEnd, end, reader.offset - at);
    if (valueEnd > end || valueEnd - keyEnd > PIECE_BYTES) return false;
    const key = bytes.subarray(keyStart, keyEnd);
    const { offset } = reader;
    reader.now(valueEnd - at);
    const verdict = this.#judge(key, about);
    if (verdict) this.#leaveOut(verdict);
    else this.#set(key, bytes.subarray(start, valueEnd), about, offset);
    return true;
  }

  /** Reads a key and its value. */
  async key(type, about) {
    const reader = this.#reader;
    const size = await reader.string(0);
    const { offset } = reader;
    const bytes = (await reader.take(size)).slice();
    let key;
    this.#try(offset, () => (key = this.#text(bytes)));
    const verdict = key && this.#judge(key, about);
    const wanted = !verdict && key;
    if (type in STREAMS) await skipStream(reader, STREAMS[type]);
    else if (type === MODULE) {
      await reader.length();
      await skipModule(reader);
    } else if (TIMED.includes(type)) await this.#timed(type, wanted, about);
    else if (ITEMS[type]) await this.#items(type, wanted, about);
    else if (STRINGS.includes(type)) await this.#string(type, wanted, about);
    else throw corrupt(offset, `a value of the unknown type ${type}`);
    if (verdict) this.#leaveOut(verdict);
    else if (key && type in STREAMS) this.skip("stream");
    else if (key && type === MODULE) this.skip("module");
  }

  /** Why a key is not to be loaded. */
  #judge(key, { expiryMs }) {
    const { database, now, replace } = this.#options;
    if (this.database !== database) return `database ${this.database}`;
    if (expiryMs <= now()) return "expired";
    if (!replace && this.#cache.exists(key)) return "kept";
  }

  #leaveOut(verdict) {
    if (verdict === "expired" || verdict === "kept") this.result[verdict]++;
    else this.skip(verdict);
  }

  // A key may be an integer or compressed: the module knows how to read it.
  #text(bytes) {
    if (bytes[0] < 192) return bytes.subarray(lengthAt(bytes, 0));
    const name = this.#name();
    this.#cache.callBytes("RESTORE", name, 0, payloadOf(0, undefined, bytes));
    return this.#cache.callBytes("GETDEL", name);
  }

  // One that nobody has.
  #name() {
    return `\0ferrite:loading:${this.#options.nonce}:${this.#names++}`;
  }

  async #string(type, key, about) {
    const reader = this.#reader;
    const { offset } = reader;
    const head = type === 0 ? lengthAt(await reader.peek(1), 0) : 0;
    const size = head > 0 ? lengthValue(await reader.peek(head), 0) : 0;
    if (size > PIECE_BYTES) return this.#largeString(key, size, about);
    const value = await reader.take(await reader.string(0));
    if (!key) return;
    if (head > 0) this.#set(key, value.subarray(head), about, offset);
    else this.#restore(key, payloadOf(type, undefined, value), about, offset);
  }

  #set(key, value, about, offset) {
    this.#try(offset, () => {
      this.#cache.put(key, value, EXPIRE_AT, about.expiryMs ?? 0);
      this.#setUse(key, about);
      this.result.loaded++;
    });
  }

  #setUse(key, { words }) {
    const isNew = !words || (words[0] === "IDLETIME" && words[1] === 0); // as it is anyway
    if (!isNew) this.#cache.call("RESTORE", key, 0, "", "KEEP", ...words);
  }

  async #largeString(key, size, about) {
    const reader = this.#reader;
    const { offset } = reader;
    await reader.length();
    await this.#inPieces(key, about, offset, async (put) => {
      put(() => (name) => this.#cache.setrange(name, size - 1, "\0")); // all the room that it takes
      for (let at = 0; at < size; at += PIECE_BYTES) {
        const piece = await reader.take(Math.min(PIECE_BYTES, size - at));
        put(() => (name) => this.#cache.setrange(name, at, piece));
      }
    });
  }

  async #items(type, key, about) {
    const reader = this.#reader;
    const { offset } = reader;
    const count = await reader.length();
    let piece = await this.#piece(type, count);
    const payload = payloadOf(type, piece.items, piece.value);
    if (piece.items === count && !(type === HASH && (await this.#timesFollow())))
      return key && this.#restore(key, payload, about, offset);
    await this.#inPieces(key, about, offset, async (put) => {
      put(() => (name) => this.#cache.restore(name, 0, payload));
      for (let done = piece.items; done < count; done += piece.items) {
        piece = await this.#piece(type, count - done);
        put(() => this.#adding(type, piece, offset));
      }
      while (type === HASH && (await this.#timesFollow())) {
        const times = await this.#takeTimes();
        put(() => (name) => this.#expire(name, times));
      }
    });
  }

  /** Is what comes next when fields of the hash before it expire? */
  async #timesFollow() {
    const reader = this.#reader;
    if ((await reader.peek(1))[0] !== AUX) return false;
    const size = await reader.string(1);
    const name = (await reader.peek(1 + size)).subarray(1, 1 + size);
    return name.length === 1 + TIMES.length && String.fromCharCode(...name.subarray(1)) === TIMES;
  }

  /** [[time, field], ...], good until more is read. */
  async #takeTimes() {
    const reader = this.#reader;
    reader.now(1);
    await skipString(reader);
    const { offset } = reader;
    const value = await reader.take(await reader.string(0));
    const times = [];
    for (let at = lengthAt(value, 0), end; at < value.length; at = end) {
      const start = at + 8;
      const isPlain = at > 0 && value[start] < 192;
      end = isPlain ? stringEnd(value, start, value.length, offset) : Infinity;
      if (end > value.length || timeAt(value, at) >= LATEST)
        throw corrupt(offset, "no times of fields");
      times.push([timeAt(value, at), value.subarray(start + lengthAt(value, start), end)]);
    }
    return times;
  }

  #expire(name, times) {
    for (let i = 0; i < times.length; ) {
      const [time] = times[i];
      const fields = [];
      for (; i < times.length && times[i][0] === time; i++) fields.push(times[i][1]);
      this.#cache.run(["HPEXPIREAT", name, time, "FIELDS", fields.length, ...fields], true);
    }
  }

  async #timed(type, key, about) {
    const reader = this.#reader;
    const { offset } = reader;
    const base = type > 23 ? timeAt(await reader.take(8), 0) - 1 : 0;
    await this.#inPieces(key, about, offset, async (put) => {
      if (!ITEMS[type]) {
        const value = await reader.take(await reader.string(0));
        put(() => this.#addingTriples(value, offset));
        return;
      }
      const count = await reader.length();
      if (count === 0) throw corrupt(offset, "a hash of nothing");
      for (let done = 0, piece; done < count; done += piece.items) {
        piece = await this.#piece(type, count - done);
        put(() => this.#adding(type, piece, offset, (length) => length && base + length));
      }
    });
  }

  /** So many items, or as many as make a piece. */
  async #piece(type, most) {
    const reader = this.#reader;
    let bytes = 0;
    let items = 0;
    const form = ITEMS[type];
    for (; items < most && bytes < PIECE_BYTES; items++)
      bytes = reader.thereNow(bytes, itemEnd, form) || (await reader.there(bytes, itemEnd, form));
    return { items, value: await reader.take(bytes) };
  }

  /** What adds a piece to a value of that name. */
  #adding(type, { items, value }, offset, timeOf) {
    const form = ITEMS[type];
    if (form.packed)
      return this.#addingTexts("RPUSH", this.#textsOf(payloadOf(type, items, value)));
    const { lengths, scores, texts } = partsOf(form, value);
    let words = this.#textsOf(payloadOf(LIST, items * form.strings, texts));
    const times = lengths.map((length, i) => [timeOf(length), words[2 * i]]);
    if (form.score) words = words.flatMap((member, i) => [scores[i], member]);
    return this.#addingTexts(form.add, words, items, times, offset);
  }

  // A listpack of fields, values, and times, 0 for none.
  #addingTriples(value, offset) {
    const nodes = new Uint8Array(1 + value.length);
    nodes[0] = 2; // the one node is packed
    nodes.set(value, 1);
    const texts = this.#textsOf(payloadOf(LISTPACKS, 1, nodes));
    const words = texts.filter((_, i) => i % 3 < 2);
    const times = [];
    for (let i = 0; i < texts.length; i += 3) {
      const time = texts[i + 2];
      times.push([Number(time && decodeText(time, 0, time.length)), texts[i]]);
    }
    return this.#addingTexts("HSET", words, times.length, times, offset);
  }

  #addingTexts(command, words, items, times = [], offset = 0) {
    const expiring = times.filter(([time]) => time !== 0);
    if (!expiring.every(([time]) => time > 0 && time < LATEST))
      throw corrupt(offset, "no time of a field");
    // One by one is faster: several at once are all added, or none, which takes more.
    const each = command === "RPUSH" ? words.length : words.length / items;
    return (name) => {
      for (let i = 0; i < words.length; i += each)
        if (this.#cache.run([command, name, ...words.slice(i, i + each)], true) === 0)
          throw corrupt(offset, "an item twice");
      this.#expire(name, expiring);
    };
  }

  /** What a list is made of: the module knows how that is written. */
  #textsOf(payload) {
    const name = this.#name();
    this.#cache.restore(name, 0, payload);
    const texts = this.#cache.lrangeBytes(name, 0, -1);
    this.#cache.del(name);
    return texts;
  }

  /**
   * Makes a value bit by bit, under another name, which becomes the key's when all of it is there.
   * `make(put)` is to put its parts: each prepares what is then done with the name.
   */
  async #inPieces(key, about, offset, make) {
    const cache = this.#cache;
    const name = this.#name();
    let there = 0; // not before the first part, and not when all fields have expired
    let good = Boolean(key);
    const put = (prepare) => {
      good &&= this.#try(offset, () => {
        const part = prepare();
        if (there > cache.exists(name)) throw EVICTED;
        part(name);
        there = cache.exists(name);
      });
    };
    try {
      await make(put);
      put(() => () => this.#publish(name, key, about));
    } finally {
      cache.del(name);
    }
  }

  #publish(name, key, about) {
    const cache = this.#cache;
    const { expiryMs } = about;
    if (expiryMs !== undefined) cache.pexpireat(name, expiryMs);
    if (cache.exists(name)) {
      cache.rename(name, key);
      this.#setUse(key, about);
      this.result.loaded++;
    } else this.result.expired++;
  }

  #restore(key, payload, { expiryMs = 0, words = [] }, offset) {
    this.#try(offset, () => {
      this.#cache.callBytes("RESTORE", key, expiryMs, payload, "REPLACE", "ABSTTL", ...words);
      this.result.loaded++;
    });
  }

  /** Was it done? If there is no memory for it, or what was there of it has been evicted, it is skipped. */
  #try(offset, act) {
    try {
      act();
      return true;
    } catch (error) {
      if (error.code === "ERR") throw corrupt(offset, `no value (${error.message})`);
      if (error.code !== "OOM") throw error;
      this.skip("no memory");
      return false;
    }
  }
}

const OPTIONS = ["replace", "database", "now", "progress"];

function readOptions(options) {
  if (typeof options !== "object" || options === null)
    throw refusal("options", options, `an object of ${OPTIONS.join(", ")}`);
  for (const name of Object.keys(options))
    if (!OPTIONS.includes(name))
      throw refusal(`option "${name}"`, options[name], OPTIONS.join(", "));
  const { replace = true, database = 0, now = Date.now, progress } = options;
  if (typeof replace !== "boolean") throw refusal("replace", replace, "true, false");
  if (!Number.isSafeInteger(database) || database < 0)
    throw refusal("database", database, "the number of a database, from 0 on");
  for (const [name, value] of Object.entries({ now, progress }))
    if (value !== undefined && typeof value !== "function")
      throw refusal(name, value, "a function");
  return { replace, database, now, progress, nonce: Math.random().toString(36).slice(2) };
}

async function checkEnd(reader, version) {
  if (version < 5) return;
  const { low, high } = reader.crc;
  const { offset } = reader;
  const view = viewOf((await reader.take(8)).slice());
  const [a, b] = [view.getUint32(0, true), view.getUint32(4, true)];
  if ((a || b) && (a !== low >>> 0 || b !== high >>> 0))
    throw corrupt(offset, "its checksum is another");
}

/**
 * Loads an RDB file into the cache: a Uint8Array, a ReadableStream, or an iterable of Uint8Arrays.
 * Resolves to { loaded, expired, kept, skipped: { reason: keys } }.
 */
export async function load(cache, source, options = {}) {
  const settings = readOptions(options);
  const reader = new Reader(source);
  const loader = new Loader(cache, reader, settings);
  try {
    const head = String.fromCharCode(...(await reader.take(9)));
    const version = /^REDIS\d{4}$/.test(head) ? Number(head.slice(5)) : 0;
    if (version < 1 || version > NEWEST)
      throw corrupt(0, `it is no RDB file of a version up to ${NEWEST}`);
    await loadAll(reader, loader, settings.progress);
    await checkEnd(reader, version);
  } catch (error) {
    if (error instanceof FerriteError) error.result = loader.result;
    throw error;
  } finally {
    await reader.close();
  }
  return loader.result;
}

async function loadAll(reader, loader, progress) {
  let about = {};
  for (;;) {
    if (reader.end - reader.at < SHORT) await reader.fill(SHORT);
    const { offset } = reader;
    const [opcode] = reader.now(1);
    if (opcode === EOF) return;
    if (opcode === EXPIRETIME_MS) {
      const ms = Number(viewOf(reader.now(8)).getBigInt64(0, true));
      if (ms !== -1) about.expiryMs = Math.min(ms, Number.MAX_SAFE_INTEGER);
    } else if (opcode === EXPIRETIME) {
      about.expiryMs = viewOf(reader.now(4)).getUint32(0, true) * 1000;
    } else if (opcode === IDLE)
      about.words = ["IDLETIME", Math.min(reader.lengthNow(), Number.MAX_SAFE_INTEGER)];
    else if (opcode === FREQ) about.words = ["FREQ", reader.now(1)[0]];
    else if (opcode === SELECTDB) loader.database = reader.lengthNow();
    else if (opcode === RESIZEDB) await skipLengths(reader, 2);
    else if (opcode === SLOT_INFO) await skipLengths(reader, 3);
    else if (opcode === AUX) {
      await skipString(reader);
      await skipString(reader);
    } else if (opcode === FUNCTION) {
      await skipString(reader);
      loader.skip("function");
    } else if (opcode === MODULE_AUX) {
      await skipLengths(reader, 3);
      await skipModule(reader);
      loader.skip("module");
    } else if (opcode > 200) {
      throw corrupt(offset, `the unknown opcode ${opcode}`);
    } else {
      if (!loader.short(opcode, about)) await loader.key(opcode, about);
      about = {};
      progress?.({ ...loader.result, bytes: reader.offset });
    }
  }
}
