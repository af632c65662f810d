/* What takes from an end of a list, or of a sorted set. It goes when the reply has left. */
#include "cmd/items.h"

/* Replies up to so many items of a collection that is there. */
static void pop(struct call *call, bool tail, i64 most, u32 parts) {
    const struct collection *c = &call->work;
    u32 count = collection_count(c), popped = most < count ? (u32)most : count;
    u32 from = tail ? count - popped : 0;
    parts |= NAMES | (tail ? BACKWARDS : 0) | (c->type == TYPE_ZSET ? VALUES : 0);
    reply_range(call, from, from + popped, parts);
    cut_later(call, from, from + popped);
}

/* LPOP, RPOP, ZPOPMIN and ZPOPMAX. */
HANDLER(cmd_pop) {
    u32 type = type_at_work(call);
    bool many = arg_count(call) > 2, sorted = type == TYPE_ZSET;
    struct collection *c = &call->work;
    if (arg_count(call) > 3) {
        if (sorted)
            fail_syntax(call);
        else
            fail_arity(call, call->command);
        return;
    }
    if (!take_popped(call) || !open_to_write(call, 1)) return;
    bool tail = call->flags & CMD_TAIL;
    if (c->found && !many && !sorted)
        pop_at(call, tail ? collection_count(c) - 1 : 0);
    else if (c->found)
        pop(call, tail, call->number, many ? COUNT_FIRST | NESTED : COUNT_FIRST);
    else if (sorted)
        reply_array(&call->reply, 0);
    else if (many)
        reply_null_array(&call->reply);
    else
        reply_null(&call->reply);
}

/* --- from the first key there is -------------------------------------------------------------- */

/* What is asked for. */
struct taking {
    u32 first, end; /* the keys are the arguments [first, end) */
    bool tail;      /* of a list; of a sorted set, the highest scores */
    i64 most;       /* items, from that key */
};

COLD static bool take_taking(struct call *call, u32 type, struct taking *taking) {
    u32 args = arg_count(call), flags = call->flags;
    bool blocking = flags & CMD_BLOCKING, numbered = call->command->keys == KEYS_NUMBERED;
    *taking = (struct taking){1, args - 1, flags & CMD_TAIL, 1};
    if (numbered) {
        u32 first = taking->first = blocking ? 3 : 2;
        if (!arg_from_one(call, first - 1, "numkeys")) return false;
        if (call->number >= args - first) return fail_syntax(call);
        u32 end = taking->end = first + (u32)call->number;
        i32 word = arg_word(call, end++, type == TYPE_LIST ? "LEFT RIGHT" : "MIN MAX");
        if (word < 0 || end + 1 == args) return fail_syntax(call);
        if (end < args) {
            if (arg_word(call, end, "COUNT")) return fail_syntax(call);
            if (!arg_from_one(call, end + 1, "count")) return false;
            if (end + 2 < args) return fail_syntax(call);
            taking->most = call->number;
        }
        taking->tail = word;
    }
    return !blocking || arg_timeout(call, numbered ? 1 : args - 1);
}

/* BLPOP, BRPOP, LMPOP, BLMPOP, BZPOPMIN, BZPOPMAX, ZMPOP and BZMPOP. */
COLD HANDLER(cmd_pop_first) {
    struct taking taking;
    struct collection *c = &call->work;
    u32 type = type_at_work(call);
    if (!take_taking(call, type, &taking)) return;
    for (u32 i = taking.first; i < taking.end; i++) {
        if (!open_to_write(call, i)) return;
        if (!c->found) continue;
        bool numbered = call->command->keys == KEYS_NUMBERED;
        reply_array(&call->reply, type == TYPE_ZSET && !numbered ? 3 : 2);
        pop(call, taking.tail, taking.most,
            numbered ? KEY_FIRST | COUNT_FIRST | PAIRED : KEY_FIRST);
        return;
    }
    reply_null_array(&call->reply);
}
