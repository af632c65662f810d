/*
 * Places on the earth.
 *
 * Distances must round as those of Redis do, in the last of four decimals and at the edge of an
 * area. Redis takes sine, cosine and arc sine from the C library, which rounds nearly all of them
 * correctly; so these do the same: they are computed to some 70 bits, in sums of two doubles
 * (Dekker, "A floating-point technique for extending the available precision", 1971), and rounded
 * once.
 */
#include "base/geo.h"

#pragma STDC FP_CONTRACT OFF

/* --- sums of two doubles ---------------------------------------------------------------------- */

struct wide {
    double high, low; /* low is at most half of high's last bit */
};

/* Makes it the sum of a and b, a the larger, without an error, and of c. */
static COLD void wide_sum(struct wide *wide, double a, double b, double c) {
    double sum = a + b;
    c += b - (sum - a);
    double high = sum + c;
    wide->high = high;
    wide->low = c - (high - sum);
}

/* The first half of the bits. */
static double upper_half(double value) {
    u64 bits;
    __builtin_memcpy(&bits, &value, 8);
    bits &= ~0ull << 27;
    __builtin_memcpy(&value, &bits, 8);
    return value;
}

static COLD void wide_multiply(struct wide *a, struct wide b) {
    double high = a->high * b.high;
    double a1 = upper_half(a->high), b1 = upper_half(b.high);
    double a2 = a->high - a1, b2 = b.high - b1;
    double low = a1 * b1 - high + a1 * b2 + a2 * b1 + a2 * b2;
    wide_sum(a, high, low, a->high * b.low + a->low * b.high);
}

/* --- trigonometry ----------------------------------------------------------------------------- */

/* pi/2 */
static const struct wide quarter_turn = {0x1.921fb54442d18p0, 0x1.1a62633145c07p-54};

/* Makes x its sine: the series x * (1 - x^2/(2*3) * (1 - x^2/(4*5) * (...))), up to a quarter turn
 * from 0. What comes behind x^15 counts so little that a double will do for it. The rest is
 * multiplied by 15! on the way, so that there is nothing to divide. */
static COLD void wide_sine(struct wide *x) {
    static const struct wide unit = {0x1.ae7f3e733b81fp-41, 0x1.1d8656b0ee8cbp-97}; /* 1/15! */
    struct wide square = *x, sum = {1, 0};
    wide_multiply(&square, *x);
    double factor = 1;
    for (i32 n = 26; n; n -= 2) {
        double step = (double)(n * (n + 1));
        if (n > 14) {
            sum.high = 1 - square.high * sum.high / step;
        } else {
            factor *= step;
            wide_multiply(&sum, square);
            wide_sum(&sum, factor, -sum.high, -sum.low);
        }
    }
    wide_multiply(x, unit);
    wide_multiply(x, sum);
}

/* The sine of what is left of so many quarter turns without the angle. */
static COLD double sine_left(double quarters, double radians) {
    double whole = quarters * quarter_turn.high, more = quarters * quarter_turn.low;
    struct wide left;
    wide_sum(&left, whole, -radians, more);
    wide_sine(&left);
    return left.high;
}

COLD double sine(double radians) {
    return radians > quarter_turn.high ? sine_left(2, radians) : -sine_left(0, radians);
}

COLD double cosine(double radians) {
    return sine_left(1, radians);
}

/* Newton's iteration, with the slope where it leads to, from the first term of the series at 1: it
 * is good to 0.16, so the fourth time gives all the bits there are. */
COLD double arc_sine(double ratio) {
    double rest = 1 - ratio, slope = __builtin_sqrt(rest * (1 + ratio));
    double arc = quarter_turn.high - __builtin_sqrt(rest + rest);
    if (ratio >= 1) return quarter_turn.high;
    for (u32 i = 0; i < 4; i++) {
        struct wide now = {arc, 0};
        wide_sine(&now);
        arc += (ratio - now.high - now.low) / slope;
    }
    return arc;
}

/* --- distances -------------------------------------------------------------------------------- */

static const double earth_radius_meters = 6372797.560856;

static COLD double radians(double degrees) {
    return degrees * (0x1.921fb54442d18p1 / 180);
}

COLD double distance_meters(struct position a, struct position b) {
    double from = radians(a.latitude), to = radians(b.latitude);
    double u = sine(__builtin_fabs(to - from) / 2);
    double v = sine(__builtin_fabs(radians(b.longitude) - radians(a.longitude)) / 2);
    double square = u * u + cosine(__builtin_fabs(from)) * cosine(__builtin_fabs(to)) * v * v;
    return 2 * earth_radius_meters * arc_sine(__builtin_sqrt(square));
}

COLD void area_shape(struct area *area, bool is_box, double width, double height) {
    double radius = width;
    if (is_box) {
        width /= 2;
        height /= 2;
        radius = __builtin_sqrt(width * width + height * height);
    }
    area->is_box = is_box;
    area->radius_meters = radius;
    area->half_width_meters = width;
    area->half_height_meters = height;
}

/* Of a box, the sides are measured along the meridian of the center and along the place's parallel,
 * the latter by a great circle. */
COLD bool area_has(const struct area *area, struct position place, double *meters) {
    struct position center = area->center, level = {center.longitude, place.latitude};
    if (area->is_box) {
        double rise = __builtin_fabs(radians(place.latitude) - radians(center.latitude));
        if (earth_radius_meters * rise > area->half_height_meters) return false;
        if (distance_meters(place, level) > area->half_width_meters) return false;
    }
    *meters = distance_meters(center, place);
    return area->is_box || *meters <= area->radius_meters;
}

/* --- hashes ----------------------------------------------------------------------------------- */

enum { STEPS = 26 }; /* halvings of the range of each axis */
static const double cells_a_side = 1 << STEPS;
static const double longitude_most = 180, latitude_most = 85.05112878;

bool position_is_good(struct position place) {
    return __builtin_fabs(place.longitude) <= longitude_most &&
           __builtin_fabs(place.latitude) <= latitude_most;
}

/* Which of the cells from -most to most that is, and how far in it; one too many for `most`. */
static COLD double cell_of(double degrees, double most) {
    return (degrees + most) / (most + most) * cells_a_side;
}

/* Where a cell begins. */
static COLD double edge_of(u32 cell, double most) {
    return cell / cells_a_side * (most + most) - most;
}

static COLD u64 interleave(u32 x, u32 y) {
    u64 bits = 0;
    for (u32 i = 32; i--;) bits = bits << 2 | (x >> i & 1) << 1 | (y >> i & 1);
    return bits;
}

/* The middle of the cell that every second bit is. */
static COLD double middle_of(u64 bits, double most) {
    u32 cell = 0;
    for (u32 i = 0; i < 32; i++) cell |= (u32)(bits >> 2 * i & 1) << i;
    double middle = (edge_of(cell, most) + edge_of(cell + 1, most)) / 2;
    return middle > most ? most : middle;
}

static COLD u64 hash_of(struct position place, double latitude_range) {
    return interleave((u32)cell_of(place.longitude, longitude_most),
                      (u32)cell_of(place.latitude, latitude_range));
}

COLD double position_hash(struct position place) {
    return (double)hash_of(place, latitude_most);
}

/* A score that no place has becomes the integer that x86-64 makes of it. */
COLD void position_of(double score, struct position *place) {
    u64 bits = 0;
    if (score < 0)
        bits = score > -0x1p63 ? (u64)(i64)score : 1ull << 63;
    else if (score < 0x1p64)
        bits = (u64)score;
    place->longitude = middle_of(bits >> 1, longitude_most);
    place->latitude = middle_of(bits, latitude_most);
}

COLD void geohash_print(u8 *to, double score) {
    struct position place;
    position_of(score, &place);
    u64 bits = hash_of(place, 90) >> 2 << 14;
    for (u32 i = 0; i < GEOHASH_TEXT; i++, bits <<= 5)
        to[i] = (u8) "0123456789bcdefghjkmnpqrstuvwxyz"[bits >> 59];
}

/* --- searching -------------------------------------------------------------------------------- */

/* Where on an axis an area is, in cells. */
struct extent {
    u32 center;
    double low, high;
};

static COLD void extent_set(struct extent *extent, double center, double reach, double most) {
    extent->center = (u32)cell_of(center, most);
    extent->low = cell_of(center - reach, most);
    extent->high = cell_of(center + reach, most);
}

/* The sides of the larger cells to look through are 2^shift; `move` is to the one below (1), to the
 * one above (2), around the world if need be, or nowhere (0). */
static COLD u32 moved(u32 cell, u32 shift, u32 move) {
    cell >>= shift;
    if (move) cell = (cell + (move >> 1) - (move & 1)) & ((1u << STEPS >> shift) - 1);
    return cell << shift;
}

/* What there is no need to look at below (1) and above (2), and whether these cells are too small
 * for the area (TOO_SMALL). */
enum { TOO_SMALL = 16 };
static COLD u32 extent_judge(const struct extent *extent, u32 shift) {
    u32 side = 1u << shift, here = moved(extent->center, shift, 0);
    u32 verdict = here < extent->low;
    if (here + side > extent->high) verdict |= 2;
    if (moved(extent->center, shift, 1) > extent->low ||
        moved(extent->center, shift, 2) + side < extent->high)
        verdict |= TOO_SMALL;
    return verdict;
}

COLD u32 area_cells(const struct area *area, struct cell cells[AREA_CELLS]) {
    struct position center = area->center;

    /* The map is 2 * 20,037,726.37 meters wide, at the equator. */
    i32 shift = STEPS + 1;
    double latitude = __builtin_fabs(center.latitude), reach = area->radius_meters;
    while (reach < 20037726.37 && shift > -2) reach *= 2, shift--;
    shift += (latitude > 66) + (latitude > 80);
    if (shift > STEPS - 1) shift = STEPS - 1;
    if (shift < 0) shift = 0;

    /* In degrees; as wide as the area is at its side towards the pole. */
    const double degree_meters = earth_radius_meters * radians(1);
    double up = area->half_height_meters / degree_meters;
    double across = area->half_width_meters / degree_meters / cosine(radians(latitude + up));
    struct extent x, y;
    extent_set(&x, center.longitude, across, longitude_most);
    extent_set(&y, center.latitude, up, latitude_most);

    /* Cells that are too small become larger, once. */
    u32 bits = (u32)shift, unneeded = 0;
    for (u32 most = bits + 1; bits < STEPS - 1; bits++) {
        unneeded = extent_judge(&x, bits) | extent_judge(&y, bits) << 2;
        if (bits == most || !(unneeded & (TOO_SMALL | TOO_SMALL << 2))) break;
        unneeded = 0;
    }

    /* The center, north, south, east, west, north-east, north-west, south-east, south-west. */
    u32 count = 0;
    for (u64 moves = 1ull << 36 | 0x569a12480; moves > 1; moves >>= 4) {
        if (unneeded & moves & 15) continue;
        u32 move_x = moves & 3, move_y = moves >> 2 & 3;
        double first =
            (double)interleave(moved(x.center, bits, move_x), moved(y.center, bits, move_y));
        if (count && cells[count - 1].first == first) continue; /* around the world */
        cells[count++] = (struct cell){first, first + (double)(1ull << 2 * bits)};
    }
    return count;
}
