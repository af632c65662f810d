/*
 * HyperLogLog: how many different elements there were, to 0.81%, in at most 12 KiB (Heule,
 * Nunkesser and Hall, 2013). The value is Redis's own string, so that GET and SET carry it from one
 * to the other:
 *
 *     | "HYLL" | encoding | 0 0 0 | cardinality | registers ... |
 *         4         1         3          8
 *
 *     cardinality   as last counted; the top bit of its last byte: to be counted again
 *     dense         encoding 0: 16384 registers of 6 bits, low bits first
 *     sparse        encoding 1: runs of registers
 *                       00 llllll              zeros, l + 1
 *                       01 llllll llllllll     zeros, l + 1, its high bits first
 *                       1 vvvvv ll             v + 1, l + 1 times
 *
 * The low 14 bits of an element's hash choose its register, which keeps the most of where the
 * lowest bit set in the others was. A sparse value that would grow beyond SPARSE_MOST, or has no
 * word for a register, becomes dense, and stays so. All of this, and how runs are split and joined,
 * is as in Redis.
 *
 * A client may SET any bytes, so runs are taken for what they are only when they have been counted.
 */
#include "cmd/handler.h"

enum {
    INDEX_BITS = 14,
    REGISTERS = 1 << INDEX_BITS,
    RANK_MOST = 64 - INDEX_BITS + 1,

    ENCODING = 4,
    CARDINALITY = 8,
    STALE = 15,      /* a byte; */
    STALE_BIT = 128, /* in it */
    HEAD = 16,

    DENSE = 0,
    SPARSE = 1,
    DENSE_LEN = HEAD + REGISTERS * 6 / 8,
    EMPTY_LEN = HEAD + 2,
    SPARSE_MOST = 3000, /* bytes: Redis's hll-sparse-max-bytes */
    RUN_VALUE_MOST = 32,
    RUN_LEN_MOST = 4,
    SHORT_ZEROS_MOST = 64,
    SPLIT_MOST = 5,  /* bytes that one run becomes: zeros, value, zeros */
    GROWTH_MOST = 3, /* bytes: and what that adds */
    JOINS_LOOKED_AT = 5,

    PART = REPLY_ROOM, /* registers at a time, a byte each, where the reply is going to be */
};
_Static_assert(REGISTERS % PART == 0, "parts are whole");
_Static_assert(SPLIT_MOST <= sizeof(((struct call *)NULL)->digits), "there is room to split");

static const u8 empty[EMPTY_LEN] = {'H', 'Y', 'L', 'L', SPARSE, [STALE] = STALE_BIT, 0x7f, 0xff};

/* --- registers -------------------------------------------------------------------------------- */

static bool is_sparse(const u8 *value) {
    return value[ENCODING] == SPARSE;
}

/* Two bytes that a register is in, neither behind the last, and how many bits are below it. */
static u32 dense_at(u32 index) {
    return HEAD - 1 + (index * 6 + 4) / 8;
}
static u32 dense_shift(u32 index) {
    return (index * 6 + 4) % 8 + 4;
}

/* A run of registers: its value << 16 | how many; one word, since a struct takes more code. */
HOT_INLINE u32 run_value(u32 run) {
    return run >> 16;
}
HOT_INLINE u32 run_len(u32 run) {
    return run % (1 << 16);
}

/* A value being changed: where it lies in the key, that is argument 1; or, a sparse one, outside
 * the keyspace, with room for what it may grow by. */
struct sketch {
    u8 *value;
    u32 len;
    bool in_key;
};

/* Reads the run at `at` of a value that ends at `end`: the last may be cut short. Returns where the
 * next begins. That follows from the kind of run by branches, not by sums: a processor foresees
 * them, and does not wait for one run to find the next. */
HOT_INLINE const u8 *run_load(const u8 *at, const u8 *end, u32 *run) {
    u32 byte = *at++;
    if (byte & 0x80) {
        *run = (byte / 4 % 32 + 1) << 16 | (byte % 4 + 1);
        return at;
    }
    if (byte & 0x40) {
        byte = byte % 64 << 8 | (at < end ? *at : 0);
        at++;
    }
    *run = byte + 1;
    return at;
}

COLD static u8 *run_put(u8 *at, u32 value, u32 len) {
    if (!len--) return at;
    if (value) {
        *at++ = (u8)(0x80 | (value - 1) << 2 | len);
    } else {
        if (len >= SHORT_ZEROS_MOST) *at++ = (u8)(0x40 | len >> 8);
        *at++ = (u8)len;
    }
    return at;
}

/* How many registers there are of each rank, which is less than 64: those of a sparse sketch, and
 * those of a union. In call->notes. */
enum { RANKS = 64 };
static u16 *counts_of(struct call *call) {
    return (u16 *)(void *)call->notes;
}
enum { COUNTS_BYTES = 2 * RANKS * sizeof(u16) };
_Static_assert(COUNTS_BYTES <= sizeof(((struct call *)NULL)->notes), "there is room for them");

/* Raises the registers in the room for a reply, which are those from `first` on, to what they are
 * in a value, and counts all of a sparse one. Returns how many the value has: REGISTERS, unless it
 * is corrupt. */
COLD static u32 raise_part(struct call *call, u32 first, struct slice value) {
    u8 *part = reply_room(&call->reply);
    const u8 *at = value.bytes + HEAD, *end = value.bytes + value.len;
    if (!is_sparse(value.bytes)) {
        for (u32 i = first; i < first + PART; i++, part++)
            *part =
                (u8)max_u32(*part, (u32)load16(value.bytes + dense_at(i)) >> dense_shift(i) & 63);
        return REGISTERS;
    }
    u32 index = 0;
    while (at < end && index <= REGISTERS) {
        u32 run, rank, next;
        at = run_load(at, end, &run);
        rank = run_value(run);
        next = index + run_len(run);
        counts_of(call)[rank] += run_len(run);
        for (; rank && index < next; index++)
            if (index - first < PART) part[index - first] = (u8)max_u32(part[index - first], rank);
        index = next;
    }
    return index;
}

/* Do the runs come to all registers, and no more? Of a sparse sketch, all are counted then. */
COLD static bool is_whole(struct call *call, struct slice value) {
    __builtin_memset(counts_of(call), 0, COUNTS_BYTES);
    return raise_part(call, 0, value) == REGISTERS;
}

/* The registers from `first` on, of a sketch, or (NULL) the most they are in the keys of the
 * request. All have been looked at: none is corrupt, none will expire. */
COLD static const u8 *gather_part(struct call *call, const struct sketch *sketch, u32 first) {
    u8 *part = reply_room(&call->reply);
    __builtin_memset(part, 0, PART);
    if (sketch) {
        raise_part(call, first, (struct slice){sketch->value, sketch->len});
        return part;
    }
    for (u32 i = 1; i < arg_count(call); i++)
        if (find_key(call, i)) raise_part(call, first, value_of(call));
    return part;
}

/* --- counting --------------------------------------------------------------------------------- */

/* Ertl, 2017: "New cardinality estimation algorithms for HyperLogLog sketches". */

COLD static double sigma(double x) {
    double y = 1, z = x, before;
    do {
        x *= x;
        before = z;
        z += x * y;
        y += y;
    } while (z != before);
    return z;
}

COLD static double tau(double x) {
    double y = 1, z = 1 - x, before;
    if (x == 0 || x == 1) return 0;
    do {
        x = __builtin_sqrt(x);
        before = z;
        y *= 0.5;
        z -= (1 - x) * (1 - x) * y;
    } while (z != before);
    return z / 3;
}

/* Counts the registers of the union of all keys of the request. Most are 0, where they are of a
 * sparse sketch. */
COLD static const u16 *count_union(struct call *call) {
    u16 *counts = counts_of(call) + RANKS;
    counts[0] = REGISTERS;
    for (u32 first = 0; first < REGISTERS; first += PART) {
        const u8 *part = gather_part(call, NULL, first);
        for (u32 i = 0; i < PART; i++) {
            if (i % 8 == 0 && !load64(part + i)) {
                i += 7;
                continue;
            }
            counts[0]--;
            counts[part[i]]++;
        }
    }
    return counts;
}

/* Of as many registers of each rank as were counted. */
COLD static i64 estimate(const u16 *counts) {
    const double m = REGISTERS, alpha = 0.721347520444481703680; /* 0.5 / ln 2 */
    if (counts[0] == REGISTERS) return 0;
    double z = m * tau(1 - counts[RANK_MOST] / m);
    for (u32 rank = RANK_MOST - 1; rank; rank--) z = (z + counts[rank]) * 0.5;
    double count = alpha * m * m / (z + m * sigma(counts[0] / m));
    if (!(count < 0x1p63)) return INT64_MIN; /* as on x86-64 */
    i64 whole = (i64)count;
    return whole + (count - (double)whole >= 0.5);
}

/* --- reading ---------------------------------------------------------------------------------- */

COLD static bool fail_corrupt(struct call *call) {
    reply_error(&call->reply, SLICE("INVALIDOBJ Corrupted HLL object detected"));
    return false;
}

/* Is call->work.entry one? Replies an error and returns false if it is not. */
COLD static bool expect_sketch(struct call *call) {
    const struct entry *entry = &call->work.entry;
    if (!expect_string(call)) return false;
    if (entry->value_len >= HEAD && load32(entry->value) == load32(empty) &&
        (is_sparse(entry->value) ||
         (entry->value[ENCODING] == DENSE && entry->value_len == DENSE_LEN)))
        return true;
    reply_error(&call->reply, SLICE("WRONGTYPE Key is not a valid HyperLogLog string value."));
    return false;
}

/* In call->state: is one of the keys dense? */
enum { ANY_DENSE };

static bool is_counted(const u8 *value) {
    return !(value[STALE] & STALE_BIT);
}

/* Reads all keys of the request; replies an error and returns false if one of them has other bytes.
 * If the cardinality is all that is wanted, what was counted is not looked at. */
COLD static bool read_sketches(struct call *call, bool for_cardinality) {
    call->state[ANY_DENSE] = false;
    for (u32 i = 1; i < arg_count(call); i++) {
        if (!read_key(call, i)) continue;
        if (!expect_sketch(call)) return false;
        struct slice value = value_of(call);
        if (!(for_cardinality && is_counted(value.bytes)) && !is_whole(call, value))
            return fail_corrupt(call);
        call->state[ANY_DENSE] |= !is_sparse(value.bytes);
    }
    return true;
}

/* Makes call->work.entry raw, as Redis does before it looks closer, if there is memory for it. */
COLD static void make_raw(struct call *call) {
    struct entry *entry = &call->work.entry;
    if (entry->type == TYPE_STRING_RAW) return;
    store_resize(store_of(call), arg(call, 1), TYPE_STRING_RAW, entry->value_len);
    find_key(call, 1);
}

/* The count of one key alone is kept in it, and looked at no more until it has changed. */
COLD static i64 count_alone(struct call *call) {
    struct entry *entry = &call->work.entry;
    make_raw(call);
    if (!is_counted(entry->value)) {
        const u16 *counts = is_sparse(entry->value) ? counts_of(call) : count_union(call);
        store64(entry->value + CARDINALITY, (u64)estimate(counts));
        store_note(store_of(call), entry->at, CHANGE_MADE);
    }
    return (i64)load64(entry->value + CARDINALITY);
}

COLD HANDLER(cmd_pfcount) {
    bool alone = arg_count(call) == 2;
    if (!read_sketches(call, alone)) return;
    reply_integer(&call->reply,
                  alone && call->work.found ? count_alone(call) : estimate(count_union(call)));
}

/* --- changing --------------------------------------------------------------------------------- */

enum outcome {
    FAILED, /* and an error was replied */
    SAME,
    RAISED,
    NO_WORD, /* the sparse form has none for it */
};

HOT_INLINE bool is_done(enum outcome outcome) {
    return outcome == SAME || outcome == RAISED;
}

COLD static enum outcome raise_dense(u8 *value, u32 index, u32 rank) {
    u32 shift = dense_shift(index);
    u8 *at = value + dense_at(index);
    u32 word = load16(at), old = word >> shift & 63;
    if (old >= rank) return SAME;
    store16(at, (u16)(word + ((rank - old) << shift)));
    return RAISED;
}

/* Runs of one value that lie side by side become one, among the first few from `at` on. Returns the
 * new end. */
COLD static u8 *join_runs(u8 *at, u8 *end) {
    for (u32 looks = JOINS_LOOKED_AT; looks && at < end; looks--) {
        u32 byte = *at;
        bool joins = byte & 0x80 && at + 1 < end && (byte ^ at[1]) < RUN_LEN_MOST &&
                     byte % 4 + at[1] % 4 + 2 <= RUN_LEN_MOST;
        if (joins) {
            at[1] = (u8)(at[1] + byte % 4 + 1);
            end--;
            __builtin_memmove(at, at + 1, (size_t)(end - at));
        } else {
            at += byte >> 6 == 1 ? 2 : 1;
        }
    }
    return end;
}

/* Splits the run that has the register. */
COLD static enum outcome raise_sparse(struct call *call, struct sketch *sketch, u32 index,
                                      u32 rank) {
    struct entry *entry = &call->work.entry;
    const u8 *value = sketch->value, *end = value + sketch->len;
    const u8 *next = value + HEAD, *at = next, *before;
    if (rank > RUN_VALUE_MOST) return NO_WORD;
    u32 run = 0;
    do {
        index -= run_len(run);
        before = at;
        at = next;
        if (at >= end) return fail_corrupt(call);
        next = run_load(at, end, &run);
    } while (index >= run_len(run));
    u32 old = run_value(run);
    if (next > end) return fail_corrupt(call);
    if (old >= rank) return SAME;
    u8 *split = call->digits; /* what the run becomes */
    u8 *split_end = run_put(split, old, index);
    split_end = run_put(split_end, rank, 1);
    split_end = run_put(split_end, old, run_len(run) - 1 - index);
    u32 bytes = (u32)(split_end - split), rest = (u32)(end - next);
    u32 start = (u32)(at - value), most = start + bytes + rest;
    if (most > max_u32(sketch->len, SPARSE_MOST)) return NO_WORD;
    if (sketch->in_key) {
        if (!widen_string(call, most)) return FAILED;
        sketch->value = entry->value;
        if (!call->work.found) copy_bytes(entry->value, empty, EMPTY_LEN);
    }
    u8 *gap = sketch->value + start, *moved = gap + bytes;
    __builtin_memmove(moved, sketch->value + (next - value), rest);
    __builtin_memcpy(gap, split, bytes);
    u8 *new_end = join_runs(sketch->value + (before - value), moved + rest);
    sketch->len = (u32)(new_end - sketch->value);
    if (sketch->in_key && sketch->len < entry->value_len)
        sketch->value = /* its header may be shorter */
            store_resize(store_of(call), arg(call, 1), TYPE_STRING_RAW, sketch->len);
    return RAISED;
}

COLD static enum outcome raise(struct call *call, struct sketch *sketch, u32 index, u32 rank) {
    return is_sparse(sketch->value) ? raise_sparse(call, sketch, index, rank)
                                    : raise_dense(sketch->value, index, rank);
}

/* MurmurHash64A (Austin Appleby), with Redis's seed. */
COLD static u64 murmur(struct slice bytes) {
    const u64 m = 0xc6a4a7935bd1e995;
    u64 hash = 0xadc83b19 ^ bytes.len * m;
    for (; bytes.len >= 8; bytes.len -= 8, bytes.bytes += 8) {
        u64 word = load64(bytes.bytes) * m;
        word ^= word >> 47;
        hash = (hash ^ word * m) * m;
    }
    u64 rest = 0;
    for (u32 i = bytes.len; i; i--) rest = rest << 8 | bytes.bytes[i - 1];
    if (bytes.len) hash = (hash ^ rest) * m;
    hash = (hash ^ hash >> 47) * m;
    return hash ^ hash >> 47;
}

COLD static enum outcome add_elements(struct call *call, struct sketch *sketch) {
    enum outcome all = call->work.found ? SAME : RAISED;
    for (u32 i = 2; i < arg_count(call) && is_done(all); i++) {
        u64 hash = murmur(arg(call, i));
        u64 rest = hash >> INDEX_BITS | 1ull << (RANK_MOST - 1);
        enum outcome one = raise(call, sketch, hash % REGISTERS, (u32)__builtin_ctzll(rest) + 1);
        if (one != SAME) all = one;
    }
    return all;
}

/* Raises all registers to those of another sketch, or (NULL) of the keys. */
COLD static enum outcome add_registers(struct call *call, struct sketch *sketch,
                                       const struct sketch *other) {
    for (u32 first = 0; first < REGISTERS; first += PART) {
        const u8 *part = gather_part(call, other, first);
        for (u32 i = 0; i < PART; i++) {
            enum outcome one = part[i] ? raise(call, sketch, first + i, part[i]) : SAME;
            if (!is_done(one)) return one;
        }
    }
    return RAISED;
}

static bool takes_keys(const struct call *call) {
    return call->command->keys == KEYS_ALL;
}

/* Adds the elements, or the keys, of the request. */
COLD static enum outcome add(struct call *call, struct sketch *sketch) {
    enum outcome outcome =
        takes_keys(call) ? add_registers(call, sketch, NULL) : add_elements(call, sketch);
    if (outcome == RAISED) sketch->value[STALE] |= STALE_BIT;
    return outcome;
}

/* Puts a sparse sketch that was added to, or is to be made dense and added to, in its place. */
COLD static enum outcome put_sketch(struct call *call, const struct sketch *sketch,
                                    enum outcome outcome) {
    bool dense = outcome == NO_WORD;
    struct sketch now = {NULL, dense ? (u32)DENSE_LEN : sketch->len, false};
    if (dense && !is_whole(call, (struct slice){sketch->value, sketch->len}))
        return fail_corrupt(call);
    if (!outcome) return FAILED;
    now.value = store_put(store_of(call), arg(call, 1), TYPE_STRING_RAW, now.len, 0, PUT_KEEP_TTL);
    if (!now.value) return fail_memory(call);
    __builtin_memset(now.value, 0, now.len);
    __builtin_memcpy(now.value, sketch->value, dense ? (u32)HEAD : now.len);
    if (!dense) return outcome;
    now.value[ENCODING] = DENSE;
    add_registers(call, &now, sketch);
    return add(call, &now);
}

/* Adds to what argument 1 holds, and makes it dense if asked to. A dense one is changed in its
 * place, and so is a sparse one by a single element; by more as a copy, so that nothing has changed
 * if there is no memory for what becomes of it. */
COLD static enum outcome change(struct call *call, bool dense) {
    struct entry *entry = &call->work.entry;
    if (!touch_key(call, 1)) {
        entry->value = (u8 *)(size_t)empty;
        entry->value_len = EMPTY_LEN;
    } else if (!expect_sketch(call)) {
        return FAILED;
    }
    bool keys = takes_keys(call), sparse = is_sparse(entry->value);
    if (!sparse) {
        make_raw(call);
        store_note(store_of(call), entry->at, CHANGE_MADE);
    }
    u32 len = entry->value_len, growth = keys ? (u32)SPARSE_MOST : GROWTH_MOST * arg_count(call);
    struct sketch sketch = {entry->value, len, true};
    enum outcome outcome;
    if (!sparse || (!keys && arg_count(call) == 3)) {
        outcome = add(call, &sketch);
        if (sparse && outcome == SAME) make_raw(call);
        if (outcome != NO_WORD) return outcome;
    }
    if (!take_scratch(call, max_u32(min_u32(len + growth, SPARSE_MOST), len)))
        return fail_memory(call);
    sketch = (struct sketch){call->scratch, len, false};
    __builtin_memcpy(call->scratch, entry->value, len);
    outcome = put_sketch(call, &sketch, dense ? NO_WORD : add(call, &sketch));
    give_scratch(call);
    return outcome;
}

COLD HANDLER(cmd_pfadd) {
    enum outcome outcome = change(call, false);
    if (outcome) reply_integer(&call->reply, outcome == RAISED);
}

COLD HANDLER(cmd_pfmerge) {
    if (read_sketches(call, false) && change(call, call->state[ANY_DENSE])) reply_ok(&call->reply);
}
