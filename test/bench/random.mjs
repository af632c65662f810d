// Chance that can be asked for by number: random(seed, n) is the n-th draw of the stream `seed`, so
// that what was drawn for an entry can be had again without having been kept.

/** In [0, 1). */
export function random(seed, n) {
  let z = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(n + 1, 0x85ebca6b)) >>> 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
}

/** From the normal distribution (Box and Muller). */
export function randomNormal(seed, n) {
  const radius = Math.sqrt(-2 * Math.log(1 - random(seed, 2 * n)));
  return radius * Math.cos(2 * Math.PI * random(seed, 2 * n + 1));
}
