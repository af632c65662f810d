/*
 * The words every room speaks: integer types, slices of bytes, unaligned loads, bit tricks.
 *
 * There is no libc. Compilers still emit calls to memcpy, memmove, memset and memcmp, so memory.c
 * supplies them in freestanding builds.
 */
#ifndef FERRITE_BASE_H
#define FERRITE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t i8;
typedef int16_t i16;
typedef int32_t i32;
typedef int64_t i64;

/* Cold code is compiled for size and kept out of the way of the paths that matter. */
#define COLD __attribute__((cold, minsize))
/* Not to be inlined: the caller would have as large a frame. */
#define LARGE_FRAME __attribute__((noinline))
#define HOT_INLINE static inline __attribute__((always_inline))
/* Of a header, but called in the module: a copy of it is longer than a call. */
#ifdef FERRITE_MODULE
#define SHARED static inline __attribute__((noinline))
#else
#define SHARED static inline
#endif
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define COUNT_OF(array) ((u32)(sizeof(array) / sizeof((array)[0])))

/* A trap is for our own bugs, never for the user's input. */
#ifdef FERRITE_CHECKED
#define ASSERT(condition) ((condition) ? (void)0 : __builtin_trap())
/* What finding something looks at, counted: a slot, a key, a node, an item. */
extern u64 probes;
#define PROBE() ((void)probes++)
#else
#define ASSERT(condition) ((void)0)
#define PROBE() ((void)0)
#endif

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int byte, size_t bytes);
int memcmp(const void *left, const void *right, size_t bytes);

/* Some bytes that belong to somebody else; the lender says how long they live. */
struct slice {
    const u8 *bytes;
    u32 len;
};

#define SLICE(literal) ((struct slice){(const u8 *)(literal), (u32)sizeof(literal) - 1})

u32 string_len(const char *string);
HOT_INLINE struct slice string_slice(const char *string) {
    return (struct slice){(const u8 *)string, string_len(string)};
}

SHARED u32 min_u32(u32 a, u32 b) {
    return a < b ? a : b;
}
SHARED u32 max_u32(u32 a, u32 b) {
    return a > b ? a : b;
}

/* Unaligned, little-endian (every target is). */
static inline u16 load16(const u8 *at) {
    u16 v;
    __builtin_memcpy(&v, at, 2);
    return v;
}
static inline u32 load32(const u8 *at) {
    u32 v;
    __builtin_memcpy(&v, at, 4);
    return v;
}
static inline u64 load64(const u8 *at) {
    u64 v;
    __builtin_memcpy(&v, at, 8);
    return v;
}
HOT_INLINE void store16(u8 *at, u16 v) {
    __builtin_memcpy(at, &v, 2);
}
HOT_INLINE void store32(u8 *at, u32 v) {
    __builtin_memcpy(at, &v, 4);
}
HOT_INLINE void store64(u8 *at, u64 v) {
    __builtin_memcpy(at, &v, 8);
}

/* memory.copy costs a fixed few nanoseconds; short runs go by words. The ranges do not overlap. */
void copy_bytes(u8 *to, const u8 *from, u32 len);
bool equal_bytes(const u8 *a, const u8 *b, u32 len);

static inline bool slice_equal(struct slice a, struct slice b) {
    return a.len == b.len && equal_bytes(a.bytes, b.bytes, a.len);
}

#endif
