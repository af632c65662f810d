/*
 * A guest of Fastly Compute that plays the cases: the tables are the body of the request that its
 * sandbox was started for, and what the player prints is the body of the answer.
 */
#define _POSIX_C_SOURCE 200809L /* streams in memory */
#include <stdio.h>

#include "fastly.h"

static FILE *tables, *answer;

#undef stdin
#define stdin tables
#define printf(...) fprintf(answer, __VA_ARGS__)
#define main play
#include "../../cases/play.c"
#undef main

static FILE *open_body(uint32_t body) {
    static struct bytes text;
    static uint8_t piece[65536];
    size_t got = 1;
    while (fastly_body_read(body, piece, sizeof piece, &got) == FASTLY_OK && got > 0)
        append(&text, piece, got);
    return fmemopen(text.at, text.len, "r");
}

static void send(const char *text, size_t len) {
    uint32_t response, body;
    fastly_response_new(&response);
    fastly_body_new(&body);
    for (size_t at = 0, written = 0; at < len; at += written)
        if (fastly_body_write(body, (const uint8_t *)text + at, len - at, FASTLY_BODY_WRITE_BACK,
                              &written) != FASTLY_OK)
            return;
    fastly_send_downstream(response, body, 0);
}

int main(void) {
    uint32_t request, body;
    char *text;
    size_t len;
    if (fastly_body_downstream_get(&request, &body) != FASTLY_OK) return 1;
    tables = open_body(body);
    answer = open_memstream(&text, &len);
    if (!tables || !answer) return 1;
    play();
    fclose(answer);
    send(text, len);
    return 0;
}
