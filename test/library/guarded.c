/*
 * The arenas of test/cases/play.c, between pages that nobody may touch: linked with
 * --wrap=aligned_alloc --wrap=free. A buffer begins and ends where a page does, as every budget is
 * a multiple of one, so the first byte outside it ends the program.
 */
#define _DEFAULT_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { GUARD_BYTES = 65536 };

void *__wrap_aligned_alloc(size_t alignment, size_t bytes);
void __wrap_free(void *buffer);

void *__wrap_aligned_alloc(size_t alignment, size_t bytes) {
    (void)alignment;
    uint8_t *all =
        mmap(NULL, bytes + (size_t)2 * GUARD_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) return NULL;
    return mprotect(all + GUARD_BYTES, bytes, PROT_READ | PROT_WRITE) ? NULL : all + GUARD_BYTES;
}

void __wrap_free(void *buffer) {
    (void)buffer; /* a few MiB, until the program ends */
}
