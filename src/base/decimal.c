/*
 * Integers, doubles and 80-bit extended numbers, to and from decimal text.
 *
 * Redis keeps the fractions of INCRBYFLOAT in the x87's long double, which WebAssembly lacks. Every
 * conversion here is therefore exact, in one large integer (struct big), and rounded once, at the
 * end: text becomes digits * 5^n * 2^n, and printing turns significand * 2^n * 10^places into
 * digits; a sum is taken in two words, with both significands on one scale. Nothing is looked up or
 * estimated, so there is no slow path to get wrong; everyday numbers take two to four limbs.
 *
 * A double goes through the same code: the format to round to is a parameter (Clinger, "How to read
 * floating point numbers accurately", 1990, has reading as one exact quotient, rounded; Steele and
 * White, "How to print floating-point numbers accurately", 1990, printing in integers).
 */
#include "base/decimal.h"

#pragma STDC FP_CONTRACT OFF

/* --- integers --------------------------------------------------------------------------------- */

/* Called from many places: one copy, and no unrolling of loops that go round a few times. Engines
 * make multiplications of the divisions. */
#define ONE_COPY __attribute__((noinline, minsize))

ONE_COPY u32 hex_digit(u8 byte) {
    u32 digit = byte - (u32)'0', letter = (byte | 0x20u) - 'a';
    return digit < 10 ? digit : letter < 6 ? letter + 10 : 16;
}

ONE_COPY bool integer_parse(struct slice text, i64 *value) {
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

ONE_COPY u32 unsigned_print(u8 *to, u64 value) {
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

ONE_COPY u32 integer_print(u8 *to, i64 value) {
    if (value >= 0) return unsigned_print(to, (u64)value);
    *to = '-';
    return 1 + unsigned_print(to + 1, 0 - (u64)value);
}

/* --- large integers --------------------------------------------------------------------------- */

/* A format to round to, and how far to go into a text for it. A struct extended counts exponents
 * from that of the format's least number, 2^exponent_least. Any integer times a power of ten beyond
 * power_most, or one of digit_limbs times one below power_least, is out of range. */
struct format {
    i32 significand_bits, exponent_least, exponent_infinite, power_most, power_least;
    u32 digit_limbs;
};

/* A number halfway between two doubles has at most 768 digits (3.33 bits each). What comes behind
 * more of them than that can only tip the balance: one bit stands for it. An extended number may
 * have thousands, but its text ends before they do. */
enum {
    DOUBLE_DIGIT_LIMBS = 768 * 333 / 100 / 32 + 3,
    EXTENDED_DIGIT_LIMBS = EXTENDED_TEXT_MAX * 333 / 100 / 32 + 1
};
enum { EXPONENT_LEAST = -16445, POWER_MOST = 4932, POWER_LEAST = -10071 };
enum { DOUBLE_POWER_MOST = 308, DOUBLE_POWER_LEAST = -1114 };
static const struct format double_format = {
    53, -1074, 2046, DOUBLE_POWER_MOST, DOUBLE_POWER_LEAST, DOUBLE_DIGIT_LIMBS};
static const struct format extended_format = {64,         EXPONENT_LEAST, EXTENDED_INFINITE,
                                              POWER_MOST, POWER_LEAST,    EXTENDED_DIGIT_LIMBS};
_Static_assert(DOUBLE_DIGIT_LIMBS * 32 < (1115 - 324) * 332 / 100, "half the least double is more");

/* Digits to base 16 times 2^exponent are out of range from here on, however many there are. */
enum { HEX_EXPONENT_MOST = 100000 };

/* Room for the largest integers met: all digits times 5^power_most (2.33 bits each). Division by
 * 5^-power_least, and printing, take less. */
enum {
    DOUBLE_LIMBS = DOUBLE_DIGIT_LIMBS + DOUBLE_POWER_MOST * 233 / 100 / 32 + 3,
    EXTENDED_LIMBS = EXTENDED_DIGIT_LIMBS + POWER_MOST * 233 / 100 / 32 + 3
};
_Static_assert(DOUBLE_LIMBS * 32 > -DOUBLE_POWER_LEAST * 7 / 3 + 164, "room to divide");
_Static_assert(EXTENDED_LIMBS * 32 > -POWER_LEAST * 7 / 3 + 164, "room to divide");
_Static_assert(EXTENDED_LIMBS * 32 > EXTENDED_INFINITE + EXPONENT_LEAST + 64 + 57 + 2,
               "room to print");

struct big {
    u32 len; /* limbs in use; the top one is not 0, but that of big_set */
    u32 limb[];
};

/* One with room for so many limbs. */
#define BIG(name, limbs)                                                                           \
    u32 name##_words[1 + (limbs)];                                                                 \
    struct big *name = (struct big *)name##_words

static COLD void big_trim(struct big *big) {
    while (big->len && big->limb[big->len - 1] == 0) big->len--;
}

static COLD void big_set(struct big *big, u64 number) {
    store64((u8 *)big->limb, number);
    big->len = 2;
}

static COLD i32 big_bits(const struct big *big) {
    return (i32)big->len * 32 - __builtin_clz(big->limb[big->len - 1]);
}

/* Less than 2^64, or that much of it. */
static COLD u64 big_low(struct big *big) {
    store64((u8 *)(big->limb + big->len), 0);
    return load64((const u8 *)big->limb);
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
        u32 part = min_u32(left, base == 2 ? 30 : 13), factor = 1 << part;
        left -= part;
        if (base == 5)
            for (factor = 1; part; part--) factor *= 5;
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
    if (bits <= 0) {
        big_scale(big, 2, -bits);
        return;
    }
    big_scale(big, 2, 2 - bits);
    big_multiply(big, 1, 1 + (big->limb[0] >> 2 & 1));
    big_divide(big, 4);
}

/* --- extended numbers ------------------------------------------------------------------------- */

/* Makes *value, but for its sign, the number nearest to big * 2^exponent; the exponent counts as in
 * struct extended, but may be any, and big is not 0. False if it is infinite. The significand of
 * every format has its first bit on top. */
static COLD bool extended_round(struct big *big, i32 exponent, const struct format *format,
                                struct extended *value) {
    i32 excess = big_bits(big) - format->significand_bits;
    if (excess < -exponent) excess = -exponent; /* denormal */
    big_round_off(big, excess);
    value->significand = big_low(big) << (64 - format->significand_bits);
    value->exponent = exponent + excess;
    if (big->len && value->significand == 0) { /* rounded up to a power of two */
        value->significand = 1ull << 63;
        value->exponent++;
    }
    return value->exponent < format->exponent_infinite;
}

/* In two words, the second of which is behind the point of the first. */
COLD bool extended_add(struct extended a, struct extended b, struct extended *sum) {
    const u64 top = 1ull << 63;
    i32 distance = a.exponent - b.exponent;
    if (distance < 0 || (distance == 0 && a.significand < b.significand))
        return extended_add(b, a, sum);
    if (a.exponent == EXTENDED_INFINITE) return false;
    *sum = a;
    if (distance > 65) return true; /* b is less than half of a's last bit */

    /* b on the scale of a; the last bit stands for what is behind it. */
    u64 high = b.significand, low = 0;
    for (; distance; distance--) {
        low = low >> 1 | (low & 1) | high << 63;
        high >>= 1;
    }
    if (a.negative == b.negative) {
        high += a.significand;
        if (high < a.significand) {
            low = low >> 1 | (low & 1) | high << 63;
            high = high >> 1 | top;
            a.exponent++;
        }
    } else {
        high = a.significand - high - (low != 0);
        low = 0 - low;
        if (!(high | low)) {
            *sum = (struct extended){0};
            return true;
        }
    }
    for (; high < top && a.exponent; a.exponent--) {
        high = high << 1 | low >> 63;
        low <<= 1;
    }
    high += (low | (high & 1)) > top; /* to nearest, ties to even */
    if (low >= top && !high) {        /* rounded up to a power of two */
        high = top;
        a.exponent++;
    }
    sum->significand = high;
    sum->exponent = a.exponent;
    return a.exponent < EXTENDED_INFINITE;
}

/* --- text to number --------------------------------------------------------------------------- */

static bool is_infinity(const u8 *at, const u8 *end) {
    u32 len = (u32)(end - at);
    if (len != 3 && len != 8) return false;
    for (u32 i = 0; i < len; i++)
        if ((at[i] | 32) != "infinity"[i]) return false;
    return true;
}

/* Reads digits and at most one point as one integer times base^-*places. Returns where it stopped;
 * NULL if there are no digits. Of digits beyond `limbs`, only whether one is not 0 is kept. */
static const u8 *parse_digits(const u8 *at, const u8 *end, u32 base, u32 limbs, struct big *big,
                              i64 *places) {
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
        if (big->len < limbs) {
            big_multiply(big, base, digit);
        } else {
            big->limb[0] |= digit != 0;
            --*places;
        }
    }
    return any ? at : NULL;
}

/* Reads all the text there is. Beyond what a text's length can make up for, any number will do. */
static bool parse_exponent(const u8 *at, const u8 *end, i64 *exponent) {
    if (at == end) return false;
    bool negative = *at == '-';
    if (negative || *at == '+') at++;
    if (at == end) return false;
    i64 sum = 0;
    for (; at != end; at++) {
        u32 digit = *at - (u32)'0';
        if (digit > 9) return false;
        if (sum < 1ll << 40) sum = sum * 10 + digit;
    }
    *exponent = negative ? -sum : sum;
    return true;
}

/* Parses all the text there is. Out of range, *value is infinite or zero. */
SHARED enum text_verdict number_parse(struct slice text, const struct format *format,
                                      struct big *big, struct extended *value) {
    const u8 *at = text.bytes, *end = at + text.len;
    bool negative = text.len && *at == '-';
    if (negative || (text.len && *at == '+')) at++;
    const struct extended infinite = {1ull << 63, format->exponent_infinite, negative};
    *value = infinite;
    if (is_infinity(at, end)) return TEXT_NUMBER;
    bool hex = end - at > 2 && at[0] == '0' && (at[1] | 32) == 'x';
    if (hex) at += 2;
    i64 places, exponent = 0;
    at = parse_digits(at, end, hex ? 16 : 10, format->digit_limbs, big, &places);
    if (!at) return TEXT_NO_NUMBER;
    if (at != end) {
        if ((*at | 32) != (hex ? 'p' : 'e')) return TEXT_NO_NUMBER;
        if (!parse_exponent(at + 1, end, &exponent)) return TEXT_NO_NUMBER;
    }
    exponent -= hex ? places * 4 : places;
    const struct extended zero = {0, 0, negative};
    if (big->len == 0 || exponent < (hex ? -HEX_EXPONENT_MOST : format->power_least)) {
        *value = zero;
        return big->len ? TEXT_OUT_OF_RANGE : TEXT_NUMBER;
    }
    if (exponent > (hex ? HEX_EXPONENT_MOST : format->power_most)) return TEXT_OUT_OF_RANGE;
    i32 power = (i32)exponent;
    if (!hex) {
        /* A quotient keeps two bits more than it will be rounded to: 5^3 < 2^7. */
        i32 lift = 64 + 2 + 1 - power * 7 / 3 - big_bits(big);
        if (power >= 0 || lift < 0) lift = 0;
        big_scale(big, 2, lift);
        big_scale(big, 5, power);
        power -= lift;
    }
    if (!extended_round(big, power - format->exponent_least, format, value)) {
        *value = infinite;
        return TEXT_OUT_OF_RANGE;
    }
    return value->significand ? TEXT_NUMBER : TEXT_OUT_OF_RANGE;
}

LARGE_FRAME COLD bool extended_parse(struct slice text, struct extended *value) {
    BIG(big, EXTENDED_LIMBS);
    return text.len < EXTENDED_TEXT_MAX &&
           number_parse(text, &extended_format, big, value) == TEXT_NUMBER;
}

/* --- number to text --------------------------------------------------------------------------- */

/* Makes it the number times 10^places, rounded to an integer. A quotient is given bits enough by 4
 * for each 5 it is divided by. */
static COLD void big_set_decimal(struct big *big, struct extended value, i32 places) {
    i32 lift = places < 0 ? -4 * places : 0;
    big_set(big, value.significand);
    big_scale(big, 2, lift);
    big_scale(big, 5, places);
    big_round_off(big, lift - (value.exponent + EXPONENT_LEAST + places));
}

COLD u32 extended_text_most(struct extended value) {
    i32 bits = value.exponent + EXPONENT_LEAST + 64; /* before the point */
    return (u32)(bits > 0 ? bits : 0) / 3 + 24;
}

LARGE_FRAME COLD u32 extended_print(u8 *to, u32 capacity, struct extended value, u32 places) {
    BIG(big, EXTENDED_LIMBS);
    bool trimmed = places == HUMAN_PLACES;
    i32 zeros = __builtin_ctzll(value.significand | 1ull << 63);
    value.significand >>= zeros;
    value.exponent += zeros;
    i32 fraction = -(value.exponent + EXPONENT_LEAST); /* bits, which are as many places */
    if (trimmed && fraction < (i32)places) places = fraction > 0 ? (u32)fraction : 0;
    big_set_decimal(big, value, (i32)places);

    /* From the last digit to the first, nine at a time. */
    bool negative = value.negative && (big->len || !trimmed);
    u8 *end = to + capacity, *at = end;
    u32 group = 0;
    for (u32 place = 0; place <= places || group || big->len; place++) {
        if (place % 9 == 0) group = big_divide(big, 1000000000);
        if (place == places) *--at = '.';
        *--at = (u8)('0' + group % 10);
        group /= 10;
    }
    if (negative) *--at = '-';
    while (trimmed && end[-1] == '0') end--;
    if (end[-1] == '.') end--;
    u32 len = (u32)(end - at);
    __builtin_memmove(to, at, len);
    return len;
}

/* --- doubles ---------------------------------------------------------------------------------- */

/* Both formats have a significand without its first bit as the fraction of a double; the first bit
 * adds 1 to the exponent, which a denormal does not have. */
static double double_of(struct extended value) {
    u64 bits = ((u64)value.exponent << 52) + (value.significand >> 11);
    bits |= (u64)value.negative << 63;
    double number;
    __builtin_memcpy(&number, &bits, 8);
    return number;
}

COLD struct extended extended_of(double value) {
    u64 bits;
    __builtin_memcpy(&bits, &value, 8);
    i32 exponent = (i32)(bits >> 52 & 2047);
    u64 significand = bits & ((1ull << 52) - 1);
    if (exponent) significand |= 1ull << 52, exponent--;
    struct extended number = {.negative = bits >> 63};
    if (significand) {
        i32 shift = __builtin_clzll(significand);
        number.significand = significand << shift;
        number.exponent = exponent + double_format.exponent_least - EXPONENT_LEAST - shift;
    }
    return number;
}

/* Digits alone, and a point among them: as most numbers are. Neither the digits as an integer nor
 * the power of ten is rounded, so what is rounded once is their quotient (Clinger, PLDI 1990). */
static bool parse_plain(struct slice text, double *value) {
    enum { PLAIN_MOST = 15 }; /* bytes: less than 2^53, and 10^22 */
    u64 digits = 0;
    double power = 1;
    bool negative = text.len && *text.bytes == '-', point = false;
    u32 i = negative;
    if (text.len > PLAIN_MOST || (text.len && text.bytes[text.len - 1] == '.')) return false;
    for (; i < text.len; i++) {
        u32 digit = text.bytes[i] - (u32)'0';
        if (digit > 9) {
            if (point || text.bytes[i] != '.') return false;
            point = true;
            continue;
        }
        digits = digits * 10 + digit;
        if (point) power *= 10;
    }
    *value = (negative ? -(double)digits : (double)digits) / power;
    return text.len > negative;
}

COLD bool double_parse(struct slice text, double *value) {
    if (parse_plain(text, value)) return true;
    struct extended number;
    BIG(big, DOUBLE_LIMBS);
    bool good = number_parse(text, &double_format, big, &number) == TEXT_NUMBER;
    *value = double_of(number);
    return good;
}

COLD enum text_verdict double_parse_loosely(struct slice text, double *value) {
    if (parse_plain(text, value)) return TEXT_NUMBER;
    struct slice part = {text.bytes, 0};
    while (part.len < text.len && part.bytes[part.len]) part.len++;
    *value = 0;
    if (part.len == 0) return TEXT_NUMBER;
    while (part.len && (*part.bytes == ' ' || (u32)*part.bytes - '\t' < 5))
        part.bytes++, part.len--;
    struct extended number;
    BIG(big, DOUBLE_LIMBS);
    enum text_verdict verdict = number_parse(part, &double_format, big, &number);
    *value = double_of(number);
    return verdict;
}

/* The number times 10^places, rounded to an integer, which is less than 2^64. */
COLD static u64 decimal_of(struct extended value, i32 places) {
    BIG(big, DOUBLE_LIMBS);
    big_set_decimal(big, value, places);
    return big_low(big);
}

COLD u32 double_print(u8 *to, double value) {
    u8 *at = to, digits[INTEGER_TEXT_MAX];
    struct extended number = extended_of(value);
    if (number.negative) *at++ = '-', value = -value;
    if (value > 1.7976931348623157e308) {
        __builtin_memcpy(at, "inf", 3);
        return (u32)(at - to) + 3;
    }
    if (value < 1e17 && value == (double)(u64)value) /* zero, too */
        return (u32)(at - to) + unsigned_print(at, (u64)value);

    /* 17 digits: 10 to the `power` is at most the number. Below its logarithm, but for 1 at most.
     */
    i32 power = (number.exponent + EXPONENT_LEAST + 63) * 78913 >> 18;
    u64 decimal;
    while ((decimal = decimal_of(number, 16 - power)) >= 100000000000000000) power++;
    i32 len = (i32)unsigned_print(digits, decimal);
    while (digits[len - 1] == '0') len--;
    bool scientific = power < -4 || power > 16;
    i32 point = scientific ? 0 : power; /* the digit before it; as many zeros, if it is negative */
    for (i32 i = point < 0 ? point : 0; i < len; i++) {
        if (i == point + 1) *at++ = '.';
        *at++ = i < 0 ? '0' : digits[i];
    }
    if (scientific) {
        *at++ = 'e';
        *at++ = power < 0 ? '-' : '+';
        u32 exponent = (u32)(power < 0 ? -power : power);
        if (exponent < 10) *at++ = '0';
        at += unsigned_print(at, exponent);
    }
    return (u32)(at - to);
}

/* The number that is that many `unit`s, a power of 10. */
COLD static u32 units_print(u8 *to, u64 decimal, u64 unit) {
    u32 whole = unsigned_print(to, decimal / unit);
    u32 len = whole + unsigned_print(to + whole, unit + decimal % unit);
    to[whole] = '.'; /* a 1 is there */
    return len;
}

COLD u32 distance_print(u8 *to, double value) {
    double scaled = value * 10000;
    return units_print(to, (u64)(scaled + 0x1p52 - 0x1p52), 10000); /* to nearest, ties to even */
}

COLD u32 coordinate_print(u8 *to, double value) {
    u8 *at = to;
    if (value < 0) *at++ = '-';
    at += units_print(at, decimal_of(extended_of(value), 17), 100000000000000000);
    while (at[-1] == '0') at--;
    return (u32)(at - to) - (at[-1] == '.');
}
