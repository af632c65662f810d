/*
 * Fastly's host calls, as far as the example makes them, in C over WASI: linked to the example's
 * own object, they take the place of what it imports, so that it runs where Fastly's host is not.
 *
 * There is one sandbox. A line on standard input is a request, a method and a path; an origin
 * answers all of them, 404 for /missing; a response is a line on standard output, with its status,
 * its x-cache and its body.
 */
#include <stdio.h>
#include <string.h>

#define HOST_CALL(module, name) int
#include "fastly.h"

enum { BUFFER_TOO_SHORT = 4, NONE = 10 }; /* Fastly's statuses */
enum { REQUEST, REQUEST_BODY, PROMISE, PENDING, RESPONSE, ORIGIN_BODY, BODY }; /* the handles */

static char method[8], path[256];
static unsigned asked; /* of the origin */
static unsigned status;
static char verdict[8];
static struct {
    char bytes[512];
    size_t len;
} origin_body, body;

static int give(uint32_t *to, uint32_t handle) {
    *to = handle;
    return FASTLY_OK;
}

static int give_text(const char *text, char *to, size_t capacity, size_t *bytes) {
    *bytes = strlen(text);
    if (*bytes > capacity) return BUFFER_TOO_SHORT;
    memcpy(to, text, *bytes);
    return FASTLY_OK;
}

/* --- requests --------------------------------------------------------------------------------- */

int fastly_body_downstream_get(uint32_t *request, uint32_t *request_body) {
    if (scanf("%7s %255s", method, path) != 2) return NONE;
    give(request, REQUEST);
    return give(request_body, REQUEST_BODY);
}

int fastly_next_request(uint32_t mask, const struct fastly_next_request_options *options,
                        uint32_t *promise) {
    (void)mask, (void)options;
    return give(promise, PROMISE);
}

int fastly_next_request_wait(uint32_t promise, uint32_t *request, uint32_t *request_body) {
    (void)promise;
    return fastly_body_downstream_get(request, request_body);
}

int fastly_method_get(uint32_t request, char *to, size_t capacity, size_t *bytes) {
    (void)request;
    return give_text(method, to, capacity, bytes);
}

int fastly_uri_get(uint32_t request, char *to, size_t capacity, size_t *bytes) {
    char uri[sizeof path + 16];
    (void)request;
    snprintf(uri, sizeof uri, "https://test%s", path);
    return give_text(uri, to, capacity, bytes);
}

/* --- the origin ------------------------------------------------------------------------------- */

int fastly_send_async(uint32_t request, uint32_t request_body, const char *backend,
                      size_t backend_bytes, uint32_t streaming, uint32_t *pending) {
    (void)request, (void)request_body, (void)backend, (void)backend_bytes, (void)streaming;
    return give(pending, PENDING);
}

int fastly_pending_wait(uint32_t pending, struct fastly_send_error_detail *detail,
                        uint32_t *response, uint32_t *response_body) {
    (void)pending, (void)detail;
    status = strcmp(path, "/missing") == 0 ? 404 : 200;
    origin_body.len = (size_t)snprintf(origin_body.bytes, sizeof origin_body.bytes, "%s %s, %u",
                                       method, path, ++asked);
    give(response, RESPONSE);
    return give(response_body, ORIGIN_BODY);
}

int fastly_body_read(uint32_t handle, uint8_t *to, size_t capacity, size_t *bytes) {
    (void)handle;
    *bytes = origin_body.len < capacity ? origin_body.len : capacity;
    memcpy(to, origin_body.bytes, *bytes);
    origin_body.len -= *bytes;
    memmove(origin_body.bytes, origin_body.bytes + *bytes, origin_body.len);
    return FASTLY_OK;
}

/* --- responses -------------------------------------------------------------------------------- */

int fastly_response_new(uint32_t *response) {
    status = 200;
    return give(response, RESPONSE);
}

int fastly_status_get(uint32_t response, uint16_t *to) {
    (void)response;
    *to = (uint16_t)status;
    return FASTLY_OK;
}

int fastly_status_set(uint32_t response, uint32_t to) {
    (void)response;
    status = to;
    return FASTLY_OK;
}

int fastly_header_insert(uint32_t response, const char *name, size_t name_bytes, const char *value,
                         size_t value_bytes) {
    (void)response, (void)name, (void)name_bytes;
    snprintf(verdict, sizeof verdict, "%.*s", (int)value_bytes, value);
    return FASTLY_OK;
}

int fastly_body_new(uint32_t *handle) {
    body.len = 0;
    return give(handle, BODY);
}

int fastly_body_write(uint32_t handle, const uint8_t *from, size_t from_bytes, uint32_t end,
                      size_t *bytes) {
    (void)handle, (void)end;
    size_t room = sizeof body.bytes - body.len;
    *bytes = from_bytes < room ? from_bytes : room;
    memcpy(body.bytes + body.len, from, *bytes);
    body.len += *bytes;
    return *bytes > 0 ? FASTLY_OK : BUFFER_TOO_SHORT;
}

int fastly_body_append(uint32_t handle, uint32_t other) {
    size_t written;
    (void)other;
    return fastly_body_write(handle, (const uint8_t *)origin_body.bytes, origin_body.len, 0,
                             &written);
}

int fastly_send_downstream(uint32_t response, uint32_t handle, uint32_t streaming) {
    (void)response, (void)handle, (void)streaming;
    printf("%u %s %.*s\n", status, verdict, (int)body.len, body.bytes);
    return fflush(stdout) == 0 ? FASTLY_OK : BUFFER_TOO_SHORT;
}
