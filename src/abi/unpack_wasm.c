/*
 * Unpacking static data, which is bytes, most of them text, and repetitions:
 *
 *     0 b b b b b b b                     that byte
 *     1 d d d d d d d  d d d d d l l l    the l + 2 bytes that lie d back, over again
 *     1 0 0 0 0 0 0 0  0 0 0 0 0 l l l    the l bytes that follow, of any kind; none are the end
 *
 * (Coding it bit by bit, with odds that adapt, makes 4.1 KB of what is 5.4 KB so; but that takes a
 * quarter of a millisecond, where this takes a fiftieth.)
 */
#include "abi/unpack.h"

COLD void unpack(u8 *to) {
    const u8 *from = (const u8 *)PACKED_AT;
    for (;;) {
        u32 byte = *from++;
        if (byte < 128) {
            *to++ = (u8)byte;
            continue;
        }
        u32 pair = byte << 8 | *from++, distance = pair % 32768 / 8, len = pair % 8;
        const u8 *bytes = from;
        if (distance) {
            bytes = to - distance;
            len += 2;
        } else {
            if (!len) return;
            from += len;
        }
        while (len--) *to++ = *bytes++; /* one by one: they may overlap */
    }
}
