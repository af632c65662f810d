/*
 * A full cache: what goes, what stays, and what still works.
 *
 * Each policy gives up the keys it should, and no others; expired keys go before live ones, and
 * their memory comes back though nobody reads them; what could not fit anyway evicts nothing; and
 * with nothing to evict, each command that Redis lets through then succeeds, one by one.
 *
 * Argument: the seed.
 */
#include "client.h"
#include "heap/pages_native.h"

enum { KEYS_MOST = 40000, MINUTE_MS = 60000 };

static struct ferrite *cache;
static u32 passed;

static void start(u64 budget, u32 policy) {
    free(cache);
    cache = new_cache(budget, policy);
}

static u32 write_name(char *to, const char *kind, u32 i) {
    return (u32)sprintf(to, "%s:%u", kind, i);
}

/* SET of a value of that length; ttl_ms 0: none. False: refused. */
static bool set(const char *kind, u32 i, u32 len, u32 ttl_ms) {
    struct ferrite_io *io = ferrite_io(cache);
    if (len + 32 > io->request_capacity &&
        ferrite_request(cache, len + 32, (double)now_ms) != FERRITE_OK)
        return false;
    u32 key_len = write_name((char *)io->request, kind, i);
    memset(io->request + key_len, 'v', len);
    return ferrite_set(cache, key_len, len, 0, ttl_ms, (double)now_ms) == FERRITE_OK;
}

static bool has(const char *kind, u32 i) {
    u8 name[64];
    struct entry entry;
    struct slice key = {name, write_name((char *)name, kind, i)};
    return store_find(&cache->store, key, &entry);
}

static void use(const char *kind, u32 i) {
    struct ferrite_io *io = ferrite_io(cache);
    u32 key_len = write_name((char *)io->request, kind, i);
    CHECK(ferrite_get(cache, key_len, (double)now_ms) == FERRITE_OK);
}

static u32 count(const char *kind, u32 from, u32 to) {
    u32 n = 0;
    for (u32 i = from; i < to; i++) n += has(kind, i);
    return n;
}

static u64 evicted(void) {
    return cache->store.stats.gone[CHANGE_EVICTED];
}

/* New keys until so many have been evicted. */
static void press(u64 victims, u32 ttl_ms) {
    for (u32 i = 0; evicted() < victims; i++) CHECK(set("new", i, 40, ttl_ms));
}

/* --- the policies ----------------------------------------------------------------------------- */

/* How many of the first half and of the second were given up, under a policy that is to prefer the
 * first: it is older, or less used, or expires sooner. */
static void test_preference(u32 policy, bool prefers) {
    u32 n = 0;
    start(1 << 20, policy);
    while (evicted() == 0 && n < KEYS_MOST) {
        now_ms += n % 16 == 0;
        set("key", n, 40, 10 * MINUTE_MS + n * 1000);
        n++;
    }
    u32 half = n / 2;
    for (u32 round = 0; round < 20; round++)
        for (u32 i = half; i < n; i++)
            if (has("key", i)) use("key", i);
    press(evicted() + n / 8, 100 * MINUTE_MS);
    u32 first = half - count("key", 0, half), second = n - half - count("key", half, n);
    CHECK(first + second > n / 16);
    if (prefers)
        CHECK(second <=
              first / 10); /* a few go with the window that is cleared for an index part */
    else
        CHECK(second > first / 2 && first > second / 2);
    check_store(cache);
    passed++;
}

/* Keys without an expiry stay, and when the others are gone, nothing more fits. */
static void test_volatile(u32 policy) {
    u32 stay = 0, go = 0;
    start(1 << 20, policy);
    while (stay < 3000) CHECK(set("stay", stay++, 40, 0));
    while (evicted() == 0) CHECK(set("go", go++, 40, 10 * MINUTE_MS));
    u32 more = 0;
    while (set("more", more, 40, 0)) more++;
    CHECK(more > go / 2);
    CHECK(count("stay", 0, stay) == stay && count("go", 0, go) == 0);
    CHECK(count("more", 0, more) == more && store_count_volatile(&cache->store) == 0);
    check_store(cache);
    passed++;
}

/* GET, and SET on a miss. */
static void fetch(const char *kind, u32 i, u32 len) {
    if (has(kind, i))
        use(kind, i);
    else
        CHECK(set(kind, i, len, 1000 * MINUTE_MS));
}

/* Short and long keys that are asked for alike, twice what fits, and a few long ones that are asked
 * for often: adaptive policies keep the short ones and those that are used for their size. (LRU
 * keeps half of the short ones.) What is not asked for any more goes, however often it was. */
static void test_size(u32 policy) {
    enum { SHORTS = 6000, LONGS = 1000, OFTEN = 20, SHORT_BYTES = 40, LONG_BYTES = 1500 };
    bool by_bytes = policy >= POLICY_ALLKEYS_ADAPTIVE_BYTES;
    start(1 << 20, policy);
    for (u32 i = 0; i < 400000; i++) {
        fetch("short", draw_below(SHORTS), SHORT_BYTES);
        if (i % 6 == 0) fetch("long", draw_below(LONGS), LONG_BYTES);
        if (i % 64 == 0) fetch("often", draw_below(OFTEN), LONG_BYTES);
    }
    u32 shorts = count("short", 0, SHORTS);
    CHECK(by_bytes ? shorts > SHORTS * 8 / 10 && shorts < SHORTS : shorts > SHORTS * 99 / 100);
    CHECK(count("often", 0, OFTEN) > OFTEN * 8 / 10);
    for (u32 i = 0; i < 400000; i++) fetch("late", draw_below(4 * SHORTS), SHORT_BYTES);
    CHECK(count("short", 0, SHORTS) < SHORTS / 100 && count("often", 0, OFTEN) < OFTEN / 10);
    check_store(cache);
    passed++;
}

static bool is_marked(const char *kind, u32 i) {
    u8 name[64];
    struct entry entry;
    struct slice key = {name, write_name((char *)name, kind, i)};
    return slot_word(store_look(&cache->store, key, hash_of(&cache->store, key), &entry)) &
           WORD_RETURNED;
}

/* Adaptive policies know a key that comes back soon after it was evicted, and keep it for longer
 * than a new one that was put after it. */
static void test_returned(u32 policy) {
    enum { SOME = 1000 };
    u32 back[SOME], n = 0, puts = 0, known = 0, mistaken = 0, stay = 0;
    start(1 << 20, policy);
    while (evicted() < 2 * SOME) CHECK(set("key", n++, 40, 1000 * MINUTE_MS));
    for (u32 i = 0; puts < SOME; i++) {
        if (has("key", i)) continue;
        CHECK(set("key", i, 40, 1000 * MINUTE_MS));
        known += is_marked("key", i);
        back[puts++] = i;
    }
    for (u32 i = 0; i < SOME; i++) {
        CHECK(set("stranger", i, 40, 1000 * MINUTE_MS));
        mistaken += is_marked("stranger", i);
    }
    if (!policy_is_adaptive(policy)) {
        CHECK(known == 0 && mistaken == 0);
        passed++;
        return;
    }
    CHECK(known > SOME * 2 / 3 && mistaken < SOME / 20);
    press(evicted() + n, 1000 * MINUTE_MS);
    for (u32 i = 0; i < SOME; i++) stay += has("key", back[i]);
    CHECK(stay > SOME / 2 && stay > 4 * count("stranger", 0, SOME));
    check_store(cache);
    passed++;
}

/* --- expired keys ----------------------------------------------------------------------------- */

static void test_expired_first(u32 policy) {
    u32 live = 0, dead = 0;
    start(1 << 20, policy);
    while (evicted() == 0) {
        set("live", live++, 40, 0);
        set("dead", dead++, 40, 1000);
    }
    u64 before = evicted();
    now_ms += 1000;
    for (u32 i = 0; i < dead / 2; i++) CHECK(set("new", i, 40, 0));
    CHECK(evicted() - before <= dead / 100 && count("dead", 0, dead) == 0);
    passed++;
}

static void test_memory_comes_back(u32 policy) {
    u32 n = 0;
    start(1 << 20, policy);
    while (store_used_bytes(&cache->store) < 900 << 10) set("key", n++, 40, 1000);
    CHECK(store_count(&cache->store) == n);
    now_ms += 1000;
    for (u32 i = 0; i < 120 * 10 && store_count(&cache->store); i++) {
        now_ms += 100;
        ferrite_tick(cache, (double)now_ms);
    }
    CHECK(store_count(&cache->store) == 0 && cache->store.stats.gone[CHANGE_EXPIRED] == n &&
          evicted() == 0);
    CHECK(store_used_bytes(&cache->store) < 40 << 10);
    check_store(cache);
    passed++;
}

/* --- too large -------------------------------------------------------------------------------- */

static void test_too_large(u32 policy) {
    u32 n = 0;
    start(1 << 20, policy);
    while (store_used_bytes(&cache->store) < 900 << 10) set("key", n++, 40, MINUTE_MS);
    struct ferrite_io *io = ferrite_io(cache);
    memcpy(io->request, "large", 5);
    CHECK(ferrite_reserve(cache, 5, 1 << 20, 0, 0, (double)now_ms) == FERRITE_TOO_LARGE);
    CHECK(ferrite_request(cache, 1 << 20, (double)now_ms) == FERRITE_TOO_LARGE);
    CHECK(replied(ask(cache, "SETRANGE", "key:1", "1048576", "x", NULL),
                  "-OOM command not allowed when used memory > 'maxmemory'.\r\n"));
    CHECK(evicted() == 0 && store_count(&cache->store) == n);
    passed++;
}

/* --- never refused ---------------------------------------------------------------------------- */

/* Where all may go, there is room for whatever fits, though large values come among thousands of
 * the least, between the index's parts, which stay. */
static void test_never_refused(u32 policy) {
    start(1 << 20, policy);
    for (u32 i = 0; i < 100000; i++)
        CHECK(set("key", i, draw_below(1000) ? draw_below(3) : draw_below(128 << 10), 0));
    check_store(cache);
    passed++;
}

/* The same of commands that look at much themselves. */
static void test_long_commands(u32 policy) {
    enum { ITEMS = 1500, TURNS = 20 };
    static char texts[ITEMS][24];
    static struct slice args[2 + 2 * ITEMS];
    start(4 << 20, policy);
    for (u32 i = 0; i < ITEMS; i++) {
        struct slice text = {(const u8 *)texts[i], (u32)sprintf(texts[i], "%u", 100000 + i)};
        args[2 + 2 * i] = args[3 + 2 * i] = text;
    }
    for (u32 turn = 0, n = 0; turn < TURNS; turn++) {
        while (evicted() < turn * 1000 + 1) CHECK(set("key", n++, 60, 0));
        args[0] = turn % 2 ? SLICE("ZADD") : SLICE("HSET");
        args[1] = turn % 2 ? SLICE("board") : SLICE("hash");
        CHECK(*ask_slices(cache, 2 + 2 * ITEMS, args) == ':');
        CHECK(*ask(cache, "COPY", "board", "copy", "REPLACE", NULL) == ':');
        CHECK(*ask(cache, "ZUNIONSTORE", "union", "2", "board", "copy", NULL) == ':');
    }
    check_store(cache);
    passed++;
}

/* What becomes shorter does so in its place, however low maxmemory is. */
static void test_shorter(u32 policy) {
    start(1 << 20, policy);
    CHECK(replied(ask(cache, "SADD", "one", "1a", "1b", "1c", NULL), ":3\r\n"));
    CHECK(replied(ask(cache, "SADD", "other", "1b", "zz", "1a", NULL), ":3\r\n"));
    CHECK(replied(ask(cache, "CONFIG", "SET", "maxmemory", "1", NULL), "+OK\r\n"));
    CHECK(replied(ask(cache, "SREM", "one", "1a", "1b", "zz", NULL), ":2\r\n"));
    CHECK(replied(ask(cache, "SMEMBERS", "one", NULL), "*1\r\n$2\r\n1c\r\n"));
    CHECK(replied(ask(cache, "SMISMEMBER", "other", "1a", "1b", "zz", NULL),
                  "*3\r\n:1\r\n:1\r\n:1\r\n"));
    check_store(cache);
    passed++;
}

/* Where maxmemory was lowered, and then the host gave less than that, FLUSHALL leaves a cache that
 * works. */
static void test_flushed(u32 policy) {
    start(1 << 20, policy);
    CHECK(replied(ask(cache, "CONFIG", "SET", "maxmemory", "300000", NULL), "+OK\r\n"));
    CHECK(ferrite_tick(cache, (double)++now_ms) == FERRITE_OK);
    pages_native_refuse_above = 128 << 10;
    for (u32 i = 0; store_committed_bytes(&cache->store) < cache->store.heap.limit * UNIT; i++)
        set("key", i, 1000, 0);
    CHECK(replied(ask(cache, "FLUSHALL", NULL), "+OK\r\n"));
    check_store(cache);
    set("key", 1, 40, 0);
    pages_native_refuse_above = ~(u64)0;
    CHECK(replied(ask(cache, "CONFIG", "SET", "maxmemory", "0", NULL), "+OK\r\n"));
    CHECK(ferrite_tick(cache, (double)++now_ms) == FERRITE_OK && set("key", 1, 40, 0));
    check_store(cache);
    passed++;
}

/* Where maxmemory was lowered, and the host then gives less than that, all it gives is used. */
static void test_lowered_and_refused(void) {
    enum { GIVEN = 448 << 10 };
    start(1 << 20, POLICY_ALLKEYS_LRU);
    CHECK(replied(ask(cache, "CONFIG", "SET", "maxmemory", "600000", NULL), "+OK\r\n"));
    CHECK(ferrite_tick(cache, (double)++now_ms) == FERRITE_OK);
    pages_native_refuse_above = GIVEN;
    for (u32 i = 0, most = 0; i < 9000; i++) {
        CHECK(set("key", i, 100, 0));
        most = max_u32(most, store_used_bytes(&cache->store));
        CHECK(store_used_bytes(&cache->store) > most - most / 32);
    }
    CHECK(cache->store.heap.limit * UNIT == GIVEN);
    CHECK(store_used_bytes(&cache->store) > GIVEN - GIVEN / 32);
    pages_native_refuse_above = ~(u64)0;
    check_store(cache);
    passed++;
}

/* What an MSET might take at the very most is no reason to ask a host for it that may not give as
 * much, since what it refuses is never asked for again. */
static void test_little_given(u32 policy) {
    enum { GIVEN = 448 << 10, PAIRS = 200 };
    static char names[PAIRS][16];
    struct slice args[1 + 2 * PAIRS] = {string_slice("MSET")};
    for (u32 i = 0; i < PAIRS; i++) {
        sprintf(names[i], "pair:%u", i);
        args[1 + 2 * i] = args[2 + 2 * i] = string_slice(names[i]);
    }
    start(1 << 20, policy);
    pages_native_refuse_above = GIVEN;
    CHECK(replied(ask_slices(cache, 1 + 2 * PAIRS, args), "+OK\r\n"));
    CHECK(store_committed_bytes(&cache->store) < GIVEN / 2);
    for (u32 i = 0; i < 2500; i++) CHECK(set("key", i, 100, 0));
    CHECK(store_used_bytes(&cache->store) > GIVEN - GIVEN / 3);
    pages_native_refuse_above = ~(u64)0;
    check_store(cache);
    passed++;
}

/* An MSET that names a key twice, which may be evicted before either value is put, and after: what
 * is there in the end, if anything, is the second value. */
static void test_named_twice(u32 policy) {
    enum { OTHERS = 100, BYTES = 3000, ROUNDS = 300 };
    static char values[3][BYTES + 1], names[OTHERS][16];
    struct slice args[1 + 2 * (OTHERS + 2)] = {string_slice("MSET")};
    u32 gone = 0, kept = 0;
    for (u32 i = 0; i < 3; i++) memset(values[i], 'a' + (int)i, BYTES);
    start(1 << 20, policy);
    for (u32 round = 0; round < ROUNDS; round++) {
        u32 argc = 1, again = 1 + draw_below(OTHERS - 1);
        CHECK(replied(ask(cache, "SET", "twice", values[0], NULL), "+OK\r\n"));
        for (u32 i = 0; i < OTHERS; i++) {
            if (i == 0 || i == again) {
                args[argc++] = string_slice("twice");
                args[argc++] = string_slice(values[i ? 2 : 1]);
            }
            sprintf(names[i], "other:%u", draw_below(9999));
            args[argc++] = string_slice(names[i]);
            args[argc++] = string_slice(values[0]);
        }
        CHECK(replied(ask_slices(cache, argc, args), "+OK\r\n"));
        ask(cache, "GETRANGE", "twice", "0", "0", NULL);
        bool is_there = replied(reply_text, "$1\r\nc\r\n");
        CHECK(is_there || replied(reply_text, "$0\r\n\r\n"));
        gone += !is_there;
        kept += is_there;
    }
    CHECK(gone && kept);
    check_store(cache);
    passed++;
}

/* --- what Redis lets through ------------------------------------------------------------------ */

struct attempt {
    const char *words[8]; /* K: a key that is there, L: a longer name that is not */
};

/* Each command of the table without CMD_DENYOOM must be here. */
static const struct attempt attempts[] = {
    {{"sdiff", "set", "other"}},
    {{"sinter", "set", "other", "set"}},
    {{"sintercard", "2", "set", "set"}},
    {{"sunion", "set", "other"}},
    {{"sort_ro", "few", "ALPHA", "DESC"}},
    {{"bzmpop", "0", "1", "zset", "MIN"}},
    {{"bzpopmax", "zset", "0"}},
    {{"bzpopmin", "zset", "0"}},
    {{"zcard", "zset"}},
    {{"zcount", "zset", "9", "99"}},
    {{"zdiff", "2", "few", "zset"}},
    {{"zinter", "2", "few", "zset"}},
    {{"zintercard", "2", "zset", "set"}},
    {{"zlexcount", "few", "-", "+"}},
    {{"zmpop", "1", "zset", "MAX"}},
    {{"zmscore", "zset", "2", "3"}},
    {{"zpopmax", "zset"}},
    {{"zpopmin", "zset"}},
    {{"zrandmember", "zset", "9"}},
    {{"zrange", "zset", "0", "-1"}},
    {{"zrangebylex", "few", "-", "+"}},
    {{"zrangebyscore", "zset", "1", "99"}},
    {{"zrank", "zset", "99"}},
    {{"zrem", "zset", "98"}},
    {{"zremrangebylex", "few", "[1", "[1"}},
    {{"zremrangebyrank", "zset", "9", "9"}},
    {{"zremrangebyscore", "zset", "5", "6"}},
    {{"zrevrange", "zset", "0", "-1"}},
    {{"zrevrangebylex", "few", "+", "-"}},
    {{"zrevrangebyscore", "zset", "99", "1"}},
    {{"zrevrank", "zset", "99"}},
    {{"zscan", "zset", "0"}},
    {{"zscore", "zset", "99"}},
    {{"zunion", "2", "few", "few"}},
    {{"bitcount", "K"}},
    {{"bitfield_ro", "K", "GET", "u8", "0"}},
    {{"bitpos", "K", "1"}},
    {{"blmpop", "0", "1", "list", "LEFT"}},
    {{"blpop", "list", "0"}},
    {{"brpop", "list", "0"}},
    {{"command", "info", "get"}},
    {{"command|count", NULL}},
    {{"command|docs", "get"}},
    {{"command|help"}},
    {{"command|info", "get"}},
    {{"config|get", "*"}},
    {{"config|help"}},
    {{"config|resetstat"}},
    {{"config|set", "maxmemory-samples", "5"}},
    {{"dbsize"}},
    {{"dump", "hash"}},
    {{"del", "K"}},
    {{"echo", "K"}},
    {{"exists", "K"}},
    {{"expire", "K", "1000"}},
    {{"expireat", "K", "9999999999"}},
    {{"expiretime", "K"}},
    {{"get", "K"}},
    {{"getbit", "K", "7"}},
    {{"getdel", "K"}},
    {{"getex", "K", "EX", "1000"}},
    {{"getrange", "K", "0", "5"}},
    {{"info"}},
    {{"keys", "K"}},
    {{"lcs", "K", "K"}},
    {{"memory|help"}},
    {{"memory|stats"}},
    {{"memory|usage", "K"}},
    {{"mget", "K", "K"}},
    {{"object|encoding", "K"}},
    {{"object|help"}},
    {{"object|idletime", "K"}},
    {{"object|refcount", "K"}},
    {{"persist", "K"}},
    {{"pexpire", "K", "1000000"}},
    {{"pexpireat", "K", "9999999999999999"}},
    {{"pexpiretime", "K"}},
    {{"pfcount", "L"}},
    {{"ping"}},
    {{"pttl", "K"}},
    {{"randomkey"}},
    {{"rename", "K", "L"}},
    {{"renamenx", "K", "L"}},
    {{"scan", "0"}},
    {{"strlen", "K"}},
    {{"substr", "K", "0", "5"}},
    {{"touch", "K"}},
    {{"ttl", "K"}},
    {{"type", "K"}},
    {{"unlink", "K"}},
    {{"object|freq", "K"}}, /* refused for another reason, under these policies */
    {{"flushdb"}},
    {{"flushall"}},
    {{"hdel", "hash", "1"}},
    {{"hexists", "hash", "1"}},
    {{"hexpiretime", "hash", "FIELDS", "1", "2"}},
    {{"hget", "hash", "2"}},
    {{"hgetall", "hash"}},
    {{"hkeys", "hash"}},
    {{"hlen", "hash"}},
    {{"hmget", "hash", "2", "3"}},
    {{"hpersist", "hash", "FIELDS", "1", "3"}},
    {{"hpexpiretime", "hash", "FIELDS", "1", "3"}},
    {{"hpttl", "hash", "FIELDS", "1", "3"}},
    {{"hrandfield", "hash", "2", "WITHVALUES"}},
    {{"hscan", "hash", "0"}},
    {{"hstrlen", "hash", "2"}},
    {{"httl", "hash", "FIELDS", "1", "3"}},
    {{"hvals", "hash"}},
    {{"lindex", "list", "9"}},
    {{"llen", "list"}},
    {{"lmpop", "1", "list", "LEFT"}},
    {{"lpop", "list"}},
    {{"lpos", "list", "7"}},
    {{"lrange", "list", "0", "-1"}},
    {{"lrem", "list", "1", "7"}},
    {{"ltrim", "list", "1", "-2"}},
    {{"rpop", "list"}},
    {{"scard", "set"}},
    {{"sismember", "set", "2"}},
    {{"smembers", "set"}},
    {{"smismember", "set", "2", "3"}},
    {{"smove", "set", "other", "2"}},
    {{"spop", "set"}},
    {{"srandmember", "set"}},
    {{"srem", "set", "3"}},
    {{"sscan", "set", "0"}},
    {{"geodist", "places", "7", "8", "km"}},
    {{"geohash", "places", "7", "x"}},
    {{"geopos", "places", "7", "x"}},
    {{"geosearch", "places", "FROMMEMBER", "7", "BYRADIUS", "9999", "km", "ASC"}},
};

static void add_collections(void) {
    char word[16];
    for (u32 i = 0; i < 600; i++) {
        sprintf(word, "%u", i);
        ask(cache, "ZADD", "zset", word, word, NULL);
        if (i < 9) ask(cache, "ZADD", "few", "0", word, NULL);
    }
    for (u32 i = 0; i < 600; i++) {
        sprintf(word, "%u", i);
        ask(cache, "HSET", "hash", word, word, NULL);
        ask(cache, "RPUSH", "list", word, NULL);
        ask(cache, "SADD", "set", word, NULL);
        if (i < 99) ask(cache, "GEOADD", "places", word, "1.5", word, NULL);
    }
    ask(cache, "SADD", "other", "a", NULL);
    ask(cache, "HEXPIRE", "hash", "1000", "FIELDS", "2", "3", "4", NULL);
}

static const struct attempt *attempt_of(const char *name) {
    for (u32 i = 0; i < COUNT_OF(attempts); i++)
        if (strcmp(attempts[i].words[0], name) == 0) return &attempts[i];
    fprintf(stderr, "no attempt of %s\n", name);
    abort();
}

/* With the words of `attempt`, in full; "a|b" as two. */
static const char *send(const struct attempt *attempt, u32 i) {
    char key[64], longer[96], first[32];
    struct slice args[9];
    u32 argc = 0;
    write_name(key, "key", i);
    sprintf(longer, "a-name-that-is-longer-than-the-one-it-had-before-now:%s", key);
    strcpy(first, attempt->words[0]);
    for (char *word = strtok(first, "|"); word; word = strtok(NULL, "|"))
        args[argc++] = (struct slice){(const u8 *)word, (u32)strlen(word)};
    for (u32 j = 1; j < 8 && attempt->words[j]; j++) {
        const char *word = attempt->words[j];
        if (strcmp(word, "K") == 0) word = key;
        if (strcmp(word, "L") == 0) word = longer;
        args[argc++] = (struct slice){(const u8 *)word, (u32)strlen(word)};
    }
    return ask_slices(cache, argc, args);
}

/* Until not even the smallest fits, in any bucket; returns how many there are by the name "key". */
static u32 fill_up(u32 len) {
    u32 n = 0;
    for (bool fits = true; fits || len; len = fits ? len : len / 2) {
        fits = set("key", n, len, 0);
        n += fits;
    }
    for (u32 i = 0, refused = 0; refused < 100; i++) refused += !set("rest", i, 0, 0);
    return n;
}

/* A longer name, or a first expiry, takes a copy of the value where there is no memory behind it:
 * of the spare, which after that may be no longer in one piece. Over 1 KiB there is room for an
 * expiry. */
static bool may_be_refused(const char *name, u32 len, u64 most) {
    if (len <= most) return false;
    return strncmp(name, "rename", 6) == 0 || (len <= 1024 && strstr(name, "expire")) ||
           strcmp(name, "getex") == 0;
}

static void test_when_full(u64 budget, u32 policy, u32 len) {
    u64 spare = budget / 128;
    for (u32 i = 0; i < COMMAND_COUNT; i++) {
        const struct command *command = &command_table[i];
        if (command->flags & (CMD_DENYOOM | CMD_CONTAINER)) continue;
        start(budget, policy);
        add_collections();
        u32 n = fill_up(len);
        CHECK(n > 10);
        const char *name = command_name(&cache->call, command);
        const struct attempt *attempt = attempt_of(name);
        for (u32 j = 0; j < 8; j++) {
            const char *reply = send(attempt, draw_below(n / 8) + j * (n / 8));
            bool refused = strcmp(name, "object|freq") == 0;
            if (may_be_refused(name, len, j ? spare / 8 : spare)) continue;
            /* Its scratch is larger than the values. */
            if (len * len / 8 > spare && strcmp(name, "lcs") == 0) continue;
            if (!reply || (*reply == '-') != refused || strncmp(reply, "-OOM", 4) == 0) {
                fprintf(stderr, "%s, %u bytes in %u KiB: %s\n", name, len, (u32)(budget >> 10),
                        reply ? reply : "no window");
                abort();
            }
        }
        check_store(cache);
        CHECK(evicted() == 0 || policy != POLICY_NOEVICTION);
    }
    passed++;
}

int main(int argc, char **argv) {
    static const u32 lens[] = {0, 60, 250, 900, 9000};
    test_seed(argc, argv);
    for (u32 policy = POLICY_ALLKEYS_LRU; policy < POLICY_COUNT; policy++) {
        test_preference(policy,
                        policy != POLICY_ALLKEYS_RANDOM && policy != POLICY_VOLATILE_RANDOM);
        if (policy_is_volatile(policy)) {
            test_volatile(policy);
        } else {
            test_expired_first(policy);
            test_never_refused(policy);
            test_long_commands(policy);
        }
        if (policy_is_adaptive(policy)) test_size(policy);
        test_returned(policy);
        if (policy == POLICY_ALLKEYS_RANDOM) test_named_twice(policy);
        test_memory_comes_back(policy);
        test_too_large(policy);
        test_little_given(policy);
    }
    test_shorter(POLICY_NOEVICTION);
    for (u32 i = 0; i < COUNT_OF(lens); i++) {
        test_when_full(256 << 10, POLICY_NOEVICTION, lens[i]);
        test_when_full(2 << 20, POLICY_VOLATILE_LRU, lens[i]);
    }
    test_flushed(POLICY_NOEVICTION);
    test_flushed(POLICY_ALLKEYS_LRU);
    test_lowered_and_refused();
    free(cache);
    printf("evict: %u passed, 0 failed\n", passed);
}
