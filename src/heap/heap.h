/*
 * The heap: blocks of any size out of one arena, at 8-byte granularity, and never a byte beyond.
 *
 *     base    state                   first                              end         limit
 *      | call, | struct store, static  | block | block |  free  | block E |  not yet   |
 *      | stack | data, windows         |                                E |  committed |
 *
 * Free blocks hang in bins by size: one bin a size up to 1 KiB, eight bins a power of two above. An
 * allocation takes the best fit; a freed block joins its free neighbours. When the budget is used
 * up, gather() makes one large hole of several small ones by moving blocks: everything moves,
 * except what is pinned or held, because exactly one place refers to each block and the
 * owner (the store) is told.
 *
 * Granularity of 8 bytes, and no header beyond what a block's own contents need, is why there are
 * no slabs and no size classes here: memory has no classes to be stuck in when sizes shift.
 */
#ifndef FERRITE_HEAP_H
#define FERRITE_HEAP_H

#include "base/base.h"
#include "heap/block.h"

/* Bytes of the arena before the first window: of the module, the call at work, its stack, its state
 * and its static data, in that order, so that what is used most has small addresses: one below 64
 * takes a byte less of code. A native cache is charged for them too, so that both forms hold the
 * same keys. */
enum { FIXED_BYTES = 17984 };
enum { PAGE_BYTES = 65536 };

/* Where the state is, in bytes from the base; of the module, also the call, up to where the stack
 * may come down to. */
#ifdef FERRITE_MODULE
enum { CALL_AT = 8, CALL_END = 1104, STATE_AT = CALL_END + 4528, STATE_BYTES = 3072 };
#else
enum { STATE_BYTES = 4608, STATE_AT = FIXED_BYTES - STATE_BYTES };
#endif

enum { BIN_EXACT = 128, BIN_STEPS_LOG2 = 3, BIN_COUNT = BIN_EXACT + (23 << BIN_STEPS_LOG2) };
enum { HELD_MAX = 4 };

struct heap {
    u32 first, end, limit; /* units from the base; [first, end) is committed and made of blocks */
    u32 free_units;        /* in free blocks */
    u32 withheld;          /* units that are to stay free: what a lowered maxmemory took */
    ref held[HELD_MAX];    /* blocks in use by the command at work: they stay where they are */
    /* What the command at work took; the room above begins them anew. A step is a block or a bucket
     * looked at, or an entry read for another reason than that a key was asked for. */
    u32 steps, moved_bytes;
    ref barrier; /* what a gathering ran into last and cannot move; the room above begins with END
                  */
    u64 bin_map[(BIN_COUNT + 63) / 64];
    ref bins[BIN_COUNT];
};

#ifdef FERRITE_MODULE
HOT_INLINE u8 *block_at(const struct heap *heap, ref at) {
    (void)heap;
    return (u8 *)((size_t)at * UNIT);
}
#else
HOT_INLINE u8 *block_at(const struct heap *heap, ref at) {
    return (u8 *)heap - STATE_AT + (size_t)at * UNIT;
}
#endif

/* Makes the heap over [first_byte, limit_byte), counted from the base, with a first piece of it
 * committed. False if there is not even that. */
bool heap_init(struct heap *heap, u32 first_byte, u32 limit_byte);
/* Makes free space of everything but one pinned block (`pinned` 0: none). */
void heap_reset(struct heap *heap, ref pinned, u32 pinned_units);

/* The best fit of at least `units`, as a pinned block of exactly that size; pages are committed
 * when no hole fits and the limit allows. 0: neither. */
ref heap_take(struct heap *heap, u32 units);
/* Is there a free block that it would come from, for one who may take less in the end? So no more
 * than a page is committed for it: what the host refuses is lost for good, and a host that refuses
 * a page has no more to give. */
bool heap_has(struct heap *heap, u64 units);
/* Takes the front of the free block at `hole`, which is large enough. */
void heap_take_at(struct heap *heap, ref hole, u32 units);
/* Frees a block of that size; returns the hole it became part of. */
ref heap_give(struct heap *heap, ref at, u32 units);
/* Gives back the tail of a block, whose own header is the caller's to write. */
void heap_trim(struct heap *heap, ref at, u32 old_units, u32 new_units);
/* Grows a block in place into free space behind it. False if there is not enough. */
bool heap_extend(struct heap *heap, ref at, u32 old_units, u32 new_units);

/* Units in free blocks or not yet committed. */
SHARED u32 heap_free(const struct heap *heap) {
    return heap->free_units + (heap->limit - heap->end - 1);
}
/* The part of them that may be handed out. */
SHARED u32 heap_available(const struct heap *heap) {
    u32 free = heap_free(heap);
    return free > heap->withheld ? free - heap->withheld : 0;
}

/* The same by moving what lies behind the block, a little way into free space beyond. */
bool heap_open(struct heap *heap, ref at, u32 old_units, u32 new_units);

/* Making a hole by moving a few blocks, if it works out; or as many as may move, even if that makes
 * but a larger hole; or by removing live entries too, if they do not fit elsewhere, or in any case.
 */
enum gather_mode { GATHER_NEAR, GATHER_MOVE, GATHER_EVICT, GATHER_CLEAR };
/* Makes a pinned block of `wanted` units out of the free block at `hole` and what lies behind it,
 * moving at most `budget_units`, until heap.steps is `steps_most`. 0 if that is not enough (but for
 * GATHER_MOVE, little has been moved then). */
ref heap_gather(struct heap *heap, ref hole, u32 wanted, u32 budget_units, u32 steps_most,
                enum gather_mode mode);
/* The free blocks, those of the largest bin first: the one `after` another, the first after 0; 0
 * when there are no more. */
ref heap_next_hole(const struct heap *heap, ref after);

u32 heap_bin_of(u32 units);
u32 heap_next_bin(const struct heap *heap, u32 bin);
void heap_hold(struct heap *heap, ref at);
void heap_release(struct heap *heap, ref at);
SHARED bool heap_is_held(const struct heap *heap, ref at) {
    return heap->held[0] == at || heap->held[1] == at || heap->held[2] == at || heap->held[3] == at;
}

/* Counts a step of the command at work. */
HOT_INLINE void heap_step(struct heap *heap) {
    heap->steps++;
}

#include "heap/checked.h"

/* --- supplied by the room above --------------------------------------------------------------- */

/* The block that was at `from` is now at `to`, its bytes moved already. */
void heap_owner_moved(struct heap *heap, ref from, ref to);
/* May the entry at `at` go? */
bool heap_owner_may_evict(struct heap *heap, ref at);
/* Removes that entry and frees its block. */
void heap_owner_evicts(struct heap *heap, ref at);

/* --- supplied by pages_wasm.c or pages_native.c, which alone know where memory is from -------- */

/* Commits the arena up to so many pages of PAGE_BYTES from the base. False: refused. */
bool pages_commit(struct heap *heap, u32 pages);
/* How many are committed now. */
u32 pages_committed(const struct heap *heap);

#endif
