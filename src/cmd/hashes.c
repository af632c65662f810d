/* Hashes, and what sets do in the same way. */
#include "base/decimal.h"
#include "cmd/items.h"

/* Replies an error and returns false, or puts the fields, of which so many are new. */
static bool set_fields(struct call *call, struct tally *tally) {
    struct collection c;
    if (arg_count(call) % 2) return fail_arity(call, call->command);
    return open_to_write(call, 1, TYPE_HASH, &c) && put_items(call, &c, 2, 2, tally);
}

void cmd_hset(struct call *call) {
    struct tally tally = {0};
    if (set_fields(call, &tally)) reply_integer(&call->reply, tally.created);
}

COLD void cmd_hmset(struct call *call) {
    struct tally tally = {0};
    if (set_fields(call, &tally)) reply_ok(&call->reply);
}

COLD void cmd_hsetnx(struct call *call) {
    struct collection c;
    struct spot spot;
    struct tally tally = {0};
    if (!open_to_write(call, 1, TYPE_HASH, &c)) return;
    bool found = collection_find(&c, arg(call, 2), FIRST_ONE, &spot);
    if (found || put_items(call, &c, 2, 2, &tally)) reply_integer(&call->reply, !found);
}

/* Finds the field, or member, that is argument 2, to read. */
static bool find_item(struct call *call, struct spot *spot) {
    struct collection c;
    spot->item = (struct item){0};
    if (!open_to_read(call, 1, type_at_work(call), &c)) return false;
    call->found = collection_find(&c, arg(call, 2), FIRST_ONE, spot);
    return true;
}

/* The value, or score, of an item that was found or not. */
static void reply_value(struct call *call, bool found, const struct item *item) {
    if (!found)
        reply_null(&call->reply);
    else if (type_at_work(call) == TYPE_ZSET)
        reply_double(&call->reply, score_of_order(item->order));
    else
        reply_bulk(&call->reply, item->value);
}

/* HGET and ZSCORE. */
void cmd_hget(struct call *call) {
    struct spot spot;
    if (find_item(call, &spot)) reply_value(call, call->found, &spot.item);
}

/* HEXISTS and SISMEMBER. */
void cmd_hexists(struct call *call) {
    struct spot spot;
    if (find_item(call, &spot)) reply_integer(&call->reply, call->found);
}

COLD void cmd_hstrlen(struct call *call) {
    struct spot spot;
    if (find_item(call, &spot)) reply_integer(&call->reply, spot.item.value.len);
}

/* A stream; the state is the argument it is at. */
COLD static bool next_sought(struct call *call) {
    struct collection c;
    struct spot spot;
    at_work(call, &c);
    u32 *i = &call->state[0];
    if (*i == arg_count(call)) return false;
    bool found = collection_find(&c, arg(call, (*i)++), FIRST_ONE, &spot);
    if (type_at_work(call) == TYPE_SET)
        reply_integer(&call->reply, found);
    else if (call->command->group == GROUP_GEO)
        reply_place(call, found, &spot.item);
    else
        reply_value(call, found, &spot.item);
    return true;
}

/* HMGET, SMISMEMBER, ZMSCORE, GEOPOS and GEOHASH. */
COLD void cmd_hmget(struct call *call) {
    struct collection c;
    if (!open_to_read(call, 1, type_at_work(call), &c)) return;
    reply_array(&call->reply, arg_count(call) - 2);
    call->state[0] = 2;
    reply_stream_items(&call->reply, next_sought);
}

COLD static void reply_all(struct call *call, u32 parts) {
    struct collection c;
    if (!open_to_read(call, 1, type_at_work(call), &c)) return;
    u32 count = collection_count(&c);
    if (c.type == TYPE_SET)
        reply_set(&call->reply, count);
    else if (parts == (NAMES | VALUES))
        reply_map(&call->reply, count);
    else
        reply_array(&call->reply, count);
    reply_range(call, &c, 0, count, parts);
}

COLD void cmd_hgetall(struct call *call) {
    reply_all(call, NAMES | VALUES);
}
/* HKEYS and SMEMBERS. */
COLD void cmd_hkeys(struct call *call) {
    reply_all(call, NAMES);
}
COLD void cmd_hvals(struct call *call) {
    reply_all(call, VALUES);
}

/* HLEN, SCARD, LLEN and ZCARD. */
void cmd_count(struct call *call) {
    struct collection c;
    if (open_to_read(call, 1, type_at_work(call), &c))
        reply_integer(&call->reply, collection_count(&c));
}

/* HDEL, SREM and ZREM. */
COLD void cmd_remove_items(struct call *call) {
    struct collection c;
    struct spot spot;
    i64 removed = 0;
    if (!open_to_write(call, 1, type_at_work(call), &c)) return;
    for (u32 i = 2; i < arg_count(call); i++) {
        if (!collection_find(&c, arg(call, i), FIRST_ONE, &spot)) continue;
        collection_remove(&c, &spot);
        removed++;
    }
    reply_integer(&call->reply, removed);
}

COLD void cmd_hincrby(struct call *call) {
    struct collection c;
    struct spot spot;
    i64 value = 0;
    struct tally tally = {0};
    if (!arg_integer(call, 3) || !open_to_write(call, 1, TYPE_HASH, &c)) return;
    if (collection_find(&c, arg(call, 2), FIRST_ONE, &spot) &&
        !integer_parse(spot.item.value, &value)) {
        fail(call, "hash value is not an integer");
        return;
    }
    if (__builtin_add_overflow(value, call->number, &value)) {
        fail(call, "increment or decrement would overflow");
        return;
    }
    u8 digits[INTEGER_TEXT_MAX];
    struct item item = {.name = arg(call, 2), .value = {digits, integer_print(digits, value)}};
    if (put_item(&c, &item, &tally))
        reply_integer(&call->reply, value);
    else
        fail_memory(call);
}

/* The text of a number may have thousands of digits. */
COLD void cmd_hincrbyfloat(struct call *call) {
    struct collection c;
    struct spot spot;
    struct extended value = {0}, by;
    struct slice name = arg(call, 2);
    struct tally tally = {0};
    if (!arg_extended(call, 3, not_a_float, &by)) return;
    if (by.exponent == EXTENDED_INFINITE) {
        fail(call, "value is NaN or Infinity");
        return;
    }
    if (!open_to_write(call, 1, TYPE_HASH, &c)) return;
    if (collection_find(&c, name, FIRST_ONE, &spot) && !extended_parse(spot.item.value, &value)) {
        fail(call, "hash value is not a float");
        return;
    }
    if (!add_extended(call, &value, by)) return;
    u32 most = extended_text_most(value);
    u8 *digits = reply_room(&call->reply), *scratch = NULL;
    if (most > REPLY_ROOM) {
        collection_hold(&c);
        digits = scratch = store_take_scratch(call->store, most);
        collection_release(&c);
    }
    bool put = false;
    if (digits) {
        struct item item = {.name = name,
                            .value = {digits, extended_print(digits, most, value, HUMAN_PLACES)}};
        put = put_item(&c, &item, &tally);
    }
    if (scratch) store_give_scratch(call->store, scratch);
    if (!put) {
        fail_memory(call);
        return;
    }
    collection_find(&c, name, FIRST_ONE, &spot);
    reply_bulk(&call->reply, spot.item.value);
}
