/* Lengths: 7 bits a byte, low first, the top bit says that more follow. */
#ifndef FERRITE_VARINT_H
#define FERRITE_VARINT_H

#include "base/base.h"

static inline u32 varint_size(u32 value) {
    return value < 1u << 7    ? 1
           : value < 1u << 14 ? 2
           : value < 1u << 21 ? 3
           : value < 1u << 28 ? 4
                              : 5;
}
/* Its size * 2^32 + the length: a pointer would keep the caller's in memory. */
SHARED u64 varint_load_long(const u8 *at) {
    u32 value = at[0] & 0x7f;
    for (u32 i = 1, shift = 7;; i++, shift += 7) {
        ASSERT(shift < 32);
        value |= (u32)(at[i] & 0x7f) << shift;
        if (at[i] < 0x80) return (u64)(i + 1) << 32 | value;
    }
}
HOT_INLINE u32 varint_load(const u8 *at, u32 *value) {
    *value = *at;
    if (LIKELY(*value < 0x80)) return 1;
    u64 loaded = varint_load_long(at);
    *value = (u32)loaded;
    return (u32)(loaded >> 32);
}
static inline u32 varint_store(u8 *at, u32 value) {
    u32 n = 0;
    for (; value >= 0x80; value >>= 7) at[n++] = (u8)(value | 0x80);
    at[n++] = (u8)value;
    return n;
}

#endif
