/*
 * Sketches in a small cache that is full, of bytes that PFADD made and of bytes that it never
 * would: under sanitizers, no command reads or writes where it should not; one that answers an
 * error has changed nothing; all scratch memory is given back.
 *
 * Arguments: the seed; how many commands under each policy.
 */
#include "client.h"

enum { KEYS = 6, DENSE_LEN = 12304, VALUE_MOST = 16000, ELEMENTS_MOST = 40 };

static struct ferrite *cache;
static const char *const keys[KEYS] = {"a", "b", "c", "d", "e", "f"};

static struct slice word(const char *text) {
    return (struct slice){(const u8 *)text, (u32)strlen(text)};
}

/* What a key holds, as a copy; its length, or -1. Leaves no trace. */
static int copy_of(const char *key, u8 *to) {
    struct entry entry;
    struct slice name = word(key);
    if (!store_look(&cache->store, name, hash_of(&cache->store, name), &entry)) return -1;
    if (entry.value_len > VALUE_MOST) return -1;
    memcpy(to, entry.value, entry.value_len);
    return (int)entry.value_len;
}

/* Runs that may come to as many registers as they should. */
static u32 make_runs(u8 *to, u32 most) {
    u32 len = 0, registers = 0, style = draw_below(3);
    while (len + 2 < most && registers < 16384) {
        u8 byte = (u8)draw();
        if (style == 0) byte |= 0x80;
        if (style == 1) byte = (u8)(draw_below(2) ? 0x80 | byte : byte & 0x3f);
        to[len++] = byte;
        registers += byte & 0x80 ? byte % 4 + 1u : byte + 1u;
        if (byte >> 6 == 1 && draw_below(50)) to[len++] = (u8)draw_below(3);
    }
    if (registers < 16384 && draw_below(4)) {
        u32 left = 16384 - registers - 1;
        to[len++] = (u8)(0x40 | left >> 8);
        to[len++] = (u8)left;
    }
    return len;
}

static void set_odd(void) {
    static u8 value[VALUE_MOST];
    memcpy(value, "HYLL\1\0\0", 7);
    for (u32 i = 7; i < VALUE_MOST; i++) value[i] = (u8)draw();
    u32 len = 16 + make_runs(value + 16, draw_below(2) ? 200 : VALUE_MOST - 20);
    switch (draw_below(5)) {
    case 0: value[4] = 0, len = DENSE_LEN; break;
    case 1: len = draw_below(len + 1); break;
    case 2: value[draw_below(16)] = (u8)draw(); break;
    default: break;
    }
    struct slice args[] = {word("SET"), word(keys[draw_below(KEYS)]), {value, len}};
    ask_slices(cache, 3, args);
}

static void run_command(void) {
    static const char *const names[] = {"PFADD", "PFADD", "PFCOUNT", "PFMERGE"};
    static u8 before[VALUE_MOST], after[VALUE_MOST];
    char elements[ELEMENTS_MOST][16];
    struct slice args[2 + ELEMENTS_MOST];
    u32 kind = draw_below(4), count = 2;
    const char *key = keys[draw_below(KEYS)];
    args[0] = word(names[kind]);
    args[1] = word(key);
    for (u32 more = draw_below(kind < 2 ? ELEMENTS_MOST : 4); more; more--, count++) {
        sprintf(elements[count - 2], "%u", draw());
        args[count] = word(kind < 2 ? elements[count - 2] : keys[draw_below(KEYS)]);
    }
    int len = copy_of(key, before);
    const char *reply = ask_slices(cache, count, args);
    if (!reply || *reply != '-') return;
    int new_len = copy_of(key, after); /* -1: evicted */
    CHECK(new_len < 0 || (new_len == len && memcmp(before, after, (size_t)len) == 0));
}

static void fill_a_little(void) {
    static u8 filling[600];
    char name[16];
    sprintf(name, "key:%u", draw_below(2000));
    struct slice args[] = {word("SET"), word(name), {filling, draw_below(sizeof filling)}};
    ask_slices(cache, 3, args);
}

static void play(u32 policy, u32 count) {
    cache = new_cache(1 << 18, policy);
    for (u32 i = 0; i < 2000; i++) fill_a_little();
    for (u32 i = 0; i < count; i++) {
        u32 action = draw_below(20);
        if (action < 3)
            set_odd();
        else if (action < 4)
            ask(cache, "DEL", keys[draw_below(KEYS)], NULL);
        else if (action < 8)
            fill_a_little();
        else
            run_command();
        if (i % 16 == 0) check_store(cache);
    }
    free(cache);
}

/* A single element, which is added where the sketch lies, comes to the bytes that it comes to twice
 * in one command, which a copy is made for: also where runs of one register join, which the value,
 * and with it its header, becomes shorter by. */
static void add_one_by_one(void) {
    static u8 value[VALUE_MOST], other[VALUE_MOST];
    static const u32 around[] = {128, 1024};
    memset(value, 0, sizeof value);
    memcpy(value, "HYLL\1", 5);
    u32 registers = around[draw_below(2)] - 20 + draw_below(60), left = 16384 - registers - 1;
    memset(value + 32, 0x80, registers - 16);
    u32 len = 16 + registers;
    value[len++] = (u8)(0x40 | left >> 8);
    value[len++] = (u8)left;
    for (u32 i = 0; i < 2; i++) {
        struct slice args[] = {word("SET"), word(keys[i]), {value, len}};
        ask_slices(cache, 3, args);
        if (draw_below(2)) ask(cache, "EXPIRE", keys[i], "1000", NULL);
    }
    for (u32 i = 0; i < 1000; i++) {
        char element[16];
        sprintf(element, "%u", draw());
        char reply = ask(cache, "PFADD", keys[0], element, NULL)[1];
        CHECK(reply == ask(cache, "PFADD", keys[1], element, element, NULL)[1]);
        int one = copy_of(keys[0], value), two = copy_of(keys[1], other);
        CHECK(one == two && memcmp(value, other, (size_t)one) == 0);
    }
}

int main(int argc, char **argv) {
    test_seed(argc, argv);
    u32 count = argc > 2 ? (u32)atoi(argv[2]) : 10000, passed = 0;
    for (u32 policy = 0; policy < POLICY_COUNT; policy++, passed++) play(policy, count);
    cache = new_cache(1 << 22, POLICY_ALLKEYS_LRU);
    for (u32 i = 0; i < 100; i++) add_one_by_one();
    check_store(cache);
    free(cache);
    passed++;
    printf("sketch: %u passed, 0 failed\n", passed);
    return 0;
}
