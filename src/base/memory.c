#include "base/base.h"

#ifdef FERRITE_CHECKED
u64 probes;
#endif

void copy_bytes(u8 *to, const u8 *from, u32 len) {
    if (len > 64) {
        __builtin_memcpy(to, from, len);
    } else if (len >= 8) {
        u32 last = len - 8;
        u64 tail = load64(from + last);
        for (u32 i = 0; i < last; i += 8) store64(to + i, load64(from + i));
        store64(to + last, tail);
    } else if (len >= 4) {
        u32 head = load32(from), tail = load32(from + len - 4);
        store32(to, head);
        store32(to + len - 4, tail);
    } else {
        for (u32 i = 0; i < len; i++) to[i] = from[i];
    }
}

bool equal_bytes(const u8 *a, const u8 *b, u32 len) {
    if (len >= 8) {
        u32 i = len - 8; /* the end first: names are alike more often where they begin */
        if (load64(a + i) != load64(b + i)) return false;
        for (i = 0; i + 8 < len; i += 8)
            if (load64(a + i) != load64(b + i)) return false;
        return true;
    }
    if (len >= 4) return load32(a) == load32(b) && load32(a + len - 4) == load32(b + len - 4);
    for (u32 i = 0; i < len; i++)
        if (a[i] != b[i]) return false;
    return true;
}

COLD u32 string_len(const char *string) {
    u32 len = 0;
    while (string[len]) len++;
    return len;
}

/* The four functions a freestanding compiler may call behind our back. With bulk-memory the
 * builtins below are single instructions; memcmp has none, so it is ours. */

#ifdef __wasm__
#ifndef FERRITE_MODULE /* the library gives way to those of the guest that it is linked into */
#pragma weak memcpy
#pragma weak memmove
#pragma weak memset
#pragma weak memcmp
#endif

void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
    return __builtin_memcpy(to, from, bytes);
}

void *memmove(void *to, const void *from, size_t bytes) {
    return __builtin_memmove(to, from, bytes);
}

void *memset(void *to, int byte, size_t bytes) {
    return __builtin_memset(to, byte, bytes);
}

int memcmp(const void *left, const void *right, size_t bytes) {
    const u8 *a = left, *b = right;
    for (; bytes >= 8 && load64(a) == load64(b); bytes -= 8) a += 8, b += 8;
    for (; bytes; bytes--, a++, b++)
        if (*a != *b) return *a - *b;
    return 0;
}
#endif
