/*
 * What the heap does beside its work in checked builds (FERRITE_CHECKED), for tests, and nowhere
 * else. Included by heap.h alone.
 */
#ifndef FERRITE_HEAP_CHECKED_H
#define FERRITE_HEAP_CHECKED_H

#ifdef FERRITE_CHECKED

/* What is free, and what is taken and not written yet, holds poison: this, 0 until a test makes it
 * something else. */
enum { POISON_BYTES = 16 };
extern u8 heap_poison[POISON_BYTES];
void heap_spoil(u8 *from, size_t bytes);

/* Tests let the nth thing that is asked of the heap be refused, up to the last; but not what was
 * set aside before, which is there. */
extern struct heap_faults {
    u32 asked, first, last, refused;
    bool set_aside;
} heap_faults;
static inline bool heap_refuses(void) {
    u32 nth = ++heap_faults.asked;
    bool refused = nth >= heap_faults.first && nth <= heap_faults.last && !heap_faults.set_aside;
    heap_faults.refused += refused;
    return refused;
}
#define heap_was_set_aside(was) (heap_faults.set_aside = (was))

#else

#define heap_spoil(from, bytes) ((void)0)
#define heap_refuses() false
#define heap_was_set_aside(was) ((void)0)

#endif

#ifndef __has_feature /* not clang */
#define __has_feature(name) 0
#endif

/* AddressSanitizer sees to it that nobody touches what is free, the blocks [from, to) here, but for
 * the head of a free block (two units) and its last unit. */
#if defined(FERRITE_CHECKED) && __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
static inline void heap_forbid(struct heap *heap, ref from, ref to) {
    if (from < to) __asan_poison_memory_region(block_at(heap, from), (size_t)(to - from) * UNIT);
}
static inline void heap_allow(struct heap *heap, ref from, ref to) {
    __asan_unpoison_memory_region(block_at(heap, from), (size_t)(to - from) * UNIT);
}
#else
#define heap_forbid(heap, from, to) ((void)(from), (void)(to))
#define heap_allow(heap, from, to) ((void)0)
#endif

#endif
