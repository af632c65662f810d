/*
 * The index: from the hash of a key to its entry, in at most two cache misses, growing and
 * shrinking one bucket at a time (linear hashing: Litwin, 1980), so that no call ever rehashes a
 * table.
 *
 *     directory                      pages                       buckets, one cache line each
 *
 *     | node | mask | 64 refs | -->  | page | mask | 64 lines |
 *                                                       |
 *             +-------+--------+--------+-------+------------------------+
 *             | spill | slot 0 | slot 1 | ...   | slot 9 |      64 bytes |
 *             +-------+--------+--------+-------+------------------------+
 *                 |
 *                 +-> | tag, kind, slots, used | bucket | slot 10 | slot 11 | ...
 *
 *     slot      | word (4) | tag (1) | recency (1) |
 *     word      where the entry is, 29 bits; bit 31: it has an expiry; bit 30: it came with an MSET
 *               that is not through yet; bit 29: it came back soon after it was evicted.
 *               0: the slot is free
 *     tag       8 bits of the hash that do not choose the bucket
 *     recency   when it was last used (a tick of the recency clock), or how often (LFU)
 *     mask      which of the 64 below hold keys with an expiry, at every level, so that one of ten
 *               such keys among a million is found in a few steps
 *
 * Used slots come first, in the line before the spill. A bucket holds 12 entries on average: more
 * per line is denser, and what does not fit spills to a block that is as long as it must be. At
 * that load an entry costs 7.5 bytes of index.
 */
#ifndef FERRITE_INDEX_H
#define FERRITE_INDEX_H

#include "base/base.h"
#include "heap/heap.h"

enum { FANOUT_LOG2 = 6, FANOUT = 1 << FANOUT_LOG2, LINE_SLOTS = 10, LINE_BYTES = 64 };
enum {
    WORD_VOLATILE = 1u << 31,
    WORD_STAGED = 1u << 30,
    WORD_RETURNED = 1u << 29,
    WORD_REF = (1u << 29) - 1,
};
/* One more bucket above this many entries a bucket, one less below that many. */
enum { LOAD_SPLIT = 15, LOAD_MERGE = 7 };

struct store;

struct index {
    ref root;  /* a page if depth is 0, else a node */
    u32 depth; /* levels of nodes */
    u32 count; /* buckets */
    u32 mask;  /* the largest 2^n - 1 below count: the bits that every bucket number has */
    u32 entries, volatiles;
    u32 spilled_units, pages, nodes; /* for the ledger */
};

/* Good until the index changes. */
struct slot {
    u8 word[4]; /* unaligned: see slot_word */
    u8 tag, recency;
};
_Static_assert(sizeof(struct slot) == SPILL_SLOT_BYTES, "a spill's length counts its slots");

struct line {
    ref spill;
    struct slot slots[LINE_SLOTS];
};
_Static_assert(sizeof(struct line) == LINE_BYTES, "a bucket is one cache line");

static inline u32 slot_word(const struct slot *slot) {
    return load32(slot->word);
}
HOT_INLINE ref slot_ref(const struct slot *slot) {
    return slot_word(slot) & WORD_REF;
}
SHARED bool slot_is_volatile(const struct slot *slot) {
    return slot_word(slot) & WORD_VOLATILE;
}
/* Lets the slot refer to another place; its marks stay. */
SHARED void slot_refer(struct slot *slot, ref at) {
    store32(slot->word, at | (slot_word(slot) & ~(u32)WORD_REF));
}

/* --- spill blocks: system blocks of kind SYSTEM_SPILL ----------------------------------------- */

static inline u32 spill_slots(const u8 *spill) {
    return spill[2];
}
static inline u32 spill_used(const u8 *spill) {
    return spill[3];
}
HOT_INLINE struct slot *spill_slot(u8 *spill, u32 nth) {
    return (struct slot *)(void *)(spill + SPILL_HEAD) + nth;
}

/* --- finding ---------------------------------------------------------------------------------- */

HOT_INLINE u32 index_bucket_of(const struct index *index, u64 hash) {
    u32 wide = index->mask << 1 | 1;
    u32 bucket = (u32)hash & wide;
    return bucket < index->count ? bucket : bucket & index->mask;
}
static inline u8 index_tag_of(u64 hash) {
    return (u8)(hash >> 56);
}

enum { INDEX_NODE_UNITS = 35 };

/* A page's buckets start at the first multiple of 64 behind its head. */
enum { PAGE_HEAD = 24, PAGE_UNITS = (PAGE_HEAD + LINE_BYTES - UNIT + FANOUT * LINE_BYTES) / UNIT };
HOT_INLINE size_t page_lines_at(ref page) {
    return (((size_t)page * UNIT + PAGE_HEAD + LINE_BYTES - 1) & ~(size_t)(LINE_BYTES - 1)) -
           (size_t)page * UNIT;
}

struct line *index_line(const struct heap *heap, const struct index *index, u32 bucket);

bool index_init(struct store *store, struct index *index);

/* Adds an entry that is not there, taking memory if its bucket is full. False: none to be had. The
 * word says where it is, and may bear other marks than that of an expiry. */
bool index_insert(struct store *store, struct index *index, u64 hash, u32 word, bool is_volatile,
                  u8 recency);
/* Removes the entry in a bucket's slot. Never takes memory. */
void index_remove(struct store *store, struct index *index, u32 bucket, struct slot *slot);
/* The slot of a bucket that refers to `at`; NULL if none does. */
struct slot *index_find(struct store *store, const struct index *index, u32 bucket, ref at);
void index_set_volatile(struct store *store, struct index *index, u32 bucket, struct slot *slot,
                        bool is_volatile);

/* After an insertion: splits one bucket if the load asks for it, taking memory. */
void index_grow(struct store *store, struct index *index);
/* After a removal: merges two buckets if the load asks for it. Takes memory only if some is free.
 */
void index_shrink(struct store *store, struct index *index);

/* How many slots of a bucket, which begins with that line, are used, and the nth of them. */
u32 line_used(const struct heap *heap, const struct line *line);
SHARED struct slot *line_slot(const struct heap *heap, struct line *line, u32 nth) {
    if (LIKELY(nth < LINE_SLOTS)) return &line->slots[nth];
    return spill_slot(block_at(heap, line->spill), nth - LINE_SLOTS);
}
/* A random bucket that holds an entry; there is one. Few are empty: see LOAD_MERGE. */
u32 index_any_used(struct store *store, const struct index *index);
/* The first bucket from `from` on, around the end, that holds a key with an expiry. There is one.
 */
u32 index_next_volatile(const struct store *store, const struct index *index, u32 from);

/* A part of the index was moved there. */
void index_part_moved(struct store *store, struct index *index, ref from, ref to);

#endif
