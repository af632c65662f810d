/*
 * A client of one cache: commands in, replies out, as a host does it. Arguments are C strings, or
 * slices where they hold any bytes.
 */
#ifndef FERRITE_CLIENT_H
#define FERRITE_CLIENT_H

#include <stdarg.h>

#include "check.h"

enum { ARGS_MAX = 64, REPLY_MAX = 1 << 20 };

static i64 now_ms = 1790000000000;
/* What the last command was answered; a NUL follows. What is beyond REPLY_MAX is only counted. */
static char reply_text[REPLY_MAX + 1];
static size_t reply_bytes;

static inline void take_piece(const struct ferrite_io *io) {
    size_t room = REPLY_MAX - min_u32((u32)reply_bytes, REPLY_MAX);
    size_t fits = io->data_bytes < room ? io->data_bytes : room;
    if (fits) memcpy(reply_text + reply_bytes, io->data, fits);
    reply_bytes += io->data_bytes;
    reply_text[reply_bytes < REPLY_MAX ? reply_bytes : REPLY_MAX] = 0;
}

/* The reply, or NULL if there is no memory for a window that holds the request. */
static inline const char *ask_slices(struct ferrite *cache, u32 count, const struct slice *args) {
    struct ferrite_io *io = ferrite_io(cache);
    size_t bytes = 16;
    for (u32 i = 0; i < count; i++) bytes += 16 + args[i].len;
    if (bytes > io->request_capacity && ferrite_request(cache, bytes, (double)now_ms) != FERRITE_OK)
        return NULL;
    char *at = (char *)io->request;
    at += sprintf(at, "*%u\r\n", count);
    for (u32 i = 0; i < count; i++) {
        at += sprintf(at, "$%u\r\n", args[i].len);
        if (args[i].len) memcpy(at, args[i].bytes, args[i].len);
        at += args[i].len;
        at += sprintf(at, "\r\n");
    }
    bytes = (size_t)(at - (char *)io->request);
    reply_bytes = 0;
    enum ferrite_status status = ferrite_run(cache, 0, bytes, FERRITE_RESP2, (double)now_ms);
    for (take_piece(io); status == FERRITE_MORE; take_piece(io)) status = ferrite_more(cache);
    CHECK(status == FERRITE_OK && io->consumed_bytes == bytes);
    CHECK(!poison_shows((const u8 *)reply_text, reply_bytes < REPLY_MAX ? reply_bytes : REPLY_MAX));
    return reply_text;
}

/* The same with C strings; NULL ends them. */
static inline const char *ask(struct ferrite *cache, ...) {
    struct slice args[ARGS_MAX];
    u32 count = 0;
    const char *arg;
    va_list list;
    va_start(list, cache);
    while ((arg = va_arg(list, const char *)) != NULL) {
        CHECK(count < ARGS_MAX);
        args[count++] = (struct slice){(const u8 *)arg, (u32)strlen(arg)};
    }
    va_end(list);
    return ask_slices(cache, count, args);
}

static inline bool replied(const char *text, const char *expected) {
    return text && strcmp(text, expected) == 0;
}

#endif
