/* Hashes. */
#include "base/decimal.h"
#include "cmd/items.h"

/* HSET and HMSET. */
void cmd_hset(struct call *call) {
    struct collection c;
    i64 created;
    if (arg_count(call) % 2) {
        fail_arity(call, call->command);
        return;
    }
    if (!open_to_write(call, 1, TYPE_HASH, &c) || !put_items(call, &c, 2, 2, &created)) return;
    if (call->command->flags & CMD_DOWN)
        reply_ok(&call->reply);
    else
        reply_integer(&call->reply, created);
}

COLD void cmd_hsetnx(struct call *call) {
    struct collection c;
    struct spot spot;
    i64 created = 0;
    if (!open_to_write(call, 1, TYPE_HASH, &c)) return;
    bool found = collection_find(&c, arg(call, 2), FIRST_ONE, &spot);
    if (found || put_items(call, &c, 2, 2, &created)) reply_integer(&call->reply, !found);
}

/* Finds the field that is argument 2, to read. */
static bool find_field(struct call *call, struct spot *spot) {
    struct collection c;
    spot->item = (struct item){0};
    if (!open_to_read(call, 1, TYPE_HASH, &c)) return false;
    call->found = collection_find(&c, arg(call, 2), FIRST_ONE, spot);
    return true;
}

void cmd_hget(struct call *call) {
    struct spot spot;
    if (!find_field(call, &spot)) return;
    if (call->found)
        reply_bulk(&call->reply, spot.item.value);
    else
        reply_null(&call->reply);
}

COLD void cmd_hexists(struct call *call) {
    struct spot spot;
    if (find_field(call, &spot)) reply_integer(&call->reply, call->found);
}

COLD void cmd_hstrlen(struct call *call) {
    struct spot spot;
    if (find_field(call, &spot)) reply_integer(&call->reply, spot.item.value.len);
}

/* A stream; the state is the argument it is at. */
COLD static bool next_field(struct call *call) {
    struct collection c = {
        .store = call->store, .type = TYPE_HASH, .found = call->found, .entry = call->entry};
    struct spot spot;
    u32 *i = &call->state[0];
    if (*i == arg_count(call)) return false;
    if (collection_find(&c, arg(call, (*i)++), FIRST_ONE, &spot))
        reply_bulk(&call->reply, spot.item.value);
    else
        reply_null(&call->reply);
    return true;
}

COLD void cmd_hmget(struct call *call) {
    struct collection c;
    if (!open_to_read(call, 1, TYPE_HASH, &c)) return;
    reply_array(&call->reply, arg_count(call) - 2);
    call->state[0] = 2;
    reply_stream_items(&call->reply, next_field);
}

/* HGETALL, HKEYS, HVALS; and SMEMBERS. */
COLD void cmd_members(struct call *call) {
    struct collection c;
    struct walk walk = {0};
    struct place first = {.by_rank = true};
    u32 flags = call->command->flags;
    u32 parts = flags & CMD_DOWN ? VALUES : flags & CMD_IF_NEW ? NAMES : NAMES | VALUES;
    u32 type = call->command->group == GROUP_SET ? TYPE_SET : TYPE_HASH;
    if (!open_to_read(call, 1, type, &c)) return;
    u32 count = collection_count(&c);
    if (type == TYPE_SET)
        reply_set(&call->reply, count);
    else if (parts == (NAMES | VALUES))
        reply_map(&call->reply, count);
    else
        reply_array(&call->reply, count);
    collection_walk(&c, &first, &walk);
    reply_items(call, &c, &walk, count, type == TYPE_SET ? NAMES : parts);
}

/* HLEN, SCARD, LLEN. */
void cmd_count(struct call *call) {
    struct collection c;
    u32 group = call->command->group;
    u32 type = group == GROUP_SET ? TYPE_SET : group == GROUP_LIST ? TYPE_LIST : TYPE_HASH;
    if (open_to_read(call, 1, type, &c)) reply_integer(&call->reply, collection_count(&c));
}

/* HDEL and SREM. */
COLD void cmd_remove_items(struct call *call) {
    struct collection c;
    struct spot spot;
    i64 removed = 0;
    if (!open_to_write(call, 1, call->command->group == GROUP_SET ? TYPE_SET : TYPE_HASH, &c))
        return;
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
    if (put_item(&c, &item, &is_new))
        reply_integer(&call->reply, value);
    else
        fail_memory(call);
}
