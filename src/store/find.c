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

HOT_INLINE void view(u8 *block, const struct shape *shape, struct entry *entry) {
    entry->type = shape->type;
    entry->expires_at_ms = expiry_load(block, shape);
    entry->key = (struct slice){block + shape->key_at, shape->key_len};
    entry->value = block + shape->value_at;
    entry->value_len = shape->value_len;
}

void store_view(const struct store *store, ref at, struct entry *entry) {
    u8 *block = block_at(&store->heap, at);
    struct shape shape;
    shape_load(block, &shape);
    entry->at = at;
    view(block, &shape, entry);
}

HOT_INLINE struct slot *absent(struct entry *entry) {
    entry->at = entry->type = entry->value_len = 0;
    entry->expires_at_ms = 0;
    return NULL;
}

__attribute__((noinline)) struct slot *store_look(struct store *store, struct slice key, u64 hash,
                                                  struct entry *entry) {
    const struct heap *heap = &store->heap;
    struct line *line = index_line(heap, &store->keys, bucket_of(store, hash));
    struct slot *slot = line->slots, *end = slot + LINE_SLOTS;
    u8 *spill = line->spill ? block_at(heap, line->spill) : NULL;
    u8 tag = index_tag_of(hash);
    for (;; slot++) {
        while (UNLIKELY(slot == end)) { /* of the line: then what it has spilled */
            if (!spill) return absent(entry);
            slot = spill_slot(spill, 0);
            end = spill_slot(spill, spill_used(spill));
            spill = NULL;
        }
        PROBE();
        if (LIKELY(slot->tag != tag) || !slot_word(slot)) continue;
        struct shape shape;
        entry->at = slot_word(slot) & WORD_REF;
        u8 *block = block_at(heap, entry->at);
        PROBE();
        shape_read(block, &shape);
        if (shape.key_len != key.len ||
            UNLIKELY(!equal_bytes(block + shape.key_at, key.bytes, key.len)))
            continue;
        view(block, &shape, entry);
        return slot;
    }
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

HOT_INLINE bool touch(struct store *store, struct slice key, struct entry *entry) {
    struct slot *slot = store_find_slot(store, key, hash_of(store, key), entry);
    if (!slot) return false;
    if (LIKELY(store->policy <= POLICY_ALLKEYS_LRU))
        slot->recency = store->clock; /* all that evict_touch does, without a call */
    else
        evict_touch(store, slot);
    return true;
}

bool store_touch(struct store *store, struct slice key, struct entry *entry) {
    return touch(store, key, entry);
}

bool store_read(struct store *store, struct slice key, struct entry *entry) {
    bool found = touch(store, key, entry);
    *(found ? &store->stats.hits : &store->stats.misses) += 1;
    return found;
}
