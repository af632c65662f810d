/*
 * SORT and SORT_RO.
 *
 * Ranks of the collection's items are sorted, by a weight noted for each, and merged back and forth
 * between two halves, so that what weighs the same stays in its order. Where BY names no key,
 * nothing is sorted, and only the ranks that LIMIT shows are noted.
 *
 *     scratch   | weight ... | rank ... | rank ... | the name of a key |
 *
 * While nothing takes memory nothing moves, and weights refer to what they were read from. A list
 * that is stored takes memory; by then only the ranks are needed.
 */
#include "cmd/items.h"

#define SORT_WORDS "BY GET LIMIT ASC DESC ALPHA STORE"
enum { BY, GET, LIMIT, ASC, DESC, ALPHA, STORE, WORDS };

/* What options say. */
struct order {
    u32 given[WORDS]; /* the argument behind each, as it came last; 0: it did not */
    bool as_is;       /* there is nothing to sort by */
    u32 pattern_most; /* bytes of the longest pattern */
    i64 offset, limit;
};

/* Without ALPHA, the text tells apart what is the same number. */
struct weight {
    double number;
    struct slice text;
};

/* Of call->state: which rank is next, as an index into the ranks of the scratch, and the last one;
 * the pattern of the GET that is next (0: there is none); where ranks begin in the scratch, and
 * where there is room for a name. The scratch is call->entry.key. */
enum { AT, END, PATTERN, RANKS, NAME };

COLD static u32 operands_of(u32 word) {
    return word == LIMIT ? 2 : word < LIMIT || word == STORE;
}

/* Where the star of a pattern is, which ends at a NUL; its length: there is none. */
COLD static u32 find_star(struct slice pattern) {
    u32 i = 0;
    for (; i < pattern.len && pattern.bytes[i] != '*'; i++)
        if (!pattern.bytes[i]) return pattern.len;
    return i;
}

COLD static bool take_options(struct call *call, struct order *order) {
    u32 args = arg_count(call), words = call->command->flags & CMD_WRITE ? WORDS : STORE;
    *order = (struct order){.limit = -1};
    for (u32 i = 2; i < args;) {
        u32 word = (u32)arg_word(call, i++, SORT_WORDS), operands = operands_of(word);
        if (word >= words || args - i < operands) return fail_syntax(call);
        order->given[word] = i;
        if (word == LIMIT) {
            if (!arg_integer(call, i)) return false;
            order->offset = call->number;
            if (!arg_integer(call, i + 1)) return false;
            order->limit = call->number;
        } else if (word <= GET) {
            struct slice pattern = arg(call, i);
            order->pattern_most = max_u32(order->pattern_most, pattern.len);
            order->as_is |= word == BY && find_star(pattern) == pattern.len;
        }
        i += operands;
    }
    return true;
}

/* The pattern of the next GET from argument i on; 0: there is none. */
COLD static u32 next_pattern(struct call *call, u32 i) {
    while (i < arg_count(call)) {
        u32 word = (u32)arg_word(call, i++, SORT_WORDS);
        if (word == GET) return i;
        i += operands_of(word);
    }
    return 0;
}

/* --- what is shown or sorted by --------------------------------------------------------------- */

struct sought {
    bool found;
    struct slice text;
    struct collection c; /* what has it, and where: that is to be held */
    struct spot spot;
};

static u8 *scratch_of(const struct call *call) {
    return (u8 *)(size_t)call->entry.key.bytes;
}

/* Of an element, makes what the pattern, argument i, says: the string, or the field of a hash,
 * whose key has the element in place of the star; "#" is the element itself. */
COLD static void look_up(struct call *call, u32 i, struct sought *sought) {
    struct slice pattern = arg(call, i);
    const u8 *bytes = pattern.bytes;
    if (pattern.len && *bytes == '#' && (pattern.len == 1 || !bytes[1])) return;
    u32 star = find_star(pattern), arrow = star + 1, end = pattern.len;
    sought->found = false;
    if (star == end) return;
    for (; arrow + 2 < end && bytes[arrow]; arrow++)
        if (bytes[arrow] == '-' && bytes[arrow + 1] == '>' && bytes[arrow + 2]) end = arrow;
    struct text name = {scratch_of(call) + call->state[NAME], 0, ~0u};
    text_add(&name, (struct slice){bytes, star});
    text_add(&name, sought->text);
    text_add(&name, (struct slice){bytes + star + 1, end - star - 1});
    struct collection c = {.store = call->store};
    if (!store_read(call->store, text_slice(&name), &c.entry)) return;
    c.found = true;
    c.type = c.entry.type & TYPE_BASE;
    struct spot spot = {.item.value = {c.entry.value, c.entry.value_len}};
    if (end < pattern.len) {
        struct slice field = {bytes + end + 2, pattern.len - end - 2};
        if (c.type != TYPE_HASH || !collection_find(&c, field, FIRST_ONE, &spot)) return;
    } else if (c.type >= TYPE_LIST) {
        return;
    }
    *sought = (struct sought){true, spot.item.value, c, spot};
}

/* What is next: an element, or what a GET says of it. */
COLD static bool next_sought(struct call *call, struct sought *sought) {
    u32 *state = call->state, pattern = state[PATTERN];
    if (state[AT] == state[END]) return false;
    const u32 *ranks = (const u32 *)(const void *)(scratch_of(call) + state[RANKS]);
    at_work(call, &sought->c);
    collection_at(&sought->c, ranks[state[AT]], &sought->spot);
    sought->text = sought->spot.item.name;
    sought->found = true;
    if (pattern) {
        look_up(call, pattern, sought);
        state[PATTERN] = next_pattern(call, pattern + 1);
        if (state[PATTERN]) return true;
        state[PATTERN] = next_pattern(call, 2);
    }
    state[AT]++;
    return true;
}

COLD static bool reply_sought(struct call *call) {
    struct sought sought;
    if (!next_sought(call, &sought)) return false;
    if (sought.found)
        reply_bulk(&call->reply, sought.text);
    else
        reply_null(&call->reply);
    return true;
}

COLD static void give_scratch(struct call *call) {
    store_give_scratch(call->store, scratch_of(call));
}

/* Makes a list what argument `to` holds. */
COLD static void store_sorted(struct call *call, u32 to) {
    struct collection source, made;
    struct sought sought;
    bool good = true;
    at_work(call, &source);
    collection_hold(&source);
    collection_make(call->store, TYPE_LIST, &made);
    for (u32 rank = 0; good && next_sought(call, &sought); rank++) {
        struct item item = {.name = sought.found ? sought.text : SLICE("")};
        collection_hold_spot(&sought.c, &sought.spot);
        good = collection_add(&made, &item, rank);
        collection_release_spot(&sought.c, &sought.spot);
    }
    collection_release(&source);
    give_scratch(call);
    if (!good) collection_give_up(&made);
    store_made(call, to, good, &made);
}

/* --- sorting ---------------------------------------------------------------------------------- */

/* Notes what the items weigh. False: one is not a number. Texts end at a NUL, unless the result is
 * stored. */
COLD static bool weigh(struct call *call, const struct order *order, struct weight *weight) {
    struct sought sought;
    struct walk walk;
    bool good = true;
    at_work(call, &sought.c);
    struct collection c = sought.c;
    collection_walk(&c, 0, &walk);
    for (; collection_next(&c, &walk, &sought.spot.item); weight++) {
        sought.text = sought.spot.item.name;
        sought.found = true;
        *weight = (struct weight){.text = sought.text};
        if (order->given[BY]) look_up(call, order->given[BY], &sought);
        if (!order->given[ALPHA]) {
            good &=
                !sought.found || double_parse_loosely(sought.text, &weight->number) == TEXT_NUMBER;
            continue;
        }
        weight->text = sought.text;
        if (!sought.found) weight->number = -1, weight->text.len = 0;
        for (u32 i = 0; i < weight->text.len && !order->given[STORE]; i++)
            if (!sought.text.bytes[i]) weight->text.len = i;
    }
    return good;
}

COLD static bool precedes(const struct weight *a, const struct weight *b, bool down) {
    if (down) {
        const struct weight *other = a;
        a = b;
        b = other;
    }
    if (a->number != b->number) return a->number < b->number;
    return slice_compare(a->text, b->text) < 0;
}

/* Sorts so many ranks, which have as much room behind them; returns where they are then. */
COLD static u32 *merge(u32 *ranks, u32 count, const struct weight *weights, bool down) {
    u32 *from = ranks, *to = ranks + count;
    for (u32 width = 1; width < count; width *= 2) {
        u32 a = 0, b = 0, a_end = 0, b_end = 0;
        for (u32 i = 0; i < count; i++) {
            if (a == a_end && b == b_end) {
                a = i;
                a_end = b = min_u32(width, count - i) + i;
                b_end = min_u32(width, count - b) + b;
            }
            bool second =
                a == a_end || (b < b_end && precedes(&weights[from[b]], &weights[from[a]], down));
            to[i] = from[second ? b++ : a++];
        }
        u32 *other = from;
        from = to;
        to = other;
    }
    return from;
}

COLD void cmd_sort(struct call *call) {
    struct order order;
    struct collection c;
    struct walk walk;
    struct item item;
    u32 *state = call->state, *given = order.given, longest = 0;
    if (!take_options(call, &order)) return;
    read_key(call, 1);
    at_work(call, &c);
    if (c.found && (c.type < TYPE_LIST || c.type > TYPE_ZSET)) {
        fail_type(call);
        return;
    }
    if (order.as_is && given[STORE] && c.type == TYPE_SET) {
        order.as_is = given[BY] = 0;
        given[ALPHA] = 1;
    }
    bool down = given[DESC] > given[ASC];
    u32 count = collection_count(&c), first = 0;
    u32 skip = order.offset < count ? (u32)(order.offset < 0 ? 0 : order.offset) : count;
    u32 shown = (u64)order.limit < count - skip ? (u32)order.limit : count - skip;
    if (order.as_is) {
        first = down ? count - skip - shown : skip;
        count = shown;
        skip = 0;
    }
    collection_walk(&c, first, &walk);
    for (u32 i = 0; i < count && collection_next(&c, &walk, &item); i++)
        longest = max_u32(longest, item.name.len);

    u64 weights_bytes = order.as_is ? 0 : (u64)count * sizeof(struct weight);
    u64 name_at = weights_bytes + (u64)count * 2 * sizeof(u32);
    u64 bytes = name_at + longest + order.pattern_most;
    collection_hold(&c);
    u8 *scratch = bytes > UINT32_MAX ? NULL : store_take_scratch(call->store, (u32)bytes);
    collection_release(&c);
    if (!scratch) {
        fail_memory(call);
        return;
    }
    call->entry.key.bytes = scratch;
    state[RANKS] = (u32)weights_bytes;
    state[NAME] = (u32)name_at;
    struct weight *weights = (struct weight *)(void *)scratch;
    u32 *ranks = (u32 *)(void *)(scratch + weights_bytes);
    for (u32 i = 0; i < count; i++) ranks[i] = first + (order.as_is && down ? count - 1 - i : i);
    if (!order.as_is && c.found) {
        if (!weigh(call, &order, weights)) {
            give_scratch(call);
            fail(call, "One or more scores can't be converted into double");
            return;
        }
        skip += (u32)(merge(ranks, count, weights, down) - ranks);
    }
    state[AT] = skip;
    state[END] = skip + shown;
    state[PATTERN] = next_pattern(call, 2);
    if (given[STORE]) {
        store_sorted(call, given[STORE]);
        return;
    }
    u32 gets = 0;
    for (u32 i = 2; (i = next_pattern(call, i)); i++) gets++;
    reply_array(&call->reply, shown * max_u32(gets, 1));
    call->finish = give_scratch;
    reply_stream_items(&call->reply, reply_sought);
}
