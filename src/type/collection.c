#include "type/collection.h"
#include "store/room.h"

HOT_INLINE struct slice packed_items(const struct collection *c) {
    return (struct slice){c->entry.value, c->entry.value_len};
}

/* The trees of a large one: its items, and the map of a sorted set, or of a hash. */
enum { ITEMS, MAP };

static void tree_of(const struct collection *c, u32 which, struct tree *tree) {
    *tree = (struct tree){store_of(c), c->entry.value + which * 8, c->entry.at,
                          which == MAP ? ITEM_MAP : c->type};
}

/* The order of a field's expiry: milliseconds below EXPIRY_END, and so many bits of its hash. */
enum { HASH_IN_ORDER = 16, RECORD_BYTES = 16 };

static u64 hash_name(const struct collection *c, struct slice name) {
    return hash_bytes(&store_of(c)->hash_key, name.bytes, name.len);
}

/* After it was put or resized. */
static void view_placed(struct collection *c) {
    c->found = true;
    store_view(store_of(c), store_of(c)->placed, &c->entry);
}

static void find_again(struct collection *c) {
    c->found = store_look(store_of(c), c->key, hash_of(store_of(c), c->key), &c->entry) != NULL;
}

/* Is the item in the map, too? */
static bool is_mapped(const struct collection *c, const struct item *item) {
    return c->type == TYPE_ZSET || item->expires_at_ms;
}

/* What the map has of an item, and where: of a member its hash and score; of a field its expiry,
 * with some of its hash, so that many may expire at once, and its hash. */
static u64 record_of(const struct collection *c, const struct item *item, u64 hash,
                     struct place *place) {
    *place = (struct place){.order = hash};
    if (c->type == TYPE_ZSET) return item->order;
    place->order = (u64)item->expires_at_ms << HASH_IN_ORDER | hash >> (64 - HASH_IN_ORDER);
    return hash;
}

/* How many fields of a large hash have expired. A small one has none: see fields_left. */
static u32 count_expired(const struct collection *c) {
    struct tree map;
    tree_of(c, MAP, &map);
    return tree_count_below(&map, (u64)(store_of(c)->now_ms + 1) << HASH_IN_ORDER);
}

u32 collection_count(const struct collection *c) {
    if (!collection_is_tree(c)) {
        u32 count = ~0u;
        items_skip(c->type, packed_items(c), &count);
        return count;
    }
    struct tree tree;
    tree_of(c, ITEMS, &tree);
    return tree_count(&tree) - (c->entry.type & TYPE_EXPIRES ? count_expired(c) : 0);
}

/* One in the making that has no items yet. */
HOT_INLINE bool is_empty(const struct collection *c) {
    return collection_is_tree(c) && !load32(c->entry.value);
}

/* --- reading ---------------------------------------------------------------------------------- */

void collection_seek(const struct collection *c, const struct place *place, struct path *path) {
    if (collection_is_tree(c)) {
        struct tree tree;
        tree_of(c, ITEMS, &tree);
        tree_seek(&tree, place, path);
    } else {
        path->level = 0;
        path->node[0] = 0;
        path->before = place->rank;
        path->at[0] = items_seek(c->type, packed_items(c), place, &path->before);
    }
}

SHARED void seek_rank(const struct collection *c, u32 rank, struct path *path) {
    struct place place = {.by_rank = true, .rank = rank};
    collection_seek(c, &place, path);
}

void collection_walk(const struct collection *c, u32 rank, struct walk *walk) {
    struct spot spot;
    *walk = (struct walk){0, 0};
    if (is_empty(c)) return;
    seek_rank(c, rank, &spot.path);
    spot_walk(&spot, walk);
}

/* The items of a leaf; of none, the entry's own. */
HOT_INLINE struct slice items_at(const struct collection *c, ref leaf) {
    return leaf ? leaf_items(block_at(&store_of(c)->heap, leaf)) : packed_items(c);
}

bool collection_next(const struct collection *c, struct walk *walk, struct item *item) {
    if (!c->found) return false;
    const struct heap *heap = &store_of(c)->heap;
    for (;;) {
        struct slice items = items_at(c, walk->leaf);
        if (walk->at < items.len) {
            walk->at += item_load(c->type, items.bytes + walk->at, item);
            if (is_past(store_of(c), item->expires_at_ms)) continue;
            return true;
        }
        ref next = walk->leaf ? tree_next_leaf(heap, walk->leaf) : 0;
        if (!next) return false;
        *walk = (struct walk){next, 0};
    }
}

void collection_note(const struct collection *c, u32 rank, u32 count, struct walk *notes) {
    collection_walk(c, rank, notes);
    u32 at = notes->at;
    for (ref leaf = notes->leaf;; leaf = tree_next_leaf(&store_of(c)->heap, leaf), at = 0) {
        struct slice items = items_at(c, leaf);
        for (; at < items.len; at += item_skip(c->type, items.bytes + at)) {
            *notes++ = (struct walk){leaf, at};
            if (--count == 0) return;
        }
    }
}

void collection_at(const struct collection *c, u32 rank, struct spot *spot) {
    spot->record.at = 0;
    for (;; rank = 0) {
        seek_rank(c, rank, &spot->path);
        struct walk walk;
        spot_walk(spot, &walk);
        if (collection_next(c, &walk, &spot->item)) return;
    }
}

/* Looks for a name in the packed items that the spot's path leads to. */
static bool look_for(const struct collection *c, struct slice items, struct slice name,
                     enum which which, struct spot *spot) {
    u32 *at = &spot->path.at[spot->path.level], seen = 0;
    spot->path.before = 0;
    for (*at = 0;; spot->path.before++) {
        *at = items_find(c->type, items, *at, name, &spot->path.before);
        if (*at == items.len) return false;
        u32 bytes = item_load(c->type, items.bytes + *at, &spot->item);
        bool is_expired = is_past(store_of(c), spot->item.expires_at_ms);
        if (is_expired ? which == EXPIRED_ONE : seen++ == which) return true;
        *at += bytes;
    }
}

/* By way of the map, to a leaf of which the spot's path leads, with these records: each score there
 * that has the hash of the name is tried. */
static bool find_member(const struct collection *c, struct slice records, struct slice name,
                        enum which which, struct spot *spot) {
    struct tree members;
    struct place place = {.name = name};
    u32 seen = 0;
    u64 hash = spot->hash;
    spot->record.leaf = spot->path.node[spot->path.level];
    tree_of(c, ITEMS, &members);
    for (u32 at = 0; at < records.len; at += RECORD_BYTES) {
        PROBE();
        if (load64(records.bytes + at) != hash) continue;
        spot->record.at = at;
        place.order = load64(records.bytes + at + 8);
        tree_seek(&members, &place, &spot->path);
        struct slice items = leaf_items(tree_leaf(&members, &spot->path));
        u32 there = spot->path.at[spot->path.level];
        if (there == items.len) continue;
        item_load(ITEM_ZSET, items.bytes + there, &spot->item);
        if (spot->item.order == place.order && slice_equal(spot->item.name, name) &&
            seen++ == which)
            return true;
    }
    return false;
}

bool collection_find(const struct collection *c, struct slice name, enum which which,
                     struct spot *spot) {
    struct slice items = packed_items(c);
    spot->path.level = 0;
    spot->path.node[0] = 0;
    spot->record.at = 0;
    if (collection_is_tree(c)) {
        struct tree tree;
        struct place place = {.order = spot->hash = hash_name(c, name)};
        bool mapped = c->type == TYPE_ZSET;
        if (is_empty(c)) return false;
        tree_of(c, mapped ? MAP : ITEMS, &tree);
        tree_seek(&tree, &place, &spot->path);
        items = leaf_items(tree_leaf(&tree, &spot->path));
        if (mapped) return find_member(c, items, name, which, spot);
    }
    return look_for(c, items, name, which, spot);
}

u32 collection_rank(const struct collection *c, const struct spot *spot) {
    struct tree tree;
    tree_of(c, ITEMS, &tree);
    return collection_is_tree(c) ? tree_rank(&tree, &spot->path) : spot->path.before;
}

/* In a sorted set, where items lie says nothing of how they change: all are one step. */
u64 collection_step(const struct collection *c, u64 cursor, u32 *from, u32 *to) {
    struct place place = {.order = cursor};
    struct path path;
    *from = 0;
    *to = collection_count(c);
    if (!collection_is_tree(c) || c->type == TYPE_ZSET) return 0;
    struct tree tree;
    tree_of(c, ITEMS, &tree);
    tree_seek(&tree, &place, &path);
    path.before = 0;
    *from = tree_rank(&tree, &path);
    *to = *from + tree_leaf_count(&tree, &path);
    return tree_leaf_end(&tree, &path);
}

/* --- changing --------------------------------------------------------------------------------- */

/* One in the making is nobody's yet, and one that is not there is noted when it is put. */
static void note(const struct collection *c) {
    if (c->entry.at) store_note(store_of(c), c->entry.at, CHANGE_MADE);
}

/* --- adding ----------------------------------------------------------------------------------- */

/* Writes an item into the gap made for it in a tree. */
static void write_item(const struct collection *c, u8 *gap, const struct item *item) {
    struct spot spot;
    if (!item->value.bytes && c->type == TYPE_HASH) {
        collection_find(c, item->name, FIRST_ONE, &spot);
        spot.item.expires_at_ms = item->expires_at_ms;
        item = &spot.item;
    }
    item_store(c->type, gap, item);
}

/* Room for an item in one of the trees, where the path leads or, if that is NULL, will have to. */
static u8 *open_in(struct collection *c, u32 which, const struct place *place, struct path *path,
                   u32 bytes) {
    struct tree tree;
    struct path sought;
    tree_of(c, which, &tree);
    if (!path) {
        path = &sought;
        if (load32(tree.slot)) tree_seek(&tree, place, path);
    }
    heap_hold(&store_of(c)->heap, c->entry.at);
    u8 *gap = tree_insert(&tree, place, path, bytes);
    heap_release(&store_of(c)->heap, c->entry.at);
    return gap;
}

/* Removes from the map what it has of an item, which lies from `at` on in its leaf. */
static void forget(struct collection *c, const struct item *item, u32 at) {
    if (!is_mapped(c, item)) return;
    struct tree map;
    struct path path;
    struct place there;
    u64 record = record_of(c, item, hash_name(c, item->name), &there);
    tree_of(c, MAP, &map);
    tree_seek(&map, &there, &path);
    const u8 *leaf = tree_leaf(&map, &path) + NODE_HEAD;
    while (load64(leaf + at) != there.order || load64(leaf + at + 8) != record) at += RECORD_BYTES;
    path.at[path.level] = at;
    tree_remove(&map, &path);
}

static bool add_to_trees(struct collection *c, const struct item *item, u32 rank,
                         struct spot *spot) {
    struct place place = {.by_rank = c->type == TYPE_LIST, .rank = rank, .name = item->name};
    struct place there;
    struct path *path = spot ? &spot->path : NULL;
    bool mapped = is_mapped(c, item);
    if (c->type != TYPE_LIST) place.order = spot ? spot->hash : hash_name(c, item->name);
    if (mapped) {
        u64 record = record_of(c, item, place.order, &there);
        u8 *at = open_in(c, MAP, &there, NULL, RECORD_BYTES);
        if (!at) return false;
        store64(at, there.order);
        store64(at + 8, record);
        path = NULL;
    }
    if (c->type == TYPE_ZSET) place.order = item->order;
    u8 *at = open_in(c, ITEMS, &place, path, item_bytes(c->type, item));
    if (at) {
        write_item(c, at, item);
        return true;
    }
    forget(c, item, 0);
    return false;
}

__attribute__((noinline)) void collection_make(struct store *store, u32 type,
                                               struct collection *c) {
    c->store = store;
    c->type = type;
    c->found = true;
    c->entry.at = c->slack = 0;
    c->entry.type = type | TYPE_TREE;
    c->entry.value = store->built[0];
}

/* Adds all items of a collection to the one in the making, in their order. */
static bool add_all(const struct collection *c, struct collection *made) {
    struct heap *heap = &store_of(c)->heap;
    struct walk walk;
    struct item item;
    bool done = true;
    collection_walk(c, 0, &walk);
    heap_hold(heap, c->entry.at);
    for (u32 rank = 0; done && collection_next(c, &walk, &item); rank++) {
        ref leaf = walk.leaf;
        if (leaf) heap_hold(heap, leaf);
        done = add_to_trees(made, &item, rank, NULL);
        if (leaf) heap_release(heap, leaf);
    }
    heap_release(heap, c->entry.at);
    return done;
}

void collection_give_up(struct collection *c) {
    struct collection made;
    collection_make(store_of(c), c->type, &made);
    struct tree items, map;
    tree_of(&made, ITEMS, &items);
    tree_of(&made, MAP, &map);
    tree_retire(&items);
    tree_retire(&map);
}

/* The trees in the making become the key's, which has been given an entry for them; or go, if
 * something has failed. */
static void publish(struct collection *c, bool made) {
    struct store *store = store_of(c);
    find_again(c);
    if (!made) {
        collection_give_up(c);
        return;
    }
    __builtin_memcpy(c->entry.value, store->built, c->entry.value_len);
    __builtin_memset(store->built, 0, sizeof store->built);
    tree_entry_moved(store, c->entry.at);
}

/* A hash may get a map any time. */
static u32 slot_bytes(const struct collection *c) {
    return c->type >= TYPE_ZSET ? 16 : 8;
}

/* Makes trees of a collection that is packed, or that is not there and gets its first item. */
static bool make_trees(struct collection *c, const struct item *first) {
    struct collection trees;
    collection_make(store_of(c), c->type, &trees);
    u32 type = c->type | TYPE_TREE | c->entry.type;
    bool made = c->found
                    ? add_all(c, &trees) && store_resize(store_of(c), c->key, type, slot_bytes(c))
                    : add_to_trees(&trees, first, 0, NULL) &&
                          store_put(store_of(c), c->key, type, slot_bytes(c), 0, 0);
    publish(c, made);
    return made;
}

bool collection_copy(struct collection *c, struct slice to) {
    if (!collection_is_tree(c)) return store_copy(store_of(c), c->key, to);
    struct collection trees;
    collection_make(store_of(c), c->type, &trees);
    bool made = add_all(c, &trees) &&
                store_put(store_of(c), to, c->entry.type, slot_bytes(c), c->entry.expires_at_ms, 0);
    c->key = to;
    publish(c, made);
    return made;
}

/* How many bytes the items of a tree take together; or so many that it is to stay a tree. */
static u32 bytes_to_pack(const struct collection *c) {
    struct walk walk;
    struct item item;
    u32 bytes = 0;
    collection_walk(c, 0, &walk);
    while (bytes <= PACKED_MOST && collection_next(c, &walk, &item))
        bytes += item_bytes(c->type, &item);
    return bytes;
}

bool collection_publish(struct collection *c, struct slice key, i64 expires_at_ms) {
    struct heap *heap = &store_of(c)->heap;
    struct tree tree;
    tree_of(c, ITEMS, &tree);
    u32 type = c->entry.type;
    if (!tree_count(&tree)) {
        store_remove(store_of(c), key);
        return true;
    }
    u32 bytes = bytes_to_pack(c);
    bool packed = bytes <= PACKED_MOST;
    u8 *value = store_put(store_of(c), key, packed ? type & ~(u32)TYPE_TREE : type,
                          packed ? bytes : slot_bytes(c), expires_at_ms, 0);
    if (!value) return false;
    if (packed) {
        for (ref at = tree_first_leaf(heap, load32(tree.slot)); at; at = tree_next_leaf(heap, at)) {
            struct slice items = leaf_items(block_at(heap, at));
            copy_bytes(value, items.bytes, items.len);
            value += items.len;
        }
        collection_give_up(c);
    } else {
        c->key = key;
        publish(c, true);
    }
    return true;
}

/* For packed items of that length; returns where they are. */
static u8 *make_room(const struct collection *c, u32 len) {
    return c->found ? store_resize(store_of(c), c->key, c->entry.type, len)
                    : store_put(store_of(c), c->key, c->type, len, 0, PUT_NEW);
}

bool collection_widen(struct collection *c, u32 bytes) {
    u32 len = c->entry.value_len;
    if (!make_room(c, len + bytes)) {
        find_again(c);
        return false;
    }
    view_placed(c);
    c->entry.value_len = len;
    c->slack = bytes;
    return true;
}

/* Never moves the entry. The key may be the entry's own. */
void collection_trim(struct collection *c) {
    if (!c->slack) return;
    bool own_key = c->key.bytes == c->entry.key.bytes;
    c->slack = 0;
    store_resize(store_of(c), c->key, c->entry.type, c->entry.value_len);
    view_placed(c);
    if (own_key) c->key = c->entry.key;
}

/* Lets the packed bytes [at, at + old) be so many, to be written at once; returns where. NULL: no
 * memory. */
static u8 *splice(struct collection *c, u32 at, u32 old, u32 bytes) {
    u32 len = c->entry.value_len, new_len = len - old + bytes, slack = c->slack;
    if (!slack && (new_len > len || !c->found) && !collection_widen(c, bytes - old)) return NULL;
    u8 *gap = c->entry.value + at;
    u32 behind = len - at - old;
    if (old != bytes && behind) __builtin_memmove(gap + bytes, gap + old, behind);
    c->entry.value_len = new_len;
    c->slack += len - new_len;
    if (!slack && c->slack) collection_trim(c);
    return c->entry.value + at;
}

/* A field of that name that has expired, should one still be there, must not be beside the new one
 * when the clock goes back. */
COLD static void remove_expired(struct collection *c, struct slice name) {
    struct spot spot;
    if (collection_find(c, name, EXPIRED_ONE, &spot)) collection_remove(c, &spot);
}

bool collection_add(struct collection *c, const struct item *item, u32 rank, struct spot *spot) {
    note(c);
    if (collection_is_tree(c)) {
        if (c->entry.type & TYPE_EXPIRES) {
            remove_expired(c, item->name);
            spot = NULL;
        }
        return add_to_trees(c, item, rank, spot);
    }
    u32 len = c->entry.value_len, bytes = item_bytes(c->type, item), before = rank;
    if (len + bytes > PACKED_MOST) {
        bool has_it = !c->found; /* then it is the first of its trees */
        return make_trees(c, item) && (has_it || add_to_trees(c, item, rank, NULL));
    }
    struct place place = {
        .by_rank = c->type == TYPE_LIST, .rank = rank, .order = item->order, .name = item->name};
    u8 *gap = splice(c, items_seek(c->type, packed_items(c), &place, &before), 0, bytes);
    if (gap) item_store(c->type, gap, item);
    return gap;
}

/* Moves a member within packed items to where it belongs with another score. */
static void shift(struct slice items, struct path *path, const struct place *place,
                  const struct item *item) {
    u8 *data = (u8 *)(size_t)items.bytes, *old = data + path->at[path->level];
    u32 bytes = item_bytes(TYPE_ZSET, item);
    const u8 *end = data + items.len - bytes;
    __builtin_memmove(old, old + bytes, (size_t)(end - old));
    items.len -= bytes;
    u8 *gap = data + items_seek(TYPE_ZSET, items, place, &path->before);
    __builtin_memmove(gap + bytes, gap, (size_t)(end - gap));
    item_store(TYPE_ZSET, gap, item);
}

/* Moves a member of a sorted set to where it belongs: within its leaf, or to another one that has
 * room, both of which move nothing else; or it is put there first, and found again here. */
static bool rescore(struct collection *c, struct spot *spot, const struct item *item) {
    struct heap *heap = &store_of(c)->heap;
    struct tree members;
    struct place place = {.order = item->order, .name = item->name};
    struct path *path = &spot->path, to;
    if (!collection_is_tree(c)) {
        shift(packed_items(c), path, &place, item);
        return true;
    }
    tree_of(c, ITEMS, &members);
    tree_seek(&members, &place, &to);
    if (to.node[to.level] == path->node[path->level]) {
        shift(leaf_items(tree_leaf(&members, path)), path, &place, item);
    } else {
        to.before = RANK_END; /* unless it is sought again */
        heap_hold(heap, spot->record.leaf);
        u8 *gap = open_in(c, ITEMS, &place, &to, item_bytes(TYPE_ZSET, item));
        heap_release(heap, spot->record.leaf);
        if (!gap) return false;
        item_store(TYPE_ZSET, gap, item);
        place.order = spot->item.order;
        if (to.before != RANK_END) tree_seek(&members, &place, path);
        tree_remove(&members, path);
    }
    store64(block_at(heap, spot->record.leaf) + NODE_HEAD + spot->record.at + 8, item->order);
    return true;
}

bool collection_replace(struct collection *c, struct spot *spot, const struct item *item) {
    bool is_tree = collection_is_tree(c);
    u8 *gap;
    note(c);
    if (c->type == TYPE_ZSET) return rescore(c, spot, item);
    u32 bytes = item_bytes(c->type, item);
    if (is_tree && item->expires_at_ms != spot->item.expires_at_ms) return false;
    if (is_tree) {
        struct tree tree;
        tree_of(c, ITEMS, &tree);
        gap = tree_replace(&tree, &spot->path, bytes);
    } else {
        u32 at = spot->path.at[0], old = item_skip(c->type, c->entry.value + at);
        if (bytes > old && c->entry.value_len - old + bytes > PACKED_MOST) return false;
        gap = splice(c, at, old, bytes);
    }
    if (gap) item_store(c->type, gap, item);
    return gap;
}

void collection_hold(const struct collection *c) {
    heap_hold(&store_of(c)->heap, c->entry.at);
}

void collection_release(const struct collection *c) {
    heap_release(&store_of(c)->heap, c->entry.at);
}

/* One in the making has no block yet. */
void collection_mark(struct collection *c, u32 mark) {
    if (!c->found || (c->entry.type & mark) == mark) return;
    u8 *block = block_at(&store_of(c)->heap, c->entry.at);
    if (c->entry.at) block[1] |= (u8)mark; /* the type byte, which all but strings have */
    c->entry.type |= mark;
}

static ref block_of(const struct collection *c, const struct spot *spot) {
    ref leaf = spot->path.node[spot->path.level];
    return leaf ? leaf : c->entry.at;
}

void collection_hold_spot(const struct collection *c, const struct spot *spot) {
    collection_hold(c); /* with the key, all would go */
    heap_hold(&store_of(c)->heap, block_of(c, spot));
}

void collection_release_spot(const struct collection *c, const struct spot *spot) {
    collection_release(c);
    heap_release(&store_of(c)->heap, block_of(c, spot));
}

/* --- removing --------------------------------------------------------------------------------- */

static void remove_if_empty(struct collection *c, u32 left) {
    if (left) return;
    store_remove(store_of(c), c->key);
    c->found = false;
    c->entry.at = c->entry.type = c->entry.value_len = c->slack = 0;
}

COLD void collection_time(struct collection *c, struct spot *spot, i64 expires_at_ms) {
    u8 *name = (u8 *)(size_t)spot->item.name.bytes;
    note(c);
    if (collection_is_tree(c)) {
        forget(c, &spot->item, spot->record.at);
    } else if (item_open_expiry(c->entry.value + spot->path.at[0])) {
        splice(c, (u32)(name - c->entry.value), 0, EXPIRY_BYTES);
        name += EXPIRY_BYTES;
    }
    store64(name - EXPIRY_BYTES, (u64)expires_at_ms);
}

void collection_remove(struct collection *c, struct spot *spot) {
    struct tree tree;
    note(c);
    tree_of(c, ITEMS, &tree);
    if (!collection_is_tree(c)) {
        u32 at = spot->path.at[0], bytes = item_skip(c->type, c->entry.value + at);
        u32 left = c->entry.value_len - bytes;
        if (left) splice(c, at, bytes, 0);
        remove_if_empty(c, left);
        return;
    }
    forget(c, &spot->item, spot->record.at);
    tree_remove(&tree, &spot->path);
    remove_if_empty(c, tree_count(&tree));
}

void collection_cut(struct collection *c, u32 from, u32 to) {
    if (from >= to) return;
    note(c);
    u32 left = collection_count(c) - (to - from);
    if (left && collection_is_tree(c) && c->type == TYPE_ZSET) {
        for (u32 rank = from; rank < to; rank++) {
            struct spot spot;
            collection_at(c, from, &spot);
            collection_remove(c, &spot);
        }
    } else if (left && collection_is_tree(c)) {
        struct tree tree;
        tree_of(c, ITEMS, &tree);
        tree_cut(&tree, from, to);
    } else if (left) {
        struct path path;
        seek_rank(c, from, &path);
        u32 start = path.at[0];
        seek_rank(c, to, &path);
        splice(c, start, path.at[0] - start, 0);
    }
    remove_if_empty(c, left);
}

/* --- expired fields --------------------------------------------------------------------------- */

/* Finds an expired field of a large hash that has one: some record of the map's first leaf tells
 * the leaf where one is. */
COLD static void find_expired(const struct collection *c, struct spot *spot) {
    struct tree map;
    spot->record.at = 0;
    tree_of(c, MAP, &map);
    struct place place = {.by_rank = true};
    struct path *path = &spot->path;
    tree_seek(&map, &place, path);
    const u8 *at = tree_leaf(&map, path) + NODE_HEAD;
    while (!is_past(store_of(c), (i64)(load64(at) >> HASH_IN_ORDER))) at += RECORD_BYTES;
    place.by_rank = false;
    place.order = load64(at + 8);
    collection_seek(c, &place, path);
    const u8 *items = items_at(c, path->node[path->level]).bytes;
    for (u32 next = 0;;) {
        path->at[path->level] = next;
        next += item_load(TYPE_HASH, items + next, &spot->item);
        if (is_past(store_of(c), spot->item.expires_at_ms)) return;
    }
}

/* Moves together what is left of packed items; returns how many bytes. */
COLD static u32 keep_live(struct collection *c) {
    u8 *items = c->entry.value;
    u32 kept = 0;
    struct item item;
    for (u32 at = 0, bytes; at < c->entry.value_len; at += bytes) {
        bytes = item_load(TYPE_HASH, items + at, &item);
        if (is_past(store_of(c), item.expires_at_ms)) continue;
        __builtin_memmove(items + kept, items + at, bytes);
        kept += bytes;
    }
    return kept;
}

COLD bool fields_left(struct store *store, struct entry *entry, u32 steps) {
    enum { MOVED_A_STEP = 32 }; /* bytes: what is moved is bounded as well */
    struct collection c = {
        .store = store, .key = entry->key, .type = TYPE_HASH, .found = true, .entry = *entry};
    if (collection_is_tree(&c)) {
        u32 expired = count_expired(&c);
        if (expired && !collection_count(&c)) return false;
        for (; expired && store->heap.steps + store->heap.moved_bytes / MOVED_A_STEP < steps;
             expired--) {
            struct spot spot;
            find_expired(&c, &spot);
            collection_remove(&c, &spot);
        }
        store->fields_due |= steps && expired;
    } else {
        u32 kept = keep_live(&c);
        if (!kept) return false;
        c.slack = entry->value_len - kept;
        c.entry.value_len = kept;
        collection_trim(&c);
    }
    store_view(store, entry->at, entry);
    return true;
}
