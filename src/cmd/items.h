/*
 * What the commands of lists, sets, hashes and sorted sets share. Private to cmd/.
 */
#ifndef FERRITE_ITEMS_H
#define FERRITE_ITEMS_H

#include "cmd/handler.h"

/* The type that the command at work is for. */
u32 type_at_work(const struct call *call);

/* Each finds the collection that is argument i, of the command's type or absent, which is at work
 * then; replies an error and returns false if it is of another. To read it counts a hit or a miss,
 * to write it does not, and begins call->tally anew. */
bool open_to_read(struct call *call, u32 i);
bool open_to_peek(struct call *call, u32 i); /* the same, but that recency stays as it is */
bool open_to_write(struct call *call, u32 i);
/* Finds the item of the name that is argument i in the collection at work; call->spot is where. */
bool find_item(struct call *call, u32 i);

/* Puts the items that are arguments first, first + step and so on, all or none: members of a set,
 * fields and values, scores and members, or places and members; scores and places are good; counts
 * them in call->tally. False: no memory, and that was replied. */
bool put_items(struct call *call, u32 first, u32 step);
/* One item, replacing the one of its name; true if there was room. */
bool put_item(struct collection *c, const struct item *item, struct tally *tally);
/* The same when its name has been looked for: the spot, and was it there? */
bool put_sought(struct collection *c, const struct item *item, struct tally *tally,
                struct spot *spot, bool there);
/* The same of one that has no conditions and is not counted. */
bool put_alone(struct collection *c, const struct item *item);

/* Is the name like the pattern that is argument `pattern`? 0: any is. */
bool is_like(struct call *call, u32 pattern, struct slice name);

/* What a reply shows of items, and how: their names, values (scores, in a sorted set) or both. From
 * PATTERN_PART on, it is the argument that is a pattern for names; 0: none. */
enum parts {
    NAMES = 1,
    VALUES = 2,
    NESTED = 4,        /* in RESP3, a name and its value are an array of their own */
    PAIRED = 8,        /* in both forms they are */
    BACKWARDS = 16,    /* from the last to the first */
    AT_RANDOM = 32,    /* each is drawn from all */
    ONCE_EACH = 64,    /* ... but none twice; there are more than `count` */
    KEY_FIRST = 128,   /* the key */
    COUNT_FIRST = 256, /* the head of an array of them */
    AS_TEXT = 512,     /* scores are strings */
    TIMES = 1024,      /* only fields that expire, and when, in place of their values */
    PATTERN_PART = 2048,
};
bool is_shown(struct call *call, u32 parts, const struct item *item);
/* Streams the items of ranks [from, to), or as many as are like the pattern from there on; ranks
 * that begin with RANK_OF_SPOT, which is above any, are counted from call->spot on. */
enum { RANK_OF_SPOT = 1u << 31 };
void reply_range(struct call *call, u32 from, u32 to, u32 parts);
/* Removes all in the ranks [from, to) when the reply has left. */
void cut_later(struct call *call, u32 from, u32 to);
/* Replies the name of the item of a rank below the count, which goes when the reply has left. */
void pop_at(struct call *call, u32 rank);

/* As ranks [*from, *to) of `count` items: from start to end, which count from the last one if they
 * are below 0. */
void clip_range(i64 start, i64 end, u32 count, u32 *from, u32 *to);
/* The ranks [from, to), and of what is in them: how many are passed over, and how many are left
 * (below 0: all). What call->notes begins with where there is a LIMIT. */
struct limits {
    i64 offset, limit;
    u32 from, to;
};
static inline struct limits *limits_of(struct call *call) {
    return (struct limits *)(void *)call->notes;
}
/* Leaves of the ranks what the limit says, from either end. */
void limit_range(struct call *call, bool backwards);
/* Arguments i and i + 1, two integers. */
bool take_range(struct call *call, u32 i, i64 *start, i64 *end);

/* call->made, which is whole unless memory ran out, becomes what argument `to` holds; replies how
 * many items it has. */
void store_made(struct call *call, u32 to, bool whole);
/* Makes call->spot the first item of the sorted set at work whose score, as it is ordered, is not
 * below that. */
void seek_score(struct call *call, u64 order);

/* Stores those of argument i, a sorted set, as argument 1, and replies how many. */
void store_range(struct call *call, u32 i, u32 from, u32 to);
/* Makes the score that argument i is, or, of two words, the place that arguments i and i + 1 are,
 * call->real; replies the error and returns false if they are none. */
bool take_score(struct call *call, u32 i, u32 words);
/* What GEOPOS or GEOHASH tells of a member that was found, at call->spot, or not. */
void reply_place(struct call *call, bool found);

/* Streams what the command asks for of the items that the arguments from `first` on name. */
void reply_sought(struct call *call, u32 first);

#endif
