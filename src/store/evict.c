/*
 * Which entry goes next.
 *
 * As in Redis, the policy's order is approximated by sampling; the samples come a bucket at a time,
 * since one cache line shows the recency of ten entries. The best of what was seen but not taken
 * stay in a pool of candidates, and each time their scores are read afresh: one that was used
 * since is no candidate any more. (Ages remembered from when they were sampled, as Redis's pool
 * has them, cost hits.)
 *
 * An expired entry among the samples is taken at once, before any live one.
 */
#include "store/room.h"

enum { LFU_NEWBORN = 5, LFU_LOG_FACTOR = 10 };

/* --- use -------------------------------------------------------------------------------------- */

u8 evict_newborn(const struct store *store) {
    return policy_is_lfu(store->policy) ? LFU_NEWBORN : store->clock;
}

/* Redis's logarithmic counter (Morris): the higher, the less likely it moves. */
static u8 count_use(struct store *store, u8 counter) {
    if (counter == 255) return 255;
    u32 above = counter > LFU_NEWBORN ? counter - LFU_NEWBORN : 0;
    return (u8)(counter + (random_below(&store->random, above * LFU_LOG_FACTOR + 1) == 0));
}

void evict_touch(struct store *store, struct slot slot) {
    if (UNLIKELY(policy_is_lfu(store->policy)))
        *slot.recency = count_use(store, *slot.recency);
    else
        *slot.recency = store->clock;
}

/* --- choice ------------------------------------------------------------------------------------
 */

/* The higher, the sooner it goes. Never 0. */
static u64 score_of(const struct store *store, struct slot slot) {
    if (store->policy == POLICY_VOLATILE_TTL) {
        const u8 *entry = block_at(&store->heap, *slot.word & WORD_REF);
        struct shape shape;
        shape_load(entry, &shape);
        return ~(u64)expiry_load(entry, &shape);
    }
    if (policy_is_lfu(store->policy)) return 256 - *slot.recency;
    return 1 + (u8)(store->clock - *slot.recency);
}

/* A bucket that has entries the policy may take: a random one, or the next behind it. */
static u32 choose_bucket(struct store *store, bool only_volatile) {
    struct index *keys = &store->keys;
    u32 bucket = random_below(&store->random, keys->count);
    if (only_volatile) return index_next_volatile(store, keys, bucket);
    while (!index_line(&store->heap, keys, bucket)->words[0])
        bucket = bucket + 1 == keys->count ? 0 : bucket + 1;
    return bucket;
}

/* Scores of the pool's candidates; those that are gone leave it. */
static void rescore(struct store *store, u64 scores[POOL_SIZE]) {
    for (u32 i = 0; i < POOL_SIZE; i++) {
        struct candidate *candidate = &store->pool[i];
        struct slot slot;
        scores[i] = 0;
        if (!candidate->at || heap_is_held(&store->heap, candidate->at)) continue;
        if (candidate->bucket < store->keys.count &&
            index_find_in_bucket(store, &store->keys, candidate->bucket, candidate->at, &slot) &&
            (!policy_is_volatile(store->policy) || *slot.word & WORD_VOLATILE))
            scores[i] = score_of(store, slot);
        else
            candidate->at = 0;
    }
}

static void offer(struct store *store, u64 scores[POOL_SIZE], struct slot slot, u64 score) {
    u32 least = 0;
    ref at = *slot.word & WORD_REF;
    for (u32 i = 0; i < POOL_SIZE; i++) {
        if (store->pool[i].at == at) return;
        if (scores[i] < scores[least]) least = i;
    }
    if (score <= scores[least]) return;
    scores[least] = score;
    store->pool[least] = (struct candidate){at, slot.bucket};
}

/* Offers a bucket's best two to the pool. True: *victim is an expired entry; to look for one costs
 * a cache miss an entry, so the caller says whether to. */
static bool sample_bucket(struct store *store, u32 bucket, u64 scores[POOL_SIZE], bool see_expired,
                          struct slot *victim) {
    struct index *keys = &store->keys;
    u32 used = index_bucket_used(store, keys, bucket);
    bool only_volatile = policy_is_volatile(store->policy);
    struct slot best = {0}, second = {0};
    u64 best_score = 0, second_score = 0;
    store->heap.steps += used;
    for (u32 i = 0; i < used; i++) {
        struct slot slot = index_bucket_slot(store, keys, bucket, i);
        u32 word = *slot.word;
        if (heap_is_held(&store->heap, word & WORD_REF)) continue;
        if (word & WORD_VOLATILE) {
            if (see_expired && store_is_expired(store, word & WORD_REF)) {
                *victim = slot;
                return true;
            }
        } else if (only_volatile) {
            continue;
        }
        u64 score = score_of(store, slot);
        if (score > best_score) {
            second = best, second_score = best_score;
            best = slot, best_score = score;
        } else if (score > second_score) {
            second = slot, second_score = score;
        }
    }
    if (best_score) offer(store, scores, best, best_score);
    if (second_score) offer(store, scores, second, second_score);
    return false;
}

static bool choose_sampled(struct store *store, bool only_volatile, struct slot *victim) {
    u64 scores[POOL_SIZE];
    rescore(store, scores);
    for (u32 sampled = 0; sampled < store->samples * 4; sampled += LINE_SLOTS)
        if (sample_bucket(store, choose_bucket(store, only_volatile), scores, sampled == 0, victim))
            return true;
    u32 best = 0;
    for (u32 i = 1; i < POOL_SIZE; i++)
        if (scores[i] > scores[best]) best = i;
    if (!scores[best]) return false;
    struct candidate chosen = store->pool[best];
    store->pool[best].at = 0;
    return index_find_in_bucket(store, &store->keys, chosen.bucket, chosen.at, victim);
}

/* Any entry of a random bucket, or an expired one if it shows. */
static bool choose_random(struct store *store, bool only_volatile, struct slot *victim) {
    u32 bucket = choose_bucket(store, only_volatile);
    u32 used = index_bucket_used(store, &store->keys, bucket), seen = 0;
    store->heap.steps += used;
    for (u32 i = 0; i < used; i++) {
        struct slot slot = index_bucket_slot(store, &store->keys, bucket, i);
        if (heap_is_held(&store->heap, *slot.word & WORD_REF)) continue;
        if (only_volatile && !(*slot.word & WORD_VOLATILE)) continue;
        if (random_below(&store->random, ++seen) == 0) *victim = slot;
        if ((*slot.word & WORD_VOLATILE) && store_is_expired(store, *slot.word & WORD_REF)) {
            *victim = slot;
            return true;
        }
    }
    return seen != 0;
}

/* noeviction: only what has expired, if it shows. */
static bool choose_expired(struct store *store, struct slot *victim) {
    u64 scores[POOL_SIZE];
    __builtin_memset(scores, 0xff, sizeof scores); /* nothing gets into the pool */
    for (u32 tries = 0; tries < 8; tries++)
        if (sample_bucket(store, choose_bucket(store, true), scores, true, victim)) return true;
    return false;
}

bool evict_choose(struct store *store, struct slot *victim) {
    bool only_volatile = policy_is_volatile(store->policy);
    if ((only_volatile ? store->keys.volatiles : store->keys.entries) == 0) return false;
    switch (store->policy) {
    case POLICY_NOEVICTION: return store->keys.volatiles && choose_expired(store, victim);
    case POLICY_ALLKEYS_RANDOM:
    case POLICY_VOLATILE_RANDOM:
        for (u32 tries = 0; tries < 8; tries++)
            if (choose_random(store, only_volatile, victim)) return true;
        return false;
    default:
        for (u32 tries = 0; tries < 8; tries++)
            if (choose_sampled(store, only_volatile, victim)) return true;
        return false;
    }
}
