/*
 * Making room: what the rest of this room asks for memory. Private to store/.
 */
#ifndef FERRITE_ROOM_H
#define FERRITE_ROOM_H

#include "store/store.h"

/*
 * A pinned block of exactly `units`, from free space, from new pages, or by evicting, in that
 * order: expired entries and what the policy allows, no more than needed. 0: there is none to be
 * had. Everything but held and pinned blocks may have moved or gone afterwards.
 */
ref room_take(struct store *store, u32 units);
/* The same, from free space or new pages only. */
ref room_take_free(struct store *store, u32 units);
/* Evicts the entry of a bucket that is at `at`, expired or not; returns the hole it left. */
ref room_evict(struct store *store, u32 bucket, ref at);
/* Evicts a few entries, if so much is not available; true if it is now. For what can wait a few
 * commands, until as much has come together. */
bool room_gain(struct store *store, u32 units);
/* Under policies that may find nothing to evict, a block is held back, so that commands that Redis
 * lets through when memory is full (EXPIRE, RENAME...) find room for a little more. Adaptive
 * policies keep in it what they remember; it may go, or be another, at any time. Takes it, or a
 * larger one, if there is memory; gives it back where it is not needed. */
void room_keep_spare(struct store *store);
/* A block larger than this fits under no circumstances. */
u32 room_most_units(const struct store *store);

/* The hash of the key of the entry at `at`. */
u64 store_hash_at(struct store *store, ref at);
/* Takes the entry in a bucket's slot out of the index and frees its block; returns the hole it
 * became part of. */
ref store_drop(struct store *store, u32 bucket, struct slot *slot, enum change change);
/* Frees an entry's block that no index refers to; trees that it has are retired. */
ref entry_free(struct store *store, ref at);

/* find.c. The view of an entry; the slot of a key and that, expired or not; of a live one.
 * An absent key's view is that of an empty string, in no block, that never expires. */
void store_view(const struct store *store, ref at, struct entry *entry);
struct slot *store_look(struct store *store, struct slice key, u64 hash, struct entry *entry);
struct slot *store_find_slot(struct store *store, struct slice key, u64 hash, struct entry *entry);
/* The room above, which knows what a hash is made of, answers: is there a field that has not
 * expired? If so, those that have go, of a small hash all, of a large one while the call's steps
 * are below that many; the entry stays where it is, and *entry good. */
bool fields_left(struct store *store, struct entry *entry, u32 steps);

/* Of a key; several are asked for in one command, most often of the same key. */
u64 hash_of(struct store *store, struct slice key);

HOT_INLINE u32 bucket_of(const struct store *store, u64 hash) {
    return index_bucket_of(&store->keys, hash);
}

HOT_INLINE bool is_past(const struct store *store, i64 expires_at_ms) {
    return (u64)expires_at_ms - 1 < (u64)store->now_ms; /* 0: never */
}
/* Has neither the entry expired, nor each field of it? As fields_left. */
HOT_INLINE bool store_is_live(struct store *store, struct entry *entry, u32 steps) {
    if (UNLIKELY(is_past(store, entry->expires_at_ms))) return false;
    return LIKELY(!(entry->type & TYPE_EXPIRES)) || fields_left(store, entry, steps);
}

/* evict.c: the entry the policy gives up next, for a request of `wanted` units, and its bucket.
 * False: there is none. */
bool evict_choose(struct store *store, u32 wanted, struct candidate *victim);
void evict_touch(struct store *store, struct slot *slot);
/* The recency of an entry of that size, whose slot has that word, which is put now. */
u8 evict_newborn(struct store *store, u32 units, u32 word);
/* Under adaptive policies: the entry at `at` is evicted. Was the key with that hash, lately? */
void evict_remember(struct store *store, ref at);
bool evict_recalls(struct store *store, u64 hash);
void evict_forget(struct store *store); /* all of them */

/* put.c: what changing needs of it. */
/* Too large for the arena? Then nothing is evicted for it. */
bool is_too_large(const struct store *store, const struct shape *shape);
/* room_take, while the block `held` stays where it is. */
ref take_holding(struct store *store, u32 units, ref held);
/* Writes header and key; returns the value's place. */
u8 *write_entry(struct store *store, ref at, const struct shape *shape, struct slice key,
                i64 expires_at_ms);
/* Lets the slot of `old` refer to `at`. The slot is looked for again: taking memory may have moved
 * it within its bucket. */
void replace_entry(struct store *store, u64 hash, ref old, ref at, i64 expires_at_ms);
/* store.c: takes an entry whose bytes the reply needs, and which is out of the index, off the next
 * command. */
void store_keep(struct store *store, ref at);

/* How long the block of an entry is. */
static inline u32 entry_units(const struct store *store, const struct entry *entry) {
    size_t bytes = (size_t)(entry->value + entry->value_len - block_at(&store->heap, entry->at));
    return max_u32(units_of(bytes), BLOCK_UNITS_LEAST);
}

/* upkeep.c: the clock that recency is measured by, and the sweeps. */
void upkeep_inserted(struct store *store);
/* Under adaptive policies: one was evicted that was due (or not yet: then the clock lags). */
void upkeep_evicted(struct store *store, bool was_due);
void upkeep_reset(struct store *store);

/* When the entry at `at` expires (0: never), and whether it has. */
i64 store_expiry_at(struct store *store, ref at);
bool store_is_expired(struct store *store, ref at);

SHARED bool policy_is_volatile(u32 policy) {
    enum {
        VOLATILE = 1 << POLICY_VOLATILE_LRU | 1 << POLICY_VOLATILE_LFU |
                   1 << POLICY_VOLATILE_RANDOM | 1 << POLICY_VOLATILE_TTL |
                   1 << POLICY_VOLATILE_ADAPTIVE | 1 << POLICY_VOLATILE_ADAPTIVE_BYTES
    };
    return VOLATILE >> policy & 1;
}
/* Nothing may be left that the policy allows to evict? */
SHARED bool policy_may_run_dry(u32 policy) {
    return policy == POLICY_NOEVICTION || policy_is_volatile(policy);
}
/* Under an adaptive policy, `recency` is the tick at which the entry is due to go, at most so many
 * ahead of the clock. */
enum { AHEAD_MOST = 191 };

#endif
