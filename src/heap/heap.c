#include "heap/heap.h"

#ifdef FERRITE_CHECKED
struct heap_faults heap_faults;
u8 heap_poison[POISON_BYTES];

__attribute__((no_sanitize("address"))) void heap_spoil(u8 *from, size_t bytes) {
    for (; bytes >= POISON_BYTES; from += POISON_BYTES, bytes -= POISON_BYTES)
        __builtin_memcpy(from, heap_poison, POISON_BYTES);
    for (size_t i = 0; i < bytes; i++) from[i] = heap_poison[i];
}
#endif

/* --- bins ------------------------------------------------------------------------------------- */

u32 heap_bin_of(u32 units) {
    if (units < BIN_EXACT) return units;
    u32 log2 = 31 - (u32)__builtin_clz(units);
    return BIN_EXACT + ((log2 - 7) << BIN_STEPS_LOG2) +
           (units >> (log2 - BIN_STEPS_LOG2) & ((1u << BIN_STEPS_LOG2) - 1));
}

HOT_INLINE ref *next_of(u8 *block) {
    return (ref *)(void *)(block + 4);
}
HOT_INLINE ref *previous_of(u8 *block) {
    return (ref *)(void *)(block + 8);
}

/* A free block of one unit has no room for links; it waits for a neighbour to be freed. */
static void link_free(struct heap *heap, ref at, u32 units) {
    if (units < 2) return;
    u8 *block = block_at(heap, at);
    u32 bin = heap_bin_of(units);
    ref head = heap->bins[bin];
    *next_of(block) = head;
    *previous_of(block) = 0;
    if (head) *previous_of(block_at(heap, head)) = at;
    heap->bins[bin] = at;
    heap->bin_map[bin / 64] |= 1ull << bin % 64;
}

static void unlink_free(struct heap *heap, ref at, u32 units) {
    if (units < 2) return;
    u8 *block = block_at(heap, at);
    ref next = *next_of(block), previous = *previous_of(block);
    if (next) *previous_of(block_at(heap, next)) = previous;
    if (previous) {
        *next_of(block_at(heap, previous)) = next;
        return;
    }
    u32 bin = heap_bin_of(units);
    heap->bins[bin] = next;
    if (!next) heap->bin_map[bin / 64] &= ~(1ull << bin % 64);
}

/* The first bin from `bin` up that holds something; BIN_COUNT if none does. */
u32 heap_next_bin(const struct heap *heap, u32 bin) {
    if (bin >= BIN_COUNT) return BIN_COUNT;
    u64 word = heap->bin_map[bin / 64] & (~0ull << bin % 64);
    for (u32 i = bin / 64;;) {
        if (word) return i * 64 + (u32)__builtin_ctzll(word);
        if (++i == COUNT_OF(heap->bin_map)) return BIN_COUNT;
        word = heap->bin_map[i];
    }
}

/* The smallest of the first few blocks of a bin that holds `units`; 0 if none of them does. */
static ref best_in_bin(const struct heap *heap, u32 bin, u32 units) {
    ref best = 0;
    u32 best_units = ~0u;
    ref at = heap->bins[bin];
    for (u32 looked = 0; at && looked < 16; looked++) {
        u8 *block = block_at(heap, at);
        u32 size = free_units(block);
        if (size >= units && size < best_units) {
            best = at;
            best_units = size;
            if (size == units) break;
        }
        at = *next_of(block);
    }
    return best;
}

static ref best_fit(const struct heap *heap, u32 units) {
    u32 bin = heap_bin_of(units);
    if (bin < BIN_EXACT) {
        bin = heap_next_bin(heap, bin);
        return bin < BIN_EXACT   ? heap->bins[bin]
               : bin < BIN_COUNT ? best_in_bin(heap, bin, units)
                                 : 0;
    }
    ref fit = best_in_bin(heap, bin, units);
    if (fit) return fit;
    bin = heap_next_bin(heap, bin + 1);
    return bin < BIN_COUNT ? best_in_bin(heap, bin, units) : 0;
}

/* --- blocks ----------------------------------------------------------------------------------- */

/* Writes and links a free block; the block behind it is told. */
static void make_free(struct heap *heap, ref at, u32 units) {
    u8 *block = block_at(heap, at);
    u32 size = units < FREE_SIZE_ESCAPE ? units : FREE_SIZE_ESCAPE;
    u32 previous_free = *block & TAG_PREVIOUS_FREE;
    store32(block, previous_free | CODE_FREE | size << 8);
    if (size == FREE_SIZE_ESCAPE) store32(block + 12, units);
    store32(block + (size_t)units * UNIT - 4, units);
    *block_at(heap, at + units) |= TAG_PREVIOUS_FREE;
    link_free(heap, at, units);
}

ref heap_give(struct heap *heap, ref at, u32 units) {
    u8 *block = block_at(heap, at), *next = block_at(heap, at + units);
    ref given = at, given_end = at + units;
    heap->free_units += units;
    heap_spoil(block + 1, (size_t)units * UNIT - 1);
    if (tag_code(next) == CODE_FREE) {
        u32 behind = free_units(next);
        unlink_free(heap, at + units, behind);
        heap_spoil(next, min_u32(behind, 2) * UNIT);
        units += behind;
    }
    if (*block & TAG_PREVIOUS_FREE) {
        u32 before = load32(block - 4);
        at -= before;
        unlink_free(heap, at, before);
        heap_spoil(block - 4, 5);
        units += before;
    }
    make_free(heap, at, units);
    heap_forbid(heap, max_u32(at + 2, given - 1), min_u32(given_end + 2, at + units - 1));
    return at;
}

void heap_take_at(struct heap *heap, ref hole, u32 units) {
    u8 *block = block_at(heap, hole);
    u32 size = free_units(block);
    ASSERT(tag_code(block) == CODE_FREE && size >= units);
    unlink_free(heap, hole, size);
    heap_allow(heap, hole, hole + (size > units + 3 ? units + 2 : size));
    heap->free_units -= units;
    if (size > units) {
        *block_at(heap, hole + units) = 0;
        make_free(heap, hole + units, size - units);
    } else {
        *block_at(heap, hole + units) &= (u8)~TAG_PREVIOUS_FREE;
    }
    system_make(block, SYSTEM_PINNED, units);
    heap_spoil(block + UNIT, (size_t)(units - 1) * UNIT);
}

/* Committed at once: a page of wasm, and when growing up to so many. */
enum { COMMIT_UNITS = PAGE_BYTES / UNIT, COMMIT_MORE = 64 };

/* Commits enough pages to have a free block of `units` at the end; some more while it is at it, so
 * that growing does not cost a call to the host each time. */
static COLD bool commit_more(struct heap *heap, u32 units) {
    u8 *end_block = block_at(heap, heap->end);
    u32 trailing = *end_block & TAG_PREVIOUS_FREE ? load32(end_block - 4) : 0;
    u32 limit = heap->limit / COMMIT_UNITS, now = (heap->end + 1) / COMMIT_UNITS;
    u32 need = now + (units - min_u32(units, trailing) + COMMIT_UNITS - 1) / COMMIT_UNITS;
    if (need > limit) return false;
    u32 want = min_u32(max_u32(need, now + min_u32(now / 8, COMMIT_MORE)), limit);
    ref old_end = heap->end;
    bool granted = pages_commit(heap, want);
    if (!granted) {
        want = need;
        granted = pages_commit(heap, want);
    }
    if (!granted) {
        heap->withheld -= min_u32(heap->withheld, heap->limit - old_end - 1);
        heap->limit = old_end + 1;
        return false;
    }
    heap->end = want * COMMIT_UNITS - 1;
    end_block = block_at(heap, heap->end);
    *end_block = 0;
    system_make(end_block, SYSTEM_END, 1);
    heap_give(heap, old_end, heap->end - old_end);
    return true;
}

/* The best fit, for which more is committed. */
static COLD ref commit_fit(struct heap *heap, u32 units) {
    bool more = heap->end + 1 < heap->limit && commit_more(heap, units);
    return more ? best_fit(heap, units) : 0;
}

bool heap_has(struct heap *heap, u64 units) {
    if (heap_refuses() || units > heap_available(heap)) return false;
    return best_fit(heap, (u32)units) || (units <= COMMIT_UNITS && commit_fit(heap, (u32)units));
}

ref heap_take(struct heap *heap, u32 units) {
    ASSERT(units >= BLOCK_UNITS_LEAST);
    if (UNLIKELY(heap_refuses() || units > heap_available(heap))) return 0;
    ref at = best_fit(heap, units);
    if (UNLIKELY(!at)) {
        at = commit_fit(heap, units);
        if (!at) return 0;
    }
    heap_take_at(heap, at, units);
    return at;
}

void heap_trim(struct heap *heap, ref at, u32 old_units, u32 new_units) {
    if (old_units == new_units) return;
    *block_at(heap, at + new_units) = 0;
    heap_give(heap, at + new_units, old_units - new_units);
}

bool heap_extend(struct heap *heap, ref at, u32 old_units, u32 new_units) {
    u32 more = new_units - old_units;
    u8 *next = block_at(heap, at + old_units);
    if (heap_refuses() || tag_code(next) != CODE_FREE || free_units(next) < more ||
        more > heap_available(heap))
        return false;
    heap_take_at(heap, at + old_units, more);
    return true;
}

void heap_reset(struct heap *heap, ref pinned, u32 pinned_units) {
    heap_allow(heap, heap->first, heap->end);
    __builtin_memset(heap->bins, 0, sizeof heap->bins);
    __builtin_memset(heap->bin_map, 0, sizeof heap->bin_map);
    __builtin_memset(heap->held, 0, sizeof heap->held);
    heap->free_units = heap->withheld = 0;
    u8 *end_block = block_at(heap, heap->end);
    *end_block = 0;
    system_make(end_block, SYSTEM_END, 1);
    ref from = heap->first;
    if (pinned) {
        *block_at(heap, from) = 0;
        *block_at(heap, pinned) = 0;
        system_make(block_at(heap, pinned), SYSTEM_PINNED, pinned_units);
        if (pinned > from) heap_give(heap, from, pinned - from);
        from = pinned + pinned_units;
    }
    if (from == heap->end) return;
    *block_at(heap, from) = 0;
    heap_give(heap, from, heap->end - from);
}

COLD bool heap_init(struct heap *heap, u32 first_byte, u32 limit_byte) {
    u32 pages = max_u32(pages_committed(heap), first_byte / PAGE_BYTES + 1);
    heap_allow(heap, STATE_AT / UNIT, limit_byte / UNIT);
    heap->first = first_byte / UNIT;
    heap->limit = limit_byte / UNIT;
    heap->end = pages * COMMIT_UNITS - 1;
    heap->steps = heap->moved_bytes = 0;
    if (heap->end >= heap->limit || !pages_commit(heap, pages)) return false;
    heap_reset(heap, 0, 0);
    return true;
}

void heap_hold(struct heap *heap, ref at) {
    u32 i = 0;
    while (heap->held[i]) {
        i++;
        ASSERT(i < HELD_MAX);
    }
    heap->held[i] = at;
}

void heap_release(struct heap *heap, ref at) {
    for (u32 i = 0; i < HELD_MAX; i++)
        if (heap->held[i] == at) {
            heap->held[i] = 0;
            return;
        }
}

ref heap_next_hole(const struct heap *heap, ref after) {
    u32 bin = BIN_COUNT;
    if (after) {
        u8 *block = block_at(heap, after);
        if (*next_of(block)) return *next_of(block);
        bin = heap_bin_of(free_units(block));
    }
    while (bin-- > 0)
        if (heap->bins[bin]) return heap->bins[bin];
    return 0;
}
