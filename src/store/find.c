/* Finding: the path of every GET, from the key's hash over its bucket's line to the entry. */
#include "store/room.h"

static __attribute__((noinline)) bool key_equals(const u8 *block, struct slice key) {
    struct shape shape;
    shape_load(block, &shape);
    return shape.key_len == key.len && equal_bytes(block + shape.key_at, key.bytes, key.len);
}

/* Eight tags at a time: the bytes of `word` that equal `tag` have their top bit set in the result
 * (and seldom one above such a byte: the key decides). */
static inline u64 tag_matches(u64 word, u8 tag) {
    u64 x = word ^ 0x0101010101010101ull * tag;
    return (x - 0x0101010101010101ull) & ~x & 0x8080808080808080ull;
}

__attribute__((noinline)) bool store_lookup(struct store *store, struct slice key, u64 hash,
                                            struct slot *slot) {
    const struct heap *heap = &store->heap;
    u32 bucket = index_bucket_of(&store->keys, hash);
    struct line *line = index_line(heap, &store->keys, bucket);
    u8 tag = index_tag_of(hash);
    slot->bucket = bucket;
    for (u64 hits = tag_matches(load64(line->tags), tag); hits; hits &= hits - 1) {
        u32 i = (u32)__builtin_ctzll(hits) / 8;
        u32 at = line->words[i] & WORD_REF;
        if (at && LIKELY(key_equals(block_at(heap, at), key))) {
            slot->word = &line->words[i], slot->tag = &line->tags[i];
            slot->recency = &line->recency[i];
            return true;
        }
    }
    for (u32 i = 8; i < LINE_SLOTS; i++) {
        u32 at = line->words[i] & WORD_REF;
        if (line->tags[i] == tag && at && key_equals(block_at(heap, at), key)) {
            slot->word = &line->words[i], slot->tag = &line->tags[i];
            slot->recency = &line->recency[i];
            return true;
        }
    }
    if (!line->spill) return false;
    u8 *spill = block_at(heap, line->spill), *tags = spill_tags(spill);
    u32 used = spill_used(spill);
    for (u32 i = 0; i < used; i++) {
        u32 *word = spill_words(spill) + i;
        if (tags[i] == tag && key_equals(block_at(heap, *word & WORD_REF), key)) {
            slot->word = word, slot->tag = tags + i;
            slot->recency = spill_recency(spill) + i;
            return true;
        }
    }
    return false;
}

i64 store_expiry_at(struct store *store, ref at) {
    const u8 *block = block_at(&store->heap, at);
    struct shape shape;
    store->heap.steps++;
    shape_load(block, &shape);
    return expiry_load(block, &shape);
}

bool store_is_expired(struct store *store, ref at) {
    return is_past(store, store_expiry_at(store, at));
}

u64 store_hash_at(struct store *store, ref at) {
    const u8 *block = block_at(&store->heap, at);
    struct shape shape;
    store->heap.steps++;
    shape_load(block, &shape);
    return hash_bytes(&store->hash_key, block + shape.key_at, shape.key_len);
}

void store_view(const struct store *store, ref at, struct entry *entry) {
    u8 *block = block_at(&store->heap, at);
    struct shape shape;
    shape_load(block, &shape);
    entry->at = at;
    entry->type = (enum value_type)shape.type;
    entry->expires_at_ms = expiry_load(block, &shape);
    entry->key = (struct slice){block + shape.key_at, shape.key_len};
    entry->value = block + shape.value_at;
    entry->value_len = shape.value_len;
}

COLD void store_drop_expired(struct store *store, struct slot slot) {
    store_drop(store, slot);
    store->stats.expired++;
}

/* A live entry and its slot. */
__attribute__((noinline)) bool store_find_slot(struct store *store, struct slice key, u64 hash,
                                               struct slot *slot, struct entry *entry) {
    if (!store_lookup(store, key, hash, slot)) return false;
    store_view(store, *slot->word & WORD_REF, entry);
    if (UNLIKELY(is_past(store, entry->expires_at_ms))) {
        store_drop_expired(store, *slot);
        return false;
    }
    return true;
}

bool store_find(struct store *store, struct slice key, struct entry *entry) {
    struct slot slot;
    return store_find_slot(store, key, hash_of(store, key), &slot, entry);
}

bool store_touch(struct store *store, struct slice key, struct entry *entry) {
    struct slot slot;
    if (!store_find_slot(store, key, hash_of(store, key), &slot, entry)) return false;
    evict_touch(store, slot);
    return true;
}

bool store_read(struct store *store, struct slice key, struct entry *entry) {
    bool found = store_touch(store, key, entry);
    *(found ? &store->stats.hits : &store->stats.misses) += 1;
    return found;
}
