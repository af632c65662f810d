#include "store/item.h"
#include "heap/varint.h"

/* How many bytes of head: what comes before the length of the name. */
HOT_INLINE u32 head_bytes(u32 kind) {
    return kind == ITEM_ZSET ? 8 : kind >= ITEM_MAP ? 16 : 0;
}

__attribute__((noinline)) void item_name(struct item *item, struct slice name) {
    *item = (struct item){.name = name, .order = UNORDERED};
}

u32 item_load(u32 kind, const u8 *at, struct item *item) {
    u32 used = head_bytes(kind), len;
    item->expires_at_ms = 0;
    item->order = UNORDERED;
    item->value.len = 0;
    if (used) {
        item->order = load64(at);
        if (used == 16) return used;
    }
    used += varint_load(at + used, &len);
    if (kind == ITEM_HASH) {
        if (len & 1) {
            item->expires_at_ms = (i64)load64(at + used);
            used += 8;
        }
        len >>= 1;
    }
    item->name = (struct slice){at + used, len};
    used += len;
    if (kind == ITEM_HASH) {
        used += varint_load(at + used, &len);
        item->value = (struct slice){at + used, len};
        used += len;
    }
    return used;
}

/* Behind the item at `at` with a head of so many bytes, whose name is there. */
HOT_INLINE const u8 *name_in(u32 kind, u32 head, const u8 *at, struct slice *name) {
    u32 len;
    at += head;
    at += varint_load(at, &len);
    if (kind == ITEM_HASH) {
        at += (len & 1) * EXPIRY_BYTES;
        len >>= 1;
    }
    *name = (struct slice){at, len};
    at += len;
    if (kind == ITEM_HASH) {
        at += varint_load(at, &len);
        at += len;
    }
    return at;
}

u32 item_skip(u32 kind, const u8 *at) {
    struct slice name;
    return kind >= ITEM_MAP ? 16 : (u32)(name_in(kind, head_bytes(kind), at, &name) - at);
}

/* Where there are none, `bytes` may be NULL. */
HOT_INLINE const u8 *items_at(struct slice items, u32 at) {
    return (const u8 *)((size_t)items.bytes + at);
}

u32 items_skip(u32 kind, struct slice items, u32 *count) {
    const u8 *at = items.bytes, *end = items_at(items, items.len);
    u32 skipped = 0, head = head_bytes(kind);
    for (; at < end && skipped < *count; skipped++) {
        bool short_way = kind <= ITEM_ZSET && at[head] < 0x80;
        at += short_way ? head + 1 + at[head] : item_skip(kind, at);
    }
    *count = skipped;
    return (u32)(at - items.bytes);
}

u32 items_find(u32 kind, struct slice items, u32 from, struct slice name, u32 *before) {
    const u8 *at = items_at(items, from), *end = items_at(items, items.len);
    u32 passed = *before, head = head_bytes(kind);
    const u8 *last = (const u8 *)((size_t)name.bytes + name.len - 1);
    for (; at < end; passed++) {
        struct slice other;
        PROBE();
        const u8 *next = name_in(kind, head, at, &other);
        /* Names of one length are alike least often where they end. */
        if (other.len == name.len &&
            (!name.len || (other.bytes[name.len - 1] == *last &&
                           equal_bytes(other.bytes, name.bytes, name.len))))
            break;
        at = next;
    }
    *before = passed;
    return (u32)(at - items.bytes);
}

/* Of a field: its length, and whether it expires. */
HOT_INLINE u32 name_word(u32 kind, const struct item *item) {
    return kind == ITEM_HASH ? item->name.len * 2 + (item->expires_at_ms != 0) : item->name.len;
}

u32 item_bytes(u32 kind, const struct item *item) {
    u32 bytes = head_bytes(kind);
    bytes += varint_size(name_word(kind, item)) + item->name.len;
    if (kind != ITEM_HASH) return bytes;
    return bytes + (item->expires_at_ms ? 8 : 0) + varint_size(item->value.len) + item->value.len;
}

void item_store(u32 kind, u8 *at, const struct item *item) {
    if (kind == ITEM_ZSET) {
        store64(at, item->order);
        at += 8;
    }
    at += varint_store(at, name_word(kind, item));
    if (kind == ITEM_HASH && item->expires_at_ms) {
        store64(at, (u64)item->expires_at_ms);
        at += 8;
    }
    copy_bytes(at, item->name.bytes, item->name.len);
    if (kind != ITEM_HASH) return;
    at += item->name.len;
    at += varint_store(at, item->value.len);
    copy_bytes(at, item->value.bytes, item->value.len);
}

/* Of what is negative, all bits are turned; of what is not, the sign. */
static const u64 sign_bit = (u64)1 << 63;

u64 order_of_score(double score) {
    u64 bits;
    score += 0; /* -0 becomes 0 */
    __builtin_memcpy(&bits, &score, sizeof bits);
    return (bits & sign_bit) ? ~bits : bits | sign_bit;
}

double score_of_order(u64 order) {
    u64 bits = (order & sign_bit) ? order ^ sign_bit : ~order;
    double score;
    __builtin_memcpy(&score, &bits, sizeof score);
    return score;
}

i32 slice_compare(struct slice a, struct slice b) {
    i32 order = memcmp(a.bytes, b.bytes, min_u32(a.len, b.len));
    return order ? order : a.len < b.len ? -1 : a.len > b.len;
}
