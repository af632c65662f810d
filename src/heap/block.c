#include "heap/block.h"

void shape_load(const u8 *entry, struct shape *shape) {
    shape_read(entry, shape);
}

void shape_make(struct shape *shape, u32 type, u32 key_len, u32 value_len, i64 expires_at_ms) {
    bool is_long = (u64)key_len + value_len > ALWAYS_EXPIRY_BYTES ||
                   (expires_at_ms != 0 &&
                    (expires_at_ms < EXPIRY_EPOCH_MS || expires_at_ms >= EXPIRY_SHORT_END_MS));
    shape->type = type;
    shape->expiry_bytes = is_long ? 8 : expires_at_ms ? 5 : 0;
    shape->key_len = key_len;
    shape->value_len = value_len;
    u32 at = 1 + (type || is_long ? 1 : 0) + varint_size(value_len);
    if (key_len >= CODE_LONG_KEY) at += varint_size(key_len);
    shape->expiry_at = at;
    shape->key_at = at + shape->expiry_bytes;
    shape->value_at = shape->key_at + key_len;
}

void expiry_store(u8 *entry, const struct shape *shape, i64 expires_at_ms) {
    u8 *at = entry + shape->expiry_at;
    if (shape->expiry_bytes == 8) {
        store64(at, (u64)expires_at_ms);
    } else if (shape->expiry_bytes == 5) {
        u64 since = expires_at_ms ? (u64)(expires_at_ms - EXPIRY_EPOCH_MS) + 1 : 0;
        store32(at, (u32)since);
        at[4] = (u8)(since >> 32);
    }
}

void shape_store(u8 *entry, const struct shape *shape, i64 expires_at_ms) {
    bool is_long = shape->expiry_bytes == 8;
    u32 typed = shape->type || is_long ? TAG_TYPED : 0;
    u32 code = shape->key_len < CODE_LONG_KEY ? shape->key_len : CODE_LONG_KEY;
    u32 at = 1;
    tag_write(entry, code | typed | (shape->expiry_bytes ? TAG_EXPIRY : 0));
    if (typed) entry[at++] = (u8)(shape->type | (is_long ? TYPE_LONG_EXPIRY : 0));
    if (code == CODE_LONG_KEY) at += varint_store(entry + at, shape->key_len);
    varint_store(entry + at, shape->value_len);
    expiry_store(entry, shape, expires_at_ms);
}

u32 block_units(const u8 *block) {
    u32 code = tag_code(block);
    if (code == CODE_FREE) return free_units(block);
    if (code == CODE_SYSTEM)
        return block[1] == SYSTEM_SPILL ? spill_units(block[2]) : load32(block + 4);
    struct shape shape;
    shape_load(block, &shape);
    return shape_units(&shape);
}
