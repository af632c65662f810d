#include "type/collection.h"
#include "store/room.h"

static struct slice packed_items(const struct collection *c) {
    return (struct slice){c->entry.value, c->entry.value_len};
}

/* The trees of a large one: its items, and the map of a sorted set. */
enum { ITEMS, MAP };

static struct tree tree_of(const struct collection *c, u32 which) {
    return (struct tree){c->store, c->entry.value + which * 8, c->entry.at,
                         which == MAP ? ITEM_MAP : c->type};
}

static u64 hash_name(const struct collection *c, struct slice name) {
    return hash_bytes(&c->store->hash_key, name.bytes, name.len);
}

static void find_again(struct collection *c) {
    c->found = store_find(c->store, c->key, &c->entry);
}

static u32 count_items(u32 kind, struct slice items) {
    u32 count = 0;
    for (u32 at = 0; at < items.len; count++) at += item_skip(kind, items.bytes + at);
    return count;
}

u32 collection_count(const struct collection *c) {
    if (!c->found) return 0;
    struct tree tree = tree_of(c, ITEMS);
    return c->entry.type & TYPE_TREE ? tree_count(&tree) : count_items(c->type, packed_items(c));
}

/* --- reading ---------------------------------------------------------------------------------- */

static void seek(const struct collection *c, const struct place *place, struct path *path) {
    if (collection_is_tree(c)) {
        struct tree tree = tree_of(c, ITEMS);
        tree_seek(&tree, place, path);
    } else {
        path->level = 0;
        path->node[0] = 0;
        path->at[0] = items_seek(c->type, packed_items(c), place);
    }
}

void collection_walk(const struct collection *c, u32 rank, struct walk *walk) {
    struct place place = {.by_rank = true, .rank = rank};
    struct path path = {0};
    if (c->found) seek(c, &place, &path);
    *walk = (struct walk){path.node[path.level], path.at[path.level]};
}

bool collection_next(const struct collection *c, struct walk *walk, struct item *item) {
    if (!c->found) return false;
    const struct heap *heap = &c->store->heap;
    for (;;) {
        struct slice items = walk->leaf ? tree_items(heap, walk->leaf) : packed_items(c);
        if (walk->at < items.len) {
            walk->at += item_load(c->type, items.bytes + walk->at, item);
            return true;
        }
        ref next = walk->leaf ? tree_next_leaf(heap, walk->leaf) : 0;
        if (!next) return false;
        *walk = (struct walk){next, 0};
    }
}

static void load(const struct collection *c, struct spot *spot) {
    const struct path *path = &spot->path;
    ref leaf = path->node[path->level];
    struct slice items = leaf ? tree_items(&c->store->heap, leaf) : packed_items(c);
    item_load(c->type, items.bytes + path->at[path->level], &spot->item);
}

void collection_at(const struct collection *c, u32 rank, struct spot *spot) {
    struct place place = {.by_rank = true, .rank = rank};
    seek(c, &place, &spot->path);
    load(c, spot);
}

/* Looks for a name in packed items; returns where it is, or their end. */
static u32 look_for(u32 kind, struct slice items, struct slice name, enum which which) {
    struct item item;
    u32 at = 0, seen = 0;
    while (at < items.len) {
        u32 bytes = item_load(kind, items.bytes + at, &item);
        if (slice_equal(item.name, name) && seen++ == which) break;
        at += bytes;
    }
    return at;
}

/* By way of the map: each score there that has the hash of the name is tried. */
static bool find_member(const struct collection *c, struct slice name, enum which which,
                        struct spot *spot) {
    struct tree scores = tree_of(c, MAP), members = tree_of(c, ITEMS);
    struct place hash = {.order = hash_name(c, name)};
    u32 seen = 0;
    struct path way;
    tree_seek(&scores, &hash, &way);
    struct slice items = tree_leaf(&scores, &way);
    for (u32 at = 0; at < items.len; at += 16) {
        if (load64(items.bytes + at) != hash.order) continue;
        struct place place = {.order = load64(items.bytes + at + 8), .name = name};
        struct path path;
        tree_seek(&members, &place, &path);
        struct slice leaf = tree_leaf(&members, &path);
        u32 there = path.at[path.level];
        struct item item;
        if (there == leaf.len) continue;
        item_load(ITEM_ZSET, leaf.bytes + there, &item);
        if (item.order != place.order || !slice_equal(item.name, name)) continue;
        spot->path = path;
        spot->item = item;
        if (seen++ == which) return true;
    }
    return false;
}

bool collection_find(const struct collection *c, struct slice name, enum which which,
                     struct spot *spot) {
    if (!c->found) return false;
    bool is_tree = collection_is_tree(c);
    if (is_tree && c->type == TYPE_ZSET) return find_member(c, name, which, spot);
    struct place place = {.by_rank = !is_tree, .rank = ~0u};
    if (is_tree) place.order = hash_name(c, name);
    struct tree tree = tree_of(c, ITEMS);
    struct slice items = packed_items(c);
    spot->path.level = 0;
    spot->path.node[0] = 0;
    if (is_tree) {
        tree_seek(&tree, &place, &spot->path);
        items = tree_leaf(&tree, &spot->path);
    }
    u32 at = look_for(c->type, items, name, which);
    if (at == items.len) return false;
    spot->path.at[spot->path.level] = at;
    item_load(c->type, items.bytes + at, &spot->item);
    return true;
}

u32 collection_rank(const struct collection *c, const struct spot *spot) {
    struct tree tree = tree_of(c, ITEMS);
    if (collection_is_tree(c)) return tree_rank(&tree, &spot->path);
    return count_items(c->type, (struct slice){c->entry.value, spot->path.at[0]});
}

/* In a sorted set, where items lie says nothing of how they change: all are one step. */
u64 collection_step(const struct collection *c, u64 cursor, u32 *from, u32 *to) {
    struct place place = {.order = cursor};
    struct path path;
    *from = 0;
    *to = collection_count(c);
    if (!collection_is_tree(c) || c->type == TYPE_ZSET) return 0;
    struct tree tree = tree_of(c, ITEMS);
    tree_seek(&tree, &place, &path);
    *to = tree_rank(&tree, &path); /* the way leads to the end of the leaf */
    path.at[path.level] = 0;
    *from = tree_rank(&tree, &path);
    return tree_leaf_end(&tree, &path);
}

/* --- adding ----------------------------------------------------------------------------------- */

/* Adds to trees. */
static bool insert(struct collection *c, struct tree trees[2], const struct item *item, u32 rank) {
    bool sorted = c->type == TYPE_ZSET;
    struct place place = {.by_rank = c->type == TYPE_LIST, .rank = rank, .name = item->name};
    struct item entry = {.score = item->order};
    if (c->type != TYPE_LIST) {
        entry.order = hash_name(c, item->name);
        place.order = sorted ? item->order : entry.order;
    }
    if (sorted) {
        struct place hash = {.order = entry.order};
        u8 *at = tree_insert(&trees[MAP], &hash, item_bytes(ITEM_MAP, &entry));
        if (!at) return false;
        item_store(ITEM_MAP, at, &entry);
    }
    u8 *at = tree_insert(&trees[ITEMS], &place, item_bytes(c->type, item));
    if (at) {
        item_store(c->type, at, item);
        return true;
    }
    if (sorted) { /* the last of its leaf that is like it */
        struct place hash = {.order = entry.order};
        struct path path;
        tree_seek(&trees[MAP], &hash, &path);
        path.at[path.level] = tree_leaf(&trees[MAP], &path).len - 16;
        tree_remove(&trees[MAP], &path);
    }
    return false;
}

static void trees_in_the_making(struct collection *c, struct tree trees[2]) {
    trees[ITEMS] = (struct tree){c->store, c->store->built[ITEMS], 0, c->type};
    trees[MAP] = (struct tree){c->store, c->store->built[MAP], 0, ITEM_MAP};
}

/* Inserts all items of a collection into the trees in the making, in their order. */
static bool insert_all(struct collection *c, struct tree trees[2]) {
    struct heap *heap = &c->store->heap;
    struct walk walk;
    struct item item;
    bool done = true;
    collection_walk(c, 0, &walk);
    heap_hold(heap, c->entry.at);
    for (u32 rank = 0; done && collection_next(c, &walk, &item); rank++) {
        ref leaf = walk.leaf;
        if (leaf) heap_hold(heap, leaf);
        done = insert(c, trees, &item, rank);
        if (leaf) heap_release(heap, leaf);
    }
    heap_release(heap, c->entry.at);
    return done;
}

/* The trees in the making become the key's, which has been given an entry for them; or go, if
 * something has failed. */
static void publish(struct collection *c, bool made) {
    struct store *store = c->store;
    struct tree trees[2];
    trees_in_the_making(c, trees);
    find_again(c);
    if (!made) {
        tree_retire(&trees[ITEMS]);
        tree_retire(&trees[MAP]);
        return;
    }
    __builtin_memcpy(c->entry.value, store->built, c->entry.value_len);
    __builtin_memset(store->built, 0, sizeof store->built);
    tree_entry_moved(store, c->entry.at);
}

static u32 slot_bytes(const struct collection *c) {
    return c->type == TYPE_ZSET ? 16 : 8;
}

/* Makes trees of a collection that is packed, or that is not there and gets its first item. */
static bool make_trees(struct collection *c, const struct item *first) {
    struct tree trees[2];
    trees_in_the_making(c, trees);
    u32 type = c->type | TYPE_TREE | (c->found ? c->entry.type : 0);
    bool made =
        c->found
            ? insert_all(c, trees) && store_resize(c->store, c->key, type, slot_bytes(c))
            : insert(c, trees, first, 0) && store_put(c->store, c->key, type, slot_bytes(c), 0, 0);
    publish(c, made);
    return made;
}

bool collection_copy(struct collection *c, struct slice to) {
    if (!collection_is_tree(c)) return store_copy(c->store, c->key, to);
    struct tree trees[2];
    trees_in_the_making(c, trees);
    bool made = insert_all(c, trees) &&
                store_put(c->store, to, c->entry.type, slot_bytes(c), c->entry.expires_at_ms, 0);
    c->key = to;
    publish(c, made);
    return made;
}

static bool add_to_trees(struct collection *c, const struct item *item, u32 rank) {
    struct tree trees[2] = {tree_of(c, ITEMS), tree_of(c, MAP)};
    heap_hold(&c->store->heap, c->entry.at);
    bool added = insert(c, trees, item, rank);
    heap_release(&c->store->heap, c->entry.at);
    return added;
}

bool collection_add(struct collection *c, const struct item *item, u32 rank) {
    struct store *store = c->store;
    if (collection_is_tree(c)) return add_to_trees(c, item, rank);
    u32 len = c->found ? c->entry.value_len : 0, bytes = item_bytes(c->type, item);
    if ((u64)len + bytes > PACKED_MOST) {
        bool has_it = !c->found; /* then it is the first of its trees */
        return make_trees(c, item) && (has_it || add_to_trees(c, item, rank));
    }
    struct place place = {
        .by_rank = c->type == TYPE_LIST, .rank = rank, .order = item->order, .name = item->name};
    u32 at = c->found ? items_seek(c->type, packed_items(c), &place) : 0;
    u8 *value = c->found ? store_resize(store, c->key, c->entry.type, len + bytes)
                         : store_put(store, c->key, c->type, bytes, 0, 0);
    if (value) {
        __builtin_memmove(value + at + bytes, value + at, len - at);
        item_store(c->type, value + at, item);
    }
    find_again(c);
    return value;
}

bool collection_reserve(struct collection *c, u32 bytes) {
    u32 len = c->found ? c->entry.value_len : 0;
    if (collection_is_tree(c) || (u64)len + bytes > PACKED_MOST) return false;
    bool fits = c->found ? store_resize(c->store, c->key, c->entry.type, len + bytes)
                         : store_put(c->store, c->key, c->type, bytes, 0, 0);
    find_again(c);
    if (fits) store_resize(c->store, c->key, c->entry.type, len);
    find_again(c);
    return fits;
}

void collection_hold(const struct collection *c) {
    if (c->found) heap_hold(&c->store->heap, c->entry.at);
}

void collection_release(const struct collection *c) {
    if (c->found) heap_release(&c->store->heap, c->entry.at);
}

void collection_mark(struct collection *c, u32 mark) {
    if (!c->found || (c->entry.type & mark) == mark) return;
    u8 *block = block_at(&c->store->heap, c->entry.at);
    block[1] |= (u8)mark; /* the type byte, which all but strings have */
    c->entry.type |= mark;
}

/* --- removing --------------------------------------------------------------------------------- */

/* Shortens the packed items, which never moves the entry. The key may be the entry's own. */
static void shorten(struct collection *c, u32 len) {
    bool own_key = c->key.bytes == c->entry.key.bytes;
    store_resize(c->store, c->key, c->entry.type, len);
    store_view(c->store, c->entry.at, &c->entry);
    if (own_key) c->key = c->entry.key;
}

static void remove_if_empty(struct collection *c, u32 left) {
    if (left) return;
    store_remove(c->store, c->key);
    c->found = false;
}

void collection_remove(struct collection *c, struct spot *spot) {
    struct tree tree = tree_of(c, ITEMS);
    if (!collection_is_tree(c)) {
        u32 at = spot->path.at[0], len = c->entry.value_len;
        u8 *gap = c->entry.value + at;
        u32 bytes = item_skip(c->type, gap);
        __builtin_memmove(gap, gap + bytes, len - at - bytes);
        if (len > bytes) shorten(c, len - bytes);
        remove_if_empty(c, len - bytes);
        return;
    }
    if (c->type == TYPE_ZSET) {
        struct path map;
        struct tree scores = tree_of(c, MAP);
        struct place hash = {.order = hash_name(c, spot->item.name)};
        tree_seek(&scores, &hash, &map);
        const u8 *at = tree_leaf(&scores, &map).bytes;
        while (load64(at) != hash.order || load64(at + 8) != spot->item.order) at += 16;
        map.at[map.level] = (u32)(at - tree_leaf(&scores, &map).bytes);
        tree_remove(&scores, &map);
    }
    tree_remove(&tree, &spot->path);
    remove_if_empty(c, tree_count(&tree));
}

void collection_cut(struct collection *c, u32 from, u32 to) {
    if (from >= to) return;
    u32 left = collection_count(c) - (to - from);
    if (left && collection_is_tree(c)) {
        struct tree tree = tree_of(c, ITEMS);
        tree_cut(&tree, from, to);
    } else if (left) {
        struct place place = {.by_rank = true, .rank = from};
        u32 start = items_seek(c->type, packed_items(c), &place);
        place.rank = to;
        u32 end = items_seek(c->type, packed_items(c), &place), len = c->entry.value_len;
        __builtin_memmove(c->entry.value + start, c->entry.value + end, len - end);
        shorten(c, len - (end - start));
    }
    remove_if_empty(c, left);
}
