/*
 * The keyspace: find, put, resize, remove, expire, rename, scan; and, behind all of it, the making
 * of room. The one header of this room that the rooms above include.
 *
 * Rules of the house:
 *   - A `struct entry` is a view into the arena. It is good until the next call here that takes
 *     memory (put, set, resize, expire, rename, copy) or removes something: find it again then.
 *   - Slices given to these functions (keys, values) lie outside the movable part of the arena: in
 *     the request window, on the stack, or in static data; or they are the key of an entry whose
 *     lifetime the function's comment allows.
 *   - Functions that take memory answer false or NULL when there is none to be had, after evicting
 *     what the policy allows; the keyspace is then as it was, evictions aside.
 *   - Expired keys are never seen through any of this.
 */
#ifndef FERRITE_STORE_H
#define FERRITE_STORE_H

#include "base/base.h"
#include "base/hash.h"
#include "heap/heap.h"
#include "store/index.h"

/* What a key holds. Strings come in three, since Redis's OBJECT ENCODING remembers how one was
 * made; the bytes alone tell the rest. Every type below TYPE_LIST is a string. */
enum value_type {
    TYPE_STRING,      /* as SET stores it: "int", "embstr" or "raw" by its bytes */
    TYPE_STRING_TEXT, /* never "int": the result of INCRBYFLOAT */
    TYPE_STRING_RAW,  /* always "raw": changed in place by APPEND or SETRANGE */
    TYPE_LIST,
    TYPE_SET,
    TYPE_ZSET,
    TYPE_HASH,

    /* Marks of collections, beside their type. */
    TYPE_BASE = 7,
    TYPE_TREE = 8,       /* the value is the roots of trees, not packed items */
    TYPE_GROWN = 0x20,   /* Redis would have given up the compact encoding */
    TYPE_EXPIRES = 0x40, /* a hash that has, or had, fields with an expiry */
};

/* Redis's maxmemory policies and more, numbered as in enum ferrite_policy. */
enum policy {
    POLICY_NOEVICTION,
    POLICY_ALLKEYS_LRU,
    POLICY_ALLKEYS_LFU,
    POLICY_ALLKEYS_RANDOM,
    POLICY_VOLATILE_LRU,
    POLICY_VOLATILE_LFU,
    POLICY_VOLATILE_RANDOM,
    POLICY_VOLATILE_TTL,
    POLICY_ALLKEYS_ADAPTIVE,
    POLICY_VOLATILE_ADAPTIVE,
    POLICY_ALLKEYS_ADAPTIVE_BYTES,
    POLICY_VOLATILE_ADAPTIVE_BYTES,
    POLICY_COUNT,
};
HOT_INLINE bool policy_is_lfu(u32 policy) {
    return policy == POLICY_ALLKEYS_LFU || policy == POLICY_VOLATILE_LFU;
}
HOT_INLINE bool policy_is_adaptive(u32 policy) {
    return policy >= POLICY_ALLKEYS_ADAPTIVE;
}

/* Decoded view of a live entry. */
struct entry {
    ref at;
    u32 type;          /* enum value_type, with its marks */
    i64 expires_at_ms; /* 0: never */
    struct slice key;
    u8 *value;
    u32 value_len;
};

/* What has happened to keys, for a host that asks: records in `log`, one behind another. Nothing is
 * noted, and anything may have happened, while `used` is more than `most`, which is 0 at first. */
enum change { CHANGE_MADE, CHANGE_EXPIRED, CHANGE_EVICTED };
enum { CHANGE_HEAD = 4 }; /* bytes of length * 256 + enum change, before the key */
struct changes {
    u8 *log, *last; /* the last record */
    u32 used, most; /* bytes */
};

struct stats {
    u64 hits, misses; /* keyspace reads, as Redis counts them */
    u64 gone[3];      /* by enum change */
    u64 commands;     /* counted by the room above */
};

enum { POOL_SIZE = 16, CLOCK_STAMPS = 32 };

/* For eviction. */
struct candidate {
    ref at; /* 0: none */
    u32 bucket;
};

struct store {
    struct heap heap; /* first: the arena is measured from here */
    struct index keys;
    struct hash_key hash_key;
    struct random random;
    struct slice hashed; /* a key of the request window that is always there, and its hash: see */
    u64 hash;            /* hash_of */
    struct stats stats;
    struct changes changes;
    i64 now_ms;            /* of the command at work */
    u32 maxmemory, budget; /* bytes: as configured now, and as given to init */
    u32 policy;
    u32 samples;        /* maxmemory-samples: how many entries an eviction looks at, at least */
    bool may_use_spare; /* the command at work is one Redis lets through when memory is full */
    ref spare;          /* a pinned block, of that many units: see room_keep_spare */
    u32 spare_units;

    ref placed;   /* the entry of the key that was put or resized last */
    ref kept;     /* a removed entry whose bytes the reply still needs */
    ref reserved; /* a block that is an entry but for its tag and the index: see store_reserve */
    u32 reserved_units;
    struct shape reserved_shape;
    i64 reserved_expires_at_ms;
    ref retired;             /* tree.c: nodes of collections that are gone, to be freed */
    u8 built[2][8];          /* tree.c: roots of a collection in the making */
    ref staged, staged_last; /* blocks for values that are to replace others: see store_stage */
    ref request_block; /* the request window, when it is a block of the heap: outlives a flush */
    u32 request_units;
    bool request_is_last; /* the command at work is the last in the window */

    struct candidate pool[POOL_SIZE]; /* evict.c: whose recency was that, when it was seen last */
    u8 seen[POOL_SIZE], worth_most;
    u32 expired_hint; /* evict.c: are there likely to be expired entries? */

    /* upkeep.c: the recency clock and the sweeps */
    u8 clock;
    u32 clock_insertions;              /* since its last tick */
    u32 clock_visits;                  /* buckets visited by a sweep since its last tick */
    i64 clock_stamps_ms[CLOCK_STAMPS]; /* when every eighth tick began */
    i64 clock_tick_ms;                 /* when the last tick was */
    u32 aging_bucket, expiry_bucket;   /* where the sweeps are */
    u32 expiry_credit, expiry_rounds;  /* buckets the expiry sweep may still visit; rounds made */
    u64 expiry_part;                   /* of the next credit, in SWEEP_MS-ths */
    bool fields_expire;                /* has any hash the mark TYPE_EXPIRES? */
    bool fields_due;                   /* of the bucket at work: did the steps end before them? */
    u32 asked_units; /* room.c: by the command at work, of what had to be made room for */
    /* room.c: the steps and moved bytes of making room for it, which are what is bounded there; and
     * those of its own, as they were when room was made last. */
    u32 room_steps, room_moved, own_steps, own_moved;
    u32 steps_most; /* room.c: what it may go on to with that */
};

/* The module has one cache, at an address that is known when it is compiled: so this is what any
 * pointer to its store, in a struct, comes to. */
HOT_INLINE struct store *store_at(struct store *pointer) {
#ifdef FERRITE_MODULE
    (void)pointer;
    return (struct store *)STATE_AT;
#else
    return pointer;
#endif
}
#define store_of(holder) store_at((holder)->store)

/* What a lowered maxmemory leaves of what there is: heap.withheld gets there in steps. */
SHARED u32 store_lowered_units(const struct store *store) {
    u32 limit = store->heap.limit, units = store->maxmemory / UNIT;
    return limit - min_u32(units, limit);
}

/* --- life ------------------------------------------------------------------------------------- */

/* Makes an empty keyspace over heap, which has been made. */
bool store_init(struct store *store, const u32 seed[4], u32 policy, u32 maxmemory);
/* Forgets all keys without visiting them. Statistics stay. */
void store_flush(struct store *store);
void store_begin_slowly(struct store *store, i64 now_ms);
/* Of what a command may look at and move. */
HOT_INLINE void store_begin_counting(struct store *store) {
    store->heap.steps = store->heap.moved_bytes = 0;
    store->asked_units = store->room_steps = store->room_moved = 0;
}
/* To be called before each command: frees what the last reply still needed, lets time pass. */
static inline void store_begin(struct store *store, i64 now_ms) {
    store->may_use_spare = false;
    store->hashed.bytes = NULL;
    store_begin_counting(store);
    if (UNLIKELY(now_ms != store->now_ms || store->kept || store->retired))
        store_begin_slowly(store, now_ms);
}
/* Some upkeep: expiry sweep, clock. Bounded; true if there is more to do. */
bool store_upkeep(struct store *store);

/* --- reading ---------------------------------------------------------------------------------- */

/* Finds without a trace. False if absent (an expired entry is removed on the way): then *entry is
 * that of an empty string, in no block, that never expires. */
bool store_find(struct store *store, struct slice key, struct entry *entry);
/* Finds, refreshes recency, counts a hit or a miss. What commands that read use. */
bool store_read(struct store *store, struct slice key, struct entry *entry);
/* Finds, refreshes recency, counts nothing. What commands that write use. */
bool store_touch(struct store *store, struct slice key, struct entry *entry);

/* --- writing ---------------------------------------------------------------------------------- */

enum put_flag {
    PUT_KEEP_TTL = 1, /* take over the expiry of the entry replaced; expires_at_ms is ignored */
    PUT_KEEP_OLD = 2, /* the old value's bytes stay readable until the next command: store_kept */
    PUT_NEW = 4,      /* the key has been looked for, and is not there */
};

/* Makes `key` hold `value_len` bytes of `type`, replacing what it held, and returns where the
 * caller must write them, at once. NULL: no memory, nothing changed. expires_at_ms 0: never. */
u8 *store_put(struct store *store, struct slice key, u32 type, u32 value_len, i64 expires_at_ms,
              u32 put_flags);
/* The same with the value's bytes given. */
bool store_set(struct store *store, struct slice key, u32 type, struct slice value,
               i64 expires_at_ms, u32 put_flags);
/* The same for a large string that lies in the request window, behind its key, when nobody needs
 * the window any more: its block becomes the entry. */
bool store_adopt(struct store *store, struct slice key, struct slice value, i64 expires_at_ms,
                 u32 put_flags);
static inline bool store_may_adopt(const struct store *store, struct slice value) {
    enum { ADOPT_LEAST = 4096 }; /* bytes */
    return store->request_is_last && store->request_block && value.len >= ADOPT_LEAST;
}
/* In two steps, for a value that somebody else writes: reserve says where to; until commit the old
 * value is served. Nothing else may be called in between but what finds keys, and one of: commit,
 * which makes it the key's value (false: no memory, and it is given up), and give_up. */
u8 *store_reserve(struct store *store, struct slice key, u32 type, u32 value_len,
                  i64 expires_at_ms);
bool store_commit(struct store *store);
void store_give_up(struct store *store);
/* A request window of at least `bytes` bytes in place of the one there is, which is given back
 * first. False: no memory. */
bool store_take_request(struct store *store, u64 bytes, struct slice *window);
void store_give_request(struct store *store);
/* A block for a command's own use, which stays where it is until it is given back; that has to be
 * before the command ends. NULL: no memory. */
u8 *store_take_scratch(struct store *store, u32 bytes);
void store_give_scratch(struct store *store, const u8 *scratch);
/* Could so many bytes of key and value fit if the cache were empty? */
bool store_could_fit(const struct store *store, u64 bytes);
/* Changes the length and type of the value of a key that exists, keeping its expiry and as many of
 * its bytes as fit; bytes beyond the old length are undefined. Returns the value, or NULL; what
 * does not become longer stays where it is, and that never fails. */
u8 *store_resize(struct store *store, struct slice key, u32 type, u32 value_len);
/* Removes. False if there was nothing. */
bool store_remove(struct store *store, struct slice key);
/* Removes; the value's bytes stay readable until the next command: store_kept. */
bool store_take(struct store *store, struct slice key);
/* The value that PUT_KEEP_OLD or store_take set aside; empty if there was none. */
struct slice store_kept(struct store *store);
/* Sets (a time > 0) or clears (0) the expiry of a key that exists. False: no memory. A time that
 * is past already is stored all the same: callers remove the key instead. */
bool store_expire(struct store *store, struct slice key, i64 expires_at_ms);
/* Gives the value and expiry of `from`, which exists and differs from `to`, to `to`. */
bool store_rename(struct store *store, struct slice from, struct slice to);
/* Copies what the entry has; of a large collection that is but where its trees are, which two
 * entries must not share: collection_copy copies those. */
bool store_copy(struct store *store, struct slice from, struct slice to);

/* Is there free memory for so many new items, keys and values of so many bytes in all, and for what
 * the index may take for them? Then none of them can fail, and nothing goes for them. */
bool store_has_room(struct store *store, u32 bytes, u32 items);
/* Else all or nothing, for several strings that never expire (MSET): stage each item, numbered from
 * 0 in order; then settle each: publish them if all could be staged, else discard them, the
 * unstaged ones too. That takes no memory. The numbers and slices are the same in both rounds, and
 * nothing else is called in between. */
bool store_stage(struct store *store, u32 item, struct slice key, struct slice value);
void store_settle(struct store *store, u32 item, struct slice key, struct slice value,
                  bool publishes);

/* Notes what happens to the key of the entry at `at`. Of several that are the same, one behind
 * another, one is noted. */
void store_note(struct store *store, ref at, enum change change);

/* --- over all keys ---------------------------------------------------------------------------- */

static inline u32 store_count(const struct store *store) {
    return store->keys.entries;
}
static inline u32 store_count_volatile(const struct store *store) {
    return store->keys.volatiles;
}

typedef void store_visit(void *context, const struct entry *entry);
/* One step of a scan: visits the live entries of some buckets and returns the next cursor; 0 begins
 * and ends. What is there throughout is visited, as in Redis, and, unlike there, once. The visitor
 * must not change the keyspace. */
u32 store_scan(struct store *store, u32 cursor, store_visit *visit, void *context);
/* A live key chosen at random, or false if there is none. */
bool store_random(struct store *store, struct entry *entry);

/* --- figures ---------------------------------------------------------------------------------- */

u64 store_idle_seconds(struct store *store, const struct entry *entry); /* as recency bits allow */
u32 store_frequency(struct store *store, const struct entry *entry);    /* LFU counter, 0..255 */
/* Makes it as seldom used as that, if the policy counts uses (`by_use`), or as long unused, in
 * seconds, if it does not: as far as recency bits allow. */
void store_set_recency(struct store *store, const struct entry *entry, bool by_use, u64 figure);
/* All it costs, index too; of a large collection, about that. */
u64 store_entry_bytes(struct store *store, const struct entry *entry);
u32 store_used_bytes(const struct store *store);      /* everything in use, fixed parts included */
u32 store_committed_bytes(const struct store *store); /* memory.size; never above maxmemory */
u32 store_index_bytes(const struct store *store);
void store_set_policy(struct store *store, u32 policy);
/* CONFIG SET maxmemory: false if above what the arena was made for. 0: the initial budget. */
bool store_set_maxmemory(struct store *store, u64 bytes);

#endif
