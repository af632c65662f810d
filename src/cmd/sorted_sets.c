/* Sorted sets. What they share with hashes and sets is in hashes.c. */
#include "cmd/items.h"

/* --- putting ---------------------------------------------------------------------------------- */

/* Options of ZADD, behind the conditions. */
enum { CH = 16, INCR = 32, CONDITIONS = NX | XX | GT | LT };

static bool options_agree(struct call *call, u32 given, u32 words, u32 step) {
    bool both = given & NX && given & XX;
    if (!words || words % step || (both && step == 3)) return fail_syntax(call);
    if (both) return fail_together(call, "XX and NX");
    if (__builtin_popcount(given & (NX | GT | LT)) > 1)
        return fail_together(call, "GT, LT, and/or NX");
    return !(given & INCR) || words == 2 ||
           fail(call, "INCR option supports a single increment-element pair");
}

static void add_to_score(struct call *call, u32 i) {
    struct tally *tally = &call->tally;
    struct spot *spot = &call->spot;
    struct item item;
    double score = call->real;
    bool found = find_item(call, i), refused = found && tally->conditions & NX;
    if (found) score += score_of_order(spot->item.order);
    if (__builtin_isnan(score) && !refused) {
        fail(call, "resulting score is not a number (NaN)");
        return;
    }
    item_name(&item, arg(call, i));
    item.order = order_of_score(score);
    if (!put_sought(&call->work, &item, tally, spot, found))
        fail_memory(call);
    else if (tally->created || tally->changed || (found && !(tally->conditions & (NX | GT | LT))))
        reply_double(&call->reply, score);
    else
        reply_null(&call->reply);
}

/* ZADD and ZINCRBY, and GEOADD, whose scores are places. */
HANDLER(cmd_zadd) {
    u32 step = call->command->group == GROUP_GEO ? 3 : 2;
    u32 first = 2, given = call->command->arity > 0 ? INCR : 0; /* ZADD takes more */
    for (; first < arg_count(call); first++) {
        i32 word = arg_word(call, first, CONDITION_WORDS " CH INCR");
        if (word < 0 || (step == 3 && 1u << word & (GT | LT | INCR))) break;
        given |= 1u << word;
    }
    if (!options_agree(call, given, arg_count(call) - first, step)) return;
    for (u32 i = first; i < arg_count(call); i += step)
        if (!take_score(call, i, step - 1)) return;
    if (!open_to_write(call, 1)) return;
    call->tally.conditions = given & CONDITIONS;
    if (given & INCR)
        add_to_score(call, first + 1);
    else if (put_items(call, first, step))
        reply_integer(&call->reply, call->tally.created + (given & CH ? call->tally.changed : 0));
}

/* --- ranks and ranges ------------------------------------------------------------------------- */

/* ZRANK and ZREVRANK. */
HANDLER(cmd_zrank) {
    struct collection *c = &call->work;
    if (!open_to_read(call, 1)) return;
    if (!find_item(call, 2)) {
        reply_null(&call->reply);
        return;
    }
    u32 rank = collection_rank(c, &call->spot);
    reply_integer(&call->reply, call->flags & CMD_DOWN ? collection_count(c) - 1 - rank : rank);
}

/* What a command asks for. In call->notes. */
struct range {
    struct limits limits;
    u32 by;                /* CMD_BY_SCORE, CMD_BY_LEX (of members with one score), 0: by rank */
    u32 backwards;         /* 0: it is not */
    i64 start, end;        /* ranks, as LRANGE takes them */
    u64 low, high;         /* scores as they are ordered: low <= score < high */
    struct slice min, max; /* names as they are given, with what is in front of them */
};

static struct range *range_of(struct call *call) {
    return (struct range *)(void *)call->notes;
}

/* "(1.5" is without 1.5 itself. */
static bool take_bound(struct call *call, struct slice text, bool is_max, u64 *order) {
    bool open = text.len && text.bytes[0] == '(';
    struct slice number = {text.bytes + open, text.len - open};
    bool valid = double_parse_loosely(number, &call->real) != TEXT_NO_NUMBER;
    *order = order_of_score(call->real) + (open != is_max);
    return valid;
}

/* "-" and "+", which are below and above all, or "(name" and "[name". */
static bool is_lex_bound(struct slice text) {
    if (!text.len) return false;
    u8 mark = text.bytes[0];
    return mark == '(' || mark == '[' ||
           ((mark == '-' || mark == '+') && (text.len == 1 || !text.bytes[1]));
}

/* Reads the bounds, which are arguments i and i + 1; the upper one comes first backwards, but for
 * ranks. */
static bool take_bounds(struct call *call, u32 i) {
    struct range *range = range_of(call);
    struct slice first = arg(call, i), second = arg(call, i + 1);
    range->min = range->backwards ? second : first;
    range->max = range->backwards ? first : second;
    if (range->by == CMD_BY_SCORE) {
        bool valid = take_bound(call, range->min, false, &range->low);
        valid &= take_bound(call, range->max, true, &range->high);
        return valid || fail(call, "min or max is not a float");
    }
    if (range->by)
        return (is_lex_bound(range->min) && is_lex_bound(range->max)) ||
               fail(call, "min or max not valid string range item");
    return take_range(call, i, &range->start, &range->end);
}

void seek_score(struct call *call, u64 order) {
    struct place place = {.order = order};
    collection_seek(&call->work, &place, &call->spot.path);
}

/* Names are ordered where members have one score. Where they have not, what is found is what a
 * search by name alone comes to, as in Redis: right, if scores and names rise together. */
static u32 rank_at_name(struct call *call, struct slice bound, bool is_max) {
    const struct collection *c = &call->work;
    u8 mark = bound.bytes[0];
    u32 from = 0, to = collection_count(c);
    if (mark == '-') return from;
    if (mark == '+') return to;
    struct slice name = {bound.bytes + 1, bound.len - 1};
    bool with_equals = (mark == '[') == is_max;
    while (from < to) {
        u32 middle = from + (to - from) / 2;
        collection_at(c, middle, &call->spot);
        if (slice_compare(call->spot.item.name, name) < with_equals) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

void limit_range(struct call *call, bool backwards) {
    struct limits *limits = limits_of(call);
    u32 found = limits->to - limits->from;
    u32 skip = (u64)limits->offset < found ? (u32)limits->offset : found;
    u32 show = (u64)limits->limit < found - skip ? (u32)limits->limit : found - skip;
    if (backwards) {
        limits->to -= skip;
        limits->from = limits->to - show;
    } else {
        limits->from += skip;
        limits->to = limits->from + show;
    }
}

/* A range of scores. A few items are counted faster than their ranks are. */
static void find_scores(struct call *call) {
    enum { FEW = 16 };
    const struct range *range = range_of(call);
    struct item item;
    struct walk walk;
    u32 count = 0, from = RANK_OF_SPOT;
    seek_score(call, range->low);
    spot_walk(&call->spot, &walk);
    while (collection_next(&call->work, &walk, &item) && item.order < range->high)
        if (++count > FEW) break;
    if (count > FEW || range->backwards || range->limits.offset || call->flags & CMD_WRITE)
        from = collection_rank(&call->work, &call->spot);
    u32 to = from + count;
    if (count > FEW) {
        seek_score(call, range->high);
        to = collection_rank(&call->work, &call->spot);
    }
    limits_of(call)->from = from;
    limits_of(call)->to = to;
}

/* As ranks [*from, *to). */
static void find_range(struct call *call) {
    const struct range *range = range_of(call);
    struct limits *limits = limits_of(call);
    u32 count = collection_count(&call->work);
    limits->from = limits->to = 0;
    if (!count) return;
    if (range->by == CMD_BY_SCORE) {
        find_scores(call);
    } else if (range->by) {
        limits->from = rank_at_name(call, range->min, false);
        limits->to = rank_at_name(call, range->max, true);
    } else {
        clip_range(range->start, range->end, count, &limits->from, &limits->to);
        if (range->backwards) {
            u32 last = limits->from;
            limits->from = count - limits->to;
            limits->to = count - last;
        }
        return; /* LIMIT means nothing here */
    }
    limits->to = max_u32(limits->from, limits->to);
    limit_range(call, range->backwards);
}

/* The options of a range, from argument i on. The kind and the direction are given once at most. */
COLD static bool take_range_options(struct call *call, u32 i, u32 *parts) {
    struct range *range = range_of(call);
    struct limits *limits = limits_of(call);
    u32 flags = call->flags;
    bool any = flags & CMD_ANY_RANGE;
    range->by = flags & (CMD_BY_SCORE | CMD_BY_LEX);
    range->backwards = flags & CMD_DOWN;
    limits->offset = 0;
    limits->limit = -1;
    i32 word;
    call->option = i;
    while ((word = next_option(call, "WITHSCORES LIMIT\2REV BYLEX BYSCORE")) >= 0) {
        if (word == 0 && !(flags & CMD_WRITE)) {
            *parts |= VALUES;
        } else if (word == 1) {
            if (!take_range(call, call->operand, &limits->offset, &limits->limit)) return false;
        } else if (word == 2 && any && !range->backwards) {
            range->backwards = true;
        } else if (word > 2 && any && !range->by) {
            range->by = word == 3 ? CMD_BY_LEX : CMD_BY_SCORE;
        } else {
            return fail_syntax(call);
        }
    }
    return word == NO_OPTION;
}

/* ZRANGE, ZREVRANGE and what is named for what it goes by; ZRANGESTORE. Those that take no options
 * count, and may remove: ZCOUNT, ZLEXCOUNT, ZREMRANGEBYRANK, ZREMRANGEBYSCORE, ZREMRANGEBYLEX. */
COLD HANDLER(cmd_zrange) {
    bool writes = call->flags & CMD_WRITE, counts = call->command->arity > 0;
    u32 key = writes && !counts ? 2 : 1, parts = NAMES | NESTED | COUNT_FIRST;
    const struct range *range = range_of(call);
    const struct limits *limits = limits_of(call);
    if (!take_range_options(call, key + 3, &parts)) return;
    if (limits->limit != -1 && !range->by) {
        fail(call, "syntax error, LIMIT is only supported in combination with either BYSCORE or "
                   "BYLEX");
        return;
    }
    if (parts & VALUES && range->by == CMD_BY_LEX) {
        fail(call, "syntax error, WITHSCORES not supported in combination with BYLEX");
        return;
    }
    if (!take_bounds(call, key + 1)) return;
    if (writes && counts ? !open_to_write(call, 1) : !open_to_read(call, key)) return;
    find_range(call);
    u32 from = limits->from, to = limits->to;
    if (counts) {
        if (writes) collection_cut(&call->work, from, to);
        reply_integer(&call->reply, to - from);
    } else if (writes) {
        store_range(call, 2, from, to);
    } else {
        reply_range(call, from, to, range->backwards ? parts | BACKWARDS : parts);
    }
}
