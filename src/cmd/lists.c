/* Lists. */
#include "base/decimal.h"
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

/* --- taking ----------------------------------------------------------------------------------- */

/* Of call->state: the rank to be shown next, the step to the one after, and the ranks that go. */
enum { RANK, STEP, LEFT, FROM, TO };

COLD static void cut_popped(struct call *call) {
    struct collection c = at_work(call);
    collection_cut(&c, call->state[FROM], call->state[TO]);
}

COLD static bool next_popped(struct call *call) {
    struct collection c = at_work(call);
    struct spot spot;
    u32 *state = call->state;
    if (!state[LEFT]) return false;
    state[LEFT]--;
    collection_at(&c, state[RANK], &spot);
    state[RANK] += state[STEP];
    reply_bulk(&call->reply, spot.item.name);
    return true;
}

/* LPOP and RPOP. What the reply shows goes when it has left. */
void cmd_pop(struct call *call) {
    bool right = call->command->flags & CMD_DOWN, many = arg_count(call) > 2;
    u32 *state = call->state;
    struct collection c;
    if (arg_count(call) > 3) {
        fail_arity(call, call->command);
        return;
    }
    call->number = 1;
    if (many && (!integer_parse(arg(call, 2), &call->number) || call->number < 0)) {
        fail_positive(call);
        return;
    }
    if (!open_to_write(call, 1, TYPE_LIST, &c)) return;
    if (!c.found) {
        if (many)
            reply_null_array(&call->reply);
        else
            reply_null(&call->reply);
        return;
    }
    u32 count = collection_count(&c);
    u32 popped = call->number < count ? (u32)call->number : count;
    state[RANK] = right ? count - 1 : 0;
    state[STEP] = right ? ~0u : 1;
    state[LEFT] = popped;
    state[FROM] = right ? count - popped : 0;
    state[TO] = state[FROM] + popped;
    call->finish = cut_popped;
    if (many) reply_array(&call->reply, popped);
    if (many)
        reply_stream_items(&call->reply, next_popped);
    else
        next_popped(call);
}

/* LMOVE and RPOPLPUSH. The element is copied aside, put there, and then goes here. */
COLD void cmd_lmove(struct call *call) {
    bool ends = arg_count(call) == 5;
    i32 from_right = ends ? arg_word(call, 3, "LEFT RIGHT") : 1;
    i32 to_right = ends ? arg_word(call, 4, "LEFT RIGHT") : 0;
    struct collection from, to;
    struct spot spot;
    if (from_right < 0 || to_right < 0) {
        fail_syntax(call);
        return;
    }
    if (!open_to_write(call, 1, TYPE_LIST, &from)) return;
    if (!from.found) {
        reply_null(&call->reply);
        return;
    }
    if (!open_to_write(call, 2, TYPE_LIST, &to)) return;
    bool same = slice_equal(from.key, to.key);
    u32 count = collection_count(&from), rank = from_right ? count - 1 : 0;
    collection_at(&from, rank, &spot);
    u32 len = spot.item.name.len;
    u8 *copy = store_take_scratch(call->store, len);
    bool done = false;
    if (copy) {
        touch_key(call, 1);
        open_found(call, 1, TYPE_LIST, &from);
        collection_at(&from, rank, &spot);
        copy_bytes(copy, spot.item.name.bytes, len);
        touch_key(call, 2);
        open_found(call, 2, TYPE_LIST, &to);
        struct item item = {.name = {copy, len}};
        done = collection_add(&to, &item, to_right ? collection_count(&to) : 0);
        store_give_scratch(call->store, copy);
    }
    if (!done) {
        fail_memory(call);
        return;
    }
    touch_key(call, 1);
    open_found(call, 1, TYPE_LIST, &from);
    if (same && !to_right) rank++;
    collection_at(&to, to_right ? collection_count(&to) - 1 : 0, &spot);
    /* What is replied lies at the other end, and stays where it is until the reply has left. */
    call->state[FROM] = rank;
    call->state[TO] = rank + 1;
    call->finish = cut_popped;
    reply_bulk(&call->reply, spot.item.name);
}
