// Values in Redis's format, made from its description, in the forms that no Redis of today writes, and
// in those that it does. Bytes are latin1.

const le = (value, bytes) => {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64LE(BigInt.asIntN(64, BigInt(value)));
  return buffer.toString("latin1", 0, bytes);
};
const be = (value, bytes) => [...le(value, bytes)].reverse().join("");
const char = String.fromCharCode;

const TABLE = Array.from({ length: 256 }, (_, i) => {
  let crc = BigInt(i);
  for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x95ac9329ac4bc9b5n : crc >> 1n;
  return crc;
});
export const crc64 = (text) => {
  let crc = 0n;
  for (let i = 0; i < text.length; i++)
    crc = (crc >> 8n) ^ TABLE[Number(crc & 255n) ^ text.charCodeAt(i)];
  return crc;
};

/** What DUMP would answer. */
export function payload(type, value, version = 10) {
  const text = char(type) + value + le(version, 2);
  return text + le(crc64(text), 8);
}

/** A whole file of such parts. */
export function file(parts, version = 10) {
  const text = `REDIS00${version}${parts.join("")}\xff`;
  return Uint8Array.from(Buffer.from(text + le(crc64(text), 8), "latin1"));
}

export const length = (n) =>
  n < 64
    ? char(n)
    : n < 16384
      ? be(0x4000 | n, 2)
      : n < 2 ** 32
        ? `\x80${be(n, 4)}`
        : `\x81${be(n, 8)}`;
export const time = (ms) => le(ms, 8);
export const string = (text) => length(text.length) + text;
export const integer = (n, bytes) => `\xc0\xc1\xc2`[Math.log2(bytes)] + le(n, bytes);

/** LZF, with back references wherever three bytes were there before; `literal` without any. */
export function compressed(text, literal = false) {
  let out = "";
  let run = "";
  const flush = () => {
    for (; run; run = run.slice(32)) out += char(Math.min(run.length, 32) - 1) + run.slice(0, 32);
  };
  for (let at = 0; at < text.length; ) {
    const from = literal || at === 0 ? -1 : text.lastIndexOf(text.slice(at, at + 3), at - 1);
    const back = at - from - 1;
    if (from < 0 || at + 3 > text.length || back > 8191) {
      run += text[at++];
      continue;
    }
    let n = 3;
    while (n < 264 && at + n < text.length && text[from + n] === text[at + n]) n++;
    flush();
    out += n - 2 < 7 ? char(((n - 2) << 5) | (back >> 8)) : char(0xe0 | (back >> 8), n - 9);
    out += char(back & 255);
    at += n;
  }
  flush();
  return `\xc3${length(out.length)}${length(text.length)}${out}`;
}

const isInteger = (text) =>
  /^(0|-?[1-9]\d*)$/.test(text) &&
  text.length < 20 &&
  BigInt(text) === BigInt.asIntN(64, BigInt(text));
const fits = (n, bits) => BigInt.asIntN(bits, n) === n;

export function ziplist(elements) {
  let body = "";
  let previous = 0;
  let last = 10;
  for (const text of elements) {
    const n = isInteger(text) ? BigInt(text) : null;
    let entry = previous < 254 ? char(previous) : `\xfe${le(previous, 4)}`;
    if (n === null) {
      const { length: size } = text;
      entry += size < 64 ? char(size) : size < 16384 ? be(0x4000 | size, 2) : `\x80${be(size, 4)}`;
      entry += text;
    } else if (n >= 0n && n <= 12n) entry += char(0xf1 + Number(n));
    else if (fits(n, 8)) entry += `\xfe${le(n, 1)}`;
    else if (fits(n, 16)) entry += `\xc0${le(n, 2)}`;
    else if (fits(n, 24)) entry += `\xf0${le(n, 3)}`;
    else if (fits(n, 32)) entry += `\xd0${le(n, 4)}`;
    else entry += `\xe0${le(n, 8)}`;
    last = 10 + body.length;
    body += entry;
    previous = entry.length;
  }
  return `${le(11 + body.length, 4)}${le(last, 4)}${le(elements.length, 2)}${body}\xff`;
}

export function listpack(elements) {
  let body = "";
  for (const text of elements) {
    const n = isInteger(text) ? BigInt(text) : null;
    const { length: size } = text;
    let entry;
    if (n === null)
      entry =
        (size < 64
          ? char(0x80 | size)
          : size < 4096
            ? be(0xe000 | size, 2)
            : `\xf0${le(size, 4)}`) + text;
    else if (n >= 0n && n < 128n) entry = char(Number(n));
    else if (fits(n, 13)) entry = be(0xc000 | Number(BigInt.asUintN(13, n)), 2);
    else if (fits(n, 16)) entry = `\xf1${le(n, 2)}`;
    else if (fits(n, 24)) entry = `\xf2${le(n, 3)}`;
    else if (fits(n, 32)) entry = `\xf3${le(n, 4)}`;
    else entry = `\xf4${le(n, 8)}`;
    let back = "";
    const { length: l } = entry;
    const bytes = l < 128 ? 1 : l < 16383 ? 2 : l < 2097151 ? 3 : l < 268435455 ? 4 : 5;
    for (let i = 0; i < bytes; i++)
      back = char(((l >> (7 * i)) & 127) | (i < bytes - 1 ? 128 : 0)) + back;
    body += entry + back;
  }
  return `${le(7 + body.length, 4)}${le(elements.length, 2)}${body}\xff`;
}

export const intset = (numbers, bytes) =>
  le(bytes, 4) + le(numbers.length, 4) + numbers.map((n) => le(n, bytes)).join("");

export const zipmap = (pairs, unused = 0) => {
  const size = (text) => (text.length < 254 ? char(text.length) : `\xfe${le(text.length, 4)}`);
  const pair = ([field, value]) =>
    size(field) + field + size(value) + char(unused) + value + "?".repeat(unused);
  return `${char(Math.min(pairs.length, 254))}${pairs.map(pair).join("")}\xff`;
};

export const double = (value) => {
  const buffer = Buffer.alloc(8);
  buffer.writeDoubleLE(value);
  return buffer.toString("latin1");
};
export const textScore = (value) =>
  value === Infinity ? "\xfe" : value === -Infinity ? "\xff" : char(`${value}`.length) + value;
