/*
 * Fields that expire, under pressure: a command that fails for lack of memory has changed neither a
 * value nor an expiry; what has expired gives its memory back though nobody asks for it; and no
 * call is slow, however many fields expire at once.
 *
 *   fields_test [seed]
 */
#include "client.h"

enum { STEPS = 8000, MANY = 48, STEPS_MOST = 4096 };

static u32 passed, refused, taken_back, trees;

static u64 digest_reply(const char *reply, size_t bytes) {
    u64 hash = 0xcbf29ce484222325ull;
    for (size_t i = 0; i < bytes; i++) hash = (hash ^ (u8)reply[i]) * 0x100000001b3ull;
    return hash;
}

/* Of the values and expiries of the fields that a command names. */
static u64 digest(struct ferrite *cache, const char *key, u32 count, const struct slice *fields) {
    struct slice args[MANY + 5] = {SLICE("HMGET"), string_slice(key)};
    char number[16];
    memcpy(args + 2, fields, count * sizeof *fields);
    if (!ask_slices(cache, count + 2, args)) return 0;
    u64 values = digest_reply(reply_text, reply_bytes);
    args[0] = SLICE("HPEXPIRETIME");
    args[2] = SLICE("FIELDS");
    sprintf(number, "%u", count);
    args[3] = string_slice(number);
    memcpy(args + 4, fields, count * sizeof *fields);
    if (!ask_slices(cache, count + 4, args)) return 0;
    u64 times = digest_reply(reply_text, reply_bytes);
    return values ^ times * 31 ^ (u64)strtoul(ask(cache, "HLEN", key, NULL) + 1, NULL, 10);
}

static void one_step(struct ferrite *cache, u32 names) {
    static char words[MANY][300];
    static const char *const verbs[] = {"HSET",     "HSET",     "HDEL",    "HEXPIRE",
                                        "HPEXPIRE", "HPEXPIRE", "HPERSIST"};
    static const char *const conditions[] = {"NX", "XX", "GT", "LT"};
    struct slice args[2 * MANY + 8], fields[MANY];
    char key[8], time[24], number[16];
    u32 what = draw_below(COUNT_OF(verbs)), argc = 0;
    u32 count = draw_below(20) ? 1 + draw_below(3) : 1 + draw_below(MANY);
    sprintf(key, "h%u", draw_below(4));
    for (u32 i = 0; i < count; i++) {
        u32 len = draw_below(30) ? draw_below(12) : draw_below(250);
        memset(words[i], 'f', len);
        sprintf(words[i] + len, "%u", draw_below(names));
        if (draw_below(3)) sprintf(words[i], "%u", draw_below(names));
        fields[i] = string_slice(words[i]);
    }
    args[argc++] = string_slice(verbs[what]);
    args[argc++] = string_slice(key);
    if (what >= 3) {
        sprintf(time, "%u", draw_below(10) ? draw_below(what == 3 ? 5 : 3000) : 0);
        if (what < 6) args[argc++] = string_slice(time);
        if (what < 6 && draw_below(3) == 0) args[argc++] = string_slice(conditions[draw_below(4)]);
        sprintf(number, "%u", count);
        args[argc++] = SLICE("FIELDS");
        args[argc++] = string_slice(number);
    }
    for (u32 i = 0; i < count; i++) {
        args[argc++] = fields[i];
        if (what < 2) args[argc++] = string_slice(words[draw_below(count)]);
    }
    u64 before = digest(cache, key, count, fields);
    const char *reply = ask_slices(cache, argc, args);
    if (reply && strncmp(reply, "-OOM", 4) == 0) {
        refused++;
        CHECK(cache->store.policy != POLICY_NOEVICTION ||
              digest(cache, key, count, fields) == before);
    } else {
        CHECK(!reply || *reply != '-');
    }
    if (draw_below(50) == 0) ask(cache, "COPY", key, "h0", "REPLACE", NULL);
    if (draw_below(50) == 0) ask(cache, "RENAME", key, "h1", NULL);
    struct entry entry;
    if (store_find(&cache->store, string_slice(key), &entry))
        trees += (entry.type & TYPE_TREE) != 0;
}

static void fill(struct ferrite *cache) {
    char key[24];
    static char value[200];
    memset(value, 'v', sizeof value - 1);
    for (u32 i = 0; i < 3000; i++) {
        sprintf(key, "fill:%u", i);
        if (!replied(ask(cache, "SET", key, value, NULL), "+OK\r\n")) break;
    }
    for (u32 i = 0; i < 3000; i += 80) {
        sprintf(key, "fill:%u", i);
        ask(cache, "DEL", key, NULL);
    }
}

static void under_pressure(u32 policy, u32 names) {
    struct ferrite *cache = new_cache(256 << 10, policy);
    fill(cache);
    for (u32 step = 0; step < STEPS; step++) {
        one_step(cache, names);
        if (step % 16 == 0) check_store(cache);
        if (step % 64 == 0) fill(cache);
        now_ms += draw_below(100) ? draw_below(4) : draw_below(4000);
        if (draw_below(50) == 0) ferrite_tick(cache, (double)now_ms);
    }
    check_store(cache);
    free(cache);
    passed++;
}

/* With memory full to the last hole, many fields of a large hash get expiries, or none of them. */
static void all_or_none(void) {
    enum { FIELDS = 1500 };
    struct ferrite *cache = new_cache(256 << 10, POLICY_NOEVICTION);
    static char words[MANY][24];
    struct slice args[MANY + 5] = {SLICE("HEXPIRE"), SLICE("h")};
    char key[24], time[16];
    for (u32 i = 0; i < FIELDS; i++) {
        sprintf(key, "field:%u", i);
        ask(cache, "HSET", "h", key, "value", NULL);
    }
    for (u32 len = 100, i = 0; len; len /= 2) {
        static char value[128];
        memset(value, 'v', len);
        value[len] = 0;
        do sprintf(key, "fill:%u", i++);
        while (replied(ask(cache, "SET", key, value, NULL), "+OK\r\n"));
    }
    args[3] = SLICE("FIELDS");
    args[4] = SLICE("48");
    for (u32 round = 0; round < 400; round++) {
        for (u32 i = 0; i < MANY; i++) {
            sprintf(words[i], "field:%u", draw_below(FIELDS));
            args[i + 5] = string_slice(words[i]);
        }
        sprintf(time, "%u", 1000 + round);
        args[2] = string_slice(time);
        u64 before = digest(cache, "h", MANY, args + 5);
        bool done = *ask_slices(cache, MANY + 5, args) != '-';
        CHECK((digest(cache, "h", MANY, args + 5) == before) == !done);
        taken_back += !done;
        check_store(cache);
        sprintf(key, "fill:%u", draw_below(2000));
        ask(cache, "DEL", key, NULL);
    }
    char live[16];
    sprintf(live, ":%u\r\n", FIELDS);
    CHECK(replied(ask(cache, "HLEN", "h", NULL), live));
    free(cache);
    passed++;
}

/* The command, held to the bound. */
static const char *bounded(struct ferrite *cache, const char *name, const char *key,
                           const char *word) {
    store_begin_counting(&cache->store);
    const char *reply = ask(cache, name, key, word, NULL);
    CHECK(cache->store.heap.steps <= STEPS_MOST);
    return reply;
}

/* A large hash all or half of whose fields expire in the same millisecond. */
static void at_once(u32 every) {
    enum { FIELDS = 200000 };
    struct ferrite *cache = new_cache(64 << 20, POLICY_ALLKEYS_LRU);
    char word[32], live[32], time[32];
    i64 then_ms = now_ms + 1000000;
    sprintf(time, "%lld", (long long)then_ms);
    for (u32 i = 0; i < FIELDS; i++) {
        sprintf(word, "field:%u", i);
        ask(cache, "HSET", "h", word, "some value", NULL);
        if (i % every == 0) ask(cache, "HPEXPIREAT", "h", time, "FIELDS", "1", word, NULL);
    }
    check_store(cache);
    u32 full = store_used_bytes(&cache->store);
    now_ms = then_ms;
    sprintf(live, ":%u\r\n", every == 1 ? 0 : FIELDS / 2);
    if (every == 1) {
        CHECK(replied(bounded(cache, "EXISTS", "h", NULL), ":0\r\n"));
        CHECK(replied(ask(cache, "HSET", "h", "a", "1", NULL), ":1\r\n"));
        CHECK(replied(ask(cache, "HLEN", "h", NULL), ":1\r\n"));
    } else {
        CHECK(replied(bounded(cache, "HLEN", "h", NULL), live));
        CHECK(replied(bounded(cache, "HGET", "h", "field:0"), "$-1\r\n"));
        CHECK(replied(bounded(cache, "HGET", "h", "field:1"), "$10\r\nsome value\r\n"));
        CHECK(replied(bounded(cache, "HDEL", "h", "field:0"), ":0\r\n"));
        CHECK(replied(ask(cache, "HSET", "h", "field:0", "again", NULL), ":1\r\n"));
        CHECK(replied(ask(cache, "HGET", "h", "field:0", NULL), "$5\r\nagain\r\n"));
    }
    for (u32 i = 0; i < 4000; i++) {
        now_ms += 50;
        store_begin_counting(&cache->store);
        ferrite_tick(cache, (double)now_ms);
        CHECK(cache->store.heap.steps <= STEPS_MOST);
    }
    check_store(cache);
    CHECK(store_used_bytes(&cache->store) < full / 100 * (every == 1 ? 10 : 60));
    CHECK(replied(ask(cache, "DBSIZE", NULL), ":1\r\n"));
    free(cache);
    passed++;
}

/* Nobody asks for small hashes whose fields have expired. */
static void small_ones(void) {
    enum { HASHES = 20000 };
    struct ferrite *cache = new_cache(16 << 20, POLICY_NOEVICTION);
    char key[32];
    for (u32 i = 0; i < HASHES; i++) {
        sprintf(key, "hash:%u", i);
        ask(cache, "HSET", key, "a", "1", "b", "2", "a longer name", "a longer value", NULL);
        ask(cache, "HPEXPIRE", key, "1000", "FIELDS", i % 2 ? "3" : "1", "a longer name",
            i % 2 ? "a" : NULL, "b", NULL);
    }
    check_store(cache);
    u32 full = store_used_bytes(&cache->store);
    now_ms += 2000;
    CHECK(replied(ask(cache, "TYPE", "hash:1", NULL), "+none\r\n"));
    CHECK(replied(ask(cache, "HLEN", "hash:2", NULL), ":2\r\n"));
    for (u32 i = 0; i < 2000; i++) {
        now_ms += 50;
        ferrite_tick(cache, (double)now_ms);
    }
    check_store(cache);
    CHECK(replied(ask(cache, "DBSIZE", NULL), ":10000\r\n"));
    CHECK(store_used_bytes(&cache->store) < full / 100 * 55);
    free(cache);
    passed++;
}

/* A field that is set again after it has expired is there once, also when the clock goes back to
 * before that. */
static void clock_goes_back(void) {
    enum { FIELDS = 3000 };
    struct ferrite *cache = new_cache(1 << 20, POLICY_NOEVICTION);
    char word[32];
    for (u32 i = 0; i < FIELDS; i++) {
        sprintf(word, "field:%u", i);
        ask(cache, "HSET", "h", word, "old", NULL);
        ask(cache, "HPEXPIRE", "h", "1000", "FIELDS", "1", word, NULL);
    }
    ask(cache, "HSET", "h", "other", "value", NULL);
    now_ms += 1000;
    CHECK(replied(ask(cache, "HLEN", "h", NULL), ":1\r\n"));
    for (u32 i = 0; i < FIELDS; i++) {
        sprintf(word, "field:%u", i);
        CHECK(replied(ask(cache, "HSET", "h", word, "new", NULL), ":1\r\n"));
    }
    now_ms -= 1000;
    CHECK(replied(ask(cache, "HLEN", "h", NULL), ":3001\r\n"));
    for (u32 i = 0; i < FIELDS; i++) {
        sprintf(word, "field:%u", i);
        CHECK(replied(ask(cache, "HGET", "h", word, NULL), "$3\r\nnew\r\n"));
    }
    check_store(cache);
    free(cache);
    passed++;
}

int main(int argc, char **argv) {
    test_seed(argc, argv);
    static const u32 policies[] = {POLICY_NOEVICTION, POLICY_ALLKEYS_RANDOM};
    for (u32 i = 0; i < COUNT_OF(policies); i++) {
        under_pressure(policies[i], 20);
        under_pressure(policies[i], 2000);
    }
    all_or_none();
    at_once(1);
    at_once(2);
    small_ones();
    clock_goes_back();
    fprintf(stderr, "%u commands refused, %u of expiries in a full cache; %u on large hashes\n",
            refused, taken_back, trees);
    CHECK(refused > 100 && taken_back > 10 && trees > 1000);
    printf("fields: %u passed, 0 failed\n", passed);
}
