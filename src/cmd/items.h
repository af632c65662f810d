/*
 * What the commands of lists, sets, hashes and sorted sets share. Private to cmd/.
 */
#ifndef FERRITE_ITEMS_H
#define FERRITE_ITEMS_H

#include "cmd/handler.h"
#include "type/collection.h"

/* The type that the command at work is for. */
u32 type_at_work(const struct call *call);

/* Each finds the collection that is argument i, of that type or absent; replies an error and
 * returns false if it is of another. To read it counts a hit or a miss, to write it does not. */
bool open_to_read(struct call *call, u32 i, u32 type, struct collection *c);
bool open_to_write(struct call *call, u32 i, u32 type, struct collection *c);
/* The same of call->entry, which has been looked for. */
bool open_found(struct call *call, u32 i, u32 type, struct collection *c);

/* Puts the items that are arguments first, first + step and so on, all or none: members of a set,
 * or fields and values. *created becomes how many names are new. False: no memory, and that was
 * replied. */
bool put_items(struct call *call, struct collection *c, u32 first, u32 step, i64 *created);
/* One item, replacing the one of its name; true if there was room. */
bool put_item(struct collection *c, const struct item *item, bool *is_new);

/* What a command that takes from the first key there is asks for. */
struct taking {
    u32 first, end; /* its keys are the arguments [first, end) */
    bool tail;      /* of a list; of a sorted set, the highest scores */
    i64 most;       /* items, from that key */
};

/* Reads that from the arguments: of BLPOP and its like, or of those whose keys are counted, with
 * the two words for what is taken first. Replies an error and returns false. */
bool take_taking(struct call *call, const char *ends, struct taking *taking);

/* What a reply shows of items. From PATTERN_PART on, it is the argument that is a pattern for the
 * names of those shown; 0: none. */
enum parts {
    NAMES = 1,
    VALUES = 2,
    BACKWARDS = 4,
    PAIRS = 16,       /* in RESP3, a name and its value are an array of their own */
    AT_RANDOM = 32,   /* each is drawn from all */
    ONCE_EACH = 64,   /* ... but none twice; there are more than are shown */
    KEY_FIRST = 128,  /* before all, the key */
    COUNT_NEXT = 256, /* then how many there are */
    PATTERN_PART = 512,
};
/* Streams `count` items, or what there is, from the one of that rank on: their names, values or
 * both. */
void reply_items(struct call *call, const struct collection *c, u32 rank, u32 count, u32 parts);
/* Removes all in the ranks [from, to) when the reply has left. */
void cut_later(struct call *call, const struct collection *c, u32 from, u32 to);

/* The collection that call->entry holds, while nothing has moved since it was looked for. */
void at_work(const struct call *call, struct collection *c);

#endif
