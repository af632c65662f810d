/* Sets. What they share with hashes is in hashes.c. */
#include "cmd/items.h"

void cmd_sadd(struct call *call) {
    struct collection c;
    i64 created;
    if (open_to_write(call, 1, TYPE_SET, &c) && put_items(call, &c, 2, 1, &created))
        reply_integer(&call->reply, created);
}

void cmd_sismember(struct call *call) {
    struct collection c;
    struct spot spot;
    if (open_to_read(call, 1, TYPE_SET, &c))
        reply_integer(&call->reply, collection_find(&c, arg(call, 2), FIRST_ONE, &spot));
}

/* A stream; the state is the argument it is at. */
COLD static bool next_membership(struct call *call) {
    struct collection c = {
        .store = call->store, .type = TYPE_SET, .found = call->found, .entry = call->entry};
    struct spot spot;
    u32 *i = &call->state[0];
    if (*i == arg_count(call)) return false;
    reply_integer(&call->reply, collection_find(&c, arg(call, (*i)++), FIRST_ONE, &spot));
    return true;
}

COLD void cmd_smismember(struct call *call) {
    struct collection c;
    if (!open_to_read(call, 1, TYPE_SET, &c)) return;
    reply_array(&call->reply, arg_count(call) - 2);
    call->state[0] = 2;
    reply_stream_items(&call->reply, next_membership);
}
