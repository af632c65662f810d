/* Hashes, and what sets do in the same way. */
#include "cmd/items.h"

/* Replies an error and returns false, or puts the fields, of which so many are new. */
static bool set_fields(struct call *call) {
    if (arg_count(call) % 2) return fail_arity(call, call->command);
    return open_to_write(call, 1) && put_items(call, 2, 2);
}

HANDLER(cmd_hset) {
    if (set_fields(call)) reply_integer(&call->reply, call->tally.created);
}

COLD HANDLER(cmd_hmset) {
    if (set_fields(call)) reply_ok(&call->reply);
}

COLD HANDLER(cmd_hsetnx) {
    if (!open_to_write(call, 1)) return;
    bool found = find_item(call, 2);
    if (found || put_items(call, 2, 2)) reply_integer(&call->reply, !found);
}

bool find_item(struct call *call, u32 i) {
    return collection_find(&call->work, arg(call, i), FIRST_ONE, &call->spot);
}

/* Finds the field, or member, that is argument 2, to read: call->work.found says whether it did. */
static bool read_item(struct call *call) {
    if (!open_to_read(call, 1)) return false;
    call->work.found = find_item(call, 2);
    return true;
}

/* The value, or score, of an item that was found or not. */
static void reply_value(struct call *call, bool found) {
    const struct item *item = &call->spot.item;
    if (!found)
        reply_null(&call->reply);
    else if (call->work.type == TYPE_ZSET)
        reply_double(&call->reply, score_of_order(item->order));
    else
        reply_bulk(&call->reply, item->value);
}

/* HGET and ZSCORE. */
HANDLER(cmd_hget) {
    if (read_item(call)) reply_value(call, call->work.found);
}

/* HEXISTS and SISMEMBER. */
HANDLER(cmd_hexists) {
    if (read_item(call)) reply_integer(&call->reply, call->work.found);
}

COLD HANDLER(cmd_hstrlen) {
    if (read_item(call))
        reply_integer(&call->reply, call->work.found ? call->spot.item.value.len : 0);
}

/* A stream; the state is the argument it is at. */
COLD STREAM(next_sought) {
    u32 *i = &call->state[0];
    if (*i == arg_count(call)) return false;
    bool found = find_item(call, (*i)++);
    if (call->command->since == V7_4_0)
        reply_expiry(call, found ? call->spot.item.expires_at_ms : -2, 999);
    else if (call->work.type == TYPE_SET)
        reply_integer(&call->reply, found);
    else if (call->command->group == GROUP_GEO)
        reply_place(call, found);
    else
        reply_value(call, found);
    return true;
}

COLD void reply_sought(struct call *call, u32 first) {
    reply_array(&call->reply, arg_count(call) - first);
    call->state[0] = first;
    reply_stream_items(&call->reply, next_sought);
}

/* HMGET, SMISMEMBER, ZMSCORE, GEOPOS and GEOHASH. */
COLD HANDLER(cmd_hmget) {
    if (!open_to_read(call, 1)) return;
    reply_sought(call, 2);
}

COLD static void reply_all(struct call *call, u32 parts) {
    struct collection *c = &call->work;
    if (!open_to_read(call, 1)) return;
    u32 count = collection_count(c);
    if (c->type == TYPE_SET)
        reply_set(&call->reply, count);
    else if (parts == (NAMES | VALUES))
        reply_map(&call->reply, count);
    else
        reply_array(&call->reply, count);
    reply_range(call, 0, count, parts);
}

COLD HANDLER(cmd_hgetall) {
    reply_all(call, NAMES | VALUES);
}
/* HKEYS and SMEMBERS. */
COLD HANDLER(cmd_hkeys) {
    reply_all(call, NAMES);
}
COLD HANDLER(cmd_hvals) {
    reply_all(call, VALUES);
}

/* HLEN, SCARD, LLEN and ZCARD. */
HANDLER(cmd_count) {
    struct collection *c = &call->work;
    if (open_to_read(call, 1)) reply_integer(&call->reply, collection_count(c));
}

/* HDEL, SREM and ZREM. */
COLD HANDLER(cmd_remove_items) {
    i64 removed = 0;
    if (!open_to_write(call, 1)) return;
    for (u32 i = 2; i < arg_count(call); i++) {
        if (!find_item(call, i)) continue;
        collection_remove(&call->work, &call->spot);
        removed++;
    }
    reply_integer(&call->reply, removed);
}

/* The field that is argument 2, to write: a new one if there is none. */
COLD static bool find_field(struct call *call) {
    bool found = find_item(call, 2);
    if (!found) item_name(&call->spot.item, arg(call, 2));
    return found;
}

/* Makes the text of a number what find_field found; replies an error and returns false if there is
 * no memory. */
COLD static bool put_digits(struct call *call, struct slice digits) {
    struct item *item = &call->spot.item;
    item->name = arg(call, 2);
    item->value = digits;
    return put_alone(&call->work, item) || fail_memory(call);
}

COLD HANDLER(cmd_hincrby) {
    if (!arg_integer(call, 3) || !open_to_write(call, 1)) return;
    i64 by = call->number;
    call->number = 0;
    if (find_field(call) && !read_integer(call, call->spot.item.value)) {
        fail(call, "hash value is not an integer");
        return;
    }
    struct slice text = {call->digits, add_integer(call, by)};
    if (text.len && put_digits(call, text)) reply_integer(&call->reply, call->number);
}

COLD HANDLER(cmd_hincrbyfloat) {
    if (!arg_extended(call, 3, not_a_float)) return;
    if (call->extended.exponent == EXTENDED_INFINITE) {
        fail(call, "value is NaN or Infinity");
        return;
    }
    if (!open_to_write(call, 1)) return;
    struct slice old = find_field(call) ? call->spot.item.value : SLICE("0");
    u32 len = take_sum(call, old, "hash value is not a float", 3);
    struct slice text = {call->scratch, len};
    if (len && put_digits(call, text)) reply_bulk(&call->reply, text);
}
