#include "store/store.h"
#include "store/room.h"

/* --- removal ------------------------------------------------------------------------------------
 */

ref store_drop(struct store *store, u32 bucket, struct slot *slot) {
    ref at = slot_ref(slot);
    index_remove(store, &store->keys, bucket, slot);
    return heap_give(&store->heap, at, block_units(block_at(&store->heap, at)));
}

/* Out of the index, but not freed before the next command. */
static void keep(struct store *store, ref at) {
    store->kept = at;
    heap_hold(&store->heap, at);
}

bool store_remove(struct store *store, struct slice key) {
    u64 hash = hash_of(store, key);
    struct entry entry;
    struct slot *slot = store_find_slot(store, key, hash, &entry);
    if (!slot) return false;
    store_drop(store, bucket_of(store, hash), slot);
    index_shrink(store, &store->keys);
    return true;
}

bool store_take(struct store *store, struct slice key) {
    u64 hash = hash_of(store, key);
    struct entry entry;
    struct slot *slot = store_find_slot(store, key, hash, &entry);
    if (!slot) return false;
    index_remove(store, &store->keys, bucket_of(store, hash), slot);
    keep(store, entry.at);
    index_shrink(store, &store->keys);
    return true;
}

struct slice store_kept(struct store *store) {
    if (!store->kept) return (struct slice){0};
    struct entry entry;
    store_view(store, store->kept, &entry);
    return (struct slice){entry.value, entry.value_len};
}

/* --- placing entries
 * ------------------------------------------------------------------------------ */

/* Writes header and key; returns the value's place. */
static u8 *write_entry(struct store *store, ref at, const struct shape *shape, struct slice key,
                       i64 expires_at_ms) {
    u8 *block = block_at(&store->heap, at);
    shape_store(block, shape, expires_at_ms);
    copy_bytes(block + shape->key_at, key.bytes, key.len);
    return block + shape->value_at;
}

/* What follows an insertion. The entry stays where it is, though a split may take memory. */
static void settle(struct store *store, ref at) {
    heap_hold(&store->heap, at);
    upkeep_inserted(store);
    index_grow(store, &store->keys);
    heap_release(&store->heap, at);
}

/* Puts the pinned block `at` into the index under a new key. False: no memory (the block is freed).
 * The header is written, so that the block is an entry, only when nothing can fail any more. */
static u8 *place_new(struct store *store, ref at, u32 units, const struct shape *shape,
                     struct slice key, u64 hash, i64 expires_at_ms) {
    if (!index_insert(store, &store->keys, hash, at, expires_at_ms != 0, evict_newborn(store))) {
        heap_give(&store->heap, at, units);
        return NULL;
    }
    u8 *value = write_entry(store, at, shape, key, expires_at_ms);
    settle(store, at);
    return value;
}

/* Lets the slot of `old` refer to `at`. The slot is looked for again: taking memory may have moved
 * it within its bucket. */
static void replace(struct store *store, u64 hash, ref old, ref at, i64 expires_at_ms) {
    u32 bucket = bucket_of(store, hash);
    struct slot *slot = index_find(store, &store->keys, bucket, old);
    slot_refer(slot, at);
    index_set_volatile(store, &store->keys, bucket, slot, expires_at_ms != 0);
    evict_touch(store, slot);
}

static ref take_holding(struct store *store, u32 units, ref held) {
    heap_hold(&store->heap, held);
    ref at = room_take(store, units);
    heap_release(&store->heap, held);
    return at;
}

/* Makes the entry's block `units` long where it lies, if that can be. */
static bool fit_in_place(struct store *store, ref at, u32 old_units, u32 units) {
    if (units > old_units) return heap_extend(&store->heap, at, old_units, units);
    heap_trim(&store->heap, at, old_units, units);
    return true;
}

/* Too large for the arena? Then nothing is evicted for it. */
static bool is_too_large(const struct store *store, const struct shape *shape) {
    u64 bytes = shape_bytes(shape);
    return bytes > ~0u || units_of(bytes) > room_most_units(store);
}

u8 *store_put(struct store *store, struct slice key, enum value_type type, u32 value_len,
              i64 expires_at_ms, u32 put_flags) {
    u64 hash = hash_of(store, key);
    struct entry old;
    struct shape shape;
    struct slot *slot = store_find_slot(store, key, hash, &old);
    if (put_flags & PUT_KEEP_TTL) expires_at_ms = slot ? old.expires_at_ms : 0;
    shape_make(&shape, type, key.len, value_len, expires_at_ms);
    if (UNLIKELY(is_too_large(store, &shape))) return NULL;
    u32 units = shape_units(&shape);
    if (!slot) {
        ref at = room_take(store, units);
        return at ? place_new(store, at, units, &shape, key, hash, expires_at_ms) : NULL;
    }
    u32 old_units = block_units(block_at(&store->heap, old.at));
    if (!(put_flags & PUT_KEEP_OLD) && fit_in_place(store, old.at, old_units, units)) {
        index_set_volatile(store, &store->keys, bucket_of(store, hash), slot, expires_at_ms != 0);
        evict_touch(store, slot);
        return write_entry(store, old.at, &shape, key, expires_at_ms);
    }
    ref at = take_holding(store, units, old.at);
    if (!at) return NULL;
    replace(store, hash, old.at, at, expires_at_ms);
    u8 *value = write_entry(store, at, &shape, key, expires_at_ms);
    if (put_flags & PUT_KEEP_OLD)
        keep(store, old.at);
    else
        heap_give(&store->heap, old.at, old_units);
    return value;
}

bool store_set(struct store *store, struct slice key, enum value_type type, struct slice value,
               i64 expires_at_ms, u32 put_flags) {
    u8 *to = store_put(store, key, type, value.len, expires_at_ms, put_flags);
    if (!to) return false;
    copy_bytes(to, value.bytes, value.len);
    return true;
}

u8 *store_reserve(struct store *store, struct slice key, enum value_type type, u32 value_len,
                  i64 expires_at_ms) {
    struct shape *shape = &store->reserved_shape;
    shape_make(shape, type, key.len, value_len, expires_at_ms);
    if (is_too_large(store, shape)) return NULL;
    u32 units = shape_units(shape);
    ref at = room_take(store, units);
    if (!at) return NULL;
    store->reserved = at;
    store->reserved_units = units;
    store->reserved_expires_at_ms = expires_at_ms;
    return write_entry(store, at, shape, key, expires_at_ms);
}

/* The block looks like an entry, but nothing refers to it: for the heap it has to be pinned, which
 * takes its first 8 bytes, so those are set aside while room may be made. */
bool store_commit(struct store *store) {
    ref at = store->reserved;
    u8 *block = block_at(&store->heap, at);
    const struct shape *shape = &store->reserved_shape;
    struct slice key = {block + shape->key_at, shape->key_len};
    u64 hash = hash_of(store, key), first8 = load64(block);
    i64 expires_at_ms = store->reserved_expires_at_ms;
    store->reserved = 0;
    store->heap.steps = store->heap.moved_bytes = store->asked_units = 0;
    struct slot *slot = store_lookup(store, key, hash);
    if (slot) {
        ref old = slot_ref(slot);
        replace(store, hash, old, at, expires_at_ms);
        heap_give(&store->heap, old, block_units(block_at(&store->heap, old)));
        return true;
    }
    system_make(block, SYSTEM_PINNED, store->reserved_units);
    if (!index_insert(store, &store->keys, hash, at, expires_at_ms != 0, evict_newborn(store))) {
        heap_give(&store->heap, at, store->reserved_units);
        return false;
    }
    store64(block, (first8 & ~(u64)TAG_PREVIOUS_FREE) | (*block & TAG_PREVIOUS_FREE));
    settle(store, at);
    return true;
}

void store_give_up(struct store *store) {
    if (!store->reserved) return;
    heap_give(&store->heap, store->reserved, store->reserved_units);
    store->reserved = 0;
}

/* Makes a block as long as that without making room for it elsewhere, if that can be. */
static bool grow(struct store *store, ref at, u32 old_units, u32 units) {
    struct heap *heap = &store->heap;
    if (units <= old_units) return true;
    u32 withheld = heap->withheld;
    if (store->may_use_spare) heap->withheld = 0;
    heap_hold(heap, at);
    bool grown =
        heap_extend(heap, at, old_units, units) ||
        (heap_available(heap) >= units - old_units && heap_open(heap, at, old_units, units));
    heap_release(heap, at);
    heap->withheld = withheld;
    return grown;
}

/* Gives an entry another shape, keeping its key and as much of its value as fits; the block may
 * become another. Returns the value, or NULL if there is no memory. */
static u8 *reshape(struct store *store, const struct entry *old, u64 hash, struct shape *shape,
                   i64 expires_at_ms) {
    struct heap *heap = &store->heap;
    if (is_too_large(store, shape)) return NULL;
    u32 units = shape_units(shape);
    u32 old_units = block_units(block_at(heap, old->at));
    u32 moved = shape->key_len + min_u32(old->value_len, shape->value_len);
    ref at = old->at;
    heap->moved_bytes += moved; /* counted before what may have to be moved to make room for it */
    if (!grow(store, at, old_units, units)) {
        at = take_holding(store, units, old->at);
        if (!at) return NULL;
        replace(store, hash, old->at, at, expires_at_ms);
    }
    u8 *block = block_at(heap, at);
    if (block + shape->key_at != old->key.bytes)
        __builtin_memmove(block + shape->key_at, old->key.bytes, moved);
    shape_store(block, shape, expires_at_ms);
    if (at != old->at)
        heap_give(heap, old->at, old_units);
    else if (units < old_units)
        heap_trim(heap, at, old_units, units);
    return block + shape->value_at;
}

u8 *store_resize(struct store *store, struct slice key, enum value_type type, u32 value_len) {
    u64 hash = hash_of(store, key);
    struct entry old;
    struct shape shape;
    if (!store_find_slot(store, key, hash, &old)) return NULL;
    shape_make(&shape, type, key.len, value_len, old.expires_at_ms);
    return reshape(store, &old, hash, &shape, old.expires_at_ms);
}

bool store_expire(struct store *store, struct slice key, i64 expires_at_ms) {
    u64 hash = hash_of(store, key);
    struct entry old;
    struct shape had, shape;
    struct slot *slot = store_find_slot(store, key, hash, &old);
    if (!slot) return false;
    u8 *block = block_at(&store->heap, old.at);
    shape_load(block, &had);
    shape_make(&shape, old.type, key.len, old.value_len, expires_at_ms);
    if (had.expiry_bytes == shape.expiry_bytes || (expires_at_ms == 0 && had.expiry_bytes)) {
        expiry_store(block, &had, expires_at_ms);
    } else {
        if (!reshape(store, &old, hash, &shape, expires_at_ms)) return false;
        slot = store_lookup(store, key, hash);
    }
    index_set_volatile(store, &store->keys, bucket_of(store, hash), slot, expires_at_ms != 0);
    return true;
}

/* Lets the new key's slot refer to the entry of the old key, held; the old key's slot goes. False:
 * no memory for a slot. */
static bool reindex(struct store *store, struct slice from, struct slice to, ref at) {
    struct index *keys = &store->keys;
    u64 new_hash = hash_of(store, to);
    u32 bucket = bucket_of(store, hash_of(store, from)), new_bucket = bucket_of(store, new_hash);
    struct slot *replaced = store_lookup(store, to, new_hash);
    struct slot *slot = index_find(store, keys, bucket, at);
    bool is_volatile = slot_is_volatile(slot);
    if (!replaced && new_bucket == bucket) {
        slot->tag = index_tag_of(new_hash);
        return true;
    }
    if (!replaced) {
        if (!index_insert(store, keys, new_hash, at, is_volatile, slot->recency)) return false;
        slot = index_find(store, keys, bucket, at); /* making room may have moved it */
    }
    index_remove(store, keys, bucket, slot);
    if (replaced) {
        replaced = store_lookup(store, to, new_hash);
        ref old = slot_ref(replaced);
        slot_refer(replaced, at);
        index_set_volatile(store, keys, new_bucket, replaced, is_volatile);
        heap_give(&store->heap, old, block_units(block_at(&store->heap, old)));
    }
    return true;
}

/* In place if the block can be as long as the new key wants, else by way of a copy. */
bool store_rename(struct store *store, struct slice from, struct slice to) {
    struct entry entry;
    struct shape shape;
    if (!store_find(store, from, &entry)) return false;
    shape_make(&shape, entry.type, to.len, entry.value_len, entry.expires_at_ms);
    if (is_too_large(store, &shape)) return false;
    u8 *block = block_at(&store->heap, entry.at);
    u32 old_units = block_units(block), units = shape_units(&shape);
    if (grow(store, entry.at, old_units, units)) {
        heap_hold(&store->heap, entry.at);
        bool done = reindex(store, from, to, entry.at);
        heap_release(&store->heap, entry.at);
        if (done) {
            __builtin_memmove(block + shape.value_at, entry.value, entry.value_len);
            write_entry(store, entry.at, &shape, to, entry.expires_at_ms);
            store->heap.moved_bytes += entry.value_len;
        }
        heap_trim(&store->heap, entry.at, max_u32(units, old_units), done ? units : old_units);
        return done;
    }
    if (!store_copy(store, from, to)) return false;
    store_remove(store, from);
    return true;
}

bool store_copy(struct store *store, struct slice from, struct slice to) {
    struct entry source;
    if (!store_find(store, from, &source)) return false;
    heap_hold(&store->heap, source.at);
    store->heap.moved_bytes += source.value_len;
    u8 *value = store_put(store, to, source.type, source.value_len, source.expires_at_ms, 0);
    if (value) copy_bytes(value, source.value, source.value_len);
    heap_release(&store->heap, source.at);
    return value != NULL;
}

/* --- several at once
 * ------------------------------------------------------------------------------- */

/* An absent key is inserted at once, its slot marked as staged. For a key that is present, a block
 * as long as its new entry is set aside, in a list, so that publishing finds the memory. */
enum { STAGED_NEXT = 8, STAGED_ITEM = 12 };

COLD bool store_stage(struct store *store, u32 item, struct slice key, struct slice value) {
    u64 hash = hash_of(store, key);
    struct heap *heap = &store->heap;
    struct entry old;
    struct shape shape;
    struct slot *slot = store_find_slot(store, key, hash, &old);
    if (!slot || slot_word(slot) & WORD_STAGED) {
        if (!store_set(store, key, TYPE_STRING, value, 0, 0)) return false;
        slot = store_lookup(store, key, hash);
        store32(slot->word, slot_word(slot) | WORD_STAGED);
        return true;
    }
    shape_make(&shape, TYPE_STRING, key.len, value.len, 0);
    if (is_too_large(store, &shape)) return false;
    ref at = take_holding(store, shape_units(&shape), old.at);
    if (!at) return false;
    store32(block_at(heap, at) + STAGED_NEXT, 0);
    store32(block_at(heap, at) + STAGED_ITEM, item);
    if (store->staged)
        store32(block_at(heap, store->staged_last) + STAGED_NEXT, at);
    else
        store->staged = at;
    store->staged_last = at;
    return true;
}

/* Frees the block set aside for the item, if there is one. */
static bool unstage(struct store *store, u32 item) {
    ref at = store->staged;
    u8 *block = block_at(&store->heap, at);
    if (!at || load32(block + STAGED_ITEM) != item) return false;
    store->staged = load32(block + STAGED_NEXT);
    heap_give(&store->heap, at, block_units(block));
    return true;
}

COLD void store_publish(struct store *store, u32 item, struct slice key, struct slice value) {
    if (unstage(store, item)) {
        store_set(store, key, TYPE_STRING, value, 0, 0);
        return;
    }
    struct slot *slot = store_lookup(store, key, hash_of(store, key));
    if (slot) store32(slot->word, slot_word(slot) & ~(u32)WORD_STAGED);
}

COLD void store_discard(struct store *store, u32 item, struct slice key) {
    if (unstage(store, item)) return;
    u64 hash = hash_of(store, key);
    struct slot *slot = store_lookup(store, key, hash);
    if (slot && slot_word(slot) & WORD_STAGED) store_drop(store, bucket_of(store, hash), slot);
}

/* --- the request window
 * --------------------------------------------------------------------------- */

enum { REQUEST_HEAD = 8 }; /* bytes, of a pinned block */

void store_give_request(struct store *store) {
    if (store->request_block) heap_give(&store->heap, store->request_block, store->request_units);
    store->request_block = store->request_units = 0;
}

COLD bool store_take_request(struct store *store, u64 bytes, struct slice *window) {
    store_give_request(store);
    if (!store_could_fit(store, bytes)) return false;
    u32 units = units_of(bytes + REQUEST_HEAD);
    ref at = room_take(store, units);
    if (!at) return false;
    store->request_block = at;
    store->request_units = units;
    *window =
        (struct slice){block_at(&store->heap, at) + REQUEST_HEAD, units * UNIT - REQUEST_HEAD};
    return true;
}

bool store_could_fit(const struct store *store, u64 bytes) {
    enum { ENTRY_HEAD_MOST = 24 };
    u64 units = (bytes + ENTRY_HEAD_MOST) / UNIT + 1;
    return units <= room_most_units(store);
}

/* --- life
 * ------------------------------------------------------------------------------------------ */

/* A part of the budget is out of reach of commands that Redis refuses when memory is full, so that
 * the others (EXPIRE, RENAME...) find room even when nothing may be evicted. */
static u32 spare_units(const struct store *store) {
    bool may_run_dry = store->policy == POLICY_NOEVICTION || policy_is_volatile(store->policy);
    return may_run_dry ? store->heap.limit / 128 : 0;
}

static void set_withheld(struct store *store) {
    store->withheld_units = store->lowered_units + spare_units(store);
}

bool store_init(struct store *store, const u32 seed[4], u32 policy, u32 maxmemory) {
    store->hash_key.k0 = seed[0] | (u64)seed[1] << 32;
    store->hash_key.k1 = seed[2] | (u64)seed[3] << 32;
    /* A stream of its own, from the same seed, through the PRF. */
    store->random.state = hash_bytes(&store->hash_key, (const u8 *)"random replies", 14) | 1;
    store->policy = policy;
    store->samples = 5;
    store->maxmemory = store->budget = maxmemory;
    upkeep_reset(store);
    set_withheld(store);
    store->heap.withheld = store->withheld_units;
    return index_init(store, &store->keys);
}

COLD void store_flush(struct store *store) {
    heap_reset(&store->heap, store->request_block, store->request_units);
    store->kept = 0;
    upkeep_reset(store);
    index_init(store, &store->keys);
}

COLD void store_set_policy(struct store *store, u32 policy) {
    store->policy = policy;
    __builtin_memset(store->pool, 0, sizeof store->pool);
    set_withheld(store);
}

COLD bool store_set_maxmemory(struct store *store, u64 bytes) {
    if (bytes > store->budget) return false;
    store->maxmemory = bytes ? (u32)bytes : store->budget;
    u32 units = store->maxmemory / UNIT;
    store->lowered_units = store->heap.limit - min_u32(units, store->heap.limit);
    set_withheld(store);
    return true;
}

/* --- over all keys
 * ------------------------------------------------------------------------------------ */

static void visit_bucket(struct store *store, u32 bucket, store_visit *visit, void *context) {
    u32 used = index_bucket_used(store, &store->keys, bucket);
    store->heap.steps += 1 + used;
    for (u32 i = 0; i < used; i++) {
        struct entry entry;
        store_view(store, slot_ref(index_bucket_slot(store, &store->keys, bucket, i)), &entry);
        if (!is_past(store, entry.expires_at_ms)) visit(context, &entry);
    }
}

static u32 reverse_bits(u32 v) {
    v = (v >> 1 & 0x55555555) | (v & 0x55555555) << 1;
    v = (v >> 2 & 0x33333333) | (v & 0x33333333) << 2;
    v = (v >> 4 & 0x0f0f0f0f) | (v & 0x0f0f0f0f) << 4;
    return __builtin_bswap32(v);
}

/* Counting up in reversed bits (Redis's dictScan, by Pieter Noordhuis): a bucket seen under one
 * table size has been seen under every other, since buckets split and merge by their high bits. */
u64 store_scan(struct store *store, u64 cursor, store_visit *visit, void *context) {
    u32 mask = store->keys.mask, bucket = (u32)cursor & mask;
    visit_bucket(store, bucket, visit, context);
    if (bucket + mask + 1 < store->keys.count)
        visit_bucket(store, bucket + mask + 1, visit, context);
    return reverse_bits(reverse_bits((u32)cursor | ~mask) + 1);
}

bool store_random(struct store *store, struct entry *entry) {
    enum { TRIES = 100 }; /* buckets, all of whose entries would have to have expired */
    struct index *keys = &store->keys;
    for (u32 tries = 0; tries < TRIES && keys->entries; tries++) {
        u32 bucket = index_any_used(store, keys), used = index_bucket_used(store, keys, bucket);
        u32 first = random_below(&store->random, used);
        for (u32 i = 0; i < used; i++) {
            struct slot *slot = index_bucket_slot(store, keys, bucket, (first + i) % used);
            store_view(store, slot_ref(slot), entry);
            if (!is_past(store, entry->expires_at_ms)) return true;
            store->heap.steps++;
        }
    }
    return false;
}

/* --- figures
 * -------------------------------------------------------------------------------------------- */

u32 store_index_bytes(const struct store *store) {
    const struct index *keys = &store->keys;
    return (keys->spilled_units + keys->pages * PAGE_UNITS + keys->nodes * INDEX_NODE_UNITS) * UNIT;
}

u32 store_entry_bytes(struct store *store, const struct entry *entry) {
    u32 index = store->keys.entries ? store_index_bytes(store) / store->keys.entries : 0;
    return block_units(block_at(&store->heap, entry->at)) * UNIT + index;
}

u32 store_used_bytes(const struct store *store) {
    return store_committed_bytes(store) - store->heap.free_units * UNIT;
}

u32 store_committed_bytes(const struct store *store) {
    return (store->heap.end + 1) * UNIT;
}
