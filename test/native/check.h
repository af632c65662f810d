/*
 * The checker: walks a whole cache and holds heap, ledger and index against each other.
 * Every test calls it after what it does; it aborts with the line of the first thing that is wrong.
 */
#ifndef FERRITE_CHECK_H
#define FERRITE_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/cache.h"
#include "poison.h"
#include "store/room.h"
#include "store/tree.h"

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: CHECK failed: %s\n", __FILE__, __LINE__, #condition);          \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* A generator of its own: what tests draw must not depend on the code they test. */
static u64 test_random_state;
static inline u32 draw(void) {
    u64 z = test_random_state += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return (u32)(z >> 32);
}
static inline u32 draw_below(u32 bound) {
    return (u32)((u64)draw() * bound >> 32);
}

static inline u64 test_seed(int argc, char **argv) {
    u64 seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 20261122;
    printf("seed %llu\n", (unsigned long long)seed);
    test_random_state = seed;
    poison_make(seed);
    return seed;
}

/* Starts a cache in a buffer of that many bytes, the first of which are poison. */
static inline struct ferrite *start_cache(void *buffer, u64 budget, u32 policy) {
    CHECK(buffer != NULL);
    struct ferrite *cache = buffer;
    heap_allow(&cache->store.heap, STATE_AT / UNIT, (u32)((STATE_AT + budget) / UNIT));
    poison_fill(buffer, budget < 1 << 24 ? budget : 1 << 24);
    CHECK(ferrite_init(cache, (double)budget, policy, draw(), draw(), draw(), draw()) ==
          FERRITE_OK);
    return cache;
}

/* The same in a buffer of its own; free() takes it back. */
static inline struct ferrite *new_cache(u64 budget, u32 policy) {
    return start_cache(aligned_alloc(64, budget), budget, policy);
}

struct totals {
    u32 blocks, free_blocks, free_units; /* `free_blocks` of two units or more: bins hold them */
    u32 entries, spilled_units, pages, nodes, pinned;
    u32 parts; /* leaves and branches of collections */
};

/* Free blocks are in the bin of their size, linked both ways; returns how many there are. */
static inline u32 check_bins(const struct heap *heap) {
    u32 found = 0;
    for (u32 bin = 0; bin < BIN_COUNT; bin++) {
        u64 least = bin, most = bin;
        if (bin >= BIN_EXACT) { /* eight to a power of two */
            u32 shift = (bin - BIN_EXACT) / 8 + 4;
            least = (u64)(8 + bin % 8) << shift;
            most = least + (1ull << shift) - 1;
        }
        CHECK((heap->bin_map[bin / 64] >> bin % 64 & 1) == (heap->bins[bin] != 0));
        ref previous = 0;
        for (ref at = heap->bins[bin]; at; at = load32(block_at(heap, at) + 4)) {
            const u8 *block = block_at(heap, at);
            CHECK(tag_code(block) == CODE_FREE);
            CHECK(free_units(block) >= least && free_units(block) <= most);
            CHECK(load32(block + 8) == previous);
            previous = at;
            found++;
        }
    }
    return found;
}

/* Blocks tile the arena, free ones are joined, linked and counted. */
static inline struct totals check_heap(const struct heap *heap) {
    struct totals totals = {0};
    bool previous_free = false;
    ref at = heap->first;
    while (at < heap->end) {
        const u8 *block = block_at(heap, at);
        u32 units = block_units(block), code = tag_code(block);
        CHECK(units > 0 && units <= heap->end - at);
        CHECK(!!(*block & TAG_PREVIOUS_FREE) == previous_free);
        if (code == CODE_FREE) {
            CHECK(!previous_free);
            CHECK(load32(block + (size_t)units * UNIT - 4) == units);
            totals.free_units += units;
            totals.free_blocks += units > 1;
        } else if (code == CODE_SYSTEM) {
            CHECK(block[1] != SYSTEM_END && block[1] <= SYSTEM_BRANCH);
            totals.parts += block[1] >= SYSTEM_LEAF;
            totals.pages += block[1] == SYSTEM_PAGE;
            totals.nodes += block[1] == SYSTEM_NODE;
            totals.pinned += block[1] == SYSTEM_PINNED;
            totals.spilled_units += block[1] == SYSTEM_SPILL ? units : 0;
        } else {
            totals.entries++;
        }
        totals.blocks += code != CODE_FREE;
        previous_free = code == CODE_FREE;
        at += units;
    }
    CHECK(at == heap->end && is_system(block_at(heap, at), SYSTEM_END));
    CHECK(!!(*block_at(heap, at) & TAG_PREVIOUS_FREE) == previous_free);
    CHECK(totals.free_units == heap->free_units);
    CHECK(totals.free_blocks == check_bins(heap));
    return totals;
}

/* Parents are right, counts add up, orders go up; returns how many nodes there are. */
static inline u32 check_tree(const struct heap *heap, u32 kind, ref at, ref parent, u32 count) {
    const u8 *node = block_at(heap, at), *data = node + 16;
    u32 used = load32(node + 12), nodes = 1, found = 0;
    struct item last;
    CHECK(tag_code(node) == CODE_SYSTEM && node[1] >= SYSTEM_LEAF && node[3] == 0);
    CHECK(used || item_is_hashed(kind));
    CHECK(load32(node + 8) == parent && used + 16 <= block_units(node) * UNIT);
    for (u32 i = 0; i < used;) {
        if (node[1] == SYSTEM_LEAF) {
            struct item item;
            i += item_load(kind, data + i, &item);
            if (found && kind == ITEM_ZSET)
                CHECK(last.order < item.order ||
                      (last.order == item.order && slice_compare(last.name, item.name) < 0));
            last = item;
            found++;
        } else {
            CHECK(i == 0 || load64(data + i + 8) >= load64(data + i - 8));
            nodes += check_tree(heap, kind, load32(data + i), at, load32(data + i + 4));
            found += load32(data + i + 4);
            i += 16;
        }
        CHECK(i <= used);
    }
    CHECK(found == count);
    return nodes;
}

/* What the map of a large collection has to have of an item: of a member its hash and score; of a
 * field with an expiry that, and its hash. False: nothing. */
static inline bool record_of_item(struct store *store, u32 kind, const struct item *item,
                                  struct place *place, u64 *record) {
    u64 hash = hash_of(store, item->name);
    bool sorted = kind == ITEM_ZSET;
    *place = (struct place){.order = sorted ? hash : (u64)item->expires_at_ms << 16 | hash >> 48};
    *record = sorted ? item->order : hash;
    return sorted || item->expires_at_ms;
}

/* How many records there are to be in the map of a large hash or sorted set; each is there. */
static inline u32 count_mapped(struct store *store, const struct entry *entry) {
    u32 kind = entry->type & TYPE_BASE, count = 0;
    struct tree map = {store, entry->value + 8, entry->at, ITEM_MAP};
    for (ref leaf = tree_first_leaf(&store->heap, load32(entry->value)); leaf;
         leaf = tree_next_leaf(&store->heap, leaf)) {
        struct slice items = leaf_items(block_at(&store->heap, leaf));
        for (u32 at = 0; at < items.len;) {
            struct item item;
            struct place place;
            struct path path;
            u64 record;
            at += item_load(kind, items.bytes + at, &item);
            if (!record_of_item(store, kind, &item, &place, &record)) continue;
            CHECK(load32(map.slot) != 0);
            tree_seek(&map, &place, &path);
            struct slice records = leaf_items(tree_leaf(&map, &path));
            u32 i = 0;
            while (i < records.len && (load64(records.bytes + i) != place.order ||
                                       load64(records.bytes + i + 8) != record))
                i += 16;
            CHECK(i < records.len);
            count++;
        }
    }
    return count;
}

static inline u32 count_retired(const struct heap *heap, ref at) {
    const u8 *node = block_at(heap, at);
    u32 nodes = 1;
    for (u32 i = 0; node[1] == SYSTEM_BRANCH && i < load32(node + 12); i += 16) {
        CHECK(load32(block_at(heap, load32(node + 16 + i)) + 8) == at);
        nodes += count_retired(heap, load32(node + 16 + i));
    }
    return nodes;
}

/* Every slot refers to an entry that belongs there, marks are exact, counts agree. */
static inline void check_store(struct ferrite *cache) {
    struct store *store = &cache->store;
    struct index *keys = &store->keys;
    struct totals totals = check_heap(&store->heap);
    u32 entries = 0, volatiles = 0, parts = 0;
    CHECK(keys->mask < keys->count && keys->count <= 2 * (keys->mask + 1));
    for (u32 bucket = 0; bucket < keys->count; bucket++) {
        u32 used = line_used(&store->heap, index_line(&store->heap, keys, bucket));
        bool has_volatile = false;
        for (u32 i = 0; i < used; i++) {
            const struct slot *slot =
                line_slot(&store->heap, index_line(&store->heap, keys, bucket), i);
            ref at = slot_ref(slot);
            CHECK(at >= store->heap.first && at < store->heap.end);
            const u8 *block = block_at(&store->heap, at);
            CHECK(tag_code(block) < CODE_FREE);
            u64 hash = store_hash_at(store, at);
            CHECK(index_bucket_of(keys, hash) == bucket && index_tag_of(hash) == slot->tag);
            struct shape shape;
            shape_load(block, &shape);
            CHECK((expiry_load(block, &shape) != 0) == slot_is_volatile(slot));
            has_volatile |= slot_is_volatile(slot);
            volatiles += slot_is_volatile(slot);
            entries++;
            for (u32 j = 0; shape.type & TYPE_TREE && j < shape.value_len; j += 8) {
                const u8 *root = block + shape.value_at + j;
                u32 kind = j ? ITEM_MAP : shape.type & TYPE_BASE;
                if (j) {
                    struct entry entry;
                    store_view(store, at, &entry);
                    CHECK(count_mapped(store, &entry) == load32(root + 4));
                }
                if (!load32(root)) continue;
                parts += check_tree(&store->heap, kind, load32(root), at, load32(root + 4));
            }
        }
        if (keys->volatiles)
            CHECK((index_next_volatile(store, keys, bucket) == bucket) == has_volatile);
    }
    CHECK(entries == keys->entries && volatiles == keys->volatiles);
    for (ref at = store->retired; at; at = load32(block_at(&store->heap, at) + 8))
        parts += count_retired(&store->heap, at);
    CHECK(totals.parts == parts);
    CHECK(totals.entries == entries + (store->kept != 0));
    CHECK(totals.pages == keys->pages && totals.nodes == keys->nodes);
    CHECK(totals.spilled_units == keys->spilled_units);
    CHECK(totals.pinned == (store->request_block != 0) + (store->spare != 0));
    for (u32 i = 0; i < HELD_MAX; i++)
        CHECK(!store->heap.held[i] || store->heap.held[i] == store->kept);
}

#endif
