/*
 * Unpacking static data.
 *
 * It is a run of symbols from two alphabets: 512 of bytes and lengths, and 4,096 of distances.
 *
 *     0 .. 255         that byte
 *     256 .. 511       a length, from 2 on; then comes how far back the bytes are that are repeated
 *     distance 0       the end
 *
 * A symbol is the way down a binary tree, from its highest bit on. Each node keeps the odds of the
 * bit to be taken there, which begin as even and become more like what was taken. A bit costs as
 * much of one large number, `state`, as its odds say (asymmetric numeral systems, Duda 2013): the
 * lowest 13 bits of it are below the share of a 1 for a 1, and what is left tells the bits to come.
 * (Deflate makes 4.6 KB of what is 4.1 KB so, and takes more code. Mixing the odds of several
 * contexts makes it 4.0 KB, but takes far more memory than a page.)
 */
#include "abi/unpack.h"

enum { BYTES = 512, DISTANCES = 4096, EVEN = 4096, WHOLE = 8192 };

_Static_assert(ODDS_AT + 2 * 2 * DISTANCES <= PAGE_BYTES, "all in the first page");

COLD void unpack(u8 *to) {
    const u8 *from = (const u8 *)PACKED_AT;
    u32 state = 0, len = 0;
    for (;;) {
        u32 alphabet = len ? DISTANCES : BYTES, node = 1;
        do {
            i16 *odds = (i16 *)ODDS_AT + alphabet + node;
            while (!(state >> 16)) state = state << 16 | load16(from), from += 2;
            u32 share = (u32)(*odds + EVEN), low = state % WHOLE, ones = state / WHOLE * share;
            u32 bit = low < share;
            node = node * 2 + bit;
            *odds = (i16)(*odds + (i32)(bit * (WHOLE / 16 - 1)) - (i32)(share / 16));
            state = bit ? ones + low : state - share - ones;
        } while (node < alphabet);
        if (len) {
            if (node == DISTANCES) return;
            /* They never overlap: no length is above its distance. */
            __builtin_memcpy(to, to - (node - DISTANCES), len);
            to += len;
            len = 0;
        } else if (node < BYTES + 256) {
            *to++ = (u8)node;
        } else {
            len = node - (BYTES + 256 - 2);
        }
    }
}
