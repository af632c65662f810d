/* Lists. */
#include "cmd/items.h"

static bool add(struct collection *c, struct slice element, u32 rank) {
    struct item item;
    item_name(&item, element);
    return collection_add(c, &item, rank, NULL);
}

/* LPUSH, RPUSH, LPUSHX, RPUSHX. What was pushed is taken back if there is no memory for the rest.
 */
HANDLER(cmd_push) {
    u32 flags = call->flags, pushed = 0;
    bool right = flags & CMD_TAIL;
    struct collection *c = &call->work;
    if (!open_to_write(call, 1)) return;
    u32 count = collection_count(c);
    if (flags & CMD_IF_THERE && !c->found) {
        reply_integer(&call->reply, 0);
        return;
    }
    for (; pushed + 2 < arg_count(call); pushed++) {
        if (!add(c, arg(call, pushed + 2), right ? (u32)RANK_END : 0)) break;
    }
    if (pushed + 2 < arg_count(call)) {
        collection_cut(c, right ? count : 0, right ? count + pushed : pushed);
        fail_memory(call);
        return;
    }
    reply_integer(&call->reply, count + pushed);
}

/* The rank that an index, from the end if it is below 0, comes to. */
COLD static bool is_rank(i64 index, u32 count, u32 *rank) {
    if (index < 0) index += count;
    *rank = (u32)index;
    return index >= 0 && index < count;
}

COLD HANDLER(cmd_lindex) {
    struct collection *c = &call->work;
    struct spot spot;
    if (!open_to_read(call, 1)) return;
    if (!c->found) {
        reply_null(&call->reply);
        return;
    }
    u32 rank;
    if (!arg_integer(call, 2)) return;
    if (!is_rank(call->number, collection_count(c), &rank)) {
        reply_null(&call->reply);
        return;
    }
    collection_at(c, rank, &spot);
    reply_bulk(&call->reply, spot.item.name);
}

COLD HANDLER(cmd_lrange) {
    struct collection *c = &call->work;
    i64 start, end;
    u32 from, to;
    if (!take_range(call, 2, &start, &end) || !open_to_read(call, 1)) return;
    clip_range(start, end, collection_count(c), &from, &to);
    reply_range(call, from, to, NAMES | COUNT_FIRST);
}

COLD HANDLER(cmd_ltrim) {
    struct collection *c = &call->work;
    i64 start, end;
    u32 from, to;
    if (!take_range(call, 2, &start, &end) || !open_to_write(call, 1)) return;
    u32 count = collection_count(c);
    clip_range(start, end, count, &from, &to);
    collection_cut(c, to, count);
    if (c->found) collection_cut(c, 0, from);
    reply_ok(&call->reply);
}

/* Where it cannot replace the old value, it is put in front of it. */
COLD static bool set(struct collection *c, struct slice value, u32 rank) {
    struct spot spot;
    struct item item;
    item_name(&item, value);
    collection_at(c, rank, &spot);
    if (collection_replace(c, &spot, &item)) return true;
    if (!collection_add(c, &item, rank, NULL)) return false;
    collection_at(c, rank + 1, &spot);
    collection_remove(c, &spot);
    return true;
}

COLD HANDLER(cmd_lset) {
    struct collection *c = &call->work;
    if (!open_to_write(call, 1)) return;
    if (!c->found) {
        fail(call, "no such key");
        return;
    }
    u32 rank;
    if (!arg_integer(call, 2)) return;
    if (!is_rank(call->number, collection_count(c), &rank)) {
        fail(call, "index out of range");
    } else if (!set(c, arg(call, 3), rank)) {
        fail_memory(call);
    } else {
        reply_ok(&call->reply);
    }
}

COLD HANDLER(cmd_linsert) {
    struct collection *c = &call->work;
    struct walk walk;
    struct item item;
    struct slice pivot = arg(call, 3);
    i32 where = arg_word(call, 2, "BEFORE AFTER");
    if (where < 0) {
        fail_syntax(call);
        return;
    }
    if (!open_to_write(call, 1)) return;
    collection_walk(c, 0, &walk);
    u32 rank = 0;
    bool found = false;
    while (!found && collection_next(c, &walk, &item)) {
        found = slice_equal(item.name, pivot);
        rank++;
    }
    if (!found) {
        reply_integer(&call->reply, c->found ? -1 : 0);
        return;
    }
    if (add(c, arg(call, 4), where == 0 ? rank - 1 : rank))
        reply_integer(&call->reply, collection_count(c));
    else
        fail_memory(call);
}

/* --- searching -------------------------------------------------------------------------------- */

/* Where it is still to be looked: in the ranks [begin, end), from one of these ends; and what was
 * found last. */
struct search {
    u32 begin, end, backwards, rank;
};

/* The rank of the next element like that, in [*rank, end). */
COLD static bool next_like(const struct collection *c, struct slice value, u32 *rank, u32 end) {
    struct walk walk;
    struct item item;
    collection_walk(c, *rank, &walk);
    for (; *rank < end && collection_next(c, &walk, &item); ++*rank)
        if (slice_equal(item.name, value)) return true;
    return false;
}

/* The same in a search. Backwards, it is the last one of the next few. */
COLD static bool find_next(const struct collection *c, struct slice value, struct search *search) {
    enum { FEW = 64 };
    bool found = false;
    if (!search->backwards) {
        found = next_like(c, value, &search->begin, search->end);
        search->rank = search->begin++;
        return found;
    }
    while (!found && search->begin < search->end) {
        u32 at = search->end - min_u32(search->end - search->begin, FEW), end = at;
        for (; next_like(c, value, &at, search->end); at++) {
            end = at;
            found = true;
        }
        search->end = search->rank = end;
    }
    return found;
}

COLD HANDLER(cmd_lrem) {
    struct collection *c = &call->work;
    struct spot spot;
    struct slice value = arg(call, 3);
    if (!arg_integer(call, 2) || !open_to_write(call, 1)) return;
    struct search search = {0, collection_count(c), call->number < 0, 0};
    u64 most = search.backwards ? -(u64)call->number : (u64)call->number;
    u32 removed = 0;
    while ((!most || removed < most) && find_next(c, value, &search)) {
        collection_at(c, search.rank, &spot);
        collection_remove(c, &spot);
        removed++;
        if (!search.backwards) search.begin--;
    }
    reply_integer(&call->reply, removed);
}

/* Of call->state: a search, and how many it is to find. */
enum { SEARCH, WANTED = sizeof(struct search) / 4 };

COLD STREAM(next_wanted) {
    struct collection *c = &call->work;
    struct search *search = (struct search *)&call->state[SEARCH];
    if (!call->state[WANTED]--) return false;
    find_next(c, arg(call, 2), search);
    reply_integer(&call->reply, search->rank);
    return true;
}

/* What is found is counted first, and looked for again as the reply leaves. */
COLD HANDLER(cmd_lpos) {
    const char *words = "RANK COUNT MAXLEN";
    i64 rank = 1, most = -1, length = 0;
    for (u32 i = 3; i < arg_count(call); i += 2) {
        i32 word = arg_word(call, i, words);
        if (word < 0 || i + 1 == arg_count(call)) {
            fail_syntax(call);
            return;
        }
        bool valid = integer_parse(arg(call, i + 1), &call->number);
        if (word && (!valid || call->number < 0)) {
            fail_quoting(call, "", word_at(words, (u32)word), " can't be negative");
            return;
        }
        if (!valid) {
            fail_integer(call);
            return;
        }
        if (word == 0 && !call->number) {
            fail(call, "RANK can't be zero: use 1 to start from the first match, 2 from the second "
                       "... or use negative to start from the end of the list");
            return;
        }
        *(word == 0 ? &rank : word == 1 ? &most : &length) = call->number;
    }
    struct collection *c = &call->work;
    struct slice value = arg(call, 2);
    u32 found = 0;
    if (!open_to_read(call, 1)) return;
    u32 count = collection_count(c), limit = count;
    if (length && length < count) limit = (u32)length;
    struct search search = {0, limit, 0, 0};
    if (rank < 0) {
        search = (struct search){count - limit, count, true, 0};
        rank = (i64) - (u64)rank;
    }
    for (; rank > 1 && find_next(c, value, &search); rank--) {}
    *(struct search *)&call->state[SEARCH] = search;
    u64 wanted = most < 0 ? 1 : most ? (u64)most : UINT64_MAX;
    while (found < wanted && find_next(c, value, &search)) found++;
    call->state[WANTED] = found;
    if (most >= 0) {
        reply_array(&call->reply, found);
        reply_stream_items(&call->reply, next_wanted);
    } else if (!next_wanted(call)) {
        reply_null(&call->reply);
    }
}

/* LMOVE, RPOPLPUSH, BLMOVE and BRPOPLPUSH. The element is copied aside, put there, and then goes
 * here. */
COLD HANDLER(cmd_lmove) {
    bool ends = arg_count(call) >= 5;
    i32 from_right = ends ? arg_word(call, 3, "LEFT RIGHT") : 1;
    i32 to_right = ends ? arg_word(call, 4, "LEFT RIGHT") : 0;
    struct collection *from = &call->source, *to = &call->work;
    struct spot *spot = &call->spot;
    if (from_right < 0 || to_right < 0) {
        fail_syntax(call);
        return;
    }
    if (call->flags & CMD_BLOCKING && !arg_timeout(call, arg_count(call) - 1)) return;
    if (!open_to_write(call, 1)) return;
    *from = *to;
    if (!from->found) {
        reply_null(&call->reply);
        return;
    }
    if (!open_to_write(call, 2)) return;
    bool same = slice_equal(from->key, to->key);
    u32 rank = from_right ? collection_count(from) - 1 : 0;
    collection_at(from, rank, spot);
    struct slice copy = {NULL, spot->item.name.len};
    if (!same) collection_hold(from);
    bool done = take_room(call, copy.len);
    if (done) {
        copy.bytes = call->scratch;
        if (call->finish) collection_at(from, rank, spot); /* it may have moved */
        copy_bytes(call->scratch, spot->item.name.bytes, copy.len);
        done = add(to, copy, to_right ? (u32)RANK_END : 0);
    }
    if (!same) collection_release(from);
    if (!done) {
        fail_memory(call);
        return;
    }
    if (same) from = to;
    collection_at(from, rank + (same && !to_right), spot);
    collection_remove(from, spot);
    reply_bulk(&call->reply, copy);
}
