/*
 * Places under pressure: searches that note what they find, and store it, in caches that are full.
 *
 * What is refused has changed nothing; what is found is the same sorted and unsorted; scratch
 * memory comes back, also when a reply is given up; and the heap is in order after every step.
 *
 * Argument: the seed.
 */
#include "client.h"

enum { STEPS = 4000, PLACES = 400, SETS = 4 };

static u32 passed, refused, stored;

static const char *place(char *to) {
    sprintf(to, "%u.%06u", draw_below(4), draw_below(1000000));
    return to;
}

static i64 card(struct ferrite *cache, const char *key) {
    return strtoll(ask(cache, "ZCARD", key, NULL) + 1, NULL, 10);
}

/* How many items an array's head announces; -1: the reply is that there is no memory. */
static i64 found(const char *reply) {
    if (strncmp(reply, "-OOM", 4) == 0) refused++;
    if (*reply == '-') return -1;
    CHECK(*reply == '*');
    return strtoll(reply + 1, NULL, 10);
}

static void fill_with(struct ferrite *cache, u32 i) {
    static char value[1500];
    char key[16];
    memset(value, 'v', sizeof value - 1);
    value[100 + draw_below(1300)] = 0;
    sprintf(key, "key:%u", i % 2000);
    ask(cache, "SET", key, value, NULL);
}

static void one_step(struct ferrite *cache) {
    char from[16], to[16], east[16], north[16], member[64], radius[16], count[16];
    sprintf(from, "places:%u", draw_below(SETS));
    sprintf(to, "places:%u", draw_below(SETS + 2));
    sprintf(member, "%*u", draw_below(8) ? 3 : 60, draw_below(PLACES));
    sprintf(radius, "%u", draw_below(300));
    sprintf(count, "%u", 1 + draw_below(60));
    const char *x = place(east), *y = place(north);
    if (draw_below(3) == 0) {
        ask(cache, "GEOADD", from, x, y, member, NULL);
        return;
    }
    i64 all =
        found(ask(cache, "GEOSEARCH", from, "FROMLONLAT", x, y, "BYRADIUS", radius, "km", NULL));
    i64 sorted = found(ask(cache, "GEOSEARCH", from, "FROMLONLAT", x, y, "BYRADIUS", radius, "km",
                           "WITHDIST", "DESC", NULL));
    CHECK(sorted < 0 || cache->store.stats.gone[CHANGE_EVICTED] || sorted == all);
    i64 some = found(ask(cache, "GEOSEARCH", from, "FROMLONLAT", x, y, "BYRADIUS", radius, "km",
                         "COUNT", count, NULL));
    i64 most = strtoll(count, NULL, 10);
    CHECK(some < 0 || cache->store.stats.gone[CHANGE_EVICTED] || some == (all < most ? all : most));
    if (draw_below(3)) return;
    i64 before = card(cache, to);
    const char *reply = draw_below(2)
                            ? ask(cache, "GEOSEARCHSTORE", to, from, "FROMLONLAT", x, y, "BYRADIUS",
                                  radius, "km", "STOREDIST", NULL)
                            : ask(cache, "GEOSEARCHSTORE", to, from, "FROMLONLAT", x, y, "BYBOX",
                                  radius, radius, "km", "COUNT", count, "ANY", NULL);
    if (*reply == '-') {
        CHECK(strncmp(reply, "-OOM", 4) == 0);
        refused++;
        CHECK(cache->store.stats.gone[CHANGE_EVICTED] || card(cache, to) == before);
    } else {
        i64 now = strtoll(reply + 1, NULL, 10);
        stored += now > 0;
        CHECK(card(cache, to) == now);
    }
}

static void test_pressure(u64 budget, u32 policy) {
    struct ferrite *cache = new_cache(budget, policy);
    for (u32 i = 0; i < STEPS; i++) {
        if (i % 3 == 0) fill_with(cache, i);
        if (i % 500 == 499) ask(cache, "DEL", "places:1", "places:4", "places:5", NULL);
        one_step(cache);
        if (i % 16 == 0) check_store(cache);
    }
    free(cache);
    passed++;
}

/* The host asks no further for a reply that is larger than the window. */
static void test_given_up(void) {
    static const char request[] =
        "GEOSEARCH places FROMLONLAT 1 1 BYRADIUS 9999 km ASC WITHDIST\r\n";
    struct ferrite *cache = new_cache(4 << 20, POLICY_ALLKEYS_LRU);
    struct ferrite_io *io = ferrite_io(cache);
    char east[16], member[16];
    for (u32 i = 0; i < 3000; i++) {
        sprintf(member, "%u", i);
        ask(cache, "GEOADD", "places", place(east), "1", member, NULL);
    }
    u32 used = store_used_bytes(&cache->store);
    for (u32 i = 0; i < 3; i++) {
        ferrite_request(cache, 0, (double)now_ms);
        memcpy(io->request, request, sizeof request - 1);
        CHECK(ferrite_run(cache, 0, sizeof request - 1, FERRITE_RESP2, (double)now_ms) ==
              FERRITE_MORE);
        CHECK(store_used_bytes(&cache->store) >= used + 3000 * 16);
        ask(cache, "PING", NULL);
        CHECK(store_used_bytes(&cache->store) == used);
        check_store(cache);
    }
    free(cache);
    passed++;
}

int main(int argc, char **argv) {
    static const u32 policies[] = {POLICY_NOEVICTION, POLICY_ALLKEYS_LRU, POLICY_ALLKEYS_RANDOM};
    static const u64 budgets[] = {256 << 10, 512 << 10, 2 << 20};
    test_seed(argc, argv);
    for (u32 i = 0; i < COUNT_OF(budgets); i++)
        for (u32 j = 0; j < COUNT_OF(policies); j++) test_pressure(budgets[i], policies[j]);
    test_given_up();
    fprintf(stderr, "%u commands refused, %u results stored\n", refused, stored);
    CHECK(refused > 20 && stored > 500);
    printf("places: %u passed, 0 failed\n", passed);
}
