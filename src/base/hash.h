/*
 * Keyed hashing and randomness, kept apart: what random replies show says nothing of the hash key.
 *
 * SipHash-1-3 (Aumasson and Bernstein, 2012), 64 bits out, 128-bit key: a keyed PRF, so that keys
 * chosen by an attacker spread as evenly as any. The generator is xorshift64* seeded through
 * the PRF.
 */
#ifndef FERRITE_HASH_H
#define FERRITE_HASH_H

#include "base/base.h"

struct hash_key {
    u64 k0, k1;
};

u64 hash_bytes(const struct hash_key *key, const u8 *bytes, u32 len);

struct random {
    u64 state; /* never 0 */
};

SHARED u32 random_u32(struct random *random) {
    u64 x = random->state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    random->state = x;
    return (u32)((x * 0x2545F4914F6CDD1Dull) >> 32);
}

/* Uniform in [0, bound), bound > 0 (Lemire's multiply-shift; the bias is below 2^-32 * bound). */
SHARED u32 random_below(struct random *random, u32 bound) {
    return (u32)(((u64)random_u32(random) * bound) >> 32);
}

#endif
