/* Sets. What they share with hashes is in hashes.c. */
#include "cmd/items.h"

HANDLER(cmd_sadd) {
    if (open_to_write(call, 1) && put_items(call, 2, 1))
        reply_integer(&call->reply, call->tally.created);
}

/* The member is put there before it goes here. */
COLD HANDLER(cmd_smove) {
    struct collection *from = &call->source, *to = &call->work;
    struct slice name = arg(call, 3);
    if (!open_to_write(call, 1)) return;
    *from = *to;
    if (!from->found) {
        reply_integer(&call->reply, 0);
        return;
    }
    if (!open_to_write(call, 2)) return;
    bool found = collection_find(from, name, FIRST_ONE, &call->spot);
    if (found && !slice_equal(from->key, to->key)) {
        item_name(&call->spot.item, name);
        collection_hold(from);
        bool put = put_alone(to, &call->spot.item);
        collection_release(from);
        if (!put) {
            fail_memory(call);
            return;
        }
        collection_find(from, name, FIRST_ONE, &call->spot);
        collection_remove(from, &call->spot);
    }
    reply_integer(&call->reply, found);
}

/* --- at random -------------------------------------------------------------------------------- */

/* Of call->state: is a member at call->spot that the reply shows, which is to go; and how many are
 * to follow. */
enum { SHOWN, LEFT };

COLD static u32 any_rank(struct call *call) {
    return random_below(&store_of(call)->random, collection_count(&call->work));
}

COLD static void remove_shown(struct call *call) {
    if (call->state[SHOWN]) collection_remove(&call->work, &call->spot);
    call->state[SHOWN] = false;
}

COLD static void show_any(struct call *call) {
    collection_at(&call->work, any_rank(call), &call->spot);
    call->state[SHOWN] = true;
}

COLD FINISH(finish_popping) {
    remove_shown(call);
    for (; call->state[LEFT] && call->work.found; call->state[LEFT]--) {
        show_any(call);
        remove_shown(call);
    }
}

COLD STREAM(next_popped) {
    remove_shown(call);
    if (!call->state[LEFT]) return false;
    call->state[LEFT]--;
    show_any(call);
    reply_bulk(&call->reply, call->spot.item.name);
    return true;
}

COLD HANDLER(cmd_spop) {
    struct collection *c = &call->work;
    bool many = arg_count(call) > 2;
    if (arg_count(call) > 3) {
        fail_syntax(call);
        return;
    }
    if (!take_popped(call) || !open_to_write(call, 1)) return;
    if (many) {
        u32 count = collection_count(c);
        if (call->number < count) count = (u32)call->number;
        reply_set(&call->reply, count);
        call->state[SHOWN] = false;
        call->state[LEFT] = count;
        reply_stream_items(&call->reply, next_popped);
        call->finish = finish_popping;
    } else if (c->found) {
        pop_at(call, any_rank(call));
    } else {
        reply_null(&call->reply);
    }
}
