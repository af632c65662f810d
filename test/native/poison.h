/*
 * Poison: what memory that nobody has written holds in the checked build, fresh or used before. The
 * bytes are random and differ, so a few of them in a row, in a reply, are no accident.
 */
#ifndef FERRITE_POISON_H
#define FERRITE_POISON_H

#include "heap/heap.h"

#ifdef FERRITE_CHECKED

enum { POISON_RUN = 6 }; /* so many in a row are no accident */

static i8 poison_place[256]; /* of a byte, where it is in the poison; -1: nowhere */
static bool poison_made;

/* Poisons memory from now on. */
static inline void poison_make(u64 seed) {
    memset(poison_place, -1, sizeof poison_place);
    poison_made = true;
    for (u32 i = 0; i < POISON_BYTES; i++) {
        do seed = seed * 6364136223846793005u + 1442695040888963407u;
        while (poison_place[seed >> 56] >= 0);
        heap_poison[i] = (u8)(seed >> 56);
        poison_place[heap_poison[i]] = (i8)i;
    }
}

static inline void poison_fill(u8 *bytes, u64 len) {
    for (u64 i = 0; i < len; i++) bytes[i] = heap_poison[i % POISON_BYTES];
}

static inline bool poison_shows(const u8 *bytes, u64 len) {
    u32 run = 0;
    for (u64 i = 0; i < len && poison_made; i++) {
        i32 place = poison_place[bytes[i]];
        bool goes_on = run && place == (poison_place[bytes[i - 1]] + 1) % POISON_BYTES;
        run = place < 0 ? 0 : goes_on ? run + 1 : 1;
        if (run == POISON_RUN) return true;
    }
    return false;
}

#else

static inline void poison_make(u64 seed) {
    (void)seed;
}
static inline void poison_fill(u8 *bytes, u64 len) {
    (void)bytes, (void)len;
}
static inline bool poison_shows(const u8 *bytes, u64 len) {
    (void)bytes, (void)len;
    return false;
}

#endif
#endif
