/*
 * DUMP: a value in Redis's format, in its plain forms, which every version of Redis reads.
 *
 * The reply says how long it is before its first byte, and may be larger than any window. So the
 * parts it is made of are gone through twice: once to add up how long they are, and once, as a
 * stream, to write them. Nothing changes in between.
 *
 * It leaves recency alone: that a snapshot is taken of a key does not say that it is used.
 */
#include "cmd/rdb.h"

/* In call->notes. */
struct dump {
    u64 table[RDB_CRC_ENTRIES];
    u64 crc;
    struct walk walk;
    struct item item; /* the one at work; then what is behind it is written next: */
    u32 has_second;   /* its value or score */
    u32 parts_left;
    /* A part: bytes in call->digits, and those of a name or value behind them. */
    u32 head_bytes;
    struct slice rest;
};
_Static_assert(sizeof(struct dump) <= CALL_NOTES * sizeof(u64), "it fits");

static struct dump *dump_of(const struct call *call) {
    return (struct dump *)(void *)(size_t)call->notes;
}

COLD void rdb_begin_crc(struct call *call) {
    const u64 polynomial = 0x95ac9329ac4bc9b5;
    for (u32 i = 0; i < RDB_CRC_ENTRIES; i++) {
        u64 crc = i;
        for (u32 bit = 0; bit < 4; bit++) crc = crc >> 1 ^ (crc & 1 ? polynomial : 0);
        call->notes[i] = crc;
    }
}

u64 rdb_crc(const struct call *call, u64 crc, struct slice bytes) {
    for (u32 i = 0; i < bytes.len; i++) {
        crc ^= bytes.bytes[i];
        crc = crc >> 4 ^ call->notes[crc & 15];
        crc = crc >> 4 ^ call->notes[crc & 15];
    }
    return crc;
}

COLD static void add_length(struct call *call, u32 len) {
    struct dump *dump = dump_of(call);
    u8 *to = call->digits + dump->head_bytes;
    if (len < 1 << 6) {
        *to = (u8)len;
        dump->head_bytes += 1;
    } else if (len < 1 << 14) {
        store16(to, __builtin_bswap16((u16)(RDB_LENGTH_14 << 8 | len)));
        dump->head_bytes += 2;
    } else {
        *to = RDB_LENGTH_32;
        store32(to + 1, __builtin_bswap32(len));
        dump->head_bytes += 5;
    }
}

COLD static void add_string(struct call *call, struct slice string) {
    add_length(call, string.len);
    dump_of(call)->rest = string;
}

/* The first part: the type, and the string or how many items follow. */
COLD static void begin_parts(struct call *call) {
    static const u8 types[] = {RDB_LIST, RDB_SET, RDB_ZSET, RDB_HASH};
    struct dump *dump = dump_of(call);
    struct collection *c = &call->work;
    dump->head_bytes = 1;
    dump->has_second = dump->parts_left = 0;
    if (holds_string(call)) {
        *call->digits = RDB_STRING;
        add_string(call, value_of(call));
        return;
    }
    c->type = c->entry.type & TYPE_BASE;
    u32 count = collection_count(c);
    *call->digits = types[c->type - TYPE_LIST];
    add_length(call, count);
    dump->rest.len = 0;
    dump->parts_left = c->type >= TYPE_ZSET ? 2 * count : count;
    collection_walk(c, 0, &dump->walk);
}

/* False: there is none any more. */
COLD static bool next_part(struct call *call) {
    struct dump *dump = dump_of(call);
    struct collection *c = &call->work;
    if (!dump->parts_left--) return false;
    dump->head_bytes = 0;
    if (!dump->has_second) {
        collection_next(c, &dump->walk, &dump->item);
        add_string(call, dump->item.name);
        dump->has_second = c->type >= TYPE_ZSET;
        return true;
    }
    dump->has_second = false;
    if (c->type == TYPE_HASH) {
        add_string(call, dump->item.value);
    } else {
        double score = score_of_order(dump->item.order);
        __builtin_memcpy(call->digits, &score, sizeof score);
        dump->head_bytes = sizeof score;
        dump->rest.len = 0;
    }
    return true;
}

COLD static struct slice head_of(const struct call *call) {
    return (struct slice){call->digits, dump_of(call)->head_bytes};
}

COLD static void write_part(struct call *call) {
    struct dump *dump = dump_of(call);
    struct slice head = head_of(call);
    dump->crc = rdb_crc(call, rdb_crc(call, dump->crc, head), dump->rest);
    reply_bulk_part(&call->reply, head);
    reply_bulk_part(&call->reply, dump->rest);
}

COLD STREAM(next_dumped) {
    struct dump *dump = dump_of(call);
    while (reply_may_go_on(&call->reply)) {
        if (next_part(call)) {
            write_part(call);
            continue;
        }
        store16(call->digits, RDB_VERSION);
        dump->crc = rdb_crc(call, dump->crc, (struct slice){call->digits, 2});
        store64(call->digits + 2, dump->crc);
        store16(call->digits + RDB_FOOTER_BYTES, '\r' | '\n' << 8);
        reply_bulk_part(&call->reply, (struct slice){call->digits, RDB_FOOTER_BYTES + 2});
        return false;
    }
    return true;
}

COLD HANDLER(cmd_dump) {
    struct dump *dump = dump_of(call);
    i64 bytes = RDB_FOOTER_BYTES;
    if (!peek_key(call, 1)) {
        reply_null(&call->reply);
        return;
    }
    begin_parts(call);
    do bytes += (i64)dump->head_bytes + dump->rest.len;
    while (next_part(call));
    reply_bulk_head(&call->reply, bytes);
    rdb_begin_crc(call);
    dump->crc = 0;
    begin_parts(call);
    write_part(call);
    reply_stream_items(&call->reply, next_dumped);
}
