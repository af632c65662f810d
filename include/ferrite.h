/*
 * Ferrite Edge: a Redis-compatible in-memory cache that never exceeds its byte budget.
 *
 * This header is the manual of both forms of the cache:
 *
 *   - the C library: the functions below, over a buffer the caller owns; several caches may live
 *     in one process, each in its own buffer;
 *   - ferrite.wasm: the same functions, exported under the same names, WITHOUT the first parameter
 *     (`struct ferrite *cache`): a module instance is one cache. Its exports are exactly
 *
 *         memory                ferrite_abi_version   ferrite_io         ferrite_init
 *         ferrite_request       ferrite_run           ferrite_more       ferrite_get
 *         ferrite_set           ferrite_reserve       ferrite_commit     ferrite_tick
 *         ferrite_changes
 *
 *     and it imports nothing. C types cross as: pointers, size_t, uint32_t and enums = i32 (read
 *     them as UNSIGNED: memory may be larger than 2 GiB), double = f64.
 *
 * How a call works
 * ----------------
 * Requests go in, and replies come out, through `struct ferrite_io`, a small block of pointers and
 * lengths whose own address never changes (in wasm: ferrite_io() returns it, its fields are
 * consecutive little-endian u32 in the order below). Every function returns a status and leaves
 * what it found in that block.
 *
 *     host                                     cache
 *     write bytes at io->request
 *     ferrite_run(offset, n, form, now)   ->   parses, executes, fills io->data, io->data_bytes
 *     use the reply
 *     while the status is FERRITE_MORE:
 *         ferrite_more()                  ->   the next piece of the reply
 *
 * Memory in wasm may grow during any call, which replaces `memory.buffer`: make views afresh after
 * a call in which memory.buffer.byteLength changed. The addresses in ferrite_io stay good.
 *
 * Time
 * ----
 * The cache has no clock. Each call that needs one takes `now_ms`, milliseconds since the Unix
 * epoch as a double (fractions are dropped). It may stand still or step backwards. A time that is
 * not a number, negative, or 2^53 or more is FERRITE_BAD_ARGUMENT, and nothing happens.
 *
 * Lifetimes
 * ---------
 * Everything io->data points at is valid until the next call of any function but ferrite_io and
 * ferrite_abi_version. The request window keeps its bytes until the next ferrite_request, or until
 * it is written over by the host; ferrite_set and ferrite_run may reuse it while they run.
 *
 * When memory runs out
 * --------------------
 * The cache takes pages as it needs them, never more than `budget_bytes` in all. At the budget it
 * evicts by its policy. What cannot fit even in an empty cache is refused first, with nothing
 * evicted. With nothing left to evict, commands that need memory answer Redis's OOM error and the
 * direct calls FERRITE_NO_MEMORY; the keyspace is as it was. If the host refuses memory.grow, what
 * has been granted so far is the budget from then on.
 */
#ifndef FERRITE_H
#define FERRITE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised when a call or a field changes its meaning; new functions do not raise it. */
#define FERRITE_ABI_VERSION 1u

/* The smallest budget that works, in bytes. */
#define FERRITE_LEAST_BYTES 262144u

/* The largest budget, in bytes: what 32-bit addresses reach, less one page. */
#define FERRITE_MOST_BYTES 4294901760u

enum ferrite_status {
    FERRITE_OK = 0,         /* done; io->data is all there is */
    FERRITE_MORE = 1,       /* run, more: a piece of the reply; call ferrite_more for the next */
    FERRITE_ABSENT = 2,     /* get: no such key. set, reserve: NX or XX was not met */
    FERRITE_WRONG_TYPE = 3, /* get: the key holds something other than a string */
    FERRITE_NO_MEMORY = 4,  /* the budget is used up and nothing may be evicted */
    FERRITE_TOO_LARGE = 5,  /* could not fit even in an empty cache; nothing was evicted */
    FERRITE_PROTOCOL = 6,   /* run: not RESP. The reply says why; close the connection */
    FERRITE_BAD_ARGUMENT =
        7,            /* a length, flag, time or policy out of range, or a call out of order */
    FERRITE_LOST = 8, /* commit: no reservation stands. changes: not all was noted */
};

enum ferrite_policy {
    FERRITE_NOEVICTION = 0,
    FERRITE_ALLKEYS_LRU = 1,
    FERRITE_ALLKEYS_LFU = 2,
    FERRITE_ALLKEYS_RANDOM = 3,
    FERRITE_VOLATILE_LRU = 4,
    FERRITE_VOLATILE_LFU = 5,
    FERRITE_VOLATILE_RANDOM = 6,
    FERRITE_VOLATILE_TTL = 7,
    FERRITE_ALLKEYS_ADAPTIVE = 8, /* by how often, how lately and how large: most hits */
    FERRITE_VOLATILE_ADAPTIVE = 9,
    FERRITE_ALLKEYS_ADAPTIVE_BYTES = 10, /* size counts for less: more bytes hit, fewer keys */
    FERRITE_VOLATILE_ADAPTIVE_BYTES = 11,
};

/* What has happened to a key: see ferrite_changes. */
enum ferrite_change {
    FERRITE_CHANGED = 0, /* made, changed or removed by a command, or a field of it has expired */
    FERRITE_EXPIRED = 1,
    FERRITE_EVICTED = 2,
};

/* Flags of ferrite_set and ferrite_reserve. */
enum ferrite_set_flag {
    FERRITE_NX = 1,        /* only if the key is absent */
    FERRITE_XX = 2,        /* only if the key is present */
    FERRITE_KEEP_TTL = 4,  /* keep the expiry the key has; expiry_ms must be 0 */
    FERRITE_EXPIRE_AT = 8, /* expiry_ms is a time, not a time from now */
};

/* The form of replies; a connection's HELLO chooses, so the host passes it with each run. */
enum ferrite_form { FERRITE_RESP2 = 2, FERRITE_RESP3 = 3 };

struct ferrite_io {
    uint8_t *request;        /* where the host writes a request, a key, or a key and value */
    size_t request_capacity; /* bytes it may write there */
    const uint8_t *data;     /* the reply or the piece of it; get: the value, in place; reserve:
                                where to write the value (the one case where data is written to) */
    size_t data_bytes;       /* bytes at data */
    size_t consumed_bytes;   /* run, more: bytes of the request executed so far */
    size_t budget_bytes;     /* the budget in force */
};

struct ferrite; /* one cache; lives at the start of the buffer it was made in */

/* FERRITE_ABI_VERSION of the library or module. The one function that takes no cache in C too. */
uint32_t ferrite_abi_version(void);

/* The block through which requests and replies pass. Never fails. */
struct ferrite_io *ferrite_io(struct ferrite *cache);

/*
 * Makes an empty cache, or starts anew over one that exists (all keys and statistics are gone).
 *
 * In C: `cache` is the address of a buffer of `budget_bytes` bytes, aligned to 64, that belongs to
 * the caller and outlives the cache; there is nothing else to free. In wasm: memory is grown as
 * needed, never beyond budget_bytes, which counts all of it: stack, static data and slack too.
 *
 *   budget_bytes  FERRITE_LEAST_BYTES..FERRITE_MOST_BYTES; rounded down to 64 KiB
 *   policy        enum ferrite_policy
 *   seed          128 bits, four words: the key of the keyed hash. Make it unpredictable
 *
 * FERRITE_OK; FERRITE_TOO_LARGE or FERRITE_NO_MEMORY if the budget is above or below the range
 * (io->budget_bytes is then the nearest one that works); FERRITE_BAD_ARGUMENT.
 * After a failure the other functions answer FERRITE_BAD_ARGUMENT until an init succeeds.
 */
enum ferrite_status ferrite_init(struct ferrite *cache, double budget_bytes, uint32_t policy,
                                 uint32_t seed0, uint32_t seed1, uint32_t seed2, uint32_t seed3);

/*
 * Makes the request window hold at least `bytes` bytes (io->request, io->request_capacity). The
 * window a cache starts with, at least 2 KiB, needs no call. A larger one is taken from the budget,
 * evicting if need be, and given back by the next call that asks for a small one or stores it as
 * a value. Its former contents are lost.
 * FERRITE_OK, FERRITE_NO_MEMORY, FERRITE_TOO_LARGE.
 */
enum ferrite_status ferrite_request(struct ferrite *cache, size_t bytes, double now_ms);

/*
 * Executes the commands in `bytes` bytes of the request window from `offset`: RESP arrays or
 * inline commands, one or many. Writes the replies of as many as fit to the reply window.
 *
 * FERRITE_OK: all complete commands are done. io->consumed_bytes counts from `offset`; what is
 *   behind it is the beginning of a command: keep it and call again with the rest appended.
 * FERRITE_MORE: take this piece, then call ferrite_more, until it answers something else. Any other
 *   call but ferrite_io gives up what is left: commands behind consumed_bytes have not run.
 * FERRITE_PROTOCOL: as FERRITE_OK, but the bytes at consumed_bytes are no request.
 * Errors of commands are replies ("-ERR ..."), not statuses.
 */
enum ferrite_status ferrite_run(struct ferrite *cache, size_t offset, size_t bytes, uint32_t form,
                                double now_ms);

/* The next piece of a reply that did not fit, with the time of its run. Statuses as ferrite_run;
 * FERRITE_BAD_ARGUMENT if nothing is left over, or if the host has written over the command whose
 * reply goes on: then the rest is given up. */
enum ferrite_status ferrite_more(struct ferrite *cache);

/*
 * Looks up the key in the first `key_bytes` bytes of the request window. FERRITE_OK: io->data and
 * io->data_bytes are the value, in place, valid until the next call; do not write to it.
 * FERRITE_ABSENT, FERRITE_WRONG_TYPE, FERRITE_BAD_ARGUMENT. Counts as a read for LRU, LFU and INFO.
 */
enum ferrite_status ferrite_get(struct ferrite *cache, size_t key_bytes, double now_ms);

/*
 * Stores a string: the request window holds the key, then at once the value. Replaces what the key
 * held, of any type.
 *   flags      enum ferrite_set_flag, or-ed
 *   expiry_ms  0: none. Else milliseconds from now, or since the epoch with FERRITE_EXPIRE_AT;
 *              a time not after now_ms deletes the key, as in Redis
 * FERRITE_OK, FERRITE_ABSENT, FERRITE_NO_MEMORY, FERRITE_TOO_LARGE, FERRITE_BAD_ARGUMENT.
 */
enum ferrite_status ferrite_set(struct ferrite *cache, size_t key_bytes, size_t value_bytes,
                                uint32_t flags, double expiry_ms, double now_ms);

/*
 * The same for a value the host writes straight into its place: the key is in the request window;
 * on FERRITE_OK the host writes value_bytes bytes at io->data and calls ferrite_commit. Until then
 * the old value is served; every other call but ferrite_io gives the reservation up.
 */
enum ferrite_status ferrite_reserve(struct ferrite *cache, size_t key_bytes, size_t value_bytes,
                                    uint32_t flags, double expiry_ms, double now_ms);

/* Makes the reserved value the key's value. FERRITE_OK, FERRITE_NO_MEMORY (the index could not
 * grow), FERRITE_LOST, FERRITE_BAD_ARGUMENT. */
enum ferrite_status ferrite_commit(struct ferrite *cache, double now_ms);

/* Upkeep when idle: reclaims some expired and retired memory, in bounded time. Optional; every
 * call does a little of it. FERRITE_MORE if there is more to do, else FERRITE_OK. */
enum ferrite_status ferrite_tick(struct ferrite *cache, double now_ms);

/*
 * What has happened to keys since the last call of this, in order: io->data and io->data_bytes are
 * records, one behind another, each a little-endian u32, the key's length * 256 + enum
 * ferrite_change, and the key. Of changes to one key, one behind another, one is noted. `keep` says
 * whether to note what happens from now on; a cache begins without. There is room for some 1 to 16
 * KiB of records, a 1024th of the budget.
 * FERRITE_OK; FERRITE_LOST: not all was noted, so any key may have changed, and there are no
 * records (FLUSHALL is told that way, too); FERRITE_BAD_ARGUMENT.
 */
enum ferrite_status ferrite_changes(struct ferrite *cache, uint32_t keep);

#ifdef __cplusplus
}
#endif

#endif
