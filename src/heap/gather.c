/*
 * Gathering: one large hole out of small ones.
 *
 * The window starts at a free block and grows to the right, block by block, until it is as long as
 * wanted:
 *
 *     | hole |  A  | hole | B |          a free block joins the window;
 *     |  window           | B |          A is moved away into a hole of exactly its size elsewhere,
 *     |  A  |  window     | B |          or slides to the left end of the window,
 *     |  window               |          or (GATHER_EVICT, GATHER_CLEAR) is removed.
 *
 * A plan is made first, by looking only, so that a gathering that cannot succeed moves nothing; but
 * for GATHER_MOVE, which goes as far as it may: its hole is further to the right then, and as much
 * larger as what it met, and the next gathering goes on with it.
 */
#include "heap/heap.h"

/* What is still to be spent, in steps, on a block that a plan has looked at: on one that is looked
 * at again and moves, its key being hashed, and on one that is evicted, the index being shrunk. */
enum { MOVE_STEPS = 2, EVICT_STEPS = 5 };

/* A hole of exactly that size that is not inside the window to be; 0 if none shows quickly. */
static ref hole_elsewhere(const struct heap *heap, u32 units, ref window, u32 wanted) {
    u32 looked = 0;
    for (u32 bin = heap_next_bin(heap, heap_bin_of(units)); bin < BIN_COUNT;
         bin = heap_next_bin(heap, bin + 1))
        for (ref at = heap->bins[bin]; at; at = load32(block_at(heap, at) + 4)) {
            if (looked++ == 8) return 0;
            u32 size = free_units(block_at(heap, at));
            if (size >= units && (at < window || at >= window + wanted)) return at;
        }
    return 0;
}

static bool may_move(const struct heap *heap, ref at, const u8 *block) {
    if (tag_code(block) == CODE_SYSTEM && block[1] < SYSTEM_PAGE) return false;
    return !heap_is_held(heap, at);
}

enum { NO_PLAN = ~0u };

static bool may_evict(struct heap *heap, ref at, const u8 *block, enum gather_mode mode) {
    return mode >= GATHER_EVICT && tag_code(block) != CODE_SYSTEM && heap_owner_may_evict(heap, at);
}

/* How many units would slide, if all goes well; NO_PLAN if it cannot, with the steps and moves
 * there are, or a gathering that goes on as far as they last. It counts on no hole elsewhere where
 * it evicts outright: that attempt is the last. (The lines of a page may have to move within it as
 * well.) */
static u32 plan(struct heap *heap, ref hole, u32 wanted, u32 budget_units, u32 steps_most,
                enum gather_mode mode) {
    u32 gained = 0, moves = 0, slides = 0, steps = 0, elsewhere = heap->free_units;
    if (mode == GATHER_MOVE) return budget_units;
    for (ref at = hole; gained < wanted;) {
        const u8 *block = block_at(heap, at);
        u32 units = block_units(block);
        heap_step(heap);
        if (tag_code(block) == CODE_FREE) {
            gained += units;
            elsewhere -= min_u32(elsewhere, units);
        } else if (!may_move(heap, at, block)) {
            heap->barrier = at;
            return NO_PLAN;
        } else if (may_evict(heap, at, block, mode)) {
            gained += units;
            steps += EVICT_STEPS;
        } else {
            moves += units << is_system(block, SYSTEM_PAGE);
            steps += MOVE_STEPS;
            if (moves > budget_units) return NO_PLAN;
            if (mode != GATHER_CLEAR && units <= elsewhere &&
                hole_elsewhere(heap, units, hole, wanted)) {
                elsewhere -= units;
                gained += units;
            } else {
                slides += units;
            }
        }
        if (heap->steps + steps > steps_most) return NO_PLAN;
        at += units;
    }
    return slides;
}

static void move_block(struct heap *heap, ref from, ref to, u32 units, u8 previous_free) {
    u8 *target = block_at(heap, to);
    __builtin_memmove(target, block_at(heap, from), (size_t)units * UNIT);
    *target = (u8)((*target & ~TAG_PREVIOUS_FREE) | previous_free);
    heap->moved_bytes += units * UNIT;
    heap_owner_moved(heap, from, to);
}

ref heap_gather(struct heap *heap, ref hole, u32 wanted, u32 budget_units, u32 steps_most,
                enum gather_mode mode) {
    if (heap_refuses()) return 0;
    u32 slides_left = plan(heap, hole, wanted, budget_units, steps_most, mode);
    if (slides_left == NO_PLAN) return 0;
    if (mode >= GATHER_EVICT) slides_left = budget_units;
    ref window = hole;
    u32 size = free_units(block_at(heap, hole)), moved_before = heap->moved_bytes / UNIT;
    heap_take_at(heap, hole, size);
    while (size < wanted) {
        ref at = window + size;
        u8 *block = block_at(heap, at);
        u32 units = block_units(block);
        heap_step(heap);
        if (tag_code(block) == CODE_FREE) {
            heap_take_at(heap, at, units);
            size += units;
            continue;
        }
        if (!may_move(heap, at, block) || heap->steps > steps_most) break;
        bool evicts = may_evict(heap, at, block, mode);
        u32 moves = heap->moved_bytes / UNIT - moved_before + units;
        u32 moves_most = !evicts ? budget_units : mode == GATHER_EVICT ? budget_units / 2 : 0;
        bool affords = moves <= moves_most;
        ref target = affords ? hole_elsewhere(heap, units, window, wanted) : 0;
        if (evicts && !target) {
            heap_owner_evicts(heap, at);
            continue; /* it is a free block now, or part of one */
        }
        if (target) {
            heap_take_at(heap, target, units);
            move_block(heap, at, target, units, 0);
            size += units; /* its old place; the hole it went to was counted free before */
        } else {
            if (!affords || units > slides_left)
                break; /* fewer holes than it looked: this will not do */
            slides_left -= units;
            move_block(heap, at, window, units, *block_at(heap, window) & TAG_PREVIOUS_FREE);
            window += units;
            *block_at(heap, window) = 0; /* what lies before it now is not free */
        }
        system_make(block_at(heap, window), SYSTEM_PINNED, size);
    }
    system_make(block_at(heap, window), SYSTEM_PINNED, size);
    if (size < wanted) {
        heap_give(heap, window, size);
        return 0;
    }
    system_make(block_at(heap, window), SYSTEM_PINNED, wanted);
    heap_trim(heap, window, size, wanted);
    heap_spoil(block_at(heap, window) + UNIT, (size_t)(wanted - 1) * UNIT);
    return window;
}

/* A few blocks to the right there may be a free one: the blocks up to it make way into it. */
COLD bool heap_open(struct heap *heap, ref at, u32 old_units, u32 new_units) {
    enum { OPEN_BLOCKS = 16 };
    ref starts[OPEN_BLOCKS + 1];
    u32 more = new_units - old_units, count = 0, cost = 0;
    u32 budget_units = 2 * new_units + 512;
    if (heap_refuses()) return false;
    starts[0] = at + old_units;
    for (;;) {
        ref next = starts[count];
        const u8 *block = block_at(heap, next);
        u32 units = block_units(block);
        heap_step(heap);
        if (tag_code(block) == CODE_FREE) {
            if (units < more) return false;
            break;
        }
        cost += units;
        if (count == OPEN_BLOCKS || cost > budget_units || !may_move(heap, next, block))
            return false;
        starts[++count] = next + units;
    }
    heap_take_at(heap, starts[count], more);
    while (count-- > 0)
        move_block(heap, starts[count], starts[count] + more, starts[count + 1] - starts[count], 0);
    *block_at(heap, starts[0]) = 0;
    system_make(block_at(heap, starts[0]), SYSTEM_PINNED, more); /* until its owner grows over it */
    heap_spoil(block_at(heap, starts[0]) + UNIT, (size_t)(more - 1) * UNIT);
    return true;
}
