/* Lists. */
#include "cmd/items.h"

/* LPUSH, RPUSH, LPUSHX, RPUSHX. What was pushed is taken back if there is no memory for the rest.
 */
void cmd_push(struct call *call) {
    u32 flags = call->command->flags, pushed = 0;
    bool right = flags & CMD_DOWN;
    struct collection c;
    if (!open_to_write(call, 1, TYPE_LIST, &c)) return;
    u32 count = collection_count(&c);
    if (flags & CMD_IF_NEW && !c.found) {
        reply_integer(&call->reply, 0);
        return;
    }
    for (; pushed + 2 < arg_count(call); pushed++) {
        struct item item = {.name = arg(call, pushed + 2)};
        if (!collection_add(&c, &item, right ? count + pushed : 0)) break;
    }
    if (pushed + 2 < arg_count(call)) {
        collection_cut(&c, right ? count : 0, right ? count + pushed : pushed);
        fail_memory(call);
        return;
    }
    reply_integer(&call->reply, count + pushed);
}

COLD void cmd_lindex(struct call *call) {
    struct collection c;
    struct spot spot;
    if (!open_to_read(call, 1, TYPE_LIST, &c)) return;
    if (!c.found) {
        reply_null(&call->reply);
        return;
    }
    if (!arg_integer(call, 2)) return;
    i64 index = call->number, count = collection_count(&c);
    if (index < 0) index += count;
    if (index < 0 || index >= count) {
        reply_null(&call->reply);
        return;
    }
    collection_at(&c, (u32)index, &spot);
    reply_bulk(&call->reply, spot.item.name);
}

COLD void cmd_lrange(struct call *call) {
    struct collection c;
    struct walk walk;
    i64 start, end;
    u32 from, to;
    if (!take_range(call, 2, &start, &end) || !open_to_read(call, 1, TYPE_LIST, &c)) return;
    clip_range(start, end, collection_count(&c), &from, &to);
    struct place place = {.by_rank = true, .rank = from};
    reply_array(&call->reply, to - from);
    collection_walk(&c, &place, &walk);
    reply_items(call, &c, &walk, to - from, NAMES);
}

COLD void cmd_ltrim(struct call *call) {
    struct collection c;
    i64 start, end;
    u32 from, to;
    if (!take_range(call, 2, &start, &end) || !open_to_write(call, 1, TYPE_LIST, &c)) return;
    u32 count = collection_count(&c);
    clip_range(start, end, count, &from, &to);
    collection_cut(&c, to, count);
    if (c.found) collection_cut(&c, 0, from);
    reply_ok(&call->reply);
}

/* The value is put in front of the one it replaces. */
COLD void cmd_lset(struct call *call) {
    struct collection c;
    struct spot spot;
    if (!open_to_write(call, 1, TYPE_LIST, &c)) return;
    if (!c.found) {
        fail(call, "no such key");
        return;
    }
    if (!arg_integer(call, 2)) return;
    i64 index = call->number, count = collection_count(&c);
    if (index < 0) index += count;
    struct item item = {.name = arg(call, 3)};
    if (index < 0 || index >= count) {
        fail(call, "index out of range");
    } else if (!collection_add(&c, &item, (u32)index)) {
        fail_memory(call);
    } else {
        collection_at(&c, (u32)index + 1, &spot);
        collection_remove(&c, &spot);
        reply_ok(&call->reply);
    }
}

COLD void cmd_linsert(struct call *call) {
    struct collection c;
    struct walk walk;
    struct item item;
    struct slice pivot = arg(call, 3);
    i32 where = arg_word(call, 2, "BEFORE AFTER");
    if (where < 0) {
        fail_syntax(call);
        return;
    }
    if (!open_to_write(call, 1, TYPE_LIST, &c)) return;
    struct place first = {.by_rank = true};
    collection_walk(&c, &first, &walk);
    u32 rank = 0;
    bool found = false;
    while (!found && collection_next(&c, &walk, &item)) {
        found = slice_equal(item.name, pivot);
        rank++;
    }
    if (!found) {
        reply_integer(&call->reply, c.found ? -1 : 0);
        return;
    }
    item.name = arg(call, 4);
    if (collection_add(&c, &item, where == 0 ? rank - 1 : rank))
        reply_integer(&call->reply, collection_count(&c));
    else
        fail_memory(call);
}

/* From the head, or from the tail if the count is below 0, which walks as far from the head as the
 * last that goes. */
COLD void cmd_lrem(struct call *call) {
    struct collection c;
    struct spot spot;
    struct slice value = arg(call, 3);
    if (!arg_integer(call, 2) || !open_to_write(call, 1, TYPE_LIST, &c)) return;
    i64 most = call->number ? call->number : INT64_MAX, removed = 0;
    bool backwards = most < 0;
    u32 count = collection_count(&c);
    for (u32 looked = 0, rank = backwards ? count : 0; looked < count && removed != most;
         looked++) {
        if (backwards) rank--;
        collection_at(&c, rank, &spot);
        if (!slice_equal(spot.item.name, value)) {
            if (!backwards) rank++;
            continue;
        }
        collection_remove(&c, &spot);
        removed += backwards ? -1 : 1;
    }
    reply_integer(&call->reply, backwards ? -removed : removed);
}
