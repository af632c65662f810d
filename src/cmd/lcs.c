/*
 * LCS: a longest common subsequence of two strings, of several the one that Redis finds.
 *
 * Redis fills a table, LCS[i][j] for the first i bytes of a and j bytes of b, and walks from its
 * end back to its beginning: to [i-1][j-1] where the bytes are equal, else to [i-1][j] if that is
 * more than [i][j-1], else there. Which of them is more shows in one bit: whether [i][j] is more
 * than [i][j-1]. Only these bits are computed, a row of them from the one above, eight at a time
 * (Hyyro, 2004): 0 where the length grows.
 *
 * The walk needs the rows from the last to the first. They are computed twice: at first only every
 * so many-th is saved; then, as the walk gets there, the band of rows behind a saved one.
 *
 *     scratch   | marks of a | marks of b | saved | saved ... | row | row ... |
 *                 a byte for each byte        rows               a band
 */
#include "cmd/handler.h"

enum { IDX = 1, LEN = 2, WITHMATCHLEN = 4 };

/* In call->state. call->entry.value is where the marks of a are; call->number, the shortest match
 * that is told of. */
enum {
    GIVEN, /* the options */
    A_LEN, /* how many marks a has */
    A_AT,
    B_AT,   /* the marks before these are still to be looked at */
    LENGTH, /* of the subsequence */
    LEFT,   /* items that are not written yet */
};

struct table {
    struct slice a, b;
    u32 row_bytes, step; /* a row's length, and how many are in a band */
    u8 *saved, *band;
};

/* Row `to` from `from`, the one above (they may be one), for a byte of a. Up to 7 bytes behind b
 * are read: they have a part in bits of columns that there are not. */
COLD static void make_row(const struct table *table, u8 *to, const u8 *from, u8 byte) {
    const u64 each = 0x0101010101010101u, low = 0x7f * each;
    const u64 gather = 0x0102040810204080u; /* brings bit 0 of byte k to bit 56 + k */
    u32 carry = 0;
    for (u32 i = 0; i < table->row_bytes; i++) {
        u64 differs = load64(table->b.bytes + 8 * i) ^ byte * each;
        u64 equals = ~(((differs & low) + low) | differs | low) >> 7;
        u32 matches = (u32)(equals * gather >> 56), row = from[i];
        u32 sum = row + (row & matches) + carry;
        carry = sum >> 8;
        to[i] = (u8)(sum | (row & ~matches));
    }
}

COLD static u8 *row_at(const struct table *table, u8 *rows, u32 i) {
    return rows + (size_t)i * table->row_bytes;
}

COLD static void copy_row(const struct table *table, u8 *to, const u8 *from) {
    __builtin_memcpy(to, from, table->row_bytes);
}

COLD static void save_rows(const struct table *table) {
    u8 *row = table->band;
    __builtin_memset(row, 0xff, table->row_bytes);
    for (u32 i = 0; i < table->a.len; i++) {
        if (i % table->step == 0)
            copy_row(table, row_at(table, table->saved, i / table->step), row);
        make_row(table, row, row, table->a.bytes[i]);
    }
}

/* Marks the bytes of both strings that the subsequence is made of; returns how many it has. */
COLD static u32 mark(const struct table *table, u8 *marks) {
    const u8 *a = table->a.bytes, *b = table->b.bytes;
    u32 i = table->a.len, j = table->b.len, first = i, length = 0;
    u8 *band = table->band, *b_marks = marks + i;
    __builtin_memset(marks, 0, i + j);
    save_rows(table);
    while (i && j) {
        if (i <= first) {
            u32 saved = (i - 1) / table->step;
            first = saved * table->step;
            copy_row(table, band, row_at(table, table->saved, saved));
            for (u32 k = first; k < i; k++)
                make_row(table, row_at(table, band, k + 1 - first), row_at(table, band, k - first),
                         a[k]);
        }
        if (a[i - 1] == b[j - 1])
            marks[--i] = b_marks[--j] = 1, length++;
        else if (row_at(table, band, i - first)[(j - 1) / 8] >> ((j - 1) & 7) & 1)
            j--;
        else
            i--;
    }
    return length;
}

/* --- replies ---------------------------------------------------------------------------------- */

/* Goes back to where the next match, a run of bytes in both strings, begins; returns its length; 0:
 * there is none. */
COLD static u32 next_match(struct call *call) {
    const u8 *a = call->entry.value, *b = a + call->state[A_LEN];
    u32 i = call->state[A_AT], j = call->state[B_AT];
    while (i && !a[i - 1]) i--;
    while (j && !b[j - 1]) j--;
    u32 end = i;
    while (i && j && a[i - 1] && b[j - 1]) i--, j--;
    call->state[A_AT] = i;
    call->state[B_AT] = j;
    return end - i;
}

COLD static void reply_run(struct reply *reply, u32 first, u32 len) {
    reply_array(reply, 2);
    reply_integer(reply, first);
    reply_integer(reply, (i64)first + len - 1);
}

/* A stream: the matches, then the length. */
COLD static bool next_item(struct call *call) {
    struct reply *reply = &call->reply;
    u32 *state = call->state, len;
    if (!state[LEFT]) return false;
    if (--state[LEFT] == 0) {
        reply_string(reply, "len");
        reply_integer(reply, state[LENGTH]);
        return true;
    }
    do len = next_match(call);
    while (len < call->number);
    reply_array(reply, state[GIVEN] & WITHMATCHLEN ? 3 : 2);
    reply_run(reply, state[A_AT], len);
    reply_run(reply, state[B_AT], len);
    if (state[GIVEN] & WITHMATCHLEN) reply_integer(reply, len);
    return true;
}

COLD static void reply_matches(struct call *call, u32 b_len) {
    u32 *state = call->state, count = 0, len;
    state[A_AT] = state[A_LEN];
    state[B_AT] = b_len;
    while ((len = next_match(call))) count += len >= call->number;
    state[A_AT] = state[A_LEN];
    state[B_AT] = b_len;
    state[LEFT] = count + 1;
    reply_map(&call->reply, 2);
    reply_string(&call->reply, "matches");
    reply_array(&call->reply, count);
    reply_stream_items(&call->reply, next_item);
}

/* The subsequence is put together where the marks were. */
COLD static void reply_subsequence(struct call *call, struct slice a) {
    u8 *marks = call->entry.value;
    u32 len = 0;
    for (u32 i = 0; i < a.len; i++)
        if (marks[i]) marks[len++] = a.bytes[i];
    reply_bulk(&call->reply, (struct slice){marks, len});
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
    return !(given & IDX && given & LEN) ||
           fail(call, "If you want both the length and indexes, please just use IDX.");
}

/* Lays out the scratch memory; the square root of the number of rows is what makes it least. */
COLD static bool take_scratch(struct call *call, struct table *table, ref a_at, ref b_at) {
    u64 a_len = table->a.len, b_len = table->b.len;
    if ((a_len + 1) * (b_len + 1) * sizeof(u32) > STRING_MAX)
        return fail(call, "Insufficient memory, transient memory for LCS exceeds "
                          "proto-max-bulk-len");
    u32 step = 1;
    while ((u64)step * step < a_len) step++;
    table->step = step;
    table->row_bytes = (table->b.len + 7) / 8;
    u64 saved_bytes = (u64)step * table->row_bytes, band_bytes = saved_bytes + table->row_bytes;
    u8 *scratch = store_scratch(call->store, a_len + b_len + saved_bytes + band_bytes, a_at, b_at);
    if (!scratch) return fail_memory(call);
    table->saved = scratch + a_len + b_len;
    table->band = table->saved + saved_bytes;
    call->entry.value = scratch;
    return true;
}

COLD void cmd_lcs(struct call *call) {
    struct entry a = {0};
    struct table table;
    bool valid = !read_key(call, 1) || holds_string(call);
    valid &= !read_key(call, 2) || holds_string(call);
    if (!valid) {
        fail(call, "The specified keys must contain string values");
        return;
    }
    if (!take_options(call)) return;
    if (!call->found) call->entry = (struct entry){0};
    store_find(call->store, arg(call, 1), &a);
    table.a = (struct slice){a.value, a.value_len};
    table.b = value_of(call);
    if (!take_scratch(call, &table, a.at, call->entry.at)) return;
    u32 length = mark(&table, call->entry.value);
    call->state[A_LEN] = table.a.len;
    call->state[LENGTH] = length;
    if (call->state[GIVEN] & IDX)
        reply_matches(call, table.b.len);
    else if (call->state[GIVEN] & LEN)
        reply_integer(&call->reply, length);
    else
        reply_subsequence(call, table.a);
}
