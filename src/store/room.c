/*
 * Making room at the budget: make one hole of what is free, or evict what the request needs and no
 * more.
 *
 * Victims are chosen by the policy wherever they lie, so what they leave is scattered. After each
 * one the hole it left is looked at: it may do, or with what lies right behind it. When as many
 * bytes as the request takes have gone and still no hole will do, the neighbours of a large hole go
 * instead, moved into other holes if they fit one, else evicted ("window eviction"): so the extra
 * loss is at most about the request's size again, and memory that was in one size serves another.
 */
#include "store/room.h"

enum {
    FREE_SHARE = 256, /* with more than this part of the arena free, moving comes before evicting */
    TRIES = 24,       /* holes a request looks at for that; a small one, to which each look is a */
    SMALL_UNITS = 64, /* cache miss too many, is content with */
    SMALL_TRIES = 2,
    SLACK_UNITS = 4096, /* what one gathering may move beyond four times the request */
    VICTIMS = 24,       /* entries evicted by policy before a window is cleared, and one more for */
    VICTIM_UNITS = 8,   /* every so many units of the request */
};

/* How much one gathering may move. */
static u32 gather_budget(u32 units) {
    return units * 4 + (units < SMALL_UNITS ? SMALL_UNITS : min_u32(units * 4, SLACK_UNITS));
}

u32 room_most_units(const struct store *store) {
    const struct heap *heap = &store->heap;
    u32 taken = heap->first + PAGE_UNITS + 2 + store->lowered_units + store->request_units;
    return heap->limit > taken ? heap->limit - taken : 0;
}

static ref evict_one(struct store *store, u32 wanted, u32 *units) {
    struct slot victim;
    if (!evict_choose(store, wanted, &victim)) return 0;
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

/* Gathers at one of the larger holes. A gathering that fails may have moved and evicted some; then
 * the holes are others, and it starts over with the largest. */
static ref gather_somewhere(struct heap *heap, u32 units, u32 budget, u32 tries,
                            enum gather_mode mode) {
    ref hole = 0, made = 0;
    while (!made && tries-- > 0 && (hole = heap_next_hole(heap, hole))) {
        u64 before = heap->moved_bytes + heap->free_units;
        made = heap_gather(heap, hole, units, budget, mode);
        if (before != heap->moved_bytes + heap->free_units) hole = 0;
    }
    return made;
}

/* Moving or evicting all that lies behind a hole. For a request of a good part of the arena, the
 * larger ones may lie too near its end, so after them in order of address. */
static ref clear_window(struct store *store, u32 units) {
    struct heap *heap = &store->heap;
    enum gather_mode mode = store->policy == POLICY_NOEVICTION ? GATHER_MOVE : GATHER_EVICT;
    u32 tries = TRIES, budget = gather_budget(units) + 2 * PAGE_UNITS;
    ref made = gather_somewhere(heap, units, budget, TRIES, mode);
    for (ref at = heap->first; !made && at < heap->end && tries > 0;) {
        u8 *block = block_at(heap, at);
        if (tag_code(block) == CODE_FREE) {
            made = heap_gather(heap, at, units, budget, mode);
            tries--;
        }
        heap->steps++;
        at += block_units(block);
    }
    return made;
}

static __attribute__((noinline)) ref room_make(struct store *store, u32 units) {
    struct heap *heap = &store->heap;
    if (units > room_most_units(store)) return 0;
    if (heap_available(heap) >= units && heap->free_units > heap->end / FREE_SHARE) {
        u32 tries = units < SMALL_UNITS ? SMALL_TRIES : TRIES;
        ref at = gather_somewhere(heap, units, gather_budget(units), tries, GATHER_MOVE);
        if (at) return at;
    }
    u32 evicted = 0, victims_left = VICTIMS + units / VICTIM_UNITS;
    while ((evicted < units && victims_left) || heap_available(heap) < units) {
        ref hole = evict_one(store, units, &evicted);
        if (!hole) break;
        if (victims_left) victims_left--;
        if (heap_available(heap) < units) continue;
        ref at = heap_take(heap, units);
        if (!at) at = heap_gather(heap, hole, units, gather_budget(units), GATHER_MOVE);
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
