/*
 * Places on the earth: their hash, their distance, and where in the order of hashes to look for
 * those near one, the way Redis reckons them.
 *
 * A hash interleaves the bits of longitude and latitude, each a fraction of its range, so that
 * places with a common beginning lie in one cell of a grid (Niemeyer, geohash.org, 2008). Redis
 * keeps 26 bits of each as the 52-bit score of a sorted set. Distances are great circles by the
 * haversine (Sinnott, "Virtues of the haversine", 1984). Nothing here depends on a host's library:
 * every engine and host gives the same bits.
 */
#ifndef FERRITE_GEO_H
#define FERRITE_GEO_H

#include "base/base.h"

/* Degrees. */
struct position {
    double longitude, latitude;
};

/* Whether it is within +-180 and +-85.05112878 (Web Mercator's square map), and so has a hash. */
bool position_is_good(struct position place);

/* The score of a good place. From 2^52 on at longitude 180 and the northern edge: they are beyond
 * the last cell. */
double position_hash(struct position place);

/* The middle of a score's cell. Any number but NaN has one. */
void position_of(double score, struct position *place);

/* The standard geohash of a score's place: 11 characters, the last of which is "0", as there are
 * bits for ten only. */
enum { GEOHASH_TEXT = 11 };
void geohash_print(u8 *to, double score);

double distance_meters(struct position a, struct position b);

/* A circle or a box, whose sides are not negative. */
struct area {
    struct position center;
    bool is_box;
    double radius_meters; /* of a circle, or of that around a box */
    double half_width_meters, half_height_meters;
};
/* Gives it its shape; of a circle, both are the radius. */
void area_shape(struct area *area, bool is_box, double width_meters, double height_meters);

/* Whether the place is in the area, its edge included, and how far from its center. */
bool area_has(const struct area *area, struct position place, double *meters);

/* A cell, or a range of scores: the first that is in it, the first that no longer is. */
struct cell {
    double first, end;
};

/* The cells to look through for what is in the area, in the order in which Redis does; returns how
 * many. Where Redis overlooks places (circles around a pole), so do these. */
enum { AREA_CELLS = 9 };
u32 area_cells(const struct area *area, struct cell cells[AREA_CELLS]);

/* Correctly rounded, but for about one in 10^5: from 0 to pi, from 0 to pi, and from 0 to 1. */
double sine(double radians);
double cosine(double radians);
double arc_sine(double ratio);

#endif
