/*
 * Places: members of a sorted set whose scores are their hashes. GEOADD is ZADD (sorted_sets.c),
 * GEOPOS and GEOHASH go through their members as ZMSCORE does (hashes.c).
 *
 * A search goes through the few ranges of scores that may have what it looks for, first to count
 * the matches, as their number comes first in a reply, then to show them. Those to be sorted or
 * stored are noted the second time, in scratch memory.
 */
#include "base/geo.h"
#include "cmd/items.h"

/* What is sorted: a distance, as its bits sort, or their complements when descending; when it was
 * found, and where it is (32 bits each). Blocks are not aligned to more than 8 bytes. */
typedef unsigned __int128 match __attribute__((aligned(8)));

/* Options of a search, in the order of their words. */
enum {
    WITHDIST = 1,
    WITHHASH = 2,
    WITHCOORD = 4,
    ASC = 8,
    DESC = 16,
    ANY = 32,
    COUNT = 64,
    FROMMEMBER = 128,
    FROMLONLAT = 256,
    BYRADIUS = 512,
    BYBOX = 1024,
    STOREDIST = 2048,
    MORE_TO_SHOW = WITHDIST | WITHHASH | WITHCOORD,
    CENTERS = FROMMEMBER | FROMLONLAT,
    SHAPES = BYRADIUS | BYBOX,
};

/* In call->notes. */
struct search {
    u32 given;
    u32 left;       /* matches not shown yet */
    match *matches; /* the next one; NULL: they are not noted */
    u32 more_due;   /* is something to be shown of the match at hand beside its name? */
    u64 most;       /* what COUNT says */
    double unit;    /* meters */
    struct area area;

    /* The match at hand, the item at call->spot, and where the search is. */
    double meters;
    struct position place;
    struct walk walk;
    u32 rank; /* of the next item */
    u32 cell, cell_count;
    struct cell cells[AREA_CELLS];
};
_Static_assert(sizeof(struct search) <= CALL_NOTES * sizeof(u64), "a search fits");

COLD static struct search *search_of(struct call *call) {
    return (struct search *)(void *)call->notes;
}

/* --- arguments -------------------------------------------------------------------------------- */

COLD static u32 print_degrees(u8 *to, double degrees) {
    enum { ROOM = 400 }; /* bytes, for any double */
    if (__builtin_isinf(degrees)) return double_print(to, degrees);
    return extended_print(to, ROOM, extended_of(degrees), 6);
}

/* Reads the center. An error begins in the first half of the room, and is shorter. */
COLD static bool take_place(struct call *call, u32 i) {
    struct position *place = &search_of(call)->area.center;
    if (!arg_double(call, i, not_a_float)) return false;
    place->longitude = call->real;
    if (!arg_double(call, i + 1, not_a_float)) return false;
    place->latitude = call->real;
    if (position_is_good(*place)) return true;
    u8 *text = reply_room(&call->reply) + REPLY_ROOM / 2;
    u32 len = print_degrees(text, place->longitude);
    text[len++] = ',';
    len += print_degrees(text + len, place->latitude);
    return fail_quoting(call, "invalid longitude,latitude pair ", (struct slice){text, len}, "");
}

bool take_score(struct call *call, u32 i, u32 words) {
    if (words == 1) return arg_double(call, i, not_a_float);
    if (!take_place(call, i)) return false;
    call->real = position_hash(search_of(call)->area.center);
    return true;
}

COLD static bool take_unit(struct call *call, u32 i) {
    static const double units[] = {1, 1000, 0.3048, 1609.34};
    i32 unit = arg_word(call, i, "M KM FT MI");
    if (unit < 0) return fail(call, "unsupported unit provided. please use M, KM, FT, MI");
    search_of(call)->unit = units[unit];
    return true;
}

COLD static bool take_shape(struct call *call, u32 i, bool is_box) {
    struct search *search = search_of(call);
    if (!arg_double(call, i++, is_box ? "need numeric width" : "need numeric radius")) return false;
    double width = call->real;
    if (is_box && !arg_double(call, i++, "need numeric height")) return false;
    double height = call->real;
    if (width < 0 || height < 0)
        return fail(call,
                    is_box ? "height or width cannot be negative" : "radius cannot be negative");
    if (!take_unit(call, i)) return false;
    area_shape(&search->area, is_box, width * search->unit, height * search->unit);
    return true;
}

/* Where the item at call->spot is. */
COLD static void take_position(struct call *call, struct position *place) {
    position_of(score_of_order(call->spot.item.order), place);
}

/* Makes a member the center. */
COLD static bool find_place(struct call *call, u32 i) {
    bool found = find_item(call, i);
    if (found) take_position(call, &search_of(call)->area.center);
    return found;
}

/* Reads the operands of an option. A member need not be there if the key is not. */
COLD static bool take_option(struct call *call, u32 option) {
    u32 i = call->operand;
    if (option & SHAPES) return take_shape(call, i, option == BYBOX);
    if (option == FROMLONLAT) return take_place(call, i);
    if (option == FROMMEMBER)
        return !call->work.found || find_place(call, i) ||
               fail(call, "could not decode requested zset member");
    if (option != COUNT) return true;
    if (!arg_integer(call, i)) return false;
    search_of(call)->most = (u64)call->number;
    return call->number > 0 || fail(call, "COUNT must be > 0");
}

COLD static bool fail_exactly(struct call *call, const char *options) {
    return fail_quoting(call, options, arg(call, 0), "");
}

/* Of two that exclude each other, the second is no option. What is stored is sorted, too. */
COLD static bool take_options(struct call *call, u32 i, bool stores) {
    u32 given = stores ? ASC : 0;
    i32 word;
    call->option = i;
    while ((word = next_option(call, "WITHDIST WITHHASH WITHCOORD ASC DESC ANY COUNT\1FROMMEMBER\1"
                                     "FROMLONLAT\2BYRADIUS\2BYBOX\3STOREDIST")) >= 0) {
        u32 option = 1u << word;
        if (option & (ASC | DESC)) given &= ~(u32)(ASC | DESC);
        given |= option;
        if ((option == STOREDIST && !stores) || (given & CENTERS) == CENTERS ||
            (given & SHAPES) == SHAPES)
            return fail_syntax(call);
        if (!take_option(call, option)) return false;
    }
    if (word == BAD_OPTION) return false;
    if (stores && given & MORE_TO_SHOW)
        return fail(call, "GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD "
                          "options");
    if (!(given & CENTERS))
        return fail_exactly(call, "exactly one of FROMMEMBER or FROMLONLAT can be specified for ");
    if (!(given & SHAPES))
        return fail_exactly(call, "exactly one of BYRADIUS and BYBOX can be specified for ");
    if ((given & (ANY | COUNT)) == ANY)
        return fail(call, "the ANY argument requires COUNT argument");
    if ((given & (ANY | COUNT | DESC)) == COUNT) given |= ASC;
    search_of(call)->given = given;
    return true;
}

/* --- searching -------------------------------------------------------------------------------- */

COLD static void begin_cell(struct call *call, u32 cell) {
    struct search *search = search_of(call);
    search->cell = cell;
    seek_score(call, order_of_score(search->cells[cell].first));
    search->rank = collection_rank(&call->work, &call->spot);
    collection_walk(&call->work, search->rank, &search->walk);
}

/* False: there are no more; this was the last call then. */
COLD static bool next_match(struct call *call) {
    struct search *search = search_of(call);
    for (;;) {
        while (collection_next(&call->work, &search->walk, &call->spot.item)) {
            if (score_of_order(call->spot.item.order) >= search->cells[search->cell].end) break;
            search->rank++;
            take_position(call, &search->place);
            if (area_has(&search->area, search->place, &search->meters)) return true;
        }
        if (search->cell + 1 == search->cell_count) return false;
        begin_cell(call, search->cell + 1);
    }
}

/* Puts a match in place of the first of a heap, which comes behind all the others. */
COLD static void replace_first(match *heap, u32 count, match put) {
    u32 at = 0;
    for (u32 child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && heap[child] < heap[child + 1]) child++;
        if (put >= heap[child]) break;
        heap[at] = heap[child];
    }
    heap[at] = put;
}

/* Of the bits of a distance, those that are inverted in a match. */
COLD static u64 inverted(const struct search *search) {
    return search->given & DESC ? ~0ull : 0;
}

/* Notes the matches that come first, in order. Of the heap, which has one more, the first is the
 * next to go. */
COLD static void note_matches(struct call *call) {
    struct search *search = search_of(call);
    match *heap = search->matches;
    u32 count = search->left + 1;
    __builtin_memset(heap, 0xff, count * sizeof *heap); /* they come last */
    for (u64 turn = 0; (!(search->given & ANY) || turn < search->left) && next_match(call);
         turn++) {
        u64 bits;
        __builtin_memcpy(&bits, &search->meters, 8);
        replace_first(heap, count,
                      (match)(bits ^ inverted(search)) << 64 | turn << 32 | (search->rank - 1));
    }
    while (count--) {
        match last = heap[count];
        heap[count] = *heap;
        replace_first(heap, count, last);
    }
}

/* Counts the matches, up to as many as are wanted, and notes them if need be. False: no memory. */
COLD static bool find_matches(struct call *call) {
    struct search *search = search_of(call);
    search->left = 0;
    search->matches = NULL;
    if (!call->work.found) return true;
    search->cell_count = area_cells(&search->area, search->cells);
    begin_cell(call, 0);
    while (search->left < search->most && next_match(call)) search->left++;
    bool sorts = search->left && search->given & (ASC | DESC);
    if (sorts && !take_scratch(call, (search->left + 1) * (u32)sizeof(match))) return false;
    begin_cell(call, 0); /* now, as taking memory moves leaves */
    if (!sorts) return true;
    search->matches = (match *)(void *)call->scratch;
    call->finish = give_scratch;
    note_matches(call);
    return true;
}

/* The next one of those that were found. */
COLD static void show_match(struct call *call) {
    struct search *search = search_of(call);
    search->left--;
    if (!search->matches) {
        next_match(call);
        return;
    }
    match match = *search->matches++;
    u64 bits = (u64)(match >> 64) ^ inverted(search);
    __builtin_memcpy(&search->meters, &bits, 8);
    collection_walk(&call->work, (u32)match, &search->walk);
    collection_next(&call->work, &search->walk, &call->spot.item);
}

/* --- replies ---------------------------------------------------------------------------------- */

COLD static void reply_coordinate(struct call *call, double degrees) {
    u8 *text = call->digits;
    reply_digits(&call->reply, (struct slice){text, coordinate_print(text, degrees)});
}

COLD static void reply_position(struct call *call) {
    struct position *place = &search_of(call)->place;
    take_position(call, place);
    reply_array(&call->reply, 2);
    reply_coordinate(call, place->longitude);
    reply_coordinate(call, place->latitude);
}

COLD static void reply_distance(struct call *call, double meters) {
    u8 *text = call->digits;
    double distance = meters / search_of(call)->unit;
    reply_bulk(&call->reply, (struct slice){text, distance_print(text, distance)});
}

COLD void reply_place(struct call *call, bool found) {
    struct reply *reply = &call->reply;
    bool as_text = call->flags & CMD_AS_TEXT;
    if (found && as_text) {
        geohash_print(call->digits, score_of_order(call->spot.item.order));
        reply_bulk(reply, (struct slice){call->digits, GEOHASH_TEXT});
    } else if (found) {
        reply_position(call);
    } else if (as_text) {
        reply_null(reply);
    } else {
        reply_null_array(reply);
    }
}

/* A stream: the name of a match, which may be of any length, then the rest of it. */
COLD STREAM(next_shown) {
    struct search *search = search_of(call);
    struct reply *reply = &call->reply;
    u32 given = search->given, more = (u32)__builtin_popcount(given & MORE_TO_SHOW);
    if (search->more_due) {
        search->more_due = 0;
        if (given & WITHDIST) reply_distance(call, search->meters);
        if (given & WITHHASH) reply_integer(reply, (i64)score_of_order(call->spot.item.order));
        if (given & WITHCOORD) reply_position(call);
        return true;
    }
    if (!search->left) return false;
    show_match(call);
    search->more_due = more;
    if (more) reply_array(reply, more + 1);
    reply_bulk(reply, call->spot.item.name);
    return true;
}

/* --- commands --------------------------------------------------------------------------------- */

COLD HANDLER(cmd_geodist) {
    struct search *search = search_of(call);
    search->unit = 1;
    if (arg_count(call) > 5) {
        fail_syntax(call);
        return;
    }
    if (arg_count(call) == 5 && !take_unit(call, 4)) return;
    if (!open_to_read(call, 1)) return;
    if (find_place(call, 2)) {
        struct position from = search->area.center;
        if (find_place(call, 3)) {
            reply_distance(call, distance_meters(from, search->area.center));
            return;
        }
    }
    reply_null(&call->reply);
}

/* False: no memory. The source, which is held, stays. */
COLD static bool make_of_matches(struct call *call) {
    struct search *search = search_of(call);
    struct heap *heap = &store_of(call)->heap;
    bool good = true;
    collection_make(store_of(call), TYPE_ZSET, &call->made);
    while (good && search->left) {
        show_match(call);
        if (search->given & STOREDIST)
            call->spot.item.order = order_of_score(search->meters / search->unit);
        ref leaf = search->walk.leaf;
        heap_hold(heap, leaf);
        good = put_alone(&call->made, &call->spot.item);
        heap_release(heap, leaf);
    }
    return good;
}

/* GEOSEARCH and GEOSEARCHSTORE. */
COLD HANDLER(cmd_geosearch) {
    bool stores = call->flags & CMD_WRITE;
    u32 source = stores ? 2 : 1;
    struct search *search = search_of(call);
    struct collection *c = &call->work;
    search->more_due = 0;
    search->most = ~0ull;
    if (!open_to_read(call, source)) return;
    if (!take_options(call, source + 1, stores)) return;
    collection_hold(c);
    bool found = find_matches(call), whole = found && stores && make_of_matches(call);
    collection_release(c);
    if (!found) {
        fail_memory(call);
    } else if (stores) {
        store_made(call, 1, whole);
    } else {
        reply_array(&call->reply, search->left);
        reply_stream_items(&call->reply, next_shown);
    }
}
