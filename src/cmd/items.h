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

/* Streams `count` items from the walk on, or what there is: their names, values or both. */
enum parts { NAMES = 1, VALUES = 2 };
void reply_items(struct call *call, const struct collection *c, const struct walk *walk, u32 count,
                 u32 parts);

/* Streams what the command asks for of the items that the arguments from `first` on name. */
void reply_sought(struct call *call, u32 first);

/* The collection that call->entry holds, while nothing has moved since it was looked for. */
struct collection at_work(struct call *call);

#endif
