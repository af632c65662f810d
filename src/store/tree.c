#include "store/tree.h"
#include "store/room.h"

enum { CHILD_BYTES = 16, RETIRED = 1, NODE_STEP = 64, JOIN_MOST = NODE_MOST * 3 / 4 };

/* --- nodes ------------------------------------------------------------------------------------ */

/*
 * Bytes of a node's head: 3: is it retired? 4: its units, as of all system blocks; 8: its parent,
 * an entry's block or a branch; 12: bytes of data in use. Retired: 8: the next that is, 24: the one
 * before.
 */
enum { AT_RETIRED = 3, AT_UNITS = 4, AT_PARENT = 8, AT_NEXT = 8, AT_PREVIOUS = 24 };

HOT_INLINE bool is_branch(const u8 *node) {
    return node[1] == SYSTEM_BRANCH;
}
HOT_INLINE u32 used_of(const u8 *node) {
    return load32(node + NODE_USED);
}
HOT_INLINE u32 units_of_node(const u8 *node) {
    return load32(node + AT_UNITS);
}
HOT_INLINE u32 room_of(const u8 *node) {
    return units_of_node(node) * UNIT - NODE_HEAD;
}
static u32 node_units(u32 bytes) {
    return units_of((NODE_HEAD + bytes + NODE_STEP - 1) & ~(u32)(NODE_STEP - 1));
}
HOT_INLINE u8 *at_node(const struct tree *tree, ref node) {
    return block_at(&store_of(tree)->heap, node);
}

static void node_make(struct tree *tree, ref at, u32 kind, u32 units, ref parent) {
    u8 *node = at_node(tree, at);
    system_make(node, (enum system_kind)kind, units);
    store32(node + AT_PARENT, parent);
    store32(node + NODE_USED, 0);
}

static void adopt_children(struct store *store, ref branch) {
    u8 *node = block_at(&store->heap, branch);
    for (u32 at = 0; at < used_of(node); at += CHILD_BYTES)
        store32(block_at(&store->heap, load32(node + NODE_HEAD + at)) + AT_PARENT, branch);
    store->heap.steps += used_of(node) / CHILD_BYTES / 4;
}

/* What refers to the node of a level: the slot, or a record of its parent. Both begin with the node
 * and the count. */
static u8 *record_of(const struct tree *tree, const struct path *path, u32 level) {
    if (level == 0) return tree->slot;
    return at_node(tree, path->node[level - 1]) + NODE_HEAD + path->at[level - 1];
}

/* Counts `more` items (modulo 2^32) on the way to the node of that level. */
static void count_more(const struct tree *tree, const struct path *path, u32 level, u32 more) {
    for (u32 i = 0; i <= level; i++) {
        u8 *record = record_of(tree, path, i);
        store32(record + 4, load32(record + 4) + more);
    }
}

/* --- retirement ------------------------------------------------------------------------------- */

static void retire(struct store *store, ref at) {
    u8 *node = block_at(&store->heap, at);
    node[AT_RETIRED] = RETIRED;
    store32(node + AT_NEXT, store->retired);
    store32(node + AT_PREVIOUS, 0);
    if (store->retired) store32(block_at(&store->heap, store->retired) + AT_PREVIOUS, at);
    store->retired = at;
}

ref tree_reclaim(struct store *store) {
    for (;;) {
        ref at = store->retired;
        u8 *node = block_at(&store->heap, at);
        u32 used = used_of(node);
        heap_step(&store->heap);
        if (is_branch(node) && used) {
            store32(node + NODE_USED, used - CHILD_BYTES);
            retire(store, load32(node + NODE_HEAD + used - CHILD_BYTES));
            continue;
        }
        store->retired = load32(node + AT_NEXT);
        if (store->retired) store32(block_at(&store->heap, store->retired) + AT_PREVIOUS, 0);
        return heap_give(&store->heap, at, units_of_node(node));
    }
}

void tree_retire(struct tree *tree) {
    ref root = load32(tree->slot);
    if (root) retire(store_of(tree), root);
    store64(tree->slot, 0);
}

/* --- moving ----------------------------------------------------------------------------------- */

/* The slots of an entry that has trees: how many, and where. */
static u32 slots_of(struct store *store, ref at, u8 **slots) {
    struct entry entry;
    if (!at) {
        *slots = store->built[0];
        return COUNT_OF(store->built);
    }
    store_view(store, at, &entry);
    *slots = entry.value;
    return entry.type & TYPE_TREE ? entry.value_len / 8 : 0;
}

void tree_entry_moved(struct store *store, ref to) {
    u8 *slots;
    for (u32 i = slots_of(store, to, &slots); i-- > 0;) {
        ref root = load32(slots + i * 8);
        if (root) store32(block_at(&store->heap, root) + AT_PARENT, to);
    }
}

void tree_entry_gone(struct store *store, ref at) {
    u8 *slots;
    for (u32 i = slots_of(store, at, &slots); i-- > 0;) {
        struct tree tree = {store, slots + i * 8, at, 0};
        tree_retire(&tree);
    }
}

void tree_node_moved(struct store *store, ref from, ref to) {
    struct heap *heap = &store->heap;
    u8 *node = block_at(heap, to), *parent;
    heap_step(&store->heap);
    if (is_branch(node)) adopt_children(store, to);
    if (node[AT_RETIRED]) {
        ref next = load32(node + AT_NEXT), previous = load32(node + AT_PREVIOUS);
        if (next) store32(block_at(heap, next) + AT_PREVIOUS, to);
        if (previous)
            store32(block_at(heap, previous) + AT_NEXT, to);
        else
            store->retired = to;
        return;
    }
    ref owner = load32(node + AT_PARENT);
    u32 step = CHILD_BYTES;
    if (owner && tag_code(block_at(heap, owner)) == CODE_SYSTEM) {
        parent = block_at(heap, owner) + NODE_HEAD;
    } else {
        slots_of(store, owner, &parent);
        step = 8;
    }
    while (load32(parent) != from) parent += step;
    store32(parent, to);
}

/* --- figures ---------------------------------------------------------------------------------- */

/* Of `count` items below a node: what those of a few children take stands for all of them. */
static u64 bytes_below(const struct heap *heap, ref at, u32 count) {
    enum { SAMPLES = 5 };
    const u8 *node = block_at(heap, at), *record = node + NODE_HEAD;
    u64 bytes = 0, items = 0;
    for (u32 left = is_branch(node) ? min_u32(used_of(node) / CHILD_BYTES, SAMPLES) : 0; left;
         left--, record += CHILD_BYTES) {
        items += load32(record + 4);
        bytes += bytes_below(heap, load32(record), load32(record + 4));
    }
    if (items) bytes = bytes * count / items;
    return bytes + units_of_node(node) * UNIT;
}

u64 tree_entry_bytes(struct store *store, ref at) {
    u8 *slots;
    u64 bytes = 0;
    for (u32 i = slots_of(store, at, &slots); i-- > 0; slots += 8)
        if (load32(slots)) bytes += bytes_below(&store->heap, load32(slots), load32(slots + 4));
    return bytes;
}

/* --- seeking ---------------------------------------------------------------------------------- */

ref tree_first_leaf(const struct heap *heap, ref node) {
    const u8 *block;
    while (is_branch(block = block_at(heap, node))) node = load32(block + NODE_HEAD);
    return node;
}

u8 *tree_leaf(const struct tree *tree, const struct path *path) {
    return at_node(tree, path->node[path->level]);
}

ref tree_next_leaf(const struct heap *heap, ref node) {
    for (;;) {
        ref owner = load32(block_at(heap, node) + AT_PARENT);
        const u8 *parent = block_at(heap, owner), *end;
        if (!owner || tag_code(parent) != CODE_SYSTEM) return 0;
        end = parent + NODE_HEAD + used_of(parent);
        const u8 *record = parent + NODE_HEAD;
        while (load32(record) != node) record += CHILD_BYTES;
        record += CHILD_BYTES;
        if (record < end) return tree_first_leaf(heap, load32(record));
        node = owner;
    }
}

u64 tree_leaf_end(const struct tree *tree, const struct path *path) {
    for (u32 level = path->level; level-- > 0;) {
        u32 next = path->at[level] + CHILD_BYTES;
        const u8 *parent = at_node(tree, path->node[level]);
        if (next < used_of(parent)) return load64(parent + NODE_HEAD + next + 8);
    }
    return 0;
}

/* Below 0, 0 or above 0: how the place compares with the member of a sorted set at `at`. */
static i32 compare(const struct place *place, const u8 *at) {
    u64 order = load64(at);
    if (place->order != order) return place->order < order ? -1 : 1;
    u32 len;
    at += sizeof order;
    at += varint_load(at, &len);
    return slice_compare(place->name, (struct slice){at, len});
}

/* The last child that the place does not come before; the first one, if it comes before all. By
 * orders alone first, without a branch, for no processor can guess where they lie. */
static u32 child_by_order(const struct tree *tree, const struct place *place, const u8 *node) {
    const u8 *records = node + NODE_HEAD;
    u32 at = 0, half;
    u64 order = place->order;
    for (u32 count = used_of(node) / CHILD_BYTES; count > 1; count -= half) {
        half = count / 2;
        u32 next = at + half * CHILD_BYTES;
        at = load64(records + next + 8) <= order ? next : at;
    }
    if (tree->kind != ITEM_ZSET || load64(records + at + 8) != order) return at;
    u32 count = at / CHILD_BYTES + 1;
    for (at = 0; count > 1; count -= half) {
        half = count / 2;
        u32 next = at + half * CHILD_BYTES;
        const u8 *record = records + next;
        ref leaf = tree_first_leaf(&store_of(tree)->heap, load32(record));
        if (load64(record + 8) < order || compare(place, at_node(tree, leaf) + NODE_HEAD) >= 0)
            at = next;
    }
    return at;
}

/* The child that has the item of a rank among the `count` below a node, which becomes its rank
 * there; the last one, if there are not so many. From the end that is nearer. */
static u32 child_by_rank(const u8 *node, u32 count, u32 *rank) {
    const u8 *counts = node + NODE_HEAD + 4;
    u32 at = 0;
    if (*rank < count / 2) {
        for (u32 more; *rank >= (more = load32(counts + at)); at += CHILD_BYTES) *rank -= more;
        return at;
    }
    at = used_of(node);
    do {
        at -= CHILD_BYTES;
        count -= load32(counts + at);
    } while (*rank < count);
    *rank -= count;
    return at;
}

u32 items_seek(u32 kind, struct slice items, const struct place *place, u32 *before) {
    u32 at = 0, passed = 0;
    if (place->by_rank && *before != RANK_END) return items_skip(kind, items, before);
    if (place->by_rank || item_is_hashed(kind)) at = items.len;
    for (; at < items.len; passed++) {
        const u8 *next = items.bytes + at;
        if (load64(next) >= place->order && compare(place, next) <= 0) break;
        at += zset_skip(next);
    }
    *before = passed;
    return at;
}

void tree_seek(const struct tree *tree, const struct place *place, struct path *path) {
    ref at = load32(tree->slot);
    u32 level = 0, count = tree_count(tree), rank = place->rank;
    const u8 *node;
    for (; is_branch(node = at_node(tree, at)); level++) {
        path->node[level] = at;
        path->at[level] =
            place->by_rank ? child_by_rank(node, count, &rank) : child_by_order(tree, place, node);
        const u8 *record = node + NODE_HEAD + path->at[level];
        at = load32(record);
        count = load32(record + 4);
        heap_step(&store_of(tree)->heap);
        PROBE();
    }
    path->level = level;
    path->node[level] = at;
    path->before = rank < count ? rank : (u32)RANK_END;
    path->at[level] = items_seek(tree->kind, leaf_items(at_node(tree, at)), place, &path->before);
    heap_step(&store_of(tree)->heap);
}

u32 tree_leaf_count(const struct tree *tree, const struct path *path) {
    return load32(record_of(tree, path, path->level) + 4);
}

u32 tree_rank(const struct tree *tree, const struct path *path) {
    u32 rank = path->before;
    for (u32 level = 0; level < path->level; level++) {
        const u8 *data = at_node(tree, path->node[level]) + NODE_HEAD;
        for (u32 at = 0; at < path->at[level]; at += CHILD_BYTES) rank += load32(data + at + 4);
    }
    return rank;
}

COLD u32 tree_count_below(const struct tree *tree, u64 order) {
    struct place place = {.order = order};
    struct path path;
    if (!load32(tree->slot)) return 0;
    tree_seek(tree, &place, &path);
    struct slice records = leaf_items(tree_leaf(tree, &path));
    path.before = 0;
    for (u32 at = 0; at < records.len; at += CHILD_BYTES)
        path.before += load64(records.bytes + at) < order;
    return tree_rank(tree, &path);
}

/* --- growing ---------------------------------------------------------------------------------- */

/* A block that has been taken, and is not used yet. */
struct block {
    ref at;
    u32 units;
};

static void give(struct store *store, struct block *have) {
    if (have->units) heap_give(&store->heap, have->at, have->units);
    *have = (struct block){0};
}

static bool take(struct store *store, struct block *have, u32 units) {
    give(store, have);
    have->at = room_take(store, units);
    have->units = have->at ? units : 0;
    return have->at;
}

/* The record of a new child behind, or in place of, the one at `at` of a parent with room for it.
 */
static u8 *open_record(u8 *parent, u32 at) {
    u8 *record = parent + NODE_HEAD + at;
    u32 used = used_of(parent);
    __builtin_memmove(record + CHILD_BYTES, record, used - at);
    store32(parent + NODE_USED, used + CHILD_BYTES);
    return record;
}

static void write_record(u8 *record, ref node, u32 count, u64 order) {
    store32(record, node);
    store32(record + 4, count);
    store64(record + 8, order);
}

/* The block becomes the node of that level. */
static void replace(struct tree *tree, const struct path *path, u32 level, struct block *have) {
    struct heap *heap = &store_of(tree)->heap;
    ref from = path->node[level], to = have->at;
    u8 *old = at_node(tree, from), *node = at_node(tree, to);
    node_make(tree, to, old[1], have->units, 0);
    __builtin_memcpy(node + AT_PARENT, old + AT_PARENT, NODE_HEAD - AT_PARENT + used_of(old));
    heap->moved_bytes += used_of(old);
    heap_give(heap, from, units_of_node(old));
    store32(record_of(tree, path, level), to);
    if (is_branch(node)) adopt_children(store_of(tree), to);
    have->units = 0;
}

/* Makes room for so many bytes of data in a node where it lies, if what is behind it is free. */
static bool extend(struct tree *tree, ref at, u32 bytes) {
    u32 units = node_units(bytes);
    u8 *node = at_node(tree, at);
    if (bytes <= room_of(node)) return true;
    if (!heap_extend(&store_of(tree)->heap, at, units_of_node(node), units)) return false;
    store32(node + AT_UNITS, units);
    return true;
}

/* The same in the node of that level, else the block becomes it. Returns how large a block that
 * lacks, or 0. */
static u32 widen(struct tree *tree, const struct path *path, u32 level, u32 bytes,
                 struct block *have) {
    u32 units = node_units(bytes);
    if (extend(tree, path->node[level], bytes)) return 0;
    if (have->units < units) return units;
    replace(tree, path, level, have);
    return 0;
}

/* The block becomes a root above the root. */
static void raise(struct tree *tree, struct block *have) {
    ref root = load32(tree->slot);
    node_make(tree, have->at, SYSTEM_BRANCH, have->units, tree->owner);
    u8 *node = at_node(tree, have->at);
    write_record(node + NODE_HEAD, root, tree_count(tree), 0);
    store32(node + NODE_USED, CHILD_BYTES);
    store32(at_node(tree, root) + AT_PARENT, have->at);
    store32(tree->slot, have->at);
    have->units = 0;
}

static u64 order_of(const struct tree *tree, const u8 *at) {
    struct item item;
    item_load(tree->kind, at, &item);
    if (tree->kind == ITEM_SET || tree->kind == ITEM_HASH)
        return hash_bytes(&store_of(tree)->hash_key, item.name.bytes, item.name.len);
    return tree->kind == ITEM_LIST ? 0 : item.order;
}

/* How a node splits: what goes to the new one, on its right. */
struct split {
    u32 cut;   /* sorted items: those from here on */
    u64 order; /* the new node's; of hashed items, those go whose order is not below */
    u32 bytes; /* how much data that is */
    bool hashed;
};

/* Half of a branch; half of the items of a sorted leaf, or, if the item that is to come to
 * `at` is large, those behind it. */
static void plan_sorted(const struct tree *tree, const u8 *node, u32 at, u32 bytes,
                        struct split *split) {
    u32 used = used_of(node), cut = 0;
    const u8 *data = node + NODE_HEAD;
    bool branch = is_branch(node);
    if (bytes > NODE_MOST / 2) cut = at;
    for (u32 next = 0; bytes <= NODE_MOST / 2 && cut < used / 2; cut = next) {
        next += branch ? CHILD_BYTES : item_skip(tree->kind, data + next);
        if (next == used) break; /* neither side is to be empty */
    }
    split->hashed = false;
    split->cut = cut;
    split->bytes = used - cut;
    split->order = branch ? load64(data + cut + 8) : order_of(tree, data + cut);
}

/* Half of the range of orders that is the leaf's, or a half of that, so that neither side is
 * without an item, the one to come included. False: all are of one order. */
static bool plan_hashed(const struct tree *tree, const struct path *path, u64 order, u32 bytes,
                        struct split *split) {
    const u8 *node = at_node(tree, path->node[path->level]), *data = node + NODE_HEAD;
    u64 low = 0, high = tree_leaf_end(tree, path); /* 0: the end of all */
    u32 used = used_of(node);
    if (path->level) low = load64(record_of(tree, path, path->level) + 8);
    split->hashed = true;
    for (;;) {
        u64 middle = low + (high - low) / 2;
        if (low == 0 && high == 0) middle = 1ull << 63;
        if (middle == low) return false;
        u32 right = 0;
        for (u32 at = 0; at < used;) {
            u32 size = item_skip(tree->kind, data + at);
            if (order_of(tree, data + at) >= middle) right += size;
            at += size;
        }
        split->order = middle;
        split->bytes = right;
        heap_step(&store_of(tree)->heap);
        if (right == used && order >= middle)
            low = middle;
        else if (right == 0 && order < middle)
            high = middle;
        else
            break;
    }
    if (order >= split->order) split->bytes += bytes; /* room for it, too */
    return true;
}

/* Moves what the split says to the empty node `right`; returns how many items that is. */
static u32 divide(const struct tree *tree, u8 *node, u8 *right, const struct split *split) {
    u32 used = used_of(node), kept = split->cut, moved = used - kept, count = ~0u;
    u8 *data = node + NODE_HEAD, *to = right + NODE_HEAD;
    if (split->hashed) {
        kept = moved = 0;
        for (u32 at = 0, size; at < used; at += size) {
            size = item_skip(tree->kind, data + at);
            bool goes = order_of(tree, data + at) >= split->order;
            __builtin_memmove(goes ? to + moved : data + kept, data + at, size);
            *(goes ? &moved : &kept) += size;
        }
    } else {
        __builtin_memcpy(to, data + kept, moved);
    }
    store32(node + NODE_USED, kept);
    store32(right + NODE_USED, moved);
    if (!is_branch(node)) {
        items_skip(tree->kind, leaf_items(right), &count);
        return count;
    }
    count = 0;
    for (u32 at = 0; at < moved; at += CHILD_BYTES) count += load32(to + at + 4);
    return count;
}

/* Gives back what a node has too much of. */
static void trim(struct tree *tree, ref at) {
    u8 *node = at_node(tree, at);
    u32 units = units_of_node(node), keep = node_units(used_of(node) + NODE_STEP / 2);
    if (keep + NODE_STEP / UNIT >= units) return;
    store32(node + AT_UNITS, keep);
    heap_trim(&store_of(tree)->heap, at, units, keep);
}

/* The block becomes the right neighbour of the node of that level, whose parent has room for it. */
static void split_node(struct tree *tree, const struct path *path, u32 level, struct block *have,
                       const struct split *split) {
    struct heap *heap = &store_of(tree)->heap;
    ref left = path->node[level], right = have->at;
    u8 *node = at_node(tree, left);
    node_make(tree, right, node[1], have->units, path->node[level - 1]);
    u32 count = divide(tree, node, at_node(tree, right), split);
    u8 *record = record_of(tree, path, level);
    store32(record + 4, load32(record + 4) - count);
    record = open_record(at_node(tree, path->node[level - 1]), path->at[level - 1] + CHILD_BYTES);
    write_record(record, right, count, split->order);
    if (is_branch(node)) adopt_children(store_of(tree), right);
    heap->moved_bytes += used_of(at_node(tree, right));
    trim(tree, left);
    have->units = 0;
}

/* The block becomes a leaf of its own for an item that is to come before or behind all items of a
 * sorted leaf; the path then leads there. */
static void add_leaf(struct tree *tree, struct path *path, struct block *have, u64 order) {
    u32 level = path->level, *at = &path->at[level - 1];
    ref parent = path->node[level - 1];
    node_make(tree, have->at, SYSTEM_LEAF, have->units, parent);
    if (path->at[level]) {
        *at += CHILD_BYTES;
    } else { /* before: it takes the bound of the old one, whose own is its first item's */
        u8 *record = record_of(tree, path, level);
        u64 bound = load64(record + 8);
        store64(record + 8, order_of(tree, at_node(tree, path->node[level]) + NODE_HEAD));
        order = bound;
    }
    write_record(open_record(at_node(tree, parent), *at), have->at, 0, order);
    path->node[level] = have->at;
    path->at[level] = 0;
    have->units = 0;
}

/* In a leaf that has the room, or is given it where it lies; NULL: neither. */
static u8 *open_gap(struct tree *tree, const struct path *path, u32 bytes) {
    u32 level = path->level, at = path->at[level];
    u8 *node = at_node(tree, path->node[level]), *gap = node + NODE_HEAD + at;
    u32 used = used_of(node);
    if (!extend(tree, path->node[level], used + bytes)) return NULL;
    if (at < used) __builtin_memmove(gap + bytes, gap, used - at);
    store32(node + NODE_USED, used + bytes);
    count_more(tree, path, level, 1);
    store_of(tree)->heap.moved_bytes += used + bytes - at;
    return gap;
}

/*
 * One round of an insertion: looks at the tree as it is and does the next thing that is in the way,
 * of which none but the last, making the gap, changes what the tree holds. Returns how large a
 * block it lacks for that, in units, or 0. Taking one may move everything, so the next round looks
 * again.
 */
static u32 advance(struct tree *tree, const struct place *place, struct path *path, u32 bytes,
                   struct block *have, u8 **gap) {
    bool hashed = item_is_hashed(tree->kind);
    struct split split = {0};
    u32 units;
    if (!load32(tree->slot)) {
        units = node_units(bytes);
        if (have->units < units) return units;
        node_make(tree, have->at, SYSTEM_LEAF, have->units, tree->owner);
        store32(tree->slot, have->at);
        have->units = 0;
        tree_seek(tree, place, path);
    }
    u32 level = path->level, at = path->at[level];
    const u8 *leaf = at_node(tree, path->node[level]);
    u32 used = used_of(leaf);
    if (used == 0 || used + bytes <= NODE_MOST ||
        (hashed && !plan_hashed(tree, path, place->order, bytes, &split))) {
        *gap = open_gap(tree, path, bytes);
        return *gap ? 0 : widen(tree, path, level, used + bytes, have);
    }
    /* The leaf is to split, for which its parent needs room; if that is full it splits first. */
    u32 work = level;
    while (work && used_of(at_node(tree, path->node[work - 1])) == NODE_MOST) work--;
    if (work == 0) {
        units = node_units(2 * CHILD_BYTES);
        if (have->units < units) return units;
        raise(tree, have);
        return 0;
    }
    const u8 *parent = at_node(tree, path->node[work - 1]);
    if (used_of(parent) + CHILD_BYTES > room_of(parent))
        return widen(tree, path, work - 1, used_of(parent) + CHILD_BYTES, have);
    if (work == level && !hashed && (at == 0 || at == used)) {
        units = node_units(max_u32(bytes, NODE_MOST));
        if (have->units < units) return units;
        add_leaf(tree, path, have, place->order);
        *gap = open_gap(tree, path, bytes);
        return 0;
    }
    if (work < level || !hashed)
        plan_sorted(tree, at_node(tree, path->node[work]), at, work < level ? 0 : bytes, &split);
    units = node_units(split.bytes);
    if (have->units < units) return units;
    split_node(tree, path, work, have, &split);
    return 0;
}

u8 *tree_insert(struct tree *tree, const struct place *place, struct path *path, u32 bytes) {
    struct block have = {0};
    u8 *gap = NULL;
    for (;;) {
        u32 lacks = advance(tree, place, path, bytes, &have, &gap);
        if (gap || (lacks && !take(store_of(tree), &have, lacks))) break;
        if (load32(tree->slot)) tree_seek(tree, place, path);
    }
    give(store_of(tree), &have);
    return gap;
}

u8 *tree_replace(struct tree *tree, const struct path *path, u32 bytes) {
    u32 at = path->at[path->level];
    u8 *node = at_node(tree, path->node[path->level]), *item = node + NODE_HEAD + at;
    u32 used = used_of(node), old = item_skip(tree->kind, item), new_used = used - old + bytes;
    if (new_used > room_of(node)) return NULL;
    __builtin_memmove(item + bytes, item + old, used - at - old);
    store_of(tree)->heap.moved_bytes += used - at - old;
    store32(node + NODE_USED, new_used);
    trim(tree, path->node[path->level]);
    return item;
}

/* --- shrinking -------------------------------------------------------------------------------- */

/* What belongs to the first child belongs to the next one then, down to the same bound, which is
 * the branch's own: other branches may join this one. */
static void take_record(u8 *parent, u32 at) {
    u8 *record = parent + NODE_HEAD + at;
    u32 used = used_of(parent) - CHILD_BYTES;
    if (at == 0 && used) store64(record + CHILD_BYTES + 8, load64(record + 8));
    __builtin_memmove(record, record + CHILD_BYTES, used - at);
    store32(parent + NODE_USED, used);
}

/* Joins two neighbours, whose records begin at `at` of their parent, if they fit one node and that
 * can be had without making room. */
static bool join(struct tree *tree, ref parent, u32 at) {
    struct heap *heap = &store_of(tree)->heap;
    u8 *record = at_node(tree, parent) + NODE_HEAD + at;
    ref left = load32(record), right = load32(record + CHILD_BYTES);
    u8 *node = at_node(tree, left), *other = at_node(tree, right);
    u32 used = used_of(node), more = used_of(other);
    heap_step(heap);
    if (used + more > JOIN_MOST) return false;
    if (!extend(tree, left, used + more)) return false;
    __builtin_memcpy(node + NODE_HEAD + used, other + NODE_HEAD, more);
    store32(node + NODE_USED, used + more);
    store32(record + 4, load32(record + 4) + load32(record + CHILD_BYTES + 4));
    take_record(at_node(tree, parent), at + CHILD_BYTES);
    heap_give(heap, right, units_of_node(other));
    heap->moved_bytes += more;
    if (is_branch(node)) adopt_children(store_of(tree), left);
    return true;
}

/* After something was removed from the node of that level. */
static void tidy(struct tree *tree, const struct path *path, u32 level) {
    struct heap *heap = &store_of(tree)->heap;
    for (;; level--) {
        ref at = path->node[level];
        u8 *node = at_node(tree, at);
        if (used_of(node) == 0) {
            heap_give(heap, at, units_of_node(node));
            if (level == 0) {
                store64(tree->slot, 0);
                return;
            }
            take_record(at_node(tree, path->node[level - 1]), path->at[level - 1]);
            continue;
        }
        trim(tree, at);
        if (level == 0) break;
        ref parent = path->node[level - 1];
        u32 child = path->at[level - 1];
        if (used_of(node) > NODE_MOST / 2) break;
        bool joined =
            child + CHILD_BYTES < used_of(at_node(tree, parent)) && join(tree, parent, child);
        if (!joined && child) joined = join(tree, parent, child - CHILD_BYTES);
        if (!joined) break;
    }
    for (;;) {
        ref root = load32(tree->slot);
        const u8 *node = at_node(tree, root);
        if (!is_branch(node) || used_of(node) > CHILD_BYTES) return;
        ref child = load32(node + NODE_HEAD);
        heap_give(heap, root, units_of_node(node));
        store32(tree->slot, child);
        store32(at_node(tree, child) + AT_PARENT, tree->owner);
    }
}

/* Removes items, or children, that lie in [at, at + bytes) of a node's data, `count` items. */
static void close_gap(struct tree *tree, const struct path *path, u32 level, u32 bytes, u32 count) {
    u32 at = path->at[level];
    u8 *node = at_node(tree, path->node[level]), *gap = node + NODE_HEAD + at;
    u32 used = used_of(node) - bytes;
    __builtin_memmove(gap, gap + bytes, used - at);
    store_of(tree)->heap.moved_bytes += used - at;
    store32(node + NODE_USED, used);
    count_more(tree, path, level, -count);
    tidy(tree, path, level);
}

void tree_remove(struct tree *tree, struct path *path) {
    const u8 *item = tree_leaf(tree, path) + NODE_HEAD + path->at[path->level];
    close_gap(tree, path, path->level, item_skip(tree->kind, item), 1);
}

/* Whole children go as they are, to be freed later. */
void tree_cut(struct tree *tree, u32 from, u32 to) {
    while (from < to) {
        struct place place = {.by_rank = true, .rank = from};
        struct path path;
        tree_seek(tree, &place, &path);
        u32 most = to - from, level = path.level, count = 0, bytes = 0;
        /* The topmost child that begins here and has no more than what is to go. */
        struct slice items = leaf_items(tree_leaf(tree, &path));
        bool begins = path.at[level] == 0;
        u32 top = level;
        while (begins && top > 0) {
            if (load32(record_of(tree, &path, top) + 4) > most) break;
            begins = path.at[--top] == 0;
        }
        if (top < level) {
            const u8 *node = at_node(tree, path.node[top]);
            u32 at = path.at[top], end = used_of(node);
            do { /* and the neighbours that go as well */
                const u8 *record = node + NODE_HEAD + at + bytes;
                count += load32(record + 4);
                retire(store_of(tree), load32(record));
                bytes += CHILD_BYTES;
            } while (at + bytes < end && count + load32(node + NODE_HEAD + at + bytes + 4) <= most);
            close_gap(tree, &path, top, bytes, count);
        } else {
            u32 at = path.at[level];
            for (; at + bytes < items.len && count < most; count++)
                bytes += item_skip(tree->kind, items.bytes + at + bytes);
            close_gap(tree, &path, level, bytes, count);
        }
        to -= count;
    }
}
