/*
 * The index: from the hash of a key to its entry, in at most two cache misses, growing and
 * shrinking one bucket at a time (linear hashing: Litwin, 1980), so that no call ever rehashes a
 * table.
 *
 *   directory                                pages                    buckets, one cache line each
 *
 *   node | mask | 64 refs |  ---->  page | mask | 64 buckets |
 *                                                  |
 *          +-------+-------------------------------+---------------+---------------+
 *          | spill | word x 10                             | tag x 10 | recency x 10 |   64 bytes
 *          +-------+---------------------------------------+----------+--------------+
 *             |
 *             +-> spill | tag, kind, slots, used, bucket | word x slots | tag x slots | recency x
 * slots
 * |
 *
 *     word      where the entry is, 29 bits; bit 31: it has an expiry; bit 30: it came with an MSET
 *               that is not through yet. 0: the slot is free
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
enum { WORD_VOLATILE = 1u << 31, WORD_STAGED = 1u << 30, WORD_REF = (1u << 29) - 1 };
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

struct line {
    ref spill;
    u32 words[LINE_SLOTS];
    u8 tags[LINE_SLOTS];
    u8 recency[LINE_SLOTS];
};
_Static_assert(sizeof(struct line) == LINE_BYTES, "a bucket is one cache line");

/* Where a slot's three parts are. Good until the index changes. */
struct slot {
    u32 *word;
    u8 *tag, *recency;
    u32 bucket;
};

/* --- spill blocks: a system block of kind SYSTEM_SPILL
 * --------------------------------------------- */

static inline u32 spill_slots(const u8 *spill) {
    return spill[2];
}
static inline u32 spill_used(const u8 *spill) {
    return spill[3];
}
static inline u32 *spill_words(u8 *spill) {
    return (u32 *)(void *)(spill + SPILL_HEAD);
}
static inline u8 *spill_tags(u8 *spill) {
    return spill + SPILL_HEAD + spill_slots(spill) * 4;
}
static inline u8 *spill_recency(u8 *spill) {
    return spill + SPILL_HEAD + spill_slots(spill) * 5;
}

/* --- finding
 * -------------------------------------------------------------------------------------- */

static inline u32 index_bucket_of(const struct index *index, u64 hash) {
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
static inline size_t page_lines_at(ref page) {
    return (((size_t)page * UNIT + PAGE_HEAD + LINE_BYTES - 1) & ~(size_t)(LINE_BYTES - 1)) -
           (size_t)page * UNIT;
}

struct line *index_line(const struct heap *heap, const struct index *index, u32 bucket);

bool index_init(struct store *store, struct index *index);

/* Adds an entry that is not there, taking memory if its bucket is full. False: none to be had. */
bool index_insert(struct store *store, struct index *index, u64 hash, ref at, bool is_volatile,
                  u8 recency);
/* Removes the entry in the slot. Never takes memory. */
void index_remove(struct store *store, struct index *index, struct slot slot);
/* The slot that refers to `at`; false if none does. */
bool index_find_ref(struct store *store, struct index *index, u64 hash, ref at, struct slot *slot);
bool index_find_in_bucket(struct store *store, struct index *index, u32 bucket, ref at,
                          struct slot *slot);
void index_set_volatile(struct store *store, struct index *index, struct slot slot,
                        bool is_volatile);

/* After an insertion: splits one bucket if the load asks for it, taking memory. */
void index_grow(struct store *store, struct index *index);
/* After a removal: merges two buckets if the load asks for it. Takes memory only if some is free.
 */
void index_shrink(struct store *store, struct index *index);

/* How many slots of a bucket are used, and the nth of them. */
u32 index_bucket_used(const struct store *store, const struct index *index, u32 bucket);
struct slot index_bucket_slot(const struct store *store, const struct index *index, u32 bucket,
                              u32 nth);
/* A random bucket that holds an entry; there is one. Few are empty: see LOAD_MERGE. */
u32 index_any_used(struct store *store, const struct index *index);
/* The first bucket from `from` on, around the end, that holds a key with an expiry. There is one.
 */
u32 index_next_volatile(const struct store *store, const struct index *index, u32 from);

/* A part of the index was moved there. */
void index_part_moved(struct store *store, struct index *index, ref from, ref to);

#endif
