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

struct bytes {
    uint8_t *at;
    size_t len, capacity;
};

static struct ferrite *cache;
static double now_ms;
static uint32_t form = FERRITE_RESP2;
static struct bytes request, reply, expected;
static int passed, failed;
static double instantiate_ms, first_request_ms;

static const char OUT_OF_MEMORY[] = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";

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

static void append_header(struct bytes *to, char kind, size_t count) {
    char line[32];
    append(to, line, (size_t)snprintf(line, sizeof line, "%c%zu\r\n", kind, count));
}

/* The words of a line as a request of RESP. */
static void make_request(const char *at, const char *end) {
    static struct bytes word;
    size_t words = 1;
    for (const char *c = at; c < end; c++) words += *c == ' ';
    request.len = 0;
    append_header(&request, '*', words);
    while (words--) {
        const char *word_end = memchr(at, ' ', (size_t)(end - at));
        if (!word_end) word_end = end;
        word.len = 0;
        if (word_end - at != 2 || memcmp(at, "\"\"", 2) != 0) append_unescaped(&word, at, word_end);
        append_header(&request, '$', word.len);
        append(&request, word.at, word.len);
        append(&request, "\r\n", 2);
        at = word_end + 1;
    }
}

/* --- the cache -------------------------------------------------------------------------------- */

static void make_cache(double budget_bytes, const char *policy) {
    static const char *const names[] = {"noeviction",      "allkeys-lru",  "allkeys-lfu",
                                        "allkeys-random",  "volatile-lru", "volatile-lfu",
                                        "volatile-random", "volatile-ttl"};
    uint32_t number = 0;
    while (strcmp(names[number], policy) != 0)
        if (++number == sizeof names / sizeof *names) give_up(policy);
    free(cache);
    cache = aligned_alloc(64, (size_t)budget_bytes);
    if (!cache) give_up("no memory");
    double began = clock_ms();
    if (ferrite_init(cache, budget_bytes, number, 1, 2, 3, 4) != FERRITE_OK)
        give_up("ferrite_init");
    if (instantiate_ms == 0) instantiate_ms = clock_ms() - began;
}

static void answer_request(void) {
    enum ferrite_status status = FERRITE_OK;
    reply.len = 0;
    if (request.len > ferrite_io(cache)->request_capacity)
        status = ferrite_request(cache, request.len, now_ms);
    if (status != FERRITE_OK) {
        append(&reply, OUT_OF_MEMORY, sizeof OUT_OF_MEMORY - 1);
        return;
    }
    memcpy(ferrite_io(cache)->request, request.at, request.len);
    status = ferrite_run(cache, 0, request.len, form, now_ms);
    for (;; status = ferrite_more(cache)) {
        const struct ferrite_io *io = ferrite_io(cache);
        append(&reply, io->data, io->data_bytes);
        if (status != FERRITE_MORE) break;
    }
    if (status != FERRITE_OK) give_up("ferrite_run");
}

/* --- the table -------------------------------------------------------------------------------- */

static void play_request(const char *at, const char *end) {
    make_request(at, end);
    double began = clock_ms();
    answer_request();
    if (first_request_ms == 0) first_request_ms = clock_ms() - began;
}

static void compare_reply(const char *at, const char *end, int number) {
    expected.len = 0;
    append_unescaped(&expected, at, end);
    if (reply.len == expected.len && memcmp(reply.at, expected.at, reply.len) == 0) {
        passed++;
    } else {
        failed++;
        printf("line %d: %.*s instead of %.*s\n", number, (int)reply.len, (const char *)reply.at,
               (int)expected.len, (const char *)expected.at);
    }
}

static void play_line(char *line, const char *end, int number) {
    char policy[32];
    double bytes;
    if (line[0] == '>')
        play_request(line + 2, end);
    else if (line[0] == '<')
        compare_reply(line + 2, end, number);
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
