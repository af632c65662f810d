/*
 * Making room at the budget: make one hole of what is free, or evict what the request needs and no
 * more.
 *
 * Victims are chosen by the policy wherever they lie, so what they leave is scattered. After each
 * one the hole it left is looked at: it may do, or with what lies right behind it (a request that
 * is large beside the arena looks at all holes, of which there are few then, if all may be evicted:
 * else what is moved for that would be missing where a window has to be cleared without). When as
 * many bytes as the request takes have gone and still no hole will do, what lies behind the last
 * one makes way: moved into the holes that the others left if it fits one, else evicted too
 * ("window eviction"). So memory that was in one size serves another, at the loss of little more
 * than the request's size.
 *
 * What is free in pieces that are too small to be of use comes together again by moving, a little
 * with each request: "gather_free".
 *
 * All of it is bounded: what a command may look at and move is a constant and a multiple of what it
 * asks for. Whatever was spent before, the last attempt, which evicts, has enough left to move the
 * parts of the index that are in its way.
 */
#include "store/room.h"
#include "store/tree.h"

enum {
    SPARE_SHARE = 128, /* the spare is that part of the arena */
    FREE_SHARE = 256,  /* with more than this part of the arena free, its pieces are gathered: */
    MOVES_BEFORE = 2,  /* by moving so many times what is asked for, and so many units more, */
    MOVES_BEFORE_MORE = 32, /* before anything is evicted; */
    AFTER_UNITS = 32, /* and of requests for as much as that, what else they may move, after it */
    SMALL_UNITS = 64, /* what any request may move */
    LARGE_SHARE = 32, /* more than this part of the arena is a large request */
    TRIES = 24,       /* holes that are looked at in turn */
    ALL_UNITS = ~0u,
    VICTIMS = 24,     /* entries evicted by policy before a window is cleared, and one more for */
    VICTIM_UNITS = 8, /* every so many units of the request */
    GAIN_VICTIMS = 12,

    /* What a command may do: so many steps, or as many as that for every unit it asks for, but in
     * any case some for each time it asks; and moves of so many times what it asks for, and of so
     * many units more. The attempt that evicts may do that once more, the last one twice: three
     * times that is what 64 KiB leave when two pages of the index are asked for as well. */
    STEPS = 1024,
    STEPS_A_UNIT = 2,
    STEPS_LEAST = 256,
    NEAR_STEPS = 128, /* for what lies right behind one victim */
    MOVES_A_UNIT = 4,
    MOVES_MORE = (65536 / UNIT - 2 * MOVES_A_UNIT * PAGE_UNITS) / 3,
    /* The attempts that evict may go on to so many steps, whatever was spent before, and more for
     * every unit, but for those that the index may have asked for, which no request pays for. */
    LAST_STEPS = 3584,
    LAST_STEPS_A_UNIT = 24,
    INNER_UNITS = PAGE_UNITS + 2 * INDEX_NODE_UNITS,
};

static u32 last_steps(const struct store *store) {
    u32 asked = store->asked_units;
    return store->own_steps + LAST_STEPS +
           LAST_STEPS_A_UNIT * (asked - min_u32(asked, INNER_UNITS));
}

/* Where everything may go, the last attempt looks on as long as there are steps. */
static bool may_look(const struct store *store, enum gather_mode mode) {
    u32 most = store->steps_most;
    if (mode >= GATHER_EVICT) most += most / 4;
    if (mode == GATHER_CLEAR && !policy_may_run_dry(store->policy)) most = last_steps(store);
    return store->heap.steps < most;
}

/* Of `units` that a gathering would like to move, what the command has left. What it moves itself
 * counts as far as what it asked for. */
static u32 may_move(const struct store *store, u32 units, enum gather_mode mode) {
    u32 asked = MOVES_A_UNIT * store->asked_units;
    u32 most = asked + min_u32(asked + SMALL_UNITS, MOVES_MORE);
    most += mode == GATHER_EVICT ? MOVES_MORE : mode == GATHER_CLEAR ? 2 * MOVES_MORE : 0;
    u32 own = min_u32(store->own_moved / UNIT, store->asked_units);
    u32 moved = own + (store->heap.moved_bytes - store->own_moved) / UNIT;
    return moved < most ? min_u32(units, most - moved) : 0;
}

u32 room_most_units(const struct store *store) {
    const struct heap *heap = &store->heap;
    u32 taken = heap->first + PAGE_UNITS + 2 + store_lowered_units(store) + store->request_units +
                store->spare_units;
    return heap->limit > taken ? heap->limit - taken : 0;
}

/* --- what the heap asks ----------------------------------------------------------------------- */

static struct store *store_around(struct heap *heap) {
    return store_at((struct store *)(void *)heap);
}

bool heap_owner_may_evict(struct heap *heap, ref at) {
    struct store *store = store_around(heap);
    u32 policy = store->policy;
    if (!policy_may_run_dry(policy)) return true;
    i64 expires_at_ms = store_expiry_at(store, at);
    return policy == POLICY_NOEVICTION ? is_past(store, expires_at_ms) : expires_at_ms != 0;
}

ref room_evict(struct store *store, u32 bucket, ref at) {
    enum change change = store_is_expired(store, at) ? CHANGE_EXPIRED : CHANGE_EVICTED;
    if (change == CHANGE_EVICTED) evict_remember(store, at);
    return store_drop(store, bucket, index_find(store, &store->keys, bucket, at), change);
}

static u32 bucket_at(struct store *store, ref at) {
    return bucket_of(store, store_hash_at(store, at));
}

void heap_owner_evicts(struct heap *heap, ref at) {
    struct store *store = store_around(heap);
    room_evict(store, bucket_at(store, at), at);
    index_shrink(store, &store->keys);
}

void heap_owner_moved(struct heap *heap, ref from, ref to) {
    struct store *store = store_around(heap);
    const u8 *block = block_at(heap, to);
    if (tag_code(block) != CODE_SYSTEM) {
        slot_refer(index_find(store, &store->keys, bucket_at(store, to), from), to);
        if (*block & TAG_TYPED) tree_entry_moved(store, to);
    } else if (block[1] >= SYSTEM_LEAF) {
        tree_node_moved(store, from, to);
    } else {
        index_part_moved(store, &store->keys, from, to);
    }
}

/* --- making a hole ---------------------------------------------------------------------------- */

static ref gather(struct store *store, ref hole, u32 units, u32 most, enum gather_mode mode) {
    struct heap *heap = &store->heap;
    u32 steps = mode == GATHER_NEAR   ? heap->steps + NEAR_STEPS
                : mode == GATHER_MOVE ? store->steps_most
                                      : last_steps(store);
    return heap_gather(heap, hole, units, may_move(store, most, mode), steps, mode);
}

/* At one of the larger holes. A gathering that fails may have moved and evicted some; then the
 * holes are others, and it starts over with the largest. Those before the barrier are passed over:
 * nearly all large holes may lie there. */
static ref gather_somewhere(struct store *store, u32 units, u32 most, u32 tries,
                            enum gather_mode mode) {
    struct heap *heap = &store->heap;
    ref hole = 0, made = 0;
    while (!made && tries && may_look(store, mode) && (hole = heap_next_hole(heap, hole))) {
        heap_step(heap);
        if (heap->barrier - hole < units) continue; /* its window would meet it */
        if (mode == GATHER_MOVE && free_units(block_at(heap, hole)) >= units) continue;
        u32 before = heap->moved_bytes + heap->free_units;
        made = gather(store, hole, units, most, mode);
        if (before != heap->moved_bytes + heap->free_units) hole = 0;
        tries--;
    }
    return made;
}

/* Behind the hole that is given (0: none), else behind one of the larger; for a request of a good
 * part of the arena those may lie too near its end, so after them in order of address. */
static ref clear_window(struct store *store, ref hole, u32 units) {
    struct heap *heap = &store->heap;
    u32 most = 2 * MOVES_A_UNIT * units + 2 * PAGE_UNITS;
    ref made = hole ? gather(store, hole, units, most, GATHER_EVICT) : 0;
    if (!made) made = gather_somewhere(store, units, most, TRIES, GATHER_EVICT);
    if (!made) made = gather_somewhere(store, units, most, TRIES, GATHER_CLEAR);
    for (ref at = heap->first; !made && at < heap->end && may_look(store, GATHER_CLEAR);) {
        u8 *block = block_at(heap, at);
        if (tag_code(block) == CODE_FREE && heap->barrier - at >= units)
            made = gather(store, at, units, most, GATHER_CLEAR);
        heap_step(heap);
        at += block_units(block);
    }
    return made;
}

/* Returns the hole that the entry became part of, or a node of a collection that is gone; 0: there
 * is nothing to evict. What a live entry took is added to *units. */
static ref evict_one(struct store *store, u32 wanted, u32 *units) {
    struct candidate victim;
    if (store->retired) return tree_reclaim(store);
    index_shrink(store,
                 &store->keys); /* for the last one: behind it, the hole it left would move */
    if (!evict_choose(store, wanted, &victim)) return 0;
    if (!store_is_expired(store, victim.at))
        *units += block_units(block_at(&store->heap, victim.at));
    return room_evict(store, victim.bucket, victim.at);
}

/* Of pieces that are too small, if there are enough of them. It need not work out: even then there
 * are fewer, and larger ones. */
static ref gather_free(struct store *store, u32 units, u32 most, u32 tries) {
    struct heap *heap = &store->heap;
    if (heap_available(heap) < units || heap->free_units <= heap->end / FREE_SHARE) return 0;
    return gather_somewhere(store, units, most, tries, GATHER_MOVE);
}

/* By evicting. */
static ref clear_hole(struct store *store, u32 units) {
    struct heap *heap = &store->heap;
    u32 evicted = 0, victims_left = VICTIMS + units / VICTIM_UNITS;
    ref hole = 0;
    while (
        heap_available(heap) < units ||
        (may_look(store, GATHER_MOVE) && (store->retired || (evicted < units && victims_left)))) {
        hole = evict_one(store, units, &evicted);
        if (!hole) break;
        if (victims_left) victims_left--;
        if (heap_available(heap) < units) continue;
        u32 moved_bytes = heap->moved_bytes;
        ref at = heap_take(heap, units);
        if (!at) at = gather(store, hole, units, ALL_UNITS, GATHER_NEAR);
        if (!at && units > heap->end / LARGE_SHARE && !policy_may_run_dry(store->policy))
            at = gather_somewhere(store, units, ALL_UNITS, TRIES, GATHER_NEAR);
        if (at) return at;
        if (heap->moved_bytes != moved_bytes) hole = 0;
    }
    return heap_available(heap) >= units ? clear_window(store, hole, units) : 0;
}

/* What the request could still have moved moves then, for the next: if all of it went before
 * anything is evicted, too little is left to find a place for what lies in a window. */
static __attribute__((noinline)) ref make_hole(struct store *store, u32 units) {
    struct heap *heap = &store->heap;
    if (units > room_most_units(store)) return 0;
    heap->barrier = heap->end;
    store->asked_units += units;
    u32 steps = max_u32(STEPS, STEPS_A_UNIT * store->asked_units);
    store->steps_most = max_u32(steps, heap->steps + STEPS_LEAST);
    ref at = gather_free(store, units, MOVES_BEFORE * units + MOVES_BEFORE_MORE, 1);
    if (at) return at;
    at = clear_hole(store, units);
    if (units < AFTER_UNITS) return at;
    ref next = gather_free(store, units, ALL_UNITS, TRIES);
    if (next) heap_give(heap, next, units);
    return at;
}

/* What the command looked at by itself takes nothing from what is left for making room. */
static ref room_make(struct store *store, u32 units) {
    store->own_steps = store->heap.steps - store->room_steps;
    store->own_moved = store->heap.moved_bytes - store->room_moved;
    ref at = make_hole(store, units);
    store->room_steps = store->heap.steps - store->own_steps;
    store->room_moved = store->heap.moved_bytes - store->own_moved;
    return at;
}

/* A hole that so much fits in lasts for all of it, however it is cut up. */
COLD bool store_has_room(struct store *store, u32 bytes, u32 items) {
    enum {
        SPILL_MOST = (SPILL_HEAD + 255 * SPILL_SLOT_BYTES) / UNIT + 1, /* units */
        ITEM_UNITS = 3 + 2 * SPILL_MOST, /* head and padding; its bucket, and the one split off */
    };
    u64 index = (u64)items * ITEM_UNITS + (items / FANOUT + 1) * INNER_UNITS;
    return heap_has(&store->heap, units_of(bytes) + index);
}

bool room_gain(struct store *store, u32 units) {
    u32 evicted = 0;
    for (u32 victims = GAIN_VICTIMS; heap_available(&store->heap) < units && victims; victims--)
        if (!evict_one(store, units, &evicted)) return false;
    return heap_available(&store->heap) >= units;
}

ref room_take_free(struct store *store, u32 units) {
    return heap_take(&store->heap, units);
}

ref room_take(struct store *store, u32 units) {
    ref at = heap_take(&store->heap, units);
    if (LIKELY(at != 0)) return at;
    at = room_make(store, units);
    if (at || !store->may_use_spare || store->spare_units < units) return at;
    at = store->spare;
    system_make(block_at(&store->heap, at), SYSTEM_PINNED, units);
    heap_trim(&store->heap, at, store->spare_units, units);
    store->spare = store->spare_units = 0;
    room_keep_spare(store);
    return at;
}

COLD void room_keep_spare(struct store *store) {
    bool needed = policy_may_run_dry(store->policy) || policy_is_adaptive(store->policy);
    u32 wanted = needed ? store->heap.limit / SPARE_SHARE : 0;
    u32 units = wanted;
    ref at = 0;
    while (units > store->spare_units + 1 && !(at = heap_take(&store->heap, units))) units /= 2;
    if (!at && wanted) return; /* then what there is stays */
    if (store->spare) heap_give(&store->heap, store->spare, store->spare_units);
    store->spare = at;
    store->spare_units = units;
    evict_forget(store);
}
