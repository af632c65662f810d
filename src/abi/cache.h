/* One cache: the state behind struct ferrite, laid out where its arena begins. */
#ifndef FERRITE_CACHE_H
#define FERRITE_CACHE_H

#include "../include/ferrite.h"
#include "cmd/command.h"

/*
 *     STATE_AT                             FIXED_BYTES
 *     | struct ferrite | static data       | request window | reply window | heap ...
 */
struct ferrite {
    struct store store; /* first: the arena is measured from here */
#ifndef FERRITE_MODULE
    struct call call; /* of the module, in front of the stack */
#endif
    struct directory directory;
    struct ferrite_io io;
    u32 ready; /* READY once an init has succeeded */

    /* the run at work: [run_next, run_end) has not been executed */
    u8 *run_begin, *run_next, *run_end;
    u8 *run_last; /* the command executed last, whose reply may go on, and what it hashed to then */
    u64 run_last_hash;
    i64 run_now_ms;
    bool run_open; /* FERRITE_MORE was answered */

    u8 *small_request; /* the request window that is always there */
    u32 small_capacity;
};

_Static_assert(sizeof(struct ferrite) <= STATE_BYTES, "the state has its place");

enum { READY = 0x46455252 };

static inline struct call *call_of(struct ferrite *cache) {
#ifdef FERRITE_MODULE
    (void)cache;
    return THE_CALL;
#else
    return &cache->call;
#endif
}

enum ferrite_status cache_init(struct ferrite *cache, double budget_bytes, u32 policy,
                               const u32 seed[4]);
enum ferrite_status cache_request(struct ferrite *cache, size_t bytes, double now_ms);
enum ferrite_status cache_run(struct ferrite *cache, size_t offset, size_t bytes, u32 form,
                              double now_ms);
enum ferrite_status cache_more(struct ferrite *cache);
enum ferrite_status cache_get(struct ferrite *cache, size_t key_bytes, double now_ms);
enum ferrite_status cache_set(struct ferrite *cache, size_t key_bytes, size_t value_bytes,
                              u32 flags, double expiry_ms, double now_ms);
enum ferrite_status cache_reserve(struct ferrite *cache, size_t key_bytes, size_t value_bytes,
                                  u32 flags, double expiry_ms, double now_ms);
enum ferrite_status cache_commit(struct ferrite *cache, double now_ms);
enum ferrite_status cache_tick(struct ferrite *cache, double now_ms);
enum ferrite_status cache_changes(struct ferrite *cache, u32 keep);

#endif
