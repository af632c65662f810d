/*
 * Requests: finding one in a run of bytes, and walking its arguments without copying or allocating.
 *
 * A request is a RESP array of bulk strings, or an inline command: a line of words. An argument is
 * a slice of the request window. The first few are remembered; the ones behind are found by
 * stepping over those before, with a cursor, so that reading in order is linear.
 */
#ifndef FERRITE_REQUEST_H
#define FERRITE_REQUEST_H

#include "base/base.h"

enum { REQUEST_REMEMBERED = 24 };
enum { STRING_MAX = 512 << 20 }; /* bytes of the longest string: Redis's proto-max-bulk-len */

/* One complete request. Its slices live as long as the window's bytes. */
struct request {
    u32 count; /* arguments, the command's name included; 0: an empty request, to be skipped */
    u32 bytes; /* that it took */
    bool is_inline;
    const u8 *far_args; /* where the arguments that are not remembered begin */
    const u8 *cursor;   /* where argument `cursor_index`, not a remembered one, begins */
    u32 cursor_index;
    struct slice far;    /* the argument that request_at found last, if not a remembered one */
    char error_text[24]; /* for an error that quotes the request */
    struct slice first[REQUEST_REMEMBERED];
};

enum parse_status { PARSE_OK, PARSE_INCOMPLETE, PARSE_MALFORMED };

/*
 * Parses the request at the start of `bytes`, in time linear in what it takes of them.
 *   PARSE_OK          *request is filled
 *   PARSE_INCOMPLETE  more bytes could complete it: call again with all of them
 *   PARSE_MALFORMED   never will; *error is Redis's text after "ERR Protocol error: ", good until
 *                     the next call with this request
 * An inline command's quotes and escapes are resolved in place: its line in `bytes` is written to,
 * once it is complete.
 */
enum parse_status request_parse(struct request *request, u8 *bytes, u32 len, struct slice *error);

/* Argument `index`, counted from the command's name (0). index < request->count. Good until the
 * next call. */
const struct slice *request_at(struct request *request, u32 index);

#endif
