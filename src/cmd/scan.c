/*
 * KEYS, SCAN and RANDOMKEY; HSCAN and SSCAN.
 *
 * The replies of KEYS and SCAN say how many keys follow before the first of them, and may be larger
 * than any window. So both walk twice: once to count what is wanted, and once, as a stream, to
 * write it. Nothing changes in between and the time is the same, so both walks see the same keys.
 */
#include "cmd/glob.h"
#include "cmd/items.h"

/* What is kept in call->state. */
enum {
    CURSOR,      /* the step of store_scan the walk is at; cursors have 32 bits */
    VISITED,     /* first walk: keys seen; second: keys of this step seen */
    DONE,        /* keys of this step that were dealt with in earlier items of the stream */
    LEFT,        /* wanted keys that were not written yet */
    ITEM_END,    /* where the window is full enough for one item of the stream */
    PATTERN_ARG, /* the argument that is a pattern for keys; 0: none */
    TYPE_ARG,    /* the argument that names a type; 0: none */
};

COLD bool is_like(struct call *call, u32 pattern, struct slice name) {
    return !pattern || glob_matches(arg(call, pattern), name, false);
}

COLD static bool is_wanted(struct call *call, const struct entry *entry) {
    u32 type_arg = call->state[TYPE_ARG];
    if (!is_like(call, call->state[PATTERN_ARG], entry->key)) return false;
    return !type_arg ||
           same_word(arg(call, type_arg), word_at(TYPE_WORDS, entry->type & TYPE_BASE));
}

/* --- the first walk --------------------------------------------------------------------------- */

COLD static void count_entry(void *context, const struct entry *entry) {
    struct call *call = CALL_AT(context);
    call->state[VISITED]++;
    call->state[LEFT] += is_wanted(call, entry);
}

/* Takes steps from the cursor on until `count` keys were seen or 10 * `count` steps taken, as Redis
 * does, and returns the next cursor. */
COLD static u32 count_wanted(struct call *call, u64 count) {
    u32 *state = call->state, steps = 0, cursor = state[CURSOR];
    state[VISITED] = state[DONE] = state[LEFT] = 0;
    do cursor = store_scan(store_of(call), cursor, count_entry, call);
    while (cursor && state[VISITED] < count && ++steps / 10 < count);
    return cursor;
}

/* --- the second walk -------------------------------------------------------------------------- */

COLD static bool is_full(const struct call *call) {
    return call->reply.rest_pending || call->reply.used > call->state[ITEM_END];
}

COLD static void write_entry(void *context, const struct entry *entry) {
    struct call *call = CALL_AT(context);
    u32 *state = call->state;
    if (is_full(call) || state[VISITED]++ < state[DONE]) return;
    state[DONE]++;
    if (!is_wanted(call, entry)) return;
    state[LEFT]--;
    reply_bulk(&call->reply, entry->key);
}

/* An item is a step, or as much of it as is small enough, with a key of any size at its end. */
COLD STREAM(next_keys) {
    u32 *state = call->state;
    if (state[LEFT] == 0) return false;
    state[VISITED] = 0;
    state[ITEM_END] = call->reply.used + REPLY_ROOM / 2;
    u32 cursor = store_scan(store_of(call), state[CURSOR], write_entry, call);
    if (!is_full(call)) {
        state[CURSOR] = cursor;
        state[DONE] = 0;
    }
    return true;
}

COLD static void write_wanted(struct call *call) {
    reply_array(&call->reply, call->state[LEFT]);
    reply_stream_items(&call->reply, next_keys);
}

/* --- commands --------------------------------------------------------------------------------- */

/* Redis does not ask the pattern "*" about keys. */
COLD static void set_pattern(struct call *call, u32 i) {
    call->state[PATTERN_ARG] = slice_equal(arg(call, i), SLICE("*")) ? 0 : i;
}

COLD HANDLER(cmd_keys) {
    set_pattern(call, 1);
    call->state[CURSOR] = call->state[TYPE_ARG] = 0;
    count_wanted(call, UINT64_MAX);
    write_wanted(call);
}

/* In call->notes: the cursor that was given, and the ranks of the last step. */
struct steps {
    u64 cursor;
    u32 from, to;
    struct walk walk;
};

COLD static struct steps *steps_of(struct call *call) {
    return (struct steps *)(void *)call->notes;
}

/* Notes a cursor as strtoul reads one: perhaps a sign, digits, nothing else; or nothing at all. */
COLD static bool take_cursor(struct call *call, u32 at) {
    struct slice text = arg(call, at);
    u32 i = text.len && (*text.bytes == '-' || *text.bytes == '+');
    bool valid = i < text.len || text.len == 0;
    u64 value = 0;
    for (; i < text.len && valid; i++) {
        u8 digit = (u8)(text.bytes[i] - '0');
        valid = digit < 10 && value <= (UINT64_MAX - digit) / 10;
        value = value * 10 + digit;
    }
    steps_of(call)->cursor = text.len && *text.bytes == '-' ? 0 - value : value;
    return valid || fail(call, "invalid cursor");
}

/* Is it HSCAN for the fields that expire, and when? All other options come in pairs. That a
 * snapshot asks does not count as a use. */
COLD static bool wants_times(struct call *call) {
    u32 count = arg_count(call);
    return type_at_work(call) == TYPE_HASH && !(count & 1) && !arg_word(call, count - 1, "TIMES");
}

/* COUNT is left in call->number. Only keys, whose options begin at 2, have a TYPE, and only fields
 * have TIMES, which is ours and their last option. */
COLD static bool take_scan_options(struct call *call, u32 i) {
    i32 option;
    call->option = i;
    call->number = 10;
    call->state[PATTERN_ARG] = call->state[TYPE_ARG] = 0;
    while ((option = next_option(call, "MATCH\1COUNT\1TYPE\1TIMES")) >= 0) {
        if (option == 0) set_pattern(call, call->operand);
        if (option == 1 && !arg_integer(call, call->operand)) return false;
        if (option == 2) call->state[TYPE_ARG] = call->operand;
        if (call->number < 1 || (option == 2 && i > 2) || (option == 3 && !wants_times(call)))
            return fail_syntax(call);
    }
    return option == NO_OPTION;
}

COLD static void reply_cursor(struct call *call, u64 cursor) {
    reply_array(&call->reply, 2);
    reply_bulk(&call->reply, (struct slice){call->digits, unsigned_print(call->digits, cursor)});
}

COLD HANDLER(cmd_scan) {
    if (!take_cursor(call, 1) || !take_scan_options(call, 2)) return;
    call->state[CURSOR] = (u32)steps_of(call)->cursor;
    reply_cursor(call, count_wanted(call, (u64)call->number));
    write_wanted(call);
}

/* HSCAN and SSCAN: as many steps as it takes to come by COUNT items. */
COLD HANDLER(cmd_scan_items) {
    struct collection *c = &call->work;
    struct steps *steps = steps_of(call);
    struct item *item = &call->spot.item;
    u32 wanted = 0;
    bool times = wants_times(call);
    if (!take_cursor(call, 2) || !(times ? open_to_peek(call, 1) : open_to_read(call, 1))) return;
    if (c->found && !take_scan_options(call, 3)) return;
    u32 pattern = c->found ? call->state[PATTERN_ARG] : 0,
        parts = c->type == TYPE_SET ? NAMES : NAMES | VALUES | AS_TEXT;
    if (times) parts |= TIMES;
    u64 cursor = collection_step(c, steps->cursor, &steps->from, &steps->to);
    u32 first = steps->from;
    while (cursor && steps->to - first < call->number)
        cursor = collection_step(c, cursor, &steps->from, &steps->to);
    collection_walk(c, first, &steps->walk);
    for (u32 left = steps->to - first; left; left--) {
        collection_next(c, &steps->walk, item);
        wanted += is_shown(call, parts | pattern * PATTERN_PART, item);
    }
    reply_cursor(call, cursor);
    reply_array(&call->reply, parts == NAMES ? wanted : 2 * wanted);
    reply_range(call, first, first + wanted, parts | pattern * PATTERN_PART);
}

COLD HANDLER(cmd_randomkey) {
    if (store_random(store_of(call), &call->work.entry))
        reply_bulk(&call->reply, call->work.entry.key);
    else
        reply_null(&call->reply);
}
