/* The C library: the functions of ferrite.h over any number of caches. */
#include "abi/cache.h"

uint32_t ferrite_abi_version(void) {
    return FERRITE_ABI_VERSION;
}

struct ferrite_io *ferrite_io(struct ferrite *cache) {
    return &cache->io;
}

enum ferrite_status ferrite_init(struct ferrite *cache, double budget_bytes, uint32_t policy,
                                 uint32_t seed0, uint32_t seed1, uint32_t seed2, uint32_t seed3) {
    const u32 seed[4] = {seed0, seed1, seed2, seed3};
    return cache_init(cache, budget_bytes, policy, seed);
}

enum ferrite_status ferrite_request(struct ferrite *cache, size_t bytes, double now_ms) {
    return cache_request(cache, bytes, now_ms);
}

enum ferrite_status ferrite_run(struct ferrite *cache, size_t offset, size_t bytes, uint32_t form,
                                double now_ms) {
    return cache_run(cache, offset, bytes, form, now_ms);
}

enum ferrite_status ferrite_more(struct ferrite *cache) {
    return cache_more(cache);
}

enum ferrite_status ferrite_get(struct ferrite *cache, size_t key_bytes, double now_ms) {
    return cache_get(cache, key_bytes, now_ms);
}

enum ferrite_status ferrite_set(struct ferrite *cache, size_t key_bytes, size_t value_bytes,
                                uint32_t flags, double expiry_ms, double now_ms) {
    return cache_set(cache, key_bytes, value_bytes, flags, expiry_ms, now_ms);
}

enum ferrite_status ferrite_reserve(struct ferrite *cache, size_t key_bytes, size_t value_bytes,
                                    uint32_t flags, double expiry_ms, double now_ms) {
    return cache_reserve(cache, key_bytes, value_bytes, flags, expiry_ms, now_ms);
}

enum ferrite_status ferrite_commit(struct ferrite *cache, double now_ms) {
    return cache_commit(cache, now_ms);
}

enum ferrite_status ferrite_tick(struct ferrite *cache, double now_ms) {
    return cache_tick(cache, now_ms);
}

enum ferrite_status ferrite_changes(struct ferrite *cache, uint32_t keep) {
    return cache_changes(cache, keep);
}
