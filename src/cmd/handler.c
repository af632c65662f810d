/* What handlers share. Most of it is for requests that are refused, so it is made for size. */
#include "cmd/handler.h"
#include "base/decimal.h"

const char type_words[] = "string string string list set zset hash";

/* --- words and text ------------------------------------------------------------------------- */

COLD struct slice string_slice(const char *string) {
    u32 len = 0;
    while (string[len]) len++;
    return (struct slice){(const u8 *)string, len};
}

static u8 upper(u8 byte) {
    return (u8)(byte - 'a') < 26 ? (u8)(byte - 0x20) : byte;
}

COLD bool same_word(struct slice a, struct slice b) {
    if (a.len != b.len) return false;
    for (u32 i = 0; i < a.len; i++)
        if (upper(a.bytes[i]) != upper(b.bytes[i])) return false;
    return true;
}

COLD struct slice word_at(const char *words, u32 index) {
    for (; index; words++) index -= *words == ' ';
    u32 len = 0;
    while (words[len] && words[len] != ' ') len++;
    return (struct slice){(const u8 *)words, len};
}

COLD i32 word_index(struct slice text, const char *words) {
    for (i32 i = 0; *words; i++) {
        struct slice word = word_at(words, 0);
        if (same_word(text, word)) return i;
        words += word.len;
        words += *words == ' ';
    }
    return -1;
}

COLD void text_add(struct text *text, struct slice more) {
    u32 len = min_u32(more.len, text->capacity - text->used);
    __builtin_memcpy(text->bytes + text->used, more.bytes, len);
    text->used += len;
}

COLD void text_add_string(struct text *text, const char *string) {
    text_add(text, string_slice(string));
}

COLD void text_add_number(struct text *text, u64 number) {
    u8 digits[INTEGER_TEXT_MAX];
    text_add(text, (struct slice){digits, unsigned_print(digits, number)});
}

COLD void text_add_upper(struct text *text, struct slice word) {
    u32 start = text->used;
    text_add(text, word);
    for (u32 i = start; i < text->used; i++) text->bytes[i] = upper(text->bytes[i]);
}

COLD void text_add_foreign(struct text *text, struct slice foreign, u32 most) {
    u32 len = 0;
    while (len < min_u32(foreign.len, most) && foreign.bytes[len]) len++;
    text_add(text, (struct slice){foreign.bytes, len});
}

/* --- refusals ------------------------------------------------------------------------------- */

COLD bool fail_quoting(struct call *call, const char *before, struct slice quoted,
                       const char *after) {
    reply_error_quoting(&call->reply, string_slice(before), quoted, string_slice(after));
    return false;
}

COLD bool fail(struct call *call, const char *text) {
    return fail_quoting(call, text, SLICE(""), "");
}

COLD bool fail_syntax(struct call *call) {
    return fail(call, "syntax error");
}

COLD bool fail_integer(struct call *call) {
    return fail(call, "value is not an integer or out of range");
}

COLD bool fail_arity(struct call *call, const struct command *command) {
    return fail_quoting(call, "wrong number of arguments for '", string_slice(command->name),
                        "' command");
}

COLD bool fail_expiry(struct call *call) {
    return fail_quoting(call, "invalid expire time in '", string_slice(call->command->name),
                        "' command");
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

/* --- arguments and keys --------------------------------------------------------------------- */

COLD i32 arg_word(struct call *call, u32 i, const char *words) {
    return word_index(arg(call, i), words);
}

COLD bool arg_integer(struct call *call, u32 i, i64 *value) {
    return integer_parse(arg(call, i), value) || fail_integer(call);
}

COLD bool expiry_time(struct call *call, i64 time, u32 form, i64 *expires_at_ms) {
    if (form & TIME_SECONDS) {
        if (time > INT64_MAX / 1000 || time < INT64_MIN / 1000) return fail_expiry(call);
        time *= 1000;
    }
    if (form & TIME_FROM_NOW) {
        if (time > INT64_MAX - call->store->now_ms) return fail_expiry(call);
        time += call->store->now_ms;
    }
    *expires_at_ms = time;
    return true;
}

bool read_key(struct call *call, u32 i) {
    return store_read(call->store, arg(call, i), &call->entry);
}

bool touch_key(struct call *call, u32 i) {
    return store_touch(call->store, arg(call, i), &call->entry);
}

COLD bool peek_key(struct call *call, u32 i) {
    struct stats *stats = &call->store->stats;
    bool found = store_find(call->store, arg(call, i), &call->entry);
    (*(found ? &stats->hits : &stats->misses))++;
    return found;
}
