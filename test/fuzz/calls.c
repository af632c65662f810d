/*
 * Calls: the functions of include/ferrite.h with any lengths, flags, times and policies, in any
 * order, before an init, after one that failed, and over a cache that exists.
 *
 * An input is a run of calls, a byte for which, then its arguments: near one that means something,
 * or any at all. What has to hold: a status that the header names for the call;
 * FERRITE_BAD_ARGUMENT for what is out of range, with the state as it was where the time is none or
 * there is no cache; a key whose call failed holds what it held; one whose call did not, what was
 * asked for.
 */
#include <math.h>

#include "fuzz.h"

enum { BUFFER_BYTES = 1 << 20, KEY_MOST = 4096 };

static struct ferrite *cache;
static struct ferrite_io *io;
static double last_ms;
static bool is_made;

static bool is_time(double ms) {
    return ms >= 0 && ms < 0x1p53;
}

/* --- arguments -------------------------------------------------------------------------------- */

static double take_time(struct input *input) {
    static const double odd[] = {0,         -0.0,   -1,      NAN,        INFINITY,
                                 -INFINITY, 0x1p53, 0x1p63,  0x1p53 - 1, 0.5,
                                 1e308,     5e-324, -5e-324, 1e15,       1577836800000.0};
    u32 what = take8(input);
    if (what < COUNT_OF(odd)) return odd[what];
    if (what < 24) return double_of_bits(take64(input));
    if (what < 100) return last_ms - (what - 24) * (what - 24);
    return last_ms + (what - 100) * (what - 100);
}

static size_t take_size(struct input *input) {
    u32 what = take8(input);
    size_t capacity = io->request_capacity;
    if (what < 128) return what;
    if (what < 192) return take16(input);
    switch (what % 8) {
    case 0: return capacity - take8(input) % 64;
    case 1: return capacity + take8(input) % 64;
    case 2: return (size_t)take16(input) << 4;
    case 3: return BUFFER_BYTES - take16(input);
    case 4: return (size_t)UINT32_MAX - 32 + take8(input) % 64;
    case 5: return SIZE_MAX - take8(input) % 64;
    case 6: return (size_t)1 << take8(input) % 64;
    default: return take64(input);
    }
}

static double take_budget(struct input *input) {
    static const double odd[] = {NAN, -1, -0.0, 0, INFINITY, 0x1p32, 4294901761.0, 262143};
    u32 what = take8(input);
    if (what < COUNT_OF(odd)) return odd[what];
    /* What the buffer has no room for is the caller's fault. */
    return (what % 4 ? 262144 : 262000) + take16(input) * (what % 8);
}

/* --- what a key holds ------------------------------------------------------------------------- */

/* A copy of its beginning, and a digest of all of it, found without a trace. */
struct held {
    bool found;
    u32 type;
    i64 expires_at_ms;
    u64 digest;
};

static u64 digest(const u8 *bytes, size_t len) {
    u64 hash = 0xcbf29ce484222325ull ^ len;
    for (size_t i = 0; i < len; i++) hash = (hash ^ bytes[i]) * 0x100000001b3ull;
    return hash;
}

static struct held look(struct slice key) {
    struct store *store = &cache->store;
    u64 hash = hash_bytes(&store->hash_key, key.bytes, key.len);
    struct entry entry;
    if (!store_look(store, key, hash, &entry)) return (struct held){0};
    return (struct held){true, entry.type, entry.expires_at_ms,
                         digest(entry.value, entry.value_len)};
}

static bool held_equal(const struct held *a, const struct held *b) {
    return a->found == b->found && a->type == b->type && a->expires_at_ms == b->expires_at_ms &&
           a->digest == b->digest;
}

/* --- calls ------------------------------------------------------------------------------------ */

static struct ferrite before; /* the state, as it was before the call at work */

/* A call that must not be obeyed, for want of a time or of a cache. */
static bool refused(enum ferrite_status status, double now_ms) {
    if (is_made && is_time(now_ms)) return false;
    CHECK(status == FERRITE_BAD_ARGUMENT);
    CHECK(memcmp(&before, cache, sizeof before) == 0);
    return true;
}

static void init(struct input *input) {
    double budget = take_budget(input);
    u32 policy = take8(input) % (POLICY_COUNT + 2);
    bool is_known = policy < POLICY_COUNT;
    if (policy == POLICY_COUNT) policy = (u32)take64(input) | 16;
    enum ferrite_status status = ferrite_init(cache, budget, policy, 1, 2, 3, take8(input));
    is_made = status == FERRITE_OK;
    if (!is_known || !(budget >= 0)) {
        CHECK(status == FERRITE_BAD_ARGUMENT);
    } else if (budget > FERRITE_MOST_BYTES) {
        CHECK(status == FERRITE_TOO_LARGE && io->budget_bytes == FERRITE_MOST_BYTES);
    } else if (budget < FERRITE_LEAST_BYTES) {
        CHECK(status == FERRITE_NO_MEMORY && io->budget_bytes == FERRITE_LEAST_BYTES);
    } else if (!is_made) { /* no pages to be had */
        CHECK(status == FERRITE_NO_MEMORY && pages_native_refuse_above < PAGE_BYTES);
    } else {
        CHECK(io->budget_bytes == (size_t)budget / PAGE_BYTES * PAGE_BYTES);
        CHECK(io->request_capacity >= 2048);
    }
}

static void request(struct input *input) {
    size_t bytes = take_size(input);
    double now_ms = take_time(input);
    enum ferrite_status status = ferrite_request(cache, bytes, now_ms);
    if (refused(status, now_ms)) return;
    CHECK(status == FERRITE_OK || status == FERRITE_NO_MEMORY || status == FERRITE_TOO_LARGE);
    CHECK(status != FERRITE_OK || io->request_capacity >= bytes);
    CHECK(io->request_capacity >= 2048);
}

/* The host writes where it may. */
static void write_window(struct input *input) {
    struct slice bytes = take_slice(input, take8(input));
    if (!is_made) return;
    size_t at = take_size(input) % io->request_capacity;
    if (bytes.len > io->request_capacity - at) return;
    if (bytes.len) memcpy(io->request + at, bytes.bytes, bytes.len);
}

static void check_run(enum ferrite_status status, size_t bytes) {
    CHECK(status == FERRITE_OK || status == FERRITE_MORE || status == FERRITE_PROTOCOL);
    CHECK(io->consumed_bytes <= bytes);
    CHECK(status != FERRITE_MORE || io->data_bytes);
}

static size_t run_bytes;

static void run(struct input *input) {
    size_t offset = take8(input) % 4 ? take8(input) : take_size(input), bytes = take_size(input);
    u32 form = take8(input) % 16 ? 2 + take8(input) % 2 : (u32)take64(input);
    double now_ms = take_time(input);
    size_t capacity = io->request_capacity;
    enum ferrite_status status = ferrite_run(cache, offset, bytes, form, now_ms);
    if (refused(status, now_ms)) return;
    if (offset > capacity || bytes > capacity - offset || (form != 2 && form != 3)) {
        CHECK(status == FERRITE_BAD_ARGUMENT);
    } else {
        run_bytes = bytes;
        check_run(status, bytes);
    }
}

static void more(void) {
    bool is_open = is_made && cache->run_open;
    enum ferrite_status status = ferrite_more(cache);
    if (is_open && status == FERRITE_BAD_ARGUMENT) /* the command was written over */
        CHECK(!cache->run_open);
    else if (is_open)
        check_run(status, run_bytes);
    else
        CHECK(status == FERRITE_BAD_ARGUMENT && memcmp(&before, cache, sizeof before) == 0);
}

static void get(struct input *input) {
    u8 key[KEY_MOST];
    size_t key_bytes = take_size(input);
    double now_ms = take_time(input);
    bool fits = key_bytes <= io->request_capacity;
    enum ferrite_status status = ferrite_get(cache, key_bytes, now_ms);
    if (refused(status, now_ms)) return;
    if (!fits) CHECK(status == FERRITE_BAD_ARGUMENT);
    if (!fits || key_bytes > KEY_MOST) return;
    memcpy(key, io->request, key_bytes);
    struct held held = look((struct slice){key, (u32)key_bytes});
    if (status == FERRITE_ABSENT) {
        CHECK(!held.found);
    } else if (status == FERRITE_WRONG_TYPE) {
        CHECK(held.type >= TYPE_LIST);
    } else {
        CHECK(status == FERRITE_OK && held.found && held.type < TYPE_LIST);
        CHECK(held.expires_at_ms == 0 || held.expires_at_ms > (i64)now_ms);
        CHECK(held.digest == digest(io->data, io->data_bytes));
    }
}

static struct {
    u8 key[KEY_MOST];
    u32 key_len; /* KEY_MOST + 1: longer than can be followed */
    struct held wanted;
} reserved;

/* set, and reserve: what they have in common, and what becomes of the key. */
static void write_key(struct input *input, bool reserve) {
    static u8 key[KEY_MOST];
    size_t key_bytes = take_size(input), value_bytes = take_size(input);
    u32 flags = take8(input), chance = take8(input);
    flags = chance < 128 ? flags % 16 : chance < 200 ? 0 : flags;
    double expiry = chance % 4 ? 0 : take_time(input), now_ms = take_time(input);
    size_t capacity = io->request_capacity;
    bool fits = key_bytes <= capacity && (reserve || value_bytes <= capacity - key_bytes);
    bool is_plain = is_made && is_time(now_ms) && fits && key_bytes <= KEY_MOST;
    struct slice name = {key, (u32)key_bytes};
    struct held old = {0}, wanted = {.found = true};
    u64 gone = 0;
    if (is_plain) {
        memcpy(key, io->request, key_bytes);
        ferrite_tick(cache, now_ms); /* time passes: from here on only the call changes the key */
        struct entry entry;
        store_find(&cache->store, name, &entry); /* it is gone if it has expired */
        cache->store.hashed.bytes = NULL;
        old = look(name);
        gone = cache->store.stats.gone[CHANGE_EVICTED] + cache->store.stats.gone[CHANGE_EXPIRED];
        if (!reserve) wanted.digest = digest(io->request + key_bytes, value_bytes);
        before = *cache;
    }
    enum ferrite_status status = (reserve ? ferrite_reserve : ferrite_set)(
        cache, key_bytes, value_bytes, flags, expiry, now_ms);
    if (refused(status, now_ms)) return;
    reserved.key_len = KEY_MOST + 1;
    bool is_good =
        fits && flags < 16 && is_time(expiry) && !((flags & FERRITE_KEEP_TTL) && expiry != 0);
    CHECK((status == FERRITE_BAD_ARGUMENT) <= !is_good);
    if (!is_good) CHECK(status == FERRITE_BAD_ARGUMENT || status == FERRITE_TOO_LARGE);
    CHECK(status <= FERRITE_BAD_ARGUMENT && status != FERRITE_MORE &&
          status != FERRITE_WRONG_TYPE && status != FERRITE_PROTOCOL);
    if (!is_plain) return;
    struct held now = look(name);
    if (status != FERRITE_OK || reserve) {
        u64 gone_now =
            cache->store.stats.gone[CHANGE_EVICTED] + cache->store.stats.gone[CHANGE_EXPIRED];
        CHECK(held_equal(&now, &old) || (gone_now != gone && !now.found));
    }
    if (status != FERRITE_OK) return;
    bool met = !((flags & FERRITE_NX) && old.found) && !((flags & FERRITE_XX) && !old.found);
    CHECK(met);
    if (expiry != 0)
        wanted.expires_at_ms = (i64)expiry + (flags & FERRITE_EXPIRE_AT ? 0 : (i64)now_ms);
    else if (flags & FERRITE_KEEP_TTL)
        wanted.expires_at_ms = old.expires_at_ms;
    /* As double, a fraction of a millisecond is an expiry; as time, it may be 0: none. */
    bool is_past = wanted.expires_at_ms && wanted.expires_at_ms <= (i64)now_ms;
    if (is_past && !reserve) wanted = (struct held){0};
    if (!reserve) {
        CHECK(held_equal(&now, &wanted));
        return;
    }
    CHECK(io->data_bytes == value_bytes);
    memset((u8 *)(size_t)io->data, (int)flags + 0x5a, value_bytes);
    wanted.digest = digest(io->data, value_bytes);
    memcpy(reserved.key, key, key_bytes);
    reserved.key_len = (u32)key_bytes;
    reserved.wanted = wanted;
}

static void commit(struct input *input) {
    double now_ms = take_time(input);
    bool is_reserved = is_made && cache->store.reserved;
    enum ferrite_status status = ferrite_commit(cache, now_ms);
    if (refused(status, now_ms)) return;
    CHECK(is_reserved ? status == FERRITE_OK || status == FERRITE_NO_MEMORY
                      : status == FERRITE_LOST);
    if (status != FERRITE_OK || reserved.key_len > KEY_MOST) return;
    struct held now = look((struct slice){reserved.key, reserved.key_len});
    CHECK(held_equal(&now, &reserved.wanted));
}

static void tick(struct input *input) {
    double now_ms = take_time(input);
    enum ferrite_status status = ferrite_tick(cache, now_ms);
    if (refused(status, now_ms)) return;
    CHECK(status == FERRITE_OK || status == FERRITE_MORE);
    if (now_ms < 0x1p48) last_ms = now_ms;
}

/* Records, one behind another. */
static void changes(struct input *input) {
    enum ferrite_status status = ferrite_changes(cache, take8(input) % 4);
    if (!is_made) {
        CHECK(status == FERRITE_BAD_ARGUMENT);
        return;
    }
    CHECK(status == FERRITE_OK || (status == FERRITE_LOST && io->data_bytes == 0));
    for (size_t at = 0; at < io->data_bytes;) {
        CHECK(io->data_bytes - at >= 4);
        u32 head = load32(io->data + at);
        CHECK(head % 256 <= FERRITE_EVICTED && head / 256 <= io->data_bytes - at - 4);
        at += 4 + head / 256;
    }
}

static void one_call(struct input *input) {
    before = *cache;
    switch (take8(input) % 16) {
    case 0:
        if (take8(input) % 4 == 0) init(input);
        break;
    case 1: request(input); break;
    case 2:
    case 3:
    case 4: run(input); break;
    case 5: more(); break;
    case 6: get(input); break;
    case 7:
    case 8: write_key(input, false); break;
    case 9:
    case 10: write_key(input, true); break;
    case 11: commit(input); break;
    case 12: tick(input); break;
    case 13:
    case 14: write_window(input); break;
    case 15:
        if (take8(input) % 2) {
            changes(input);
            break;
        } /* fall through */
    default:
        pages_native_refuse_above = take8(input) % 2 ? ~(u64)0 : (u64)take16(input) * 32;
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    static u8 *buffer;
    struct input input = {bytes, bytes + len};
    if (!buffer) buffer = aligned_alloc(64, BUFFER_BYTES);
    cache = (struct ferrite *)(void *)buffer;
    heap_allow(&cache->store.heap, STATE_AT / UNIT, (STATE_AT + BUFFER_BYTES) / UNIT);
    memset(buffer, 0xa5, BUFFER_BYTES);
    memset(cache, 0, sizeof *cache); /* before an init, no cache is where none was */
    io = ferrite_io(cache);
    last_ms = 1790000000000;
    is_made = false;
    pages_native_refuse_above = ~(u64)0;
    CHECK(ferrite_abi_version() == FERRITE_ABI_VERSION);
    while (input_left(&input)) one_call(&input);
    if (!is_made) return 0;
    pages_native_refuse_above = ~(u64)0;
    CHECK(ferrite_request(cache, 0, last_ms) == FERRITE_OK);
    check_store(cache);
    CHECK(store_committed_bytes(&cache->store) <= io->budget_bytes);
    return 0;
}
