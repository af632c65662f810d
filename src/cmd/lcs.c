/*
 * LCS: a longest common subsequence of two strings, of several the one that Redis finds.
 *
 * As in Redis, a table is filled, T[i][j] for the first i bytes of a and the first j of b, and
 * walked from its end back to its beginning: to [i-1][j-1] where the bytes are equal, else to
 * [i-1][j] if there is more than at [i][j-1], else there. What is kept of it is one row, and of
 * each cell the bit that says whether there is more above. For a reply with matches there are two
 * walks: one to count them, one that writes them.
 *
 *     scratch   | bits | row, then the subsequence |
 */
#include "cmd/handler.h"

enum { IDX = 1, LEN = 2, WITHMATCHLEN = 4 };

/* In call->state: the options. call->number is the shortest match that is told of. */
enum { GIVEN };

/* In call->notes. */
struct trace {
    struct entry a, b;
    u32 i, j;     /* where the walk is */
    u32 length;   /* of the subsequence, */
    u8 *sequence; /* whose bytes, as far as the walk got, begin here */
    u32 *above;   /* a bit a cell */
};
_Static_assert(sizeof(struct trace) <= CALL_NOTES * sizeof(u64), "it fits");

COLD static struct trace *trace_of(struct call *call) {
    return (struct trace *)(void *)call->notes;
}

/* Returns what is in the last cell. Row and bits are 0 at first. */
COLD static u32 fill_table(const struct trace *walk, u32 *row) {
    const struct entry *a = &walk->a, *b = &walk->b;
    u32 cell = 0, here = 0;
    for (u32 i = 0; i < a->value_len; i++) {
        u32 diagonal = here = 0;
        for (u32 j = 0; j < b->value_len; j++, cell++) {
            u32 up = row[j], more = up > here;
            walk->above[cell / 32] |= more << cell % 32;
            if (more) here = up;
            if (a->value[i] == b->value[j]) here = diagonal + 1;
            row[j] = here;
            diagonal = up;
        }
    }
    return here;
}

COLD static void begin_walk(struct trace *walk) {
    walk->i = walk->a.value_len;
    walk->j = walk->b.value_len;
    walk->sequence += walk->length;
}

/* Walks to where the next match, a run of bytes in both strings, begins; returns its length. 0:
 * there is none, and the walk is through. */
COLD static u32 next_match(struct trace *walk) {
    u32 len = 0;
    while (walk->i && walk->j) {
        u32 i = walk->i - 1, j = walk->j - 1, cell = i * walk->b.value_len + j;
        bool above = walk->above[cell / 32] >> cell % 32 & 1;
        bool equal = walk->a.value[i] == walk->b.value[j];
        if (equal) {
            *--walk->sequence = walk->a.value[i];
            len++;
        } else if (len) {
            break;
        }
        if (equal || above) walk->i = i;
        if (equal || !above) walk->j = j;
    }
    return len;
}

/* --- replies ---------------------------------------------------------------------------------- */

COLD static void reply_run(struct reply *reply, u32 first, u32 len) {
    reply_array(reply, 2);
    reply_integer(reply, first);
    reply_integer(reply, (i64)first + len - 1);
}

/* A stream: the matches, then the length. */
COLD STREAM(next_item) {
    struct reply *reply = &call->reply;
    struct trace *walk = trace_of(call);
    u32 len, more = call->state[GIVEN] & WITHMATCHLEN;
    do len = next_match(walk);
    while (len && len < call->number);
    if (len == 0) {
        reply_string(reply, "len");
        reply_integer(reply, walk->length);
        return false;
    }
    reply_array(reply, more ? 3 : 2);
    reply_run(reply, walk->i, len);
    reply_run(reply, walk->j, len);
    if (more) reply_integer(reply, len);
    return true;
}

COLD static void reply_walk(struct call *call) {
    struct trace *walk = trace_of(call);
    struct reply *reply = &call->reply;
    u32 len, count = 0;
    begin_walk(walk);
    while ((len = next_match(walk))) count += len >= call->number;
    if (call->state[GIVEN] & LEN) {
        reply_integer(reply, walk->length);
    } else if (call->state[GIVEN] & IDX) {
        begin_walk(walk);
        reply_map(reply, 2);
        reply_string(reply, "matches");
        reply_array(reply, count);
        reply_stream_items(reply, next_item);
    } else {
        reply_bulk(reply, (struct slice){walk->sequence, walk->length});
    }
}

/* --- the command ------------------------------------------------------------------------------ */

COLD static bool take_options(struct call *call) {
    u32 given = 0;
    i32 word;
    call->number = 0;
    call->option = 3;
    while ((word = next_option(call, "IDX LEN WITHMATCHLEN MINMATCHLEN\1")) >= 0) {
        if (word == 3 && !arg_integer(call, call->operand)) return false;
        given |= 1u << word;
    }
    if (word == BAD_OPTION) return false;
    call->state[GIVEN] = given;
    return (given & (IDX | LEN)) != (IDX | LEN) ||
           fail(call, "If you want both the length and indexes, please just use IDX.");
}

COLD static bool fail_scratch(struct call *call, const char *why) {
    return fail_quoting(call, "Insufficient memory, ", string_slice(why), "");
}

/* Makes room for the table and fills it. What Redis refuses leaves all sizes far below 2^32. */
COLD static bool take_table(struct call *call) {
    struct trace *walk = trace_of(call);
    struct heap *heap = &store_of(call)->heap;
    u32 len = walk->b.value_len;
    u64 cells = ((u64)walk->a.value_len + 1) * ((u64)len + 1);
    if (cells > STRING_MAX / sizeof(u32))
        return fail_scratch(call, "transient memory for LCS exceeds proto-max-bulk-len");
    u32 words = (u32)cells / 32 + 1;
    u32 bytes = (words + len) * (u32)sizeof(u32);
    heap_hold(heap, walk->a.at);
    bool taken = take_scratch(call, bytes);
    heap_release(heap, walk->a.at);
    if (!taken) return fail_scratch(call, "failed allocating transient memory for LCS");
    __builtin_memset(call->scratch, 0, bytes);
    walk->above = (u32 *)(void *)call->scratch;
    u32 *row = walk->above + words;
    walk->sequence = (u8 *)row;
    walk->length = fill_table(walk, row);
    call->finish = give_scratch;
    return true;
}

COLD HANDLER(cmd_lcs) {
    struct trace *walk = trace_of(call);
    read_key(call, 1);
    bool valid = holds_string(call);
    read_key(call, 2);
    if (!valid || !holds_string(call)) {
        fail(call, "The specified keys must contain string values");
        return;
    }
    if (!take_options(call)) return;
    walk->b = call->work.entry;
    /* Again: reading the other may have removed it. */
    store_find(store_of(call), arg(call, 1), &walk->a);
    if (take_table(call)) reply_walk(call);
}
