/* Commands on strings. */
#include "cmd/handler.h"

/* --- SET and its kin -------------------------------------------------------------------------- */

/* Options of SET and GETEX: one bit each, in the order of option_words; first of all NX and XX. */
enum option {
    GET = 4,
    KEEPTTL = 8,
    PERSIST = 16,
    EX = 32,
    PX = 64,
    EXAT = 128,
    PXAT = 256,

    CONDITIONS = NX | XX,
    TIMES = EX | PX | EXAT | PXAT,
    EXPIRIES = KEEPTTL | PERSIST | TIMES,
};
static const char *const option_words = "NX XX GET KEEPTTL PERSIST EX\1PX\1EXAT\1PXAT\1";

/* In call->state: the options given, and the argument behind EX, PX, EXAT or PXAT. */
enum { GIVEN, TIME_ARG };

/* Reads the options from argument `i` on: those `allowed`, one of each kind. */
COLD static bool take_options(struct call *call, u32 i, u32 allowed) {
    u32 given = 0;
    i32 word;
    call->option = i;
    while ((word = next_option(call, option_words)) >= 0) {
        u32 option = 1u << word;
        u32 kind = option & CONDITIONS ? CONDITIONS : option & EXPIRIES ? EXPIRIES : 0;
        if (!(option & allowed) || given & kind & ~option) return fail_syntax(call);
        given |= option;
        if (option & TIMES) call->state[TIME_ARG] = call->operand;
    }
    call->state[GIVEN] = given;
    return word == NO_OPTION;
}

/* Gives the key the time in argument `i` to live, which must be later than never. */
COLD static bool take_expiry(struct call *call, u32 i, u32 form) {
    return arg_time(call, i, form) && (call->number > 0 || fail_expiry(call));
}

/* The same, if an option says so. */
COLD static bool take_expiry_option(struct call *call) {
    u32 given = call->state[GIVEN];
    u32 form = ((given & (EX | EXAT)) ? CMD_SECONDS : 0) | ((given & (EX | PX)) ? CMD_FROM_NOW : 0);
    return !(given & TIMES) || take_expiry(call, call->state[TIME_ARG], form);
}

/* Gives the key that is argument 1 a value, or, with an expiry that is past, removes it: it would
 * not be seen again. Replies an error and returns false if there is no memory. */
static bool put_string(struct call *call, struct slice value, u32 options) {
    struct slice key = arg(call, 1);
    if (UNLIKELY(call->expires_at_ms && is_past(call))) {
        if (options & GET)
            store_take(store_of(call), key);
        else
            remove_key(call, 1);
        return true;
    }
    u32 put_flags = (options & KEEPTTL ? PUT_KEEP_TTL : 0) | (options & GET ? PUT_KEEP_OLD : 0);
    if (UNLIKELY(store_may_adopt(store_of(call), value)) && !(options & GET))
        return store_adopt(store_of(call), key, value, call->expires_at_ms, put_flags) ||
               fail_memory(call);
    return store_set(store_of(call), key, TYPE_STRING, value, call->expires_at_ms, put_flags) ||
           fail_memory(call);
}

COLD static void reply_kept(struct call *call) {
    reply_bulk(&call->reply, store_kept(store_of(call)));
}

/* With a condition, or for the old value: SET NX, XX and GET, and GETSET. */
COLD static void set_and_look(struct call *call, u32 options) {
    bool wants_old = options & GET;
    bool found = wants_old ? read_key(call, 1) : touch_key(call, 1);
    if (wants_old && !expect_string(call)) return;
    bool refused = options & (found ? NX : XX);
    if (!refused && !put_string(call, arg(call, 2), options)) return;
    if (!wants_old && !refused)
        reply_ok(&call->reply);
    else if (!wants_old || !found)
        reply_null(&call->reply);
    else if (refused)
        reply_bulk(&call->reply, value_of(call));
    else
        reply_kept(call);
}

HANDLER(cmd_set) {
    u32 options = 0;
    if (arg_count(call) > 3) {
        if (!take_options(call, 3, CONDITIONS | GET | KEEPTTL | TIMES) || !take_expiry_option(call))
            return;
        options = call->state[GIVEN];
    }
    if (options & (CONDITIONS | GET))
        set_and_look(call, options);
    else if (put_string(call, arg(call, 2), options))
        reply_ok(&call->reply);
}

COLD HANDLER(cmd_getset) {
    set_and_look(call, GET);
}

COLD HANDLER(cmd_setex) {
    if (take_expiry(call, 2, call->flags) && put_string(call, arg(call, 3), 0))
        reply_ok(&call->reply);
}

COLD HANDLER(cmd_setnx) {
    bool found = touch_key(call, 1);
    if (found || put_string(call, arg(call, 2), 0)) reply_integer(&call->reply, !found);
}

/* --- GET and its kin -------------------------------------------------------------------------- */

HANDLER(cmd_get) {
    if (!read_key(call, 1))
        reply_null(&call->reply);
    else if (expect_string(call))
        reply_bulk(&call->reply, value_of(call));
}

COLD static void reply_taken(struct call *call) {
    store_take(store_of(call), arg(call, 1));
    reply_kept(call);
}

COLD HANDLER(cmd_getdel) {
    if (!read_key(call, 1))
        reply_null(&call->reply);
    else if (expect_string(call))
        reply_taken(call);
}

COLD HANDLER(cmd_getex) {
    if (!take_options(call, 2, PERSIST | TIMES)) return;
    if (!read_key(call, 1)) {
        reply_null(&call->reply);
    } else if (!expect_string(call) || !take_expiry_option(call)) {
        return;
    } else if (call->expires_at_ms && is_past(call)) {
        reply_taken(call);
    } else if (call->state[GIVEN] &&
               !store_expire(store_of(call), arg(call, 1), call->expires_at_ms)) {
        fail_memory(call);
    } else {
        find_key(call, 1); /* it may have moved */
        reply_bulk(&call->reply, value_of(call));
    }
}

COLD HANDLER(cmd_strlen) {
    if (read_string(call)) reply_integer(&call->reply, call->work.entry.value_len);
}

COLD static i64 resolved(i64 index, i64 len) {
    if (index < 0) index += len;
    return index < 0 ? 0 : index;
}

COLD bool resolve_span(struct call *call, i64 len) {
    struct span *span = span_of(call);
    span->first = resolved(span->first, len);
    span->last = resolved(span->last, len);
    if (span->last >= len) span->last = len - 1;
    return span->first <= span->last;
}

COLD HANDLER(cmd_getrange) {
    struct span *span = span_of(call);
    if (!arg_integer(call, 2)) return;
    span->first = call->number;
    if (!arg_integer(call, 3)) return;
    span->last = call->number;
    if (!read_string(call)) return;
    struct slice part = SLICE("");
    if (!is_crossed(span) && resolve_span(call, call->work.entry.value_len)) {
        part.bytes = call->work.entry.value + span->first;
        part.len = (u32)(span->last - span->first + 1);
    }
    reply_bulk(&call->reply, part);
}

/* --- changes in place ------------------------------------------------------------------------- */

COLD bool widen_string(struct call *call, u32 least) {
    struct entry *entry = &call->work.entry;
    struct slice key = arg(call, 1);
    u32 old_len = entry->value_len, len = max_u32(old_len, least);
    if (len > old_len || entry->type != TYPE_STRING_RAW) {
        u8 *value = call->work.found ? store_resize(store_of(call), key, TYPE_STRING_RAW, len)
                                     : store_put(store_of(call), key, TYPE_STRING_RAW, len, 0, 0);
        if (!value) return fail_memory(call);
        __builtin_memset(value + old_len, 0, len - old_len);
        entry->at = store_of(call)->placed;
        entry->value = value;
        entry->value_len = len;
    }
    store_note(store_of(call), entry->at, CHANGE_MADE);
    return true;
}

/* Writes `part` at `at` into the string that is argument 1, which was touched, and replies its new
 * length. */
COLD static void write_part(struct call *call, u64 at, struct slice part) {
    if (at + part.len > STRING_MAX) {
        fail(call, "string exceeds maximum allowed size (proto-max-bulk-len)");
        return;
    }
    if (!widen_string(call, (u32)at + part.len)) return;
    __builtin_memcpy(call->work.entry.value + at, part.bytes, part.len);
    reply_integer(&call->reply, call->work.entry.value_len);
}

COLD HANDLER(cmd_append) {
    struct slice more = arg(call, 2);
    if (!touch_string(call)) return;
    if (call->work.found)
        write_part(call, call->work.entry.value_len, more);
    else if (put_string(call, more, 0))
        reply_integer(&call->reply, more.len);
}

COLD HANDLER(cmd_setrange) {
    struct slice part = arg(call, 3);
    if (!arg_integer(call, 2)) return;
    if (call->number < 0)
        fail(call, "offset is out of range");
    else if (!touch_string(call))
        return;
    else if (part.len == 0)
        reply_integer(&call->reply, call->work.entry.value_len);
    else
        write_part(call, (u64)call->number, part);
}

/* --- numbers ---------------------------------------------------------------------------------- */

static void increment(struct call *call, i64 by) {
    const struct entry *entry = &call->work.entry;
    if (!touch_string(call)) return;
    call->number = 0;
    if (call->work.found && !read_integer(call, value_of(call))) {
        fail_integer(call);
        return;
    }
    struct slice text = {call->digits, add_integer(call, by)};
    if (!text.len) return;
    if (call->work.found && entry->type == TYPE_STRING && entry->value_len == text.len) {
        __builtin_memcpy(entry->value, text.bytes, text.len);
        store_note(store_of(call), entry->at, CHANGE_MADE);
    } else if (!put_string(call, text, KEEPTTL)) {
        return;
    }
    reply_integer(&call->reply, call->number);
}

/* INCR, DECR, INCRBY, DECRBY. */
HANDLER(cmd_incr) {
    bool down = call->flags & CMD_DOWN;
    call->number = 1;
    if (arg_count(call) > 2 && !arg_integer(call, 2)) return;
    if (down && call->number == INT64_MIN)
        fail(call, "decrement would overflow");
    else
        increment(call, down ? -call->number : call->number);
}

COLD HANDLER(cmd_incrbyfloat) {
    if (!touch_string(call)) return;
    struct slice old = call->work.found ? value_of(call) : SLICE("0");
    u32 len = take_sum(call, old, not_a_float, 2);
    if (!len) return;
    struct slice text = {call->scratch, len};
    if (store_set(store_of(call), arg(call, 1), TYPE_STRING_TEXT, text, 0, PUT_KEEP_TTL))
        reply_bulk(&call->reply, text);
    else
        fail_memory(call);
}

/* --- many at once ----------------------------------------------------------------------------- */

/* A stream; the state is the argument it is at. */
COLD STREAM(next_value) {
    u32 *i = &call->state[0];
    for (; *i < arg_count(call); ++*i) {
        if (!reply_may_go_on(&call->reply)) return true;
        if (read_key(call, *i) && holds_string(call))
            reply_bulk(&call->reply, value_of(call));
        else
            reply_null(&call->reply);
    }
    return false;
}

COLD HANDLER(cmd_mget) {
    reply_array(&call->reply, arg_count(call) - 1);
    call->state[0] = 1;
    reply_stream_items(&call->reply, next_value);
}

COLD static bool set_pairs(struct call *call) {
    struct store *store = store_of(call);
    u32 count = arg_count(call);
    bool staged = true, sure = store_has_room(store, call->request.bytes, count / 2);
    heap_was_set_aside(sure);
    for (u32 i = 1; i < count && staged; i += 2) {
        struct slice key = arg(call, i), value = arg(call, i + 1);
        staged = sure ? store_set(store, key, TYPE_STRING, value, 0, 0)
                      : store_stage(store, i, key, value);
    }
    heap_was_set_aside(false);
    for (u32 i = 1; i < count && !sure; i += 2) {
        struct slice key = arg(call, i);
        store_settle(store, i, key, arg(call, i + 1), staged);
    }
    return staged || fail_memory(call);
}

/* MSET and MSETNX. */
COLD HANDLER(cmd_mset) {
    bool if_new = call->flags & CMD_IF_NEW, found = false;
    if (arg_count(call) % 2 == 0) {
        fail_arity(call, call->command);
        return;
    }
    for (u32 i = 1; if_new && i < arg_count(call) && !found; i += 2) found = touch_key(call, i);
    if (!found && !set_pairs(call)) return;
    if (if_new)
        reply_integer(&call->reply, !found);
    else
        reply_ok(&call->reply);
}
