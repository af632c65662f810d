/*
 * Counted trees: where the items of a large collection lie. A leaf is a block of packed items,
 * about 1 KB or one larger item; a branch refers to its children and counts what is below them, so
 * that the item of a rank is found, and the rank of an item, in O(log n).
 *
 *     root slot  | node | count |             in the collection's entry, whose block is the parent
 *
 *     branch     | head, parent, used | node | count | order | node | count | order | ...
 *     leaf       | head, parent, used | item | item | ...
 *
 * An order is a lower bound of what is below: the score in a sorted set, the hash of the name in
 * sets, hashes and member maps; lists have none. Nodes move as any block does: each is referred to
 * by its parent alone, and knows it.
 *
 * Nothing is ever copied to grow: a node splits when it is full, and what is left of two joins when
 * it fits one. A tree is given up by putting its root on the list of what is retired, from where
 * nodes are freed a few a command, and before any live key goes.
 */
#ifndef FERRITE_TREE_H
#define FERRITE_TREE_H

#include "store/item.h"

enum { TREE_LEVELS = 10, NODE_USED = 12, NODE_HEAD = 16, NODE_MOST = 1008 };

/* A tree at work. The entry is held (heap_hold), so `slot` stays where it is. */
struct tree {
    struct store *store;
    u8 *slot;
    ref owner; /* the entry; 0: the slot is one of store->built */
    u32 kind;  /* enum item_kind */
};

/* The way to an item: nodes from the root to the leaf, and for each where in its data, in bytes,
 * the next one is referred to, or the item lies. Good until the next call that takes memory. */
struct path {
    u32 level; /* of the leaf */
    ref node[TREE_LEVELS];
    u32 at[TREE_LEVELS];
    u32 before; /* how many items lie before it in its leaf; not counted in one of hashed items */
};

enum { RANK_END = ~0u };
/* Where an item is, or belongs. */
struct place {
    u32 by_rank; /* 1 or 0: as a word, it is zeroed with the rank */
    u32 rank;    /* RANK_END: behind all */
    u64 order;
    struct slice name; /* tells members of a sorted set with the same score apart */
};

SHARED u32 tree_items(const u8 *root_slot) {
    return load32(root_slot + 4);
}
HOT_INLINE u32 tree_count(const struct tree *tree) {
    return tree_items(tree->slot);
}

/* Where, in packed items, an item of that place is to be put: before the first that does not come
 * before it, or behind all of them where their order is that of a hash; and how many lie before it,
 * unless that is the end of hashed or ranked items. In, *before is the rank of a place that is one.
 */
u32 items_seek(u32 kind, struct slice items, const struct place *place, u32 *before);
/* The way there in a tree that has items. It may end behind the last item of a leaf. */
void tree_seek(const struct tree *tree, const struct place *place, struct path *path);
/* Its leaf. */
u8 *tree_leaf(const struct tree *tree, const struct path *path);
/* The order at which the next leaf begins, whichever way its items change; 0: it is the last one.
 */
u64 tree_leaf_end(const struct tree *tree, const struct path *path);
/* How many items there are in the leaf of a path, and before what it leads to, if path->before is
 * good. */
u32 tree_leaf_count(const struct tree *tree, const struct path *path);
u32 tree_rank(const struct tree *tree, const struct path *path);

/* How many records of a map, which may have none, are of a lower order. */
u32 tree_count_below(const struct tree *tree, u64 order);

/* Room for an item of so many bytes at its place; the caller writes it at once. If the tree has
 * items, the path leads there; it is sought again, path->before too, if anything but what is in
 * that leaf had to change. NULL: no memory, and the tree holds what it held. */
u8 *tree_insert(struct tree *tree, const struct place *place, struct path *path, u32 bytes);
/* Room for an item of so many bytes in place of the one the path leads to, to be written at once;
 * NULL: its leaf has none. Takes no memory. */
u8 *tree_replace(struct tree *tree, const struct path *path, u32 bytes);
/* Removes the item the path leads to. Takes no memory. */
void tree_remove(struct tree *tree, struct path *path);
/* Removes the items of the ranks [from, to), fewer than all. Takes no memory. */
void tree_cut(struct tree *tree, u32 from, u32 to);
/* Gives all of it up. */
void tree_retire(struct tree *tree);

/* Leaf by leaf, in order: the leftmost below a node, and the next behind one; 0 behind the last.
 * The leaf of a path is one, too. */
ref tree_first_leaf(const struct heap *heap, ref node);
ref tree_next_leaf(const struct heap *heap, ref node);
/* The packed items of a leaf. */
HOT_INLINE struct slice leaf_items(const u8 *leaf) {
    return (struct slice){leaf + NODE_HEAD, load32(leaf + NODE_USED)};
}

/* Frees one block of what is retired; returns the hole it became part of. store->retired is not 0.
 */
ref tree_reclaim(struct store *store);

/* For the owners of blocks: a node, or an entry that has trees, is somewhere else now. */
void tree_node_moved(struct store *store, ref from, ref to);
void tree_entry_moved(struct store *store, ref to);
/* About how many bytes the trees of an entry take. */
u64 tree_entry_bytes(struct store *store, ref at);
/* Retires the trees of an entry that is to be freed. */
void tree_entry_gone(struct store *store, ref at);

#endif
