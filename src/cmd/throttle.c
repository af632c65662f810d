/*
 * CL.THROTTLE, the command of the module redis-cell: rate limiting by the generic cell rate
 * algorithm (ITU-T I.371). All that is kept of a key is the time, in nanoseconds, at which what was
 * let through would have arrived at an even rate. It may lie so far in the future as the burst
 * takes; once it is past the key has expired.
 */
#include "cmd/handler.h"

#define MS_NS 1000000ll
#define SECOND_NS (1000 * MS_NS)
#define MOST_NS (1ll << 60) /* of any span: 36 years. Sums of a few, and of one and now, fit */

/* Makes argument i, from `least` to `most`, call->number; replies an error if it is none. */
COLD static bool arg_between(struct call *call, u32 i, i64 least, i64 most) {
    return arg_integer(call, i) &&
           ((call->number >= least && call->number <= most) || fail_integer(call));
}

/* Up to whole seconds, milliseconds begun not counting. */
COLD static void reply_seconds(struct call *call, i64 span_ns) {
    reply_integer(&call->reply, (span_ns / MS_NS + 999) / 1000);
}

/* How far ahead of now argument 1 is. Replies an error and returns false if it holds other things.
 */
COLD static bool read_ahead(struct call *call, i64 *ahead_ns) {
    i64 now_ns = store_of(call)->now_ms * MS_NS;
    *ahead_ns = 0;
    if (!touch_string(call)) return false;
    call->number = 0;
    if (call->work.found && !read_integer(call, value_of(call))) return fail_integer(call);
    if (call->number > now_ns) *ahead_ns = call->number - now_ns;
    if (*ahead_ns > MOST_NS) *ahead_ns = MOST_NS; /* nothing of ours */
    return true;
}

/* CL.THROTTLE key max_burst count_per_period period [quantity] */
COLD HANDLER(cmd_throttle) {
    i64 now_ms = store_of(call)->now_ms, ahead_ns;
    if (arg_count(call) > 6) {
        fail_arity(call, call->command);
        return;
    }
    if (!arg_between(call, 4, 1, MOST_NS / SECOND_NS)) return;
    i64 interval_ns = call->number * SECOND_NS;
    if (!arg_between(call, 3, 1, interval_ns)) return;
    interval_ns /= call->number;
    i64 most = MOST_NS / interval_ns;
    if (!arg_between(call, 2, 0, most - 1)) return;
    i64 limit = call->number + 1, quantity = 1;
    if (arg_count(call) > 5) {
        if (!arg_between(call, 5, 0, most)) return;
        quantity = call->number;
    }
    if (now_ms > (INT64_MAX - MOST_NS) / MS_NS) {
        fail_expiry(call);
        return;
    }
    if (!read_ahead(call, &ahead_ns)) return;
    i64 burst_ns = limit * interval_ns, cost_ns = quantity * interval_ns;
    i64 over_ns = ahead_ns + cost_ns - burst_ns;
    if (over_ns <= 0 && quantity) {
        ahead_ns += cost_ns;
        struct slice text = {call->digits, integer_print(call->digits, now_ms * MS_NS + ahead_ns)};
        if (!store_set(store_of(call), arg(call, 1), TYPE_STRING, text,
                       now_ms + (ahead_ns + MS_NS - 1) / MS_NS, 0)) {
            fail_memory(call);
            return;
        }
    }
    i64 left_ns = burst_ns - ahead_ns;
    reply_array(&call->reply, 5);
    reply_integer(&call->reply, over_ns > 0);
    reply_integer(&call->reply, limit);
    reply_integer(&call->reply, left_ns > 0 ? left_ns / interval_ns : 0);
    if (over_ns > 0 && quantity <= limit)
        reply_seconds(call, over_ns);
    else
        reply_integer(&call->reply, -1);
    reply_seconds(call, ahead_ns);
}
