/*
 * Those of Fastly Compute's host calls that the example makes, under Fastly's names. Each returns 0
 * (FASTLY_OK) or why it failed; handles are numbers, valid for the request they came with.
 */
#ifndef FASTLY_H
#define FASTLY_H

#include <stddef.h>
#include <stdint.h>

#ifndef HOST_CALL /* defined by who implements them */
#define HOST_CALL(module, name) __attribute__((import_module(module), import_name(name))) int
#endif

enum { FASTLY_OK = 0 };
enum { FASTLY_BODY_WRITE_BACK = 0 };
enum { FASTLY_NEXT_REQUEST_TIMEOUT = 2 }; /* of the options' mask: timeout_ms is set */

struct fastly_next_request_options {
    uint64_t timeout_ms; /* how long to wait for a request, if less than the platform would */
};

/* What went wrong with a backend. A guest sets the bits of the fields it knows in `mask`. */
struct fastly_send_error_detail {
    uint8_t tag, mask;
    uint16_t dns_error_rcode, dns_error_info_code;
    uint8_t tls_alert_id;
};

/* The request that this sandbox was started for. */
HOST_CALL("fastly_http_req", "body_downstream_get")
fastly_body_downstream_get(uint32_t *request, uint32_t *body);

/* Asks for another one, and waits for it. Neither succeeds where sandboxes are not reused. */
HOST_CALL("fastly_http_downstream", "next_request")
fastly_next_request(uint32_t options_mask, const struct fastly_next_request_options *options,
                    uint32_t *promise);
HOST_CALL("fastly_http_downstream", "next_request_wait")
fastly_next_request_wait(uint32_t promise, uint32_t *request, uint32_t *body);

HOST_CALL("fastly_http_req", "method_get")
fastly_method_get(uint32_t request, char *method, size_t capacity, size_t *bytes);
HOST_CALL("fastly_http_req", "uri_get")
fastly_uri_get(uint32_t request, char *uri, size_t capacity, size_t *bytes);

HOST_CALL("fastly_http_req", "send_async_v2")
fastly_send_async(uint32_t request, uint32_t body, const char *backend, size_t backend_bytes,
                  uint32_t streaming, uint32_t *pending);
HOST_CALL("fastly_http_req", "pending_req_wait_v2")
fastly_pending_wait(uint32_t pending, struct fastly_send_error_detail *detail, uint32_t *response,
                    uint32_t *body);

HOST_CALL("fastly_http_body", "new") fastly_body_new(uint32_t *body);
/* 0 bytes: the end. */
HOST_CALL("fastly_http_body", "read")
fastly_body_read(uint32_t body, uint8_t *to, size_t capacity, size_t *bytes);
HOST_CALL("fastly_http_body", "write")
fastly_body_write(uint32_t body, const uint8_t *from, size_t from_bytes, uint32_t end,
                  size_t *bytes);
/* All of the other body, which is used up. */
HOST_CALL("fastly_http_body", "append") fastly_body_append(uint32_t body, uint32_t other);

HOST_CALL("fastly_http_resp", "new") fastly_response_new(uint32_t *response);
HOST_CALL("fastly_http_resp", "status_get")
fastly_status_get(uint32_t response, uint16_t *status);
HOST_CALL("fastly_http_resp", "status_set") fastly_status_set(uint32_t response, uint32_t status);
HOST_CALL("fastly_http_resp", "header_insert")
fastly_header_insert(uint32_t response, const char *name, size_t name_bytes, const char *value,
                     size_t value_bytes);
HOST_CALL("fastly_http_resp", "send_downstream")
fastly_send_downstream(uint32_t response, uint32_t body, uint32_t streaming);

/* And of WASI's. */
HOST_CALL("wasi_snapshot_preview1", "clock_time_get")
wasi_clock_time_get(uint32_t clock, uint64_t precision_ns, uint64_t *time_ns);
HOST_CALL("wasi_snapshot_preview1", "random_get") wasi_random_get(void *to, size_t bytes);

#endif
