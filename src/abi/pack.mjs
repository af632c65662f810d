// Packs the static data of a linked module: a build step, and the other half of unpack_wasm.c, which
// says how what is packed looks. The data section that comes out has one segment, where unpack.h
// wants it. Nothing here depends on anything but the module, so builds stay reproducible.
//
//     node src/abi/pack.mjs linked.wasm packed.wasm

import { readFileSync, writeFileSync } from "node:fs";

const DATA_SECTION = 11;
const DATA_COUNT_SECTION = 12;

// As in unpack_wasm.c.
const [BYTES, DISTANCES, EVEN, WHOLE] = [512, 4096, 4096, 8192];
const [LEAST_LENGTH, MOST_LENGTH] = [2, 257];

// --- the module ----------------------------------------------------------------------------------

function readNumber(bytes, at) {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[at++];
    value += (byte & 127) * scale;
    if (byte < 128) return [value, at];
  }
}

/** An LEB128 number; a signed one that is not negative has a 0 for its sign bit. */
function number(value, signed = false) {
  const bytes = [];
  while (value >= (signed ? 64 : 128)) {
    bytes.push((value & 127) | 128);
    value >>>= 7;
  }
  return [...bytes, value];
}

/** [{ id, bytes, body }]: bytes with the section's own header. */
function sectionsOf(module) {
  const sections = [];
  for (let at = 8; at < module.length; ) {
    const [length, body] = readNumber(module, at + 1);
    const end = body + length;
    sections.push({
      id: module[at],
      bytes: module.subarray(at, end),
      body: module.subarray(body, end),
    });
    at = end;
  }
  return sections;
}

/** What the segments put into memory, from the first byte to the last; between them is 0. */
function imageOf(body) {
  let [count, at] = readNumber(body, 0);
  const segments = [];
  for (; count > 0; count--) {
    let start, length;
    if (body[at] !== 0 || body[at + 1] !== 0x41) throw new Error("a segment is not at a constant");
    [start, at] = readNumber(body, at + 2);
    [length, at] = readNumber(body, at + 1); // behind the end of the constant
    segments.push({ start, bytes: body.subarray(at, at + length) });
    at += length;
  }
  const first = segments[0].start;
  const last = segments.at(-1);
  const image = new Uint8Array(last.start + last.bytes.length - first);
  for (const { start, bytes } of segments) image.set(bytes, start - first);
  if (image[0] === 0) throw new Error("the first byte tells whether it has been unpacked");
  return image;
}

// --- symbols -------------------------------------------------------------------------------------

/** The nodes on the way to a symbol, and the bit taken at each. */
function* steps(alphabet, symbol) {
  let node = 1;
  for (let mask = alphabet / 2; mask >= 1; mask /= 2) {
    const bit = symbol & mask ? 1 : 0;
    yield [alphabet + node, bit];
    node = node * 2 + bit;
  }
}

/** A way of writing the image: [{ byte } or { length, distance }]. */
function* symbolsOf(way) {
  for (const { byte, length, distance } of way) {
    if (length) {
      yield [BYTES, 256 + length - LEAST_LENGTH];
      yield [DISTANCES, distance];
    } else {
      yield [BYTES, byte];
    }
  }
  yield [BYTES, 256];
  yield [DISTANCES, 0];
}

const bitsOf = (way) => Array.from(symbolsOf(way), (symbol) => [...steps(...symbol)]).flat();

/** Where each place could be repeated from, and how long. */
function repeatsOf(image) {
  return Array.from(image, (_, at) => {
    const found = [];
    for (let distance = 1; distance <= at && distance < DISTANCES; distance++) {
      let length = 0;
      const most = Math.min(distance, MOST_LENGTH, image.length - at);
      while (length < most && image[at + length] === image[at + length - distance]) length++;
      if (length >= LEAST_LENGTH) found.push({ length, distance });
    }
    return found;
  });
}

/** The cheapest way, if each bit costs what it cost, on average, the way before. */
function wayBy(image, repeats, counts) {
  const cost = (alphabet, symbol) => {
    let sum = 0;
    for (const [node, bit] of steps(alphabet, symbol))
      sum -= Math.log2(counts[bit][node] / (counts[0][node] + counts[1][node]));
    return sum;
  };
  const all = (size, alphabet) => Array.from({ length: size }, (_, i) => cost(alphabet, i));
  const [byteCosts, distanceCosts] = [all(BYTES, BYTES), all(DISTANCES, DISTANCES)];
  const best = [{ cost: 0 }];
  const offer = (at, step) => {
    if (!best[at] || step.cost < best[at].cost) best[at] = step;
  };
  image.forEach((byte, at) => {
    const soFar = best[at].cost;
    offer(at + 1, { cost: soFar + byteCosts[byte], byte, size: 1 });
    for (const { length: most, distance } of repeats[at])
      for (let length = LEAST_LENGTH; length <= most; length++) {
        const more = byteCosts[256 + length - LEAST_LENGTH] + distanceCosts[distance];
        offer(at + length, { cost: soFar + more, length, distance, size: length });
      }
  });
  const way = [];
  for (let at = image.length; at > 0; at -= best[at].size) way.unshift(best[at]);
  return way;
}

// --- bits ----------------------------------------------------------------------------------------

/** The bytes from which the bits are taken again: numbers of 16 bits, the last one first. */
function packBits(bits) {
  const odds = new Int16Array(2 * DISTANCES);
  const shares = bits.map(([node, bit]) => {
    const share = odds[node] + EVEN;
    odds[node] += (bit ? WHOLE / 16 - 1 : 0) - (share >> 4);
    return share;
  });
  const words = [];
  let state = 65536;
  for (let i = bits.length - 1; i >= 0; i--) {
    const [size, from] = bits[i][1] ? [shares[i], 0] : [WHOLE - shares[i], shares[i]];
    while (state >= size * 2 ** 19) {
      words.push(state & 65535);
      state = Math.floor(state / 65536);
    }
    state = Math.floor(state / size) * WHOLE + (state % size) + from;
  }
  words.push(state & 65535, Math.floor(state / 65536));
  return Uint8Array.from(words.reverse().flatMap((word) => [word & 255, word >> 8]));
}

function pack(image) {
  const repeats = repeatsOf(image);
  const counts = [0, 1].map(() => new Float64Array(2 * DISTANCES).fill(1));
  let best;
  for (let round = 0; round < 8; round++) {
    const bits = bitsOf(wayBy(image, repeats, counts));
    const packed = packBits(bits);
    if (!best || packed.length < best.length) best = packed;
    for (const count of counts) count.fill(1);
    for (const [node, bit] of bits) counts[bit][node]++;
  }
  return best;
}

// -------------------------------------------------------------------------------------------------

const [from, to] = process.argv.slice(2);
const header = readFileSync(new URL("unpack.h", import.meta.url), "utf8");
const headerNumber = (name) => Number(new RegExp(`${name} = (\\d+)`).exec(header)[1]);
const module = readFileSync(from);
const parts = [module.subarray(0, 8)];
for (const { id, bytes, body } of sectionsOf(module)) {
  if (id === DATA_COUNT_SECTION) continue; // only for instructions that name segments
  if (id !== DATA_SECTION) {
    parts.push(bytes);
    continue;
  }
  const packed = pack(imageOf(body));
  const room = headerNumber("ODDS_AT") - headerNumber("PACKED_AT");
  if (packed.length > room) throw new Error(`${packed.length} bytes do not fit ${room}`);
  const place = [0, 0x41, ...number(headerNumber("PACKED_AT"), true), 0x0b];
  const segment = [1, ...place, ...number(packed.length), ...packed];
  parts.push(Uint8Array.from([DATA_SECTION, ...number(segment.length), ...segment]));
}
writeFileSync(to, Buffer.concat(parts));
