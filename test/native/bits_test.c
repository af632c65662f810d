/*
 * What works on several strings at once keeps its word while room is made for it: BITOP's result is
 * that of sources that were there, LCS's is made of bytes in both, and afterwards the whole heap is
 * as it should be. Small budgets, every policy, a plain model of each.
 */
#include "client.h"

enum { KEYS = 40, LEN_MAX = 20000, BUDGET = 256 << 10 };

static struct ferrite *cache;
static u32 passed;

static struct slice name_of(u32 id) {
    static u8 names[4][16];
    static u32 turn;
    u8 *name = names[turn++ % 4];
    return (struct slice){name, (u32)sprintf((char *)name, "key:%u", id)};
}

/* What a key holds, copied; found without a trace. */
struct copy {
    u8 bytes[LEN_MAX];
    u32 len;
    bool found;
};

static void copy_of(struct copy *copy, u32 id) {
    struct entry entry = {0};
    copy->found = store_find(&cache->store, name_of(id), &entry);
    copy->len = entry.value_len;
    if (copy->len) memcpy(copy->bytes, entry.value, copy->len);
}

static void set_any(u32 id, u32 most) {
    static u8 bytes[LEN_MAX];
    u32 len = draw_below(most), letters = 1 + draw_below(4);
    for (u32 i = 0; i < len; i++) bytes[i] = (u8)(draw_below(4) ? draw_below(letters) : draw());
    struct slice args[] = {SLICE("SET"), name_of(id), {bytes, len}};
    ask_slices(cache, 3, args);
}

static u8 byte_of(const struct copy *copy, u32 i) {
    return i < copy->len ? copy->bytes[i] : 0;
}

static u8 combined(u32 operation, u8 a, u8 b) {
    return operation == 0 ? a & b : operation == 1 ? a | b : operation == 2 ? a ^ b : (u8)~a;
}

static bool is_result(const struct copy *result, u32 operation, const struct copy *a,
                      const struct copy *b) {
    if (result->len != max_u32(a->len, b->len)) return false;
    for (u32 i = 0; i < result->len; i++)
        if (result->bytes[i] != combined(operation, byte_of(a, i), byte_of(b, i))) return false;
    return true;
}

/* A source that went while room was made may have been read, or not. */
static void try_bitop(void) {
    static const char *const words[] = {"AND", "OR", "XOR", "NOT"};
    static struct copy a, b, before, result, none;
    u32 operation = draw_below(4), to = draw_below(KEYS), i = draw_below(KEYS);
    u32 j = operation == 3 ? i : draw_below(KEYS);
    copy_of(&a, i);
    copy_of(&b, j);
    copy_of(&before, to);
    struct slice args[] = {SLICE("BITOP"), string_slice(words[operation]), name_of(to), name_of(i),
                           name_of(j)};
    const char *reply = ask_slices(cache, operation == 3 ? 4 : 5, args);
    copy_of(&result, to);
    if (*reply == '-') { /* it may have been evicted for nothing, but not changed */
        CHECK(!result.found || is_result(&result, 1, &before, &none));
        return;
    }
    CHECK(strtoul(reply + 1, NULL, 10) == result.len);
    CHECK(result.found == (result.len > 0));
    bool right = is_result(&result, operation, &a, &b);
    if (operation != 3)
        right |=
            is_result(&result, operation, &a, &none) || is_result(&result, operation, &none, &b);
    CHECK(right || is_result(&result, 1, &none, &none));
}

/* The lengths by the textbook, a row of the table at a time. */
static u32 common_length(const struct copy *a, const struct copy *b) {
    static u32 row[LEN_MAX + 1];
    memset(row, 0, sizeof row);
    for (u32 i = 0; i < a->len; i++) {
        u32 diagonal = 0;
        for (u32 j = 1; j <= b->len; j++) {
            u32 above = row[j];
            row[j] = a->bytes[i] == b->bytes[j - 1] ? diagonal + 1 : max_u32(above, row[j - 1]);
            diagonal = above;
        }
    }
    return row[b->len];
}

static bool is_subsequence(const char *part, u32 len, const struct copy *of) {
    u32 at = 0;
    for (u32 i = 0; i < of->len && at < len; i++) at += (u8)part[at] == of->bytes[i];
    return at == len;
}

static void try_lcs(void) {
    static struct copy a, b;
    u32 i = draw_below(KEYS), j = draw_below(KEYS);
    copy_of(&a, i);
    copy_of(&b, j);
    struct slice args[] = {SLICE("LCS"), name_of(i), name_of(j)};
    const char *reply = ask_slices(cache, 3, args);
    if (*reply == '-') return;
    char *bytes;
    u32 len = (u32)strtoul(reply + 1, &bytes, 10);
    bytes += 2;
    CHECK(reply_bytes == (size_t)(bytes - reply) + len + 2);
    CHECK(is_subsequence(bytes, len, &a) && is_subsequence(bytes, len, &b));
    if (a.len < 2000 && b.len < 2000) CHECK(len == common_length(&a, &b));
}

static void try_fields(void) {
    char at[16];
    sprintf(at, "%u", draw_below(8 * LEN_MAX - 8));
    struct slice place = {(const u8 *)at, (u32)strlen(at)};
    u32 id = draw_below(KEYS);
    struct slice bit[] = {SLICE("SETBIT"), name_of(id), place, SLICE("1")};
    struct slice field[] = {SLICE("BITFIELD"), name_of(id),  SLICE("SET"), SLICE("u8"), place,
                            SLICE("255"),      SLICE("GET"), SLICE("u8"),  place};
    const char *reply = draw_below(2) ? ask_slices(cache, 4, bit) : ask_slices(cache, 9, field);
    CHECK(*reply != '*' || strstr(reply, "\r\n:255\r\n"));
}

static void test_several(u32 policy) {
    cache = new_cache(BUDGET, policy);
    for (u32 i = 0; i < 6000; i++) {
        u32 action = draw_below(10);
        if (action < 5)
            set_any(draw_below(KEYS), draw_below(8) ? 300 : LEN_MAX);
        else if (action < 8)
            try_bitop();
        else if (action < 9)
            try_lcs();
        else
            try_fields();
        if (i % 16 == 0) check_store(cache);
    }
    free(cache);
    passed++;
}

/* The least number there is has no negative. */
static void test_least(void) {
    cache = new_cache(BUDGET, POLICY_NOEVICTION);
    CHECK(replied(ask(cache, "BITPOS", "key", "-9223372036854775808", NULL),
                  "-ERR The bit argument must be 1 or 0.\r\n"));
    CHECK(replied(ask(cache, "BITPOS", "key", "1", NULL), ":-1\r\n"));
    free(cache);
    passed++;
}

int main(int argc, char **argv) {
    test_seed(argc, argv);
    test_least();
    for (u32 policy = 0; policy < POLICY_COUNT; policy++) test_several(policy);
    printf("bits: %u passed, 0 failed\n", passed);
}
