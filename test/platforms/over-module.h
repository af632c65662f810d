/*
 * The functions of ferrite.h over ferrite.wasm, for a host that embeds it. Before it includes this
 * the host defines
 *
 *     RENEW()           makes a new instance, in place of the one before
 *     MEMORY()          where the instance's memory is now, a uint8_t *
 *     CALL(name, ...)   calls the export, with uint32_t and double as arguments, as uint32_t
 *
 * The cache that a caller names is not looked at: the instance is the cache.
 */
#include <string.h>

#include "ferrite.h"

#define STATUS(...) ((enum ferrite_status)CALL(__VA_ARGS__))

struct ferrite_io *ferrite_io(struct ferrite *cache) {
    static struct ferrite_io io;
    uint32_t words[6];
    uint8_t *memory = MEMORY();
    (void)cache;
    memcpy(words, memory + CALL(ferrite_io), sizeof words);
    io.request = memory + words[0];
    io.request_capacity = words[1];
    io.data = memory + words[2];
    io.data_bytes = words[3];
    io.consumed_bytes = words[4];
    io.budget_bytes = words[5];
    return &io;
}

enum ferrite_status ferrite_init(struct ferrite *cache, double budget_bytes, uint32_t policy,
                                 uint32_t seed0, uint32_t seed1, uint32_t seed2, uint32_t seed3) {
    (void)cache;
    RENEW();
    return STATUS(ferrite_init, budget_bytes, policy, seed0, seed1, seed2, seed3);
}

enum ferrite_status ferrite_request(struct ferrite *cache, size_t bytes, double now_ms) {
    (void)cache;
    return STATUS(ferrite_request, (uint32_t)bytes, now_ms);
}

enum ferrite_status ferrite_run(struct ferrite *cache, size_t offset, size_t bytes, uint32_t form,
                                double now_ms) {
    (void)cache;
    return STATUS(ferrite_run, (uint32_t)offset, (uint32_t)bytes, form, now_ms);
}

enum ferrite_status ferrite_more(struct ferrite *cache) {
    (void)cache;
    return STATUS(ferrite_more);
}

enum ferrite_status ferrite_get(struct ferrite *cache, size_t key_bytes, double now_ms) {
    (void)cache;
    return STATUS(ferrite_get, (uint32_t)key_bytes, now_ms);
}

enum ferrite_status ferrite_set(struct ferrite *cache, size_t key_bytes, size_t value_bytes,
                                uint32_t flags, double expiry_ms, double now_ms) {
    (void)cache;
    return STATUS(ferrite_set, (uint32_t)key_bytes, (uint32_t)value_bytes, flags, expiry_ms,
                  now_ms);
}

enum ferrite_status ferrite_reserve(struct ferrite *cache, size_t key_bytes, size_t value_bytes,
                                    uint32_t flags, double expiry_ms, double now_ms) {
    (void)cache;
    return STATUS(ferrite_reserve, (uint32_t)key_bytes, (uint32_t)value_bytes, flags, expiry_ms,
                  now_ms);
}

enum ferrite_status ferrite_commit(struct ferrite *cache, double now_ms) {
    (void)cache;
    return STATUS(ferrite_commit, now_ms);
}

enum ferrite_status ferrite_tick(struct ferrite *cache, double now_ms) {
    (void)cache;
    return STATUS(ferrite_tick, now_ms);
}

enum ferrite_status ferrite_changes(struct ferrite *cache, uint32_t keep) {
    (void)cache;
    return STATUS(ferrite_changes, keep);
}
