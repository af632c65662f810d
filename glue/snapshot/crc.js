/* CRC-64/Jones, as Redis has it, in two halves. */

const LOW = new Uint32Array(256);
const HIGH = new Uint32Array(256);
for (let i = 0; i < 256; i++) {
  let low = i;
  let high = 0;
  for (let bit = 0; bit < 8; bit++) {
    const odd = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (odd) {
      low ^= 0xac4bc9b5;
      high ^= 0x95ac9329;
    }
  }
  LOW[i] = low;
  HIGH[i] = high;
}

export class Crc {
  low = 0;
  high = 0;

  add(bytes, start = 0, end = bytes.length) {
    let { low, high } = this;
    for (let i = start; i < end; i++) {
      const at = (low ^ bytes[i]) & 255;
      low = ((low >>> 8) | (high << 24)) ^ LOW[at];
      high = (high >>> 8) ^ HIGH[at];
    }
    this.low = low;
    this.high = high;
    return this;
  }

  write(view, at) {
    view.setUint32(at, this.low, true);
    view.setUint32(at + 4, this.high, true);
  }
}
