/*
 * KEYS, SCAN and RANDOMKEY.
 *
 * The replies of KEYS and SCAN say how many keys follow before the first of them, and may be larger
 * than any window. So both walk twice: once to count what is wanted, and once, as a stream, to
 * write it. Nothing changes in between and the time is the same, so both walks see the same keys.
 */
#include "base/decimal.h"
#include "cmd/glob.h"
#include "cmd/handler.h"

/* The state of the stream. */
enum {
    CURSOR,      /* the step of store_scan it is at */
    DONE,        /* keys of that step that were dealt with */
    LEFT,        /* wanted keys not yet written */
    PATTERN_ARG, /* the argument that is a pattern for keys; 0: none */
    TYPE_ARG,    /* the argument that names a type; 0: none */
};

COLD static bool is_wanted(struct call *call, const struct entry *entry) {
    u32 pattern_arg = (u32)call->reply.state[PATTERN_ARG];
    u32 type_arg = (u32)call->reply.state[TYPE_ARG];
    if (pattern_arg && !glob_matches(arg(call, pattern_arg), entry->key, false)) return false;
    return !type_arg || same_word(arg(call, type_arg), word_at(type_words, entry->type));
}

/* --- the first walk ------------------------------------------------------------------------- */

struct tally {
    struct call *call;
    u64 seen, wanted;
};

COLD static void count_entry(void *context, const struct entry *entry) {
    struct tally *tally = context;
    tally->seen++;
    tally->wanted += is_wanted(tally->call, entry);
}

/* Takes steps from `cursor` until `count` keys were seen or 10 * `count` steps taken, as Redis
 * does; makes the reply and its stream ready for what is wanted of them. Returns the next cursor.
 */
COLD static u64 walk(struct call *call, u64 cursor, u64 count, u32 *wanted) {
    struct tally tally = {call, 0, 0};
    u64 steps = 0;
    call->reply.state[CURSOR] = cursor;
    call->reply.state[DONE] = 0;
    do cursor = store_scan(call->store, cursor, count_entry, &tally);
    while (cursor && tally.seen < count && ++steps / 10 < count);
    call->reply.state[LEFT] = tally.wanted;
    *wanted = (u32)tally.wanted;
    return cursor;
}

/* --- the second walk ------------------------------------------------------------------------ */

struct step {
    struct call *call;
    u32 from, entries;
    bool is_full;
};

/* Small keys go several to an item of the stream; one of any size may be the last. */
COLD static void write_entry(void *context, const struct entry *entry) {
    struct step *step = context;
    struct reply *reply = &step->call->reply;
    if (step->is_full || step->entries++ < reply->state[DONE]) return;
    reply->state[DONE]++;
    if (!is_wanted(step->call, entry)) return;
    reply->state[LEFT]--;
    reply_bulk(reply, entry->key);
    step->is_full = reply->rest_pending || reply->used - step->from > REPLY_ROOM / 2;
}

COLD static bool next_keys(struct call *call) {
    u64 *state = call->reply.state;
    if (state[LEFT] == 0) return false;
    struct step step = {call, call->reply.used, 0, false};
    u64 cursor = store_scan(call->store, state[CURSOR], write_entry, &step);
    if (!step.is_full) {
        state[CURSOR] = cursor;
        state[DONE] = 0;
    }
    return true;
}

/* --- commands ------------------------------------------------------------------------------- */

/* Redis does not ask the pattern "*" about keys. */
COLD static u32 pattern_arg(struct call *call, u32 i) {
    return slice_equal(arg(call, i), SLICE("*")) ? 0 : i;
}

COLD void cmd_keys(struct call *call) {
    u32 wanted;
    call->reply.state[PATTERN_ARG] = pattern_arg(call, 1);
    call->reply.state[TYPE_ARG] = 0;
    walk(call, 0, UINT64_MAX, &wanted);
    reply_array(&call->reply, wanted);
    reply_stream_items(&call->reply, next_keys);
}

/* A cursor as strtoul reads one: perhaps a sign, digits, nothing else; or nothing at all. */
COLD static bool take_cursor(struct call *call, u64 *cursor) {
    struct slice text = arg(call, 1);
    u32 i = text.len && (*text.bytes == '-' || *text.bytes == '+');
    bool valid = i < text.len || text.len == 0;
    u64 value = 0;
    for (; i < text.len && valid; i++) {
        u8 digit = (u8)(text.bytes[i] - '0');
        valid = digit < 10 && value <= (UINT64_MAX - digit) / 10;
        value = value * 10 + digit;
    }
    *cursor = text.len && *text.bytes == '-' ? 0 - value : value;
    return valid || fail(call, "ERR invalid cursor");
}

COLD static bool take_scan_options(struct call *call, i64 *count) {
    u64 *state = call->reply.state;
    state[PATTERN_ARG] = state[TYPE_ARG] = 0;
    for (u32 i = 2; i < arg_count(call); i += 2) {
        i32 word = word_index(arg(call, i), "MATCH TYPE COUNT");
        if (word < 0 || i + 1 == arg_count(call)) return fail_syntax(call);
        if (word == 0) state[PATTERN_ARG] = pattern_arg(call, i + 1);
        if (word == 1) state[TYPE_ARG] = i + 1;
        if (word == 2 && !arg_integer(call, i + 1, count)) return false;
        if (*count < 1) return fail_syntax(call);
    }
    return true;
}

COLD void cmd_scan(struct call *call) {
    u64 cursor;
    i64 count = 10;
    u32 wanted;
    if (!take_cursor(call, &cursor) || !take_scan_options(call, &count)) return;
    cursor = walk(call, cursor, (u64)count, &wanted);
    u8 digits[INTEGER_TEXT_MAX];
    reply_array(&call->reply, 2);
    reply_bulk(&call->reply, (struct slice){digits, unsigned_print(digits, cursor)});
    reply_array(&call->reply, wanted);
    reply_stream_items(&call->reply, next_keys);
}

COLD void cmd_randomkey(struct call *call) {
    struct entry entry;
    if (store_random(call->store, &entry))
        reply_bulk(&call->reply, entry.key);
    else
        reply_null(&call->reply);
}
