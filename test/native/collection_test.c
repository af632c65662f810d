/*
 * Collections under pressure: random commands in small caches, the whole cache walked now and then.
 * A command that fails for lack of memory has changed nothing; a large key that goes gives its
 * memory back before any live one goes.
 *
 *   collection_test [seed]
 */
#include "client.h"

enum { KEYS = 6, STEPS = 6000, MANY = 40 };

static u32 passed, refused, trees; /* `trees`: large collections seen */

/* Types are numbered: lists, sets, hashes, sorted sets. */
enum { LIST, SET, HASH, SORTED, TYPES };
static const char *const readers[] = {"LRANGE", "SMEMBERS", "HGETALL", "ZRANGE"};

static const char *read_all(struct ferrite *cache, u32 type, const char *key) {
    bool ranged = type == LIST || type == SORTED;
    return ask(cache, readers[type], key, ranged ? "0" : NULL, "-1",
               type == SORTED ? "WITHSCORES" : NULL, NULL);
}

/* Of what a key holds: where it has an order in that, else in any. */
static u64 digest(struct ferrite *cache, u32 type, const char *key) {
    const char *at = read_all(cache, type, key);
    u32 count = (u32)strtoul(at + 1, NULL, 10), parts = type == 2 ? 2 : 1;
    u64 all = count, one = 0;
    at = strchr(at, '\n') + 1;
    for (u32 i = 0; i < count; i++) {
        u32 len = (u32)strtoul(at + 1, NULL, 10);
        at = strchr(at, '\n') + 1;
        for (u32 j = 0; j < len; j++) one = (one ^ (u8)at[j]) * 0x100000001b3ull;
        one = (one ^ 0xff) * 0x100000001b3ull;
        at += len + 2;
        if (type == LIST || type == SORTED || (i + 1) % parts) continue;
        all += one ^ one >> 29;
        one = 0;
    }
    return all + one;
}

static u32 draw_words(char words[MANY][1600], u32 step) {
    u32 kind = draw_below(8), count = kind == 0 ? 1 + draw_below(MANY - 1) : 1 + draw_below(4);
    u32 names = draw_below(4) ? 3000 : 3; /* few: several of one name in a command */
    for (u32 i = 0; i < count; i++) {
        u32 long_one = draw_below(40) == 0 ? draw_below(1500) : draw_below(20);
        memset(words[i], 'x', long_one);
        sprintf(words[i] + long_one, "%u", draw_below(4) ? draw_below(names) : step);
        if (draw_below(30) == 0) words[i][0] = 0;
    }
    return count;
}

static void one_step(struct ferrite *cache, u32 step) {
    static char words[MANY][1600];
    static const char *const puts[] = {"LPUSH", "RPUSH", "SADD", "SADD",
                                       "HSET",  "HSET",  "ZADD", "ZADD"};
    static const char *const takes[] = {"SREM", "SREM", "HDEL", "ZREM"};
    struct slice args[MANY + 2];
    char key[16], number[16];
    u32 type = draw_below(TYPES), count = draw_words(words, step), name = draw_below(KEYS);
    sprintf(key, "%c%u", "lshz"[type], name);
    sprintf(number, "%d", (i32)draw_below(60) - 20);
    u32 what = draw_below(20);
    bool puts_some = what < 13;
    if (type >= HASH && puts_some && count % 2) count++, strcpy(words[count - 1], "value");
    for (u32 i = 0; type == SORTED && puts_some && i < count; i += 2)
        sprintf(words[i], "%d", (i32)draw_below(200) - 100);
    const char *verb = puts_some ? puts[type * 2 + draw_below(2)] : takes[type];
    if (what == 19) {
        ask(cache, "DEL", key, NULL);
        return;
    }
    if (what == 18) {
        static const char *const copies[] = {"l0", "s0", "h0", "z0"};
        ask(cache, "COPY", key, copies[type], "REPLACE", NULL);
        return;
    }
    if (what == 17) {
        static const char *const names[] = {"l1", "s1", "h1", "z1"};
        ask(cache, "RENAME", key, names[type], NULL);
        return;
    }
    if (what == 16 && type == SORTED) {
        ask(cache, "ZPOPMIN", key, NULL);
        ask(cache, "ZPOPMAX", "z1", "3", NULL);
        ask(cache, "ZINCRBY", key, number, words[0], NULL);
        ask(cache, "ZRANGESTORE", "z3", key, number, "99", "BYSCORE", NULL);
        ask(cache, "ZUNIONSTORE", "z4", "3", key, "z2", "s1", NULL);
        ask(cache, "ZINTERSTORE", "z2", "2", key, "z2", NULL);
        ask(cache, "SUNIONSTORE", "s3", "s0", "s1", "s2", NULL);
        ask(cache, "SDIFFSTORE", "s4", "s3", "s1", NULL);
        ask(cache, "ZUNION", "2", key, "z3", "WITHSCORES", NULL);
        return;
    }
    if (what == 16) {
        const char *other = type == 0 ? "l2" : "s2";
        ask(cache, "RPOP", type == 0 ? key : "l0", number, NULL);
        ask(cache, "LPOP", "l1", NULL);
        ask(cache, "LMOVE", type == 0 ? key : "l0", type == 0 ? other : "l0", "LEFT", "RIGHT",
            NULL);
        ask(cache, "RPOPLPUSH", "l2", "l0", NULL);
        ask(cache, "BLMPOP", "0", "2", "l2", "l1", "RIGHT", "COUNT", "3", NULL);
        ask(cache, "BRPOP", "l1", "l0", "0", NULL);
        ask(cache, "HINCRBYFLOAT", "h0", words[0], step % 8 ? "0.1" : "1e2000", NULL);
        ask(cache, "SPOP", "s0", NULL);
        ask(cache, "SPOP", type == 1 ? key : "s1", number, NULL);
        ask(cache, "SMOVE", "s2", "s1", words[0], NULL);
        return;
    }
    u64 before = digest(cache, type, key);
    const char *reply;
    if (!puts_some && type == 0) {
        static const char *const verbs[] = {"LTRIM", "LTRIM", "LSET", "LREM"};
        verb = verbs[draw_below(4)];
        reply = ask(cache, verb, key, number, what & 1 ? "-2" : words[0], NULL);
    } else {
        args[0] = string_slice(verb);
        args[1] = string_slice(key);
        for (u32 i = 0; i < count; i++) args[i + 2] = string_slice(words[i]);
        reply = ask_slices(cache, count + 2, args);
    }
    if (reply && strncmp(reply, "-OOM", 4) == 0) {
        u32 policy = cache->store.policy;
        if (policy == POLICY_NOEVICTION && digest(cache, type, key) != before) {
            fprintf(stderr, "step %u: %s %s was refused and changed it\n", step, verb, key);
            abort();
        }
        refused++;
    }
    struct entry entry;
    if (store_find(&cache->store, string_slice(key), &entry))
        trees += (entry.type & TYPE_TREE) != 0;
}

/* Of a full cache, a little is free again, in holes. */
static void fill(struct ferrite *cache, u32 keys) {
    static char value[700];
    char key[16];
    memset(value, 'v', sizeof value - 1);
    for (u32 i = 0; i < keys; i++) {
        sprintf(key, "fill:%u", i);
        value[draw_below(sizeof value - 1)] = 0;
        ask(cache, "SET", key, value, NULL);
        memset(value, 'v', sizeof value - 1);
    }
    for (u32 i = 0; i < keys; i += 30) {
        sprintf(key, "fill:%u", i);
        ask(cache, "DEL", key, NULL);
    }
}

static void random_commands(u64 budget, u32 policy) {
    struct ferrite *cache = new_cache(budget, policy);
    fill(cache, (u32)(budget / 256));
    for (u32 step = 0; step < STEPS; step++) {
        one_step(cache, step);
        if (step % 16 == 0) check_store(cache);
        if (step % 512 == 0) fill(cache, (u32)(budget / 256));
        now_ms += draw_below(3);
    }
    for (u32 ticks = 0; cache->store.retired; ticks++) {
        CHECK(ticks < 1000);
        ferrite_tick(cache, (double)now_ms);
    }
    check_store(cache);
    free(cache);
    passed++;
}

/* A set of most of the memory is deleted; what comes after finds the room, and nothing live goes.
 */
static void deleted_is_room(void) {
    struct ferrite *cache = new_cache(4 << 20, POLICY_ALLKEYS_LRU);
    char text[64];
    ask(cache, "SET", "bystander", "alive", NULL);
    for (u32 i = 0;
         cache->store.stats.gone[CHANGE_EVICTED] == 0 && store_used_bytes(&cache->store) < 3700000;
         i++) {
        sprintf(text, "member:%u", i);
        ask(cache, "SADD", "large", text, NULL);
    }
    static char large[1000000];
    memset(large, 'l', sizeof large - 1);
    CHECK(replied(ask(cache, "DEL", "large", NULL), ":1\r\n"));
    CHECK(replied(ask(cache, "SET", "at once", large, NULL), "+OK\r\n"));
    for (u32 i = 0; i < 20000; i++) {
        sprintf(text, "key:%u", i);
        ask(cache, "SET", text, "a value of some more than thirty-two bytes, all in all sixty-four",
            NULL);
    }
    CHECK(cache->store.stats.gone[CHANGE_EVICTED] == 0);
    CHECK(replied(ask(cache, "GET", "bystander", NULL), "$5\r\nalive\r\n"));
    check_store(cache);
    free(cache);
    passed++;
}

/* Members drawn at random are there, none twice, and each comes as often as the others. */
static void drawn_evenly(void) {
    enum { MEMBERS = 700, DRAWN = 9, ROUNDS = 20000 };
    static u32 often[MEMBERS];
    struct ferrite *cache = new_cache(1 << 20, POLICY_NOEVICTION);
    char name[16];
    for (u32 i = 0; i < MEMBERS; i++) {
        sprintf(name, "%u", i);
        ask(cache, "SADD", "s", name, NULL);
    }
    for (u32 round = 0; round < ROUNDS; round++) {
        static u32 last[MEMBERS];
        const char *at = ask(cache, "SRANDMEMBER", "s", "9", NULL);
        CHECK(strncmp(at, "*9\r\n", 4) == 0);
        for (u32 i = 0; i < DRAWN; i++) {
            at = strchr(strchr(at, '$'), '\n') + 1;
            u32 member = (u32)strtoul(at, NULL, 10);
            CHECK(member < MEMBERS && last[member] != round + 1);
            last[member] = round + 1;
            often[member]++;
        }
    }
    const double mean = (double)(ROUNDS * DRAWN) / (double)MEMBERS;
    double sum = 0;
    for (u32 i = 0; i < MEMBERS; i++) sum += (often[i] - mean) * (often[i] - mean) / mean;
    CHECK(sum > 500 && sum < 900); /* chi squared: five of its deviations around 700 */
    free(cache);
    passed++;
}

/* The name of a member: some are as large as a leaf. */
static const char *member_name(u32 i, u32 kind) {
    static char name[2000];
    u32 share = i * 2654435761u >> 30;
    u32 len = kind == 0 ? 0 : kind == 1 ? (share ? 0 : 1200) : 900 + share * 100;
    memset(name, 'x', len);
    sprintf(name + len, "%u", i);
    return name;
}

/* One step of a scan; marks what it shows. */
static void scan_some(struct ferrite *cache, char cursor[24], u8 *seen) {
    const char *at = ask(cache, "SSCAN", "s", cursor, "COUNT", "20", NULL);
    CHECK(strncmp(at, "*2\r\n", 4) == 0);
    at = strchr(at + 5, '\n') + 1;
    u32 len = (u32)strcspn(at, "\r");
    memcpy(cursor, at, len);
    cursor[len] = 0;
    u32 count = (u32)strtoul(at + len + 3, NULL, 10);
    at = strchr(at + len + 2, '\n') + 1;
    for (u32 i = 0; i < count; i++) {
        len = (u32)strtoul(at + 1, NULL, 10);
        at = strchr(at, '\n') + 1;
        u32 digits = len;
        while (digits && at[digits - 1] != 'x') digits--;
        seen[strtoul(at + digits, NULL, 10)] = 1;
        at += len + 2;
    }
}

/* A large set grows and shrinks again and again: what should be there is found, and a scan
 * meanwhile shows all that stay. */
static void found_and_scanned(void) {
    enum { MEMBERS = 6000, STEPS_OF_PHASE = 15000, PHASES = 4, STAYING = 7 };
    static u8 there[MEMBERS], seen[MEMBERS];
    for (u32 kind = 0; kind < 3; kind++) {
        struct ferrite *cache = new_cache(64 << 20, POLICY_NOEVICTION);
        char cursor[24] = "0";
        memset(there, 0, sizeof there);
        memset(seen, 0, sizeof seen);
        u32 scans = 0;
        for (u32 i = 0; i < MEMBERS; i += STAYING)
            there[i] = ask(cache, "SADD", "s", member_name(i, kind), NULL)[1] == '1';
        for (u32 step = 0; step < STEPS_OF_PHASE * PHASES; step++) {
            bool grows = step / STEPS_OF_PHASE % 2 == 0;
            u32 i = draw_below(MEMBERS);
            bool add = i % STAYING == 0 || draw_below(10) < (grows ? 8 : 2);
            const char *reply = ask(cache, add ? "SADD" : "SREM", "s", member_name(i, kind), NULL);
            CHECK(reply[1] == (there[i] == add ? '0' : '1'));
            there[i] = add;
            if (step % 8 == 0) scan_some(cache, cursor, seen);
            if (step % 8 || strcmp(cursor, "0") != 0) continue;
            for (u32 j = 0; j < MEMBERS; j += STAYING) CHECK(seen[j]);
            memset(seen, 0, sizeof seen);
            scans++;
            check_store(cache);
        }
        CHECK(scans > 20);
        free(cache);
        passed++;
    }
}

/* Where keys without an expiry are spared, a large one's first expiry finds room as long as others
 * may go. */
static void first_expiries_fit(void) {
    enum { ROUNDS = 25, KEYS = 200 };
    static char body[20001], head[700];
    memset(body, 'b', sizeof body - 1);
    for (u32 round = 0; round < ROUNDS; round++) {
        struct ferrite *cache = new_cache(1 << 20, POLICY_VOLATILE_LRU);
        memset(head, 'h', sizeof head - 1);
        head[sizeof head - 1 - round] = 0;
        for (u32 i = 0; i < KEYS; i++) {
            char key[40];
            snprintf(key, sizeof key, "page:%u:%u", round, i);
            CHECK(replied(ask(cache, "HSET", key, "vary", "", "head", head, "body", body, NULL),
                          ":3\r\n"));
            CHECK(replied(ask(cache, "HPEXPIRE", key, "60000", "FIELDS", "2", "head", "body", NULL),
                          "*2\r\n:1\r\n:1\r\n"));
            CHECK(replied(ask(cache, "PEXPIRE", key, "60000", NULL), ":1\r\n"));
        }
        check_store(cache);
        free(cache);
    }
    passed++;
}

/* Making room for a command may take any key but those it works on. (For the window of a long
 * request, a call of its own, any key may go: then SMOVE finds none.) */
static void own_keys_stay(void) {
    enum { ROUNDS = 2000, FILLERS = 12, VALUE_MOST = 9000, WINDOW = 2048 };
    u32 added = 0, missed = 0;
    static char filler[30000], value[VALUE_MOST];
    struct ferrite *cache = new_cache(256 << 10, POLICY_ALLKEYS_RANDOM);
    memset(filler, 'f', sizeof filler - 1);
    for (u32 i = 0; i < ROUNDS; i++) {
        char key[16];
        for (u32 j = 0; j < FILLERS; j++) {
            sprintf(key, "fill:%u", j);
            ask(cache, "SET", key, filler, NULL);
        }
        memset(value, 'v', sizeof value);
        value[draw_below(VALUE_MOST)] = 0;
        if (replied(ask(cache, "RPUSH", "l1", value, NULL), ":1\r\n")) {
            CHECK(ask(cache, "LMOVE", "l1", "l2", "LEFT", "RIGHT", NULL)[1] != '-');
            CHECK(replied(ask(cache, "EXISTS", "l1", "l2", NULL), ":1\r\n"));
        }
        ask(cache, "LMOVE", "l2", "l2", "RIGHT", "LEFT", NULL);
        if (replied(ask(cache, "SADD", "s1", value, NULL), ":1\r\n")) {
            const char *reply = ask(cache, "SMOVE", "s1", "s2", value, NULL);
            bool found = replied(reply, ":1\r\n");
            CHECK(found || (strlen(value) > WINDOW - 100 && replied(reply, ":0\r\n")));
            added++;
            missed += !found;
        }
        CHECK(ask(cache, "HSET", "h", "a", value, "b", value, "c", value, NULL)[1] != '-');
        CHECK(replied(ask(cache, "HLEN", "h", NULL), ":3\r\n"));
        check_store(cache);
    }
    CHECK(added > ROUNDS / 2 && missed < added / 20);
    free(cache);
    passed++;
}

/* The host asks no further for a reply that is larger than the window: what it showed goes. */
static void given_up(void) {
    static const char *const requests[] = {"LPOP list\r\n", "LMPOP 1 list RIGHT COUNT 2\r\n",
                                           "SPOP set 3\r\n"};
    static char value[100000];
    struct ferrite *cache = new_cache(4 << 20, POLICY_ALLKEYS_LRU);
    struct ferrite_io *io = ferrite_io(cache);
    memset(value, 'v', sizeof value - 1);
    for (u32 i = 0; i < 5; i++) {
        value[0] = (char)('a' + i);
        ask(cache, "RPUSH", "list", value, NULL);
        ask(cache, "SADD", "set", value, NULL);
    }
    for (u32 i = 0; i < COUNT_OF(requests); i++) {
        size_t len = strlen(requests[i]);
        ferrite_request(cache, 0, (double)now_ms);
        memcpy(io->request, requests[i], len);
        CHECK(ferrite_run(cache, 0, len, FERRITE_RESP2, (double)now_ms) == FERRITE_MORE);
        CHECK(replied(ask(cache, "LLEN", "list", NULL), i == 0 ? ":4\r\n" : ":2\r\n"));
        CHECK(replied(ask(cache, "SCARD", "set", NULL), i == 2 ? ":2\r\n" : ":5\r\n"));
        check_store(cache);
    }
    memcpy(io->request, requests[0], strlen(requests[0]));
    CHECK(ferrite_run(cache, 0, strlen(requests[0]), FERRITE_RESP2, (double)now_ms) ==
          FERRITE_MORE);
    memcpy(io->request, "listtext", 8); /* given up for another kind of call, which takes its key */
    CHECK(ferrite_set(cache, 4, 4, 0, 0, (double)now_ms) == FERRITE_OK);
    CHECK(replied(ask(cache, "GET", "list", NULL), "$4\r\ntext\r\n"));
    check_store(cache);
    free(cache);
    passed++;
}

/* What becomes larger where it lies becomes a tree like any other; what shrinks there gives memory
 * back. */
static void replaced(void) {
    enum { ITEMS = 40, LARGE = 50000 };
    static char value[LARGE + 1];
    struct ferrite *cache = new_cache(8 << 20, POLICY_ALLKEYS_LRU);
    struct entry entry;
    for (u32 i = 0; i < ITEMS; i++) {
        char name[12];
        sprintf(name, "%u", i);
        ask(cache, "HSET", "hash", name, "v", NULL);
        ask(cache, "RPUSH", "list", "v", NULL);
    }
    u32 before = store_used_bytes(&cache->store);
    memset(value, 'v', LARGE);
    for (u32 len = LARGE; len; len = len > 1 ? 1 : 0) {
        value[len] = 0;
        for (u32 i = 0; i < ITEMS; i++) {
            char name[12];
            sprintf(name, "%u", i);
            CHECK(replied(ask(cache, "HSET", "hash", name, value, NULL), ":0\r\n"));
            CHECK(replied(ask(cache, "LSET", "list", name, value, NULL), "+OK\r\n"));
        }
        CHECK(store_find(&cache->store, SLICE("hash"), &entry) && entry.type & TYPE_TREE);
        CHECK(store_find(&cache->store, SLICE("list"), &entry) && entry.type & TYPE_TREE);
        check_store(cache);
    }
    ferrite_request(cache, 0, (double)now_ms); /* the large window goes */
    CHECK(store_used_bytes(&cache->store) < before + 16384);
    free(cache);
    passed++;
}

/* Members of a large sorted set get other scores, one at a time, within a leaf and from one to
 * another, while memory is full and all that is not held moves; one that is refused keeps its own.
 */
static void rescored(u32 policy, i32 scores) {
    enum { MEMBERS = 3000, STEPS = 20000, TEXT = 16 };
    static i32 score_of[MEMBERS];
    static char value[2000];
    struct ferrite *cache = new_cache(512 << 10, policy);
    char member[TEXT], score[TEXT], key[TEXT];
    u32 moved = 0;
    for (u32 i = 0; i < MEMBERS; i++) {
        score_of[i] = (i32)i % scores;
        sprintf(member, "member:%u", i);
        sprintf(score, "%d", score_of[i]);
        CHECK(replied(ask(cache, "ZADD", "board", score, member, NULL), ":1\r\n"));
    }
    for (u32 step = 0; step < STEPS; step++) {
        u32 i = draw_below(MEMBERS), len = draw_below(sizeof value - 1);
        i32 other = (i32)draw_below((u32)scores), by = (i32)draw_below(5) - 2;
        bool adds = draw_below(2);
        memset(value, 'v', len);
        value[len] = 0;
        sprintf(key, "key:%u", draw_below(400));
        ask(cache, draw_below(4) ? "SET" : "GETDEL", key, draw_below(4) ? value : NULL, NULL);
        sprintf(member, "member:%u", i);
        sprintf(score, "%d", adds ? other : by);
        const char *reply = ask(cache, adds ? "ZADD" : "ZINCRBY", "board", score, member, NULL);
        if (*reply != '-') {
            moved++;
            score_of[i] = adds ? other : score_of[i] + by;
        }
        sprintf(score, "%d", score_of[i]);
        sprintf(key, "$%u\r\n%s\r\n", (u32)strlen(score), score);
        CHECK(replied(ask(cache, "ZSCORE", "board", member, NULL), key));
        if (step % 64 == 0) check_store(cache);
    }
    CHECK(replied(ask(cache, "ZCARD", "board", NULL), ":3000\r\n") && moved > STEPS / 2);
    check_store(cache);
    free(cache);
    passed++;
}

int main(int argc, char **argv) {
    static const u32 policies[] = {POLICY_NOEVICTION, POLICY_ALLKEYS_LRU, POLICY_ALLKEYS_RANDOM};
    static const u64 budgets[] = {256 << 10, 512 << 10, 2 << 20};
    test_seed(argc, argv);
    for (u32 i = 0; i < COUNT_OF(budgets); i++)
        for (u32 j = 0; j < COUNT_OF(policies); j++) random_commands(budgets[i], policies[j]);
    deleted_is_room();
    found_and_scanned();
    drawn_evenly();
    first_expiries_fit();
    own_keys_stay();
    given_up();
    replaced();
    for (u32 j = 0; j < COUNT_OF(policies) - 1; j++) {
        rescored(policies[j], 20);
        rescored(policies[j], 100000);
    }
    fprintf(stderr, "%u commands refused, %u on large collections\n", refused, trees);
    CHECK(refused > 100 && trees > 1000);
    printf("collection: %u passed, 0 failed\n", passed);
}
