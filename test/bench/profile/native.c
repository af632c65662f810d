/*
 * The native build of the core, asked what profile.mjs asks the module: a copy of a key of 17
 * bytes, and a value of 64, into the window, and the call. Prints ns a call as JSON, without the
 * copying.
 *
 *     native ENTRIES ROUNDS
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ferrite.h"

enum { KEY_BYTES = 17, VALUE_BYTES = 64, PAIR_BYTES = KEY_BYTES + VALUE_BYTES, BATCH = 1000 };
static const double NOW_MS = 1.8e12, TTL_MS = 3.6e6;

static struct ferrite *cache;
static struct ferrite_io *io;
static char pairs[BATCH][PAIR_BYTES + 1];
static volatile size_t sink; /* so that nothing is for nothing */

static void print_pair(char *pair, const char *prefix, unsigned entry) {
    snprintf(pair, PAIR_BYTES + 1, "%s%012llu%064u", prefix, 100000000000ull + entry, entry);
}

/* In [0, below), as the module is asked. */
static unsigned draw(unsigned below) {
    static unsigned state = 1;
    state = state * 1103515245u + 12345u;
    return (unsigned)((unsigned long long)state * below >> 32);
}

static double now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void copy(size_t i, size_t bytes) {
    memcpy(io->request, pairs[i], bytes);
    sink = io->request[0];
}

static void get(size_t i) {
    copy(i, KEY_BYTES);
    sink = ferrite_get(cache, KEY_BYTES, NOW_MS) + io->data_bytes;
}

static void set(size_t i) {
    copy(i, PAIR_BYTES);
    if (ferrite_set(cache, KEY_BYTES, VALUE_BYTES, 0, TTL_MS, NOW_MS)) exit(1);
}

static void copy_key(size_t i) {
    copy(i, KEY_BYTES);
}

static void copy_pair(size_t i) {
    copy(i, PAIR_BYTES);
}

static double time_batch(void call(size_t)) {
    double start = now_ns();
    for (size_t i = 0; i < BATCH; i++) call(i);
    return (now_ns() - start) / (double)BATCH;
}

static int ascending(const void *a, const void *b) {
    double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

/* The median of `rounds` batches, less that of the copying alone. */
static double measure(const char *prefix, unsigned entries, unsigned rounds, void call(size_t),
                      void copying(size_t)) {
    double *all = malloc(2 * rounds * sizeof *all), *copies = all + rounds;
    for (unsigned round = 0; round < rounds; round++) {
        for (unsigned i = 0; i < BATCH; i++) print_pair(pairs[i], prefix, draw(entries));
        all[round] = time_batch(call);
        copies[round] = time_batch(copying);
    }
    qsort(all, rounds, sizeof *all, ascending);
    qsort(copies, rounds, sizeof *copies, ascending);
    double median = all[rounds / 2] - copies[rounds / 2];
    free(all);
    return median;
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    unsigned entries = (unsigned)atoi(argv[1]), rounds = (unsigned)atoi(argv[2]);
    size_t budget = ((size_t)entries * 128 + (2u << 20)) / 65536 * 65536;
    cache = aligned_alloc(65536, budget);
    if (!cache || ferrite_init(cache, (double)budget, FERRITE_ALLKEYS_LRU, 1, 2, 3, 4)) return 1;
    io = ferrite_io(cache);
    for (unsigned entry = 0; entry < entries; entry++) {
        print_pair(pairs[0], "page:", entry);
        set(0);
    }
    double hit = measure("page:", entries, rounds, get, copy_key);
    double miss = measure("none:", entries, rounds, get, copy_key);
    double stored = measure("page:", entries, rounds, set, copy_pair);
    printf("{\"get\": %.2f, \"miss\": %.2f, \"set\": %.2f}\n", hit, miss, stored);
}
