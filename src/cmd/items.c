#include "cmd/items.h"

/* --- finding ---------------------------------------------------------------------------------- */

u32 type_at_work(const struct call *call) {
    _Static_assert(GROUP_HASH - GROUP_LIST == TYPE_HASH - TYPE_LIST, "both are in one order");
    u32 group = call->command->group;
    return group == GROUP_GEO ? (u32)TYPE_ZSET : group - GROUP_LIST + TYPE_LIST;
}

HOT_INLINE bool expect_type(struct call *call) {
    struct collection *c = &call->work;
    c->type = type_at_work(call);
    return !c->found || (c->entry.type & TYPE_BASE) == c->type || fail_type(call);
}

bool open_to_read(struct call *call, u32 i) {
    read_key(call, i);
    return expect_type(call);
}

COLD bool open_to_peek(struct call *call, u32 i) {
    peek_key(call, i);
    return expect_type(call);
}

bool open_to_write(struct call *call, u32 i) {
    call->tally = (struct tally){0};
    touch_key(call, i);
    return expect_type(call);
}

/* --- putting ---------------------------------------------------------------------------------- */

/* Redis's limits of what is compact: items, of those of a sorted set, and bytes of a name or value.
 */
enum { COMPACT_ITEMS = 512, COMPACT_MEMBERS = 128, COMPACT_BYTES = 64, LEAST_MEMBER = 9 };
_Static_assert(PACKED_MOST / 2 <= COMPACT_ITEMS && PACKED_MOST / LEAST_MEMBER <= COMPACT_MEMBERS,
               "what is packed need not be counted");

/* Would Redis have given up the compact encoding with this item? */
static void mark_grown(struct collection *c, const struct item *item) {
    i64 value;
    u32 most = c->type == TYPE_ZSET ? COMPACT_MEMBERS : COMPACT_ITEMS;
    if (c->entry.type & TYPE_GROWN) return;
    bool grown = collection_is_tree(c) && collection_count(c) > most;
    if (c->type == TYPE_SET)
        grown |= !integer_parse(item->name, &value);
    else
        grown |= item->name.len > COMPACT_BYTES || item->value.len > COMPACT_BYTES;
    if (grown) collection_mark(c, TYPE_GROWN);
}

/* Does it replace the old one (NULL: there is none)? */
static bool is_wanted(const struct collection *c, const struct item *item, const struct item *old,
                      const struct tally *tally) {
    u32 conditions = tally->conditions;
    if (!old) return !(conditions & XX);
    if (c->type != TYPE_ZSET) return c->type == TYPE_HASH;
    if (conditions & NX || item->order == old->order) return false;
    return !(conditions & (item->order < old->order ? GT : LT));
}

HOT_INLINE void count_put(struct tally *tally, bool is_new) {
    (*(is_new ? &tally->created : &tally->changed))++;
}

/* While an item is replaced, there are two of its name, the old one and the one that is put: side
 * by side as they came, or, in a sorted set, told apart by their scores. `old` is the score, or
 * UNORDERED, of the old one; 0 if there was none. */
static bool find_old(const struct collection *c, struct slice name, u64 old, struct spot *spot) {
    return old && collection_find(c, name, FIRST_ONE, spot) &&
           (spot->item.order == old || collection_find(c, name, SECOND_ONE, spot));
}
static bool find_put(const struct collection *c, struct slice name, u64 old, struct spot *spot) {
    return collection_find(c, name, FIRST_ONE, spot) &&
           (spot->item.order != old || collection_find(c, name, SECOND_ONE, spot));
}

bool put_sought(struct collection *c, const struct item *item, struct tally *tally,
                struct spot *spot, bool there) {
    u64 old = there ? spot->item.order : 0;
    if (!is_wanted(c, item, there ? &spot->item : NULL, tally)) return true;
    if (!there || !collection_replace(c, spot, item)) {
        if (!collection_add(c, item, 0, there ? NULL : spot)) return false;
        if (there && find_old(c, item->name, old, spot)) collection_remove(c, spot);
    }
    mark_grown(c, item);
    count_put(tally, !there);
    return true;
}

bool put_item(struct collection *c, const struct item *item, struct tally *tally) {
    struct spot spot;
    bool there = collection_find(c, item->name, FIRST_ONE, &spot);
    return put_sought(c, item, tally, &spot, there);
}

bool put_alone(struct collection *c, const struct item *item) {
    struct tally tally = {0};
    return put_item(c, item, &tally);
}

/* The items of a request: arguments first, first + step and so on. */
struct items {
    u32 first, step, count;
    u8 *notes; /* of each, what `old` is; outside sorted sets in a bit */
};

static void load_item(struct call *call, const struct collection *c, const struct items *items,
                      u32 i, struct item *item) {
    u32 at = items->first + i * items->step, last = at + items->step - 1;
    item_name(item, arg(call, at));
    if (c->type == TYPE_ZSET) {
        if (items->count > 1) take_score(call, at, items->step - 1); /* else it was read last */
        item->order = order_of_score(call->real);
        item->name = arg(call, last);
    } else if (at != last) {
        item->value = arg(call, last);
    }
}

static u64 noted(const struct collection *c, const struct items *items, u32 i) {
    return c->type == TYPE_ZSET ? load64(items->notes + i * 8) : items->notes[i / 8] >> (i % 8) & 1;
}

static void note(const struct collection *c, struct items *items, u32 i, u64 order) {
    if (c->type == TYPE_ZSET)
        store64(items->notes + i * 8, order);
    else
        items->notes[i / 8] |= (u8)(1 << i % 8);
}

/*
 * All or none, though memory may run out in between: new items are put beside those they replace,
 * which go when all are there. Of several with one name, the last stays.
 */
static bool stage(struct call *call, struct collection *c, struct items *items,
                  struct tally *tally) {
    struct spot spot;
    struct item item;
    bool staged = true;
    u32 i;
    for (i = 0; i < items->count; i++) {
        load_item(call, c, items, i, &item);
        if (collection_find(c, item.name, FIRST_ONE, &spot)) note(c, items, i, spot.item.order);
    }
    for (i = 0; staged && i < items->count; i++) {
        load_item(call, c, items, i, &item);
        u64 old = noted(c, items, i);
        bool again = find_put(c, item.name, old, &spot);
        bool there = again || find_old(c, item.name, old, &spot);
        if (!is_wanted(c, &item, there ? &spot.item : NULL, tally)) continue;
        if (again) collection_remove(c, &spot);
        staged = collection_add(c, &item, 0, NULL);
        count_put(tally, !there);
    }
    u32 put = i;
    for (i = 0; i < put; i++) {
        load_item(call, c, items, i, &item);
        u64 old = noted(c, items, i);
        if (find_put(c, item.name, old, &spot) && (!staged || find_old(c, item.name, old, &spot)))
            collection_remove(c, &spot);
    }
    for (i = 0; staged && i < put; i++) {
        load_item(call, c, items, i, &item);
        if (!(tally->conditions & XX) || collection_find(c, item.name, FIRST_ONE, &spot))
            mark_grown(c, &item);
    }
    return staged;
}

static bool stage_with_notes(struct call *call, struct collection *c, struct items *items,
                             struct tally *tally) {
    u32 bytes = c->type == TYPE_ZSET ? items->count * 8 : items->count / 8 + 1;
    collection_hold(c);
    items->notes = store_take_scratch(store_of(call), bytes);
    collection_release(c);
    if (!items->notes) return false;
    __builtin_memset(items->notes, 0, bytes);
    bool staged = stage(call, c, items, tally);
    store_give_scratch(store_of(call), items->notes);
    return staged;
}

bool put_items(struct call *call, u32 first, u32 step) {
    struct tally *tally = &call->tally;
    struct collection *c = &call->work;
    struct items items = {first, step, (arg_count(call) - first) / step, NULL};
    u32 bytes = c->type == TYPE_ZSET ? items.count * 8 : 0; /* at most, if it is to be packed */
    bool done = true;
    if (!c->found && tally->conditions & XX) return true;
    for (u32 i = first; items.count > 1 && i < arg_count(call) && bytes <= PACKED_MOST; i++) {
        u32 len = arg(call, i).len;
        bytes += len + 1 + (len >= 64);
    }
    bool packed = !collection_is_tree(c) && c->entry.value_len + bytes <= PACKED_MOST;
    if (items.count == 1 || (packed && collection_widen(c, bytes))) {
        for (u32 i = 0; i < items.count && done; i++) {
            struct item item;
            load_item(call, c, &items, i, &item);
            done = put_item(c, &item, tally);
        }
        collection_trim(c);
    } else {
        done = stage_with_notes(call, c, &items, tally);
    }
    return done || fail_memory(call);
}

/* --- ranges ----------------------------------------------------------------------------------- */

COLD bool take_range(struct call *call, u32 i, i64 *start, i64 *end) {
    if (!arg_integer(call, i)) return false;
    *start = call->number;
    if (!arg_integer(call, i + 1)) return false;
    *end = call->number;
    return true;
}

COLD void clip_range(i64 start, i64 end, u32 count, u32 *from, u32 *to) {
    if (start < 0) start = start + count < 0 ? 0 : start + count;
    if (end < 0) end += count;
    if (end >= count) end = (i64)count - 1;
    *from = *to = 0;
    if (start > end) return;
    *from = (u32)start;
    *to = (u32)end + 1;
}

/* --- replying --------------------------------------------------------------------------------- */

/* Of call->state. Backwards, AT is the rank from which on items have been noted, NOTED how many of
 * those are left; at random, that is the seed. FROM and TO are the ranks of what goes then. */
enum { LEAF, AT, LEFT, PARTS, VALUE_NEXT, FROM, TO, SEED, NOTED = SEED };

/* Where the next item lies, unless it goes backwards. */
static struct walk *walk_of(struct call *call) {
    _Static_assert(AT == LEAF + 1, "the two are a struct walk");
    return (struct walk *)(void *)&call->state[LEAF];
}

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

COLD static void draw(struct call *call, const struct collection *c) {
    u32 *state = call->state, count = collection_count(c);
    u32 rank = state[PARTS] & ONCE_EACH ? shuffled(state[LEFT] - 1, count, state[SEED])
                                        : random_below(&store_of(call)->random, count);
    collection_walk(c, rank, walk_of(call));
}

static bool is_nested(const struct call *call, u32 parts) {
    return parts & (call->reply.form == 3 ? NESTED | PAIRED : PAIRED);
}

HOT_INLINE bool is_both(u32 parts) {
    return parts & NAMES && parts & VALUES;
}

/* How many items, or pairs, or names and values, follow. */
static void reply_head(struct call *call, u32 count, u32 parts) {
    reply_array(&call->reply, count << (is_both(parts) && !is_nested(call, parts)));
}

/* As a string, all the digits of an integer are there where Redis keeps it as one. */
static void reply_score(struct call *call, const struct collection *c, double score, bool as_text) {
    const double most = 0x1p62;
    u8 text[DOUBLE_TEXT_MAX];
    u32 len;
    if (!as_text) {
        reply_double(&call->reply, score);
        return;
    }
    if (!(c->entry.type & TYPE_GROWN) && __builtin_fabs(score) <= most &&
        score == (double)(i64)score)
        len = integer_print(text, (i64)score);
    else
        len = double_print(text, score);
    reply_bulk(&call->reply, (struct slice){text, len});
}

/* Backwards, the next few ranks are walked forwards and noted, since items cannot be told from
 * behind. */
static struct walk *step_back(struct call *call) {
    u32 *state = call->state;
    struct walk *notes = (struct walk *)(void *)call->notes;
    if (!state[NOTED]) {
        state[NOTED] = min_u32(state[LEFT], CALL_NOTES);
        state[AT] -= state[NOTED];
        collection_note(&call->work, state[AT], state[NOTED], notes);
    }
    return &notes[state[NOTED] - 1];
}

COLD bool is_shown(struct call *call, u32 parts, const struct item *item) {
    return is_like(call, parts / PATTERN_PART, item->name) &&
           (!(parts & TIMES) || item->expires_at_ms);
}

HOT_INLINE void reply_part(struct call *call, const struct item *item, bool value) {
    struct collection *c = &call->work;
    if (value && c->type == TYPE_ZSET)
        reply_score(call, c, score_of_order(item->order), call->state[PARTS] & AS_TEXT);
    else if (value && call->state[PARTS] & TIMES)
        reply_integer(&call->reply, item->expires_at_ms);
    else
        reply_bulk(&call->reply, value ? item->value : item->name);
}

/* As many as there is room for. An item's value follows in the next call where its name left none.
 */
STREAM(next_item) {
    u32 *state = call->state, parts = state[PARTS];
    struct collection *c = &call->work;
    if (parts & KEY_FIRST) {
        state[PARTS] -= KEY_FIRST;
        reply_bulk(&call->reply, c->key);
        return true;
    }
    if (parts & COUNT_FIRST) {
        state[PARTS] -= COUNT_FIRST;
        reply_head(call, state[LEFT], parts);
    }
    while (state[LEFT]) {
        struct item item;
        bool value = state[VALUE_NEXT] || !(parts & NAMES);
        if (!reply_may_go_on(&call->reply)) return true;
        if (parts & AT_RANDOM && !state[VALUE_NEXT]) draw(call, c);
        struct walk *walk = parts & BACKWARDS ? step_back(call) : walk_of(call);
        u32 leaf = walk->leaf, at = walk->at;
        do
            if (!collection_next(c, walk, &item)) return false;
        while (parts >= TIMES && !is_shown(call, parts, &item));
        if (is_both(parts) && !value) {
            if (is_nested(call, parts)) reply_array(&call->reply, 2);
            reply_part(call, &item, false);
            value = true;
            if (!reply_may_go_on(&call->reply)) { /* the same item again */
                state[VALUE_NEXT] = true;
                walk->leaf = leaf;
                walk->at = at;
                return true;
            }
        }
        reply_part(call, &item, value);
        state[VALUE_NEXT] = false;
        state[LEFT]--;
        if (parts & BACKWARDS) state[NOTED]--;
    }
    return false;
}

void reply_range(struct call *call, u32 from, u32 to, u32 parts) {
    u32 *state = call->state;
    state[AT] = to;
    state[LEFT] = call->work.found ? to - from : 0;
    if (from == RANK_OF_SPOT)
        spot_walk(&call->spot, walk_of(call));
    else if (!(parts & BACKWARDS))
        collection_walk(&call->work, from, walk_of(call));
    state[PARTS] = parts;
    state[VALUE_NEXT] = false;
    state[NOTED] = 0;
    if (parts & AT_RANDOM) state[SEED] = random_u32(&store_of(call)->random);
    reply_stream_items(&call->reply, next_item);
}

FINISH(cut_shown) {
    struct collection *c = &call->work;
    collection_cut(c, call->state[FROM], call->state[TO]);
}

void cut_later(struct call *call, u32 from, u32 to) {
    call->state[FROM] = from;
    call->state[TO] = to;
    call->finish = cut_shown;
}

FINISH(remove_shown) {
    collection_remove(&call->work, &call->spot);
}

void pop_at(struct call *call, u32 rank) {
    collection_at(&call->work, rank, &call->spot);
    reply_bulk(&call->reply, call->spot.item.name);
    call->finish = remove_shown;
}

/* HRANDFIELD, SRANDMEMBER and ZRANDMEMBER. With a count below 0 an item may come again. */
COLD HANDLER(cmd_randmember) {
    struct collection *c = &call->work;
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
        parts = NAMES | VALUES | NESTED;
    }
    /* Nobody waits for more than 2^31; above half of 2^64 Redis refuses pairs. */
    if (wanted < -INT32_MAX || (args > 3 && wanted > INT64_MAX / 2)) {
        fail(call, "value is out of range");
        return;
    }
    if (!open_to_read(call, 1)) return;
    u32 count = collection_count(c);
    if (wanted < 0) {
        parts |= AT_RANDOM;
        count = c->found ? (u32)-wanted : 0;
    } else if (wanted < count) {
        parts |= AT_RANDOM | ONCE_EACH;
        count = (u32)wanted;
    }
    if (many)
        parts |= COUNT_FIRST;
    else if (!c->found)
        reply_null(&call->reply);
    reply_range(call, 0, count, parts);
}
