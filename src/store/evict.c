/*
 * Which entry goes next.
 *
 * As in Redis, the policy's order is approximated by sampling; the samples come a bucket at a time,
 * since one cache line shows the recency of ten entries. The best of what was seen but not taken
 * stay in a pool of candidates, and the one to be chosen is read afresh first: if it was used
 * since, it is judged anew. (Ages remembered from when they were sampled, as Redis's pool has them,
 * cost hits; reading all of the pool afresh each time finds no more, and is a cache miss for each.)
 *
 * An expired entry among the samples is taken at once, before any live one; they are looked for as
 * often as they are found.
 *
 * The adaptive policies are GreedyDual-Size-Frequency (Cao and Irani, USITS 1997; Cherkasova,
 * HPL-98-69) in the byte of recency, without lists or counts. The byte is the tick at which the
 * entry is due. A use adds credit to what is left of it, the more the smaller the entry; the clock
 * ticks when even the best victim was not yet due, so it runs as fast as entries have to go.
 * Credits are kept small by a ceiling of two uses, which also lets what was popular once go.
 *
 * How often an entry was used before it was evicted, the byte cannot tell, nor that it was here at
 * all. So of each evicted key a byte of its hash is kept, in a cell that the hash chooses, until
 * another is evicted to that cell. A key that is put and found there has shown that it comes back:
 * from now on, it earns several times as much.
 */
#include "store/room.h"
#include "store/tree.h"

enum { LFU_NEWBORN = 5, LFU_LOG_FACTOR = 10 };
/* What a use earns an entry of mean size, in ticks of so many parts, how many uses' credit may add
 * up, and how many times as much one that came back earns. The figures hardly matter: twice or half
 * of each changes the mean of the traces by 0.2 points at most, but half of the last by 0.3. */
enum { CREDIT_TICKS = 16, TICK_PARTS = 256, CREDITS_MOST = 2, CREDIT_RETURNED = 4 };
enum { UNITS_AN_ITEM = 4 }; /* of a large collection, about */
/* A score short of the best by one in so many is as good; under adaptive policies, by so many. */
enum { TOLERANCE = 3, ADAPTIVE_TOLERANCE = 2, SAMPLES_MOST = 64 };
/* Times without an expired one, after which none is likely, and after so many more another look. */
enum { EXPIRED_LATELY = 16, EXPIRED_LOOK = 8 };

/* --- use -------------------------------------------------------------------------------------- */

/* What a use earns an entry of that size and with that word, in parts of a tick: as the ratio of
 * the mean size to its own; by its fourth root, if bytes are to be hit as well as keys. */
static u32 credit_of(const struct store *store, u32 units, u32 word) {
    u32 used = store->heap.end - store->heap.free_units;
    double credit = (double)used / ((double)(store->keys.entries + 1) * units);
    if (store->policy >= POLICY_ALLKEYS_ADAPTIVE_BYTES)
        credit = __builtin_sqrt(__builtin_sqrt(credit));
    u32 times = word & WORD_RETURNED ? CREDIT_RETURNED : 1;
    credit *= times * CREDIT_TICKS * TICK_PARTS;
    double most = (AHEAD_MOST + 1) * TICK_PARTS;
    return (u32)(credit < most ? credit : most);
}

/* So many parts from now; what is less than a tick is one as often as it should be. */
static u8 due_after(struct store *store, u32 parts) {
    u32 ticks = (parts + random_below(&store->random, TICK_PARTS)) / TICK_PARTS;
    return (u8)(store->clock + min_u32(ticks, AHEAD_MOST));
}

/* Half of what a use earns: most entries are never used again. */
u8 evict_newborn(struct store *store, u32 units, u32 word) {
    if (policy_is_adaptive(store->policy))
        return due_after(store, credit_of(store, units, word) / 2);
    return policy_is_lfu(store->policy) ? LFU_NEWBORN : store->clock;
}

/* What goes with the entry: its block and, of a large collection, the nodes. */
static u32 units_held(const struct store *store, ref at) {
    struct entry entry;
    store_view(store, at, &entry);
    u32 units = entry_units(store, &entry);
    if (entry.type & TYPE_TREE) units += UNITS_AN_ITEM * tree_items(entry.value);
    return units;
}

/* Nothing that was ahead is lost, if credit is less now than it was. */
static COLD void earn(struct store *store, struct slot *slot) {
    u32 ahead = (u8)(slot->recency - store->clock);
    if (ahead > AHEAD_MOST) ahead = 0; /* it was due */
    u32 credit = credit_of(store, units_held(store, slot_ref(slot)), slot_word(slot));
    u8 due = due_after(store, min_u32(ahead * TICK_PARTS + credit, CREDITS_MOST * credit));
    if ((u8)(due - store->clock) > ahead) slot->recency = due;
}

/* Redis's logarithmic counter (Morris): the higher, the less likely it moves. */
static u8 count_use(struct store *store, u8 counter) {
    if (counter == 255) return 255;
    u32 above = counter > LFU_NEWBORN ? counter - LFU_NEWBORN : 0;
    return (u8)(counter + (random_below(&store->random, above * LFU_LOG_FACTOR + 1) == 0));
}

void evict_touch(struct store *store, struct slot *slot) {
    if (UNLIKELY(policy_is_adaptive(store->policy)))
        earn(store, slot);
    else if (UNLIKELY(policy_is_lfu(store->policy)))
        slot->recency = count_use(store, slot->recency);
    else
        slot->recency = store->clock;
}

/* --- memory of what was evicted --------------------------------------------------------------- */

/* A byte of the spare behind its head. */
static u8 *cell_of(struct store *store, u64 hash) {
    heap_step(&store->heap);
    return block_at(&store->heap, store->spare + 1) + (u32)hash % ((store->spare_units - 1) * UNIT);
}

static bool remembers(const struct store *store) {
    return policy_is_adaptive(store->policy) && store->spare;
}

/* So that nothing follows from what was there before. */
COLD void evict_forget(struct store *store) {
    if (!remembers(store)) return;
    u8 *cells = block_at(&store->heap, store->spare + 1);
    __builtin_memset(cells, 0, (size_t)(store->spare_units - 1) * UNIT);
}

void evict_remember(struct store *store, ref at) {
    if (!remembers(store)) return;
    u64 hash = store_hash_at(store, at);
    *cell_of(store, hash) = index_tag_of(hash);
}

bool evict_recalls(struct store *store, u64 hash) {
    return remembers(store) && *cell_of(store, hash) == index_tag_of(hash);
}

/* --- choice ----------------------------------------------------------------------------------- */

/* The higher, the sooner it goes; 0: never. With most policies it is how far the recency is behind
 * the one that is worth most. */
static u64 score_otherwise(struct store *store, ref at) {
    if (store->policy == POLICY_NOEVICTION) return 0;
    if (store->policy != POLICY_VOLATILE_TTL) return (u64)random_u32(&store->random) + 1;
    heap_step(&store->heap);
    return ~(u64)store_expiry_at(store, at);
}

HOT_INLINE u64 score_of(struct store *store, ref at, u8 recency) {
    enum {
        OTHERWISE = 1 << POLICY_NOEVICTION | 1 << POLICY_ALLKEYS_RANDOM |
                    1 << POLICY_VOLATILE_RANDOM | 1 << POLICY_VOLATILE_TTL
    };
    if (UNLIKELY(OTHERWISE >> store->policy & 1)) return score_otherwise(store, at);
    return 1 + (u8)(store->worth_most - recency);
}

static u8 worth_most(const struct store *store) {
    if (policy_is_lfu(store->policy)) return 255;
    return (u8)(store->clock + (policy_is_adaptive(store->policy) ? AHEAD_MOST : 0));
}

/* A bucket that has entries the policy may take. */
static u32 choose_bucket(struct store *store, bool only_volatile) {
    struct index *keys = &store->keys;
    if (!only_volatile) return index_any_used(store, keys);
    return index_next_volatile(store, keys, random_below(&store->random, keys->count));
}

/* Reads afresh what a candidate's score follows from. False: it is another now; of one that is
 * gone, 0, and it leaves the pool. */
static bool confirm(struct store *store, u64 scores[POOL_SIZE], u32 i) {
    struct candidate *candidate = &store->pool[i];
    u64 before = scores[i];
    struct slot *slot = NULL;
    heap_step(&store->heap);
    if (candidate->bucket < store->keys.count)
        slot = index_find(store, &store->keys, candidate->bucket, candidate->at);
    if (!slot || (policy_is_volatile(store->policy) && !slot_is_volatile(slot))) {
        candidate->at = 0;
        scores[i] = 0;
        return false;
    }
    if (store->policy != POLICY_VOLATILE_TTL && slot->recency == store->seen[i]) return true;
    store->seen[i] = slot->recency;
    scores[i] = score_of(store, candidate->at, slot->recency);
    return scores[i] == before;
}

/* Scores of the pool's candidates, by what was seen of them; times of expiry are read again. */
static void rescore(struct store *store, u64 scores[POOL_SIZE]) {
    store->worth_most = worth_most(store);
    for (u32 i = 0; i < POOL_SIZE; i++) {
        ref at = store->pool[i].at;
        scores[i] = 0;
        if (!at || heap_is_held(&store->heap, at)) continue;
        if (store->policy == POLICY_VOLATILE_TTL)
            confirm(store, scores, i);
        else
            scores[i] = score_of(store, at, store->seen[i]);
    }
}

static void offer(struct store *store, u64 scores[POOL_SIZE], u32 bucket, const struct slot *slot,
                  u64 score) {
    ref at = slot_ref(slot);
    u32 i = 0, least = 0;
    for (; i < POOL_SIZE && store->pool[i].at != at; i++)
        if (scores[i] < scores[least]) least = i;
    if (i < POOL_SIZE)
        least = i; /* it is there, and may have been seen otherwise */
    else if (score <= scores[least])
        return;
    scores[least] = score;
    store->seen[least] = slot->recency;
    store->pool[least] = (struct candidate){at, bucket};
}

/* Offers a bucket's best two to the pool. True: *victim is an expired entry; to look for one costs
 * a cache miss an entry, so the caller says whether to: as long as some have been found lately, in
 * all buckets that are sampled, else now and then. */
static bool sample_bucket(struct store *store, u32 bucket, u64 scores[POOL_SIZE], bool see_expired,
                          struct candidate *victim) {
    const struct heap *heap = &store->heap;
    struct line *line = index_line(heap, &store->keys, bucket);
    const struct slot *slot = line->slots, *end = slot + LINE_SLOTS;
    u8 *spill = line->spill ? block_at(heap, line->spill) : NULL;
    bool only_volatile = policy_is_volatile(store->policy);
    const struct slot *best = NULL, *second = NULL;
    u64 best_score = 0, second_score = 0;
    heap_step(&store->heap);
    for (;; slot++) {
        if (slot == end && spill) {
            slot = spill_slot(spill, 0);
            end = slot + spill_used(spill);
            spill = NULL;
        }
        if (slot == end || !slot_word(slot)) break;
        ref at = slot_ref(slot);
        if ((see_expired || only_volatile) && !slot_is_volatile(slot)) {
            if (only_volatile) continue;
        } else if (see_expired && !heap_is_held(heap, at) && store_is_expired(store, at)) {
            *victim = (struct candidate){at, bucket};
            return true;
        }
        u64 score = score_of(store, at, slot->recency);
        if (score <= second_score || heap_is_held(heap, at)) continue;
        second = slot, second_score = score;
        if (score <= best_score) continue;
        second = best, second_score = best_score;
        best = slot, best_score = score;
    }
    if (best) offer(store, scores, bucket, best, best_score);
    if (second) offer(store, scores, bucket, second, second_score);
    return false;
}

/* How large a hole would be where the entry is: it joins its free neighbours. */
static u32 hole_left_by(const struct heap *heap, ref at) {
    const u8 *block = block_at(heap, at);
    u32 units = block_units(block);
    const u8 *next = block_at(heap, at + units);
    if (tag_code(next) == CODE_FREE) units += free_units(next);
    if (*block & TAG_PREVIOUS_FREE) units += load32(block - 4);
    return units;
}

/* What turns out to be another than it was is judged anew. */
static u32 choose_best(struct store *store, u64 scores[POOL_SIZE]) {
    for (;;) {
        u32 best = 0;
        for (u32 i = 1; i < POOL_SIZE; i++)
            if (scores[i] > scores[best]) best = i;
        if (!scores[best] || confirm(store, scores, best)) return best;
    }
}

/* Of the candidates that are about as good as the best, the one that leaves the hole that fits the
 * request best: it costs no hits that show, and wastes little memory in what is left over. */
static u32 choose_fitting(struct store *store, u64 scores[POOL_SIZE], u32 wanted) {
    u32 chosen = choose_best(store, scores);
    u64 best_score = scores[chosen];
    if (!best_score) return chosen;
    bool exact = policy_is_lfu(store->policy) || store->policy == POLICY_VOLATILE_TTL;
    u64 enough = exact ? best_score : best_score - best_score / TOLERANCE;
    if (policy_is_adaptive(store->policy))
        enough = max_u32((u32)best_score, ADAPTIVE_TOLERANCE) - ADAPTIVE_TOLERANCE;
    u32 chosen_hole = 0;
    for (u32 i = 0; i < POOL_SIZE && chosen_hole != wanted; i++) {
        if (scores[i] < enough || !scores[i] || !confirm(store, scores, i)) continue;
        u32 hole = hole_left_by(&store->heap, store->pool[i].at);
        bool better =
            chosen_hole < wanted ? hole > chosen_hole : hole >= wanted && hole < chosen_hole;
        if (better) chosen = i, chosen_hole = hole;
    }
    return chosen;
}

static bool choose_sampled(struct store *store, bool only_volatile, u32 wanted,
                           struct candidate *victim) {
    u64 scores[POOL_SIZE];
    rescore(store, scores);
    for (u32 sampled = 0; sampled < min_u32(store->samples, SAMPLES_MOST) * 4;
         sampled += LINE_SLOTS) {
        bool may_be_next = !store->expired_hint || store->policy == POLICY_NOEVICTION;
        bool see_expired = store->expired_hint > EXPIRED_LOOK || (!sampled && may_be_next);
        u32 bucket = choose_bucket(store, only_volatile);
        if (sample_bucket(store, bucket, scores, see_expired, victim)) {
            store->expired_hint = EXPIRED_LATELY + EXPIRED_LOOK;
            return true;
        }
    }
    store->expired_hint = store->expired_hint ? store->expired_hint - 1 : EXPIRED_LOOK;
    u32 chosen = choose_fitting(store, scores, wanted);
    if (!scores[chosen]) return false;
    *victim = store->pool[chosen];
    store->pool[chosen].at = 0;
    if (policy_is_adaptive(store->policy)) upkeep_evicted(store, scores[chosen] > AHEAD_MOST);
    return true;
}

bool evict_choose(struct store *store, u32 wanted, struct candidate *victim) {
    const struct index *keys = &store->keys;
    bool only_volatile = policy_may_run_dry(store->policy);
    for (u32 tries = 0; tries < 8; tries++) {
        if ((only_volatile ? keys->volatiles : keys->entries) == 0) return false;
        if (choose_sampled(store, only_volatile, wanted, victim)) return true;
    }
    return false;
}
