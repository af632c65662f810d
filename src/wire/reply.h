/*
 * Replies, RESP2 and RESP3, into a bounded window.
 *
 * Before a command runs, the window has REPLY_ROOM bytes free. A handler may write that much in
 * small pieces, and after it ONE string of any length, or ONE stream; both come last. What does not
 * fit leaves in the next pieces: the rest of a string is copied from where it lies (nothing moves
 * while a reply is being drained), and a stream is a function called again for each of its items.
 */
#ifndef FERRITE_REPLY_H
#define FERRITE_REPLY_H

#include "base/base.h"

enum { REPLY_ROOM = 2048 }; /* bytes; a window is at least one and a half times that */

struct call; /* the command being executed, cmd/command.h */

/* Writes the next item of a streamed reply: at most REPLY_ROOM bytes and one string of any length;
 * and more of them, as long as reply_may_go_on. False when it is not to be called again, though it
 * may have written something even then. Which item is next, and whatever else it needs, is in
 * call->state; arguments may be read again. */
typedef bool reply_stream(struct call *call);

struct reply {
    u8 *window;
    u32 capacity;
    u32 used;
    u32 form; /* 2 or 3 */

    bool rest_pending; /* a string is still to be copied, then its tail and "\r\n" */
    bool rest_is_line; /* it is part of an error */
    bool rest_is_part; /* of a bulk: more of that follows, so no "\r\n" */
    struct slice rest, tail;

    reply_stream *next; /* NULL: no stream */
};

/* REPLY_ROOM bytes to use for anything until the reply is begun. */
static inline u8 *reply_room(const struct reply *reply) {
    return reply->window + reply->used;
}

/* May a stream write another item in the same call? */
HOT_INLINE bool reply_may_go_on(const struct reply *reply) {
    return !reply->rest_pending && reply->capacity - reply->used >= REPLY_ROOM;
}

/* Lines. */
void reply_simple(struct reply *reply, struct slice text); /* +text */
void reply_integer(struct reply *reply, i64 value);        /* :value */
void reply_null(struct reply *reply);                      /* $-1, or _ in RESP3 */
void reply_null_array(struct reply *reply);                /* *-1, or _ in RESP3 */
void reply_ok(struct reply *reply);                        /* +OK */

/* What `count` items follow: pairs, for a map. */
void reply_array(struct reply *reply, u32 count); /* *count */
void reply_map(struct reply *reply, u32 count);   /* *2count, or %count */
void reply_set(struct reply *reply, u32 count);   /* *count, or ~count */

/* A string of any length, whose bytes stay where they are until the reply is drained. */
void reply_bulk(struct reply *reply, struct slice bytes);    /* $len bytes */
void reply_verbatim(struct reply *reply, struct slice text); /* $len text, or =len txt:text */

/* A bulk in parts: its length first; what comes last brings the "\r\n" along. */
void reply_bulk_head(struct reply *reply, i64 len);
void reply_bulk_part(struct reply *reply, struct slice bytes); /* of any length, as in reply_bulk */

/* A score, or another number that is printed: ,value, or a bulk in RESP2. */
void reply_digits(struct reply *reply, struct slice digits);
void reply_double(struct reply *reply, double value);

/* -text, which begins with the error's code. A NUL ends it, line breaks in it become blanks and at
 * its end nothing, as in Redis. */
void reply_error(struct reply *reply, struct slice text);
/* -ERR before quoted after. `quoted` may be of any length and content; the same becomes of it. */
void reply_error_quoting(struct reply *reply, const char *before, struct slice quoted,
                         const char *after);

/* Streams the items that `next` writes; a header such as reply_array's comes before. */
void reply_stream_items(struct reply *reply, reply_stream *next);

/* Copies pending bytes and calls the stream until the window has no room or all is written.
 * True when nothing is pending. `call` is the one this reply answers. */
bool reply_drain(struct reply *reply, struct call *call);

#endif
