/*
 * What has to be done now and then, a little at a time: the recency clock, and two sweeps over the
 * index.
 *
 * Recency is one byte a slot, so its clock must tick in step with the life of entries in the cache:
 * it ticks once per N/64 insertions (N entries live for about N insertions), so that 256 ticks are
 * four lives. A sweep keeps what is older from looking young again when the clock wraps. When
 * little is inserted, time moves the clock, slowly, for OBJECT IDLETIME. Under adaptive policies it
 * is evictions that move the clock, and the sweep.
 *
 * The expiry sweep reads the entries that have an expiry, a bucket at a time, paced by the host's
 * clock to get round in about half a minute; finding something makes it go faster. It stays with a
 * bucket until the fields that have expired there are gone, too. Under LFU, every
 * second round takes one off each counter, which is Redis's decay of one a minute.
 */
#include "store/room.h"
#include "store/tree.h"

enum {
    TICKS_PER_LIFE = 64,
    AGE_MAX = 192,            /* ticks; older looks no older */
    OVERDUE_MOST = 32,        /* ticks, under adaptive policies; the clock waits for the sweep */
    INSERTIONS_PER_VISIT = 8, /* gets the aging sweep round in 43 ticks, so AGE_MAX + 43 < 256 */
    VISITS_SHARE = 24,        /* of the buckets: visited between two ticks of adaptive policies */
    TICK_MS = 1000,           /* at least, for a tick by time */
    SWEEP_MS = 32768,         /* one round of the expiry sweep */
    /* A call's steps up to which it goes on sweeping, or evicting for a lower maxmemory. */
    SWEEP_STEPS = 384,
    SWEEP_STEPS_OF_TICK = 2048,
    LOWER_STEPS = 1024,
    RECLAIM_STEPS = 32,
    RECLAIM_STEPS_OF_TICK = 1024,
};

static void tick(struct store *store) {
    store->clock++;
    store->clock_insertions = store->clock_visits = 0;
    store->clock_tick_ms = store->now_ms;
    if (store->clock % 8 == 0)
        store->clock_stamps_ms[store->clock / 8 % CLOCK_STAMPS] = store->now_ms;
}

static i64 stamp(const struct store *store, u8 clock) {
    return store->clock_stamps_ms[clock / 8 % CLOCK_STAMPS];
}

static void age_bucket(struct store *store, u32 bucket, u32 lfu_decay) {
    bool lfu = policy_is_lfu(store->policy), adaptive = policy_is_adaptive(store->policy);
    u32 ahead = adaptive ? AHEAD_MOST : 0, oldest = adaptive ? OVERDUE_MOST : AGE_MAX;
    struct line *line = index_line(&store->heap, &store->keys, bucket);
    for (u32 i = line_used(&store->heap, line); i-- > 0;) {
        u8 *recency = &line_slot(&store->heap, line, i)->recency;
        if (lfu)
            *recency -= (u8)min_u32(*recency, lfu_decay);
        else if ((u8)(store->clock + ahead - *recency) > ahead + oldest)
            *recency = (u8)(store->clock - oldest);
    }
    heap_step(&store->heap);
    store->clock_visits++;
}

static u32 next_bucket(const struct store *store, u32 bucket) {
    return bucket + 1 < store->keys.count ? bucket + 1 : 0;
}

static void age_next_bucket(struct store *store) {
    store->aging_bucket = next_bucket(store, store->aging_bucket);
    age_bucket(store, store->aging_bucket, 0);
}

void upkeep_evicted(struct store *store, bool was_due) {
    age_next_bucket(store);
    if (!was_due && store->clock_visits >= store->keys.count / VISITS_SHARE) tick(store);
}

void upkeep_inserted(struct store *store) {
    u32 insertions = ++store->clock_insertions;
    if (policy_is_adaptive(store->policy)) return;
    if (insertions % INSERTIONS_PER_VISIT == 0) age_next_bucket(store);
    if (insertions * TICKS_PER_LIFE >= store->keys.entries) tick(store);
}

/* Removes the expired entries of a bucket, and fields up to so many steps; returns how many entries
 * there were. */
static u32 expire_bucket(struct store *store, u32 bucket, u32 steps) {
    u32 expired = 0;
    struct line *line = index_line(&store->heap, &store->keys, bucket);
    for (u32 i = line_used(&store->heap, line); i-- > 0;) {
        struct slot *slot = line_slot(&store->heap, line, i);
        struct entry entry;
        if (!slot_is_volatile(slot) && !store->fields_expire) continue;
        store_view(store, slot_ref(slot), &entry);
        heap_step(&store->heap);
        if (store_is_live(store, &entry, steps)) continue;
        store_drop(store, bucket, slot, CHANGE_EXPIRED);
        expired++;
    }
    return expired;
}

static void sweep(struct store *store, u32 steps) {
    bool odd_round = store->expiry_rounds & 1;
    for (; store->expiry_credit && store->heap.steps < steps; store->expiry_credit--) {
        u32 bucket = store->expiry_bucket, expired = 0;
        if (!store->fields_due || bucket >= store->keys.count) {
            store->expiry_bucket = bucket = next_bucket(store, bucket);
            if (bucket == 0) store->expiry_rounds++;
            age_bucket(store, bucket, odd_round);
        }
        store->fields_due = false;
        if (store->keys.volatiles || store->fields_expire)
            expired = expire_bucket(store, bucket, steps);
        expired += store->fields_due;
        if (expired) store->expiry_credit += 2;
        while (expired-- > 0) index_shrink(store, &store->keys);
    }
    store->expiry_credit = min_u32(store->expiry_credit, store->keys.count);
}

/* Approaches a lowered maxmemory: what has become free stays free. True: it is not there yet. */
static bool lower(struct store *store) {
    struct heap *heap = &store->heap;
    struct candidate victim;
    u32 lowered = store_lowered_units(store);
    if (heap->withheld == lowered) return false;
    while (heap->steps < LOWER_STEPS && heap_free(heap) < lowered) {
        if (!evict_choose(store, 1, &victim)) break;
        room_evict(store, victim.bucket, victim.at);
        index_shrink(store, &store->keys);
    }
    heap->withheld = min_u32(lowered, heap_free(heap));
    return heap->withheld != lowered;
}

static void reclaim(struct store *store, u32 steps) {
    while (store->retired && store->heap.steps < steps) tree_reclaim(store);
}

/* Time has passed, or something was left over by the last command. */
void store_begin_slowly(struct store *store, i64 now_ms) {
    if (store->kept) {
        ref kept = store->kept;
        store->kept = 0;
        heap_release(&store->heap, kept);
        heap_give(&store->heap, kept, block_units(block_at(&store->heap, kept)));
    }
    reclaim(store, RECLAIM_STEPS);
    i64 elapsed = now_ms - store->now_ms;
    if (store->now_ms == 0) /* the first time we are told one, or a runtime's clock starting */
        for (u32 i = 0; i < CLOCK_STAMPS; i++) store->clock_stamps_ms[i] = now_ms;
    store->now_ms = now_ms;
    lower(store);
    room_keep_spare(store);
    if (elapsed <= 0) return;
    if (elapsed > SWEEP_MS) elapsed = SWEEP_MS;
    store->expiry_part += (u64)elapsed * store->keys.count;
    store->expiry_credit += (u32)(store->expiry_part / SWEEP_MS);
    store->expiry_part %= SWEEP_MS;
    sweep(store, SWEEP_STEPS);
    i64 since = now_ms - store->clock_tick_ms, life = now_ms - stamp(store, store->clock + 8);
    if (policy_is_adaptive(store->policy)) return;
    if (since >= TICK_MS && since >= life / 64 && store->clock_visits >= store->keys.count / 32)
        tick(store);
}

bool store_upkeep(struct store *store) {
    bool lowers = lower(store);
    reclaim(store, RECLAIM_STEPS_OF_TICK);
    sweep(store, SWEEP_STEPS_OF_TICK);
    return store->retired || store->expiry_credit != 0 || lowers;
}

void upkeep_reset(struct store *store) {
    store->aging_bucket = store->expiry_bucket = store->expiry_credit = 0;
    store->clock_insertions = store->clock_visits = 0;
    store->fields_expire = false;
    __builtin_memset(store->pool, 0, sizeof store->pool);
}

static u8 *recency_of(struct store *store, const struct entry *entry) {
    u32 bucket = bucket_of(store, store_hash_at(store, entry->at));
    return &index_find(store, &store->keys, bucket, entry->at)->recency;
}

/* Of what was used at a tick of the clock. */
static u64 idle_seconds(const struct store *store, u8 used) {
    u8 age = (u8)(store->clock - used);
    if (age == 0 || policy_is_lfu(store->policy)) return 0;
    /* Between two stamps, time went evenly. */
    i64 from = stamp(store, used);
    i64 to = used / 8 == store->clock / 8 ? store->now_ms : stamp(store, (u8)(used + 8));
    i64 idle = store->now_ms - (from + (to - from) * (used % 8) / 8);
    return idle > 0 ? (u64)idle / 1000 : 0;
}

u64 store_idle_seconds(struct store *store, const struct entry *entry) {
    return idle_seconds(store, *recency_of(store, entry));
}

COLD void store_set_recency(struct store *store, const struct entry *entry, bool by_use,
                            u64 figure) {
    u8 used = store->clock;
    if (by_use != policy_is_lfu(store->policy) || policy_is_adaptive(store->policy)) return;
    for (u32 age = 0; !by_use && age < AGE_MAX && idle_seconds(store, used) < figure; age++) used--;
    *recency_of(store, entry) = by_use ? (u8)figure : used;
}

u32 store_frequency(struct store *store, const struct entry *entry) {
    return *recency_of(store, entry);
}
