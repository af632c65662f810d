/*
 * Items: what the packed data of a collection is made of, in a small entry's value and in the leaf
 * of a tree alike.
 *
 *     list, set       | length | bytes |
 *     hash            | length * 2 + T | expiry? | field | length | value |        T: expires
 *     sorted set      | score (8) | length | member |
 *     its member map  | hash (8) | score (8) |
 *     a hash's map    | expiry, 48 bits, and 16 of the hash | hash (8) |
 *
 * Lengths are 7 bits a byte, low first, the top bit says that more follow; an expiry is 8 bytes of
 * milliseconds, 0 if there is none any more. A score is kept as an unsigned integer that sorts as
 * the double does.
 */
#ifndef FERRITE_ITEM_H
#define FERRITE_ITEM_H

#include "base/hash.h"
#include "store/store.h"

enum item_kind {
    ITEM_LIST = TYPE_LIST,
    ITEM_SET = TYPE_SET,
    ITEM_ZSET = TYPE_ZSET,
    ITEM_HASH = TYPE_HASH,
    ITEM_MAP,
};

/* Items of these lie in the order of a hash, by which leaves are told apart; within a leaf they lie
 * as they came. */
HOT_INLINE bool item_is_hashed(u32 kind) {
    return kind == ITEM_SET || kind == ITEM_HASH || kind == ITEM_MAP;
}

/* A view of one, or what one is to be made of. `name` is the element, member or field. */
enum { UNORDERED = 1 };
struct item {
    struct slice name, value; /* a value without bytes, of what is added: the one it had before */
    u64 order; /* score of a sorted set's member; in its map, the member's hash; else UNORDERED */
    i64 expires_at_ms; /* of a field; 0: never. Below EXPIRY_END */
};

/* Makes it one of this name that has nothing else. */
void item_name(struct item *item, struct slice name);

enum { EXPIRY_BYTES = 8 };
#define EXPIRY_END ((i64)1 << 46) /* milliseconds: Redis's bound of a field's expiry */

/* Reads the item at `at`; returns how long it is. */
u32 item_load(u32 kind, const u8 *at, struct item *item);
/* How long an item is, or will be. */
u32 item_bytes(u32 kind, const struct item *item);
void item_store(u32 kind, u8 *at, const struct item *item);
/* Marks a field as one that has an expiry, for which the caller makes the room in front of its
 * name; false: it has one already. */
static inline bool item_open_expiry(u8 *at) {
    if (*at & 1) return false;
    *at |= 1;
    return true;
}
/* How long the item at `at` is. */
u32 item_skip(u32 kind, const u8 *at);
/* The same of a sorted set's member, whose name is mostly short. */
HOT_INLINE u32 zset_skip(const u8 *at) {
    enum { SCORE_BYTES = 8 };
    u32 len = at[SCORE_BYTES];
    return LIKELY(len < 0x80) ? SCORE_BYTES + 1 + len : item_skip(ITEM_ZSET, at);
}
/* Where the first item of that name, in all but maps, lies from `from` on, or the end; *before is
 * more by the items passed over. */
u32 items_find(u32 kind, struct slice items, u32 from, struct slice name, u32 *before);
/* Where the items behind the first *count of them begin; there may be fewer, which *count is then.
 */
u32 items_skip(u32 kind, struct slice items, u32 *count);

/* A score, not NaN, as an integer above 0 that sorts as it does. -0 becomes 0, its equal. */
u64 order_of_score(double score);
double score_of_order(u64 order);

/* Below 0, 0 or above 0: how bytes sort, a shorter one before what it begins. */
i32 slice_compare(struct slice a, struct slice b);

#endif
