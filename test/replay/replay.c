/*
 * Makes the calls of a recording again, natively, and compares what is answered. glue/record.js
 * says what is in a recording; replay.mjs does the same with the module, and prints the same lines.
 *
 *     replay FILE [calls between points] [seed of the poison, in the checked build]
 *
 * FILE may be a pipe that is still being written to. In the checked build memory is poisoned, and
 * the cache is walked now and then, and in the end.
 *
 * The hash of the arena is of all its bytes from the windows to the end of what is committed, free
 * blocks too. (In front of the windows lies the state, which has pointers in it.)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../native/check.h"

enum { MOST_ARGS = 6, MOST_SHOWN = 5, SAME_TIME = 0x80 };

static const struct {
    const char *name, *args; /* u: a whole number, f: a double, t: the time */
} calls[] = {{"init", "fuuuuu"}, {"request", "ut"}, {"run", "uuut"},      {"more", ""},
             {"get", "ut"},      {"set", "uuuft"},  {"reserve", "uuuft"}, {"commit", "t"},
             {"tick", "t"},      {"changes", "u"}};
enum { INIT, REQUEST, RUN, MORE, GET, SET, RESERVE, COMMIT, TICK, CHANGES };

/* --- the recording ---------------------------------------------------------------------------- */

static FILE *file;
static u64 number; /* of the call at work */

static _Noreturn void give_up(const char *why) {
    fprintf(stderr, "replay: %s\n", why);
    exit(2);
}

/* The next bytes, good until the next call. */
static const u8 *take(u64 len) {
    static u8 *bytes;
    static u64 capacity;
    if (len > capacity) {
        free(bytes);
        bytes = malloc(capacity = 2 * len);
    }
    if (!bytes || fread(bytes, 1, len, file) != len) give_up("the recording is damaged");
    return bytes;
}

static bool is_at_end(void) {
    int byte = getc(file);
    if (byte != EOF) ungetc(byte, file);
    return byte == EOF;
}

static u64 take_number(void) {
    u64 value = 0;
    for (u32 shift = 0; shift < 64; shift += 7) {
        u8 byte = *take(1);
        value |= (u64)(byte & 0x7f) << shift;
        if (byte < 0x80) break;
    }
    return value;
}

static double take_double(void) {
    double value;
    memcpy(&value, take(8), 8);
    return value;
}

/* --- the cache -------------------------------------------------------------------------------- */

static struct ferrite *cache;
static u8 *reserved;

/* Of free blocks, too, which nobody may read in the checked build. */
__attribute__((no_sanitize("address"))) static u32 hash_of_bytes(const u8 *bytes, u64 len) {
    u32 hash = 0x811c9dc5;
    while (len--) hash = (hash ^ *bytes++) * 0x01000193;
    return hash;
}

static const u8 *arena(u64 place) {
    return (const u8 *)cache - STATE_AT + place;
}

static u32 committed(void) {
    return cache && cache->ready ? store_committed_bytes(&cache->store) : 0;
}

static u32 hash_of_arena(void) {
    return committed() ? hash_of_bytes(arena(FIXED_BYTES), committed() - FIXED_BYTES) : 0;
}

/* A new cache, in memory that is 0 as a module's is, or poisoned. */
static struct ferrite *renew(double budget) {
    bool possible = budget >= FERRITE_LEAST_BYTES && budget <= FERRITE_MOST_BYTES;
    u64 budget_bytes = (possible ? (u64)budget : FERRITE_LEAST_BYTES) / PAGE_BYTES * PAGE_BYTES;
    free(cache);
    cache = aligned_alloc(64, budget_bytes);
    if (!cache) give_up("no memory");
    memset(cache, 0, budget_bytes);
    poison_fill((u8 *)cache, budget_bytes);
    return cache;
}

static enum ferrite_status make_call(u32 call, const double *args) {
    u32 n[MOST_ARGS];
    for (u32 i = 0; i < MOST_ARGS; i++)
        n[i] = args[i] >= 0 && args[i] <= UINT32_MAX ? (u32)args[i] : 0;
    if (call == INIT) return ferrite_init(renew(args[0]), args[0], n[1], n[2], n[3], n[4], n[5]);
    if (!cache) give_up("the first call is not init");
    switch (call) {
    case REQUEST: return ferrite_request(cache, n[0], args[1]);
    case RUN: return ferrite_run(cache, n[0], n[1], n[2], args[3]);
    case MORE: return ferrite_more(cache);
    case GET: return ferrite_get(cache, n[0], args[1]);
    case SET: return ferrite_set(cache, n[0], n[1], n[2], args[3], args[4]);
    case RESERVE: return ferrite_reserve(cache, n[0], n[1], n[2], args[3], args[4]);
    case COMMIT: return ferrite_commit(cache, args[0]);
    case TICK: return ferrite_tick(cache, args[0]);
    default: return ferrite_changes(cache, n[0]);
    }
}

static bool has_data(u32 call, u32 status) {
    if (call == GET || call == CHANGES) return status == FERRITE_OK;
    return (call == RUN || call == MORE) && (status <= FERRITE_MORE || status == FERRITE_PROTOCOL);
}

/* --- replaying -------------------------------------------------------------------------------- */

static u32 others; /* answers that are not those of the recording */

static void compare(u32 call, u32 status) {
    const struct ferrite_io *io = ferrite_io(cache);
    bool data = has_data(call, status);
    u32 len = data ? (u32)io->data_bytes : 0, hash = data ? hash_of_bytes(io->data, len) : 0;
    if (data && poison_shows(io->data, len)) {
        printf("call %llu (%s): the reply shows poison\n", (unsigned long long)number,
               calls[call].name);
        others++;
    }
    if (is_at_end()) {
        printf("call %llu (%s) is the last, not answered in the recording: status %u, %u bytes\n",
               (unsigned long long)number, calls[call].name, status, len);
        return;
    }
    u32 recorded_status = *take(1), recorded_len = 0, recorded_hash = 0;
    if (has_data(call, recorded_status)) {
        recorded_len = (u32)take_number();
        recorded_hash = load32(take(4));
    }
    if (status == recorded_status && len == recorded_len && hash == recorded_hash) return;
    if (others++ >= MOST_SHOWN) return;
    printf("call %llu (%s): status %u, %u bytes, hash %08x; recorded: %u, %u, %08x\n",
           (unsigned long long)number, calls[call].name, status, len, hash, recorded_status,
           recorded_len, recorded_hash);
}

static void replay_call(void) {
    static double time_ms;
    double args[MOST_ARGS] = {0};
    u32 mark = *take(1), call = mark & (SAME_TIME - 1);
    if (call >= COUNT_OF(calls)) give_up("the recording is damaged");
    for (u32 i = 0; calls[call].args[i]; i++) {
        char kind = calls[call].args[i];
        if (kind == 't' && !(mark & SAME_TIME)) time_ms = take_double();
        args[i] = kind == 'u' ? (double)take_number() : kind == 'f' ? take_double() : time_ms;
    }
    u64 len = take_number();
    const u8 *bytes = take(len);
    if (len) {
        u8 *to = call == COMMIT ? reserved : ferrite_io(cache)->request;
        memcpy(to + (call == RUN ? (u64)args[0] : 0), bytes, len);
    }
    enum ferrite_status status = make_call(call, args);
    if (call == RESERVE) reserved = (u8 *)(size_t)ferrite_io(cache)->data;
    compare(call, status);
}

static u32 hash_of_info(void) {
    struct ferrite_io *io = ferrite_io(cache);
    memcpy(io->request, "INFO\r\n", 6);
    if (ferrite_run(cache, 0, 6, FERRITE_RESP2, (double)cache->store.now_ms) != FERRITE_OK)
        return 0;
    return hash_of_bytes(io->data, io->data_bytes);
}

/* While a reservation stands there is an entry that nothing refers to. */
static void walk(void) {
#ifdef FERRITE_CHECKED
    if (cache->ready && !cache->store.reserved && !cache->run_open) check_store(cache);
#endif
}

int main(int argc, char **argv) {
    enum { WALK_EVERY = 20011 };
    file = argc > 1 ? fopen(argv[1], "rb") : NULL;
    if (!file) give_up("no such recording");
    if (memcmp(take(8), "FERRITE1", 8) != 0) give_up("it is no recording");
    u64 every = argc > 2 ? strtoull(argv[2], NULL, 0) : 10000;
    if (argc > 3) poison_make(strtoull(argv[3], NULL, 0));
    while (!is_at_end()) {
        number++;
        replay_call();
        if (number % WALK_EVERY == 0) walk();
        if (number % every == 0)
            printf("at call %llu: %u bytes, arena %08x\n", (unsigned long long)number, committed(),
                   hash_of_arena());
    }
    if (!cache) give_up("there is no call in it");
    walk();
    u32 bytes = committed(), hash = hash_of_arena();
    printf("%llu calls, %u answered otherwise; %u bytes, arena %08x, INFO %08x\n",
           (unsigned long long)number, others, bytes, hash, committed() ? hash_of_info() : 0);
    free(cache);
    fclose(file);
    return others != 0;
}
