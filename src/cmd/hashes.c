/* Hashes, and what sets do in the same way. */
#include "base/decimal.h"
#include "cmd/items.h"

/* Replies an error and returns false, or puts the fields, of which so many are new. */
static bool set_fields(struct call *call, i64 *created) {
    struct collection c;
    if (arg_count(call) % 2) return fail_arity(call, call->command);
    return open_to_write(call, 1, TYPE_HASH, &c) && put_items(call, &c, 2, 2, created);
}

void cmd_hset(struct call *call) {
    i64 created = 0;
    if (set_fields(call, &created)) reply_integer(&call->reply, created);
}

COLD void cmd_hmset(struct call *call) {
    i64 created;
    if (set_fields(call, &created)) reply_ok(&call->reply);
}

COLD void cmd_hsetnx(struct call *call) {
    struct collection c;
    struct spot spot;
    i64 created = 0;
    if (!open_to_write(call, 1, TYPE_HASH, &c)) return;
    bool found = collection_find(&c, arg(call, 2), FIRST_ONE, &spot);
    if (found || put_items(call, &c, 2, 2, &created)) reply_integer(&call->reply, !found);
}

/* Finds the field, or member, that is argument 2, to read. */
static bool find_item(struct call *call, struct spot *spot) {
    struct collection c;
    spot->item = (struct item){0};
    if (!open_to_read(call, 1, type_at_work(call), &c)) return false;
    call->found = collection_find(&c, arg(call, 2), FIRST_ONE, spot);
    return true;
}

void cmd_hget(struct call *call) {
    struct spot spot;
    if (!find_item(call, &spot)) return;
    if (call->found)
        reply_bulk(&call->reply, spot.item.value);
    else
        reply_null(&call->reply);
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
    struct collection c = at_work(call);
    struct spot spot;
    u32 *i = &call->state[0];
    if (*i == arg_count(call)) return false;
    bool found = collection_find(&c, arg(call, (*i)++), FIRST_ONE, &spot);
    if (call->command->since == V7_4_0)
        reply_expiry(call, found ? spot.item.expires_at_ms : -2, 999);
    else if (type_at_work(call) == TYPE_SET)
        reply_integer(&call->reply, found);
    else if (found)
        reply_bulk(&call->reply, spot.item.value);
    else
        reply_null(&call->reply);
    return true;
}

COLD void reply_sought(struct call *call, u32 first) {
    reply_array(&call->reply, arg_count(call) - first);
    call->state[0] = first;
    reply_stream_items(&call->reply, next_sought);
}

/* HMGET and SMISMEMBER. */
COLD void cmd_hmget(struct call *call) {
    struct collection c;
    if (!open_to_read(call, 1, type_at_work(call), &c)) return;
    reply_sought(call, 2);
}

COLD static void reply_all(struct call *call, u32 parts) {
    struct collection c;
    struct walk walk;
    struct place first = {.by_rank = true};
    if (!open_to_read(call, 1, type_at_work(call), &c)) return;
    u32 count = collection_count(&c);
    if (c.type == TYPE_SET)
        reply_set(&call->reply, count);
    else if (parts == (NAMES | VALUES))
        reply_map(&call->reply, count);
    else
        reply_array(&call->reply, count);
    collection_walk(&c, &first, &walk);
    reply_items(call, &c, &walk, count, parts);
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

/* HLEN, SCARD, LLEN. */
void cmd_count(struct call *call) {
    struct collection c;
    if (open_to_read(call, 1, type_at_work(call), &c))
        reply_integer(&call->reply, collection_count(&c));
}

/* HDEL and SREM. */
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
    bool is_new;
    if (!arg_integer(call, 3) || !open_to_write(call, 1, TYPE_HASH, &c)) return;
    bool found = collection_find(&c, arg(call, 2), FIRST_ONE, &spot);
    if (found && !integer_parse(spot.item.value, &value)) {
        fail(call, "hash value is not an integer");
        return;
    }
    if (__builtin_add_overflow(value, call->number, &value)) {
        fail(call, "increment or decrement would overflow");
        return;
    }
    u8 digits[INTEGER_TEXT_MAX];
    struct item item = {.name = arg(call, 2), .value = {digits, integer_print(digits, value)}};
    if (found) item.expires_at_ms = spot.item.expires_at_ms;
    if (put_item(&c, &item, &is_new))
        reply_integer(&call->reply, value);
    else
        fail_memory(call);
}
