/*
 * What handlers share: refusals, arguments, lists of words, text put together. Private to cmd/.
 */
#ifndef FERRITE_HANDLER_H
#define FERRITE_HANDLER_H

#include "cmd/command.h"

/* --- refusals --------------------------------------------------------------------------------- */

/* Each replies an error, the text behind "ERR ", and returns false, for `return fail(...)` in a
 * check. `quoted` is anything a client sent. */
bool fail(struct call *call, const char *text);
bool fail_quoting(struct call *call, const char *before, struct slice quoted, const char *after);
bool fail_syntax(struct call *call);
/* before, the command's name, "' command" */
bool fail_naming(struct call *call, const char *before, const struct command *command);
bool fail_integer(struct call *call);
bool fail_range(struct call *call, const char *what); /* the same of something else */
bool fail_expiry(struct call *call);
bool fail_arity(struct call *call, const struct command *command);
bool fail_type(struct call *call);
bool fail_memory(struct call *call);
bool fail_between(struct call *call, const char *ends);     /* of an integer that is not */
bool fail_together(struct call *call, const char *options); /* they exclude each other */

/* Of EXPIRE and ZADD: only if there is none yet, only if there is, only if it becomes more, or
 * less.
 */
#define CONDITION_WORDS "NX XX GT LT"
enum condition { NX = 1, XX = 2, GT = 4, LT = 8 };

/* --- arguments and keys ----------------------------------------------------------------------- */

/* Argument i, 0 being the command's name. An index known to the compiler needs no call. */
HOT_INLINE const struct slice *arg_at(struct call *call, u32 i) {
    return request_at(&call->request, i);
}
HOT_INLINE struct slice arg(struct call *call, u32 i) {
    if (__builtin_constant_p(i) && i < REQUEST_REMEMBERED) return call->request.first[i];
    return *arg_at(call, i);
}
static inline u32 arg_count(const struct call *call) {
    return call->request.count;
}

/* Which of the words, written with blanks between them, argument i is, in any case; -1: none. */
i32 arg_word(struct call *call, u32 i, const char *words);

/* Which of the words the option is that argument call->option names, which becomes the one behind
 * it; where a word has operands, so many (a byte) stand in place of the blank behind it, and the
 * first is argument call->operand. NO_OPTION: there are no more arguments; BAD_OPTION: it is none
 * of them, or has too few operands, and that was replied. */
enum { NO_OPTION = -1, BAD_OPTION = -2 };
i32 next_option(struct call *call, const char *words);

/* Makes the text, if it is an integer, call->number. */
bool read_integer(struct call *call, struct slice text);
/* Adds to call->number; returns how long its text, in call->digits, is then. 0: it overflows, and
 * that was replied. */
u32 add_integer(struct call *call, i64 by);
/* Makes argument i, an integer, call->number; replies an error and returns false if it is none. */
bool arg_integer(struct call *call, u32 i);

/* The same of an integer above 0: `what` should be that. */
bool arg_from_one(struct call *call, u32 i, const char *what);

/* Makes argument 2, if there is one, how many to pop, call->number, else 1. */
bool take_popped(struct call *call);

/* Makes argument i, a double, call->real; replies the error and returns false if it is none. */
bool arg_double(struct call *call, u32 i, const char *error);
extern const char not_a_float[];                                /* an error */
bool arg_extended(struct call *call, u32 i, const char *error); /* the same: call->extended */

/* Makes call->scratch so many bytes, as store_take_scratch does; the key at work stays where it is.
 * False: no memory. It is to be given back, which call->finish may be. */
bool take_scratch(struct call *call, u32 bytes);
void give_scratch(struct call *call);
/* The same until the reply has left, which may be of them: few bytes lie where text in the making
 * does. */
bool take_room(struct call *call, u32 bytes);

/* Adds argument i to the number that is the old text; returns how long the text of the sum is,
 * which is in take_room's scratch and may have thousands of digits. 0: one of them is no number
 * (`error` is of the old one), the sum is not finite, or there is no memory; that was replied. */
u32 take_sum(struct call *call, struct slice old, const char *error, u32 i);

/* Checks argument i, how many seconds to wait at most, as Redis does; nothing is waited for. */
bool arg_timeout(struct call *call, u32 i);

/* Makes argument i, a time as CMD_SECONDS and CMD_FROM_NOW in `form` say, call->expires_at_ms;
 * replies an error and returns false if there is no such time. */
bool arg_time(struct call *call, u32 i, u32 form);
/* Does call->expires_at_ms delete at once? */
HOT_INLINE bool is_past(const struct call *call) {
    return call->expires_at_ms <= store_of(call)->now_ms;
}

/* The conditions that EXPIRE has, of which call->state[0] has a bit each. Does what is at work,
 * whose expiry call->work.entry tells, 0 being later than any, take the new one? */
bool meets_conditions(const struct call *call);
/* Replies an expiry, 0 for none and -2 where there is nothing to have one, as the command's flags
 * say. */
void reply_expiry(struct call *call, i64 expires_at_ms, u32 rounding_ms);

/* Each finds the key that is argument i: call->work.found says whether it did, and so does the
 * result; call->work.entry is what it holds, or an empty string. */
bool read_key(struct call *call, u32 i);  /* refreshes recency, counts a hit or a miss */
bool touch_key(struct call *call, u32 i); /* refreshes recency */
bool peek_key(struct call *call, u32 i);  /* counts a hit or a miss */
bool find_key(struct call *call, u32 i);  /* leaves no trace */

bool remove_key(struct call *call, u32 i); /* it was there */

/* Is call->work.entry a string? */
HOT_INLINE bool holds_string(const struct call *call) {
    return (call->work.entry.type & TYPE_BASE) < TYPE_LIST;
}
/* Replies an error and returns false if it is not. */
SHARED bool expect_string(struct call *call) {
    return LIKELY(holds_string(call)) || fail_type(call);
}
/* The same after read_key or touch_key of argument 1. */
bool read_string(struct call *call);
bool touch_string(struct call *call);
/* After touch_string: makes the string at least that long, and "raw"; what it gains is zeroed.
 * Replies an error and returns false if there is no memory. */
bool widen_string(struct call *call, u32 least);
HOT_INLINE struct slice value_of(const struct call *call) {
    return (struct slice){call->work.entry.value, call->work.entry.value_len};
}

/* A range in a string, none if first > last. In call->notes. */
struct span {
    i64 first, last;
};
static inline struct span *span_of(struct call *call) {
    return (struct span *)(void *)call->notes;
}
/* In a string of that length: an index below 0 counts from the end, and none is in front of the
 * first. False: there is nothing in it. */
bool resolve_span(struct call *call, i64 len);
/* Is it a range from the end whose ends are in the wrong order, even if both lie in front? */
static inline bool is_crossed(const struct span *span) {
    return span->first < 0 && span->last < 0 && span->first > span->last;
}

/* --- words and text --------------------------------------------------------------------------- */

/* The same but for the case of letters? */
bool same_word(struct slice a, struct slice b);
/* Of words written with blanks between them: which one the text is, in any case (-1: none), and the
 * one at an index. */
i32 word_index(struct slice text, const char *words);
const u8 *word_start(const char *words, u32 index);
u32 word_len(const u8 *word); /* up to a blank or the end */
HOT_INLINE struct slice word_at(const char *words, u32 index) {
    const u8 *word = word_start(words, index);
    return (struct slice){word, word_len(word)};
}

/* As bulks. */
void reply_string(struct reply *reply, const char *string);
void reply_word(struct reply *reply, const char *words, u32 index);

/* Text in the making, one at a time. It lies in the second half of the room for a reply, which may
 * be begun with less than half when the text is done. What does not fit is dropped. */
static inline void text_begin(struct call *call) {
    call->text_len = 0;
}
u8 *text_bytes(const struct call *call);
HOT_INLINE struct slice text_made(const struct call *call) {
    return (struct slice){text_bytes(call), call->text_len};
}
void text_add(struct call *call, struct slice more);
void text_add_string(struct call *call, const char *string);
void text_add_number(struct call *call, u64 number);
void text_add_upper(struct call *call, struct slice word);
/* What a client sent, as Redis prints it: up to the first NUL, and at most `most` bytes. */
void text_add_foreign(struct call *call, struct slice foreign, u32 most);

/* --- the handlers ----------------------------------------------------------------------------- */

/* Each name of one, cmd_ left out, put into H, with commas between them. */
#define HANDLERS(H)                                                                                \
    H(append), H(bitcount), H(bitfield), H(bitop), H(bitpos), H(command_count), H(command_docs),   \
        H(command_info), H(config_get), H(config_resetstat), H(config_set), H(copy), H(count),     \
        H(count_keys), H(dbsize), H(dump), H(echo), H(expire), H(flush), H(geodist), H(geosearch), \
        H(get), H(getbit), H(getdel), H(getex), H(getrange), H(getset), H(help), H(hexists),       \
        H(hexpire), H(hget), H(hgetall), H(hincrby), H(hincrbyfloat), H(hkeys), H(hmget),          \
        H(hmset), H(hset), H(hsetnx), H(hstrlen), H(httl), H(hvals), H(incr), H(incrbyfloat),      \
        H(info), H(intercard), H(keys), H(lcs), H(lindex), H(linsert), H(lmove), H(lpos),          \
        H(lrange), H(lrem), H(lset), H(ltrim), H(memory_stats), H(memory_usage), H(mget), H(mset), \
        H(object_encoding), H(object_freq), H(object_idletime), H(object_refcount), H(persist),    \
        H(pfadd), H(pfcount), H(pfmerge), H(ping), H(pop), H(pop_first), H(push), H(randmember),   \
        H(randomkey), H(remove_items), H(rename), H(restore), H(sadd), H(scan), H(scan_items),     \
        H(set), H(set_algebra), H(setbit), H(setex), H(setnx), H(setrange), H(smove), H(sort),     \
        H(sorted_algebra), H(spop), H(strlen), H(throttle), H(ttl), H(type), H(zadd), H(zrange),   \
        H(zrank)

#define NAME(name) cmd_##name
command_handler HANDLERS(NAME);

/* Redis's names of value types, in the order of enum value_type. */
#define TYPE_WORDS "string string string list set zset hash"

#endif
