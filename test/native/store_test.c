/*
 * The keyspace against a naive model: random puts, reads, reservations, expiries and removals at
 * small budgets, under every policy, with a page source that stops giving and a clock that jumps.
 * What is read is what was last written, or nothing if it was evicted or has expired; after each
 * batch the checker walks everything.
 */
#include "check.h"
#include "heap/pages_native.h"

enum { KEYS = 3000, VALUE_MAX = 200000 };

struct model {
    u32 version; /* 0: certainly absent */
    u32 len;
    u32 writer; /* the key it was first written under: RENAME and COPY carry values */
    i64 expires_at_ms;
};

static struct model model[KEYS];
static u32 versions;
static i64 now_ms = 1790000000000;

static u32 key_of(u8 *to, u32 id) {
    u32 n = (u32)sprintf((char *)to, "k%u:", id);
    u32 pad = id % 7 == 0 ? id % 60 : 0; /* some keys need a length of their own */
    memset(to + n, 'x', pad);
    return n + pad;
}

static void fill(u8 *to, u32 id, u32 version, u32 len) {
    u64 state = (u64)id << 32 | version;
    for (u32 i = 0; i < len; i++) {
        if (i % 8 == 0) state = state * 6364136223846793005ull + 1442695040888963407ull;
        to[i] = (u8)(state >> 56 >> 0 ^ i);
    }
}

static u32 draw_len(u32 scale) {
    switch (draw_below(8)) {
    case 0: return draw_below(4);
    case 1:
    case 2:
    case 3: return draw_below(100);
    case 4:
    case 5: return 100 + draw_below(600);
    case 6: return draw_below(5000);
    default: return draw_below(scale);
    }
}

static u8 expected[VALUE_MAX];

static void check_key(struct ferrite *cache, u32 id) {
    struct ferrite_io *io = ferrite_io(cache);
    u32 key_len = key_of(io->request, id);
    enum ferrite_status status = ferrite_get(cache, key_len, (double)now_ms);
    struct model *m = &model[id];
    if (status == FERRITE_ABSENT) return;
    CHECK(status == FERRITE_OK);
    CHECK(m->version && (!m->expires_at_ms || m->expires_at_ms > now_ms));
    CHECK(io->data_bytes == m->len);
    fill(expected, m->writer, m->version, m->len);
    CHECK(memcmp(io->data, expected, m->len) == 0);
}

/* RENAME or COPY to another key. */
static void carry(struct ferrite *cache, u32 from, u32 to, bool rename) {
    struct store *store = &cache->store;
    u8 from_key[128], to_key[128];
    struct slice source = {from_key, key_of(from_key, from)};
    struct slice target = {to_key, key_of(to_key, to)};
    struct entry entry;
    if (from == to || !store_find(store, source, &entry)) return;
    store->may_use_spare = draw_below(2);
    if (!(rename ? store_rename : store_copy)(store, source, target)) return;
    model[to] = model[from];
    model[to].expires_at_ms = entry.expires_at_ms;
    if (rename) model[from].version = 0;
}

/* APPEND's way of growing and shrinking a value in place: the bytes that were there stay. */
static void resize(struct ferrite *cache, u32 id, u32 scale) {
    u8 key[128];
    struct slice name = {key, key_of(key, id)};
    struct entry entry;
    struct model *m = &model[id];
    u32 len = draw_len(scale);
    if (!store_find(&cache->store, name, &entry)) return;
    u32 kept = min_u32(entry.value_len, len);
    u8 *value = store_resize(&cache->store, name, TYPE_STRING_RAW, len);
    if (!value) return;
    fill(expected, m->writer, m->version, kept);
    CHECK(memcmp(value, expected, kept) == 0);
    m->version = ++versions;
    m->writer = id;
    m->len = len;
    fill(value, id, m->version, len);
}

static void put(struct ferrite *cache, u32 id, u32 scale, bool reserve) {
    struct ferrite_io *io = ferrite_io(cache);
    u32 len = draw_len(scale), flags = 0;
    double expiry = 0;
    u32 kind = draw_below(6);
    if (kind == 0) expiry = 1 + draw_below(5000);
    if (kind == 1) expiry = (double)now_ms + 1e12, flags = FERRITE_EXPIRE_AT; /* 8 bytes of it */
    if (kind == 2) flags = FERRITE_KEEP_TTL;
    u32 version = ++versions, key_len = key_of(io->request, id);
    struct model *m = &model[id];
    enum ferrite_status status;
    if (reserve || key_len + len > io->request_capacity) {
        status = ferrite_reserve(cache, key_len, len, flags, expiry, (double)now_ms);
        if (status == FERRITE_OK) {
            fill((u8 *)(size_t)io->data, id, version, len);
            if (draw_below(5) == 0) return; /* given up by the next call: the old value stays */
            status = ferrite_commit(cache, (double)now_ms);
        }
    } else {
        fill(io->request + key_len, id, version, len);
        status = ferrite_set(cache, key_len, len, flags, expiry, (double)now_ms);
    }
    if (status != FERRITE_OK) {
        CHECK(status == FERRITE_NO_MEMORY || status == FERRITE_TOO_LARGE);
        return;
    }
    if (m->expires_at_ms && m->expires_at_ms <= now_ms) m->expires_at_ms = 0;
    /* With KEEP_TTL an eviction of the old value, unknown to the model, would lose its expiry. */
    if (flags & FERRITE_KEEP_TTL) {
        struct entry entry;
        key_of(io->request, id);
        CHECK(store_find(&cache->store, (struct slice){io->request, key_len}, &entry));
        CHECK(entry.expires_at_ms == 0 || entry.expires_at_ms == m->expires_at_ms);
        m->expires_at_ms = entry.expires_at_ms;
    } else {
        m->expires_at_ms = expiry == 0 ? 0 : (i64)expiry + (flags ? 0 : now_ms);
    }
    m->version = version;
    m->writer = id;
    m->len = len;
}

static void run_model(u64 budget, u32 policy, u32 scale, u32 rounds) {
    struct ferrite *cache = new_cache(budget, policy);
    check_store(cache);
    memset(model, 0, sizeof model);
    pages_native_refuse_above = ~(u64)0;
    if (draw_below(4) == 0) pages_native_refuse_above = budget / 2 + draw_below((u32)budget / 2);
    for (u32 round = 0; round < rounds; round++) {
        u32 id = draw_below(KEYS), action = draw_below(100);
        if (action < 45)
            put(cache, id, scale, draw_below(4) == 0);
        else if (action < 85)
            check_key(cache, id);
        else if (action < 93) {
            u8 key[128];
            store_remove(&cache->store, (struct slice){key, key_of(key, id)});
            model[id].version = 0;
        } else if (action < 95) {
            ferrite_tick(cache, (double)now_ms);
            if (draw_below(2))
                resize(cache, id, scale);
            else
                carry(cache, id, draw_below(KEYS), draw_below(2));
        } else if (action < 97) {
            u8 key[128];
            struct slice name = {key, key_of(key, id)};
            struct entry entry;
            i64 at = draw_below(3) ? now_ms + 1 + draw_below(10000) : 0;
            ferrite_tick(cache, (double)now_ms);
            if (store_find(&cache->store, name, &entry) && store_expire(&cache->store, name, at))
                model[id].expires_at_ms = at;
        } else if (action < 99) {
            now_ms += draw_below(3) ? draw_below(20) : -(i64)draw_below(200);
        } else if (draw_below(20) == 0) {
            enum ferrite_status status = ferrite_request(cache, draw_below(scale), (double)now_ms);
            CHECK(status != FERRITE_BAD_ARGUMENT);
        }
        if (round % 997 == 0) {
            ferrite_tick(cache, (double)now_ms);
            check_store(cache);
        }
        if (round % 50021 == 50020) {
            ferrite_tick(cache, (double)now_ms);
            store_flush(&cache->store);
            memset(model, 0, sizeof model);
            check_store(cache);
        }
    }
    ferrite_tick(cache, (double)now_ms);
    check_store(cache);
    for (u32 id = 0; id < KEYS; id++) check_key(cache, id);
    if (policy == POLICY_NOEVICTION && pages_native_refuse_above == ~(u64)0)
        CHECK(cache->store.stats.gone[CHANGE_EVICTED] == 0);
    free(cache);
}

/* --- values that stay where the request brought them ------------------------------------------ */

/* A request in a window of its own, with what follows it there. */
static enum ferrite_status run(struct ferrite *cache, u32 argc, const struct slice *args,
                               const char *then) {
    struct ferrite_io *io = ferrite_io(cache);
    size_t bytes = 16 + strlen(then);
    for (u32 i = 0; i < argc; i++) bytes += 16 + args[i].len;
    if (ferrite_request(cache, bytes, (double)now_ms) != FERRITE_OK) return FERRITE_NO_MEMORY;
    char *at = (char *)io->request;
    at += sprintf(at, "*%u\r\n", argc);
    for (u32 i = 0; i < argc; i++) {
        at += sprintf(at, "$%u\r\n", args[i].len);
        memcpy(at, args[i].bytes, args[i].len);
        at += args[i].len;
        at += sprintf(at, "\r\n");
    }
    at += sprintf(at, "%s", then);
    bytes = (size_t)(at - (char *)io->request);
    enum ferrite_status status = ferrite_run(cache, 0, bytes, FERRITE_RESP2, (double)now_ms);
    CHECK(status != FERRITE_OK || io->consumed_bytes == bytes);
    return status;
}

static void test_adoption(u64 budget) {
    enum { NAMES = 5, NAME_MOST = 64 };
    static const char *const commands[] = {"SET", "SETEX", "SETNX", "GETSET", "APPEND", "SET"};
    struct ferrite *cache = new_cache(budget, POLICY_ALLKEYS_LRU);
    struct ferrite_io *io = ferrite_io(cache);
    u8 *value = malloc(budget), name[NAME_MOST];
    u32 adopted = 0;
    for (u32 round = 0; round < 3000; round++) {
        u32 which = draw_below(COUNT_OF(commands)), name_len = draw_below(NAMES) * 13 + 1;
        u32 most = draw_below(10) ? 60000 : (u32)(budget / 10 * 9), len = 4000 + draw_below(most);
        bool is_followed = draw_below(4) == 0;
        memset(name, (int)name_len, sizeof name);
        for (u32 i = 0; i < len; i++) value[i] = (u8)draw();
        struct slice args[4] = {{(const u8 *)commands[which], (u32)strlen(commands[which])},
                                {name, name_len}};
        u32 argc = 2;
        if (which == 1) args[argc++] = SLICE("1000");
        args[argc++] = (struct slice){value, len};
        if (which == 5) args[argc++] = SLICE("KEEPTTL");
        struct entry entry;
        struct slice key = {name, name_len};
        bool found = store_find(&cache->store, key, &entry);
        i64 expires_at_ms = which == 1 ? now_ms + 1000000 : 0;
        if (found && (which == 5 || which == 4)) expires_at_ms = entry.expires_at_ms;
        u64 evicted = cache->store.stats.gone[CHANGE_EVICTED];
        enum ferrite_status status = run(cache, argc, args, is_followed ? "STRLEN nosuch\r\n" : "");
        if (status == FERRITE_OK && io->data[0] != '-' && (which != 2 || !found)) {
            bool appended =
                found && which == 4 && cache->store.stats.gone[CHANGE_EVICTED] == evicted;
            CHECK(store_find(&cache->store, key, &entry));
            if (!appended) CHECK(entry.value_len >= len);
            CHECK(memcmp(entry.value + entry.value_len - len, value, len) == 0);
            if (cache->store.stats.gone[CHANGE_EVICTED] == evicted)
                CHECK(entry.expires_at_ms == expires_at_ms);
            adopted += cache->store.request_block == 0 && !is_followed;
        }
        ferrite_tick(cache, (double)now_ms);
        check_store(cache);
    }
    CHECK(adopted > 1000);
    free(value);
    free(cache);
}

int main(int argc, char **argv) {
    test_seed(argc, argv);
    u32 passed = 0;
    for (u32 policy = 0; policy < POLICY_COUNT; policy++) {
        run_model(256 << 10, policy, 60000, 60000);
        run_model(1 << 20, policy, VALUE_MAX, 60000);
        run_model(8 << 20, policy, VALUE_MAX, 60000);
        passed += 3;
    }
    test_adoption(1 << 20);
    test_adoption(8 << 20);
    passed += 2;
    printf("store: %u passed, 0 failed\n", passed);
}
