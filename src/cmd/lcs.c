/*
 * LCS: a longest common subsequence of two strings, of several the one that Redis finds.
 *
 * Redis fills a table, T[i][j] for the first i bytes of a and the first j of b, and walks from its
 * end back to its beginning: to [i-1][j-1] where the bytes are equal, else to [i-1][j] if there is
 * more than at [i][j-1], else there. Which of them has more shows in one bit: does [i][j] have more
 * than [i][j-1]? Only these bits are computed, a row of them from the one above, eight at a time
 * (Hyyro, 2004): 0 where there is more.
 *
 * A walk needs the rows from the last to the first. At first they are computed once, and every so
 * many-th is saved; then, when a walk gets there, the band of rows behind a saved one. For a reply
 * with matches there are two walks: one to count them, one that writes them.
 *
 *     scratch   | struct trace | subsequence | saved row ... | row | row ... |
 *                                                             a band
 */
#include "cmd/handler.h"

enum { IDX = 1, LEN = 2, WITHMATCHLEN = 4 };

/* In call->state: the options, and how many items are not written yet. call->number is the shortest
 * match that is told of; call->work.entry.value, where the scratch is. */
enum { GIVEN, LEFT };

struct trace {
    struct slice a, b;
    u32 row_bytes, step; /* a row's length, and how many are in a band */
    u8 *saved, *band;
    u32 i, j;     /* where the walk is */
    u32 first;    /* the row before the band */
    u32 length;   /* of the subsequence, */
    u8 *sequence; /* whose bytes, as far as the walk got, begin here */
};

COLD static u8 *row_at(const struct trace *walk, u8 *rows, u32 i) {
    return rows + i * walk->row_bytes;
}

/* From the saved row of that index, the rows behind it up to `last`. Up to 7 bytes behind b are
 * read: they have a part in columns that there are not. */
COLD static void make_band(struct trace *walk, u32 index, u32 last) {
    const u64 each = 0x0101010101010101u, low = 0x7f * each;
    const u64 gather = 0x0102040810204080u; /* brings bit 0 of byte k to bit 56 + k */
    u8 *row = walk->band;
    __builtin_memcpy(row, row_at(walk, walk->saved, index), walk->row_bytes);
    walk->first = index * walk->step;
    for (u32 i = walk->first; i < last; i++) {
        u32 carry = 0;
        for (u32 j = 0; j < walk->row_bytes; j++, row++) {
            u64 differs = load64(walk->b.bytes + 8 * j) ^ walk->a.bytes[i] * each;
            u64 equals = ~(((differs & low) + low) | differs | low) >> 7;
            u32 matches = (u32)(equals * gather >> 56);
            u32 sum = *row + (*row & matches) + carry;
            carry = sum >> 8;
            row[walk->row_bytes] = (u8)(sum | (*row & ~matches));
        }
    }
}

COLD static void save_rows(struct trace *walk) {
    __builtin_memset(walk->saved, 0xff, walk->row_bytes);
    for (u32 i = 1; i * walk->step < walk->a.len; i++) {
        make_band(walk, i - 1, i * walk->step);
        __builtin_memcpy(row_at(walk, walk->saved, i), row_at(walk, walk->band, walk->step),
                         walk->row_bytes);
    }
}

COLD static void begin_walk(struct trace *walk) {
    walk->i = walk->first = walk->a.len;
    walk->j = walk->b.len;
    walk->sequence = walk->saved;
}

/* Walks to where the next match, a run of bytes in both strings, begins; returns its length. 0:
 * there is none. */
COLD static u32 next_match(struct trace *walk) {
    const u8 *a = walk->a.bytes, *b = walk->b.bytes;
    u32 i = walk->i, j = walk->j, len = 0;
    while (i && j) {
        if (a[i - 1] == b[j - 1]) {
            i--, j--, len++;
            *--walk->sequence = a[i];
            continue;
        }
        if (len) break;
        if (i <= walk->first) make_band(walk, (i - 1) / walk->step, i);
        const u8 *row = row_at(walk, walk->band, i - walk->first);
        if (row[(j - 1) / 8] >> ((j - 1) & 7) & 1)
            j--;
        else
            i--;
    }
    walk->i = i;
    walk->j = j;
    return len;
}

/* --- replies ---------------------------------------------------------------------------------- */

COLD static struct trace *walk_of(const struct call *call) {
    return (struct trace *)(void *)call->work.entry.value;
}

COLD static void reply_run(struct reply *reply, u32 first, u32 len) {
    reply_array(reply, 2);
    reply_integer(reply, first);
    reply_integer(reply, (i64)first + len - 1);
}

/* A stream: the matches, then the length. */
COLD static bool next_item(struct call *call) {
    struct reply *reply = &call->reply;
    struct trace *walk = walk_of(call);
    u32 len, more = call->state[GIVEN] & WITHMATCHLEN;
    if (!call->state[LEFT]) return false;
    if (--call->state[LEFT] == 0) {
        reply_string(reply, "len");
        reply_integer(reply, walk->length);
        return true;
    }
    do len = next_match(walk);
    while (len < call->number);
    reply_array(reply, more ? 3 : 2);
    reply_run(reply, walk->i, len);
    reply_run(reply, walk->j, len);
    if (more) reply_integer(reply, len);
    return true;
}

/* --- the command ------------------------------------------------------------------------------ */

COLD static bool take_options(struct call *call) {
    u32 given = 0;
    call->number = 0;
    for (u32 i = 3; i < arg_count(call); i++) {
        i32 word = arg_word(call, i, "IDX LEN WITHMATCHLEN MINMATCHLEN");
        if (word < 0 || (word == 3 && ++i == arg_count(call))) return fail_syntax(call);
        if (word == 3 && !arg_integer(call, i)) return false;
        given |= 1u << word;
    }
    call->state[GIVEN] = given;
    return (given & (IDX | LEN)) != (IDX | LEN) ||
           fail(call, "If you want both the length and indexes, please just use IDX.");
}

COLD static bool fail_scratch(struct call *call, const char *why) {
    return fail_quoting(call, "Insufficient memory, ", string_slice(why), "");
}

COLD static void give_scratch(struct call *call) {
    store_give_scratch(call->store, call->work.entry.value);
}

/* The square root of the number of rows is the band that takes the least memory. What Redis refuses
 * leaves all sizes far below 2^32. */
COLD static bool take_scratch(struct call *call, const struct entry *a) {
    const struct entry *b = &call->work.entry;
    struct heap *heap = &call->store->heap;
    u32 step = 0, row_bytes = (b->value_len + 7) / 8;
    u32 sequence_bytes = min_u32(a->value_len, b->value_len) + (u32)sizeof(struct trace);
    if (((u64)a->value_len + 1) * ((u64)b->value_len + 1) > STRING_MAX / sizeof(u32))
        return fail_scratch(call, "transient memory for LCS exceeds proto-max-bulk-len");
    while (step * step < a->value_len) step++;
    heap_hold(heap, a->at);
    heap_hold(heap, b->at);
    u8 *scratch = store_take_scratch(call->store, sequence_bytes + (2 * step + 1) * row_bytes);
    heap_release(heap, a->at);
    heap_release(heap, b->at);
    if (!scratch) return fail_scratch(call, "failed allocating transient memory for LCS");
    u8 *saved = scratch + sequence_bytes;
    *(struct trace *)(void *)scratch = (struct trace){
        .a = {a->value, a->value_len},
        .b = {b->value, b->value_len},
        .row_bytes = row_bytes,
        .step = step,
        .saved = saved,
        .band = saved + step * row_bytes,
    };
    call->work.entry.value = scratch;
    call->finish = give_scratch;
    return true;
}

COLD static void reply_walk(struct call *call) {
    struct trace *walk = walk_of(call);
    struct reply *reply = &call->reply;
    u32 len, count = 0;
    save_rows(walk);
    begin_walk(walk);
    while ((len = next_match(walk))) {
        walk->length += len;
        count += len >= call->number;
    }
    if (call->state[GIVEN] & LEN) {
        reply_integer(reply, walk->length);
    } else if (call->state[GIVEN] & IDX) {
        begin_walk(walk);
        call->state[LEFT] = count + 1;
        reply_map(reply, 2);
        reply_string(reply, "matches");
        reply_array(reply, count);
        reply_stream_items(reply, next_item);
    } else {
        reply_bulk(reply, (struct slice){walk->sequence, walk->length});
    }
}

COLD void cmd_lcs(struct call *call) {
    struct entry a = {0};
    bool valid = !read_key(call, 1) || holds_string(call);
    valid &= !read_key(call, 2) || holds_string(call);
    if (!valid) {
        fail(call, "The specified keys must contain string values");
        return;
    }
    if (!take_options(call)) return;
    if (!call->work.found) call->work.entry = (struct entry){0};
    store_find(call->store, arg(call, 1), &a); /* again: reading the other may have removed it */
    if (take_scratch(call, &a)) reply_walk(call);
}
