/* What handlers share. Most of it is for requests that are refused, so it is made for size. */
#include "cmd/handler.h"

/* --- words and text --------------------------------------------------------------------------- */

static u8 upper(u8 byte) {
    return (u8)(byte - 'a') < 26 ? (u8)(byte - 0x20) : byte;
}

COLD bool same_word(struct slice a, struct slice b) {
    if (a.len != b.len) return false;
    for (u32 i = 0; i < a.len; i++) {
        u8 byte = a.bytes[i], other = byte ^ b.bytes[i];
        if (other && (other != 0x20 || (u8)((byte | 0x20) - 'a') >= 26)) return false;
    }
    return true;
}

COLD const u8 *word_start(const char *words, u32 index) {
    for (; index; words++) index -= *words <= ' ';
    return (const u8 *)words;
}

COLD u32 word_len(const u8 *word) {
    u32 len = 0;
    while (word[len] > ' ') len++;
    return len;
}

/* All words begin with a letter, and most text that is none of them does not. */
COLD i32 word_index(struct slice text, const char *words) {
    if (text.len && *text.bytes < 'A') return -1;
    for (i32 i = 0; *words; i++) {
        struct slice word = {(const u8 *)words, word_len((const u8 *)words)};
        if (same_word(text, word)) return i;
        words += word.len;
        words += *words != 0;
    }
    return -1;
}

enum { TEXT_MOST = REPLY_ROOM / 2 };

COLD u8 *text_bytes(const struct call *call) {
    return reply_room(&call->reply) + TEXT_MOST;
}

COLD void text_add(struct call *call, struct slice more) {
    u32 len = min_u32(more.len, TEXT_MOST - call->text_len);
    __builtin_memcpy(text_bytes(call) + call->text_len, more.bytes, len);
    call->text_len += len;
}

COLD void text_add_string(struct call *call, const char *string) {
    text_add(call, string_slice(string));
}

COLD void text_add_number(struct call *call, u64 number) {
    text_add(call, (struct slice){call->digits, unsigned_print(call->digits, number)});
}

COLD void text_add_upper(struct call *call, struct slice word) {
    u32 start = call->text_len;
    text_add(call, word);
    for (u32 i = start; i < call->text_len; i++) text_bytes(call)[i] = upper(text_bytes(call)[i]);
}

COLD void text_add_foreign(struct call *call, struct slice foreign, u32 most) {
    u32 len = 0;
    while (len < min_u32(foreign.len, most) && foreign.bytes[len]) len++;
    text_add(call, (struct slice){foreign.bytes, len});
}

COLD void reply_word(struct reply *reply, const char *words, u32 index) {
    reply_bulk(reply, word_at(words, index));
}

COLD void reply_string(struct reply *reply, const char *string) {
    reply_bulk(reply, string_slice(string));
}

/* --- refusals --------------------------------------------------------------------------------- */

COLD bool fail_quoting(struct call *call, const char *before, struct slice quoted,
                       const char *after) {
    reply_error_quoting(&call->reply, before, quoted, after);
    return false;
}

COLD bool fail(struct call *call, const char *text) {
    return fail_quoting(call, text, SLICE(""), "");
}

COLD bool fail_syntax(struct call *call) {
    return fail(call, "syntax error");
}

COLD bool fail_range(struct call *call, const char *what) {
    return fail_quoting(call, what, SLICE(" is not an integer or out of range"), "");
}

COLD bool fail_integer(struct call *call) {
    return fail_range(call, "value");
}

static const char *const out_of_range = "value is out of range";

COLD static bool fail_positive(struct call *call) {
    return fail_quoting(call, out_of_range, SLICE(", must be positive"), "");
}

COLD bool fail_between(struct call *call, const char *ends) {
    return fail_quoting(call, out_of_range, SLICE(", value must between -"), ends);
}

COLD bool fail_together(struct call *call, const char *options) {
    return fail_quoting(call, options, SLICE(" options at the same time are not compatible"), "");
}

COLD bool fail_naming(struct call *call, const char *before, const struct command *command) {
    return fail_quoting(call, before, string_slice(command_name(call, command)), "' command");
}

COLD bool fail_arity(struct call *call, const struct command *command) {
    return fail_naming(call, "wrong number of arguments for '", command);
}

COLD bool fail_expiry(struct call *call) {
    return fail_naming(call, "invalid expire time in '", call->command);
}

COLD bool fail_type(struct call *call) {
    reply_error(&call->reply,
                SLICE("WRONGTYPE Operation against a key holding the wrong kind of value"));
    return false;
}

COLD bool fail_memory(struct call *call) {
    reply_error(&call->reply, SLICE("OOM command not allowed when used memory > 'maxmemory'."));
    return false;
}

/* --- arguments and keys ----------------------------------------------------------------------- */

COLD i32 arg_word(struct call *call, u32 i, const char *words) {
    return word_index(arg(call, i), words);
}

COLD i32 next_option(struct call *call, const char *words) {
    u32 i = call->option;
    if (i == arg_count(call)) return NO_OPTION;
    i32 option = arg_word(call, i, words);
    if (option >= 0) {
        struct slice word = word_at(words, (u32)option);
        call->operand = ++i;
        call->option = i += word.bytes[word.len] % ' ';
        if (i <= arg_count(call)) return option;
    }
    fail_syntax(call);
    return BAD_OPTION;
}

bool read_integer(struct call *call, struct slice text) {
    return integer_parse(text, &call->number);
}

u32 add_integer(struct call *call, i64 by) {
    if (__builtin_add_overflow(call->number, by, &call->number))
        return fail(call, "increment or decrement would overflow");
    return integer_print(call->digits, call->number);
}

COLD bool arg_integer(struct call *call, u32 i) {
    return read_integer(call, arg(call, i)) || fail_integer(call);
}

COLD bool arg_from_one(struct call *call, u32 i, const char *what) {
    return (read_integer(call, arg(call, i)) && call->number > 0) ||
           fail_quoting(call, what, SLICE(" should be greater than 0"), "");
}

COLD bool take_popped(struct call *call) {
    call->number = 1;
    return arg_count(call) == 2 || (read_integer(call, arg(call, 2)) && call->number >= 0) ||
           fail_positive(call);
}

COLD bool arg_double(struct call *call, u32 i, const char *error) {
    return double_parse(arg(call, i), &call->real) || fail(call, error);
}

COLD bool arg_extended(struct call *call, u32 i, const char *error) {
    return extended_parse(arg(call, i), &call->extended) || fail(call, error);
}

COLD bool take_scratch(struct call *call, u32 bytes) {
    collection_hold(&call->work);
    call->scratch = store_take_scratch(store_of(call), bytes);
    collection_release(&call->work);
    return call->scratch != NULL;
}

COLD HANDLER(give_scratch) {
    store_give_scratch(store_of(call), call->scratch);
}

COLD bool take_room(struct call *call, u32 bytes) {
    call->scratch = text_bytes(call);
    if (bytes <= TEXT_MOST / 2) return true;
    bool taken = take_scratch(call, bytes);
    if (taken) call->finish = give_scratch;
    return taken;
}

const char not_a_float[] = "value is not a valid float";

COLD u32 take_sum(struct call *call, struct slice old, const char *error, u32 i) {
    struct extended value;
    if (!extended_parse(old, &value)) return fail(call, error);
    if (!arg_extended(call, i, not_a_float)) return false;
    if (!extended_add(value, call->extended, &value))
        return fail(call, "increment would produce NaN or Infinity");
    u32 most = extended_text_most(value);
    if (!take_room(call, most)) return fail_memory(call);
    return extended_print(call->scratch, most, value, HUMAN_PLACES);
}

/* In Redis, what comes to 2^63 milliseconds is negative as well, and above -1 nothing is. */
COLD bool arg_timeout(struct call *call, u32 i) {
    const u64 thousandth = 0x83126e978d4fdf3b; /* the digits of 0.001, and of 2^63 / 1000 */
    const struct extended *timeout = &call->extended;
    if (!arg_extended(call, i, "timeout is not a float or out of range")) return false;
    i32 most = timeout->negative ? 16372 : 16435;
    if (timeout->significand > thousandth - !timeout->negative) most--;
    return timeout->exponent <= most || fail(call, "timeout is negative");
}

COLD bool arg_time(struct call *call, u32 i, u32 form) {
    if (!arg_integer(call, i)) return false;
    i64 time = call->number, unit = form & CMD_SECONDS ? 1000 : 1;
    i64 start = form & CMD_FROM_NOW ? store_of(call)->now_ms : 0;
    if (time < INT64_MIN / unit || time > (INT64_MAX - start) / unit) return fail_expiry(call);
    call->expires_at_ms = time * unit + start;
    return true;
}

bool read_key(struct call *call, u32 i) {
    call->work.key = arg(call, i);
    return call->work.found = store_read(store_of(call), call->work.key, &call->work.entry);
}

bool touch_key(struct call *call, u32 i) {
    call->work.key = arg(call, i);
    return call->work.found = store_touch(store_of(call), call->work.key, &call->work.entry);
}

COLD bool find_key(struct call *call, u32 i) {
    return call->work.found = store_find(store_of(call), arg(call, i), &call->work.entry);
}

COLD bool peek_key(struct call *call, u32 i) {
    struct stats *stats = &store_of(call)->stats;
    bool found = find_key(call, i);
    (*(found ? &stats->hits : &stats->misses))++;
    return found;
}

COLD bool read_string(struct call *call) {
    read_key(call, 1);
    return expect_string(call);
}

COLD bool touch_string(struct call *call) {
    touch_key(call, 1);
    return expect_string(call);
}
