/* The exports of ferrite.wasm: one cache, at a fixed place in the module's memory. */
#include "abi/cache.h"
#include "abi/unpack.h"

#define EXPORT(name) __attribute__((export_name(#name)))
#define CACHE ((struct ferrite *)STATE_AT)

EXPORT(ferrite_abi_version) u32 module_abi_version(void) {
    return FERRITE_ABI_VERSION;
}

EXPORT(ferrite_io) struct ferrite_io *module_io(void) {
    return &CACHE->io;
}

EXPORT(ferrite_init)
enum ferrite_status module_init(double budget_bytes, u32 policy, u32 seed0, u32 seed1, u32 seed2,
                                u32 seed3) {
    extern u8 __global_base, __heap_base; /* the linker's: where static data begins and ends */
    if ((size_t)&__global_base < STATE_AT + sizeof(struct ferrite) ||
        (size_t)&__heap_base > FIXED_BYTES)
        return FERRITE_BAD_ARGUMENT; /* never: see LINK in build.sh */
    if (!__global_base) unpack(&__global_base);
    const u32 seed[4] = {seed0, seed1, seed2, seed3};
    return cache_init(CACHE, budget_bytes, policy, seed);
}

EXPORT(ferrite_request)
enum ferrite_status module_request(size_t bytes, double now_ms) {
    return cache_request(CACHE, bytes, now_ms);
}

EXPORT(ferrite_run)
enum ferrite_status module_run(size_t offset, size_t bytes, u32 form, double now_ms) {
    return cache_run(CACHE, offset, bytes, form, now_ms);
}

EXPORT(ferrite_more) enum ferrite_status module_more(void) {
    return cache_more(CACHE);
}

EXPORT(ferrite_get)
enum ferrite_status module_get(size_t key_bytes, double now_ms) {
    return cache_get(CACHE, key_bytes, now_ms);
}

EXPORT(ferrite_set)
enum ferrite_status module_set(size_t key_bytes, size_t value_bytes, u32 flags, double expiry_ms,
                               double now_ms) {
    return cache_set(CACHE, key_bytes, value_bytes, flags, expiry_ms, now_ms);
}

EXPORT(ferrite_reserve)
enum ferrite_status module_reserve(size_t key_bytes, size_t value_bytes, u32 flags,
                                   double expiry_ms, double now_ms) {
    return cache_reserve(CACHE, key_bytes, value_bytes, flags, expiry_ms, now_ms);
}

EXPORT(ferrite_commit)
enum ferrite_status module_commit(double now_ms) {
    return cache_commit(CACHE, now_ms);
}

EXPORT(ferrite_tick)
enum ferrite_status module_tick(double now_ms) {
    return cache_tick(CACHE, now_ms);
}

EXPORT(ferrite_changes)
enum ferrite_status module_changes(u32 keep) {
    return cache_changes(CACHE, keep);
}
