#include "base/hash.h"

#define ROTATE(x, bits) (((x) << (bits)) | ((x) >> (64 - (bits))))
#define ROUND(a, b, c, d)                                                                          \
    do {                                                                                           \
        a += b, c += d;                                                                            \
        b = ROTATE(b, 13) ^ a, d = ROTATE(d, 16) ^ c;                                              \
        a = ROTATE(a, 32);                                                                         \
        c += b, a += d;                                                                            \
        b = ROTATE(b, 17) ^ c, d = ROTATE(d, 21) ^ a;                                              \
        c = ROTATE(c, 32);                                                                         \
    } while (0)

/* The last 0..7 bytes as a little-endian number, without reading past them. */
static u64 load_tail(const u8 *at, u32 len) {
    if (len >= 4) {
        u32 shift = (len - 4) * 8;
        return load32(at) | ((u64)load32(at + len - 4) >> (32 - shift) << 32);
    }
    if (len == 0) return 0;
    return at[0] | (u64)at[len / 2] << (len / 2 * 8) | (u64)at[len - 1] << ((len - 1) * 8);
}

u64 hash_bytes(const struct hash_key *key, const u8 *bytes, u32 len) {
    u64 a = key->k0 ^ 0x736f6d6570736575ull, b = key->k1 ^ 0x646f72616e646f6dull;
    u64 c = key->k0 ^ 0x6c7967656e657261ull, d = key->k1 ^ 0x7465646279746573ull;
    u32 tail = len & 7;
    for (const u8 *end = bytes + (len - tail); bytes != end; bytes += 8) {
        u64 word = load64(bytes);
        d ^= word;
        ROUND(a, b, c, d);
        a ^= word;
    }
    u64 word = (u64)len << 56 | load_tail(bytes, tail);
    d ^= word;
    ROUND(a, b, c, d);
    a ^= word;
    c ^= 0xff;
    ROUND(a, b, c, d);
    ROUND(a, b, c, d);
    ROUND(a, b, c, d);
    return a ^ b ^ c ^ d;
}
