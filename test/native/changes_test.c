/*
 * What a host is told of changed, expired and evicted keys: which keys, in which order, that too
 * many to be noted are not passed over in silence, and that nothing is told when nobody asked. That
 * each command notes what Redis would is for test/redis/changes.mjs.
 *
 *   changes_test [seed]
 */
#include "client.h"

static u32 passed;

/* The records since the last call as "c:key e:key v:key", by their kinds, or "lost". */
static const char *changes(struct ferrite *cache, u32 keep) {
    static char text[1 << 16];
    struct ferrite_io *io = ferrite_io(cache);
    enum ferrite_status status = ferrite_changes(cache, keep);
    if (status == FERRITE_LOST) return io->data_bytes ? "lost, with records" : "lost";
    CHECK(status == FERRITE_OK);
    size_t used = 0;
    for (size_t at = 0; at < io->data_bytes;) {
        u32 head = load32(io->data + at), len = head >> 8;
        CHECK((head & 255) <= FERRITE_EVICTED && at + 4 + len <= io->data_bytes);
        used += (size_t)sprintf(text + used, "%s%c:%.*s", used ? " " : "", "cev"[head & 255],
                                (int)len, (const char *)io -> data + at + 4);
        at += 4 + len;
    }
    text[used] = 0;
    return text;
}

static bool told(struct ferrite *cache, const char *expected) {
    return replied(changes(cache, 1), expected);
}

static void by_commands(void) {
    struct ferrite *cache = new_cache(1 << 20, POLICY_NOEVICTION);
    ask(cache, "SET", "before", "1", NULL);
    CHECK(replied(changes(cache, 0), "lost"));
    CHECK(told(cache, "")); /* it begins, and nothing has happened since */
    ask(cache, "GET", "before", NULL);
    ask(cache, "SET", "a", "1", NULL);
    ask(cache, "INCR", "a", NULL);
    ask(cache, "RPUSH", "l", "1", "2", "3", NULL);
    ask(cache, "LTRIM", "l", "0", "1", NULL);
    ask(cache, "RENAME", "a", "b", NULL);
    ask(cache, "DEL", "nothing", "l", NULL);
    CHECK(told(cache, "c:a c:l c:a c:b c:l"));
    ask(cache, "MSET", "x", "1", "b", "2", NULL);
    ask(cache, "SADD", "s", "m", NULL);
    ask(cache, "SADD", "s", "m", NULL);
    ask(cache, "EXPIRE", "s", "100", NULL);
    CHECK(told(cache, "c:x c:b c:s"));
    ask(cache, "FLUSHALL", NULL);
    ask(cache, "SET", "a", "1", NULL);
    CHECK(told(cache, "lost"));
    CHECK(replied(changes(cache, 0), ""));
    ask(cache, "SET", "a", "2", NULL);
    CHECK(told(cache, "lost"));
    free(cache);
    passed++;
}

static void by_direct_calls(void) {
    struct ferrite *cache = new_cache(1 << 20, POLICY_NOEVICTION);
    struct ferrite_io *io = ferrite_io(cache);
    changes(cache, 1);
    memcpy(io->request, "keyvalue", 8);
    CHECK(ferrite_set(cache, 3, 5, 0, 0, (double)now_ms) == FERRITE_OK);
    CHECK(ferrite_reserve(cache, 2, 50, 0, 0, (double)now_ms) == FERRITE_OK);
    CHECK(told(cache, "c:key")); /* and the reservation is given up */
    for (u32 i = 0; i < 2; i++) {
        CHECK(ferrite_reserve(cache, 2, 50, 0, 0, (double)now_ms) == FERRITE_OK);
        CHECK(ferrite_commit(cache, (double)now_ms) == FERRITE_OK);
        CHECK(told(cache, "c:ke"));
    }
    CHECK(ferrite_set(cache, 3, 5, FERRITE_EXPIRE_AT, 1, (double)now_ms) == FERRITE_OK);
    CHECK(told(cache, "c:key"));
    ferrite_changes(cache, 0);
    free(cache);
    passed++;
}

static void by_time(void) {
    struct ferrite *cache = new_cache(1 << 20, POLICY_NOEVICTION);
    changes(cache, 1);
    ask(cache, "SET", "asked for", "v", "PX", "10", NULL);
    ask(cache, "SET", "swept", "v", "PX", "10", NULL);
    ask(cache, "HSET", "h", "f", "v", "g", "v", NULL);
    ask(cache, "HPEXPIRE", "h", "10", "FIELDS", "1", "f", NULL);
    CHECK(told(cache, "c:asked for c:swept c:h"));
    now_ms += 11;
    ask(cache, "GET", "asked for", NULL);
    CHECK(told(cache, "e:asked for"));
    for (u32 i = 0; i < 300; i++) ferrite_tick(cache, (double)(now_ms += 1000));
    const char *both = changes(cache, 1);
    CHECK(replied(both, "e:swept") || replied(both, "e:swept c:h") || replied(both, "c:h e:swept"));
    ask(cache, "HGETALL", "h", NULL);
    free(cache);
    passed++;
}

/* Every key that has gone was told of, or that something was lost. */
static void by_eviction(u32 policy) {
    enum { KEYS = 40000 };
    static u8 there[KEYS];
    struct ferrite *cache = new_cache(1 << 20, policy);
    u32 told_of = 0, lost = 0;
    char key[16], value[200] = {0};
    memset(there, 0, sizeof there);
    changes(cache, 1);
    for (u32 i = 0; i < KEYS; i++) {
        sprintf(key, "%u", i);
        memset(value, 'v', draw_below(sizeof value - 1));
        ask(cache, "SET", key, value, "EX", "1000", NULL);
        there[i] = 1;
        if (draw_below(4) == 0) continue;
        const char *text = changes(cache, 1);
        lost += *text == 'l';
        for (const char *at = text; (at = strstr(at, "v:")); at += 2) {
            u32 gone = (u32)strtoul(at + 2, NULL, 10);
            CHECK(gone < KEYS && there[gone]);
            there[gone] = 0;
            told_of++;
        }
    }
    CHECK(*changes(cache, 1) != 'l' && lost == 0 && told_of > KEYS / 2);
    u32 wrong = 0;
    for (u32 i = 0; i < KEYS - 8; i++) {
        sprintf(key, "%u", i);
        bool is_there = replied(ask(cache, "EXISTS", key, NULL), ":1\r\n");
        wrong += is_there && !there[i]; /* the last ones may not have been asked for */
    }
    CHECK(wrong == 0);
    check_store(cache);
    free(cache);
    passed++;
}

/* More than there is room for, in many records or one; then all is well again. */
static void too_many(void) {
    struct ferrite *cache = new_cache(1 << 20, POLICY_NOEVICTION);
    static char key[3000];
    changes(cache, 1);
    for (u32 i = 0; i < 2; i++) {
        for (u32 n = 0; n < 300; n++) {
            sprintf(key, "key:%u", n);
            ask(cache, "SET", key, "v", NULL);
        }
        CHECK(told(cache, "lost"));
        ask(cache, "SET", "next", "v", NULL);
        CHECK(told(cache, "c:next"));
        memset(key, 'k', sizeof key - 1);
        ask(cache, "SET", key, "v", NULL);
        ask(cache, "SET", "next", "v", NULL);
        CHECK(told(cache, "lost"));
        memset(key, 0, sizeof key);
    }
    ask(cache, "RPUSH", "many", NULL);
    for (u32 n = 0; n < 1000; n++) ask(cache, "RPUSH", "many", "an item", NULL);
    CHECK(told(cache, "c:many"));
    ask(cache, "LRANGE", "many", "0", "-1", NULL); /* a reply of several pieces */
    CHECK(reply_bytes == 1000 * 13 + 7);
    free(cache);
    passed++;
}

int main(int argc, char **argv) {
    test_seed(argc, argv);
    by_commands();
    by_direct_calls();
    by_time();
    by_eviction(POLICY_ALLKEYS_LRU);
    by_eviction(POLICY_VOLATILE_TTL);
    too_many();
    printf("changes: %u passed, 0 failed\n", passed);
}
