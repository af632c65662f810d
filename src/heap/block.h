/*
 * Blocks: what the arena is made of, byte for byte.
 *
 * The arena is one run of blocks without gaps, each a multiple of 8 bytes, up to an END block. The
 * first byte of every block, its tag, tells what it is, so the arena can be walked from its first
 * block to its last, and the length of a block follows from its own header: an entry spends not a
 * byte on the allocator.
 *
 *     tag    7   6   5   4 3 2 1 0
 *          +---+---+---+-----------+     P  the block before this one is free
 *          | P | E | T |   code    |     E  entry: an expiry field is there
 *          +---+---+---+-----------+     T  entry: a type byte follows
 *
 *     code   0..27  entry whose key is that long       29  free
 *            28     entry, key length follows          30  system block
 *
 *     entry  | tag | type? | key length? | value length | expiry? | key ... | value ... | pad |
 *
 *            type          enum value_type, and its marks; 0x10: the expiry takes 8 bytes, not 5
 *            lengths       7 bits a byte, low first, the top bit says that more follow
 *            expiry        5 bytes: milliseconds since 2020, plus 1 (to 2054); 8 bytes: any time;
 *                          0: none. Entries over 1 KiB always have the 8 bytes, so that EXPIRE
 *                          never has to move a large value.
 *            17-byte key, 64-byte value, expiry: 1 + 1 + 5 + 17 + 64 = 88 bytes, no padding
 *
 *     free   | tag, size << 8 | next | previous | size? | ...... | size |       8 bytes: no links
 *            sizes in units of 8 bytes; the first is 0xffffff if it is more, and `size?` tells
 *
 *     system | tag | kind | a | b | units | ...                       see enum system_kind
 */
#ifndef FERRITE_BLOCK_H
#define FERRITE_BLOCK_H

#include "base/base.h"
#include "heap/varint.h"

/* A place in the arena: bytes from its base, divided by 8. 0: nowhere. */
typedef u32 ref;

enum { UNIT = 8, BLOCK_UNITS_LEAST = 2 };

enum tag_bits {
    TAG_PREVIOUS_FREE = 0x80,
    TAG_EXPIRY = 0x40,
    TAG_TYPED = 0x20,
    TAG_CODE = 0x1f,
    CODE_LONG_KEY = 28,
    CODE_FREE = 29,
    CODE_SYSTEM = 30,
};

/* Bytes 4 to 7 are the length in units, but a spill's follows from byte 2. */
enum system_kind {
    SYSTEM_END,    /* behind the last block */
    SYSTEM_PINNED, /* in nobody's index: a window, a block being made. Never moves */
    SYSTEM_PAGE,   /* 64 buckets of the index */
    SYSTEM_NODE,   /* an inner node of the index's directory */
    SYSTEM_SPILL,  /* the slots of a bucket beyond its line: | tag | kind | slots | used | bucket |
                    */
    SYSTEM_LEAF,   /* items of a collection: see store/tree.h */
    SYSTEM_BRANCH, /* an inner node of a collection's tree */
};

enum { TYPE_BITS = 0x6f, TYPE_LONG_EXPIRY = 0x10 };
enum { ALWAYS_EXPIRY_BYTES = 1024 }; /* with more in key and value, the field is there */

#define EXPIRY_EPOCH_MS 1577836800000ll
#define EXPIRY_SHORT_END_MS (EXPIRY_EPOCH_MS + (1ll << 40) - 1)

HOT_INLINE u32 units_of(u64 bytes) {
    return (u32)((bytes + UNIT - 1) / UNIT);
}

/* Writes a tag, leaving the bit that belongs to the block before. */
static inline void tag_write(u8 *block, u32 tag) {
    *block = (u8)((*block & TAG_PREVIOUS_FREE) | tag);
}
static inline u32 tag_code(const u8 *block) {
    return *block & TAG_CODE;
}

/* --- entries ---------------------------------------------------------------------------------- */

/* Where the parts of an entry lie, from its first byte. */
struct shape {
    u32 type;
    u32 expiry_at, expiry_bytes; /* 0, 5 or 8 bytes */
    u32 key_at, key_len;
    u32 value_at, value_len;
};

/* Reads an entry's header; shape_load is a copy of shape_read that is called. */
HOT_INLINE void shape_read(const u8 *entry, struct shape *shape) {
    u32 tag = *entry, at = 1;
    shape->type = 0;
    shape->expiry_bytes = 0;
    if (tag & TAG_EXPIRY) shape->expiry_bytes = 5;
    if (UNLIKELY(tag & TAG_TYPED)) {
        u32 byte = entry[at++];
        shape->type = byte & TYPE_BITS;
        if (byte & TYPE_LONG_EXPIRY) shape->expiry_bytes = 8;
    }
    shape->key_len = tag & TAG_CODE;
    if (UNLIKELY(shape->key_len == CODE_LONG_KEY)) at += varint_load(entry + at, &shape->key_len);
    at += varint_load(entry + at, &shape->value_len);
    shape->expiry_at = at;
    shape->key_at = at + shape->expiry_bytes;
    shape->value_at = shape->key_at + shape->key_len;
}
void shape_load(const u8 *entry, struct shape *shape);

HOT_INLINE u64 shape_bytes(const struct shape *shape) {
    return (u64)shape->value_at + shape->value_len;
}

/* How long the entry's block is: an entry is never shorter than a free block with links. */
static inline u32 shape_units(const struct shape *shape) {
    return max_u32(units_of(shape_bytes(shape)), BLOCK_UNITS_LEAST);
}

/* Lays out an entry; expires_at_ms 0: none. */
void shape_make(struct shape *shape, u32 type, u32 key_len, u32 value_len, i64 expires_at_ms);
/* Writes an entry's header (the key and value are the caller's to write). */
void shape_store(u8 *entry, const struct shape *shape, i64 expires_at_ms);

/* The expiry field alone; 0: never. */
void expiry_store(u8 *entry, const struct shape *shape, i64 expires_at_ms);
HOT_INLINE i64 expiry_load(const u8 *entry, const struct shape *shape) {
    const u8 *at = entry + shape->expiry_at;
    if (LIKELY(shape->expiry_bytes == 5)) {
        u64 since = load32(at) | (u64)at[4] << 32;
        return since ? (i64)since - 1 + EXPIRY_EPOCH_MS : 0;
    }
    return shape->expiry_bytes ? (i64)load64(at) : 0;
}

/* --- free blocks ------------------------------------------------------------------------------ */

enum { FREE_SIZE_ESCAPE = 0xffffff };

SHARED u32 free_units(const u8 *block) {
    u32 units = load32(block) >> 8;
    return LIKELY(units < FREE_SIZE_ESCAPE) ? units : load32(block + 12);
}

/* --- system blocks ---------------------------------------------------------------------------- */

SHARED void system_make(u8 *block, enum system_kind kind, u32 units) {
    tag_write(block, CODE_SYSTEM);
    block[1] = (u8)kind;
    store16(block + 2, 0);
    store32(block + 4, units);
}
/* A spill is its head, then its slots: store/index.h says what is in them. */
enum { SPILL_HEAD = 8, SPILL_SLOT_BYTES = 6 };
static inline u32 spill_units(u32 slots) {
    return units_of(SPILL_HEAD + slots * SPILL_SLOT_BYTES);
}
static inline bool is_system(const u8 *block, enum system_kind kind) {
    return tag_code(block) == CODE_SYSTEM && block[1] == (u8)kind;
}

/* How long any block is. */
u32 block_units(const u8 *block);

#endif
