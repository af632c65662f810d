/*
 * No pauses: whatever was done before, a call visits at most 4,096 buckets, entries, blocks, and
 * moves at most 64 KiB, plus four for each byte of the request and of the values it touches: the
 * same at 1 MiB, at 64 MiB and at 1 GiB.
 *
 * Every call of every scenario is held to that by the engine's own counters. A scenario prints the
 * calls that came nearest to the limit, or went beyond; then it has failed.
 *
 * Arguments: the seed; how many times the usual number of calls to make; the one scenario to run.
 */
#include "client.h"

enum { STEPS_MOST = 4096, MOVED_MOST = 65536, TIMES = 4 };

/* --- the measure ------------------------------------------------------------------------------ */

struct worst {
    u64 used, allowed;
    const char *call;
    u64 bytes;
};

static struct ferrite *cache;
static struct worst worst_steps, worst_moved;
static u64 calls, broken, refused;

static void begin_call(void) {
    cache->store.heap.steps = cache->store.heap.moved_bytes = 0;
}

static void weigh(struct worst *worst, u64 used, u64 allowed, const char *call, u64 bytes) {
    if (used * worst->allowed >= worst->used * allowed)
        *worst = (struct worst){used, allowed, call, bytes};
}

/* `bytes`: of the request and of the values touched. */
static void end_call(const char *call, u64 bytes) {
    const struct heap *heap = &cache->store.heap;
    u64 steps_most = STEPS_MOST + TIMES * bytes, moved_most = MOVED_MOST + TIMES * bytes;
    weigh(&worst_steps, heap->steps, steps_most, call, bytes);
    weigh(&worst_moved, heap->moved_bytes, moved_most, call, bytes);
    calls++;
    broken += heap->steps > steps_most || heap->moved_bytes > moved_most;
}

/* --- calls ------------------------------------------------------------------------------------ */

static u32 write_key(u8 *to, u32 id) {
    return (u32)sprintf((char *)to, "key:%u", id);
}

/* The length of what the key holds, found without a trace. */
static u64 len_of(u32 id) {
    u8 bytes[32];
    struct slice key = {bytes, write_key(bytes, id)};
    struct entry entry;
    store_look(&cache->store, key, hash_of(&cache->store, key), &entry);
    return entry.value_len;
}

/* Where everything may be evicted, there is always room. */
static void note_refusal(enum ferrite_status status) {
    refused += status != FERRITE_OK && !policy_may_run_dry(cache->store.policy);
}

static void set(u32 id, u32 len, u32 ttl_ms) {
    struct ferrite_io *io = ferrite_io(cache);
    u64 bytes = len_of(id) + len + 32;
    u32 key_len = write_key(io->request, id);
    begin_call();
    if (key_len + len <= io->request_capacity) {
        memset(io->request + key_len, 'v', len);
        note_refusal(ferrite_set(cache, key_len, len, 0, ttl_ms, (double)now_ms));
        end_call("set", bytes);
        return;
    }
    enum ferrite_status status = ferrite_reserve(cache, key_len, len, 0, ttl_ms, (double)now_ms);
    note_refusal(status);
    end_call("reserve", bytes);
    if (status != FERRITE_OK) return;
    memset((u8 *)(size_t)io->data, 'v', len);
    begin_call();
    CHECK(ferrite_commit(cache, (double)now_ms) != FERRITE_LOST);
    end_call("commit", bytes);
}

static void get(u32 id) {
    struct ferrite_io *io = ferrite_io(cache);
    u32 key_len = write_key(io->request, id);
    begin_call();
    ferrite_get(cache, key_len, (double)now_ms);
    end_call("get", key_len);
}

static void tick(void) {
    begin_call();
    ferrite_tick(cache, (double)now_ms);
    end_call("tick", 0);
}

static void request_window(u32 bytes) {
    begin_call();
    ferrite_request(cache, bytes, (double)now_ms);
    end_call("request", bytes);
}

/* One of the commands of up to two keys, an argument among them. */
static void command(const char *name, const char *argument, u32 id, u32 other) {
    u8 key[32], other_key[32];
    struct slice args[4] = {{(const u8 *)name, (u32)strlen(name)}};
    u64 bytes = 100 + strlen(argument);
    u32 count = 1;
    if (id) args[count++] = (struct slice){key, write_key(key, id)}, bytes += len_of(id);
    if (other)
        args[count++] = (struct slice){other_key, write_key(other_key, other)},
        bytes += len_of(other);
    if (*argument) args[count++] = (struct slice){(const u8 *)argument, (u32)strlen(argument)};
    begin_call();
    ask_slices(cache, count, args);
    end_call(name, bytes);
}

/* --- sizes ------------------------------------------------------------------------------------ */

static u32 most_len; /* of the scenario at work */

static u32 uniform_len(void) {
    return draw_below(4000);
}

/* About 4 KiB, the logarithm being bell shaped: 16 bytes to 1 MiB. */
static u32 web_len(void) {
    u32 scale = 16u << (draw_below(5) + draw_below(5) + draw_below(5) + draw_below(5));
    return min_u32(scale + draw_below(scale), most_len);
}

/* The least entries there can be, and now and then one that has to push thousands of them aside. */
static u32 adverse_len(void) {
    return draw_below(1000) ? draw_below(3) : draw_below(most_len);
}

static u32 phase_bytes;
static u32 phase_len(void) {
    return phase_bytes + draw_below(8);
}

/* --- scenarios -------------------------------------------------------------------------------- */

static u32 scale = 1;
static u64 budget;

/* All kinds of calls, most of them sets, over `keys` keys. */
static void mix(u32 count, u32 keys, u32 (*len)(void)) {
    char number[16];
    for (u32 i = 0; i < count * scale; i++) {
        u32 id = 1 + draw_below(keys), other = 1 + draw_below(keys), action = draw_below(100);
        if (action < 60)
            set(id, len(), draw_below(4) ? 0 : 1 + draw_below(100000));
        else if (action < 75)
            get(id);
        else if (action < 80)
            command("DEL", "", id, 0);
        else if (action < 84)
            command("PEXPIRE", draw_below(2) ? "100" : "99999", id, 0);
        else if (action < 86)
            command("PERSIST", "", id, 0);
        else if (action < 88)
            command("APPEND", "appended", id, 0);
        else if (action < 90)
            command("RENAME", "", id, other);
        else if (action < 91)
            command("COPY", "REPLACE", id, other);
        else if (action < 92)
            command("GETDEL", "", id, 0);
        else if (action < 94)
            command("RANDOMKEY", "", 0, 0);
        else if (action < 96)
            sprintf(number, "%u", draw()), command("SCAN", number, 0, 0);
        else if (action < 98)
            tick();
        else if (action < 99 && draw_below(50) == 0)
            request_window(draw_below(most_len));
        else
            now_ms += draw_below(100) ? draw_below(200) : draw_below(60000);
    }
}

/* New keys with values of that length, for so many percent of the budget, but not for ever. */
static u32 fresh;
static void fill(u32 len, u32 percent, u32 ttl_ms) {
    u64 count = min_u32((u32)(budget / 100 * percent / (len + 32)), 40000 * scale);
    for (; count > 0; count--) {
        set(fresh++, len, ttl_ms);
        if (draw_below(16) == 0) get(fresh - draw_below(1000));
        if (draw_below(256) == 0) now_ms++;
    }
}

enum { LONG_MS = 100000000 };

/* All of the budget, by large values that may be evicted. */
static void fill_up(void) {
    fill(most_len, 105, LONG_MS);
}

static void mixed_uniform(void) {
    fill_up();
    fill(1000, 110, LONG_MS);
    mix(60000, (u32)(budget / 1500), uniform_len);
}

static void mixed_web(void) {
    fill_up();
    mix(60000, (u32)(budget / 4000), web_len);
}

static void mixed_adverse(void) {
    fill_up();
    fill(1, 110, LONG_MS);
    mix(60000, (u32)(budget / 20), adverse_len);
}

/* Sizes shift, each phase long enough to turn the memory over. */
static void shifting(void) {
    static const u32 lens[] = {64, 100 << 10, 64, 3000, 700};
    fill_up();
    for (u32 i = 0; i < COUNT_OF(lens); i++) {
        phase_bytes = lens[i];
        fill(lens[i], 150, 0);
        mix(3000, (u32)(budget / (lens[i] + 100)) + 1, phase_len);
    }
}

/* Memory full of holes of one size, then values that fit none of them. */
static void holes(void) {
    static const u32 lens[] = {9, 100, 600, 2000};
    for (u32 i = 0; i < COUNT_OF(lens); i++) {
        u32 len = lens[i], first = fresh;
        ask(cache, "FLUSHALL", NULL);
        fill(len, 120, 0);
        u32 last = fresh;
        for (u32 id = first; id < last; id += 2) command("DEL", "", id, 0);
        fill(len * 2, 20, 0);
        fill(len * 100, 20, 0);
        fill(len + 9, 10, 0);
        for (u32 id = first; id < last; id += 64) command("APPEND", "appended", id, 0);
    }
}

/* A large table of which little is left, by expiry or by eviction. */
static void emptied(void) {
    fill(1, 90, 5000 + scale * 20000);
    now_ms += 10000 + scale * 20000;
    for (u32 i = 0; i < 2000; i++) {
        command("RANDOMKEY", "", 0, 0);
        tick();
        now_ms += draw_below(100);
        if (i % 100 == 0) set(fresh++, 10, 0);
    }
    fill(1, 110, 0);
    fill(most_len, 120, 0);
    for (u32 i = 0; i < 2000; i++) command("RANDOMKEY", "", 0, 0);
    fill(10, 10, 0);
    mix(2000, 1000, web_len);
}

/* Full of what must stay; a few keys may go, then none. */
static void nothing_to_evict(void) {
    fill(40, 120, 0);
    fill(1, 20, 0);
    u32 last = fresh;
    for (u32 round = 0; round < 40; round++) {
        for (u32 i = 0; i < 10; i++) command("PEXPIRE", "9999999", last - 1 - draw_below(5000), 0);
        for (u32 i = 0; i < 50; i++) set(fresh++, draw_below(200), 0);
        set(fresh++, 1000 + draw_below(10000), 0);
        set(fresh++, draw_below(most_len), 0);
    }
}

/* A lower maxmemory, and a higher one again. */
static void lowered(void) {
    char bytes[32];
    fill(300, 120, 0);
    for (u32 i = 0; i < 6; i++) {
        u64 least = budget / 4;
        sprintf(bytes, "%llu", (unsigned long long)(least + draw_below((u32)(budget - least))));
        begin_call();
        CHECK(replied(ask(cache, "CONFIG", "SET", "maxmemory", bytes, NULL), "+OK\r\n"));
        end_call("CONFIG SET", 100);
        mix(3000, (u32)(budget / 300), uniform_len);
        for (u32 j = 0; j < 1000; j++) tick();
    }
}

struct scenario {
    const char *name;
    void (*run)(void);
    u32 policies; /* a bit for each */
};

/* A command on a collection, with up to two words. */
static void item_command(const char *name, const char *key, const char *word, const char *other) {
    u64 bytes = 64 + strlen(word) + strlen(other);
    begin_call();
    ask(cache, name, key, *word ? word : NULL, *other ? other : NULL, NULL);
    end_call(name, bytes);
}

/* A list, a set, a hash and a sorted set grow large, under pressure or not, are worked on, and go.
 */
static void collections(void) {
    enum { STEPS_OF_ALL = 400000 };
    u32 items = min_u32((u32)(budget / 200), STEPS_OF_ALL * scale);
    char word[64], index[16];
    for (u32 i = 0; i < items; i++) {
        sprintf(word, "item:%u:%.*s", draw_below(items), (int)draw_below(20),
                "xxxxxxxxxxxxxxxxxxxx");
        sprintf(index, "%u", draw_below(i + 1) / 3);
        item_command("HSET", "hash", word, index);
        item_command("SADD", "set", word, "");
        item_command("ZADD", "sorted", index, word);
        item_command(draw_below(2) ? "LPUSH" : "RPUSH", "list", word, "");
        switch (draw_below(40)) {
        case 0: item_command("HDEL", "hash", word, ""); break;
        case 1: item_command("SREM", "set", word, ""); break;
        case 2: item_command("LPOP", "list", "", ""); break;
        case 3: item_command("RPOP", "list", "", ""); break;
        case 4: item_command("LSET", "list", index, word); break;
        case 5: item_command("LINDEX", "list", index, ""); break;
        case 6: item_command("HGET", "hash", word, ""); break;
        case 7: item_command("SPOP", "set", "", ""); break;
        case 8: item_command("RPOPLPUSH", "list", "list", ""); break;
        case 9: item_command("LTRIM", "list", "1", "-2"); break;
        case 10: item_command("HRANDFIELD", "hash", "3", ""); break;
        case 11: item_command("SRANDMEMBER", "set", "-3", ""); break;
        case 12: item_command("HSCAN", "hash", "9223372036854775807", ""); break;
        case 13: item_command("SSCAN", "set", "123456789", ""); break;
        case 14: item_command("HINCRBYFLOAT", "hash", index, "0.1"); break;
        case 15: item_command("LMPOP", "1", "list", "LEFT"); break;
        case 16: item_command("BRPOPLPUSH", "list", "list", "0"); break;
        case 17: item_command("ZRANK", "sorted", word, ""); break;
        case 18: item_command("ZINCRBY", "sorted", index, word); break;
        case 19: item_command("ZREM", "sorted", word, ""); break;
        case 20: item_command("ZSCORE", "sorted", word, ""); break;
        case 21: item_command("ZCOUNT", "sorted", "100", index); break;
        case 22: item_command("ZRANGE", "sorted", index, index); break;
        case 23: item_command("ZREVRANGE", "sorted", index, index); break;
        case 24: item_command("ZPOPMIN", "sorted", "", ""); break;
        case 25: item_command("ZPOPMAX", "sorted", "", ""); break;
        case 26: item_command("ZREMRANGEBYRANK", "sorted", index, index); break;
        case 27: item_command("ZRANDMEMBER", "sorted", "-3", ""); break;
        default: break;
        }
    }
    item_command("LTRIM", "list", "1000", "-1000");
    sprintf(index, "-%u", items / 4);
    item_command("LTRIM", "list", "5", index);
    item_command("RENAME", "hash", "other", "");
    item_command("DEL", "list", "set", "other");
    item_command("DEL", "sorted", "", "");
    for (u32 i = 0; i < items / 8; i++) set(1 + i, 64 + draw_below(2000), 0);
}

/* Fields get expiries, a few or many at a time, and many expire at once. */
static void fields(void) {
    enum { STEPS_OF_ALL = 200000, MANY = 40 };
    static char words[MANY][64];
    u32 items = min_u32((u32)(budget / 200), STEPS_OF_ALL * scale);
    for (u32 i = 0; i < items; i++) {
        const char *key = draw_below(8) ? "large" : "small";
        struct slice args[MANY + 5] = {SLICE("HPEXPIRE"), string_slice(key)};
        char time[16], count[16];
        u32 many = draw_below(30) ? 1 : 1 + draw_below(MANY);
        u64 bytes = 200;
        for (u32 j = 0; j < many; j++) {
            bytes += (u64)sprintf(words[j], "field:%u", draw_below(*key == 's' ? 60 : items));
            if (draw_below(4)) item_command("HSET", key, words[j], "value");
            args[j + 5] = string_slice(words[j]);
        }
        sprintf(time, "%u", draw_below(3) ? 20000 - (u32)(now_ms % 20000) : draw_below(60000));
        sprintf(count, "%u", many);
        args[2] = string_slice(time);
        args[3] = SLICE("FIELDS");
        args[4] = string_slice(count);
        begin_call();
        ask_slices(cache, many + 5, args);
        end_call("HPEXPIRE", bytes + (*key == 's' ? 2000 : 0));
        switch (draw_below(40)) {
        case 0: item_command("HLEN", key, "", ""); break;
        case 1: item_command("HDEL", key, words[0], ""); break;
        case 2: item_command("HINCRBY", key, words[0], "1"); break;
        case 3: item_command("EXISTS", key, "", ""); break;
        case 4: item_command("HGET", key, words[0], ""); break;
        case 5: tick(); break;
        case 6: now_ms += draw_below(100); break;
        default: break;
        }
    }
    now_ms += 100000;
    for (u32 i = 0; i < 100; i++) item_command("HLEN", "large", "", "");
    item_command("HSET", "large", "field", "value");
    item_command("RENAME", "large", "other", "");
}

enum {
    ALL_POLICIES = (1 << POLICY_COUNT) - 1,
    LRU = 1 << POLICY_ALLKEYS_LRU,
    NONE = 1 << POLICY_NOEVICTION,
    ADAPTIVE = 1 << POLICY_ALLKEYS_ADAPTIVE | 1 << POLICY_VOLATILE_ADAPTIVE_BYTES,
    VOLATILE = 1 << POLICY_VOLATILE_LRU | 1 << POLICY_VOLATILE_TTL,
};

static const struct scenario scenarios[] = {
    {"mixed uniform", mixed_uniform, LRU | NONE | 1 << POLICY_ALLKEYS_LFU},
    {"mixed web", mixed_web, LRU | ADAPTIVE | VOLATILE | 1 << POLICY_VOLATILE_RANDOM},
    {"mixed adverse", mixed_adverse, LRU | ADAPTIVE | VOLATILE | 1 << POLICY_ALLKEYS_RANDOM},
    {"shifting", shifting, LRU},
    {"holes", holes, LRU | NONE},
    {"emptied", emptied, LRU},
    {"nothing to evict", nothing_to_evict, NONE | VOLATILE},
    {"lowered", lowered, LRU},
    {"collections", collections, LRU | NONE},
    {"fields", fields, LRU | NONE},
};

static void print_worst(const char *what, const struct worst *worst) {
    printf(", %llu of %llu %s (%s, %llu bytes)", (unsigned long long)worst->used,
           (unsigned long long)worst->allowed, what, worst->call, (unsigned long long)worst->bytes);
}

static bool run_scenario(const struct scenario *scenario, void *memory, u32 policy) {
    worst_steps = worst_moved = (struct worst){0, 1, "", 0};
    calls = broken = refused = 0;
    most_len = (u32)min_u32((u32)(budget / 8), 1 << 20);
    cache = start_cache(memory, budget, policy);
    fresh = 1u << 31;
    scenario->run();
    ferrite_request(cache, 0, (double)now_ms);
    check_store(cache);
    printf("%4u MiB, policy %u, %-16s %8llu calls", (u32)(budget >> 20), policy, scenario->name,
           (unsigned long long)calls);
    print_worst("steps", &worst_steps);
    print_worst("bytes moved", &worst_moved);
    if (broken) printf(", BROKEN by %llu", (unsigned long long)broken);
    if (refused) printf(", REFUSED %llu", (unsigned long long)refused);
    printf("\n");
    fflush(stdout);
    return !broken && !refused;
}

int main(int argc, char **argv) {
    static const u64 budgets[] = {1 << 20, 64 << 20, 1 << 30};
    void *memory = aligned_alloc(64, 1 << 30);
    test_seed(argc, argv);
    if (argc > 2) scale = (u32)atoi(argv[2]);
    u32 passed = 0, failed = 0;
    for (u32 i = 0; i < COUNT_OF(scenarios); i++) {
        const struct scenario *scenario = &scenarios[i];
        if (argc > 3 && strcmp(argv[3], scenario->name) != 0) continue;
        for (u32 policy = 0; policy < POLICY_COUNT; policy++) {
            if (!(scenario->policies >> policy & 1)) continue;
            for (u32 j = 0; j < COUNT_OF(budgets); j++) {
                budget = budgets[j];
                *(run_scenario(scenario, memory, policy) ? &passed : &failed) += 1;
            }
        }
    }
    free(memory);
    printf("bounded: %u passed, %u failed\n", passed, failed);
    return failed != 0;
}
