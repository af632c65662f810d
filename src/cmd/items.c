#include "cmd/items.h"
#include "base/decimal.h"

/* --- finding ---------------------------------------------------------------------------------- */

bool open_found(struct call *call, u32 i, u32 type, struct collection *c) {
    c->store = call->store;
    c->key = arg(call, i);
    c->type = type;
    c->found = call->found;
    c->entry = call->entry;
    return !c->found || (c->entry.type & TYPE_BASE) == type || fail_type(call);
}

bool open_to_read(struct call *call, u32 i, u32 type, struct collection *c) {
    read_key(call, i);
    return open_found(call, i, type, c);
}

bool open_to_write(struct call *call, u32 i, u32 type, struct collection *c) {
    touch_key(call, i);
    return open_found(call, i, type, c);
}

/* --- putting ---------------------------------------------------------------------------------- */

/* Redis's limits of what is compact: items, and bytes of a field or value. */
enum { COMPACT_ITEMS = 512, COMPACT_BYTES = 64 };

/* Would Redis have given up the compact encoding with this item? */
static void mark_grown(struct collection *c, const struct item *item) {
    i64 value;
    bool grown;
    if (c->entry.type & TYPE_GROWN) return;
    if (c->type == TYPE_SET)
        grown = !integer_parse(item->name, &value) || collection_count(c) > COMPACT_ITEMS;
    else
        grown = item->name.len > COMPACT_BYTES || item->value.len > COMPACT_BYTES ||
                collection_count(c) > COMPACT_ITEMS;
    if (grown) collection_mark(c, TYPE_GROWN);
}

static bool is_as_long(const struct item *a, const struct item *b) {
    return a->value.len == b->value.len && a->expires_at_ms == b->expires_at_ms;
}

static void remove_first(struct collection *c, struct slice name) {
    struct spot spot;
    collection_find(c, name, FIRST_ONE, &spot);
    collection_remove(c, &spot);
}

bool put_item(struct collection *c, const struct item *item, bool *is_new) {
    struct spot spot;
    *is_new = !collection_find(c, item->name, FIRST_ONE, &spot);
    if (!*is_new && (c->type == TYPE_SET || is_as_long(&spot.item, item))) {
        if (c->type == TYPE_HASH)
            copy_bytes((u8 *)(size_t)spot.item.value.bytes, item->value.bytes, item->value.len);
        return true;
    }
    if (!collection_add(c, item, 0)) return false;
    if (!*is_new) remove_first(c, item->name);
    mark_grown(c, item);
    return true;
}

static struct item item_at(struct call *call, const struct collection *c, u32 i) {
    struct item item = {.name = arg(call, i)};
    if (c->type == TYPE_HASH) item.value = arg(call, i + 1);
    return item;
}

/*
 * All or none, when memory may run out in between: new items are put beside those they replace,
 * which go when all are there. Which names are new is noted, a bit an item, so that it can be taken
 * back: from the last on, each is the only one of its name then, or the last.
 */
static bool stage(struct call *call, struct collection *c, u32 first, u32 step, u8 *is_new) {
    u32 count = arg_count(call), i = first;
    struct spot spot;
    bool staged = true;
    for (; i < count && staged; i += step) {
        struct item item = item_at(call, c, i);
        bool found = collection_find(c, item.name, LAST_ONE, &spot);
        u8 bit = (u8)(1 << (i & 7));
        if (!found) is_new[i / 8] |= bit;
        if (!found || c->type == TYPE_HASH) staged = collection_add(c, &item, 0);
    }
    if (!staged) i -= step; /* that one was not put */
    while (!staged && i > first) {
        i -= step;
        bool added = is_new[i / 8] >> (i & 7) & 1 || c->type == TYPE_HASH;
        if (!added) continue;
        collection_find(c, arg(call, i), LAST_ONE, &spot);
        collection_remove(c, &spot);
    }
    for (i = first; staged && i < count; i += step) {
        struct item item = item_at(call, c, i);
        if (c->type == TYPE_HASH && !(is_new[i / 8] >> (i & 7) & 1)) remove_first(c, item.name);
    }
    for (i = first; staged && i < count; i += step) {
        struct item item = item_at(call, c, i);
        mark_grown(c, &item);
    }
    return staged;
}

bool put_items(struct call *call, struct collection *c, u32 first, u32 step, i64 *created) {
    u32 count = arg_count(call), bytes = 0;
    *created = 0;
    for (u32 i = first; i < count; i += step) {
        struct item item = item_at(call, c, i);
        bytes = item_bytes(c->type, &item) > PACKED_MOST ? PACKED_MOST + 1
                                                         : bytes + item_bytes(c->type, &item);
        if (bytes > PACKED_MOST) break;
    }
    u32 before = collection_count(c);
    bool single = first + step >= count, done = true;
    if (single || collection_reserve(c, bytes)) {
        for (u32 i = first; i < count && done; i += step) {
            struct item item = item_at(call, c, i);
            bool is_new;
            done = put_item(c, &item, &is_new);
            *created += is_new;
        }
    } else {
        u8 *is_new = store_take_scratch(call->store, count / 8 + 1);
        if (is_new) __builtin_memset(is_new, 0, count / 8 + 1);
        if (is_new) c->found = store_find(c->store, c->key, &c->entry);
        done = is_new && stage(call, c, first, step, is_new);
        if (is_new) store_give_scratch(call->store, is_new);
        *created = (i64)collection_count(c) - before;
    }
    return done || fail_memory(call);
}

/* --- replying --------------------------------------------------------------------------------- */

enum { LEAF, AT, LEFT, PARTS, VALUE_NEXT }; /* of call->state */

struct collection at_work(struct call *call) {
    return (struct collection){.store = call->store,
                               .key = call->entry.key,
                               .type = call->entry.type & TYPE_BASE,
                               .found = call->found,
                               .entry = call->entry};
}

static bool next_item(struct call *call) {
    u32 *state = call->state;
    struct collection c = at_work(call);
    struct walk walk = {state[LEAF], state[AT]};
    struct item item;
    if (!state[LEFT] || !collection_next(&c, &walk, &item)) return false;
    bool value = state[VALUE_NEXT] || state[PARTS] == VALUES;
    reply_bulk(&call->reply, value ? item.value : item.name);
    if (state[PARTS] == (NAMES | VALUES)) {
        state[VALUE_NEXT] = !value;
        if (!value) return true; /* the same item again */
    }
    state[LEAF] = walk.leaf;
    state[AT] = walk.at;
    state[LEFT]--;
    return true;
}

void reply_items(struct call *call, const struct collection *c, const struct walk *walk, u32 count,
                 u32 parts) {
    u32 *state = call->state;
    call->entry = c->entry;
    state[LEAF] = walk->leaf;
    state[AT] = walk->at;
    state[LEFT] = c->found ? count : 0;
    state[PARTS] = parts;
    state[VALUE_NEXT] = false;
    reply_stream_items(&call->reply, next_item);
}

/* --- ranges ----------------------------------------------------------------------------------- */

bool take_range(struct call *call, u32 i, i64 *start, i64 *end) {
    if (!arg_integer(call, i)) return false;
    *start = call->number;
    if (!arg_integer(call, i + 1)) return false;
    *end = call->number;
    return true;
}

void clip_range(i64 start, i64 end, u32 count, u32 *from, u32 *to) {
    if (start < 0) start = start + count < 0 ? 0 : start + count;
    if (end < 0) end += count;
    if (end >= count) end = (i64)count - 1;
    *from = *to = 0;
    if (start > end) return;
    *from = (u32)start;
    *to = (u32)end + 1;
}
