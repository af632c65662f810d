/*
 * Numbers as text, the way Redis reads and prints them.
 *
 * Integers are Redis's string2ll and ll2string. Fractions come in two formats. Scores, distances
 * and coordinates are doubles. What INCRBYFLOAT keeps is Redis's `long double` on x86-64, the
 * 80-bit extended format (64-bit significand, 15-bit exponent), done here in integers so that every
 * engine and host gives the same digits: 0.1 + 0.2 is 0.3, as there.
 */
#ifndef FERRITE_DECIMAL_H
#define FERRITE_DECIMAL_H

#include "base/base.h"

enum { INTEGER_TEXT_MAX = 20 };    /* bytes of the longest i64 or u64 */
enum { EXTENDED_TEXT_MAX = 5120 }; /* Redis's MAX_LONG_DOUBLE_CHARS */
enum { DOUBLE_TEXT_MAX = 24 };     /* bytes of the longest double: sign, 17 digits, "e+308" */

/* The value of a digit to base 16; 16 if it is none. */
u32 hex_digit(u8 byte);

/* Parses all of `text` as a canonical integer: no blanks, plus sign, leading zeros or "-0".
 * False, and *value untouched, if it is not one or overflows. (string2ll) */
bool integer_parse(struct slice text, i64 *value);

/* Writes at most INTEGER_TEXT_MAX bytes, returns how many. (ll2string) */
u32 integer_print(u8 *to, i64 value);
u32 unsigned_print(u8 *to, u64 value);

/*
 * An 80-bit extended number: significand * 2^(exponent - 16445), negated if `negative`. The
 * exponent is 0..32765; above 0 the significand has its top bit set, at 0 the number may be
 * denormal or zero. So {0} is zero. With exponent EXTENDED_INFINITE, only the sign means anything.
 */
struct extended {
    u64 significand;
    i32 exponent;
    bool negative;
};

enum { EXTENDED_INFINITE = 32766 };

/* Parses all of `text` as strtold would in the C locale, correctly rounded to nearest even, with
 * the cases Redis's string2ld refuses (empty, EXTENDED_TEXT_MAX bytes or more, blanks, trailing
 * bytes, NaN, overflow, underflow to zero) refused: false, and *value means nothing. Accepts what
 * glibc accepts: signs, hex floats, "inf" and "infinity" in any case. */
bool extended_parse(struct slice text, struct extended *value);

/* a + b, rounded to nearest even. False, and *sum means nothing, if the sum is not finite. */
bool extended_add(struct extended a, struct extended b, struct extended *sum);

/* How many bytes the text of a finite number takes at most, on the way to it included. */
u32 extended_text_most(struct extended value);

/* Prints a finite number with so many places, 17 or fewer, but not 0: HUMAN_PLACES as Redis's
 * ld2string does in human form ("%.17Lf", trailing zeros and a bare point removed, "-0" as "0"),
 * others as printf does ("%.6f"). Uses all `capacity` bytes at `to`, at least extended_text_most;
 * returns how many of them, from the first, are the text. */
enum { HUMAN_PLACES = 17 };
u32 extended_print(u8 *to, u32 capacity, struct extended value, u32 places);

/* Any double is an extended number; of one that is not finite, nothing but the sign is right. */
struct extended extended_of(double value);

/* Parses all of `text` as Redis parses a score: as strtod would in the C locale, correctly rounded
 * to nearest even, of any length, in time linear in it. Refuses what Redis refuses (empty, blanks,
 * trailing bytes, NaN, overflow, underflow to zero): false, and *value means nothing. Accepts
 * signs, hex floats, "inf" and "infinity" in any case. */
bool double_parse(struct slice text, double *value);

/* Parses as much of `text` as there is before a zero byte, like strtod: blanks before the number
 * are skipped, no text at all is 0, overflow is infinite, underflow 0. Redis parses the bounds of a
 * range of scores so, where both are let pass, and the elements of SORT, where TEXT_OUT_OF_RANGE is
 * not. */
enum text_verdict { TEXT_NO_NUMBER, TEXT_NUMBER, TEXT_OUT_OF_RANGE };
enum text_verdict double_parse_loosely(struct slice text, double *value);

/* Prints as Redis prints a score: "%.17g", so "3", "0.10000000000000001", "1e+21", "-0", "-inf".
 * Not for NaN. Writes at most DOUBLE_TEXT_MAX bytes, returns how many. */
u32 double_print(u8 *to, double value);

/* Prints as Redis prints a distance: with four decimals, those of value * 10000 rounded to an
 * integer, ties to even. For 0 to 10^11; at most INTEGER_TEXT_MAX bytes. */
u32 distance_print(u8 *to, double value);

/* Prints a coordinate in degrees as extended_print does with HUMAN_PLACES. For those of places of
 * scores (position_of), or others from -180 to 180 that do not round to 0; at most
 * COORDINATE_TEXT_MAX. */
enum { COORDINATE_TEXT_MAX = 24 };
u32 coordinate_print(u8 *to, double value);

#endif
