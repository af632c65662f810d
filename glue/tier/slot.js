/* The slot of a key in a Redis cluster: CRC16 (XMODEM) of the key, or of what is between its first braces. */
const SLOTS = 16384;
const encoder = new TextEncoder();

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc;
});

export function slotOf(key) {
  const open = key.indexOf("{");
  const close = key.indexOf("}", open + 1);
  const hashed = open >= 0 && close > open + 1 ? key.slice(open + 1, close) : key;
  let crc = 0;
  for (const byte of encoder.encode(hashed)) crc = (crc << 8) ^ TABLE[((crc >> 8) ^ byte) & 255];
  return (crc & 0xffff) % SLOTS;
}
