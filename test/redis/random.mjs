// Reproducible chance: everything random in the differential test comes from here, so that a seed
// and a sequence number name a run exactly.

export class Random {
  /** @param {...number} seeds integers; the same ones give the same stream */
  constructor(...seeds) {
    this.state = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 1];
    for (const seed of seeds) {
      this.state[0] ^= seed | 0;
      this.state[1] ^= Math.floor(seed / 2 ** 32) | 0;
      for (let i = 0; i < 12; i++) this.word();
    }
  }

  /** 32 random bits (the small fast counting generator, sfc32). */
  word() {
    const s = this.state;
    const sum = (s[0] + s[1] + s[3]) | 0;
    s[3] = (s[3] + 1) | 0;
    s[0] = s[1] ^ (s[1] >>> 9);
    s[1] = (s[2] + (s[2] << 3)) | 0;
    s[2] = ((s[2] << 21) | (s[2] >>> 11)) + sum;
    s[2] |= 0;
    return sum >>> 0;
  }

  /** An integer in [0, limit). */
  below(limit) {
    return Math.floor((this.word() / 2 ** 32) * limit);
  }

  /** An integer in [least, most]. */
  between(least, most) {
    return least + this.below(most - least + 1);
  }

  chance(probability) {
    return this.word() < probability * 2 ** 32;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** One of [[weight, item], ...]. */
  weighted(choices) {
    let at = (this.word() / 2 ** 32) * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, item] of choices) {
      at -= weight;
      if (at < 0) return item;
    }
    return choices[choices.length - 1][1];
  }

  shuffle(list) {
    const out = list.slice();
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [out[i], out[j]] = [out[j], out[i]];
    }
    return out;
  }

  /** Random bytes, as a string of characters 0..255. */
  bytes(length) {
    let out = "";
    for (let i = 0; i < length; i++) out += String.fromCharCode(this.below(256));
    return out;
  }
}
