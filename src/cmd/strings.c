/* Commands on strings. */
#include "base/decimal.h"
#include "cmd/handler.h"

/* --- SET and its kin ------------------------------------------------------------------------ */

/* Options of SET and GETEX: one bit each, in the order of option_words. */
enum option {
    NX = 1,
    XX = 2,
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
static const char option_words[] = "NX XX GET KEEPTTL PERSIST EX PX EXAT PXAT";

struct options {
    u32 given;
    u32 time_arg; /* the argument behind EX, PX, EXAT or PXAT */
};

/* Reads the options from argument `i` on: those `allowed`, one of each kind. */
COLD static bool take_options(struct call *call, u32 i, u32 allowed, struct options *options) {
    for (; i < arg_count(call); i++) {
        i32 word = word_index(arg(call, i), option_words);
        u32 option = word < 0 ? 0 : 1u << word;
        u32 kind = option & CONDITIONS ? CONDITIONS : option & EXPIRIES ? EXPIRIES : 0;
        if (!(option & allowed) || options->given & kind & ~option) return fail_syntax(call);
        options->given |= option;
        if (option & TIMES) {
            if (++i == arg_count(call)) return fail_syntax(call);
            options->time_arg = i;
        }
    }
    return true;
}

/* When a key given the time in argument `i`, as option `form`, expires: later than never. */
COLD static bool take_expiry(struct call *call, u32 i, u32 form, i64 *expires_at_ms) {
    i64 time;
    if (!arg_integer(call, i, &time)) return false;
    if (time <= 0) return fail_expiry(call);
    u32 seconds = form & (EX | EXAT) ? TIME_SECONDS : 0;
    u32 from_now = form & (EX | PX) ? TIME_FROM_NOW : 0;
    return expiry_time(call, time, seconds | from_now, expires_at_ms);
}

/* Stores, or with an expiry that is past removes: the key would not be seen again. */
static bool store_string(struct call *call, struct slice key, struct slice value, u32 options,
                         i64 expires_at_ms) {
    if (UNLIKELY(expires_at_ms && is_past(call, expires_at_ms))) {
        (void)(options & GET ? store_take : store_remove)(call->store, key);
        return true;
    }
    u32 put_flags = (options & KEEPTTL ? PUT_KEEP_TTL : 0) | (options & GET ? PUT_KEEP_OLD : 0);
    return store_set(call->store, key, TYPE_STRING, value, expires_at_ms, put_flags) ||
           fail_memory(call);
}

/* With a condition, or for the old value: SET NX, XX and GET, and GETSET. */
COLD static void set_and_look(struct call *call, struct slice key, struct slice value, u32 options,
                              i64 expires_at_ms) {
    struct reply *reply = &call->reply;
    struct entry old;
    bool found = (options & GET ? store_read : store_touch)(call->store, key, &old);
    if (options & GET && found && !expect_string(call, &old)) return;
    if (options & (found ? NX : XX)) {
        if (options & GET && found)
            reply_bulk(reply, value_of(&old));
        else
            reply_null(reply);
        return;
    }
    if (!store_string(call, key, value, options, expires_at_ms)) return;
    if (!(options & GET))
        reply_ok(reply);
    else if (found)
        reply_bulk(reply, store_kept(call->store));
    else
        reply_null(reply);
}

void cmd_set(struct call *call) {
    struct options options = {0, 0};
    i64 expires_at_ms = 0;
    if (arg_count(call) > 3) {
        if (!take_options(call, 3, CONDITIONS | GET | KEEPTTL | TIMES, &options)) return;
        u32 form = options.given & TIMES;
        if (form && !take_expiry(call, options.time_arg, form, &expires_at_ms)) return;
    }
    struct slice key = arg(call, 1), value = arg(call, 2);
    if (options.given & (CONDITIONS | GET))
        set_and_look(call, key, value, options.given, expires_at_ms);
    else if (store_string(call, key, value, options.given, expires_at_ms))
        reply_ok(&call->reply);
}

COLD void cmd_getset(struct call *call) {
    set_and_look(call, arg(call, 1), arg(call, 2), GET, 0);
}

COLD static void set_for(struct call *call, u32 form) {
    i64 expires_at_ms;
    if (take_expiry(call, 2, form, &expires_at_ms) &&
        store_string(call, arg(call, 1), arg(call, 3), 0, expires_at_ms))
        reply_ok(&call->reply);
}

COLD void cmd_setex(struct call *call) {
    set_for(call, EX);
}
COLD void cmd_psetex(struct call *call) {
    set_for(call, PX);
}

COLD void cmd_setnx(struct call *call) {
    struct entry old;
    bool found = store_touch(call->store, arg(call, 1), &old);
    if (found || store_string(call, arg(call, 1), arg(call, 2), 0, 0))
        reply_integer(&call->reply, !found);
}

/* --- GET and its kin ------------------------------------------------------------------------ */

void cmd_get(struct call *call) {
    struct entry entry;
    if (!store_read(call->store, arg(call, 1), &entry))
        reply_null(&call->reply);
    else if (LIKELY(expect_string(call, &entry)))
        reply_bulk(&call->reply, value_of(&entry));
}

COLD void cmd_getdel(struct call *call) {
    struct entry entry;
    if (!store_read(call->store, arg(call, 1), &entry)) {
        reply_null(&call->reply);
    } else if (expect_string(call, &entry)) {
        store_take(call->store, arg(call, 1));
        reply_bulk(&call->reply, store_kept(call->store));
    }
}

COLD void cmd_getex(struct call *call) {
    struct options options = {0, 0};
    struct slice key = arg(call, 1);
    struct entry entry;
    i64 expires_at_ms = 0;
    if (!take_options(call, 2, PERSIST | TIMES, &options)) return;
    if (!store_read(call->store, key, &entry)) {
        reply_null(&call->reply);
        return;
    }
    if (!expect_string(call, &entry)) return;
    u32 form = options.given & TIMES;
    if (form && !take_expiry(call, options.time_arg, form, &expires_at_ms)) return;
    if (form && is_past(call, expires_at_ms)) {
        store_take(call->store, key);
        reply_bulk(&call->reply, store_kept(call->store));
        return;
    }
    if (options.given && !store_expire(call->store, key, expires_at_ms)) {
        fail_memory(call);
        return;
    }
    if (store_find(call->store, key, &entry)) reply_bulk(&call->reply, value_of(&entry));
}

COLD void cmd_strlen(struct call *call) {
    struct entry entry;
    if (!store_read(call->store, arg(call, 1), &entry))
        reply_integer(&call->reply, 0);
    else if (expect_string(call, &entry))
        reply_integer(&call->reply, entry.value_len);
}

/* The part of a value that GETRANGE means; indexes below 0 count from the end. */
COLD static struct slice range_of(struct slice value, i64 start, i64 end) {
    bool crossed = start < 0 && end < 0 && start > end;
    if (start < 0) start += value.len;
    if (end < 0) end += value.len;
    if (start < 0) start = 0;
    if (end < 0) end = 0;
    if (end >= value.len) end = (i64)value.len - 1;
    if (crossed || start > end) return (struct slice){value.bytes, 0};
    return (struct slice){value.bytes + start, (u32)(end - start + 1)};
}

COLD void cmd_getrange(struct call *call) {
    i64 start, end;
    struct entry entry;
    if (!arg_integer(call, 2, &start) || !arg_integer(call, 3, &end)) return;
    if (!store_read(call->store, arg(call, 1), &entry))
        reply_bulk(&call->reply, SLICE(""));
    else if (expect_string(call, &entry))
        reply_bulk(&call->reply, range_of(value_of(&entry), start, end));
}

/* --- changes in place ----------------------------------------------------------------------- */

COLD static bool fits_string(struct call *call, u64 at, u32 more) {
    return at + more <= STRING_MAX ||
           fail(call, "ERR string exceeds maximum allowed size (proto-max-bulk-len)");
}

COLD void cmd_append(struct call *call) {
    struct slice key = arg(call, 1), more = arg(call, 2);
    struct entry entry;
    u32 len = 0;
    if (store_touch(call->store, key, &entry)) {
        len = entry.value_len;
        if (!expect_string(call, &entry) || !fits_string(call, len, more.len)) return;
        u8 *value = store_resize(call->store, key, TYPE_STRING_RAW, len + more.len);
        if (!value) {
            fail_memory(call);
            return;
        }
        __builtin_memcpy(value + len, more.bytes, more.len);
    } else if (!store_string(call, key, more, 0, 0)) {
        return;
    }
    reply_integer(&call->reply, (i64)len + more.len);
}

COLD void cmd_setrange(struct call *call) {
    struct slice key = arg(call, 1), part = arg(call, 3);
    struct entry entry;
    i64 offset;
    if (!arg_integer(call, 2, &offset)) return;
    if (offset < 0) {
        fail(call, "ERR offset is out of range");
        return;
    }
    bool found = store_touch(call->store, key, &entry);
    u32 old_len = found ? entry.value_len : 0;
    if (found && !expect_string(call, &entry)) return;
    if (part.len == 0) {
        reply_integer(&call->reply, old_len);
        return;
    }
    if (!fits_string(call, (u64)offset, part.len)) return;
    u32 at = (u32)offset, len = max_u32(old_len, at + part.len);
    u8 *value = found ? store_resize(call->store, key, TYPE_STRING_RAW, len)
                      : store_put(call->store, key, TYPE_STRING_RAW, len, 0, 0);
    if (!value) {
        fail_memory(call);
        return;
    }
    if (at > old_len) __builtin_memset(value + old_len, 0, at - old_len);
    __builtin_memcpy(value + at, part.bytes, part.len);
    reply_integer(&call->reply, len);
}

/* --- numbers -------------------------------------------------------------------------------- */

static void increment(struct call *call, i64 by) {
    struct slice key = arg(call, 1);
    struct entry entry;
    i64 value = 0;
    bool found = store_touch(call->store, key, &entry);
    if (found && !expect_string(call, &entry)) return;
    if (found && !integer_parse(value_of(&entry), &value)) {
        fail_integer(call);
        return;
    }
    if (__builtin_add_overflow(value, by, &value)) {
        fail(call, "ERR increment or decrement would overflow");
        return;
    }
    u8 digits[INTEGER_TEXT_MAX];
    struct slice text = {digits, integer_print(digits, value)};
    if (found && entry.type == TYPE_STRING && entry.value_len == text.len) {
        __builtin_memcpy(entry.value, text.bytes, text.len);
    } else if (!store_string(call, key, text, KEEPTTL, 0)) {
        return;
    }
    reply_integer(&call->reply, value);
}

void cmd_incr(struct call *call) {
    increment(call, 1);
}
void cmd_decr(struct call *call) {
    increment(call, -1);
}

void cmd_incrby(struct call *call) {
    i64 by;
    if (arg_integer(call, 2, &by)) increment(call, by);
}

COLD void cmd_decrby(struct call *call) {
    i64 by;
    if (!arg_integer(call, 2, &by)) return;
    if (by == INT64_MIN)
        fail(call, "ERR decrement would overflow");
    else
        increment(call, -by);
}

COLD void cmd_incrbyfloat(struct call *call) {
    struct slice key = arg(call, 1);
    struct entry entry;
    struct extended value = {0}, by;
    bool found = store_touch(call->store, key, &entry);
    if (found && !expect_string(call, &entry)) return;
    if ((found && !extended_parse(value_of(&entry), &value)) ||
        !extended_parse(arg(call, 2), &by)) {
        fail(call, "ERR value is not a valid float");
        return;
    }
    if (!extended_add(value, by, &value)) {
        fail(call, "ERR increment would produce NaN or Infinity");
        return;
    }
    u8 digits[EXTENDED_TEXT_MAX];
    u32 len = extended_print(digits, value);
    u8 *to = store_put(call->store, key, TYPE_STRING_TEXT, len, 0, PUT_KEEP_TTL);
    if (!to) {
        fail_memory(call);
        return;
    }
    __builtin_memcpy(to, digits, len);
    reply_bulk(&call->reply, (struct slice){to, len});
}

/* --- many at once --------------------------------------------------------------------------- */

/* A stream; the state is the argument it is at. */
COLD static bool next_value(struct call *call) {
    u64 *i = &call->reply.state[0];
    struct entry entry;
    if (*i == arg_count(call)) return false;
    if (store_read(call->store, arg(call, (u32)(*i)++), &entry) && is_string(&entry))
        reply_bulk(&call->reply, value_of(&entry));
    else
        reply_null(&call->reply);
    return true;
}

COLD void cmd_mget(struct call *call) {
    reply_array(&call->reply, arg_count(call) - 1);
    call->reply.state[0] = 1;
    reply_stream_items(&call->reply, next_value);
}

COLD static bool expect_pairs(struct call *call) {
    return arg_count(call) % 2 == 1 || fail_arity(call, call->command);
}

COLD static bool set_pairs(struct call *call) {
    struct store *store = call->store;
    bool staged = true;
    for (u32 i = 1; i < arg_count(call) && staged; i += 2) {
        struct slice key = arg(call, i);
        staged = store_stage(store, i, key, arg(call, i + 1));
    }
    for (u32 i = 1; i < arg_count(call); i += 2) {
        struct slice key = arg(call, i);
        if (staged)
            store_publish(store, i, key, arg(call, i + 1));
        else
            store_discard(store, i, key);
    }
    return staged || fail_memory(call);
}

COLD void cmd_mset(struct call *call) {
    if (expect_pairs(call) && set_pairs(call)) reply_ok(&call->reply);
}

COLD void cmd_msetnx(struct call *call) {
    struct entry entry;
    bool found = false;
    if (!expect_pairs(call)) return;
    for (u32 i = 1; i < arg_count(call) && !found; i += 2)
        found = store_touch(call->store, arg(call, i), &entry);
    if (found || set_pairs(call)) reply_integer(&call->reply, !found);
}
