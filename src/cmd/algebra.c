/*
 * Unions, intersections and differences of sets and sorted sets.
 *
 * What is in the result is found by walking one source (of a union, one after the other) and
 * looking each name up in the others; no name is found twice. Of sets that takes no memory, so a
 * reply is a stream of it; a sorted set is made first, and so is what is stored.
 */
#include "cmd/items.h"

enum { SUM, MIN, MAX };

struct source {
    u32 arg, count;
    double weight;
};
enum { SOURCES_MOST = 1 << 27 }; /* so many bytes of them are less than 4 GiB */

/* In call->notes. */
struct algebra {
    u32 both, less;         /* not 0: an intersection, a difference; else a union */
    u32 first, count;       /* the sources are the arguments from there on, */
    struct source *sources; /* or, if this is not NULL, in this order */
    u32 from, to;           /* only these ranks of them are walked */
    u32 how;                /* what becomes of several scores of one name */
    struct spot spot;       /* of a name, where it is in another */
};
_Static_assert(sizeof(struct algebra) <= CALL_NOTES * sizeof(u64), "it fits");

COLD static struct algebra *algebra_of(struct call *call) {
    return (struct algebra *)(void *)call->notes;
}

/* Of call->state: which source is walked, up to which one, and the rank of the next item. */
enum { SOURCE, END, RANK };

/* What the command asks for of so many sources, which are the arguments from `first` on. */
COLD static void begin_algebra(struct call *call, u32 first, u32 count) {
    u32 flags = call->flags;
    *algebra_of(call) = (struct algebra){.both = flags & CMD_BOTH,
                                         .less = flags & CMD_DOWN,
                                         .first = first,
                                         .count = count,
                                         .to = ~0u};
}

/* The argument behind the one where the result is to be stored, if it is. */
COLD static u32 behind_target(const struct call *call) {
    return call->flags & CMD_WRITE ? 2 : 1;
}

/* As it is now: making room may have moved it, or taken it away. */
COLD static bool open_source(struct call *call, u32 i) {
    const struct algebra *a = algebra_of(call);
    struct collection *c = &call->work;
    c->key = arg(call, a->sources ? a->sources[i].arg : a->first + i);
    c->found = store_find(store_of(call), c->key, &c->entry);
    c->type = c->entry.type & TYPE_BASE;
    return c->found;
}

COLD static bool source_has(struct call *call, u32 i, struct slice name) {
    return open_source(call, i) &&
           collection_find(&call->work, name, FIRST_ONE, &algebra_of(call)->spot);
}

/* Is what was found in the source at work, and not before, in the result? */
COLD static bool is_result(struct call *call, struct slice name) {
    const struct algebra *a = algebra_of(call);
    u32 walked = call->state[SOURCE], end = a->both || a->less ? a->count : walked;
    for (u32 i = 0; i < end; i++)
        if (i != walked && source_has(call, i, name) == !a->both) return false;
    return true;
}

/* Begins to walk: all of a union, the smallest one for an intersection. */
COLD static void begin(struct call *call) {
    const struct algebra *a = algebra_of(call);
    u32 *state = call->state, least = ~0u;
    state[SOURCE] = 0;
    state[RANK] = a->from;
    state[END] = a->both || a->less ? 1 : a->count;
    for (u32 i = 0; i < a->count && a->both; i++) {
        open_source(call, i);
        u32 count = collection_count(&call->work);
        if (count >= least) continue;
        least = count;
        state[SOURCE] = i;
        state[END] = i + 1;
    }
}

/* It is at call->spot. */
COLD static bool next_result(struct call *call) {
    const struct algebra *a = algebra_of(call);
    struct collection *c = &call->source;
    u32 *state = call->state;
    for (; state[SOURCE] < state[END]; state[SOURCE]++, state[RANK] = a->from) {
        open_source(call, state[SOURCE]);
        *c = call->work;
        u32 count = min_u32(collection_count(c), a->to);
        while (state[RANK] < count) {
            collection_at(c, state[RANK]++, &call->spot);
            if (is_result(call, call->spot.item.name)) return true;
        }
    }
    return false;
}

COLD static u32 count_results(struct call *call, u64 most) {
    u32 count = 0;
    begin(call);
    while (count < most && next_result(call)) count++;
    return count;
}

/* --- scores ----------------------------------------------------------------------------------- */

COLD static double combine(double a, double b, u32 how) {
    if (how == MIN) return b < a ? b : a;
    if (how == MAX) return b > a ? b : a;
    return a + b;
}

/* Of a name that was found in the source at work; a set's have score 1. What is not a number
 * becomes 0, where Redis makes it so. */
COLD static double score_of(struct call *call, struct slice name) {
    const struct algebra *a = algebra_of(call);
    double score = 0;
    u32 first = call->state[SOURCE], end = a->less ? first + 1 : a->count;
    for (u32 i = first; i < end; i++) {
        if (!source_has(call, i, name)) continue;
        bool scored = (call->work.entry.type & TYPE_BASE) == TYPE_ZSET;
        double value = (scored ? score_of_order(a->spot.item.order) : 1) *
                       (a->sources ? a->sources[i].weight : 1);
        if (__builtin_isnan(value) && (i == first || !a->both)) value = 0;
        score = i == first ? value : combine(score, value, a->how);
        if (__builtin_isnan(score)) score = 0;
    }
    return score;
}

/* --- making ----------------------------------------------------------------------------------- */

COLD static u32 count_sources(struct call *call) {
    u32 count = 0;
    for (u32 i = 0; i < algebra_of(call)->count; i++) count += open_source(call, i);
    return count;
}

/* Makes the result. If making room for it took a source away, it is made anew, as if that had gone
 * before. False: no memory. */
COLD static bool make_result(struct call *call) {
    u32 type = type_at_work(call);
    struct algebra *a = algebra_of(call);
    struct item *item = &a->spot.item;
    for (;;) {
        u32 there = count_sources(call);
        bool good = true;
        collection_make(store_of(call), type, &call->made);
        begin(call);
        while (good && next_result(call)) {
            struct slice name = call->spot.item.name;
            u64 order = type == TYPE_ZSET ? order_of_score(score_of(call, name)) : UNORDERED;
            item_name(item, name);
            item->order = order;
            collection_hold_spot(&call->source, &call->spot);
            good = put_alone(&call->made, item);
            collection_release_spot(&call->source, &call->spot);
        }
        if (!good || count_sources(call) == there) return good;
        collection_give_up(&call->made);
    }
}

COLD void store_made(struct call *call, u32 to, bool whole) {
    u32 count = collection_count(&call->made);
    if (whole && collection_publish(&call->made, arg(call, to), 0)) {
        reply_integer(&call->reply, count);
        return;
    }
    collection_give_up(&call->made);
    fail_memory(call);
}

/* --- sets ------------------------------------------------------------------------------------- */

COLD static bool expect_sources(struct call *call) {
    const struct algebra *a = algebra_of(call);
    bool sorted = type_at_work(call) == TYPE_ZSET;
    for (u32 i = 0; i < a->count; i++) {
        bool found = read_key(call, a->first + i);
        u32 type = call->work.entry.type & TYPE_BASE;
        if (found && type != TYPE_SET && (!sorted || type != TYPE_ZSET)) return fail_type(call);
    }
    return true;
}

COLD STREAM(next_member) {
    if (!next_result(call)) return false;
    reply_bulk(&call->reply, call->spot.item.name);
    return true;
}

/* SUNION, SINTER, SDIFF and what stores them. */
COLD HANDLER(cmd_set_algebra) {
    u32 first = behind_target(call);
    begin_algebra(call, first, arg_count(call) - first);
    if (!expect_sources(call)) return;
    if (call->flags & CMD_WRITE) {
        store_made(call, 1, make_result(call));
        return;
    }
    reply_set(&call->reply, count_results(call, UINT64_MAX));
    begin(call);
    reply_stream_items(&call->reply, next_member);
}

/* --- sorted sets ------------------------------------------------------------------------------ */

/* The number of sources is argument i, they are behind it. */
COLD static bool take_sources(struct call *call, u32 i) {
    if (!arg_integer(call, i)) return false;
    begin_algebra(call, i + 1, (u32)call->number);
    if (call->number < 1)
        return fail_naming(call, "at least 1 input key is needed for '", call->command);
    if (call->number > arg_count(call) - i - 1) return fail_syntax(call);
    return expect_sources(call);
}

COLD static void list_sources(struct call *call) {
    const struct algebra *a = algebra_of(call);
    for (u32 i = 0; i < a->count; i++) {
        a->sources[i] = (struct source){a->first + i, 0, 1};
        open_source(call, i);
        a->sources[i].count = collection_count(&call->work);
    }
}

/* From the smallest to the largest, but for a difference; of the same size as they came. */
COLD static void sort_sources(const struct algebra *a) {
    struct source *sources = a->sources;
    for (u32 i = 1; i < a->count && !a->less; i++) {
        struct source source = sources[i];
        u32 to = i;
        for (; to && sources[to - 1].count > source.count; to--) sources[to] = sources[to - 1];
        sources[to] = source;
    }
}

/* WEIGHTS, AGGREGATE and WITHSCORES, where the command has them. */
COLD static bool take_options(struct call *call, u32 *parts) {
    struct algebra *a = algebra_of(call);
    i32 word;
    call->option = a->first + a->count;
    while ((word = next_option(call, "WITHSCORES WEIGHTS AGGREGATE\1")) >= 0) {
        if (word == 0 && !(call->flags & CMD_WRITE)) {
            *parts |= VALUES;
        } else if (word == 1 && !a->less && arg_count(call) - call->option >= a->count) {
            for (u32 j = 0; j < a->count; j++) {
                if (!arg_double(call, call->option++, "weight value is not a float")) return false;
                a->sources[j].weight = call->real;
            }
        } else if (word == 2 && !a->less) {
            i32 given = arg_word(call, call->operand, "SUM MIN MAX");
            if (given < 0) return fail_syntax(call);
            a->how = (u32)given;
        } else {
            return fail_syntax(call);
        }
    }
    return word == NO_OPTION;
}

COLD FINISH(give_up_made) {
    collection_give_up(&call->made);
}

/* ZUNION, ZINTER, ZDIFF and what stores them. */
COLD HANDLER(cmd_sorted_algebra) {
    struct algebra *a = algebra_of(call);
    u32 parts = NAMES | NESTED | COUNT_FIRST;
    if (!take_sources(call, behind_target(call))) return;
    if (a->count > SOURCES_MOST || !take_scratch(call, a->count * (u32)sizeof(struct source))) {
        fail_memory(call);
        return;
    }
    a->sources = (struct source *)(void *)call->scratch;
    list_sources(call);
    bool valid = take_options(call, &parts);
    sort_sources(a);
    bool good = valid && make_result(call);
    give_scratch(call);
    if (!valid) return;
    if (call->flags & CMD_WRITE || !good) {
        store_made(call, 1, good);
        return;
    }
    call->work = call->made;
    reply_range(call, 0, collection_count(&call->work), parts);
    call->finish = give_up_made;
}

COLD void store_range(struct call *call, u32 i, u32 from, u32 to) {
    struct algebra *a = algebra_of(call);
    begin_algebra(call, i, 1);
    a->from = from;
    a->to = to;
    store_made(call, 1, make_result(call));
}

/* SINTERCARD and ZINTERCARD. */
COLD HANDLER(cmd_intercard) {
    bool sorted = type_at_work(call) == TYPE_ZSET;
    u64 limit = UINT64_MAX;
    if (sorted && !take_sources(call, 1)) return;
    if (!sorted && !arg_from_one(call, 1, "numkeys")) return;
    if (call->number > arg_count(call) - 2) {
        fail(call, "Number of keys can't be greater than number of args");
        return;
    }
    begin_algebra(call, 2, (u32)call->number);
    i32 option;
    call->option = 2 + (u32)call->number;
    while ((option = next_option(call, "LIMIT\1")) >= 0) {
        if (!read_integer(call, arg(call, call->operand)) || call->number < 0) {
            fail(call, "LIMIT can't be negative");
            return;
        }
        limit = call->number ? (u64)call->number : UINT64_MAX;
    }
    if (option == NO_OPTION && (sorted || expect_sources(call)))
        reply_integer(&call->reply, count_results(call, limit));
}
