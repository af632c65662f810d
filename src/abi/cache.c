/*
 * What the exported functions do, for the module and the library alike: check what the host passes,
 * keep the windows, and hand over to the rooms below. ../../include/ferrite.h is the contract.
 */
#include "abi/cache.h"

/* Bytes of the windows that are always there; WINDOW_SHARE: that part of the budget, and half. */
enum { REQUEST_LEAST = 2048, REPLY_LEAST = 4096, WINDOW_MOST = 32768, WINDOW_SHARE = 256 };

/* The smallest budget leaves room for a heap behind everything fixed. */
_Static_assert(FIXED_BYTES + REQUEST_LEAST + REPLY_LEAST < PAGE_BYTES,
               "what is fixed fits the first page");
_Static_assert(REPLY_LEAST / 4 * 3 >= REPLY_ROOM, "a window holds what a handler may write");
_Static_assert(CHANGE_MADE == (int)FERRITE_CHANGED && CHANGE_EXPIRED == (int)FERRITE_EXPIRED &&
                   CHANGE_EVICTED == (int)FERRITE_EVICTED,
               "the host reads records as they are noted");

HOT_INLINE bool is_time(double now_ms) {
    return now_ms >= 0 && now_ms < 9007199254740992.0;
}

static COLD void use_small_window(struct ferrite *cache) {
    store_give_request(&cache->store);
    cache->io.request = cache->small_request;
    cache->io.request_capacity = cache->small_capacity;
}

static COLD void give_up_open(struct ferrite *cache) {
    store_give_up(&cache->store);
    command_finish(call_of(cache));
    cache->run_open = false;
}

/* Every call that takes a time begins with this. False: the call is out of order or the time is
 * none. What an earlier call left open is given up. */
HOT_INLINE bool enter(struct ferrite *cache, double now_ms) {
    if (UNLIKELY(cache->ready != READY || !is_time(now_ms))) return false;
    if (UNLIKELY(cache->store.reserved || cache->run_open)) give_up_open(cache);
    return true;
}

static __attribute__((noinline)) bool begin(struct ferrite *cache, double now_ms) {
    if (!enter(cache, now_ms)) return false;
    store_begin(&cache->store, (i64)now_ms);
    return true;
}

COLD enum ferrite_status cache_init(struct ferrite *cache, double budget_bytes, u32 policy,
                                    const u32 seed[4]) {
    cache->ready = 0;
    cache->io.budget_bytes = 0;
    if (policy >= POLICY_COUNT || !(budget_bytes >= 0)) return FERRITE_BAD_ARGUMENT;
    if (budget_bytes > FERRITE_MOST_BYTES) {
        cache->io.budget_bytes = FERRITE_MOST_BYTES;
        return FERRITE_TOO_LARGE;
    }
    u32 maxmemory = (u32)budget_bytes, budget = maxmemory / PAGE_BYTES * PAGE_BYTES;
    __builtin_memset(cache, 0, sizeof *cache);
    *call_of(cache) = (struct call){0};
    u32 reply_bytes = min_u32(max_u32(budget / WINDOW_SHARE, REPLY_LEAST), WINDOW_MOST);
    u32 request_bytes = min_u32(max_u32(budget / 2 / WINDOW_SHARE, REQUEST_LEAST), WINDOW_MOST);
    u32 first = FIXED_BYTES;
    cache->small_request = block_at(&cache->store.heap, first / UNIT);
    cache->small_capacity = request_bytes;
    call_of(cache)->reply.window = cache->small_request + request_bytes;
    call_of(cache)->reply.capacity = reply_bytes / 4 * 3; /* the rest is for notes of changes */
    cache->store.changes.log = call_of(cache)->reply.window + reply_bytes / 4 * 3;
    call_of(cache)->store = call_of(cache)->work.store = &cache->store;
    first += request_bytes + reply_bytes;
    /* Memory a former init took cannot be given back, so it bounds the budget from below. */
    if (budget < FERRITE_LEAST_BYTES || !heap_init(&cache->store.heap, first, budget)) {
        u32 committed = pages_committed(&cache->store.heap) * PAGE_BYTES;
        cache->io.budget_bytes = max_u32(committed, FERRITE_LEAST_BYTES);
        return FERRITE_NO_MEMORY;
    }
    if (!store_init(&cache->store, seed, policy, maxmemory)) return FERRITE_NO_MEMORY;
    call_of(cache)->directory = &cache->directory;
    command_index(&cache->directory);
    use_small_window(cache);
    cache->io.budget_bytes = budget;
    cache->ready = READY;
    return FERRITE_OK;
}

COLD enum ferrite_status cache_request(struct ferrite *cache, size_t bytes, double now_ms) {
    struct store *store = &cache->store;
    if (!begin(cache, now_ms)) return FERRITE_BAD_ARGUMENT;
    use_small_window(cache);
    if (bytes <= cache->small_capacity) return FERRITE_OK;
    store->may_use_spare = true; /* for a long DEL, say */
    struct slice block;
    if (!store_take_request(store, bytes, &block))
        return store_could_fit(store, bytes) ? FERRITE_NO_MEMORY : FERRITE_TOO_LARGE;
    cache->io.request = (u8 *)(size_t)block.bytes;
    cache->io.request_capacity = block.len;
    return FERRITE_OK;
}

/* --- RESP ------------------------------------------------------------------------------------- */

/* A reply that goes on reads its request again, which the host may have written over meanwhile. */
static COLD u64 hash_last(const struct ferrite *cache) {
    return hash_bytes(&cache->store.hash_key, cache->run_last,
                      (u32)(cache->run_next - cache->run_last));
}

static enum ferrite_status piece(struct ferrite *cache, enum ferrite_status status) {
    cache->run_open = status == FERRITE_MORE;
    if (UNLIKELY(cache->run_open)) cache->run_last_hash = hash_last(cache);
    cache->io.data = call_of(cache)->reply.window;
    cache->io.data_bytes = call_of(cache)->reply.used;
    cache->io.consumed_bytes = (size_t)(cache->run_next - cache->run_begin);
    return status;
}

/* Drains what is pending, then executes, while there is room for replies. */
static enum ferrite_status run_on(struct ferrite *cache) {
    struct call *call = call_of(cache);
    struct reply *reply = &call->reply;
    for (;;) {
        if (!reply_drain(reply, call)) return piece(cache, FERRITE_MORE);
        command_finish(call);
        if (cache->run_next == cache->run_end) return piece(cache, FERRITE_OK);
        if (reply->capacity - reply->used < REPLY_ROOM) return piece(cache, FERRITE_MORE);
        struct slice error;
        enum parse_status parsed = request_parse(&call->request, cache->run_next,
                                                 (u32)(cache->run_end - cache->run_next), &error);
        if (parsed == PARSE_INCOMPLETE) return piece(cache, FERRITE_OK);
        if (parsed == PARSE_MALFORMED) {
            reply_error_quoting(reply, "Protocol error: ", error, "");
            return piece(cache, FERRITE_PROTOCOL);
        }
        cache->run_last = cache->run_next;
        cache->run_next += call->request.bytes;
        if (call->request.count == 0) continue;
        store_begin(store_of(call), cache->run_now_ms);
        store_of(call)->stats.commands++;
        store_of(call)->request_is_last = cache->run_next == cache->run_end;
        command_execute(call);
        if (cache->io.request != cache->small_request && !store_of(call)->request_block)
            use_small_window(cache); /* the large one has become an entry */
    }
}

enum ferrite_status cache_run(struct ferrite *cache, size_t offset, size_t bytes, u32 form,
                              double now_ms) {
    size_t capacity = cache->io.request_capacity;
    if (offset > capacity || bytes > capacity - offset || (form != 2 && form != 3) ||
        !enter(cache, now_ms))
        return FERRITE_BAD_ARGUMENT;
    struct reply *reply = &call_of(cache)->reply;
    reply->used = 0;
    reply->form = form;
    reply->rest_pending = reply->rest_is_part = false;
    reply->next = NULL;
    cache->run_begin = cache->run_next = cache->io.request + offset;
    cache->run_end = cache->run_begin + bytes;
    cache->run_now_ms = (i64)now_ms; /* each command of it begins with that */
    return run_on(cache);
}

enum ferrite_status cache_more(struct ferrite *cache) {
    if (cache->ready != READY || !cache->run_open) return FERRITE_BAD_ARGUMENT;
    if (hash_last(cache) != cache->run_last_hash) {
        give_up_open(cache);
        return FERRITE_BAD_ARGUMENT;
    }
    call_of(cache)->reply.used = 0;
    return run_on(cache);
}

/* --- without RESP ----------------------------------------------------------------------------- */

enum ferrite_status cache_get(struct ferrite *cache, size_t key_bytes, double now_ms) {
    struct entry entry;
    if (key_bytes > cache->io.request_capacity || !begin(cache, now_ms))
        return FERRITE_BAD_ARGUMENT;
    struct slice key = {cache->io.request, (u32)key_bytes};
    if (!store_read(&cache->store, key, &entry)) return FERRITE_ABSENT;
    if (UNLIKELY(entry.type >= TYPE_LIST)) return FERRITE_WRONG_TYPE;
    cache->io.data = entry.value;
    cache->io.data_bytes = entry.value_len;
    return FERRITE_OK;
}

/* What set and reserve have in common: may the key be written, and until when will it live? */
static enum ferrite_status check_set(struct ferrite *cache, struct slice key, u32 flags,
                                     double expiry_ms, i64 *expires_at_ms) {
    struct store *store = &cache->store;
    const u32 known = FERRITE_NX | FERRITE_XX | FERRITE_KEEP_TTL | FERRITE_EXPIRE_AT;
    if ((flags & ~known) || !is_time(expiry_ms)) return FERRITE_BAD_ARGUMENT;
    if ((flags & FERRITE_KEEP_TTL) && expiry_ms != 0) return FERRITE_BAD_ARGUMENT;
    *expires_at_ms = (i64)expiry_ms;
    if (expiry_ms != 0 && !(flags & FERRITE_EXPIRE_AT)) *expires_at_ms += store->now_ms;
    if (LIKELY(!(flags & (FERRITE_NX | FERRITE_XX | FERRITE_KEEP_TTL)))) return FERRITE_OK;
    struct entry entry;
    bool present = store_find(store, key, &entry);
    if (((flags & FERRITE_NX) && present) || ((flags & FERRITE_XX) && !present))
        return FERRITE_ABSENT;
    if ((flags & FERRITE_KEEP_TTL) && present) *expires_at_ms = entry.expires_at_ms;
    return FERRITE_OK;
}

static COLD enum ferrite_status no_room(struct ferrite *cache, u64 bytes) {
    return store_could_fit(&cache->store, bytes) ? FERRITE_NO_MEMORY : FERRITE_TOO_LARGE;
}

enum ferrite_status cache_set(struct ferrite *cache, size_t key_bytes, size_t value_bytes,
                              u32 flags, double expiry_ms, double now_ms) {
    struct store *store = &cache->store;
    size_t capacity = cache->io.request_capacity;
    if (key_bytes > capacity || value_bytes > capacity - key_bytes || !begin(cache, now_ms))
        return FERRITE_BAD_ARGUMENT;
    struct slice key = {cache->io.request, (u32)key_bytes};
    struct slice value = {key.bytes + key_bytes, (u32)value_bytes};
    i64 expires_at_ms;
    enum ferrite_status status = check_set(cache, key, flags, expiry_ms, &expires_at_ms);
    if (UNLIKELY(status != FERRITE_OK)) return status;
    if (UNLIKELY(expires_at_ms && expires_at_ms <= store->now_ms)) {
        store_remove(store, key);
        return FERRITE_OK;
    }
    if (LIKELY(store_set(store, key, TYPE_STRING, value, expires_at_ms, 0))) return FERRITE_OK;
    return no_room(cache, (u64)key_bytes + value_bytes);
}

enum ferrite_status cache_reserve(struct ferrite *cache, size_t key_bytes, size_t value_bytes,
                                  u32 flags, double expiry_ms, double now_ms) {
    if (key_bytes > cache->io.request_capacity || !begin(cache, now_ms))
        return FERRITE_BAD_ARGUMENT;
    if (value_bytes > FERRITE_MOST_BYTES) return FERRITE_TOO_LARGE;
    struct slice key = {cache->io.request, (u32)key_bytes};
    i64 expires_at_ms;
    enum ferrite_status status = check_set(cache, key, flags, expiry_ms, &expires_at_ms);
    if (status != FERRITE_OK) return status;
    u8 *to = store_reserve(&cache->store, key, TYPE_STRING, (u32)value_bytes, expires_at_ms);
    if (!to) return no_room(cache, (u64)key_bytes + value_bytes);
    cache->io.data = to;
    cache->io.data_bytes = value_bytes;
    return FERRITE_OK;
}

enum ferrite_status cache_commit(struct ferrite *cache, double now_ms) {
    struct store *store = &cache->store;
    if (cache->ready != READY || !is_time(now_ms)) return FERRITE_BAD_ARGUMENT;
    if (!store->reserved) return FERRITE_LOST;
    store_begin_counting(store);
    return store_commit(store) ? FERRITE_OK : FERRITE_NO_MEMORY;
}

enum ferrite_status cache_tick(struct ferrite *cache, double now_ms) {
    if (!begin(cache, now_ms)) return FERRITE_BAD_ARGUMENT;
    return store_upkeep(&cache->store) ? FERRITE_MORE : FERRITE_OK;
}

COLD enum ferrite_status cache_changes(struct ferrite *cache, u32 keep) {
    struct changes *changes = &cache->store.changes;
    if (!begin(cache, (double)cache->store.now_ms)) return FERRITE_BAD_ARGUMENT;
    bool lost = changes->used > changes->most;
    cache->io.data = changes->last = changes->log;
    cache->io.data_bytes = lost ? 0 : changes->used;
    changes->used = 0;
    changes->most = keep ? call_of(cache)->reply.capacity / 3 : 0;
    return lost ? FERRITE_LOST : FERRITE_OK;
}
