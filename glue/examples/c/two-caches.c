/* Two caches in one program, each in a buffer of its own: pages, which may be evicted, and
 * sessions, which may not be. All the memory they will ever use is theirs from the start. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ferrite.h"

enum { PAGES_BYTES = 8 << 20, SESSIONS_BYTES = 1 << 20 };

static _Alignas(64) unsigned char pages_arena[PAGES_BYTES], sessions_arena[SESSIONS_BYTES];

static double now_ms(void) {
    struct timespec now;
    timespec_get(&now, TIME_UTC);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Runs a line of a command and prints the reply, in as many pieces as it comes in. */
static void run(struct ferrite *cache, const char *line) {
    struct ferrite_io *io = ferrite_io(cache);
    size_t bytes = strlen(line);
    if (ferrite_request(cache, bytes, now_ms()) != FERRITE_OK) return;
    memcpy(io->request, line, bytes);
    enum ferrite_status status = ferrite_run(cache, 0, bytes, FERRITE_RESP2, now_ms());
    fwrite(io->data, 1, io->data_bytes, stdout);
    while (status == FERRITE_MORE) {
        status = ferrite_more(cache);
        fwrite(io->data, 1, io->data_bytes, stdout);
    }
}

int main(void) {
    struct ferrite *pages = (struct ferrite *)pages_arena;
    struct ferrite *sessions = (struct ferrite *)sessions_arena;
    /* In earnest the last four are 128 bits from the system's random source. */
    if (ferrite_init(pages, PAGES_BYTES, FERRITE_ALLKEYS_LRU, 1, 2, 3, 4) != FERRITE_OK) return 1;
    if (ferrite_init(sessions, SESSIONS_BYTES, FERRITE_NOEVICTION, 5, 6, 7, 8) != FERRITE_OK)
        return 1;
    run(pages, "SET page:/ <h1>Hello</h1> EX 60\r\n");
    run(sessions, "HSET session:42 user ada cart 3\r\n");
    run(pages, "GET page:/\r\n");
    run(sessions, "HGETALL session:42\r\nEXISTS page:/\r\n");
    return 0;
}
