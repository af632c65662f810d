/* Putting: a key gets a value, at once, or in two steps, or several keys all or none. */
#include "store/room.h"
#include "store/tree.h"

u8 *write_entry(struct store *store, ref at, const struct shape *shape, struct slice key,
                i64 expires_at_ms) {
    u8 *block = block_at(&store->heap, at);
    shape_store(block, shape, expires_at_ms);
    copy_bytes(block + shape->key_at, key.bytes, key.len);
    return block + shape->value_at;
}

/* What follows an insertion. The entry stays where it is, though a split may take memory. */
static void settle(struct store *store, ref at) {
    store_note(store, at, CHANGE_MADE);
    heap_hold(&store->heap, at);
    upkeep_inserted(store);
    index_grow(store, &store->keys);
    heap_release(&store->heap, at);
}

/* Puts the pinned block `at` into the index under a new key. False: no memory (the block is freed).
 */
static bool index_new(struct store *store, ref at, u32 units, u64 hash, i64 expires_at_ms) {
    u32 word = at | (evict_recalls(store, hash) ? WORD_RETURNED : 0);
    if (index_insert(store, &store->keys, hash, word, expires_at_ms != 0,
                     evict_newborn(store, units, word)))
        return true;
    heap_give(&store->heap, at, units);
    return false;
}

/* The same, and makes it an entry. The header is written only when nothing can fail any more. */
static u8 *place_new(struct store *store, ref at, u32 units, const struct shape *shape,
                     struct slice key, u64 hash, i64 expires_at_ms) {
    if (!index_new(store, at, units, hash, expires_at_ms)) return NULL;
    u8 *value = write_entry(store, at, shape, key, expires_at_ms);
    store->placed = at;
    settle(store, at);
    return value;
}

void replace_entry(struct store *store, u64 hash, ref old, ref at, i64 expires_at_ms) {
    u32 bucket = bucket_of(store, hash);
    struct slot *slot = index_find(store, &store->keys, bucket, old);
    store_note(store, old, CHANGE_MADE);
    slot_refer(slot, at);
    index_set_volatile(store, &store->keys, bucket, slot, expires_at_ms != 0);
    evict_touch(store, slot);
}

ref take_holding(struct store *store, u32 units, ref held) {
    heap_hold(&store->heap, held);
    ref at = room_take(store, units);
    heap_release(&store->heap, held);
    return at;
}

/* Makes the entry's block `units` long where it lies, if that can be, for another value. */
static bool fit_in_place(struct store *store, const struct entry *old, u32 old_units, u32 units) {
    if (units > old_units && !heap_extend(&store->heap, old->at, old_units, units)) return false;
    if (UNLIKELY(old->type & TYPE_TREE)) tree_entry_gone(store, old->at);
    if (units < old_units) heap_trim(&store->heap, old->at, old_units, units);
    return true;
}

bool is_too_large(const struct store *store, const struct shape *shape) {
    u64 bytes = shape_bytes(shape);
    return bytes > ~0u || units_of(bytes) > room_most_units(store);
}

u8 *store_put(struct store *store, struct slice key, u32 type, u32 value_len, i64 expires_at_ms,
              u32 put_flags) {
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
    store_note(store, old.at, CHANGE_MADE); /* while its key lies where it did */
    u32 old_units = entry_units(store, &old);
    if (!(put_flags & PUT_KEEP_OLD) && fit_in_place(store, &old, old_units, units)) {
        index_set_volatile(store, &store->keys, bucket_of(store, hash), slot, expires_at_ms != 0);
        evict_touch(store, slot);
        store->placed = old.at;
        u8 *block = block_at(&store->heap, old.at);
        bool alike = block + shape.value_at == old.value && value_len == old.value_len &&
                     type == old.type; /* so all of the header but the expiry is as it was */
        if (!alike) return write_entry(store, old.at, &shape, key, expires_at_ms);
        expiry_store(block, &shape, expires_at_ms);
        return old.value;
    }
    ref at = take_holding(store, units, old.at);
    if (!at) return NULL;
    store->placed = at;
    replace_entry(store, hash, old.at, at, expires_at_ms);
    u8 *value = write_entry(store, at, &shape, key, expires_at_ms);
    if (put_flags & PUT_KEEP_OLD)
        store_keep(store, old.at);
    else
        entry_free(store, old.at);
    return value;
}

bool store_set(struct store *store, struct slice key, u32 type, struct slice value,
               i64 expires_at_ms, u32 put_flags) {
    u8 *to = store_put(store, key, type, value.len, expires_at_ms, put_flags);
    if (!to) return false;
    copy_bytes(to, value.bytes, value.len);
    return true;
}

u8 *store_reserve(struct store *store, struct slice key, u32 type, u32 value_len,
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
    struct entry old;
    if (store_look(store, key, hash, &old)) {
        replace_entry(store, hash, old.at, at, expires_at_ms);
        entry_free(store, old.at);
        return true;
    }
    system_make(block, SYSTEM_PINNED, store->reserved_units);
    if (!index_new(store, at, store->reserved_units, hash, expires_at_ms)) return false;
    store64(block, (first8 & ~(u64)TAG_PREVIOUS_FREE) | (*block & TAG_PREVIOUS_FREE));
    settle(store, at);
    return true;
}

/* The entry begins so far before the value in the window that the value has to move down by up to 7
 * bytes. From there on it is as if the host had reserved the block and written the value. */
COLD bool store_adopt(struct store *store, struct slice key, struct slice value, i64 expires_at_ms,
                      u32 put_flags) {
    struct heap *heap = &store->heap;
    struct shape *shape = &store->reserved_shape;
    struct entry old;
    if (put_flags & PUT_KEEP_TTL && store_find(store, key, &old)) expires_at_ms = old.expires_at_ms;
    shape_make(shape, TYPE_STRING, key.len, value.len, expires_at_ms);
    ref window = store->request_block;
    i32 before = (i32)(value.bytes - block_at(heap, window)) - (i32)shape->value_at;
    if (before < UNIT) return store_set(store, key, TYPE_STRING, value, expires_at_ms, 0);
    u32 skipped = (u32)before / UNIT;
    store->reserved = window + skipped;
    store->reserved_units = shape_units(shape);
    store->reserved_expires_at_ms = expires_at_ms;
    u8 *entry = block_at(heap, store->reserved);
    __builtin_memmove(entry + shape->key_at, key.bytes, key.len); /* it lies before the value */
    __builtin_memmove(entry + shape->value_at, value.bytes, value.len);
    heap->moved_bytes += value.len;
    *entry = 0;
    shape_store(entry, shape, expires_at_ms);
    heap_trim(heap, store->reserved, store->request_units - skipped, store->reserved_units);
    heap_give(heap, window, skipped);
    store->request_block = store->request_units = 0;
    return store_commit(store);
}

void store_give_up(struct store *store) {
    if (!store->reserved) return;
    heap_give(&store->heap, store->reserved, store->reserved_units);
    store->reserved = 0;
}

/* --- several at once -------------------------------------------------------------------------- */

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
        slot = store_look(store, key, hash, &old);
        store32(slot->word, slot_word(slot) | WORD_STAGED);
        return true;
    }
    shape_make(&shape, TYPE_STRING, key.len, value.len, 0);
    if (is_too_large(store, &shape)) return false;
    evict_touch(store, slot); /* lest it be the next to go */
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

/* A key that has been evicted since it was staged, and put anew by a later item, has that one's
 * value; that may have been evicted, too, if any key may be. */
COLD void store_settle(struct store *store, u32 item, struct slice key, struct slice value,
                       bool publishes) {
    u64 hash = hash_of(store, key);
    struct entry old;
    struct slot *slot = store_look(store, key, hash, &old);
    bool is_new = slot && slot_word(slot) & WORD_STAGED;
    if (unstage(store, item)) {
        heap_was_set_aside(true);
        if (publishes && !is_new && (slot || policy_may_run_dry(store->policy)))
            store_set(store, key, TYPE_STRING, value, 0, 0);
        heap_was_set_aside(false);
    } else if (is_new) {
        if (publishes)
            store32(slot->word, slot_word(slot) ^ WORD_STAGED);
        else
            store_drop(store, bucket_of(store, hash), slot, CHANGE_MADE);
    }
}
