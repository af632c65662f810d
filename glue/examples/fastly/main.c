/*
 * A Fastly Compute service: pages of an origin, kept for a minute in a cache inside the sandbox.
 *
 * A sandbox serves one request and is gone, unless it asks for the next (serve, below): only then
 * is there ever a HIT. There is no libc; the cache lives in an arena of static memory.
 */
#include <stdbool.h>

#include "fastly.h"
#include "ferrite.h"

enum { CACHE_BYTES = 64 << 20 }; /* of the 128 MB that a sandbox has */
enum { PAGE_BYTES_MOST = 1 << 20, URI_BYTES_MOST = 8192 };
enum { KEPT_MS = 60000 };
enum { REQUESTS_MOST = 1000, WAIT_MS = 10000 }; /* of a sandbox */

#define BACKEND "origin_backend"

static _Alignas(64) uint8_t arena[CACHE_BYTES];
static struct ferrite *const cache = (struct ferrite *)arena;
static uint8_t page[PAGE_BYTES_MOST];
static char uri[URI_BYTES_MOST];

struct key {
    const char *text;
    size_t bytes;
};

static double now_ms(void) {
    uint64_t now_ns = 0;
    wasi_clock_time_get(0, 1000000, &now_ns);
    return (double)(now_ns / 1000000);
}

/* --- the cache -------------------------------------------------------------------------------- */

/* A window of the cache that begins with the key and has room for so much behind it, or NULL. */
static uint8_t *write_key(struct key key, size_t more_bytes) {
    static const char prefix[] = {'r', 'e', 'q', ':'};
    struct ferrite_io *io = ferrite_io(cache);
    if (ferrite_request(cache, sizeof prefix + key.bytes + more_bytes, now_ms()) != FERRITE_OK)
        return NULL;
    __builtin_memcpy(io->request, prefix, sizeof prefix);
    __builtin_memcpy(io->request + sizeof prefix, key.text, key.bytes);
    return io->request + sizeof prefix + key.bytes;
}

static enum ferrite_status look_up(struct key key) {
    uint8_t *end = write_key(key, 0);
    if (!end) return FERRITE_ABSENT;
    return ferrite_get(cache, (size_t)(end - ferrite_io(cache)->request), now_ms());
}

/* A page that does not fit is not kept, that is all. */
static void keep(struct key key, size_t page_bytes) {
    uint8_t *end = write_key(key, page_bytes);
    if (!end) return;
    __builtin_memcpy(end, page, page_bytes);
    ferrite_set(cache, (size_t)(end - ferrite_io(cache)->request), page_bytes, 0, KEPT_MS,
                now_ms());
}

/* --- requests and responses ------------------------------------------------------------------- */

/* What is behind the host: the path and the query. */
static struct key key_of(size_t uri_bytes) {
    size_t at = 0, slashes = 0;
    while (at < uri_bytes && (uri[at] != '/' || ++slashes < 3)) at++;
    return (struct key){uri + at, uri_bytes - at};
}

static int write_all(uint32_t body, const uint8_t *from, size_t bytes) {
    for (size_t at = 0, written = 0; at < bytes; at += written) {
        int status =
            fastly_body_write(body, from + at, bytes - at, FASTLY_BODY_WRITE_BACK, &written);
        if (status != FASTLY_OK) return status;
    }
    return FASTLY_OK;
}

/* Of a body, as much as `page` holds; `whole` tells whether that was all. */
static size_t read_page(uint32_t body, bool *whole) {
    size_t bytes = 0, got = 1;
    *whole = false;
    while (bytes < sizeof page) {
        if (fastly_body_read(body, page + bytes, sizeof page - bytes, &got) != FASTLY_OK) break;
        if (got == 0) {
            *whole = true;
            break;
        }
        bytes += got;
    }
    return bytes;
}

/* With the rest of another body behind it, unless `rest` is NULL. */
static void answer(uint32_t response, const uint8_t *from, size_t bytes, const uint32_t *rest,
                   const char *verdict) {
    uint32_t body;
    size_t verdict_bytes = verdict[0] == 'H' ? 3 : 4; /* HIT, MISS, PASS */
    fastly_header_insert(response, "x-cache", 7, verdict, verdict_bytes);
    if (fastly_body_new(&body) != FASTLY_OK || write_all(body, from, bytes) != FASTLY_OK) return;
    if (rest) fastly_body_append(body, *rest);
    fastly_send_downstream(response, body, 0);
}

static void answer_status(uint16_t status, const char *text, size_t bytes) {
    uint32_t response;
    if (fastly_response_new(&response) != FASTLY_OK) return;
    fastly_status_set(response, status);
    answer(response, (const uint8_t *)text, bytes, NULL, "PASS");
}

static void handle(uint32_t request, uint32_t body) {
    char method[8];
    size_t method_bytes = 0, uri_bytes = 0, page_bytes;
    struct fastly_send_error_detail detail = {0};
    uint32_t pending, response, origin_body;
    uint16_t status = 0;
    bool whole;

    if (fastly_uri_get(request, uri, sizeof uri, &uri_bytes) != FASTLY_OK) {
        answer_status(414, "URI Too Long\n", 13);
        return;
    }
    struct key key = key_of(uri_bytes);
    bool is_get = fastly_method_get(request, method, sizeof method, &method_bytes) == FASTLY_OK &&
                  method_bytes == 3 && method[0] == 'G'; /* nor PUT */

    if (is_get && look_up(key) == FERRITE_OK && fastly_response_new(&response) == FASTLY_OK) {
        struct ferrite_io *io = ferrite_io(cache);
        answer(response, io->data, io->data_bytes, NULL, "HIT");
        return;
    }
    if (fastly_send_async(request, body, BACKEND, sizeof BACKEND - 1, 0, &pending) != FASTLY_OK ||
        fastly_pending_wait(pending, &detail, &response, &origin_body) != FASTLY_OK) {
        answer_status(502, "Bad Gateway\n", 12);
        return;
    }
    page_bytes = read_page(origin_body, &whole);
    fastly_status_get(response, &status);
    bool kept = is_get && whole && status == 200;
    if (kept) keep(key, page_bytes);
    answer(response, page, page_bytes, whole ? NULL : &origin_body, kept ? "MISS" : "PASS");
}

/* --- the sandbox ------------------------------------------------------------------------------ */

static void serve(void) {
    struct fastly_next_request_options options = {WAIT_MS};
    uint32_t request, body, promise;
    int status = fastly_body_downstream_get(&request, &body);
    for (int served = 1; status == FASTLY_OK; served++) {
        handle(request, body);
        if (served == REQUESTS_MOST) return;
        status = fastly_next_request(FASTLY_NEXT_REQUEST_TIMEOUT, &options, &promise);
        if (status == FASTLY_OK) status = fastly_next_request_wait(promise, &request, &body);
    }
}

void _start(void);
void _start(void) {
    uint32_t seed[4];
    if (wasi_random_get(seed, sizeof seed) != 0) __builtin_trap();
    if (ferrite_init(cache, CACHE_BYTES, FERRITE_ALLKEYS_LRU, seed[0], seed[1], seed[2], seed[3]) !=
        FERRITE_OK)
        __builtin_trap();
    serve();
}
