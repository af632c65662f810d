/* Changing what is there: its length, its expiry, its name. Where it lies, if that can be. */
#include "store/room.h"
#include "store/tree.h"

/* Makes a block as long as that where it lies, if that can be. */
static bool extend(struct store *store, ref at, u32 old_units, u32 units) {
    return units <= old_units || heap_extend(&store->heap, at, old_units, units);
}

/* The same by pushing what lies behind it on. */
static bool push_on(struct store *store, ref at, u32 old_units, u32 units) {
    struct heap *heap = &store->heap;
    heap_hold(heap, at);
    bool done = heap_available(heap) >= units - old_units && heap_open(heap, at, old_units, units);
    heap_release(heap, at);
    return done;
}

/* Gives an entry another shape, keeping its key and as much of its value as fits; the block may
 * become another: one that is free, rather than that others move, rather than that some go. Returns
 * the value, or NULL if there is no memory. */
static u8 *reshape(struct store *store, const struct entry *old, u64 hash, struct shape *shape,
                   i64 expires_at_ms) {
    struct heap *heap = &store->heap;
    u32 units = shape_units(shape);
    u32 old_units = block_units(block_at(heap, old->at));
    if (units > old_units && is_too_large(store, shape)) return NULL;
    u32 moved = shape->key_len + min_u32(old->value_len, shape->value_len);
    ref at = old->at;
    heap->moved_bytes += moved; /* counted before what may have to be moved to make room for it */
    if (!extend(store, at, old_units, units)) {
        at = room_take_free(store, units);
        if (!at && push_on(store, old->at, old_units, units)) at = old->at;
        if (!at) at = take_holding(store, units, old->at);
        if (!at) return NULL;
        if (at != old->at) replace_entry(store, hash, old->at, at, expires_at_ms);
    }
    store->placed = at;
    u8 *block = block_at(heap, at);
    if (block + shape->key_at != old->key.bytes)
        __builtin_memmove(block + shape->key_at, old->key.bytes, moved);
    shape_store(block, shape, expires_at_ms);
    if (at != old->at) {
        heap_give(heap, old->at, old_units);
        if (old->type & TYPE_TREE) tree_entry_moved(store, at);
    } else if (units < old_units) {
        heap_trim(heap, at, old_units, units);
    }
    return block + shape->value_at;
}

u8 *store_resize(struct store *store, struct slice key, u32 type, u32 value_len) {
    u64 hash = hash_of(store, key);
    struct entry old;
    struct shape shape;
    if (!store_look(store, key, hash, &old)) return NULL;
    shape_make(&shape, type, key.len, value_len, old.expires_at_ms);
    return reshape(store, &old, hash, &shape, old.expires_at_ms);
}

bool store_expire(struct store *store, struct slice key, i64 expires_at_ms) {
    u64 hash = hash_of(store, key);
    struct entry old;
    struct shape had, shape;
    struct slot *slot = store_find_slot(store, key, hash, &old);
    if (!slot) return false;
    store_note(store, old.at, CHANGE_MADE);
    u8 *block = block_at(&store->heap, old.at);
    shape_load(block, &had);
    shape_make(&shape, old.type, key.len, old.value_len, expires_at_ms);
    if (had.expiry_bytes == shape.expiry_bytes || (expires_at_ms == 0 && had.expiry_bytes)) {
        expiry_store(block, &had, expires_at_ms);
    } else {
        if (!reshape(store, &old, hash, &shape, expires_at_ms)) return false;
        slot = store_look(store, key, hash, &old);
    }
    index_set_volatile(store, &store->keys, bucket_of(store, hash), slot, expires_at_ms != 0);
    return true;
}

/* Lets the new key's slot refer to the entry of the old key, held; the old key's slot goes. False:
 * no memory for a slot. */
static bool reindex(struct store *store, struct slice from, struct slice to, ref at) {
    struct index *keys = &store->keys;
    u64 new_hash = hash_of(store, to);
    u32 bucket = bucket_of(store, hash_of(store, from));
    struct entry replaced;
    store_look(store, to, new_hash, &replaced);
    struct slot *slot = index_find(store, keys, bucket, at);
    ref old = replaced.at;
    bool is_volatile = slot_is_volatile(slot);
    if (!old && bucket_of(store, new_hash) == bucket) {
        slot->tag = index_tag_of(new_hash);
        return true;
    }
    if (!old) {
        if (!index_insert(store, keys, new_hash, at, is_volatile, slot->recency)) return false;
        slot = index_find(store, keys, bucket, at); /* making room may have moved it */
    }
    index_remove(store, keys, bucket, slot);
    if (old) {
        replace_entry(store, new_hash, old, at, is_volatile);
        entry_free(store, old);
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
    store_note(store, entry.at, CHANGE_MADE);
    u8 *block = block_at(&store->heap, entry.at);
    u32 old_units = block_units(block), units = shape_units(&shape);
    if (extend(store, entry.at, old_units, units) || push_on(store, entry.at, old_units, units)) {
        heap_hold(&store->heap, entry.at);
        bool done = reindex(store, from, to, entry.at);
        heap_release(&store->heap, entry.at);
        if (done) {
            __builtin_memmove(block + shape.value_at, entry.value, entry.value_len);
            write_entry(store, entry.at, &shape, to, entry.expires_at_ms);
            store_note(store, entry.at, CHANGE_MADE);
            store->heap.moved_bytes += entry.value_len;
        }
        heap_trim(&store->heap, entry.at, max_u32(units, old_units), done ? units : old_units);
        return done;
    }
    if (!store_copy(store, from, to)) return false;
    store_find(store, from, &entry);
    if (entry.type & TYPE_TREE) { /* the trees are the copy's now */
        __builtin_memset(entry.value, 0, entry.value_len);
        store_find(store, to, &entry);
        tree_entry_moved(store, entry.at);
    }
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
