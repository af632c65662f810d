/* Finding: the path of every GET, from the key's hash over its bucket's line to the entry. */
#include "store/room.h"

/* Where the windows are, no key changes before the next command: HEXPIRE makes notes there, behind
 * its key, and the reply grows, in which none lies. */
u64 hash_of(struct store *store, struct slice key) {
    if (key.bytes == store->hashed.bytes && key.len == store->hashed.len) return store->hash;
    const struct heap *heap = &store->heap;
    u64 hash = hash_bytes(&store->hash_key, key.bytes, key.len);
    if (key.bytes >= block_at(heap, FIXED_BYTES / UNIT) &&
        key.bytes < block_at(heap, heap->first)) {
        store->hashed = key;
        store->hash = hash;
    }
    return hash;
}

static __attribute__((noinline)) bool key_equals(const u8 *block, struct slice key) {
    struct shape shape;
    PROBE();
    shape_load(block, &shape);
    return shape.key_len == key.len && equal_bytes(block + shape.key_at, key.bytes, key.len);
}

static struct slot *look_in(const struct heap *heap, struct slot *slot, const struct slot *end,
                            u8 tag, struct slice key) {
    for (; slot != end; slot++) {
        PROBE();
        if (slot->tag == tag && slot_word(slot) &&
            LIKELY(key_equals(block_at(heap, slot_word(slot) & WORD_REF), key)))
            return slot;
    }
    return NULL;
}

__attribute__((noinline)) struct slot *store_lookup(struct store *store, struct slice key,
                                                    u64 hash) {
    const struct heap *heap = &store->heap;
    struct line *line = index_line(heap, &store->keys, bucket_of(store, hash));
    u8 tag = index_tag_of(hash);
    struct slot *slot = look_in(heap, line->slots, line->slots + LINE_SLOTS, tag, key);
    if (slot || !line->spill) return slot;
    u8 *spill = block_at(heap, line->spill);
    return look_in(heap, spill_slot(spill, 0), spill_slot(spill, spill_used(spill)), tag, key);
}

i64 store_expiry_at(struct store *store, ref at) {
    const u8 *block = block_at(&store->heap, at);
    struct shape shape;
    shape_load(block, &shape);
    return expiry_load(block, &shape);
}

bool store_is_expired(struct store *store, ref at) {
    heap_step(&store->heap);
    return is_past(store, store_expiry_at(store, at));
}

u64 store_hash_at(struct store *store, ref at) {
    const u8 *block = block_at(&store->heap, at);
    struct shape shape;
    heap_step(&store->heap);
    shape_load(block, &shape);
    return hash_bytes(&store->hash_key, block + shape.key_at, shape.key_len);
}

void store_view(const struct store *store, ref at, struct entry *entry) {
    u8 *block = block_at(&store->heap, at);
    struct shape shape;
    shape_load(block, &shape);
    entry->at = at;
    entry->type = shape.type;
    entry->expires_at_ms = expiry_load(block, &shape);
    entry->key = (struct slice){block + shape.key_at, shape.key_len};
    entry->value = block + shape.value_at;
    entry->value_len = shape.value_len;
}

struct slot *store_look(struct store *store, struct slice key, u64 hash, struct entry *entry) {
    struct slot *slot = store_lookup(store, key, hash);
    if (slot) {
        store_view(store, slot_word(slot) & WORD_REF, entry);
    } else {
        entry->at = entry->type = entry->value_len = 0;
        entry->expires_at_ms = 0;
    }
    return slot;
}

bool store_is_live(struct store *store, struct entry *entry, u32 steps) {
    if (UNLIKELY(is_past(store, entry->expires_at_ms))) return false;
    return LIKELY(!(entry->type & TYPE_EXPIRES)) || fields_left(store, entry, steps);
}

/* The slot of a live entry. */
__attribute__((noinline)) struct slot *store_find_slot(struct store *store, struct slice key,
                                                       u64 hash, struct entry *entry) {
    struct slot *slot = store_look(store, key, hash, entry);
    if (!slot || LIKELY(store_is_live(store, entry, 0))) return slot;
    store_drop(store, bucket_of(store, hash), slot, CHANGE_EXPIRED);
    return store_look(store, key, hash, entry); /* it is gone */
}

bool store_find(struct store *store, struct slice key, struct entry *entry) {
    return store_find_slot(store, key, hash_of(store, key), entry) != NULL;
}

bool store_touch(struct store *store, struct slice key, struct entry *entry) {
    struct slot *slot = store_find_slot(store, key, hash_of(store, key), entry);
    if (slot) evict_touch(store, slot);
    return slot != NULL;
}

bool store_read(struct store *store, struct slice key, struct entry *entry) {
    bool found = store_touch(store, key, entry);
    *(found ? &store->stats.hits : &store->stats.misses) += 1;
    return found;
}
