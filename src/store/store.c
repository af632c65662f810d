#include "store/room.h"
#include "store/tree.h"

/* --- removal ---------------------------------------------------------------------------------- */

ref entry_free(struct store *store, ref at) {
    tree_entry_gone(store, at);
    return heap_give(&store->heap, at, block_units(block_at(&store->heap, at)));
}

ref store_drop(struct store *store, u32 bucket, struct slot *slot, enum change change) {
    ref at = slot_ref(slot);
    store->stats.gone[change]++;
    store_note(store, at, change);
    index_remove(store, &store->keys, bucket, slot);
    return entry_free(store, at);
}

/* Out of the index, but not freed before the next command. */
void store_keep(struct store *store, ref at) {
    store->kept = at;
    heap_hold(&store->heap, at);
}

bool store_remove(struct store *store, struct slice key) {
    u64 hash = hash_of(store, key);
    struct entry entry;
    struct slot *slot = store_find_slot(store, key, hash, &entry);
    if (!slot) return false;
    store_drop(store, bucket_of(store, hash), slot, CHANGE_MADE);
    index_shrink(store, &store->keys);
    return true;
}

bool store_take(struct store *store, struct slice key) {
    u64 hash = hash_of(store, key);
    struct entry entry;
    struct slot *slot = store_find_slot(store, key, hash, &entry);
    if (!slot) return false;
    store_note(store, entry.at, CHANGE_MADE);
    index_remove(store, &store->keys, bucket_of(store, hash), slot);
    store_keep(store, entry.at);
    index_shrink(store, &store->keys);
    return true;
}

struct slice store_kept(struct store *store) {
    if (!store->kept) return (struct slice){0};
    struct entry entry;
    store_view(store, store->kept, &entry);
    return (struct slice){entry.value, entry.value_len};
}

/* --- changes ---------------------------------------------------------------------------------- */

__attribute__((noinline)) void store_note(struct store *store, ref at, enum change change) {
    struct changes *changes = &store->changes;
    if (LIKELY(changes->used > changes->most)) return;
    struct entry entry;
    store_view(store, at, &entry);
    u8 *record = changes->log + changes->used;
    u32 bytes = entry.key.len + CHANGE_HEAD;
    changes->used += bytes;
    if (changes->used > changes->most) return;
    store32(record, entry.key.len << 8 | change);
    copy_bytes(record + CHANGE_HEAD, entry.key.bytes, entry.key.len);
    if (changes->last + bytes == record && equal_bytes(record, changes->last, bytes))
        changes->used -= bytes;
    else
        changes->last = record;
}

/* --- scratch memory and the request window ---------------------------------------------------- */

enum { PINNED_HEAD = 8 }; /* bytes, of a pinned block */

COLD u8 *store_take_scratch(struct store *store, u32 bytes) {
    u32 units = max_u32(units_of((u64)bytes + PINNED_HEAD), BLOCK_UNITS_LEAST);
    ref at = room_take(store, units);
    return at ? block_at(&store->heap, at) + PINNED_HEAD : NULL;
}

COLD void store_give_scratch(struct store *store, const u8 *scratch) {
    const u8 *block = scratch - PINNED_HEAD;
    u32 units = (u32)(block - block_at(&store->heap, 0)) / UNIT;
    heap_give(&store->heap, units, block_units(block));
}

void store_give_request(struct store *store) {
    if (store->request_block) heap_give(&store->heap, store->request_block, store->request_units);
    store->request_block = store->request_units = 0;
}

COLD bool store_take_request(struct store *store, u64 bytes, struct slice *window) {
    store_give_request(store);
    if (!store_could_fit(store, bytes)) return false;
    u32 units = units_of(bytes + PINNED_HEAD);
    ref at = room_take(store, units);
    if (!at) return false;
    store->request_block = at;
    store->request_units = units;
    *window = (struct slice){block_at(&store->heap, at) + PINNED_HEAD, units * UNIT - PINNED_HEAD};
    return true;
}

bool store_could_fit(const struct store *store, u64 bytes) {
    enum { ENTRY_HEAD_MOST = 24 };
    u64 units = bytes / UNIT + ENTRY_HEAD_MOST / UNIT + 1;
    return units <= room_most_units(store);
}

/* --- life ------------------------------------------------------------------------------------- */

bool store_init(struct store *store, const u32 seed[4], u32 policy, u32 maxmemory) {
    store->hash_key.k0 = seed[0] | (u64)seed[1] << 32;
    store->hash_key.k1 = seed[2] | (u64)seed[3] << 32;
    /* A stream of its own, from the same seed, through the PRF. */
    store->random.state = hash_bytes(&store->hash_key, (const u8 *)"random replies", 14) | 1;
    store->policy = policy;
    store->samples = 5;
    store->maxmemory = store->budget = maxmemory;
    upkeep_reset(store);
    bool made = index_init(store, &store->keys);
    room_keep_spare(store);
    return made;
}

COLD void store_flush(struct store *store) {
    store->changes.used = ~0u;
    heap_reset(&store->heap, store->request_block, store->request_units);
    store->kept = store->spare = store->spare_units = store->retired = 0;
    __builtin_memset(store->built, 0, sizeof store->built);
    upkeep_reset(store);
    index_init(store, &store->keys); /* there is a hole where a page was */
    room_keep_spare(store);
    store_upkeep(store); /* a lowered maxmemory holds at once */
}

COLD void store_set_policy(struct store *store, u32 policy) {
    store->policy = policy;
    __builtin_memset(store->pool, 0, sizeof store->pool);
    room_keep_spare(store);
    evict_forget(store);
}

COLD bool store_set_maxmemory(struct store *store, u64 bytes) {
    if (bytes > store->budget) return false;
    store->maxmemory = bytes ? (u32)bytes : store->budget;
    return true;
}

/* --- over all keys ---------------------------------------------------------------------------- */

/* Bits of a hash, or a cursor, from the lowest on, are where it comes in a scan. */
static bool comes_before(u32 a, u32 b) {
    u32 unlike = a ^ b;
    return b & unlike & -unlike;
}

static void visit_bucket(struct store *store, u32 bucket, u32 cursor, store_visit *visit,
                         void *context) {
    struct line *line = index_line(&store->heap, &store->keys, bucket);
    u32 used = line_used(&store->heap, line);
    bool is_whole = cursor <= store->keys.mask;
    store->heap.steps += 1 + used;
    for (u32 i = 0; i < used; i++) {
        struct entry entry;
        ref at = slot_ref(line_slot(&store->heap, line, i));
        if (!is_whole && comes_before((u32)store_hash_at(store, at), cursor)) continue;
        store_view(store, at, &entry);
        if (store_is_live(store, &entry, 0)) visit(context, &entry);
    }
}

/* Counting up with the highest bit as the lowest (Redis's dictScan, by Pieter Noordhuis): a bucket
 * seen under one table size has been seen under every other, since buckets split and merge by their
 * high bits. Of one that has merged since with another, what has been visited is passed over. */
u32 store_scan(struct store *store, u32 cursor, store_visit *visit, void *context) {
    u32 mask = store->keys.mask, bucket = cursor & mask;
    visit_bucket(store, bucket, cursor, visit, context);
    if (bucket + mask + 1 < store->keys.count)
        visit_bucket(store, bucket + mask + 1, cursor, visit, context);
    u32 bit = mask ^ mask >> 1;
    for (; bucket & bit; bit >>= 1) bucket ^= bit;
    return bucket | bit;
}

bool store_random(struct store *store, struct entry *entry) {
    enum { TRIES = 100 }; /* buckets, all of whose entries would have to have expired */
    struct index *keys = &store->keys;
    for (u32 tries = 0; tries < TRIES && keys->entries; tries++) {
        struct line *line = index_line(&store->heap, keys, index_any_used(store, keys));
        u32 used = line_used(&store->heap, line);
        u32 first = random_below(&store->random, used);
        for (u32 i = 0; i < used; i++) {
            struct slot *slot = line_slot(&store->heap, line, (first + i) % used);
            store_view(store, slot_ref(slot), entry);
            if (store_is_live(store, entry, 0)) return true;
            heap_step(&store->heap);
        }
    }
    return false;
}

/* --- figures ---------------------------------------------------------------------------------- */

u32 store_index_bytes(const struct store *store) {
    const struct index *keys = &store->keys;
    return (keys->spilled_units + keys->pages * PAGE_UNITS + keys->nodes * INDEX_NODE_UNITS) * UNIT;
}

u64 store_entry_bytes(struct store *store, const struct entry *entry) {
    u32 index = store->keys.entries ? store_index_bytes(store) / store->keys.entries : 0;
    return block_units(block_at(&store->heap, entry->at)) * UNIT + index +
           tree_entry_bytes(store, entry->at);
}

u32 store_used_bytes(const struct store *store) {
    return store_committed_bytes(store) - store->heap.free_units * UNIT;
}

u32 store_committed_bytes(const struct store *store) {
    return (store->heap.end + 1) * UNIT;
}
