#include "store/index.h"
#include "store/room.h"

struct line *index_line(const struct heap *heap, const struct index *index, u32 bucket) {
    ref at = index->root;
    for (u32 level = index->depth; level; level--) {
        u32 child = bucket >> level * FANOUT_LOG2 & (FANOUT - 1);
        at = load32(block_at(heap, at) + PAGE_HEAD + child * 4);
    }
    return (struct line *)(void *)(block_at(heap, at) + page_lines_at(at)) +
           (bucket & (FANOUT - 1));
}

/* --- parts of the directory: pages are level 0, nodes above ----------------------------------- */

/* system block head (8), position at its level (4), level (4), mask (8), children or buckets */
enum { PART_POSITION = 8, PART_LEVEL = 12, PART_MASK = 16, LEVELS_MOST = 5 };
_Static_assert(INDEX_NODE_UNITS *UNIT == PAGE_HEAD + FANOUT * 4, "a node is its head and refs");

static __attribute__((noinline)) u8 *child_of(const struct heap *heap, ref node, u32 child) {
    return block_at(heap, node) + PAGE_HEAD + child * 4;
}

/* The part at `level` that covers bucket `bucket`. 0 if it is not there yet. */
static ref part_above(const struct heap *heap, const struct index *index, u32 bucket, u32 level) {
    ref at = index->root;
    for (u32 i = index->depth; i > level && at; i--)
        at = load32(child_of(heap, at, bucket >> i * FANOUT_LOG2 & (FANOUT - 1)));
    return at;
}

static COLD ref part_make(struct store *store, struct index *index, u32 position, u32 level) {
    ref at = room_take(store, level ? INDEX_NODE_UNITS : PAGE_UNITS);
    if (!at) return 0;
    u8 *part = block_at(&store->heap, at);
    u32 units = level ? INDEX_NODE_UNITS : PAGE_UNITS;
    system_make(part, level ? SYSTEM_NODE : SYSTEM_PAGE, units);
    __builtin_memset(part + 8, 0, (size_t)units * UNIT - 8);
    store32(part + PART_POSITION, position);
    store32(part + PART_LEVEL, level);
    *(level ? &index->nodes : &index->pages) += 1;
    return at;
}

/* How many buckets a tree of so many levels, pages included, can hold; no arena has entries for
 * more. */
static u32 buckets_under(u32 levels) {
    ASSERT(levels <= LEVELS_MOST);
    return 1u << levels * FANOUT_LOG2;
}

/* Makes the page for `bucket`, the one behind the last, and the nodes that lead to it. Each piece
 * taken may move the others, so the walk starts over after each. */
static COLD bool page_ensure(struct store *store, struct index *index, u32 bucket) {
    struct heap *heap = &store->heap;
    while (bucket >= buckets_under(index->depth + 1)) {
        ref node = part_make(store, index, 0, index->depth + 1);
        if (!node) return false;
        u8 *old = block_at(heap, index->root);
        store32(child_of(heap, node, 0), index->root);
        store64(block_at(heap, node) + PART_MASK, load64(old + PART_MASK) != 0);
        index->root = node;
        index->depth++;
    }
    ASSERT(index->depth < LEVELS_MOST);
    for (u32 level = index->depth; level-- > 0;) {
        if (part_above(heap, index, bucket, level)) continue;
        u32 position = bucket >> (level + 1) * FANOUT_LOG2;
        ref part = part_make(store, index, position, level);
        if (!part) return false;
        ref parent = part_above(heap, index, bucket, level + 1);
        store32(child_of(heap, parent, position & (FANOUT - 1)), part);
    }
    return true;
}

static void part_free(struct store *store, struct index *index, ref at, u32 level) {
    *(level ? &index->nodes : &index->pages) -= 1;
    heap_give(&store->heap, at, level ? INDEX_NODE_UNITS : PAGE_UNITS);
}

/* Frees the page of `bucket`, the first of its page and just gone or never come, and nodes that led
 * only to it; some of them may not be there, if page_ensure failed. */
static COLD void page_drop(struct store *store, struct index *index, u32 bucket) {
    struct heap *heap = &store->heap;
    ASSERT(index->depth < LEVELS_MOST);
    for (u32 level = 0; level < index->depth; level++) {
        ref part = part_above(heap, index, bucket, level);
        u32 child = bucket >> (level + 1) * FANOUT_LOG2 & (FANOUT - 1);
        if (part) {
            ref parent = part_above(heap, index, bucket, level + 1);
            store32(child_of(heap, parent, child), 0);
            part_free(store, index, part, level);
        }
        if (child) break;
    }
    while (index->depth && index->count <= buckets_under(index->depth)) {
        ref root = index->root;
        index->root = load32(child_of(heap, root, 0));
        part_free(store, index, root, index->depth--);
    }
}

/* --- volatile marks --------------------------------------------------------------------------- */

static void mark(struct store *store, struct index *index, u32 bucket, bool set) {
    ASSERT(index->depth < LEVELS_MOST);
    for (u32 level = 0; level <= index->depth; level++) {
        u8 *part = block_at(&store->heap, part_above(&store->heap, index, bucket, level));
        u64 old = load64(part + PART_MASK);
        u64 bit = 1ull << (bucket >> level * FANOUT_LOG2 & (FANOUT - 1));
        u64 new = set ? old | bit : old & ~bit;
        store64(part + PART_MASK, new);
        if (set ? old != 0 : new != 0) break;
    }
}

static bool bucket_has_volatile(struct store *store, struct index *index, u32 bucket) {
    struct line *line = index_line(&store->heap, index, bucket);
    u32 used = line_used(&store->heap, line);
    heap_step(&store->heap);
    for (u32 i = 0; i < used; i++)
        if (slot_is_volatile(line_slot(&store->heap, line, i))) return true;
    return false;
}

static bool next_marked(const struct heap *heap, ref part, u32 level, u32 from, u32 *bucket) {
    u32 shift = level * FANOUT_LOG2, first = from >> shift;
    u64 mask = load64(block_at(heap, part) + PART_MASK) & (~0ull << first);
    for (; mask; mask &= mask - 1) {
        u32 child = (u32)__builtin_ctzll(mask), below = 0;
        if (level) {
            u32 rest = child == first ? from & ((1u << shift) - 1) : 0;
            ref sub = load32(child_of(heap, part, child));
            if (!next_marked(heap, sub, level - 1, rest, &below)) continue;
        }
        *bucket = child << shift | below;
        return true;
    }
    return false;
}

u32 index_next_volatile(const struct store *store, const struct index *index, u32 from) {
    u32 bucket = 0;
    if (!next_marked(&store->heap, index->root, index->depth, from, &bucket))
        next_marked(&store->heap, index->root, index->depth, 0, &bucket);
    return bucket;
}

/* --- slots ------------------------------------------------------------------------------------ */

u32 line_used(const struct heap *heap, const struct line *line) {
    u32 n = line->spill ? spill_used(block_at(heap, line->spill)) : 0;
    if (n) return LINE_SLOTS + n;
    while (n < LINE_SLOTS && slot_word(&line->slots[n])) n++;
    return n;
}

u32 index_any_used(struct store *store, const struct index *index) {
    for (;;) {
        u32 bucket = random_below(&store->random, index->count);
        heap_step(&store->heap);
        if (slot_word(index_line(&store->heap, index, bucket)->slots)) return bucket;
    }
}

struct slot *index_find(struct store *store, const struct index *index, u32 bucket, ref at) {
    struct line *line = index_line(&store->heap, index, bucket);
    struct slot *slot = line->slots;
    for (u32 left = line_used(&store->heap, line); left; left--, slot++) {
        if (slot == line->slots + LINE_SLOTS)
            slot = spill_slot(block_at(&store->heap, line->spill), 0);
        if (slot_ref(slot) == at) return slot;
    }
    return NULL;
}

/* --- spills ----------------------------------------------------------------------------------- */

/* Frees or shortens the spill of a bucket whose slots have become fewer. */
static void spill_shrink(struct store *store, struct index *index, struct line *line) {
    if (!line->spill) return;
    u8 *spill = block_at(&store->heap, line->spill);
    u32 slots = spill_slots(spill), used = spill_used(spill);
    u32 old_units = spill_units(slots), new_units = used ? spill_units(used) : 0;
    if (new_units == old_units) return;
    index->spilled_units -= old_units - new_units;
    if (!used) {
        heap_give(&store->heap, line->spill, old_units);
        line->spill = 0;
        return;
    }
    spill[2] = (u8)used;
    heap_trim(&store->heap, line->spill, old_units, new_units);
}

/* Gives `bucket` a spill with at least `free` free slots, with memory from `take`. False: no
 * memory. Taking memory may evict from this very bucket, so the caller looks again. */
static bool spill_grow(struct store *store, struct index *index, u32 bucket, u32 free,
                       ref (*take)(struct store *, u32 units)) {
    struct heap *heap = &store->heap;
    struct line *line = index_line(heap, index, bucket);
    u32 used = line->spill ? spill_used(block_at(heap, line->spill)) : 0;
    u32 units = spill_units(used + free);
    u32 slots = min_u32((units * UNIT - SPILL_HEAD) / SPILL_SLOT_BYTES, 255);
    if (used + free > slots) return false;
    ref at = take(store, units);
    if (!at) return false;
    line = index_line(heap, index, bucket);
    u8 *to = block_at(heap, at), *from = line->spill ? block_at(heap, line->spill) : NULL;
    system_make(to, SYSTEM_SPILL, units);
    to[2] = (u8)slots;
    to[3] = 0;
    store32(to + 4, bucket);
    if (from) {
        used = spill_used(from);
        to[3] = (u8)used;
        __builtin_memcpy(spill_slot(to, 0), spill_slot(from, 0), used * SPILL_SLOT_BYTES);
        index->spilled_units -= spill_units(spill_slots(from));
        heap_give(heap, line->spill, spill_units(spill_slots(from)));
    }
    index->spilled_units += units;
    line->spill = at;
    return true;
}

/* Takes the slot behind the last of a bucket's `used`. NULL: it has no room. */
static struct slot *append(const struct heap *heap, struct line *line, u32 used) {
    if (used >= LINE_SLOTS) {
        if (!line->spill) return NULL;
        u8 *spill = block_at(heap, line->spill);
        if (spill_used(spill) == spill_slots(spill)) return NULL;
        spill[3]++;
    }
    return line_slot(heap, line, used);
}

/* Closes the gap that a slot leaves with the last one of a bucket's `used`. The spill keeps its
 * length. */
static void detach(const struct heap *heap, struct line *line, u32 used, struct slot *slot) {
    u32 last = used - 1;
    struct slot *from = line_slot(heap, line, last);
    *slot = *from;
    if (last < LINE_SLOTS)
        store32(from->word, 0);
    else
        block_at(heap, line->spill)[3]--;
}

/* --- the operations --------------------------------------------------------------------------- */

COLD bool index_init(struct store *store, struct index *index) {
    __builtin_memset(index, 0, sizeof *index);
    index->root = part_make(store, index, 0, 0);
    index->count = FANOUT;
    index->mask = FANOUT - 1;
    return index->root != 0;
}

bool index_insert(struct store *store, struct index *index, u64 hash, u32 word, bool is_volatile,
                  u8 recency) {
    struct slot *slot;
    const struct heap *heap = &store->heap;
    u32 bucket = index_bucket_of(index, hash);
    for (;;) {
        struct line *line = index_line(heap, index, bucket);
        slot = append(heap, line, line_used(heap, line));
        if (slot) break;
        if (!spill_grow(store, index, bucket, 1, room_take)) return false;
    }
    store32(slot->word, word);
    slot->tag = index_tag_of(hash);
    slot->recency = recency;
    index->entries++;
    index_set_volatile(store, index, bucket, slot, is_volatile);
    return true;
}

void index_remove(struct store *store, struct index *index, u32 bucket, struct slot *slot) {
    struct line *line = index_line(&store->heap, index, bucket);
    index_set_volatile(store, index, bucket, slot, false);
    detach(&store->heap, line, line_used(&store->heap, line), slot);
    spill_shrink(store, index, line);
    index->entries--;
}

void index_set_volatile(struct store *store, struct index *index, u32 bucket, struct slot *slot,
                        bool is_volatile) {
    if (is_volatile == slot_is_volatile(slot)) return;
    store32(slot->word, slot_word(slot) ^ WORD_VOLATILE);
    index->volatiles += is_volatile ? 1u : ~0u;
    if (is_volatile || !bucket_has_volatile(store, index, bucket))
        mark(store, index, bucket, is_volatile);
}

/* The slots of a bucket that go to another, a bit each. */
struct movers {
    u64 bits[(LINE_SLOTS + 255) / 64 + 1];
    u32 count, of; /* of so many slots */
};

/* Those whose hash has `bit` set. */
static void find_movers(struct store *store, struct line *line, u32 bit, struct movers *movers) {
    *movers = (struct movers){.of = line_used(&store->heap, line)};
    for (u32 i = 0; i < movers->of; i++) {
        if (!(store_hash_at(store, slot_ref(line_slot(&store->heap, line, i))) & bit)) continue;
        movers->bits[i / 64] |= 1ull << i % 64;
        movers->count++;
    }
}

/* Moves slots of `source` to `target`, all of them if nothing says which. They fit: see the
 * callers. */
static void move_slots(struct store *store, struct index *index, u32 source, u32 target,
                       const struct movers *movers) {
    const struct heap *heap = &store->heap;
    bool marked = false;
    struct line *from = index_line(heap, index, source), *to = index_line(heap, index, target);
    u32 used = line_used(heap, from), there = line_used(heap, to);
    for (u32 i = used; i-- > 0;) {
        struct slot *slot = line_slot(heap, from, i);
        heap_step(&store->heap);
        if (movers && !(movers->bits[i / 64] >> i % 64 & 1)) continue;
        marked |= slot_is_volatile(slot);
        *append(heap, to, there++) = *slot;
        detach(heap, from, used--, slot);
    }
    spill_shrink(store, index, from);
    if (!marked) return;
    mark(store, index, target, true);
    if (!bucket_has_volatile(store, index, source)) mark(store, index, source, false);
}

/* Memory for the last bucket, to be split from `source`: its page, and a spill if need be. */
static bool split_prepare(struct store *store, struct index *index, u32 source, u32 bit,
                          struct movers *movers) {
    u32 target = index->count;
    if (target % FANOUT == 0) {
        if (!room_gain(store, PAGE_UNITS) || !page_ensure(store, index, target)) return false;
    }
    struct line *line = index_line(&store->heap, index, source);
    heap_step(&store->heap);
    find_movers(store, line, bit, movers);
    if (movers->count <= LINE_SLOTS) return true;
    if (!spill_grow(store, index, target, movers->count - LINE_SLOTS, room_take)) return false;
    line = index_line(&store->heap, index, source);
    if (line_used(&store->heap, line) != movers->of) /* some have gone for that memory */
        find_movers(store, line, bit, movers);
    return true;
}

static void split(struct store *store, struct index *index) {
    u32 target = index->count, bit = index->mask + 1, source = target - bit;
    struct movers movers;
    if (!split_prepare(store, index, source, bit, &movers)) {
        if (target % FANOUT == 0) page_drop(store, index, target);
        return;
    }
    index->count++;
    if (index->count == bit << 1) index->mask = index->mask << 1 | 1;
    move_slots(store, index, source, target, &movers);
    spill_shrink(store, index, index_line(&store->heap, index, target));
}

/* The last bucket joins the one it was split from, unless that would take memory that is not free:
 * merging is thrift, not worth an eviction. */
static void merge(struct store *store, struct index *index) {
    u32 source = index->count - 1;
    u32 half = index->mask + 1 == index->count ? (index->mask + 1) / 2 : index->mask + 1;
    u32 target = source - half;
    struct heap *heap = &store->heap;
    u32 here = line_used(heap, index_line(heap, index, target));
    u32 total = here + line_used(heap, index_line(heap, index, source));
    u32 beyond = total - max_u32(min_u32(total, LINE_SLOTS), here);
    if (beyond && !spill_grow(store, index, target, beyond, room_take_free)) return;
    move_slots(store, index, source, target, NULL);
    index->count--;
    index->mask = half - 1;
    if (source % FANOUT == 0) page_drop(store, index, source);
}

void index_grow(struct store *store, struct index *index) {
    if (index->entries > index->count * LOAD_SPLIT) split(store, index);
}

void index_shrink(struct store *store, struct index *index) {
    if (index->entries < index->count * LOAD_MERGE && index->count > FANOUT) merge(store, index);
}

void index_part_moved(struct store *store, struct index *index, ref from, ref to) {
    struct heap *heap = &store->heap;
    u8 *part = block_at(heap, to);
    if (part[1] == SYSTEM_SPILL) {
        index_line(heap, index, load32(part + 4))->spill = to;
        return;
    }
    u32 level = load32(part + PART_LEVEL), position = load32(part + PART_POSITION);
    if (part[1] == SYSTEM_PAGE && page_lines_at(from) != page_lines_at(to)) {
        __builtin_memmove(part + page_lines_at(to), part + page_lines_at(from),
                          FANOUT * LINE_BYTES);
        heap->moved_bytes += FANOUT * LINE_BYTES;
    }
    if (level == index->depth) {
        index->root = to;
        return;
    }
    u32 bucket = position << (level + 1) * FANOUT_LOG2;
    ref parent = part_above(heap, index, bucket, level + 1);
    store32(child_of(heap, parent, position & (FANOUT - 1)), to);
}
