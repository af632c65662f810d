/*
 * base/geo.c against the C library and against what redis-server 7.0 answered.
 *
 *     geo_test [seed]
 */
#include "base/geo.h"

#include <math.h>

#include "base/decimal.h"
#include "check.h"

/* --- what redis-server answered -----------------------------------------------------------------
 */

/* GEOADD, then ZSCORE, GEOHASH and GEOPOS; the names are the letters from A. */
static const struct {
    struct position place;
    double score;
    const char *geohash, *longitude, *latitude;
} known[] = {
    {{13.361389, 38.115556},
     3479099956230698,
     "sqc8b49rny0",
     "13.36138933897018433",
     "38.11555639549629859"},
    {{15.087269, 37.502669},
     3479447370796909,
     "sqdtr74hyu0",
     "15.08726745843887329",
     "37.50266842333162032"},
    {{0, 0}, 3377699720527872, "s0000000000", "0.00000268220901489", "0.00000126736058093"},
    {{180, 85.05112878}, 13510798882111488, "bp05b5048p0", "180", "85.0511287799999991"},
    {{-180, -85.05112878}, 0, "00bh0hbj200", "-179.99999731779098511", "-85.05112751263942528"},
    {{-1e-07, 1e-07},
     1876499844737706,
     "ebpbpbpbpb0",
     "-0.00000268220901489",
     "0.00000126736058093"},
    {{2.352222, 48.856613},
     3663832779125283,
     "u09tvw0f6s0",
     "2.35221952199935913",
     "48.85661220395509474"},
    {{-74.005974, 40.712776},
     1791873974549417,
     "dr5regw3pg0",
     "-74.00597423315048218",
     "40.71277617446106944"},
    {{139.691711, 35.689487},
     4171231230197033,
     "xn774c06kf0",
     "139.69171196222305298",
     "35.68948605865241319"},
    {{151.20929, -33.86882},
     3252046221958824,
     "r3gx2f75zf0",
     "151.20928913354873657",
     "-33.86882119711083305"},
    {{-43.172897, -22.906847},
     1008484280449844,
     "75cm9tfmyw0",
     "-43.17289799451828003",
     "-22.90684669656753414"},
    {{179.99, -16.5},
     3355687724113514,
     "rvpfpu28wc0",
     "179.98999804258346558",
     "-16.49999931370297901"},
    {{-179.99, -16.5},
     353287978054848,
     "2j040hr2910",
     "-179.98999804258346558",
     "-16.49999931370297901"},
    {{25.719, 71.0957},
     3769982132490518,
     "usdk3q842p0",
     "25.71900218725204468",
     "71.09570055206116024"},
    {{-68.3029, -54.8019},
     650595395073989,
     "4qr2jxx7g10",
     "-68.30290049314498901",
     "-54.80189953730982211"},
    {{18.4241, -33.9249},
     2549928401573170,
     "k3vp520j0s0",
     "18.42410176992416382",
     "-33.92489936804005168"},
    {{37.6173, 55.7558},
     3721706268066593,
     "ucfv0n014d0",
     "37.6172974705696106",
     "55.75579875536732288"},
    {{-122.4194, 37.7749},
     1367859919124626,
     "9q8yyk8ytp0",
     "-122.41940170526504517",
     "37.77490001056577995"},
    {{180, 10}, 10138940401276180, "81b0bh2n0n0", "180", "9.99999839351156794"},
    {{100, 85.05},
     4318836565651502,
     "ypp5gdcu0v0",
     "100.00000208616256714",
     "85.04999956172351006"},
};

/* GEODIST. */
static const struct {
    char a, b;
    const char *meters;
} known_distances[] = {
    {'A', 'B', "166274.1516"},   {'A', 'C', "4454733.0204"}, {'C', 'D', "10560811.4940"},
    {'D', 'E', "18919844.5891"}, {'C', 'F', "0.5967"},       {'G', 'H', "5838888.5063"},
    {'I', 'J', "7828823.7496"},  {'L', 'M', "2133.3369"},    {'L', 'N', "13710552.7866"},
    {'T', 'D', "707201.6672"},   {'H', 'R', "4130253.9797"}, {'O', 'Q', "15556155.1899"},
    {'C', 'S', "18908471.0377"}, {'E', 'E', "0.0000"},
};

/* GEOSEARCH, neither sorted nor limited: within a radius or, if the height is above 0, a box. */
static const struct {
    struct position center;
    double width, height;
    const char *found;
} known_searches[] = {
    {{15, 37}, 200000.0, 0, "AB"},
    {{15, 37}, 5000000.0, 0, "CABGQNF"},
    {{0, 0}, 10000000.0, 0, "CABGQNPHFOK"},
    {{0, 0}, 30000000.0, 0, "CABGQNITPJLRHFEMOK"},
    {{179.9, -16}, 100000.0, 0, "LM"},
    {{10, 70}, 3000000.0, 0, "GQNT"},
    {{10, 84}, 3000000.0, 0, "NT"},
    {{-100, 40}, 4000000.0, 3000000.0, "R"},
    {{0, 0}, 20000000.0, 10000000.0, "CABPRHFK"},
    {{0, 0}, 40000000.0, 40000000.0, "CABGQNITPJLRHFEMOK"},
    {{120, -10}, 9000000.0, 9000000.0, "J"},
    {{180, 85}, 1000000.0, 0, "T"},
    {{2, 48}, 1, 0, ""},
    {{-180, -20}, 1000000.0, 1000000.0, "ML"},
    {{5, 45}, 4900000.0, 0, "ABGQN"},
    {{5, 45}, 2600000.0, 0, "ABGQ"},
    {{20, 20}, 0, 0, ""},
    {{1.3e-06, 6e-08}, 5, 0, "CF"},
};

static struct position located(double score) {
    struct position place;
    position_of(score, &place);
    return place;
}

static bool same_text(const u8 *text, u32 len, const char *expected) {
    return len == strlen(expected) && memcmp(text, expected, len) == 0;
}

static void test_known_places(void) {
    for (u32 i = 0; i < COUNT_OF(known); i++) {
        CHECK(position_is_good(known[i].place));
        CHECK(position_hash(known[i].place) == known[i].score);
        u8 text[128];
        geohash_print(text, known[i].score);
        CHECK(same_text(text, GEOHASH_TEXT, known[i].geohash));
        struct position place = located(known[i].score);
        u32 len = coordinate_print(text, place.longitude);
        CHECK(same_text(text, len, known[i].longitude));
        len = coordinate_print(text, place.latitude);
        CHECK(same_text(text, len, known[i].latitude));
    }
    CHECK(!position_is_good((struct position){180.1, 0}) &&
          !position_is_good((struct position){-180.1, 0}));
    CHECK(!position_is_good((struct position){0, 85.0511288}) &&
          !position_is_good((struct position){0, -86}));
    CHECK(!position_is_good((struct position){INFINITY, 0}));
}

/* What is in a sorted set need not be a place. */
static void test_odd_scores(void) {
    static const struct {
        double score;
        struct position place;
        const char *geohash;
    } odd[] = {
        {5, {-179.99999731779098511, -85.05111990847595393}, "00bh0hbj240"},
        {1.9, {-179.99999731779098511, -85.05112497791824921}, "00bh0hbj210"},
        {-5.5, {180, 85.0511287799999991}, "bp05b5048p0"},
        {4503599627370496, {-179.99999731779098511, 85.0511287799999991}, "bp05b5048p0"},
        {9007199254740991, {179.99999731779098511, 85.0511287799999991}, "zzpgzgpfxz0"},
        {1e18, {180, 85.0511287799999991}, "bp05b5048p0"},
        {0x1p63, {180, -85.05112751263942528}, "00bh0hbj200"},
        {1.5e19, {180, 85.0511287799999991}, "bp05b5048p0"},
        {0x1p64, {-179.99999731779098511, -85.05112751263942528}, "00bh0hbj200"},
        {1e300, {-179.99999731779098511, -85.05112751263942528}, "00bh0hbj200"},
        {INFINITY, {-179.99999731779098511, -85.05112751263942528}, "00bh0hbj200"},
        {-INFINITY, {180, -85.05112751263942528}, "00bh0hbj200"},
        {-1e19, {180, -85.05112751263942528}, "00bh0hbj200"},
    };
    for (u32 i = 0; i < COUNT_OF(odd); i++) {
        struct position place = located(odd[i].score);
        CHECK(place.longitude == odd[i].place.longitude);
        CHECK(place.latitude == odd[i].place.latitude);
        u8 text[GEOHASH_TEXT];
        geohash_print(text, odd[i].score);
        CHECK(same_text(text, GEOHASH_TEXT, odd[i].geohash));
    }
}

static void test_known_distances(void) {
    for (u32 i = 0; i < COUNT_OF(known_distances); i++) {
        struct position a = located(known[known_distances[i].a - 'A'].score);
        struct position b = located(known[known_distances[i].b - 'A'].score);
        u8 text[INTEGER_TEXT_MAX];
        CHECK(same_text(text, distance_print(text, distance_meters(a, b)),
                        known_distances[i].meters));
        CHECK(same_text(text, distance_print(text, distance_meters(b, a)),
                        known_distances[i].meters));
    }
}

static void test_known_searches(void) {
    for (u32 i = 0; i < COUNT_OF(known_searches); i++) {
        double width = known_searches[i].width, height = known_searches[i].height, meters;
        struct area area = {.center = known_searches[i].center};
        area_shape(&area, height > 0, width, height > 0 ? height : width);
        struct cell cells[AREA_CELLS];
        u32 count = area_cells(&area, cells), len = 0;
        u8 found[COUNT_OF(known) + 1];
        for (u32 c = 0; c < count; c++)
            for (double last = cells[c].first;;) { /* in the order of scores */
                u32 next = COUNT_OF(known);
                for (u32 k = 0; k < COUNT_OF(known); k++)
                    if (known[k].score >= last && known[k].score < cells[c].end &&
                        (next == COUNT_OF(known) || known[k].score < known[next].score))
                        next = k;
                if (next == COUNT_OF(known)) break;
                last = nextafter(known[next].score, INFINITY);
                if (area_has(&area, located(known[next].score), &meters))
                    found[len++] = (u8)('A' + next);
            }
        CHECK(same_text(found, len, known_searches[i].found));
    }
}

/* --- mathematics --------------------------------------------------------------------------------
 */

static double random_fraction(void) {
    return ((double)draw() + (double)draw() * 0x1p-32) * 0x1p-32;
}

static double random_between(double low, double high) {
    return low + random_fraction() * (high - low);
}

/* Small numbers, and what is near the ends, more often. */
static double random_angle(double most) {
    double fraction = random_fraction();
    switch (draw_below(4)) {
    case 0: return most * ldexp(fraction, -(int)draw_below(40));
    case 1: return most * (1 - ldexp(fraction, -(int)draw_below(52)));
    default: return most * fraction;
    }
}

static const double PI = 0x1.921fb54442d18p1;

static u32 unlike; /* the library's, which does not always round correctly either */

static void check_function(double mine, double library, long double exact) {
    double neighbour = nextafter(fabs(mine), 9) - fabs(mine);
    CHECK(fabsl((long double)mine - exact) <= (long double)neighbour * 0.501L);
    unlike += mine != library;
}

static void test_functions(void) {
    enum { TIMES = 500000 };
    unlike = 0;
    for (u32 i = 0; i < TIMES; i++) {
        double angle = random_angle(PI);
        check_function(sine(angle), sin(angle), sinl(angle));
        check_function(cosine(angle), cos(angle), cosl(angle));
        double ratio = random_angle(1);
        check_function(arc_sine(ratio), asin(ratio), asinl(ratio));
    }
    CHECK(unlike < TIMES * 3 / 100);
    CHECK(sine(0) == 0 && cosine(0) == 1 && arc_sine(0) == 0 && arc_sine(1) == (PI / 2));
    CHECK(arc_sine(1.5) == (PI / 2));
}

static struct position random_place(void) {
    return (struct position){random_between(-180, 180), random_between(-85.05112878, 85.05112878)};
}

static struct position place_near(struct position place, double degrees) {
    struct position near = {place.longitude + random_between(-degrees, degrees),
                            place.latitude + random_between(-degrees, degrees)};
    return position_is_good(near) ? near : place;
}

/* As Redis has it. */
static double library_distance(struct position a, struct position b) {
    double from = a.latitude * (PI / 180), to = b.latitude * (PI / 180);
    double u = sin((to - from) / 2);
    double v = sin((b.longitude * (PI / 180) - a.longitude * (PI / 180)) / 2);
    return 2.0 * 6372797.560856 * asin(sqrt(u * u + cos(from) * cos(to) * v * v));
}

static void test_distances(void) {
    enum { TIMES = 300000 };
    u32 differ = 0;
    for (u32 i = 0; i < TIMES; i++) {
        struct position a = random_place(), b = random_place();
        if (i % 2) b = place_near(a, ldexp(1, -(int)draw_below(20)));
        double mine = distance_meters(a, b), library = library_distance(a, b);
        CHECK(fabs(mine - library) <= (library < 1.9e7 ? library * 1e-14 : 1e-3));
        CHECK(mine == distance_meters(b, a));
        differ += mine != library;
        CHECK(distance_meters(a, a) == 0);
    }
    CHECK(differ < TIMES * 2 / 100);
}

/* --- hashes and cells ---------------------------------------------------------------------------
 */

/* A place's cell holds it, and is what halving its ranges in turn leads to. */
static void test_hashes(void) {
    for (u32 i = 0; i < 300000; i++) {
        struct position place = random_place();
        double score = position_hash(place);
        CHECK(score >= 0 && score < 0x1p52 && score == floor(score));
        double west = -180, east = 180, south = -85.05112878, north = 85.05112878;
        for (u64 bit = 1ull << 51, bits = (u64)score; bit; bit >>= 2) {
            *(bits & bit ? &west : &east) = (west + east) / 2;
            *(bits & bit >> 1 ? &south : &north) = (south + north) / 2;
        }
        CHECK(place.longitude >= west - 1e-12 && place.longitude <= east + 1e-12);
        CHECK(place.latitude >= south - 1e-12 && place.latitude <= north + 1e-12);
        struct position middle = located(score);
        CHECK(fabs(middle.longitude - (west + east) / 2) < 1e-12);
        CHECK(fabs(middle.latitude - (south + north) / 2) < 1e-12);
        CHECK(position_hash(middle) == score);
    }
}

/* Away from the poles and from longitude 180, what is in an area is in one of its cells. */
static void test_cells(void) {
    u32 inside = 0;
    for (u32 i = 0; i < 20000; i++) {
        struct area area = {.center = {random_between(-120, 120), random_between(-50, 50)}};
        double radius = ldexp(1e6, -(int)draw_below(24));
        if (draw_below(2))
            area_shape(&area, true, ldexp(2e6, -(int)draw_below(24)),
                       ldexp(2e6, -(int)draw_below(24)));
        else
            area_shape(&area, false, radius, radius);
        struct cell cells[AREA_CELLS];
        u32 count = area_cells(&area, cells);
        CHECK(count >= 1 && count <= AREA_CELLS);
        double widest = fmax(area.half_width_meters, area.half_height_meters);
        for (u32 a = 0; a < count; a++)
            for (u32 b = 0; b < count; b++)
                CHECK(a == b || cells[a].end <= cells[b].first || cells[b].end <= cells[a].first);
        for (u32 k = 0; k < 20; k++) {
            double score = position_hash(place_near(area.center, widest / 60000)), meters;
            if (!area_has(&area, located(score), &meters)) continue;
            CHECK(meters == distance_meters(area.center, located(score)));
            inside++;
            u32 in = 0;
            for (u32 c = 0; c < count; c++) in += score >= cells[c].first && score < cells[c].end;
            CHECK(in == 1);
        }
    }
    CHECK(inside > 50000);
    struct area all = {0};
    area_shape(&all, false, INFINITY, INFINITY);
    struct cell cells[AREA_CELLS];
    double scores = 0;
    for (u32 c = area_cells(&all, cells); c--;) scores += cells[c].end - cells[c].first;
    CHECK(scores == 0x1p52);
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {
        {"places are hashed as redis-server does", test_known_places},
        {"scores that no place has are read as redis-server does", test_odd_scores},
        {"distances are redis-server's", test_known_distances},
        {"searches find what redis-server finds, in its order", test_known_searches},
        {"sine, cosine and arc sine are correctly rounded", test_functions},
        {"distances are the library's", test_distances},
        {"a place is in its hash's cell", test_hashes},
        {"what is in an area is in its cells", test_cells},
    };
    test_seed(argc, argv);
    for (u32 i = 0; i < COUNT_OF(tests); i++) {
        tests[i].run();
        printf("ok %s\n", tests[i].name);
        fflush(stdout);
    }
    printf("geo: %u passed, 0 failed\n", COUNT_OF(tests));
    return 0;
}
