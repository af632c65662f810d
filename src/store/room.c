/*
 * Making room at the budget: evict what the request needs and no more, then make one hole of what
 * is free.
 *
 * Victims are chosen by the policy wherever they lie, so what they leave is scattered. After each
 * one the hole it left is looked at: it may do, or with what lies right behind it. When as many
 * bytes as the request takes have gone and still no hole will do, the neighbours of a large hole go
 * instead, moved into other holes if they fit one, else evicted ("window eviction"): so the extra
 * loss is at most about the request's size again, and memory that was in one size serves another.
 */
#include "store/room.h"

/* A gathering may move this much, in units, beyond twice what it makes. */
enum { GATHER_SLACK_UNITS = 64, WINDOWS_TRIED = 16 };

u32 room_most_units(const struct store *store) {
    const struct heap *heap = &store->heap;
    u32 taken = heap->first + PAGE_UNITS + 2 + store->lowered_units + store->request_units;
    return heap->limit > taken ? heap->limit - taken : 0;
}

static ref evict_one(struct store *store, u32 *units) {
    struct slot victim;
    if (!evict_choose(store, &victim)) return 0;
    ref at = *victim.word & WORD_REF;
    *(store_is_expired(store, at) ? &store->stats.expired : &store->stats.evicted) += 1;
    *units += block_units(block_at(&store->heap, at));
    return store_drop(store, victim);
}

bool heap_owner_evicts(struct heap *heap, ref at) {
    struct store *store = (struct store *)(void *)heap;
    struct slot slot;
    if (!index_find_ref(store, &store->keys, store_hash_at(store, at), at, &slot)) return false;
    bool expired = store_is_expired(store, at);
    bool allowed = policy_is_volatile(store->policy) ? (*slot.word & WORD_VOLATILE) != 0
                                                     : store->policy != POLICY_NOEVICTION;
    if (!allowed && !expired) return false;
    *(expired ? &store->stats.expired : &store->stats.evicted) += 1;
    store_drop(store, slot);
    return true;
}

void heap_owner_moved(struct heap *heap, ref from, ref to) {
    struct store *store = (struct store *)(void *)heap;
    struct slot slot;
    if (tag_code(block_at(heap, to)) == CODE_SYSTEM) {
        index_part_moved(store, &store->keys, from, to);
    } else if (index_find_ref(store, &store->keys, store_hash_at(store, to), from, &slot)) {
        *slot.word = to | (*slot.word & ~(u32)WORD_REF);
    }
}

/* One hole out of the neighbourhood of a large one. */
static ref clear_window(struct store *store, u32 units) {
    struct heap *heap = &store->heap;
    enum gather_mode mode = store->policy == POLICY_NOEVICTION ? GATHER_MOVE : GATHER_EVICT;
    u32 budget = units * 3 + 2 * PAGE_UNITS;
    for (u32 rank = 0; rank < WINDOWS_TRIED; rank++) {
        ref hole = heap_large_hole(heap, rank);
        if (!hole) break;
        ref at = heap_gather(heap, hole, units, budget, mode);
        if (at) return at;
    }
    /* A request for a good part of the arena: the large holes may lie too near its end. */
    u32 tries = 0;
    for (ref at = heap->first; at < heap->end && tries < WINDOWS_TRIED;) {
        u8 *block = block_at(heap, at);
        ref made = 0;
        if (tag_code(block) == CODE_FREE) {
            made = heap_gather(heap, at, units, budget, mode);
            tries++;
        }
        if (made) return made;
        heap->steps++;
        at += block_units(block);
    }
    return 0;
}

static __attribute__((noinline)) ref room_make(struct store *store, u32 units) {
    struct heap *heap = &store->heap;
    if (units > room_most_units(store)) return 0;
    u32 evicted = 0, budget = units * 2 + GATHER_SLACK_UNITS;
    while (evicted < units || heap_available(heap) < units) {
        ref hole = evict_one(store, &evicted);
        if (!hole) break;
        if (heap_available(heap) < units) continue;
        ref at = heap_take(heap, units);
        if (!at) at = heap_gather(heap, hole, units, budget, GATHER_MOVE);
        if (at) return at;
    }
    return heap_available(heap) >= units ? clear_window(store, units) : 0;
}

ref room_take_free(struct store *store, u32 units) {
    return heap_take(&store->heap, units);
}

ref room_take(struct store *store, u32 units) {
    ref at = heap_take(&store->heap, units);
    if (LIKELY(at != 0)) return at;
    u32 withheld = store->heap.withheld;
    if (store->may_use_spare) store->heap.withheld = 0;
    at = room_make(store, units);
    store->heap.withheld = withheld;
    return at;
}
