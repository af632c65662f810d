/*
 * The request parser: RESP arrays, and inline commands for telnet and the impatient.
 *
 * It asks of a request what Redis asks and no more (the "\r\n" behind a bulk is not looked at), and
 * refuses what Redis refuses in its words, in its order. An inline command is Redis's, with two
 * differences: a NUL is a byte like any other, and a line of more than 64 KiB is refused even if
 * its end has arrived.
 *
 * Words of an inline command are not collected anywhere: the line itself becomes the list. A plain
 * word stays as it is, up to the blank behind it. One with quotes sheds at least the two of them,
 * and with the blank that makes room for a mark and a length:
 *
 *     SET  "a \"b\""  EX 9\n        as it came: a word of 9 bytes that means 5
 *     SET  "nnA "B"   EX 9\n        as it is kept: '"', u16 length, the bytes A blank "B", blanks
 *
 * No plain word starts with a quote, so the first byte tells which of the two it is.
 */
#include "wire/request.h"
#include "base/decimal.h"

enum { LINE_MAX = 64 << 10 }; /* bytes of a line, be it an inline command or a count */

_Static_assert(LINE_MAX - 2 <= UINT16_MAX, "a quoted word's length fits in a u16");

struct reader {
    u8 *at;
    const u8 *end;
    struct request *request;
    struct slice *error;
    enum parse_status status; /* of what take_odd_count could not take, */
    u32 count;                /* and what it took */
};

static enum parse_status malformed(struct reader *reader, const char *text) {
    *reader->error = string_slice(text);
    return PARSE_MALFORMED;
}

/* --- RESP ------------------------------------------------------------------------------------- */

/* "*<count>\r\n" or "$<count>\r\n" */
struct count_line {
    u8 mark;
    u32 most;
    const char *too_long, *invalid;
};

static const struct count_line array_line = {'*', INT32_MAX, "too big mbulk count string",
                                             "invalid multibulk length"};
static const struct count_line bulk_line = {'$', STRING_MAX, "too big bulk count string",
                                            "invalid bulk length"};

static enum parse_status not_a_bulk(struct reader *reader, u8 first) {
    char *text = reader->request->error_text;
    __builtin_memcpy(text, "expected '$', got 'x'", 22);
    text[19] = (char)first;
    return malformed(reader, text);
}

/* Any line that cannot be read at a glance: cut off, hostile or wrong. Returns where it ends, NULL
 * if there is no more to be read. */
COLD static u8 *take_odd_count(struct reader *reader, u8 *start, const struct count_line *line) {
    u32 len = (u32)(reader->end - start), i = 0, seen = min_u32(len, LINE_MAX + 1);
    i64 count;
    while (i < seen && start[i] != '\r') i++;
    reader->status = PARSE_INCOMPLETE;
    if (i == seen && len > LINE_MAX) {
        reader->status = malformed(reader, line->too_long);
    } else if (i + 1 < len && *start != line->mark) {
        reader->status = not_a_bulk(reader, *start);
    } else if (i + 1 < len) {
        bool valid = integer_parse((struct slice){start + 1, i - 1}, &count);
        if (valid && count < 0 && line->mark == '*') count = 0; /* as good as none */
        if (valid && count >= 0 && count <= line->most) {
            reader->count = (u32)count;
            return start + i + 2;
        }
        reader->status = malformed(reader, line->invalid);
    }
    return NULL;
}

/* Reads the line of a count at `at`, and returns where it ends; NULL if it is not read at a glance.
 */
HOT_INLINE u8 *glance_count(u8 *at, const u8 *end, u8 mark, u32 *count) {
    enum { DIGITS = 6 };
    if (end - at <= DIGITS + 2) return NULL;
    /* "$3\r\n", as of most commands' names */
    u32 word = load32(at) - ((u32)mark | '0' << 8 | '\r' << 16 | '\n' << 24);
    if (LIKELY(word % 256 == 0 && word < 10 * 256)) {
        *count = word >> 8;
        return at + 4;
    }
    if (*at++ != mark || *at == '0') return NULL;
    u32 value = 0;
    u8 *start = at, *stop = at + DIGITS;
    for (; at != stop && (u8)(*at - '0') < 10; at++) value = value * 10 + (u8)(*at - '0');
    *count = value;
    return *at == '\r' && at != start ? at + 2 : NULL;
}

/* The same in any case. */
HOT_INLINE u8 *take_count(struct reader *reader, u8 *at, const struct count_line *line,
                          u32 *count) {
    u8 *next = glance_count(at, reader->end, line->mark, count);
    if (LIKELY(next != NULL)) return next;
    next = take_odd_count(reader, at, line);
    *count = reader->count;
    return next;
}

static enum parse_status parse_array(struct reader *reader) {
    struct request *request = reader->request;
    const u8 *end = reader->end;
    u32 count, size;
    u8 *at = take_count(reader, reader->at, &array_line, &count);
    request->count = count;
    request->is_inline = false;
    for (u32 i = 0; at && i < count; i++) {
        if (i == REQUEST_REMEMBERED) request->far_args = at;
        at = take_count(reader, at, &bulk_line, &size);
        if (!at) break;
        if ((u32)(end - at) < size + 2) return PARSE_INCOMPLETE;
        if (i < REQUEST_REMEMBERED) request->first[i] = (struct slice){at, size};
        at += size + 2;
    }
    if (!at) return reader->status;
    reader->at = at;
    return PARSE_OK;
}

/* Reads the bulk at `at`, which was found good before; returns where the next one is. */
static const u8 *next_bulk(const u8 *at, struct slice *bulk) {
    u32 len = 0;
    for (at++; *at != '\r'; at++) len = len * 10 + (u8)(*at - '0');
    *bulk = (struct slice){at + 2, len};
    return at + 2 + len + 2;
}

/* --- inline commands -------------------------------------------------------------------------- */

static bool is_blank(u8 byte) {
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* Some blanks are part of a word once it has begun. */
static bool ends_word(u8 byte) {
    return is_blank(byte) && byte != '\v' && byte != '\f';
}

/* The byte a backslash at `at` stands for in double quotes; *at is left on the last one used. */
static u8 take_escape(u8 **at, const u8 *end) {
    static const u8 letters[] = "nrtba", meanings[] = "\n\r\t\b\a";
    u8 *next = *at + 1;
    if (*next == 'x' && end - next > 2 && hex_digit(next[1]) < 16 && hex_digit(next[2]) < 16) {
        *at = next + 2;
        return (u8)(hex_digit(next[1]) << 4 | hex_digit(next[2]));
    }
    *at = next;
    for (u32 i = 0; letters[i]; i++)
        if (*next == letters[i]) return meanings[i];
    return *next;
}

/* Resolves the word at `at`, which a blank or `end` ends, and returns where to go on, which may be
 * one behind the end; NULL if its quotes are not balanced. */
COLD static u8 *resolve_word(u8 *at, const u8 *end) {
    u8 *start = at, *to = at, quote = 0;
    bool quoted = false;
    for (; at != end && (quote || !ends_word(*at)); at++) {
        if (!quote && (*at == '"' || *at == '\'')) {
            quote = *at;
            quoted = true;
        } else if (quote && *at == quote) {
            quote = 0;
            at++;
            if (at != end && !is_blank(*at)) return NULL;
            break;
        } else if (quote == '"' && *at == '\\' && at + 1 != end) {
            *to++ = take_escape(&at, end);
        } else if (quote == '\'' && *at == '\\' && at + 1 != end && at[1] == '\'') {
            *to++ = *++at;
        } else {
            *to++ = *at;
        }
    }
    if (quote) return NULL;
    if (quoted) {
        u32 len = (u32)(to - start);
        __builtin_memmove(start + 3, start, len);
        *start = '"';
        store16(start + 1, (u16)len);
        for (to = start + 3 + len; to <= at; to++) *to = ' ';
        at = to;
    }
    return at;
}

/* Reads the word at `at` or behind the blanks there, as resolve_word left it; returns where it
 * ends. */
static const u8 *next_word(const u8 *at, struct slice *word) {
    while (is_blank(*at)) at++;
    word->bytes = at;
    if (*at == '"') {
        word->bytes = at + 3;
        at += 3 + load16(at + 1);
    } else {
        while (!ends_word(*at)) at++;
    }
    word->len = (u32)(at - word->bytes);
    return at;
}

COLD static enum parse_status parse_line(struct reader *reader) {
    u8 *at = reader->at;
    u32 len = (u32)(reader->end - at), line = 0, seen = min_u32(len, LINE_MAX + 1);
    while (line < seen && at[line] != '\n') line++;
    if (line == seen) {
        return len > LINE_MAX ? malformed(reader, "too big inline request") : PARSE_INCOMPLETE;
    }
    struct request *request = reader->request;
    const u8 *end = at + line, *words = at;
    request->count = 0;
    request->is_inline = true;
    while (at < end) {
        if (is_blank(*at)) {
            at++;
            continue;
        }
        at = resolve_word(at, end);
        if (!at) return malformed(reader, "unbalanced quotes in request");
        request->count++;
    }
    reader->at += line + 1;
    for (u32 i = 0; i < min_u32(request->count, REQUEST_REMEMBERED); i++)
        words = next_word(words, &request->first[i]);
    request->far_args = words;
    return PARSE_OK;
}

/* --- both ------------------------------------------------------------------------------------- */

enum parse_status request_parse(struct request *request, u8 *bytes, u32 len, struct slice *error) {
    if (len == 0) return PARSE_INCOMPLETE;
    struct reader reader = {.at = bytes, .end = bytes + len, .request = request, .error = error};
    enum parse_status status = *bytes == '*' ? parse_array(&reader) : parse_line(&reader);
    if (status != PARSE_OK) return status;
    request->bytes = (u32)(reader.at - bytes);
    request->cursor_index = UINT32_MAX;
    return PARSE_OK;
}

COLD const struct slice *request_at(struct request *request, u32 index) {
    struct slice *far = &request->far;
    ASSERT(index < request->count);
    if (index < REQUEST_REMEMBERED) return &request->first[index];
    if (index + 1 == request->cursor_index) return far;
    if (index < request->cursor_index) {
        request->cursor = request->far_args;
        request->cursor_index = REQUEST_REMEMBERED;
    }
    do request->cursor = (request->is_inline ? next_word : next_bulk)(request->cursor, far);
    while (request->cursor_index++ != index);
    return far;
}
