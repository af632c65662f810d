/*
 * Integers and 80-bit extended numbers, to and from decimal text.
 *
 * Redis keeps the fractions of INCRBYFLOAT in the x87's long double, which WebAssembly lacks. Every
 * conversion here is therefore exact, in one large integer (struct big), and rounded once, at the
 * end: text becomes digits * 5^n * 2^n, a sum is taken with both significands on one scale, and
 * printing turns significand * 2^n * 10^17 into digits. Nothing is looked up or estimated, so
 * there is no slow path to get wrong; everyday numbers take two to four limbs.
 */
#include "base/decimal.h"

/* --- integers --------------------------------------------------------------------------------- */

/* Called from many places: one copy, and no unrolling of loops that go round a few times. Engines
 * make multiplications of the divisions. */
#define SHARED __attribute__((noinline, minsize))

SHARED u32 hex_digit(u8 byte) {
    u32 digit = byte - (u32)'0', letter = (byte | 0x20u) - 'a';
    return digit < 10 ? digit : letter < 6 ? letter + 10 : 16;
}

SHARED bool integer_parse(struct slice text, i64 *value) {
    const u8 *at = text.bytes;
    u32 len = text.len;
    bool negative = len > 1 && *at == '-';
    if (negative) at++, len--;
    if (len == 0 || len > 19) return false; /* 19 digits cannot overflow the sum below */
    if (*at == '0' && (len > 1 || negative)) return false;
    u64 sum = 0;
    for (const u8 *end = at + len; at != end; at++) {
        u32 digit = *at - (u32)'0';
        if (digit > 9) return false;
        sum = sum * 10 + digit;
    }
    if (sum > (u64)INT64_MAX + negative) return false;
    *value = (i64)(negative ? 0 - sum : sum);
    return true;
}

SHARED u32 unsigned_print(u8 *to, u64 value) {
    u32 len = 1;
    for (u64 bound = 10; value >= bound && len < INTEGER_TEXT_MAX; bound *= 10) len++;
    u8 *at = to + len;
    while (value > UINT32_MAX) {
        u64 tenth = value / 10;
        *--at = (u8)('0' + (value - tenth * 10));
        value = tenth;
    }
    u32 word = (u32)value;
    do {
        *--at = (u8)('0' + word % 10);
        word /= 10;
    } while (at != to);
    return len;
}

SHARED u32 integer_print(u8 *to, i64 value) {
    if (value >= 0) return unsigned_print(to, (u64)value);
    *to = '-';
    return 1 + unsigned_print(to + 1, 0 - (u64)value);
}

/* --- large integers --------------------------------------------------------------------------- */

/* The format of the numbers; a struct extended counts exponents from EXPONENT_LEAST. */
enum { SIGNIFICAND_BITS = 64, EXPONENT_LEAST = -16445 };

/* 10^4933 is more than the largest number; 10^5119 times 10^-10072 is less than half the least. */
enum { POWER_MOST = 4932, POWER_LEAST = -10071 };

/* Room for the largest integer met: 5119 digits (3.33 bits each) times 5^POWER_MOST (2.33).
 * Division by 5^-POWER_LEAST, and printing, take less. */
enum { LIMBS = (EXTENDED_TEXT_MAX * 333 + POWER_MOST * 233) / 100 / 32 + 4 };
_Static_assert(LIMBS * 32 > EXTENDED_TEXT_MAX * 4 + 66, "room for digits to base 16");
_Static_assert(LIMBS * 32 > -POWER_LEAST * 7 / 3 + 164, "room to divide");
_Static_assert(LIMBS * 32 > EXTENDED_INFINITE + EXPONENT_LEAST + 64 + 57 + 2, "room to print");

struct big {
    u32 len; /* limbs in use; the top one is not 0, but that of big_set */
    u32 limb[LIMBS];
};

static COLD void big_trim(struct big *big) {
    while (big->len && big->limb[big->len - 1] == 0) big->len--;
}

static COLD void big_set(struct big *big, u64 number) {
    store64((u8 *)big->limb, number);
    big->len = 2;
}

/* Adds sign (1 or -1) * amount. The sum is not negative. */
static COLD void big_add(struct big *big, i64 sign, u64 amount) {
    i64 carry = 0;
    big->limb[big->len++] = 0;
    for (u32 i = 0; i < big->len; i++) {
        carry += big->limb[i] + sign * (u32)amount;
        big->limb[i] = (u32)carry;
        carry >>= 32;
        amount >>= 32;
    }
    big_trim(big);
}

static COLD void big_multiply(struct big *big, u32 factor, u32 addend) {
    u64 carry = addend;
    u32 *limb = big->limb;
    for (u32 left = big->len; left; left--) {
        carry += (u64)*limb * factor;
        *limb++ = (u32)carry;
        carry >>= 32;
    }
    *limb = (u32)carry;
    big->len += carry != 0;
}

/* Returns the remainder. */
static COLD u32 big_divide(struct big *big, u32 divisor) {
    u64 rest = 0;
    for (u32 i = big->len; i--;) {
        u64 part = rest << 32 | big->limb[i];
        u64 quotient = part / divisor;
        big->limb[i] = (u32)quotient;
        rest = part - quotient * divisor;
    }
    big_trim(big);
    return (u32)rest;
}

/* Multiplies by base^power, base 2 or 5. A quotient is cut, not rounded, and its lowest bit set if
 * anything was cut off: two bits or more below the last one that counts, it rounds as the exact
 * quotient would. */
static COLD void big_scale(struct big *big, u32 base, i32 power) {
    u32 inexact = 0;
    for (u32 left = (u32)(power < 0 ? -power : power); left;) {
        u32 factor = 1;
        for (; left && factor < 1u << 29; left--) factor *= base;
        if (power < 0)
            inexact |= big_divide(big, factor);
        else
            big_multiply(big, factor, 0);
    }
    big->limb[0] |= inexact != 0;
}

/* Divides by 2^bits (multiplies, if they are negative), rounding to nearest, ties to even: of four
 * quarters, an odd number takes two to be rounded up, an even one three. */
static COLD void big_round_off(struct big *big, i32 bits) {
    big_scale(big, 2, 2 - bits);
    big_multiply(big, 1, 1 + (big->limb[0] >> 2 & 1));
    big_divide(big, 4);
}

/* --- extended numbers ------------------------------------------------------------------------- */

/* Makes *value, but for its sign, the number nearest to big * 2^exponent; the exponent counts as in
 * struct extended, but may be any, and big is not 0. False if it is infinite. */
static COLD bool extended_round(struct big *big, i32 exponent, struct extended *value) {
    i32 excess = (i32)big->len * 32 - __builtin_clz(big->limb[big->len - 1]) - SIGNIFICAND_BITS;
    if (excess < -exponent) excess = -exponent; /* denormal */
    big_round_off(big, excess);
    store64((u8 *)(big->limb + big->len), 0);
    u64 carry = big->len > 2; /* rounded up to 2^64 */
    value->significand = load64((const u8 *)big->limb) | carry << 63;
    value->exponent = exponent + excess + (i32)carry;
    return value->exponent < EXTENDED_INFINITE;
}

LARGE_FRAME COLD bool extended_add(struct extended a, struct extended b, struct extended *sum) {
    i32 distance = a.exponent - b.exponent;
    if (distance < 0 || (distance == 0 && a.significand < b.significand))
        return extended_add(b, a, sum);
    if (a.exponent == EXTENDED_INFINITE) return false;
    *sum = a;
    if (distance > SIGNIFICAND_BITS + 1) return true; /* b is less than half of a's last bit */

    struct big big;
    big_set(&big, a.significand);
    big_scale(&big, 2, distance);
    big_add(&big, a.negative == b.negative ? 1 : -1, b.significand);
    if (big.len) return extended_round(&big, b.exponent, sum);
    *sum = (struct extended){.negative = a.negative && b.negative};
    return true;
}

/* --- extended numbers and text ---------------------------------------------------------------- */

static bool is_infinity(const u8 *at, const u8 *end) {
    u32 len = (u32)(end - at);
    if (len != 3 && len != 8) return false;
    for (u32 i = 0; i < len; i++)
        if ((at[i] | 32) != "infinity"[i]) return false;
    return true;
}

/* Reads digits and at most one point as one integer, *places of the digits after the point.
 * Returns where it stopped; NULL if there are no digits. */
static const u8 *parse_digits(const u8 *at, const u8 *end, u32 base, struct big *big, i32 *places) {
    bool any = false, point = false;
    big->len = 0;
    *places = 0;
    for (; at != end; at++) {
        if (*at == '.' && !point) {
            point = true;
            continue;
        }
        u32 digit = hex_digit(*at);
        if (digit >= base) break;
        any = true;
        *places += point;
        big_multiply(big, base, digit);
    }
    return any ? at : NULL;
}

/* Reads all the text there is. Beyond 100,000 any large number will do. */
static bool parse_exponent(const u8 *at, const u8 *end, i32 *exponent) {
    if (at == end) return false;
    bool negative = *at == '-';
    if (negative || *at == '+') at++;
    if (at == end) return false;
    i32 sum = 0;
    for (; at != end; at++) {
        u32 digit = *at - (u32)'0';
        if (digit > 9) return false;
        if (sum < 100000) sum = sum * 10 + (i32)digit;
    }
    *exponent = negative ? -sum : sum;
    return true;
}

LARGE_FRAME COLD bool extended_parse(struct slice text, struct extended *value) {
    if (text.len == 0 || text.len >= EXTENDED_TEXT_MAX) return false;
    const u8 *at = text.bytes, *end = at + text.len;
    *value = (struct extended){.negative = *at == '-'};
    if (value->negative || *at == '+') at++;
    if (is_infinity(at, end)) {
        value->exponent = EXTENDED_INFINITE;
        return true;
    }
    bool hex = end - at > 2 && at[0] == '0' && (at[1] | 32) == 'x';
    if (hex) at += 2;
    struct big big;
    i32 places, exponent = 0;
    at = parse_digits(at, end, hex ? 16 : 10, &big, &places);
    if (!at) return false;
    if (at != end) {
        if ((*at | 32) != (hex ? 'p' : 'e')) return false;
        if (!parse_exponent(at + 1, end, &exponent)) return false;
    }
    if (big.len == 0) return true;
    exponent -= hex ? places * 4 : places;
    if (!hex) {
        if (exponent > POWER_MOST || exponent < POWER_LEAST) return false;
        /* A quotient keeps two bits more than it will be rounded to: 5^3 < 2^7. */
        i32 lift = SIGNIFICAND_BITS + 2 + 32 - exponent * 7 / 3 - (i32)big.len * 32;
        if (exponent >= 0 || lift < 0) lift = 0;
        big_scale(&big, 2, lift);
        big_scale(&big, 5, exponent);
        exponent -= lift;
    }
    return extended_round(&big, exponent - EXPONENT_LEAST, value) && value->significand;
}

COLD u32 extended_text_most(struct extended value) {
    i32 bits = value.exponent + EXPONENT_LEAST + SIGNIFICAND_BITS; /* before the point */
    return (u32)(bits > 0 ? bits : 0) / 3 + 24;
}

LARGE_FRAME COLD u32 extended_print(u8 *to, u32 capacity, struct extended value) {
    struct big big; /* the number times 10^17, rounded to an integer */
    big_set(&big, value.significand);
    big_scale(&big, 5, 17);
    big_round_off(&big, -(value.exponent + EXPONENT_LEAST + 17));

    /* From the last digit to the first, nine at a time. */
    bool negative = value.negative && big.len;
    u8 *end = to + capacity, *at = end;
    u32 group = 0;
    for (u32 place = 0; place <= 17 || group || big.len; place++) {
        if (place % 9 == 0) group = big_divide(&big, 1000000000);
        if (place == 17) *--at = '.';
        *--at = (u8)('0' + group % 10);
        group /= 10;
    }
    if (negative) *--at = '-';
    while (end[-1] == '0') end--;
    if (end[-1] == '.') end--;
    u32 len = (u32)(end - at);
    __builtin_memmove(to, at, len);
    return len;
}
