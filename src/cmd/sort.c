/*
 * SORT and SORT_RO.
 *
 * What is sorted are the ranks of the items, by a weight noted for each; what weighs the same stays
 * in its order. Where BY names no key, nothing is sorted, and ranks are counted.
 *
 *     scratch   | weight ... | rank ... | rank ... | name of a key |
 *
 * While nothing takes memory nothing moves, and weights refer to what they were read from. A list
 * that is stored takes memory; by then only the ranks are needed.
 */
#include "cmd/items.h"

#define SORT_WORDS "BY\1GET\1LIMIT\2ASC DESC ALPHA STORE\1"

/*
 * Of call->state: the argument behind each option, as it came last, or 0; and where in the scratch
 * there is room for a name. When all is sorted: the place of the next rank, and the last one's; how
 * far it is from one to the next; where ranks are in the scratch (0: a place is a rank); and the
 * pattern of the GET that is next (0: there is none).
 */
enum { BY, GET, LIMIT, ASC, DESC, ALPHA, STORE, NAME };
enum { AT = BY, PATTERN = GET, END = LIMIT, STEP = ASC, RANKS = DESC };

/* The text tells apart what is the same number; with ALPHA, that is 1 where there is a text, or 0.
 * It lies in the arena, so far from the base, which takes as much on every host. */
struct weight {
    double number;
    u32 text_at, text_len;
};
enum { WEIGHTS_MOST = 90 << 20 }; /* the scratch is less than 4 GiB with the longest names */

/* In call->notes. */
struct sorting {
    struct limits limits;
    bool as_is;             /* there is nothing to sort by */
    u32 gets, pattern_most; /* how many there are; bytes of the longest pattern */

    /* An element, at call->spot, or what a pattern makes of it (text.bytes NULL: nothing). What is
     * to be held for it is call->source. */
    struct slice text;

    struct walk walk;
};
_Static_assert(sizeof(struct sorting) <= CALL_NOTES * sizeof(u64), "it fits");

COLD static struct sorting *sorting_of(struct call *call) {
    return (struct sorting *)(void *)call->notes;
}

/* Where the byte, or a NUL, or the end is: patterns, and texts that are sorted, end at a NUL. */
COLD static u32 find_byte(struct slice text, u8 byte) {
    u32 i = 0;
    while (i < text.len && text.bytes[i] && text.bytes[i] != byte) i++;
    return i;
}

COLD static bool take_options(struct call *call) {
    struct sorting *sorting = sorting_of(call);
    i32 option;
    *sorting = (struct sorting){.limits.limit = -1};
    __builtin_memset(call->state, 0, sizeof call->state);
    call->option = 2;
    while ((option = next_option(call, SORT_WORDS)) >= 0) {
        u32 i = call->operand;
        call->state[option] = i;
        if (option == STORE && !(call->flags & CMD_WRITE)) return fail_syntax(call);
        if (option == LIMIT &&
            !take_range(call, i, &sorting->limits.offset, &sorting->limits.limit))
            return false;
        if (option <= GET) {
            struct slice pattern = arg(call, i);
            sorting->pattern_most = max_u32(sorting->pattern_most, pattern.len);
            sorting->gets += option == GET;
            sorting->as_is |= option == BY && find_byte(pattern, '*') == find_byte(pattern, 0);
        }
    }
    return option == NO_OPTION;
}

/* The pattern of the next GET; 0: there is none. */
COLD static u32 next_pattern(struct call *call) {
    i32 option;
    while ((option = next_option(call, SORT_WORDS)) >= 0)
        if (option == GET) return call->operand;
    return 0;
}

COLD static u32 first_pattern(struct call *call) {
    call->option = 2;
    return next_pattern(call);
}

/* --- what is shown or sorted by --------------------------------------------------------------- */

enum { ARROW = '-' | '>' << 8 };

/* From an element to what the pattern, argument i, says: the string, or the field of a hash, whose
 * key has the element in place of the star; "#" is the element itself. */
COLD static void look_up(struct call *call, u32 i) {
    struct sorting *sorting = sorting_of(call);
    struct slice pattern = arg(call, i), element = sorting->text;
    struct collection *c = &call->source;
    const u8 *bytes = pattern.bytes;
    u32 star = find_byte(pattern, '*'), len = find_byte(pattern, 0), end = pattern.len;
    if (len == 1 && *bytes == '#') return;
    sorting->text = (struct slice){0};
    if (star == len) return;
    for (u32 arrow = len - 3; (i32)(arrow - star) > 0; arrow--)
        if (load16(bytes + arrow) == ARROW) end = arrow;
    u8 *name = call->scratch + call->state[NAME];
    u32 middle = star + element.len, rest = end - star - 1;
    copy_bytes(name, bytes, star);
    copy_bytes(name + star, element.bytes, element.len);
    copy_bytes(name + middle, bytes + star + 1, rest);
    if (!store_read(store_of(call), (struct slice){name, middle + rest}, &c->entry)) return;
    c->type = c->entry.type & TYPE_BASE;
    if (end < pattern.len) {
        struct slice field = {bytes + end + 2, pattern.len - end - 2};
        if (c->type == TYPE_HASH && collection_find(c, field, FIRST_ONE, &call->spot))
            sorting->text = call->spot.item.value;
    } else if (c->type < TYPE_LIST) {
        sorting->text = (struct slice){c->entry.value, c->entry.value_len};
        call->spot.path.level = call->spot.path.node[0] = 0;
    }
}

/* What is next: an element, or what a GET makes of it. */
COLD static bool next_sought(struct call *call) {
    struct sorting *sorting = sorting_of(call);
    u32 *state = call->state, pattern = state[PATTERN], rank = state[AT];
    if (rank == state[END]) return false;
    if (state[RANKS]) rank = load32(call->scratch + state[RANKS] + rank * 4);
    call->source = call->work;
    collection_at(&call->work, rank, &call->spot);
    sorting->text = call->spot.item.name;
    if (pattern) {
        look_up(call, pattern);
        state[PATTERN] = next_pattern(call);
        if (state[PATTERN]) return true;
        state[PATTERN] = first_pattern(call);
    }
    state[AT] += state[STEP];
    return true;
}

COLD STREAM(next_reply) {
    if (!next_sought(call)) return false;
    struct slice text = sorting_of(call)->text;
    if (text.bytes)
        reply_bulk(&call->reply, text);
    else
        reply_null(&call->reply);
    return true;
}

/* Makes a list what argument `to` holds. */
COLD static void store_sorted(struct call *call, u32 to) {
    const struct sorting *sorting = sorting_of(call);
    bool good = true;
    collection_hold(&call->work);
    collection_make(store_of(call), TYPE_LIST, &call->made);
    for (u32 rank = 0; good && next_sought(call); rank++) {
        call->spot.item.name = sorting->text;
        collection_hold_spot(&call->source, &call->spot);
        good = collection_add(&call->made, &call->spot.item, rank, NULL);
        collection_release_spot(&call->source, &call->spot);
    }
    collection_release(&call->work);
    give_scratch(call);
    store_made(call, to, good);
}

/* --- sorting ---------------------------------------------------------------------------------- */

COLD static u8 *base_of(const struct call *call) {
    return block_at(&store_of(call)->heap, 0);
}

static u32 place_of(const struct call *call, const u8 *bytes) {
    return bytes ? (u32)(bytes - base_of(call)) : 0;
}

/* Notes what the items weigh. False: one is not a number. */
COLD static bool weigh(struct call *call, struct weight *weight) {
    struct sorting *sorting = sorting_of(call);
    struct walk *walk = &sorting->walk;
    bool good = true;
    call->source = call->work;
    collection_walk(&call->work, 0, walk);
    for (; collection_next(&call->work, walk, &call->spot.item); weight++) {
        struct slice *text = &sorting->text;
        *text = call->spot.item.name;
        weight->number = 0;
        weight->text_at = place_of(call, text->bytes);
        weight->text_len = text->len;
        if (call->state[BY]) look_up(call, call->state[BY]);
        if (call->state[ALPHA]) {
            weight->text_at = place_of(call, text->bytes);
            weight->text_len = call->state[STORE] ? text->len : find_byte(*text, 0);
            weight->number = text->bytes != NULL;
        } else if (sorting->text.bytes) {
            good &= double_parse_loosely(sorting->text, &call->real) == TEXT_NUMBER;
            weight->number = call->real;
        }
    }
    return good;
}

COLD static bool precedes(const u8 *base, const struct weight *a, const struct weight *b) {
    if (a->number != b->number) return a->number < b->number;
    return slice_compare((struct slice){base + a->text_at, a->text_len},
                         (struct slice){base + b->text_at, b->text_len}) < 0;
}

/* Makes so many ranks, sorted; there is room for as many behind them. Returns where they are: runs
 * of ranks that are in order become one, twice as long, in the other half. */
COLD static u32 *sort(const u8 *base, u32 *from, u32 count, const struct weight *weights,
                      bool down) {
    u32 *to = from + count;
    for (u32 i = 0; i < count; i++) from[i] = i;
    for (u32 width = 1; width < count; width *= 2) {
        u32 a = 0, a_end = 0, b = 0, b_end = 0;
        for (u32 i = 0; i < count; i++) {
            if (i == b_end) {
                a = i;
                b = a_end = min_u32(count, a + width);
                b_end = min_u32(count, b + width);
            }
            bool second = a == a_end;
            if (!second && b < b_end)
                second = precedes(base, &weights[from[down ? a : b]], &weights[from[down ? b : a]]);
            to[i] = from[second ? b++ : a++];
        }
        u32 *other = from;
        from = to;
        to = other;
    }
    return from;
}

/* In Redis, to sort a sorted set makes its encoding one for many. */
COLD HANDLER(cmd_sort) {
    struct sorting *sorting = sorting_of(call);
    struct collection *c = &call->work;
    struct limits *limits = &sorting->limits;
    struct walk *walk = &sorting->walk;
    u32 *state = call->state;
    if (!take_options(call)) return;
    read_key(call, 1);
    c->type = c->entry.type & TYPE_BASE;
    if (c->found && c->type - TYPE_LIST > TYPE_ZSET - TYPE_LIST) {
        fail_type(call);
        return;
    }
    if (c->type == TYPE_ZSET) collection_mark(c, TYPE_GROWN);
    if (sorting->as_is && state[STORE] && c->type == TYPE_SET) {
        sorting->as_is = state[BY] = 0;
        state[ALPHA] = 1;
    }
    bool as_is = sorting->as_is, down = state[DESC] > state[ASC];
    u32 count = collection_count(c), longest = 0;
    if (limits->offset < 0) limits->offset = 0;
    limits->to = count;
    limit_range(call, as_is && down);
    u32 from = limits->from, to = limits->to, shown = to - from, left = as_is ? shown : count;
    collection_walk(c, as_is ? from : 0, walk);
    for (; left && collection_next(c, walk, &call->spot.item); left--)
        longest = max_u32(longest, call->spot.item.name.len);

    u32 ranks_at = as_is ? 0 : count * (u32)sizeof(struct weight);
    state[NAME] = as_is ? 0 : ranks_at + count * 2 * (u32)sizeof(u32);
    if (count > WEIGHTS_MOST ||
        !take_scratch(call, state[NAME] + longest + sorting->pattern_most)) {
        fail_memory(call);
        return;
    }
    if (!as_is) {
        struct weight *weights = (struct weight *)(void *)call->scratch;
        if (!weigh(call, weights)) {
            give_scratch(call);
            fail(call, "One or more scores can't be converted into double");
            return;
        }
        u32 *ranks = (u32 *)(void *)(call->scratch + ranks_at);
        ranks_at = (u32)((u8 *)sort(base_of(call), ranks, count, weights, down) - call->scratch);
        down = false;
    }
    state[AT] = down ? to - 1 : from;
    state[STEP] = down ? ~0u : 1;
    state[END] = state[AT] + state[STEP] * shown;
    state[RANKS] = ranks_at;
    state[PATTERN] = first_pattern(call);
    if (state[STORE]) {
        store_sorted(call, state[STORE]);
        return;
    }
    reply_array(&call->reply, shown * max_u32(sorting->gets, 1));
    call->finish = give_scratch;
    reply_stream_items(&call->reply, next_reply);
}
