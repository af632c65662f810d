/* Commands on keys of any type. KEYS and SCAN are in scan.c, OBJECT in object.c. */
#include "cmd/items.h"

/* --- for each key ----------------------------------------------------------------------------- */

COLD bool remove_key(struct call *call, u32 i) {
    return store_remove(store_of(call), arg(call, i));
}

/* DEL, UNLINK, EXISTS and TOUCH, which alone refreshes. */
COLD HANDLER(cmd_count_keys) {
    u32 flags = call->flags;
    i64 count = 0;
    for (u32 i = 1; i < arg_count(call); i++)
        count += flags & CMD_WRITE      ? remove_key(call, i)
                 : flags & CMD_IF_THERE ? peek_key(call, i)
                                        : read_key(call, i);
    reply_integer(&call->reply, count);
}

COLD HANDLER(cmd_type) {
    bool found = peek_key(call, 1);
    reply_simple(&call->reply,
                 found ? word_at(TYPE_WORDS, call->work.entry.type & TYPE_BASE) : SLICE("none"));
}

/* --- expiry ----------------------------------------------------------------------------------- */

/* Makes the conditions of EXPIRE, from argument 3 on, call->state[0]. */
COLD static bool take_conditions(struct call *call) {
    u32 given = 0;
    for (u32 i = 3; i < arg_count(call); i++) {
        i32 word = arg_word(call, i, CONDITION_WORDS);
        if (word < 0) return fail_quoting(call, "Unsupported option ", arg(call, i), "");
        given |= 1u << word;
    }
    call->state[0] = given;
    if (given & NX && given & (XX | GT | LT)) return fail_together(call, "NX and XX, GT or LT");
    if (given & GT && given & LT) return fail_together(call, "GT and LT");
    return true;
}

bool meets_conditions(const struct call *call) {
    u32 conditions = call->state[0];
    i64 old_ms = call->work.entry.expires_at_ms, new_ms = call->expires_at_ms;
    if (conditions & NX && old_ms) return false;
    if (conditions & XX && !old_ms) return false;
    if (conditions & GT && (!old_ms || new_ms <= old_ms)) return false;
    if (conditions & LT && old_ms && new_ms >= old_ms) return false;
    return true;
}

/* What a handler that changes an expiry comes to: done or not, or no memory for it. */
COLD static void set_expiry(struct call *call, bool done) {
    if (done && !store_expire(store_of(call), arg(call, 1), call->expires_at_ms))
        fail_memory(call);
    else
        reply_integer(&call->reply, done);
}

/* EXPIRE, PEXPIRE, EXPIREAT, PEXPIREAT. */
COLD HANDLER(cmd_expire) {
    if (!take_conditions(call) || !arg_time(call, 2, call->flags)) return;
    bool done = touch_key(call, 1) && meets_conditions(call);
    if (done && is_past(call)) {
        remove_key(call, 1);
        reply_integer(&call->reply, 1);
    } else {
        set_expiry(call, done);
    }
}

COLD HANDLER(cmd_persist) {
    set_expiry(call, touch_key(call, 1) && call->work.entry.expires_at_ms);
}

COLD void reply_expiry(struct call *call, i64 expires_at_ms, u32 rounding_ms) {
    u32 form = call->flags;
    i64 answer = expires_at_ms ? expires_at_ms : -1;
    if (answer > 0 && form & CMD_FROM_NOW) answer -= store_of(call)->now_ms;
    if (answer > 0 && form & CMD_SECONDS) answer = (i64)(((u64)answer + rounding_ms) / 1000);
    reply_integer(&call->reply, answer);
}

/* TTL, PTTL, EXPIRETIME, PEXPIRETIME. */
COLD HANDLER(cmd_ttl) {
    reply_expiry(call, peek_key(call, 1) ? call->work.entry.expires_at_ms : -2, 500);
}

/* --- other names ------------------------------------------------------------------------------ */

/* RENAME and RENAMENX. */
COLD HANDLER(cmd_rename) {
    struct slice from = arg(call, 1), to = arg(call, 2);
    bool if_new = call->flags & CMD_IF_NEW;
    if (!touch_key(call, 1)) {
        fail(call, "no such key");
        return;
    }
    bool done = !if_new || !touch_key(call, 2);
    if (done && !slice_equal(from, to) && !store_rename(store_of(call), from, to))
        fail_memory(call);
    else if (if_new)
        reply_integer(&call->reply, done);
    else
        reply_ok(&call->reply);
}

/* Makes call->state[0] whether COPY replaces; its option DB says nothing new: there is one
 * database, 0. */
COLD static bool take_copy_options(struct call *call) {
    i32 option;
    call->state[0] = false;
    call->option = 3;
    while ((option = next_option(call, "REPLACE DB\1")) >= 0) {
        if (option == 0) {
            call->state[0] = true;
            continue;
        }
        if (!arg_integer(call, call->operand)) return false;
        if (call->number != (i32)call->number)
            return fail_between(call, "2147483648 and 2147483647");
        if (call->number) return fail(call, "DB index is out of range");
    }
    return option == NO_OPTION;
}

COLD HANDLER(cmd_copy) {
    struct slice from = arg(call, 1), to = arg(call, 2);
    if (!take_copy_options(call)) return;
    if (slice_equal(from, to)) {
        fail(call, "source and destination objects are the same");
        return;
    }
    bool done = read_key(call, 1);
    struct collection *c = &call->source;
    *c = call->work;
    c->type = c->entry.type & TYPE_BASE;
    done = done && (call->state[0] || !touch_key(call, 2));
    if (done && !collection_copy(c, to))
        fail_memory(call);
    else
        reply_integer(&call->reply, done);
}
