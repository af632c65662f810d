/* The four functions a freestanding compiler may call behind our back. With bulk-memory the
 * builtins below are single instructions; memcmp has none, so it is ours. */
#include "base/base.h"

#ifdef __wasm__
void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
    return __builtin_memcpy(to, from, bytes);
}

void *memmove(void *to, const void *from, size_t bytes) {
    return __builtin_memmove(to, from, bytes);
}

void *memset(void *to, int byte, size_t bytes) { return __builtin_memset(to, byte, bytes); }

int memcmp(const void *left, const void *right, size_t bytes) {
    const u8 *a = left, *b = right;
    for (; bytes >= 8 && load64(a) == load64(b); bytes -= 8) a += 8, b += 8;
    for (; bytes; bytes--, a++, b++)
        if (*a != *b) return *a - *b;
    return 0;
}
#endif
