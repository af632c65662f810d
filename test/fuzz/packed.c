/*
 * Packed forms, decoded from any bytes: what a client can put where the code has to make sense of
 * it. That is HyperLogLogs, which any SET may write; numbers as text; scores read as places; glob
 * patterns; cursors; bit fields; the state of a rate limit; weights of a SORT.
 *
 * (The items of collections, the index and the heap are never read from outside: no command takes
 * them as bytes.)
 *
 * The first byte of an input chooses. Where there is a reference (the C library, a few lines of
 * recursion), what was decoded has to be that; else it may not reach beyond its end, which
 * AddressSanitizer is told of, and the heap is whole.
 */
#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>

#include "base/decimal.h"
#include "base/geo.h"
#include "cmd/glob.h"
#include "../native/client.h"
#include "fuzz.h"

#if LDBL_MANT_DIG != 64
#error "the reference is the x87 long double: build this on x86-64"
#endif

static struct ferrite *cache;

/* A copy that ends where the bytes end, as AddressSanitizer sees it; free() it. */
static u8 *exact(struct slice bytes) {
    u8 *copy = malloc(bytes.len ? bytes.len : 1);
    if (bytes.len) memcpy(copy, bytes.bytes, bytes.len);
    return copy;
}

/* --- numbers as text -------------------------------------------------------------------------- */

static bool reads_whole(const char *text, size_t len, const char *end) {
    return len && (size_t)(end - text) == len && !isspace((u8)*text);
}

static void integers(struct slice text, const char *copy) {
    i64 value = 0x5a5a, again = 0;
    char printed[32];
    bool good = integer_parse(text, &value);
    errno = 0;
    long long expected = strtoll(copy, NULL, 10);
    snprintf(printed, sizeof printed, "%lld", expected);
    bool canonical =
        errno == 0 && strlen(printed) == text.len && memcmp(printed, text.bytes, text.len) == 0;
    CHECK(good == canonical && value == (good ? expected : 0x5a5a));
    if (!good) return;
    u8 to[INTEGER_TEXT_MAX];
    u32 len = integer_print(to, value);
    CHECK(integer_parse((struct slice){to, len}, &again) && again == value && len == text.len);
}

static void doubles(struct slice text, const char *copy) {
    double value, expected;
    char *end;
    bool good = double_parse(text, &value);
    errno = 0;
    expected = strtod(copy, &end);
    bool beyond = errno == ERANGE && (isinf(expected) || expected == 0);
    CHECK(good == (reads_whole(copy, text.len, end) && !isnan(expected) && !beyond));
    if (good) CHECK(memcmp(&value, &expected, sizeof value) == 0);
    enum text_verdict verdict = double_parse_loosely(text, &value);
    bool is_number = *end == 0 && !isnan(expected);
    CHECK(verdict == (!is_number ? TEXT_NO_NUMBER : beyond ? TEXT_OUT_OF_RANGE : TEXT_NUMBER));
    if (is_number) CHECK(value == expected);
}

static void extendeds(struct slice text, const char *copy) {
    struct extended value;
    char *end;
    bool good = extended_parse(text, &value);
    if (text.len >= EXTENDED_TEXT_MAX) {
        CHECK(!good);
        return;
    }
    errno = 0;
    long double expected = strtold(copy, &end);
    bool beyond = errno == ERANGE && (!isfinite(expected) || expected == 0);
    CHECK(good == (reads_whole(copy, text.len, end) && !isnan(expected) && !beyond));
    if (!good || value.exponent == EXTENDED_INFINITE) {
        CHECK(!good || (isinf(expected) && value.negative == (expected < 0)));
        return;
    }
    u64 bits;
    memcpy(&bits, &expected, sizeof bits);
    CHECK(bits == value.significand && value.negative == (signbit(expected) != 0));
    struct extended sum;
    long double doubled = expected + expected;
    CHECK(extended_add(value, value, &sum) == (isfinite(doubled) != 0));
    u32 capacity = extended_text_most(value);
    u8 *to = malloc(capacity);
    char *printed = malloc(6000);
    for (u32 places = 1; places <= HUMAN_PLACES; places += 8) {
        u32 len = extended_print(to, capacity, value, places);
        int expected_len = snprintf(printed, 6000, "%.*Lf", (int)places, expected);
        if (places == HUMAN_PLACES) {
            while (printed[expected_len - 1] == '0') expected_len--;
            if (printed[expected_len - 1] == '.') expected_len--;
            if (expected_len == 2 && memcmp(printed, "-0", 2) == 0) {
                printed[0] = '0';
                expected_len = 1;
            }
        }
        CHECK(len == (u32)expected_len && memcmp(to, printed, len) == 0);
    }
    free(printed);
    free(to);
}

static void numbers(struct input *input) {
    struct slice all = take_slice(input, 1 << 16);
    u8 *bytes = exact(all);
    char *copy = malloc(all.len + 1);
    if (all.len) memcpy(copy, all.bytes, all.len);
    copy[all.len] = 0;
    struct slice text = {bytes, all.len};
    integers(text, copy);
    doubles(text, copy);
    extendeds(text, copy);
    free(copy);
    free(bytes);
}

static void printed_doubles(struct input *input) {
    double value = double_of_bits(take64(input)), again;
    u8 to[DOUBLE_TEXT_MAX];
    char expected[64];
    if (isnan(value)) return;
    u32 len = double_print(to, value);
    CHECK((u32)snprintf(expected, sizeof expected, "%.17g", value) == len);
    CHECK(memcmp(to, expected, len) == 0);
    if (value != 0 && isfinite(value))
        CHECK(double_parse((struct slice){to, len}, &again) && again == value);
}

/* --- places ----------------------------------------------------------------------------------- */

static double take_coordinate(struct input *input, double most) {
    u32 what = take8(input);
    if (what < 32) return double_of_bits(take64(input));
    return most * ((double)take16(input) / 32767.5 - 1) * (what < 64 ? 1.1 : 1);
}

static void places(struct input *input) {
    double score = take8(input) % 2 ? double_of_bits(take64(input))
                                    : (double)(take64(input) >> take8(input) % 64);
    struct position place, other = {take_coordinate(input, 180), take_coordinate(input, 86)};
    u8 text[GEOHASH_TEXT], digits[COORDINATE_TEXT_MAX];
    if (isnan(score)) return;
    position_of(score, &place);
    CHECK(fabs(place.longitude) <= 180 && fabs(place.latitude) <= 85.06);
    geohash_print(text, score);
    for (u32 i = 0; i < GEOHASH_TEXT; i++)
        CHECK(strchr("0123456789bcdefghjkmnpqrstuvwxyz", text[i]) && text[i]);
    char expected[64];
    int len = snprintf(expected, sizeof expected, "%.17Lf", (long double)place.longitude);
    while (expected[len - 1] == '0') len--;
    if (expected[len - 1] == '.') len--;
    CHECK(coordinate_print(digits, place.longitude) == (u32)len);
    CHECK(memcmp(digits, expected, (size_t)len) == 0);
    if (!position_is_good(other)) return;
    CHECK(fabs(other.longitude) <= 180 && fabs(other.latitude) <= 85.05112878);
    double hash = position_hash(other), meters = distance_meters(place, other);
    CHECK(hash >= 0 && hash == floor(hash) && hash < 0x1p54);
    CHECK(meters >= 0 && meters < 20040000);
    struct area area = {.center = other};
    struct cell cells[AREA_CELLS];
    double width = fabs(take_coordinate(input, 3e7)), height = fabs(take_coordinate(input, 3e7));
    if (isnan(width) || isnan(height)) return;
    area_shape(&area, take8(input) % 2, width, height);
    u32 count = area_cells(&area, cells);
    CHECK(count <= AREA_CELLS);
    for (u32 i = 0; i < count; i++) CHECK(cells[i].first >= 0 && cells[i].first < cells[i].end);
    if (area_has(&area, place, &meters)) CHECK(meters == distance_meters(other, place));
}

/* --- patterns --------------------------------------------------------------------------------- */

/* Whether the pattern matches, by its definition. */
static bool matches(const char *p, const char *end, const char *s, const char *stop, bool any) {
    if (p == end) return s == stop;
    if (*p == '*')
        return matches(p + 1, end, s, stop, any) ||
               (s != stop && matches(p, end, s + 1, stop, any));
    if (s == stop) return false;
    char byte = any ? (char)tolower(*s) : *s, first = *p++;
    bool found = false;
    if (first == '?') {
        found = true;
    } else if (first == '[') {
        bool negated = p != end && *p == '^';
        for (p += negated; p != end && *p != ']'; p++) {
            bool escaped = *p == '\\' && end - p >= 2;
            if (escaped) p++;
            char from = *p, to = *p;
            if (!escaped && end - p >= 3 && p[1] == '-') p += 2, to = *p;
            if (any) from = (char)tolower(from), to = (char)tolower(to);
            found |= (from <= byte && byte <= to) || (to <= byte && byte <= from);
        }
        p += p != end;
        found = found != negated;
    } else {
        if (first == '\\' && p != end) first = *p++;
        found = (any ? (char)tolower(first) : first) == byte;
    }
    return found && matches(p, end, s + 1, stop, any);
}

static void globs(struct input *input) {
    bool any_case = take8(input) % 2;
    struct slice text = take_slice(input, take8(input) % 16), pattern = take_slice(input, 24);
    u8 *exact_text = exact(text), *exact_pattern = exact(pattern);
    u32 stars = 0;
    for (u32 i = 0; i < pattern.len; i++) stars += exact_pattern[i] == '*';
    bool found = glob_matches((struct slice){exact_pattern, pattern.len},
                              (struct slice){exact_text, text.len}, any_case);
    const char *p = (const char *)exact_pattern, *s = (const char *)exact_text;
    if (text.len == 0) /* where Redis takes one star for an answer, and no more */
        CHECK(found == (pattern.len == 0 || (pattern.len == 1 && *p == '*')));
    else if (stars < 6)
        CHECK(found == matches(p, p + pattern.len, s, s + text.len, any_case));
    free(exact_pattern);
    free(exact_text);
}

/* --- through commands ------------------------------------------------------------------------- */

static struct slice words[ARGS_MAX];
static u32 word_count;

static void word(struct slice text) {
    if (word_count < ARGS_MAX) words[word_count++] = text;
}
static const char *send(void) {
    u32 count = word_count;
    word_count = 0;
    const char *reply = ask_slices(cache, count, words);
    CHECK(reply && *reply);
    CHECK(skip_reply((const u8 *)reply, (const u8 *)reply + reply_bytes) ==
          (const u8 *)reply + reply_bytes);
    return reply;
}
#define SEND(...) send_words((const char *const[]){__VA_ARGS__, NULL})
static const char *send_words(const char *const *texts) {
    while (*texts) word(string_slice(*texts++));
    return send();
}

/* Makes the key hold these bytes, "raw", so that nothing that reads them has to move them. */
static void put(const char *key, struct slice bytes) {
    SEND("del", key);
    word(SLICE("setrange"));
    word(string_slice(key));
    word(SLICE("0"));
    word(bytes);
    send();
}

/* What reads a key's string, and takes no memory, may not look behind it. */
static const char *send_reading(const char *key) {
    struct entry entry;
    u32 len = 0;
    for (u32 i = 0; i < word_count; i++) len += words[i].len + 16;
    CHECK(ferrite_request(cache, 0, (double)now_ms) == FERRITE_OK); /* no window behind it */
    if (len + 16 > cache->small_capacity || !store_find(&cache->store, string_slice(key), &entry))
        return send();
    const u8 *end = entry.value + entry.value_len;
    ASAN_POISON_MEMORY_REGION(end, 64);
    const char *reply = send();
    ASAN_UNPOISON_MEMORY_REGION(end, 64);
    return reply;
}

/* Bytes that may well be a HyperLogLog: a head that is nearly right, then runs, or registers. */
static struct slice take_sketch(struct input *input, u8 *to) {
    u32 what = take8(input), len = 0;
    memcpy(to, "HYLL", 4);
    to[4] = what % 2;
    memset(to + 5, 0, 11);
    struct slice head = take_slice(input, what & 2 ? 12 : 0);
    if (head.len) memcpy(to + 4, head.bytes, head.len);
    if (what & 4) to[15] |= 128;
    if (what & 8) {
        len = 12288;
        memset(to + 16, take8(input), len);
    }
    if (what & 16) { /* as many zeros as make it whole, in front */
        u32 zeros = 16384 - take16(input) % 1024 - 1;
        to[16] = (u8)(0x40 | zeros >> 8);
        to[17] = (u8)zeros;
        len = max_u32(len, 2);
    }
    u32 at = what & 32 ? take16(input) % (len + 1) : len;
    struct slice more = take_slice(input, what & 64 ? take8(input) : 3000);
    if (more.len) memcpy(to + 16 + at, more.bytes, more.len);
    return (struct slice){to, 16 + max_u32(len, at + more.len)};
}

static void sketches(struct input *input) {
    static u8 bytes[1 << 15];
    u32 what = take8(input), first = 16 + take8(input) % 32;
    struct slice elements = take_slice(input, first);
    put("a", take_sketch(input, bytes));
    if (what & 1) put("b", take_sketch(input, bytes));
    word(SLICE("pfcount"));
    word(SLICE("a"));
    send_reading("a");
    SEND("pfcount", "a", "b");
    word(SLICE("pfadd"));
    word(SLICE("a"));
    for (u32 i = 0; i + 4 <= elements.len && word_count < 40; i += 2)
        word((struct slice){elements.bytes + i, 4});
    send();
    SEND("pfmerge", what & 2 ? "a" : "c", "b", what & 4 ? "a" : "b");
    if (what & 8) SEND("pfadd", "c", "x", "y", "z");
    SEND("pfcount", "c");
    SEND("pfmerge", "b", "a", "c");
    SEND("pfcount", "a", "b", "c");
}

static void bits(struct input *input) {
    static const char *const readers[] = {"bitcount",    "bitpos", "getrange", "getbit",
                                          "bitfield_ro", "lcs",    "substr",   "bitcount"};
    u32 what = take8(input), count = take8(input) % 8;
    struct slice bytes = take_slice(input, take8(input));
    put("a", bytes);
    const char *name = readers[what % COUNT_OF(readers)];
    word(string_slice(name));
    word(SLICE("a"));
    struct slice rest = take_slice(input, 1 << 12);
    for (u32 i = 0; i < rest.len && count; count--) { /* words of what is left */
        u32 begin = i;
        while (i < rest.len && rest.bytes[i] != ' ') i++;
        word((struct slice){rest.bytes + begin, i++ - begin});
    }
    u32 words_of_it = word_count;
    if (strcmp(name, "lcs") == 0)
        send();
    else
        send_reading("a");
    /* The same to what writes, which takes memory. */
    static const char *const writers[] = {"bitfield", "setbit", "setrange", "append", "bitop"};
    words[0] = string_slice(writers[what / 8 % COUNT_OF(writers)]);
    word_count = words_of_it;
    if (what < 240) send();
    word_count = 0;
}

/* What a number is read from: the string, then whatever reads and changes it. */
static void states(struct input *input) {
    u32 what = take8(input);
    struct slice text = take_slice(input, take8(input)), by = take_slice(input, take8(input));
    put("a", text);
    word(SLICE("hset"));
    word(SLICE("h"));
    word(SLICE("f"));
    word(text);
    send();
    static const char *const texts[] = {"incrbyfloat", "incrby", "decrby", "getex", "expire"};
    word(string_slice(texts[what % COUNT_OF(texts)]));
    word(SLICE("a"));
    word(by);
    send();
    word(string_slice(what & 8 ? "hincrbyfloat" : "hincrby"));
    word(SLICE("h"));
    word(SLICE("f"));
    word(by);
    send();
    put("t", text);
    word(SLICE("cl.throttle"));
    word(SLICE("t"));
    word(what & 16 ? by : SLICE("15"));
    word(what & 32 ? by : SLICE("30"));
    word(what & 64 ? by : SLICE("60"));
    word(what & 128 ? by : SLICE("1"));
    send();
    word(SLICE("rpush"));
    word(SLICE("l"));
    word(text);
    word(by);
    word(SLICE("1"));
    send();
    put("w1", text);
    put("w2", by);
    SEND("sort", "l");
    SEND("sort", "l", "by", "w*", "get", "w*", "get", "h->f", "desc");
    SEND("sort", "l", "alpha", "limit", "1", "1");
    word(SLICE("zadd"));
    word(SLICE("z"));
    word(text);
    word(SLICE("m"));
    word(by);
    word(SLICE("n"));
    send();
    SEND("geopos", "z", "m", "n");
    SEND("geohash", "z", "m", "n");
    SEND("geodist", "z", "m", "n", "ft");
    word(SLICE("zrangebyscore"));
    word(SLICE("z"));
    word(text);
    word(by);
    send();
    word(SLICE("zrangebylex"));
    word(SLICE("z"));
    word(text);
    word(by);
    send();
}

/* Any cursor, on small and large ones, and from there on to the end. */
static void cursors(struct input *input) {
    static const char *const scans[] = {"scan", "hscan", "sscan", "zscan"};
    u32 which = take8(input) % 4, count = 1 + take8(input) % 40, items = take8(input) % 128 * 4;
    char item[16], cursor[32], step[8];
    for (u32 i = 0; i < items; i++) {
        sprintf(item, "item:%u", i);
        if (which == 0) SEND("set", item, "v");
        if (which == 1) SEND("hset", "c", item, "v");
        if (which == 2) SEND("sadd", "c", item);
        if (which == 3) SEND("zadd", "c", "1", item);
    }
    sprintf(cursor, "%llu", (unsigned long long)take64(input));
    sprintf(step, "%u", count);
    for (u32 steps = 0; steps == 0 || strcmp(cursor, "0") != 0; steps++) {
        CHECK(steps <= items + 64);
        word(string_slice(scans[which]));
        if (which) word(SLICE("c"));
        word(string_slice(cursor));
        word(SLICE("count"));
        word(string_slice(step));
        const char *reply = send(), *at = strstr(reply, "\r\n");
        if (*reply == '-') return;
        CHECK(sscanf(at, "\r\n$%*u\r\n%31[0-9]", cursor) == 1);
    }
    word(string_slice(scans[which]));
    if (which) word(SLICE("c"));
    word(take_slice(input, take8(input)));
    word(SLICE("match"));
    word(take_slice(input, 64));
    send();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    static void (*const bare[])(struct input *) = {numbers, printed_doubles, places, globs};
    static void (*const kept[])(struct input *) = {sketches, bits, states, cursors};
    struct input input = {bytes, bytes + len};
    u32 what = take8(&input);
    if (what < 128) {
        bare[what % COUNT_OF(bare)](&input);
        return 0;
    }
    cache = fuzz_cache(what % COUNT_OF(fuzz_budgets), what & 64 ? POLICY_ALLKEYS_LRU : 0, false);
    kept[what / 4 % COUNT_OF(kept)](&input);
    check_store(cache);
    return 0;
}
