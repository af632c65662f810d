// Packs the static data of a linked module: a build step, and the other half of unpack_wasm.c, which
// says how what is packed looks. The data section that comes out has one segment, where unpack.h
// wants it. Nothing here depends on anything but the module, so builds stay reproducible.
//
//     node src/abi/pack.mjs linked.wasm packed.wasm

import { readFileSync, writeFileSync } from "node:fs";

const DATA_SECTION = 11;
const DATA_COUNT_SECTION = 12;

// As in unpack_wasm.c.
const FARTHEST = 4095;
const [LEAST_LENGTH, MOST_LENGTH] = [2, 9];
const MOST_OTHERS = 7;

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

// --- packing -------------------------------------------------------------------------------------

const pair = (distance, code) => [128 | (distance >> 5), ((distance & 31) << 3) | code];

/** The bytes at a place that lie before it, too: the most there are. */
function repeatAt(image, at) {
  let best = { length: 0 };
  for (let distance = 1; distance <= Math.min(at, FARTHEST); distance++) {
    let length = 0;
    const most = Math.min(MOST_LENGTH, image.length - at);
    while (length < most && image[at + length] === image[at + length - distance]) length++;
    if (length > best.length) best = { length, distance };
  }
  return best;
}

/** The shortest way to write what lies behind each place, from the last one on. */
function pack(image) {
  const best = [];
  best[image.length] = { size: 2, packed: pair(0, 0) };
  for (let at = image.length - 1; at >= 0; at--) {
    const offer = (length, packed) => {
      const size = packed.length + best[at + length].size;
      if (!best[at] || size < best[at].size) best[at] = { size, packed, next: at + length };
    };
    if (image[at] < 128) offer(1, [image[at]]);
    const { length: most, distance } = repeatAt(image, at);
    for (let length = LEAST_LENGTH; length <= most; length++)
      offer(length, pair(distance, length - LEAST_LENGTH));
    for (let length = 1; length <= Math.min(MOST_OTHERS, image.length - at); length++)
      offer(length, [...pair(0, length), ...image.subarray(at, at + length)]);
  }
  const packed = [];
  for (let step = best[0]; step; step = best[step.next]) packed.push(...step.packed);
  return packed;
}

// -------------------------------------------------------------------------------------------------

const [from, to] = process.argv.slice(2);
const header = readFileSync(new URL("unpack.h", import.meta.url), "utf8");
const packedAt = Number(/PACKED_AT = (\d+)/.exec(header)[1]);
const module = readFileSync(from);
const parts = [module.subarray(0, 8)];
for (const { id, bytes, body } of sectionsOf(module)) {
  if (id === DATA_COUNT_SECTION) continue; // only for instructions that name segments
  if (id !== DATA_SECTION) {
    parts.push(bytes);
    continue;
  }
  const packed = pack(imageOf(body));
  const place = [0, 0x41, ...number(packedAt, true), 0x0b];
  const segment = [1, ...place, ...number(packed.length), ...packed];
  parts.push(Uint8Array.from([DATA_SECTION, ...number(segment.length), ...segment]));
}
writeFileSync(to, Buffer.concat(parts));
