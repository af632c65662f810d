/*
 * base/decimal.c against the C library, on random and adversarial numbers.
 *
 * The reference for fractions is what Redis itself calls on x86-64: strtold, the addition of long
 * double, and printf("%.17Lf"), for doubles strtod and printf("%.17g"), with Redis's own rules
 * around them written out below. The reference for integers is strtoll and printf, both ways.
 *
 *     decimal_test [seed]
 */
#include "base/decimal.h"

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if LDBL_MANT_DIG != 64
#error "the reference is the x87 long double: run this test on x86-64"
#endif

/* --- chance ----------------------------------------------------------------------------------- */

static u64 chance;

static u64 random_bits(void) {
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return chance * 0x2545f4914f6cdd1dull;
}

/* Uniform enough in [low, high]. */
static i32 between(i32 low, i32 high) {
    return low + (i32)((random_bits() >> 32) % (u64)((i64)high - low + 1));
}

static bool one_in(i32 n) {
    return between(1, n) == 1;
}

/* 64 bits, often with long runs of equal ones. */
static u64 random_pattern(void) {
    u64 bits = random_bits();
    switch (between(0, 4)) {
    case 0: return bits >> between(0, 63);
    case 1: return bits << between(0, 63);
    case 2: return ~(bits >> between(1, 63));
    case 3: return (bits & 1 ? ~0ull : 0) << between(0, 63);
    default: return bits;
    }
}

/* --- counting --------------------------------------------------------------------------------- */

static u32 checks, wrong; /* of the test at work */

static void check(bool right, const char *format, ...) {
    checks++;
    if (right || ++wrong > 5) return;
    va_list list;
    va_start(list, format);
    printf("  WRONG ");
    vprintf(format, list);
    printf("\n");
    va_end(list);
}

/* --- the reference for fractions -------------------------------------------------------------- */

/* Redis's string2ld. */
static bool reference_parse(const char *text, size_t len, long double *value) {
    if (len == 0 || len >= EXTENDED_TEXT_MAX) return false;
    char copy[EXTENDED_TEXT_MAX], *end;
    memcpy(copy, text, len);
    copy[len] = 0;
    errno = 0;
    *value = strtold(copy, &end);
    if (isspace((u8)copy[0]) || (size_t)(end - copy) != len || isnan(*value)) return false;
    return errno != ERANGE || (isfinite(*value) && *value != 0);
}

/* Redis's ld2string, human form. */
static u32 reference_print(char *to, long double value) {
    u32 len = (u32)snprintf(to, EXTENDED_TEXT_MAX, "%.17Lf", value);
    while (to[len - 1] == '0') len--;
    if (to[len - 1] == '.') len--;
    if (len == 2 && memcmp(to, "-0", 2) == 0) {
        to[0] = '0';
        len = 1;
    }
    return len;
}

/* strtod, as Redis judges what it says. */
static enum text_verdict reference_double(const char *text, size_t len, double *value) {
    char *copy = malloc(len + 1), *end;
    memcpy(copy, text, len);
    copy[len] = 0;
    errno = 0;
    *value = strtod(copy, &end);
    bool good = *end == 0 && !isnan(*value);
    bool beyond = errno == ERANGE && (isinf(*value) || *value == 0);
    free(copy);
    return !good ? TEXT_NO_NUMBER : beyond ? TEXT_OUT_OF_RANGE : TEXT_NUMBER;
}

static u64 bits_of(double value) {
    u64 bits;
    memcpy(&bits, &value, 8);
    return bits;
}

static double double_from(u64 bits) {
    double value;
    memcpy(&value, &bits, 8);
    return value;
}

/* Exponents of every size, the common and the extreme ones more often. */
static double random_double(void) {
    u64 fraction = random_pattern() >> 12, sign = (u64)one_in(2) << 63, exponent;
    switch (between(0, 5)) {
    case 0: exponent = (u64)between(0, 2046); break;
    case 1: exponent = (u64)between(0, 3); break;
    case 2: exponent = (u64)between(2040, 2046); break;
    default: exponent = (u64)(1023 + between(-40, 70)); break;
    }
    return double_from(sign | exponent << 52 | fraction);
}

/* The x87's own form: 64 bits with the leading 1 in sight, 15 bits of exponent, the sign. */
static long double make_long_double(bool negative, u32 exponent, u64 significand) {
    if (exponent == 0)
        significand &= INT64_MAX;
    else
        significand |= 1ull << 63;
    u16 top = (u16)(exponent | (negative ? 0x8000u : 0));
    long double value = 0;
    memcpy(&value, &significand, 8);
    memcpy((u8 *)&value + 8, &top, 2);
    return value;
}

static struct extended of_long_double(long double value) {
    u64 significand;
    u16 top;
    memcpy(&significand, &value, 8);
    memcpy(&top, (u8 *)&value + 8, 2);
    u32 exponent = top & 0x7fff;
    return (struct extended){
        .significand = significand,
        .exponent = exponent ? (i32)exponent - 1 : 0,
        .negative = top >> 15,
    };
}

static bool same(struct extended value, long double reference) {
    struct extended expected = of_long_double(reference);
    return value.negative == expected.negative && value.exponent == expected.exponent &&
           (value.significand == expected.significand || value.exponent == EXTENDED_INFINITE);
}

/* Exponents of every size, the common and the extreme ones more often. */
static long double random_long_double(void) {
    i32 exponent;
    switch (between(0, 5)) {
    case 0: exponent = between(0, 32766); break;
    case 1: exponent = between(0, 70); break;
    case 2: exponent = between(32766 - 70, 32766); break;
    default: exponent = 16383 + between(-130, 70); break;
    }
    return make_long_double(one_in(2), (u32)exponent, random_pattern());
}

/* --- checks ----------------------------------------------------------------------------------- */

/* Every call gets memory of just the right size, so that the sanitizer sees a byte too many. */

static void check_print(long double reference) {
    char expected[EXTENDED_TEXT_MAX];
    u32 expected_len = reference_print(expected, reference);
    struct extended value = of_long_double(reference);
    u32 most = extended_text_most(value);
    u8 *text = malloc(most);
    u32 len = extended_print(text, most, value, HUMAN_PLACES);
    check(len == expected_len && memcmp(text, expected, len) == 0, "%La: \"%.*s\", not \"%.*s\"",
          reference, (int)len, (char *)text, (int)expected_len, expected);
    free(text);
}

/* Redis reads a score to the text's end, a bound to its first zero byte. */
static void check_double(const char *text, size_t len) {
    u8 *copy = malloc(len + !len);
    memcpy(copy, text, len);
    double reference, value = 0;
    enum text_verdict expected = reference_double(text, len, &reference);
    enum text_verdict verdict = double_parse_loosely((struct slice){copy, (u32)len}, &value);
    check(verdict == expected && (!expected || bits_of(value) == bits_of(reference)),
          "loosely, \"%.*s\" (%zu bytes): %d %a, not %d %a", len > 200 ? 200 : (int)len, text, len,
          verdict, value, expected, reference);
    bool good = len && !isspace((u8)*text) && !memchr(text, 0, len) && expected == TEXT_NUMBER;
    bool parsed = double_parse((struct slice){copy, (u32)len}, &value);
    check(parsed == good && (!good || bits_of(value) == bits_of(reference)),
          "\"%.*s\" (%zu bytes): %d %a, not %d %a", len > 200 ? 200 : (int)len, text, len, parsed,
          value, good, reference);
    free(copy);
}

static void check_double_print(double value) {
    char expected[64];
    int expected_len = snprintf(expected, sizeof expected, "%.17g", value);
    u8 *text = malloc(DOUBLE_TEXT_MAX);
    u32 len = double_print(text, value);
    check((int)len == expected_len && memcmp(text, expected, len) == 0, "%a: \"%.*s\", not \"%s\"",
          value, (int)len, (char *)text, expected);
    double again;
    bool parsed = double_parse((struct slice){text, len}, &again);
    check(parsed && bits_of(again) == bits_of(value), "%a is printed, parsed: %a", value, again);
    free(text);
    if (isfinite(value)) {
        check(same(extended_of(value), (long double)value), "%a as an extended number", value);
    }
}

/* Redis does not round what "%.4f" prints: 10009659.36354999989 becomes 10009659.3636. */
static void check_distance_print(double value) {
    char expected[64];
    long long scaled = llrint(value * 10000);
    int expected_len =
        snprintf(expected, sizeof expected, "%lld.%04lld", scaled / 10000, scaled % 10000);
    u8 *text = malloc(INTEGER_TEXT_MAX);
    u32 len = distance_print(text, value);
    check((int)len == expected_len && memcmp(text, expected, len) == 0, "%a: \"%.*s\", not \"%s\"",
          value, (int)len, (char *)text, expected);
    free(text);
}

/* Returns whether the text is a number, by the reference. */
static bool check_parse(const char *text, size_t len) {
    check_double(text, len);
    u8 *copy = malloc(len + !len);
    memcpy(copy, text, len);
    long double reference = 0;
    bool expected = reference_parse(text, len, &reference);
    struct extended value = {0};
    bool parsed = extended_parse((struct slice){copy, (u32)len}, &value);
    free(copy);
    check(parsed == expected && (!expected || same(value, reference)),
          "\"%.*s\" (%zu bytes): %d %016" PRIx64 " * 2^%d, not %d %La", len > 200 ? 200 : (int)len,
          text, len, parsed, value.significand, value.exponent - 16445, expected, reference);
    return expected;
}

static bool check_text(const char *text) {
    return check_parse(text, strlen(text));
}

static void check_add(long double a, long double b) {
    volatile long double reference = a + b;
    struct extended sum;
    bool finite = extended_add(of_long_double(a), of_long_double(b), &sum);
    check(finite == isfinite(reference) && (!finite || same(sum, reference)),
          "%La + %La: %d %016" PRIx64 " * 2^%d, not %La", a, b, finite, sum.significand,
          sum.exponent - 16445, reference);
}

/* --- texts ------------------------------------------------------------------------------------ */

/* A text under construction, in room enough for more than is allowed. */
struct text {
    size_t len;
    char bytes[3 * EXTENDED_TEXT_MAX];
};

static void put(struct text *text, const char *format, ...) {
    va_list list;
    va_start(list, format);
    text->len +=
        (size_t)vsnprintf(text->bytes + text->len, sizeof text->bytes - text->len, format, list);
    va_end(list);
}

static void put_digits(struct text *text, i32 count, bool hex) {
    static const char digits[] = "0123456789abcdefABCDEF";
    i32 style = between(0, 3); /* random, mostly 0, mostly 9 or f, all 0 */
    while (count--) {
        char c = digits[between(0, hex ? 21 : 9)];
        if (style == 3 || (style == 1 && !one_in(20))) c = '0';
        if (style == 2 && !one_in(20)) c = hex ? 'f' : '9';
        text->bytes[text->len++] = c;
    }
}

static const char *random_sign(void) {
    static const char *const signs[] = {"", "", "-", "+"};
    return signs[between(0, 3)];
}

static void put_everyday(struct text *text) {
    put(text, "%s%d", one_in(4) ? "-" : "", between(0, one_in(2) ? 99 : 99999));
    if (!one_in(4)) put(text, "."), put_digits(text, between(1, one_in(3) ? 17 : 3), false);
    if (one_in(6)) put(text, "%c%s%d", one_in(2) ? 'e' : 'E', random_sign(), between(0, 20));
}

static void put_decimal(struct text *text, i32 digits_most, i32 exponent_most) {
    put(text, "%s", random_sign());
    put_digits(text, between(0, digits_most), false);
    if (!one_in(3)) put(text, "."), put_digits(text, between(0, digits_most), false);
    if (!one_in(3)) put(text, "e%s%d", random_sign(), between(0, exponent_most));
}

static void put_hex(struct text *text, i32 digits_most) {
    put(text, "%s0%c", random_sign(), one_in(2) ? 'x' : 'X');
    put_digits(text, between(0, digits_most), true);
    if (!one_in(3)) put(text, "."), put_digits(text, between(0, digits_most), true);
    if (one_in(3)) put_digits(text, 16, true), put(text, "8000");
    if (!one_in(3)) put(text, "%c%s%d", one_in(2) ? 'p' : 'P', random_sign(), between(0, 16600));
}

/* Inserts, deletes, repeats or replaces a byte. */
static void damage(struct text *text) {
    static const char bytes[] = "0123456789+-.eExXpPinftyINFTYaN_,\t\n \0\xff";
    char byte = bytes[between(0, sizeof bytes - 1)];
    size_t at = (size_t)between(0, (i32)text->len);
    switch (between(0, 2)) {
    case 0:
        memmove(text->bytes + at + 1, text->bytes + at, text->len++ - at);
        text->bytes[at] = byte;
        break;
    case 1: text->len = at; break;
    default:
        if (at < text->len) text->bytes[at] = byte;
    }
}

/* The decimal digits, all of them, of the number halfway between `low`, finite and above 0, and
 * its upper neighbour: their sum as it is done on paper, then halved. The point is left out;
 * *places of the digits come after it. */
static void put_halfway(struct text *text, long double low, i32 *places) {
    static char a[18000], b[18000];
    static u8
        sum[18000]; /* from the last digit to the first; the very last for what halving adds */
    i32 exponent = of_long_double(low).exponent - 16445;
    i32 point = exponent < 0 ? -exponent : 0;
    int len = snprintf(b, sizeof b, "%.*Lf", point, low + ldexpl(1, exponent));
    snprintf(a, sizeof a, "%0*.*Lf", len, point, low);
    i32 count = 1, carry = 0;
    for (int i = len; i--;) {
        if (a[i] == '.') continue;
        i32 digit = a[i] - '0' + b[i] - '0' + carry;
        sum[count++] = (u8)(digit % 10);
        carry = digit / 10;
    }
    sum[count++] = (u8)carry;
    for (i32 rest = 0; count--;) {
        i32 dividend = rest * 10 + sum[count];
        rest = dividend % 2;
        if (dividend > 1 || text->len) text->bytes[text->len++] = (char)('0' + dividend / 2);
    }
    *places = point + 1;
}

/* --- tests ------------------------------------------------------------------------------------ */

static void test_known_texts(void) {
    static const char *const numbers[] = {
        "0",
        "-0",
        "+0",
        "0.",
        ".0",
        "00",
        "1",
        "-1",
        "+1",
        "0.1",
        "0.2",
        "10.50",
        "5.0e3",
        "5e-3",
        "3.0e3",
        "1e1",
        "1E+1",
        "1.e1",
        ".5e1",
        "0e99999999999999999999",
        "0x0p99999999999999999999",
        "0x10",
        "0X.8p1",
        "0x1.8",
        "0x1.p0",
        "0xabcDEF",
        "inf",
        "-INF",
        "+infinity",
        "iNfInItY",
        "1e4932",
        "1.18973149535723176502e4932",
        "0xffffffffffffffffp16320",
        "0xffffffffffffffff7ffp16308",
        "3.6e-4951",
        "1.83e-4951",
        "0x1p-16445",
        "0x1.0001p-16446",
        "0x3p-16446",
        "0x5p-16446",
        "0x1.fffffffffffffffep-16383",
        "0x1.ffffffffffffffffp-16383",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "36893488147419103231",
        "36893488147419103233",
        "1e0000000000001",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "0x1.fffffffffffff7p1023",
        "0x1.fffffffffffff8p1023",
        "3e-324",
        "2.4703282292062328e-324",
        "2.4703282292062327e-324",
        "0x1p-1075",
        "0x1.0001p-1075",
        "0x1.fffffffffffffp-1023",
        "-1e-400",
        "1e309",
    };
    static const char *const garbage[] = {
        "",
        " ",
        "1 ",
        " 1",
        "\t1",
        "\n1",
        "\v1",
        "\f1",
        "\r1",
        "+",
        "-",
        ".",
        "+.",
        "e1",
        ".e1",
        "1e",
        "1e+",
        "1e-",
        "1e1.",
        "1e1.5",
        "1.2.3",
        "--1",
        "+-1",
        "1-",
        "1f",
        "1L",
        "1,5",
        "0x",
        "0x.",
        "0xp1",
        "0x.p1",
        "0x1p",
        "0x1p+",
        "0xg",
        "0x1.2.3",
        "x1",
        "1x1",
        "1p1",
        "0x1pf",
        "0x-1",
        "in",
        "infi",
        "infinit",
        "infinityx",
        "inf ",
        "i",
        "nan",
        "-nan",
        "NAN(1)",
        "1e4933",
        "1.2e4932",
        "-1e99999999999999999999",
        "0xffffffffffffffff8p16316",
        "0x1p16384",
        "1.8e-4951",
        "1e-5000",
        "1e-99999999999999999999",
        "0x1p-16446",
        "0x1p-99999999999999999999",
        "hello",
    };
    for (u32 i = 0; i < COUNT_OF(numbers); i++)
        check(check_text(numbers[i]), "%s is a number", numbers[i]);
    for (u32 i = 0; i < COUNT_OF(garbage); i++)
        check(!check_text(garbage[i]), "%s is not a number", garbage[i]);
    check(!check_parse("1\0", 2), "a zero byte at the end");
    check(!check_parse("1\0002", 3), "a zero byte inside");
}

static void test_known_sums(void) {
    static const struct {
        const char *a, *b, *sum; /* what redis-server 7.0 answers; NULL: would produce NaN or inf */
    } known[] = {
        {"0.1", "0.2", "0.3"},    {"10.50", "0.1", "10.6"},   {"5.0e3", "2.0e2", "5200"},
        {"1", "-1", "0"},         {"0", "-1e-30", "0"},       {"0", "1e-17", "0.00000000000000001"},
        {"3", "1.1", "4.1"},      {"0", "0x10", "16"},        {"0", "inf", NULL},
        {"0", "-infinity", NULL}, {"1e4932", "1e4932", NULL},
    };
    for (u32 i = 0; i < COUNT_OF(known); i++) {
        struct extended a = {0}, b = {0}, sum = {0};
        u8 text[EXTENDED_TEXT_MAX + 512];
        extended_parse((struct slice){(const u8 *)known[i].a, (u32)strlen(known[i].a)}, &a);
        extended_parse((struct slice){(const u8 *)known[i].b, (u32)strlen(known[i].b)}, &b);
        u32 len = extended_add(a, b, &sum)
                      ? extended_print(text, extended_text_most(sum), sum, HUMAN_PLACES)
                      : 0;
        const char *expected = known[i].sum ? known[i].sum : "";
        check(len == strlen(expected) && memcmp(text, expected, len) == 0,
              "%s + %s: \"%.*s\", not \"%s\"", known[i].a, known[i].b, (int)len, (char *)text,
              expected);
    }
    struct extended sum;
    check(extended_add((struct extended){0}, of_long_double(0.5L), &sum) && same(sum, 0.5L),
          "{0} is zero");
}

static void test_lengths(void) {
    static const char *const tails[] = {"",       ".5",     "e10",     "e4932",   "e4933",
                                        "e-5000", "e-5118", "e-10069", "e-10280", "e-10400"};
    for (u32 tail = 0; tail < COUNT_OF(tails); tail++)
        for (i32 len = EXTENDED_TEXT_MAX - 3; len <= EXTENDED_TEXT_MAX + 1; len++)
            for (i32 style = 0; style < 5; style++) {
                struct text text = {0};
                put(&text, "%s", style == 3 ? "0." : style == 4 ? "0x" : "");
                i32 digits = len - (i32)(text.len + strlen(tails[tail]));
                for (i32 i = 0; i < digits; i++) {
                    bool last = i == digits - 1;
                    put(&text, "%c", style == 0 ? '9' : style == 4 ? 'f' : last ? '1' : '0');
                }
                put(&text, "%s", tails[tail]);
                check_parse(text.bytes, text.len);
            }
}

static void test_everyday_texts(void) {
    for (u32 i = 0; i < 100000; i++) {
        struct text text;
        text.len = 0;
        put_everyday(&text);
        check_parse(text.bytes, text.len);
    }
}

static void test_random_decimals(void) {
    for (u32 i = 0; i < 60000; i++) {
        struct text text;
        text.len = 0;
        put_decimal(&text, one_in(3) ? 60 : 25, one_in(3) ? 5100 : 60);
        check_parse(text.bytes, text.len);
    }
    for (u32 i = 0; i < 600; i++) {
        struct text text;
        text.len = 0;
        put_decimal(&text, 2700, 10200);
        check_parse(text.bytes, text.len);
    }
}

static void test_random_hex_floats(void) {
    for (u32 i = 0; i < 60000; i++) {
        struct text text;
        text.len = 0;
        put_hex(&text, one_in(100) ? 2600 : 20);
        check_parse(text.bytes, text.len);
    }
}

static void test_garbage(void) {
    for (u32 i = 0; i < 100000; i++) {
        struct text text;
        text.len = 0;
        switch (between(0, 3)) {
        case 0: put_everyday(&text); break;
        case 1: put_decimal(&text, 5, 400); break;
        case 2: put_hex(&text, 5); break;
        default: put(&text, "%s%s", random_sign(), one_in(2) ? "infinity" : "Inf");
        }
        for (i32 times = between(1, 3); times; times--) damage(&text);
        check_parse(text.bytes, text.len);
    }
}

/* Numbers halfway between two neighbours, as far as they fit the text; and just beside. */
static void test_halfway_decimals(void) {
    for (u32 i = 0; i < 4000; i++) {
        i32 exponent = between(0, 9);
        if (exponent == 0)
            exponent = between(0, 32765);
        else if (exponent == 1)
            exponent = between(0, 65);
        else
            exponent = 16383 + (exponent == 2 ? between(-7000, 7000) : between(-300, 130));
        long double low = make_long_double(false, (u32)exponent, random_pattern());
        if (low == 0) continue;
        struct text text = {0};
        i32 places;
        put_halfway(&text, low, &places);
        if (text.len > 5100) {
            places -= (i32)text.len - 5100;
            text.len = 5100;
        }
        switch (between(0, 4)) {
        case 0: text.bytes[text.len - 1]--; break; /* ends in 5 if it is whole */
        case 1: text.bytes[text.len - 1] = '6'; break;
        case 2:
            for (i32 zeros = between(0, 5100 - (i32)text.len); zeros; zeros--, places++)
                put(&text, "0");
            if (one_in(2)) put(&text, "1"), places++;
            break;
        default: break;
        }
        if (text.len > 1 && one_in(2)) { /* a point somewhere */
            size_t at = (size_t)between(1, (i32)text.len - 1);
            memmove(text.bytes + at + 1, text.bytes + at, text.len - at);
            text.bytes[at] = '.';
            places -= (i32)(text.len++ - at);
        }
        put(&text, "e%d", -places);
        check_parse(text.bytes, text.len);
    }
}

static void test_sums(void) {
    for (u32 i = 0; i < 300000; i++) {
        long double a = random_long_double(), b = random_long_double();
        if (one_in(2)) { /* near each other, where digits cancel and ties are */
            i32 exponent = of_long_double(a).exponent + between(-70, 70);
            if (exponent < 0) exponent = 0;
            if (exponent > 32766) exponent = 32766;
            u64 pattern = one_in(4) ? of_long_double(a).significand : random_pattern();
            b = make_long_double(one_in(2), (u32)exponent, pattern + (u64)between(-1, 1));
        }
        if (one_in(50)) b = one_in(2) ? -a : a;
        if (one_in(200)) b = one_in(2) ? 0.0L : -0.0L;
        if (one_in(200)) a = one_in(2) ? 0.0L : -0.0L;
        if (one_in(500)) a = one_in(2) ? INFINITY : -INFINITY;
        check_add(a, b);
        check_add(b, a);
    }
}

static void test_printing(void) {
    for (u32 i = 0; i < 200000; i++) {
        long double value = random_long_double();
        i32 far = abs((i32)of_long_double(value).exponent - 16445);
        if (far < 1000 || one_in(20)) check_print(value);
    }
    for (u32 i = 0; i < 100000; i++) { /* ties: the 18th digit is a 5 and the last */
        u64 significand = random_bits() >> between(0, 63);
        check_print(ldexpl((long double)(significand | 1), -18));
    }
    for (u32 i = 0; i < 100000; i++) { /* few digits */
        struct text text;
        text.len = 0;
        put_everyday(&text);
        text.bytes[text.len] = 0;
        check_print(strtold(text.bytes, NULL));
    }
    check_print(LDBL_MAX);
    check_print(-LDBL_MAX);
    check_print(LDBL_MIN);
    check_print(0.0L);
    check_print(-0.0L);
    check_print(-4.9e-18L);
    check_print(-5.1e-18L);
}

/* Is the text what printf makes of the number that strtoll sees in it? */
static bool reference_integer(const char *text, size_t len, i64 *value) {
    char copy[64], again[64];
    if (len >= sizeof copy) return false;
    memcpy(copy, text, len);
    copy[len] = 0;
    errno = 0;
    *value = strtoll(copy, NULL, 10);
    return errno == 0 && (size_t)snprintf(again, sizeof again, "%" PRIi64, *value) == len &&
           memcmp(again, copy, len) == 0;
}

static void check_integer(const char *text, size_t len) {
    u8 *copy = malloc(len + !len);
    memcpy(copy, text, len);
    i64 expected, value = 42;
    bool is_integer = reference_integer(text, len, &expected);
    bool parsed = integer_parse((struct slice){copy, (u32)len}, &value);
    free(copy);
    check(parsed == is_integer && value == (is_integer ? expected : 42),
          "\"%.*s\": %d %" PRIi64 ", not %d %" PRIi64, (int)len, text, parsed, value, is_integer,
          expected);
}

static void test_parsing_integers(void) {
    static const char *const known[] = {
        "",
        "0",
        "-0",
        "+0",
        "00",
        "01",
        "-01",
        "-",
        "--1",
        "+1",
        " 1",
        "1 ",
        "1.",
        "1e1",
        "0x1",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "9999999999999999999",
        "-9999999999999999999",
        "10000000000000000000",
        "18446744073709551615",
        "18446744073709551616",
        "-00000000000000000001",
        "00000000000000000000",
        "123456789012345678901234567890",
    };
    for (u32 i = 0; i < COUNT_OF(known); i++) check_integer(known[i], strlen(known[i]));
    check_integer("1\0", 2);
    for (u32 i = 0; i < 300000; i++) {
        struct text text;
        text.len = 0;
        switch (between(0, 3)) {
        case 0: put(&text, "%" PRIi64, (i64)random_pattern()); break;
        case 1: put(&text, "%" PRIu64, (u64)INT64_MAX + (u64)between(-20, 20)); break;
        case 2: put(&text, "-%" PRIu64, (u64)INT64_MAX + (u64)between(-20, 20)); break;
        default: put(&text, "%s", one_in(2) ? "-" : ""), put_digits(&text, between(0, 22), false);
        }
        if (one_in(2)) damage(&text);
        check_integer(text.bytes, text.len);
    }
}

static void check_integer_print(i64 value) {
    char expected[32];
    u8 *text = malloc(INTEGER_TEXT_MAX);
    int len = snprintf(expected, sizeof expected, "%" PRIi64, value);
    check((int)integer_print(text, value) == len && memcmp(text, expected, (size_t)len) == 0,
          "%" PRIi64, value);
    len = snprintf(expected, sizeof expected, "%" PRIu64, (u64)value);
    check((int)unsigned_print(text, (u64)value) == len && memcmp(text, expected, (size_t)len) == 0,
          "unsigned %" PRIu64, (u64)value);
    free(text);
}

static void test_printing_integers(void) {
    for (i64 value = -1001; value <= 100001; value++) check_integer_print(value);
    u64 power = 1;
    for (u32 i = 0; i < 20; i++, power *= 10)
        for (u64 near = power - 2; near != power + 3; near++) check_integer_print((i64)near);
    for (u32 i = 0; i < 64; i++)
        for (i32 near = -2; near <= 2; near++) check_integer_print((i64)((1ull << i) + (u64)near));
    for (u32 i = 0; i < 300000; i++) check_integer_print((i64)random_pattern());
}

static void test_random_doubles(void) {
    for (u32 i = 0; i < 200000; i++) {
        struct text text;
        text.len = 0;
        put_decimal(&text, one_in(3) ? 60 : 20, one_in(2) ? 340 : 30);
        check_double(text.bytes, text.len);
    }
    for (u32 i = 0; i < 200000; i++) { /* near the ends */
        struct text text;
        text.len = 0;
        i32 digits = between(1, 400);
        put_digits(&text, digits, false);
        put(&text, "e%d", (one_in(2) ? 308 : -324) - digits + between(-3, 3));
        check_double(text.bytes, text.len);
    }
    for (u32 i = 0; i < 200000; i++) { /* 15 to 21 digits of a double */
        struct text text;
        text.len = 0;
        put(&text, "%.*e", between(14, 20), random_double());
        check_double(text.bytes, text.len);
    }
}

/* What is halfway between two doubles is a long double, whose digits printf knows to the last. */
static void test_halfway_doubles(void) {
    for (u32 i = 0; i < 40000; i++) {
        double low = fabs(random_double());
        long double middle = ((long double)low + (long double)nextafter(low, INFINITY)) / 2;
        if (!isfinite(middle)) middle = 0x1.fffffffffffff8p1023L;
        struct text text = {0};
        put(&text, "%.1200Le", middle);
        char *e = memchr(text.bytes, 'e', text.len), tail[32];
        snprintf(tail, sizeof tail, "%.*s", (int)(text.bytes + text.len - e), e);
        text.len = (size_t)(e - text.bytes);
        while (text.bytes[text.len - 1] == '0') text.len--;
        switch (between(0, 4)) {
        case 0: text.bytes[text.len - 1] = '4', put_digits(&text, between(0, 900), false); break;
        case 1: put_digits(&text, between(0, 900), false); break;
        case 2:
            for (i32 zeros = between(0, one_in(2) ? 20 : 2000); zeros; zeros--) put(&text, "0");
            put(&text, "1");
            break;
        default: break;
        }
        put(&text, "%s", tail);
        check_double(text.bytes, text.len);
    }
}

/* Of hundreds of thousands of bytes. */
static void test_long_doubles(void) {
    enum { LONG = 300000 };
    static const struct {
        char first, middle, last;
        const char *tail;
    } shapes[] = {
        {'1', '0', '0', "e-299999"},  {'0', '0', '1', ""},         {'0', '0', '1', "e308"},
        {'9', '9', '9', "e-299990"},  {'9', '9', '9', "e-300324"}, {'.', '0', '1', "e299999"},
        {'.', '0', '1', "e299675"},   {'.', '0', '4', "e299675"},  {'1', '0', '1', ""},
        {'.', '9', '9', ""},          {'1', '0', '0', "x"},        {'0', '0', '0', "e999999999999"},
        {'3', '0', '0', "e-1299999"}, {'.', '0', '3', "e1299999"},
    };
    char *text = malloc(LONG + 32);
    for (u32 i = 0; i < COUNT_OF(shapes); i++) {
        memset(text, shapes[i].middle, LONG);
        text[0] = shapes[i].first;
        text[LONG - 1] = shapes[i].last;
        strcpy(text + LONG, shapes[i].tail);
        check_double(text, strlen(text));
    }
    for (i32 digits = LONG - 5; digits < LONG; digits++) { /* hexadecimal */
        memset(text, 'f', LONG);
        memcpy(text, "0x", 2);
        sprintf(text + digits, "p-%d", (digits - 2) * 4 - 5);
        check_double(text, strlen(text));
        text[2] = '.';
        sprintf(text + digits, "p%d", 1024);
        check_double(text, strlen(text));
        memset(text + 17, '0', LONG - 17); /* halfway, and a last bit */
        text[17] = '8';
        text[digits - 1] = one_in(2) ? '1' : '0';
        sprintf(text + digits, "p%d", 17);
        check_double(text, strlen(text));
    }
    free(text);
}

static void test_printing_doubles(void) {
    for (u32 i = 0; i < 200000; i++) {
        double value = random_double();
        check_double_print(value);
        value = double_from(random_bits());
        if (!isnan(value)) check_double_print(value);
    }
    for (u32 i = 0; i < 200000; i++) { /* ties: 18 digits, the last a 5 */
        i32 bits = between(3, 17);
        u64 units = (u64)(pow(10, 17 - bits) * ldexp(1, bits));
        units += random_bits() % (units * 9);
        if (units < 1ull << 53) check_double_print(ldexp((double)(units | 1), -bits));
    }
    for (i32 power = -330; power <= 308; power++) { /* powers of ten, and next to them */
        char text[16];
        snprintf(text, sizeof text, "1e%d", power);
        double value = strtod(text, NULL);
        check_double_print(value);
        check_double_print(nextafter(value, INFINITY));
        check_double_print(nextafter(value, -INFINITY));
    }
    for (i32 power = -1074; power <= 1023; power++) check_double_print(ldexp(1, power));
    for (u32 i = 0; i < 100000; i++) { /* integers, and few digits */
        check_double_print((double)(i64)random_pattern());
        check_double_print(between(-99999, 99999) / pow(10, between(0, 8)));
    }
    check_double_print(INFINITY);
    check_double_print(-INFINITY);
    check_double_print(0.0);
    check_double_print(-0.0);
}

static void test_printing_distances(void) {
    for (u32 i = 0; i < 200000; i++) {
        check_distance_print((double)(random_bits() >> between(11, 40)) * 0x1p-17);
        check_distance_print((double)(random_bits() >> between(24, 60) | 1) * 0x1p-5); /* ties */
        check_distance_print(between(0, 660000000) / (10 + between(0, 99999) / 1e5));
    }
    check_distance_print(0);
    check_distance_print(0.00005);
    check_distance_print(0.9999500001);
    check_distance_print(99999999999);
    check_distance_print(0x1.317863ba22d0dp+23); /* 10009659.36354999989 */
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {
        {"integers are parsed", test_parsing_integers},
        {"integers are printed", test_printing_integers},
        {"known texts", test_known_texts},
        {"known sums", test_known_sums},
        {"the longest texts", test_lengths},
        {"everyday texts", test_everyday_texts},
        {"random decimals", test_random_decimals},
        {"random hex floats", test_random_hex_floats},
        {"garbage", test_garbage},
        {"decimals halfway between two numbers", test_halfway_decimals},
        {"sums", test_sums},
        {"fractions are printed", test_printing},
        {"random doubles", test_random_doubles},
        {"decimals halfway between two doubles", test_halfway_doubles},
        {"doubles of any length", test_long_doubles},
        {"doubles are printed", test_printing_doubles},
        {"distances are printed", test_printing_distances},
    };
    u64 seed = argc > 1 ? strtoull(argv[1], NULL, 0) : (u64)time(NULL);
    printf("seed %" PRIu64 "\n", seed);
    u32 failed = 0;
    for (u32 i = 0; i < COUNT_OF(tests); i++) {
        chance = seed * 0x9e3779b97f4a7c15ull + i + 1;
        checks = wrong = 0;
        tests[i].run();
        printf("%s %s: %u checks, %u wrong\n", wrong ? "FAIL" : "ok", tests[i].name, checks, wrong);
        fflush(stdout);
        failed += wrong > 0;
    }
    printf("decimal: %u passed, %u failed\n", COUNT_OF(tests) - failed, failed);
    return failed > 0;
}
