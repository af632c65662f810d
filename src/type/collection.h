/*
 * Collections: lists, sets, hashes and sorted sets, small or large.
 *
 * A small one is packed items in its entry's value. One that grows beyond PACKED_MOST becomes a
 * tree (store/tree.h); a sorted set two, the second of which finds a member's score by its hash; so
 * does a hash with fields that expire, to find those by when. It stays one until it is empty, and
 * then the key is gone.
 *
 * What takes memory answers false when there is none, and has changed nothing then. Names and
 * values given here lie outside the movable part of the arena, as all slices given to the store do.
 */
#ifndef FERRITE_COLLECTION_H
#define FERRITE_COLLECTION_H

#include "store/tree.h"

enum { PACKED_MOST = 512 }; /* bytes of items */

/* One at work. `entry` is good until memory is taken, and again after each call here. */
struct collection {
    struct entry entry; /* if not found, it has no type, block or items */
    struct slice key;
    u32 type;  /* TYPE_LIST, TYPE_SET, TYPE_ZSET or TYPE_HASH */
    u32 found; /* 1 or 0: a word is shorter to test than a bool */
    struct store *store;
    u32 slack; /* bytes behind the packed items that collection_widen has taken */
};

/* An iteration: the packed items it is in, and where in them the next one lies. */
struct walk {
    ref leaf; /* 0: the entry's own */
    u32 at;
};

/* Where an item lies. Good until the collection changes or memory is taken. */
struct spot {
    struct path path; /* in a tree; else path.at[0] is where in the packed items */
    struct item item;
    u64 hash;           /* after collection_find in a tree: the name's */
    struct walk record; /* of a member of a large sorted set: what the map has of it */
};

/* From the spot on. */
SHARED void spot_walk(const struct spot *spot, struct walk *walk) {
    const struct path *path = &spot->path;
    walk->leaf = path->node[path->level];
    walk->at = path->at[path->level];
}

/* `entry` is what the key holds, of the collection's type; or it is not there. */
HOT_INLINE bool collection_is_tree(const struct collection *c) {
    return c->entry.type & TYPE_TREE;
}
/* Expired fields of a hash are not counted, nor found, nor met on a walk. */
u32 collection_count(const struct collection *c);

/* The items from a rank on, one by one. */
void collection_walk(const struct collection *c, u32 rank, struct walk *walk);
bool collection_next(const struct collection *c, struct walk *walk, struct item *item);
/* Notes where so many items from a rank on lie, one or more; they are there and do not expire. */
void collection_note(const struct collection *c, u32 rank, u32 count, struct walk *notes);
/* From step to step through what is there, whichever way it changes in between: `cursor` is 0 at
 * first, and then what the last step returned, until that is 0. What a step comes by are the ranks
 * [*from, *to): a leaf, or all that is left. */
u64 collection_step(const struct collection *c, u64 cursor, u32 *from, u32 *to);
/* The item of a rank below the count. Where expired fields lie, it is the next one behind them, and
 * the path leads elsewhere. */
void collection_at(const struct collection *c, u32 rank, struct spot *spot);
/* The item of a name, in all but lists; of two, that which came first or second, or, in a sorted
 * set, either; or a field that has expired and is still there. False: there is none, and the spot
 * is none, but for collection_add. */
enum which { FIRST_ONE, SECOND_ONE, EXPIRED_ONE };
bool collection_find(const struct collection *c, struct slice name, enum which which,
                     struct spot *spot);
/* Where a place is, at an item or behind the last one of those before it; and how many items there
 * are before a spot. */
void collection_seek(const struct collection *c, const struct place *place, struct path *path);
u32 collection_rank(const struct collection *c, const struct spot *spot);

/* Adds an item, at `rank` in a list, and the key if there is none. Several of one name may be there
 * for a while, as what is added is to replace another. `spot` is what collection_find, which found
 * none, made of it; or NULL. */
bool collection_add(struct collection *c, const struct item *item, u32 rank, struct spot *spot);
/* Makes what is at a spot another item: of a list any, else one of the same name. False: there is
 * no memory, or it has to be added to take the place of the one that is there. */
bool collection_replace(struct collection *c, struct spot *spot, const struct item *item);
/* Makes sure that what is packed can become so much longer, without fail and without moving; trim
 * gives back what was not used. In between nothing else may take memory. */
bool collection_widen(struct collection *c, u32 bytes);
void collection_trim(struct collection *c);
/* Gives a field of a hash another expiry, or takes that of any field (0). In a small one it may
 * need EXPIRY_BYTES, for which it has been widened: it remains small that way, however long it
 * becomes. */
void collection_time(struct collection *c, struct spot *spot, i64 expires_at_ms);
/* Removes what is at the spot, an item that was loaded; the key, if nothing is left. */
void collection_remove(struct collection *c, struct spot *spot);
/* Removes the items of ranks [from, to). */
void collection_cut(struct collection *c, u32 from, u32 to);
/* Gives what the collection holds, and its expiry, to the key `to` as well, which is another one;
 * it is at work then. */
bool collection_copy(struct collection *c, struct slice to);
/* One in the making, of no key yet; there is room for one at a time. Items are added to it and
 * found in it as in any other. It ends as what a key holds instead of what that held, with an
 * expiry (if it is empty the key goes; false: no memory, and nothing is changed), or is given up.
 */
void collection_make(struct store *store, u32 type, struct collection *c);
bool collection_publish(struct collection *c, struct slice key, i64 expires_at_ms);
void collection_give_up(struct collection *c);
/* Keeps what is at a spot where it is while something is added to another one. */
void collection_hold_spot(const struct collection *c, const struct spot *spot);
void collection_release_spot(const struct collection *c, const struct spot *spot);
/* Keeps the key, and where it is, while memory is taken for something else; what it holds may move
 * all the same. Not while something is added to it. */
void collection_hold(const struct collection *c);
void collection_release(const struct collection *c);
/* Marks the type of what is there. */
void collection_mark(struct collection *c, u32 mark);

#endif
