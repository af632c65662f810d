#include "cmd/items.h"
#include "base/decimal.h"
#include "cmd/glob.h"

/* --- finding ---------------------------------------------------------------------------------- */

u32 type_at_work(const struct call *call) {
    switch (call->command->group) {
    case GROUP_LIST: return TYPE_LIST;
    case GROUP_SET: return TYPE_SET;
    case GROUP_SORTED_SET: return TYPE_ZSET;
    default: return TYPE_HASH;
    }
}

void at_work(const struct call *call, struct collection *c) {
    c->store = call->store;
    c->key = call->entry.key;
    c->type = call->entry.type & TYPE_BASE;
    c->found = call->found;
    c->entry = call->entry;
}

bool open_found(struct call *call, u32 i, u32 type, struct collection *c) {
    at_work(call, c);
    bool fits = !c->found || c->type == type;
    c->key = arg(call, i);
    c->type = type;
    return fits || fail_type(call);
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
_Static_assert(PACKED_MOST / 2 <= COMPACT_ITEMS, "what is packed need not be counted");

/* Would Redis have given up the compact encoding with this item? */
static void mark_grown(struct collection *c, const struct item *item) {
    i64 value;
    bool grown = collection_is_tree(c) && collection_count(c) > COMPACT_ITEMS;
    if (c->type == TYPE_SET)
        grown |= !integer_parse(item->name, &value);
    else
        grown |= item->name.len > COMPACT_BYTES || item->value.len > COMPACT_BYTES;
    if (grown) collection_mark(c, TYPE_GROWN);
}

static void remove_first(struct collection *c, struct slice name) {
    struct spot spot;
    collection_find(c, name, FIRST_ONE, &spot);
    collection_remove(c, &spot);
}

bool put_item(struct collection *c, const struct item *item, bool *is_new) {
    struct spot spot;
    *is_new = !collection_find(c, item->name, FIRST_ONE, &spot);
    const struct item *old = &spot.item;
    if (!*is_new && c->type == TYPE_SET) return true;
    if (!*is_new && old->value.len == item->value.len &&
        old->expires_at_ms == item->expires_at_ms) {
        copy_bytes((u8 *)(size_t)old->value.bytes, item->value.bytes, item->value.len);
        return true;
    }
    if (!collection_add(c, item, 0)) return false;
    if (!*is_new) remove_first(c, item->name);
    mark_grown(c, item);
    return true;
}

/* The items of a request: arguments first, first + step and so on. */
struct items {
    u32 first, step, count;
    u8 *were_there; /* a bit for each: was its name there before? */
};

static void load_item(struct call *call, const struct items *items, u32 i, struct item *item) {
    u32 at = items->first + i * items->step;
    *item = (struct item){.name = arg(call, at)};
    if (items->step == 2) item->value = arg(call, at + 1);
}

static bool was_there(const struct items *items, u32 i) {
    return items->were_there[i / 8] >> (i % 8) & 1;
}

/* Finds the item of that name that this command has put: behind the one there was before. */
static bool find_put(const struct collection *c, struct slice name, bool was_there,
                     struct spot *spot) {
    return collection_find(c, name, was_there ? SECOND_ONE : FIRST_ONE, spot);
}

/*
 * All or none, though memory may run out in between: new items are put beside those they replace,
 * which go when all are there. Of several with one name, the last stays.
 */
static bool stage(struct call *call, struct collection *c, struct items *items, i64 *created) {
    struct spot spot;
    bool staged = true;
    u32 i;
    for (i = 0; i < items->count; i++)
        if (collection_find(c, arg(call, items->first + i * items->step), FIRST_ONE, &spot))
            items->were_there[i / 8] |= (u8)(1 << i % 8);
    for (i = 0; staged && i < items->count; i++) {
        struct item item;
        load_item(call, items, i, &item);
        bool old = was_there(items, i), again = find_put(c, item.name, old, &spot);
        if (c->type == TYPE_SET && (old || again)) continue;
        staged = collection_add(c, &item, 0);
        if (staged && again && find_put(c, item.name, old, &spot)) collection_remove(c, &spot);
        *created += !old && !again;
    }
    for (u32 put = i, j = 0; j < put; j++) {
        struct item item;
        load_item(call, items, j, &item);
        bool old = was_there(items, j);
        if (!staged) {
            if (find_put(c, item.name, old, &spot)) collection_remove(c, &spot);
            continue;
        }
        if (old && find_put(c, item.name, true, &spot)) remove_first(c, item.name);
        mark_grown(c, &item);
    }
    return staged;
}

static bool stage_with_notes(struct call *call, struct collection *c, struct items *items,
                             i64 *created) {
    u32 bytes = items->count / 8 + 1;
    collection_hold(c);
    items->were_there = store_take_scratch(call->store, bytes);
    collection_release(c);
    if (!items->were_there) return false;
    __builtin_memset(items->were_there, 0, bytes);
    bool staged = stage(call, c, items, created);
    store_give_scratch(call->store, items->were_there);
    return staged;
}

bool put_items(struct call *call, struct collection *c, u32 first, u32 step, i64 *created) {
    struct items items = {first, step, (arg_count(call) - first) / step, NULL};
    u64 bytes = 0;
    bool done = true;
    *created = 0;
    for (u32 i = 0; i < items.count && bytes <= PACKED_MOST; i++) {
        struct item item;
        load_item(call, &items, i, &item);
        bytes += item_bytes(c->type, &item);
    }
    if (items.count == 1 || (bytes <= PACKED_MOST && collection_reserve(c, (u32)bytes))) {
        for (u32 i = 0; i < items.count && done; i++) {
            struct item item;
            load_item(call, &items, i, &item);
            bool is_new;
            done = put_item(c, &item, &is_new);
            *created += is_new;
        }
    } else {
        done = stage_with_notes(call, c, &items, created);
    }
    return done || fail_memory(call);
}

/* --- taking from the first there is ----------------------------------------------------------- */

COLD static bool arg_from_one(struct call *call, u32 i, const char *what) {
    return (integer_parse(arg(call, i), &call->number) && call->number > 0) ||
           fail_quoting(call, what, SLICE(" should be greater than 0"), "");
}

COLD bool take_taking(struct call *call, const char *ends, struct taking *taking) {
    u32 args = arg_count(call), flags = call->command->flags;
    bool blocking = flags & CMD_BLOCKING, numbered = call->command->keys == KEYS_NUMBERED;
    *taking = (struct taking){1, args - 1, flags & CMD_TAIL, 1};
    if (numbered) {
        u32 first = taking->first = blocking ? 3 : 2;
        if (!arg_from_one(call, first - 1, "numkeys")) return false;
        if (call->number >= args - first) return fail_syntax(call);
        u32 end = taking->end = first + (u32)call->number;
        i32 word = arg_word(call, end++, ends);
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

/* --- replying --------------------------------------------------------------------------------- */

/* Of call->state. Backwards, AT is the rank. FROM and TO are the ranks of what goes then. */
enum { LEAF, AT, LEFT, PARTS, VALUE_NEXT, FROM, TO, SEED };

/*
 * Where `rank` comes to in a shuffle of as many as `count`, the same for a seed: so that distinct
 * ones are drawn without a note of those before. In each round a rank changes places with its
 * partner, the other one of a sum, or does not, as chance says to both (Hoang, Morris and Rogaway,
 * 2012: swap or not).
 */
COLD static u32 shuffled(u32 rank, u32 count, u32 seed) {
    enum { ROUNDS = 40 };
    struct random rounds = {(u64)1 << 32 | seed};
    for (u32 i = 0; i < ROUNDS; i++) {
        u32 sum = random_below(&rounds, count);
        u32 partner = sum - rank + (sum < rank ? count : 0);
        u32 coin = ((u32)rounds.state ^ max_u32(rank, partner)) * 0x9e3779b1;
        if (coin >> 31) rank = partner;
    }
    return rank;
}

COLD static void draw(struct call *call, const struct collection *c, struct walk *walk) {
    u32 *state = call->state, count = collection_count(c);
    u32 rank = state[PARTS] & ONCE_EACH ? shuffled(state[LEFT] - 1, count, state[SEED])
                                        : random_below(&call->store->random, count);
    collection_walk(c, rank, walk);
    state[LEAF] = walk->leaf;
    state[AT] = walk->at;
}

static bool next_item(struct call *call) {
    u32 *state = call->state, parts = state[PARTS], pattern = parts / PATTERN_PART;
    struct collection c;
    struct walk walk = {state[LEAF], state[AT]};
    struct spot spot;
    at_work(call, &c);
    state[PARTS] &= ~(u32)(parts & KEY_FIRST ? KEY_FIRST : COUNT_NEXT);
    if (parts & KEY_FIRST) {
        reply_bulk(&call->reply, c.key);
        return true;
    }
    if (parts & COUNT_NEXT) reply_array(&call->reply, state[LEFT]);
    if (!state[LEFT]) return false;
    if (parts & AT_RANDOM && !state[VALUE_NEXT]) draw(call, &c, &walk);
    do
        if (parts & BACKWARDS)
            collection_at(&c, walk.at--, &spot);
        else if (!collection_next(&c, &walk, &spot.item))
            return false;
    while (pattern && !glob_matches(arg(call, pattern), spot.item.name, false));
    bool both = (parts & (NAMES | VALUES)) == (NAMES | VALUES);
    bool value = state[VALUE_NEXT] || !(parts & NAMES);
    if (!value && parts & PAIRS && call->reply.form == 3) reply_array(&call->reply, 2);
    reply_bulk(&call->reply, value ? spot.item.value : spot.item.name);
    if (both) {
        state[VALUE_NEXT] = !value;
        if (!value) return true; /* the same item again */
    }
    state[LEAF] = walk.leaf;
    state[AT] = walk.at;
    state[LEFT]--;
    return true;
}

void reply_items(struct call *call, const struct collection *c, u32 rank, u32 count, u32 parts) {
    u32 *state = call->state;
    struct walk walk = {0, rank};
    if (!(parts & BACKWARDS)) collection_walk(c, rank, &walk);
    call->entry = c->entry;
    call->found = c->found;
    state[LEAF] = walk.leaf;
    state[AT] = walk.at;
    state[LEFT] = c->found ? count : 0;
    state[PARTS] = parts;
    state[VALUE_NEXT] = false;
    state[SEED] = random_u32(&call->store->random);
    reply_stream_items(&call->reply, next_item);
}

static void cut_popped(struct call *call) {
    struct collection c;
    at_work(call, &c);
    collection_cut(&c, call->state[FROM], call->state[TO]);
}

void cut_later(struct call *call, const struct collection *c, u32 from, u32 to) {
    call->entry = c->entry;
    call->found = c->found;
    call->state[FROM] = from;
    call->state[TO] = to;
    call->finish = cut_popped;
}

/* HRANDFIELD, SRANDMEMBER and ZRANDMEMBER. With a count below 0 an item may come again. */
COLD void cmd_randmember(struct call *call) {
    struct collection c;
    u32 type = type_at_work(call), args = arg_count(call), parts = NAMES;
    bool many = args > 2;
    if (type == TYPE_SET && args > 3) {
        fail_syntax(call);
        return;
    }
    if (many && !arg_integer(call, 2)) return;
    i64 wanted = many ? call->number : -1;
    if (wanted == INT64_MIN) {
        fail_between(call, "9223372036854775807 and 9223372036854775807");
        return;
    }
    if (args > 3) {
        if (args > 4 || arg_word(call, 3, "WITHVALUES WITHSCORES") != (type == TYPE_ZSET)) {
            fail_syntax(call);
            return;
        }
        parts = NAMES | VALUES | PAIRS;
    }
    /* Nobody waits for more than 2^31; above half of 2^64 Redis refuses pairs. */
    if (wanted < -INT32_MAX || (args > 3 && wanted > INT64_MAX / 2)) {
        fail(call, "value is out of range");
        return;
    }
    if (!open_to_read(call, 1, type, &c)) return;
    u32 count = collection_count(&c);
    if (wanted < 0) {
        parts |= AT_RANDOM;
        count = c.found ? (u32)-wanted : 0;
    } else if (wanted < count) {
        parts |= AT_RANDOM | ONCE_EACH;
        count = (u32)wanted;
    }
    if (many)
        reply_array(&call->reply, args > 3 && call->reply.form == 2 ? count * 2 : count);
    else if (!c.found)
        reply_null(&call->reply);
    reply_items(call, &c, 0, count, parts);
}
