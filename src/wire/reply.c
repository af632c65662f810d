/* The reply writer. Nothing is buffered but what is in the window. */
#include "wire/reply.h"
#include "base/decimal.h"

HOT_INLINE u32 room(const struct reply *reply) {
    return reply->capacity - reply->used;
}

__attribute__((noinline)) static void put(struct reply *reply, struct slice bytes) {
    ASSERT(!reply->rest_pending && bytes.len <= room(reply));
    copy_bytes(reply->window + reply->used, bytes.bytes, bytes.len);
    reply->used += bytes.len;
}

/* --- lines ------------------------------------------------------------------------------------ */

enum { LINE_END = '\r' | '\n' << 8 };

__attribute__((noinline)) static void put_number(struct reply *reply, char mark, i64 number) {
    u8 *line = reply->window + reply->used;
    *line = (u8)mark;
    u32 len = 2;
    if (LIKELY((u64)number < 10)) {
        line[1] = (u8)('0' + number);
    } else if ((u64)number < 100) {
        store16(line + 1, (u16)('0' * 0x101 + (u32)number / 10 + (u32)number % 10 * 256));
        len = 3;
    } else {
        len = 1 + integer_print(line + 1, number);
    }
    store16(line + len, LINE_END);
    reply->used += len + 2;
}

void reply_simple(struct reply *reply, struct slice text) {
    put(reply, SLICE("+"));
    put(reply, text);
    put(reply, SLICE("\r\n"));
}

void reply_integer(struct reply *reply, i64 value) {
    put_number(reply, ':', value);
}

void reply_ok(struct reply *reply) {
    put(reply, SLICE("+OK\r\n"));
}

void reply_null(struct reply *reply) {
    put(reply, reply->form == 3 ? SLICE("_\r\n") : SLICE("$-1\r\n"));
}

void reply_null_array(struct reply *reply) {
    put(reply, reply->form == 3 ? SLICE("_\r\n") : SLICE("*-1\r\n"));
}

void reply_array(struct reply *reply, u32 count) {
    put_number(reply, '*', count);
}

COLD void reply_map(struct reply *reply, u32 count) {
    if (reply->form == 3)
        put_number(reply, '%', count);
    else
        put_number(reply, '*', 2 * (i64)count);
}

COLD void reply_set(struct reply *reply, u32 count) {
    put_number(reply, reply->form == 3 ? '~' : '*', count);
}

/* --- strings ---------------------------------------------------------------------------------- */

/* Copies what fits of the rest. False if the window is full before all of it has left. */
static bool drain_rest(struct reply *reply) {
    u8 *to = reply->window + reply->used;
    u32 len = min_u32(reply->rest.len, room(reply));
    reply->rest_pending = false;
    put(reply, (struct slice){reply->rest.bytes, len});
    if (reply->rest_is_line)
        for (u32 i = 0; i < len; i++)
            if (to[i] == '\r' || to[i] == '\n') to[i] = ' ';
    reply->rest.bytes += len;
    reply->rest.len -= len;
    if (reply->rest.len || room(reply) < reply->tail.len + 2) {
        reply->rest_pending = true;
        return false;
    }
    if (reply->rest_is_part) {
        reply->rest_is_part = false;
        return true;
    }
    put(reply, reply->tail);
    put(reply, SLICE("\r\n"));
    return true;
}

static void put_rest(struct reply *reply, struct slice rest, struct slice tail, bool is_line) {
    reply->rest = rest;
    reply->tail = tail;
    reply->rest_is_line = is_line;
    drain_rest(reply);
}

void reply_bulk(struct reply *reply, struct slice bytes) {
    put_number(reply, '$', bytes.len);
    if (UNLIKELY((u64)bytes.len + 2 > room(reply))) {
        put_rest(reply, bytes, SLICE(""), false);
        return;
    }
    u8 *to = reply->window + reply->used;
    copy_bytes(to, bytes.bytes, bytes.len);
    store16(to + bytes.len, LINE_END);
    reply->used += bytes.len + 2;
}

COLD void reply_bulk_head(struct reply *reply, i64 len) {
    put_number(reply, '$', len);
}

COLD void reply_bulk_part(struct reply *reply, struct slice bytes) {
    reply->rest_is_part = true;
    put_rest(reply, bytes, SLICE(""), false);
}

COLD void reply_digits(struct reply *reply, struct slice digits) {
    if (reply->form == 3)
        put(reply, SLICE(","));
    else
        put_number(reply, '$', digits.len);
    put(reply, digits);
    put(reply, SLICE("\r\n"));
}

COLD void reply_double(struct reply *reply, double value) {
    u8 text[DOUBLE_TEXT_MAX];
    reply_digits(reply, (struct slice){text, double_print(text, value)});
}

COLD void reply_verbatim(struct reply *reply, struct slice text) {
    bool named = reply->form == 3;
    put_number(reply, named ? '=' : '$', (i64)text.len + (named ? 4 : 0));
    if (named) put(reply, SLICE("txt:"));
    put_rest(reply, text, SLICE(""), false);
}

COLD static void end_error(struct reply *reply, struct slice quoted, const char *after) {
    u32 len = 0;
    while (len < quoted.len && quoted.bytes[len]) len++;
    if (!*after)
        while (len && (quoted.bytes[len - 1] == '\r' || quoted.bytes[len - 1] == '\n')) len--;
    put_rest(reply, (struct slice){quoted.bytes, len}, string_slice(after), true);
}

COLD void reply_error_quoting(struct reply *reply, const char *before, struct slice quoted,
                              const char *after) {
    put(reply, SLICE("-ERR "));
    put(reply, string_slice(before));
    end_error(reply, quoted, after);
}

COLD void reply_error(struct reply *reply, struct slice text) {
    put(reply, SLICE("-"));
    end_error(reply, text, "");
}

/* --- what does not fit ------------------------------------------------------------------------ */

void reply_stream_items(struct reply *reply, reply_stream *next) {
    reply->next = next;
}

bool reply_drain(struct reply *reply, struct call *call) {
    for (;;) {
        if (reply->rest_pending && !drain_rest(reply)) return false;
        if (!reply->next) return true;
        if (!reply_may_go_on(reply)) return false;
        if (!reply->next(call)) reply->next = NULL;
    }
}
