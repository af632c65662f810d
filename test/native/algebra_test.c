/*
 * Set algebra and SORT under pressure: what is made of several keys, in caches that are full but
 * for a little.
 *
 * With nothing to evict, a command that is refused has changed nothing, what it had made so far is
 * given back, and one that is not leaves what a cache with room leaves. With eviction, sources may
 * go while the result is made; what is stored is as long as the reply says.
 *
 *   algebra_test [seed]
 */
#include "client.h"

enum { ROUNDS = 1200, ITEMS_MOST = 500, SOURCES = 6, FILLERS = 1500 };

static u32 passed, refused, done;

/* S, T, Z, Y, L, M: two sources of each type, sets, sorted sets and lists; D: what is stored. */
static const char *const commands[][9] = {
    {"SUNIONSTORE", "D", "S", "T"},
    {"SINTERSTORE", "D", "S", "T"},
    {"SDIFFSTORE", "D", "S", "T"},
    {"SUNIONSTORE", "S", "S", "T"},
    {"ZUNIONSTORE", "D", "3", "Z", "Y", "S", "AGGREGATE", "MAX"},
    {"ZINTERSTORE", "D", "2", "Z", "S", "WEIGHTS", "2", "-3"},
    {"ZDIFFSTORE", "D", "2", "Z", "Y"},
    {"ZUNIONSTORE", "Z", "2", "Z", "Y"},
    {"ZRANGESTORE", "D", "Z", "(5", "500", "BYSCORE"},
    {"ZRANGESTORE", "Z", "Z", "3", "-2"},
    {"SORT", "L", "STORE", "D"},
    {"SORT", "L", "BY", "w*", "DESC", "STORE", "L"},
    {"SORT", "S", "GET", "#", "GET", "w*", "STORE", "D"},
    {"SORT", "Z", "BY", "nosort", "GET", "h*->f", "STORE", "D"},
    {"ZUNION", "2", "Z", "Y"},
    {"ZINTER", "2", "Z", "S", "WITHSCORES"},
    {"SORT_RO", "M", "ALPHA", "DESC"},
    {"SORT", "T", "BY", "w*", "GET", "w*"},
};

static u64 digest_text(u64 all, const char *text) {
    while (*text) all = (all ^ (u8)*text++) * 0x100000001b3ull;
    return all;
}

/* Of the items of a set, in any order: their sum. */
static u64 digest_of(struct ferrite *cache, const char *key) {
    static const char *const readers[][5] = {{"LRANGE", "0", "-1"},
                                             {"ZRANGE", "0", "-1", "WITHSCORES"}};
    for (u32 i = 0; i < COUNT_OF(readers); i++) {
        const char *reply =
            ask(cache, readers[i][0], key, readers[i][1], readers[i][2], readers[i][3], NULL);
        if (*reply == '*' && reply[1] != '0') return digest_text(i, reply);
    }
    u64 all = 0;
    const char *at = ask(cache, "SMEMBERS", key, NULL);
    if (*at != '*') return digest_text(2, at);
    while ((at = strchr(at, '$')) != NULL) {
        char item[32];
        at = strchr(at, '\n') + 1;
        snprintf(item, sizeof item, "%.*s", (int)strcspn(at, "\r"), at);
        all += digest_text(3, item);
    }
    return all;
}

static u64 digest(struct ferrite *cache) {
    static const char *const keys[] = {"S", "T", "Z", "Y", "L", "M", "D"};
    u64 all = 0;
    for (u32 i = 0; i < COUNT_OF(keys); i++) all = all * 31 + digest_of(cache, keys[i]);
    return all;
}

static void add_sources(struct ferrite *const caches[], u32 count) {
    static const char *const keys[SOURCES] = {"S", "T", "Z", "Y", "L", "M"};
    static const char *const verbs[] = {"SADD", "ZADD", "RPUSH"};
    static char tail[200];
    for (u32 i = 0; i < SOURCES; i++) {
        u32 items = draw_below(draw_below(4) ? ITEMS_MOST : 12), long_share = draw_below(3);
        for (u32 c = 0; c < count; c++) ask(caches[c], "DEL", keys[i], NULL);
        for (u32 j = 0; j < items; j++) {
            char item[300], score[16];
            u32 zeros = long_share && draw_below(6) == 0 ? 40 + draw_below(160) : 0;
            memset(tail, '0', sizeof tail);
            tail[zeros] = 0;
            sprintf(item, "%s%u", tail, draw_below(ITEMS_MOST));
            sprintf(score, "%u", draw_below(1000));
            for (u32 c = 0; c < count; c++) {
                if (i / 2 == 1)
                    ask(caches[c], verbs[1], keys[i], score, item, NULL);
                else
                    ask(caches[c], verbs[i / 2], keys[i], item, NULL);
            }
        }
    }
}

static void add_weights(struct ferrite *cache) {
    char key[16], value[16];
    for (u32 i = 0; i < 40; i++) {
        sprintf(value, "%u", i * 37 % 40);
        sprintf(key, "w%u", i);
        ask(cache, "SET", key, value, NULL);
        sprintf(key, "h%u", i);
        ask(cache, "HSET", key, "f", value, NULL);
    }
}

/* Fills what is left, but for a little, or for as much as most commands take. */
static void leave_little(struct ferrite *cache) {
    static char value[300];
    char key[16];
    u32 count = 0;
    for (u32 i = 0; i < FILLERS; i++) {
        sprintf(key, "fill:%u", i);
        memset(value, 'f', sizeof value - 1);
        value[20 + draw_below(200)] = 0;
        count += *ask(cache, "SET", key, value, NULL) == '+';
    }
    for (u32 left = draw_below(3) ? draw_below(40) : draw_below(count + 1); left; left--) {
        sprintf(key, "fill:%u", draw_below(FILLERS));
        ask(cache, "DEL", key, NULL);
    }
}

static const char *send(struct ferrite *cache, const char *const words[9]) {
    struct slice args[9];
    u32 count = 0;
    for (; count < 9 && words[count]; count++) args[count] = string_slice(words[count]);
    return ask_slices(cache, count, args);
}

/* Nothing is left of what was in the making, when the next command has begun. */
static void check_all(struct ferrite *cache) {
    ask(cache, "PING", NULL);
    for (u32 i = 0; i < 2; i++) CHECK(load64(cache->store.built[i]) == 0);
    check_store(cache);
}

static u32 count_of(struct ferrite *cache, const char *key) {
    static const char *const counters[] = {"LLEN", "SCARD", "ZCARD"};
    for (u32 i = 0; i < COUNT_OF(counters); i++) {
        const char *reply = ask(cache, counters[i], key, NULL);
        if (*reply == ':') return (u32)strtoul(reply + 1, NULL, 10);
    }
    abort();
}

/* The key that a command stores at. */
static const char *stored_at(const char *const words[9]) {
    if (strcmp(words[0], "SORT") != 0) return words[1];
    u32 last = 8;
    while (!words[last]) last--;
    return words[last];
}

/* Against a twin with all the room there can be. */
static void nothing_evicted(void) {
    struct ferrite *const caches[] = {new_cache(256 << 10, POLICY_NOEVICTION),
                                      new_cache(16 << 20, POLICY_NOEVICTION)};
    u32 refused_of[COUNT_OF(commands)] = {0};
    for (u32 c = 0; c < 2; c++) add_weights(caches[c]);
    for (u32 round = 0; round < ROUNDS; round++) {
        static char expected[REPLY_MAX + 1];
        u32 which = draw_below(COUNT_OF(commands));
        if (round % 8 == 0) {
            ask(caches[0], "FLUSHALL", NULL);
            add_weights(caches[0]);
            add_sources(caches, 2);
            for (u32 c = 0; c < 2; c++) ask(caches[c], "DEL", "D", NULL);
            leave_little(caches[0]);
        }
        u64 before = digest(caches[0]);
        CHECK(before == digest(caches[1]));
        const char *reply = send(caches[0], commands[which]);
        if (!reply || strncmp(reply, "-OOM", 4) == 0) {
            check_all(caches[0]);
            CHECK(digest(caches[0]) == before);
            refused_of[which]++;
            continue;
        }
        strcpy(expected, reply);
        check_all(caches[0]);
        bool any_order = commands[which][0][1] == 'O' && commands[which][1][0] == 'T';
        reply = send(caches[1], commands[which]);
        CHECK(any_order || replied(reply, expected));
        check_all(caches[1]);
        CHECK(digest(caches[0]) == digest(caches[1]));
        done++;
    }
    for (u32 i = 0; i < COUNT_OF(commands); i++) {
        fprintf(stderr, "%s: %u refused\n", commands[i][0], refused_of[i]);
        refused += refused_of[i];
    }
    for (u32 c = 0; c < 2; c++) free(caches[c]);
    passed++;
}

static void all_evicted(u32 policy) {
    struct ferrite *cache = new_cache(256 << 10, policy);
    for (u32 round = 0; round < ROUNDS; round++) {
        u32 which = draw_below(COUNT_OF(commands));
        if (round % 4 == 0) {
            add_weights(cache);
            add_sources(&cache, 1);
            leave_little(cache);
        }
        const char *reply = send(cache, commands[which]);
        CHECK(*reply != '-' || strncmp(reply, "-OOM", 4) == 0);
        u32 count = (u32)strtoul(reply + 1, NULL, 10);
        if (*reply == ':') CHECK(count_of(cache, stored_at(commands[which])) == count);
        check_all(cache);
    }
    free(cache);
    passed++;
}

int main(int argc, char **argv) {
    test_seed(argc, argv);
    nothing_evicted();
    all_evicted(POLICY_ALLKEYS_RANDOM);
    all_evicted(POLICY_ALLKEYS_LRU);
    fprintf(stderr, "%u commands refused, %u done\n", refused, done);
    CHECK(refused > 200 && done > 200);
    printf("algebra: %u passed, 0 failed\n", passed);
}
