/*
 * Plays the tables of cases on standard input (play.mjs says what is in them) through
 * include/ferrite.h alone: natively, in a guest of a wasm host, or in a host of ferrite.wasm that
 * has functions of these names. The last line it prints is
 *
 *     {"passed":N,"failed":N,"instantiateMs":T,"firstRequestMs":T}
 *
 * with the time that the first ferrite_init and the first request took.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ferrite.h"

enum { WINDOW_BYTES = 2048 }; /* that the request window always has */

struct bytes {
    uint8_t *at;
    size_t len, capacity;
};

static struct ferrite *cache;
static double now_ms;
static uint32_t form = FERRITE_RESP2;
static struct bytes connection; /* what has come over it and is not done */
static struct bytes reply, expected;
static bool closes; /* the connection, behind the reply */
static int passed, failed;
static double instantiate_ms, first_request_ms;

static _Noreturn void give_up(const char *why) {
    printf("play: %s\n", why);
    exit(2);
}

static double clock_ms(void) {
    struct timespec time;
    timespec_get(&time, TIME_UTC);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

/* --- bytes ------------------------------------------------------------------------------------ */

static void append(struct bytes *to, const void *bytes, size_t len) {
    if (to->capacity < to->len + len) {
        to->capacity = 2 * (to->len + len);
        to->at = realloc(to->at, to->capacity);
        if (!to->at) give_up("no memory");
    }
    if (len) memcpy(to->at + to->len, bytes, len);
    to->len += len;
}

static uint8_t hex(char digit) {
    return (uint8_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

static void append_unescaped(struct bytes *to, const char *at, const char *end) {
    while (at < end) {
        char byte = *at++;
        if (byte == '\\') {
            byte = *at++;
            if (byte == 'r') byte = '\r';
            if (byte == 'n') byte = '\n';
            if (byte == 'x') {
                byte = (char)(hex(at[0]) << 4 | hex(at[1]));
                at += 2;
            }
        }
        append(to, &byte, 1);
    }
}

static void append_text(struct bytes *to, const char *text) {
    append(to, text, strlen(text));
}

static void append_header(struct bytes *to, char kind, size_t count) {
    char line[32];
    append(to, line, (size_t)snprintf(line, sizeof line, "%c%zu\r\n", kind, count));
}

static void append_bulk(struct bytes *to, const void *bytes, size_t len) {
    append_header(to, '$', len);
    append(to, bytes, len);
    append_text(to, "\r\n");
}

/* --- words ------------------------------------------------------------------------------------ */

/* The next word of a line, in place of the one before; `at` is behind it then. */
static void read_word(const char **at, const char *end, struct bytes *word) {
    const char *word_end = memchr(*at, ' ', (size_t)(end - *at));
    if (!word_end) word_end = end;
    word->len = 0;
    if (word_end - *at != 2 || memcmp(*at, "\"\"", 2) != 0) append_unescaped(word, *at, word_end);
    *at = word_end < end ? word_end + 1 : end;
}

static bool is(const struct bytes *word, const char *text) {
    return word->len == strlen(text) && memcmp(word->at, text, word->len) == 0;
}

static double read_number(const char **at, const char *end) {
    static struct bytes word;
    read_word(at, end, &word);
    append(&word, "", 1);
    return strtod((const char *)word.at, NULL);
}

/* The words of a line as a request of RESP. */
static void append_request(struct bytes *to, const char *at, const char *end) {
    static struct bytes word;
    size_t words = 1;
    for (const char *c = at; c < end; c++) words += *c == ' ';
    append_header(to, '*', words);
    while (words--) {
        read_word(&at, end, &word);
        append_bulk(to, word.at, word.len);
    }
}

/* --- the cache -------------------------------------------------------------------------------- */

static void make_cache(double budget_bytes, const char *policy) {
    static const char *const names[] = {"noeviction",
                                        "allkeys-lru",
                                        "allkeys-lfu",
                                        "allkeys-random",
                                        "volatile-lru",
                                        "volatile-lfu",
                                        "volatile-random",
                                        "volatile-ttl",
                                        "allkeys-adaptive",
                                        "volatile-adaptive",
                                        "allkeys-adaptive-bytes",
                                        "volatile-adaptive-bytes"};
    uint32_t number = 0;
    while (strcmp(names[number], policy) != 0)
        if (++number == sizeof names / sizeof *names) give_up(policy);
    free(cache);
    cache = aligned_alloc(64, (size_t)budget_bytes);
    if (!cache) give_up("no memory");
    connection.len = 0;
    double began = clock_ms();
    if (ferrite_init(cache, budget_bytes, number, 1, 2, 3, 4) != FERRITE_OK)
        give_up("ferrite_init");
    if (instantiate_ms == 0) instantiate_ms = clock_ms() - began;
}

/* What a call comes to, as a reply. */
static void answer_status(enum ferrite_status status) {
    if (status == FERRITE_OK)
        append_text(&reply, "+OK\r\n");
    else if (status == FERRITE_ABSENT)
        append_text(&reply, "$-1\r\n");
    else if (status == FERRITE_WRONG_TYPE)
        append_text(&reply,
                    "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n");
    else if (status == FERRITE_NO_MEMORY || status == FERRITE_TOO_LARGE)
        append_text(&reply, "-OOM command not allowed when used memory > 'maxmemory'.\r\n");
    else
        give_up("a call was refused");
}

/* Into the request window, made larger if need be; false: there is no room, which is the reply. */
static bool fill_window(const void *bytes, size_t len) {
    enum ferrite_status status = FERRITE_OK;
    if (len > ferrite_io(cache)->request_capacity) status = ferrite_request(cache, len, now_ms);
    if (status != FERRITE_OK) {
        answer_status(status);
        return false;
    }
    if (len) memcpy(ferrite_io(cache)->request, bytes, len);
    return true;
}

static void run_connection(void) {
    size_t done = connection.len;
    if (fill_window(connection.at, connection.len)) {
        enum ferrite_status status = ferrite_run(cache, 0, connection.len, form, now_ms);
        for (;; status = ferrite_more(cache)) {
            const struct ferrite_io *io = ferrite_io(cache);
            append(&reply, io->data, io->data_bytes);
            if (status != FERRITE_MORE) break;
        }
        if (status != FERRITE_OK && status != FERRITE_PROTOCOL) give_up("ferrite_run");
        closes = status == FERRITE_PROTOCOL;
        if (!closes) done = ferrite_io(cache)->consumed_bytes;
    }
    connection.len -= done;
    memmove(connection.at, connection.at + done, connection.len);
}

static void call_get(const char *at, const char *end) {
    static struct bytes key;
    read_word(&at, end, &key);
    if (!fill_window(key.at, key.len)) return;
    enum ferrite_status status = ferrite_get(cache, key.len, now_ms);
    if (status != FERRITE_OK)
        answer_status(status);
    else
        append_bulk(&reply, ferrite_io(cache)->data, ferrite_io(cache)->data_bytes);
}

/* A long value goes straight into its place. */
static enum ferrite_status set_long(size_t key_bytes, const struct bytes *value, uint32_t flags,
                                    double expiry_ms) {
    enum ferrite_status status =
        ferrite_reserve(cache, key_bytes, value->len, flags, expiry_ms, now_ms);
    if (status != FERRITE_OK) return status;
    memcpy((uint8_t *)ferrite_io(cache)->data, value->at, value->len);
    return ferrite_commit(cache, now_ms);
}

static void call_set(const char *at, const char *end) {
    static struct bytes key, value, option;
    uint32_t flags = 0;
    double expiry_ms = 0;
    read_word(&at, end, &key);
    read_word(&at, end, &value);
    while (at < end) {
        read_word(&at, end, &option);
        if (is(&option, "NX")) flags |= FERRITE_NX;
        if (is(&option, "XX")) flags |= FERRITE_XX;
        if (is(&option, "KEEPTTL")) flags |= FERRITE_KEEP_TTL;
        if (is(&option, "PXAT")) flags |= FERRITE_EXPIRE_AT;
        if (is(&option, "PX") || is(&option, "PXAT")) expiry_ms = read_number(&at, end);
        if (is(&option, "EX")) expiry_ms = 1000 * read_number(&at, end);
    }
    size_t key_bytes = key.len;
    bool is_long = key.len + value.len > WINDOW_BYTES;
    if (!is_long) append(&key, value.at, value.len);
    if (!fill_window(key.at, key.len)) return;
    if (is_long)
        answer_status(set_long(key_bytes, &value, flags, expiry_ms));
    else
        answer_status(ferrite_set(cache, key_bytes, value.len, flags, expiry_ms, now_ms));
}

static void call_changes(bool keep) {
    static const char *const names[] = {"changed", "expired", "evicted"};
    if (ferrite_changes(cache, keep) == FERRITE_LOST) {
        append_text(&reply, "*-1\r\n");
        return;
    }
    static struct bytes pairs;
    pairs.len = 0;
    size_t words = 0;
    const struct ferrite_io *io = ferrite_io(cache);
    const uint8_t *at = io->data, *end = at + io->data_bytes;
    for (uint32_t head; at < end; at += head >> 8, words += 2) {
        memcpy(&head, at, sizeof head);
        at += sizeof head;
        append_bulk(&pairs, names[head & 255], strlen(names[head & 255]));
        append_bulk(&pairs, at, head >> 8);
    }
    append_header(&reply, '*', words);
    append(&reply, pairs.at, pairs.len);
}

static void call(const char *at, const char *end) {
    static struct bytes name;
    read_word(&at, end, &name);
    if (is(&name, "GET"))
        call_get(at, end);
    else if (is(&name, "SET"))
        call_set(at, end);
    else if (is(&name, "CHANGES"))
        call_changes(read_number(&at, end) != 0);
    else if (is(&name, "TICK"))
        append_text(&reply, ferrite_tick(cache, now_ms) == FERRITE_MORE ? ":1\r\n" : ":0\r\n");
    else
        give_up("there is no such call");
}

/* --- the table -------------------------------------------------------------------------------- */

static void ask(const char *line, const char *end) {
    double began = clock_ms();
    reply.len = 0;
    closes = false;
    if (line[0] == 'c') {
        call(line + 5, end);
    } else {
        if (line[1] == '>')
            append_unescaped(&connection, line + 3, end);
        else
            append_request(&connection, line + 2, end);
        run_connection();
    }
    if (first_request_ms == 0) first_request_ms = clock_ms() - began;
}

static void compare_reply(const char *at, const char *end, int number) {
    bool expected_close = *at == '/';
    at += expected_close;
    expected.len = 0;
    append_unescaped(&expected, at + (at < end), end);
    if (reply.len == expected.len && closes == expected_close &&
        memcmp(reply.at, expected.at, reply.len) == 0) {
        passed++;
    } else {
        failed++;
        printf("line %d: %.*s%s instead of %.*s\n", number, (int)reply.len, (const char *)reply.at,
               closes ? " and the end" : "", (int)expected.len, (const char *)expected.at);
    }
}

static void play_line(char *line, const char *end, int number) {
    char policy[32];
    double bytes;
    if (line[0] == '>' || strncmp(line, "call ", 5) == 0)
        ask(line, end);
    else if (line[0] == '<')
        compare_reply(line + 1, end, number);
    else if (sscanf(line, "cache %lf %31s", &bytes, policy) == 2)
        make_cache(bytes, policy);
    else if (sscanf(line, "at %lf", &now_ms) == 1)
        return;
    else if (sscanf(line, "resp%u", &form) == 1)
        return;
    else if (line[0] != '#' && line != end)
        give_up(line);
}

int main(void) {
    static char chunk[65536];
    static struct bytes text;
    for (size_t len; (len = fread(chunk, 1, sizeof chunk, stdin)) > 0;) append(&text, chunk, len);
    append(&text, "", 1);
    int number = 1;
    for (char *line = (char *)text.at, *end; *line; line = end + 1, number++) {
        end = strchr(line, '\n');
        if (!end) give_up("the last line does not end");
        *end = 0;
        play_line(line, end, number);
    }
    printf("{\"passed\":%d,\"failed\":%d,\"instantiateMs\":%.3f,\"firstRequestMs\":%.3f}\n", passed,
           failed, instantiate_ms, first_request_ms);
    return failed > 0 || passed == 0;
}
