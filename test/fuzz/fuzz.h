/*
 * What the fuzz targets share: taking an input apart, a cache in a buffer that ends where the
 * budget does, and what has to hold of a reply whatever was asked. Each target is a file of its
 * own, linked with libFuzzer and the checked library under AddressSanitizer, which also knows what
 * is free in the arena (src/heap/heap.h). `./build.sh fuzz` builds and runs them.
 */
#ifndef FERRITE_FUZZ_H
#define FERRITE_FUZZ_H

#include <sanitizer/asan_interface.h>

#include "../native/check.h"
#include "heap/pages_native.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* --- input ------------------------------------------------------------------------------------ */

/* What is left of an input. Behind its end are zeros. */
struct input {
    const u8 *at, *end;
};

static inline u32 input_left(const struct input *input) {
    return (u32)(input->end - input->at);
}
static inline u8 take8(struct input *input) {
    return input->at < input->end ? *input->at++ : 0;
}
static inline u32 take16(struct input *input) {
    u32 low = take8(input);
    return low | (u32)take8(input) << 8;
}
static inline u64 take64(struct input *input) {
    u64 value = 0;
    for (u32 i = 0; i < 64; i += 8) value |= (u64)take8(input) << i;
    return value;
}
static inline u32 take_below(struct input *input, u32 bound) {
    return (bound > 256 ? take16(input) : take8(input)) % bound;
}
/* So many bytes, or what there is. */
static inline struct slice take_slice(struct input *input, u32 len) {
    struct slice slice = {input->at, min_u32(len, input_left(input))};
    input->at += slice.len;
    return slice;
}
static inline double double_of_bits(u64 bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* --- a cache ---------------------------------------------------------------------------------- */

static const u32 fuzz_budgets[] = {256 << 10, 320 << 10, 512 << 10};

/* An empty one of the nth budget; `twin`: another than the first. */
static inline struct ferrite *fuzz_cache(u32 nth, u32 policy, bool twin) {
    static void *buffers[COUNT_OF(fuzz_budgets)][2];
    void **buffer = &buffers[nth][twin];
    if (!*buffer) *buffer = aligned_alloc(64, fuzz_budgets[nth]);
    test_random_state = 1; /* for the seed: twins have the same */
    pages_native_refuse_above = ~(u64)0;
    return start_cache(*buffer, fuzz_budgets[nth], policy);
}

/* --- replies ---------------------------------------------------------------------------------- */

enum { REPLIES_MAX = 1 << 22 };

/* All that was answered; what is beyond is only counted. */
struct replies {
    u64 len;
    u8 bytes[REPLIES_MAX];
};

static inline void replies_add(struct replies *replies, const struct ferrite_io *io) {
    if (replies->len + io->data_bytes <= REPLIES_MAX && io->data_bytes)
        memcpy(replies->bytes + replies->len, io->data, io->data_bytes);
    replies->len += io->data_bytes;
}

static inline const u8 *skip_line(const u8 *at, const u8 *end) {
    for (; at < end && *at != '\r'; at++) CHECK(*at != '\n');
    CHECK(end - at >= 2 && at[1] == '\n');
    return at + 2;
}

/* Over one reply of RESP2 or RESP3, which has to be whole; returns where the next begins. */
static inline const u8 *skip_reply(const u8 *at, const u8 *end) {
    CHECK(at < end);
    u8 mark = *at;
    long long count = strtoll((const char *)at + 1, NULL, 10); /* a line ends it */
    at = skip_line(at, end);
    if (mark == '$' || mark == '=') {
        if (count < 0) return at;
        CHECK(end - at >= count + 2 && at[count] == '\r' && at[count + 1] == '\n');
        return at + count + 2;
    }
    if (mark == '%') count *= 2;
    if (mark == '*' || mark == '~' || mark == '%')
        while (count-- > 0) at = skip_reply(at, end);
    else
        CHECK(strchr("+-:_,#", mark));
    return at;
}

static inline void check_replies(const struct replies *replies) {
    const u8 *at = replies->bytes, *end = at + replies->len;
    if (replies->len >= REPLIES_MAX) return;
    while (at < end) at = skip_reply(at, end);
}

#endif
