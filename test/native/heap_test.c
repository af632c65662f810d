/*
 * The heap alone, under a shadow map. This test is the heap's owner: it takes, frees, trims,
 * extends and gathers blocks at random, of all kinds and sizes, with a page source that refuses
 * when it likes, and knows of every unit of the arena whose it is. No two blocks overlap, nothing
 * is lost, every byte survives every move, what is pinned or held stays where it is, and what is
 * withheld is not handed out.
 */
#include "check.h"
#include "heap/pages_native.h"

enum kind { PINNED, ENTRY, PART };
enum { BLOCKS_MAX = 20000 };

struct block {
    ref at; /* 0: there is no such block */
    u32 units, seed;
    enum kind kind;
};

static struct heap *heap;
static struct block blocks[BLOCKS_MAX]; /* the first of them is nobody */
static u32 count, live[BLOCKS_MAX], live_at[BLOCKS_MAX];
static u32 *owners; /* by unit: a number of `blocks`, 0: nobody's */
static bool is_moving, may_evict;

/* --- what a block holds: its header, then words that tell it from all others ------------------ */

/* The heap may write the first 8 bytes of a pinned block; a large entry's header takes more. */
static u32 first_word(u32 units) {
    return units < 128 ? 1 : 2;
}

static u64 word_of(const struct block *block, u32 i) {
    return (block->seed + i * 0x9e3779b97f4a7c15ull) * 0xbf58476d1ce4e5b9ull;
}

static void write_header(const struct block *block) {
    u8 *bytes = block_at(heap, block->at);
    struct shape shape;
    u32 value_len = block->units * UNIT;
    switch (block->kind) {
    case PINNED: system_make(bytes, SYSTEM_PINNED, block->units); break;
    case PART: system_make(bytes, SYSTEM_NODE, block->units); break;
    case ENTRY:
        do shape_make(&shape, 0, 1, --value_len, 0);
        while (shape_units(&shape) > block->units);
        shape_store(bytes, &shape, 0);
    }
    CHECK(block_units(bytes) == block->units);
}

static void write_words(const struct block *block) {
    u8 *bytes = block_at(heap, block->at);
    for (u32 i = first_word(block->units); i < block->units; i++)
        store64(bytes + (size_t)i * UNIT, word_of(block, i));
}

/* Words `from` to `to` of the block hold what was written to them. */
static void check_words(const struct block *block, u32 from, u32 to) {
    const u8 *bytes = block_at(heap, block->at);
    for (u32 i = from; i < to; i++) CHECK(load64(bytes + (size_t)i * UNIT) == word_of(block, i));
}

static void check_block(const struct block *block) {
    const u8 *bytes = block_at(heap, block->at);
    CHECK(block_units(bytes) == block->units);
    CHECK((tag_code(bytes) == CODE_SYSTEM) == (block->kind != ENTRY));
    check_words(block, first_word(block->units), block->units);
}

/* --- the shadow map --------------------------------------------------------------------------- */

static void own(u32 id, ref at, u32 units) {
    CHECK(at >= heap->first && units <= heap->end - at);
    for (ref unit = at; unit < at + units; unit++) {
        CHECK(owners[unit] == 0);
        owners[unit] = id;
    }
}

static void disown(u32 id, ref at, u32 units) {
    for (ref unit = at; unit < at + units; unit++) {
        CHECK(owners[unit] == id);
        owners[unit] = 0;
    }
}

static void add_block(ref at, u32 units, enum kind kind) {
    u32 id = 1;
    while (blocks[id].at) id++;
    CHECK(is_system(block_at(heap, at), SYSTEM_PINNED) && block_units(block_at(heap, at)) == units);
    own(id, at, units);
    blocks[id] = (struct block){at, units, draw(), kind};
    live_at[id] = count;
    live[count++] = id;
    write_header(&blocks[id]);
    write_words(&blocks[id]);
}

static void remove_block(u32 id) {
    struct block *block = &blocks[id];
    check_block(block);
    disown(id, block->at, block->units);
    block->at = 0;
    live[live_at[id]] = live[--count];
    live_at[live[count]] = live_at[id];
}

static u32 any_block(void) {
    return live[draw_below(count)];
}

static void check_all(void) {
    struct totals totals = check_heap(heap);
    u32 owned = 0;
    for (u32 i = 0; i < count; i++) {
        check_block(&blocks[live[i]]);
        owned += blocks[live[i]].units;
    }
    CHECK(totals.blocks == count);
    CHECK(owned + heap->free_units == heap->end - heap->first);
}

/* --- what the heap asks its owner ------------------------------------------------------------- */

void heap_owner_moved(struct heap *of, ref from, ref to) {
    u32 id = owners[from];
    struct block *block = &blocks[id];
    CHECK(of == heap && is_moving && block->at == from);
    CHECK(block->kind != PINNED && !heap_is_held(heap, from));
    disown(id, from, block->units);
    own(id, to, block->units);
    block->at = to;
    check_block(block);
}

/* One entry in four stays. */
bool heap_owner_may_evict(struct heap *of, ref at) {
    CHECK(of == heap && blocks[owners[at]].at == at && blocks[owners[at]].kind == ENTRY);
    return blocks[owners[at]].seed % 4 != 0;
}

void heap_owner_evicts(struct heap *of, ref at) {
    u32 id = owners[at], units = blocks[id].units;
    CHECK(heap_owner_may_evict(of, at) && is_moving && may_evict && !heap_is_held(heap, at));
    remove_block(id);
    heap_give(heap, at, units);
}

/* --- what the owner asks the heap ------------------------------------------------------------- */

static u32 draw_units(u32 most) {
    u32 some = draw_below(8);
    u32 below = some < 4 ? 16 : some < 6 ? 100 : some < 7 ? 1500 : most;
    return BLOCK_UNITS_LEAST + draw_below(below);
}

/* Is there a hole so large that it must be found? Bins are at most an eighth apart. */
static bool has_hole(u32 units) {
    for (ref at = 0; (at = heap_next_hole(heap, at));)
        if (free_units(block_at(heap, at)) >= units + units / 8 + 1) return true;
    return false;
}

static void take(u32 most) {
    u32 units = draw_units(most), free = heap_free(heap), available = heap_available(heap);
    if (count == BLOCKS_MAX - 1) return;
    ref at = heap_take(heap, units);
    if (at) {
        CHECK(units <= available && heap_free(heap) == free - units);
        add_block(at, units, draw_below(3) ? ENTRY : (enum kind)draw_below(3));
    } else {
        u32 uncommitted = heap->limit - heap->end - 1; /* none, once a commit was refused */
        CHECK(units > available || (!has_hole(units) && uncommitted < units + PAGE_BYTES / UNIT));
    }
}

static void give(void) {
    u32 id = any_block();
    ref at = blocks[id].at;
    u32 units = blocks[id].units, free = heap_free(heap);
    if (heap_is_held(heap, at)) return;
    remove_block(id);
    ref hole = heap_give(heap, at, units);
    CHECK(heap_free(heap) == free + units);
    CHECK(hole <= at && hole + block_units(block_at(heap, hole)) >= at + units);
}

/* In place, or by moving what lies behind it. */
static bool grow(ref at, u32 old_units, u32 units) {
    if (heap_extend(heap, at, old_units, units)) return true;
    if (heap_available(heap) < units - old_units || heap_is_held(heap, at)) return false;
    heap_hold(heap, at);
    is_moving = true;
    bool grown = heap_open(heap, at, old_units, units);
    is_moving = false;
    heap_release(heap, at);
    return grown;
}

/* Trims or grows; what stays keeps its bytes, and what is gained is a pinned block for now. */
static void resize(u32 most) {
    u32 id = any_block();
    struct block *block = &blocks[id];
    u32 old_units = block->units, units = draw_units(draw_below(2) ? most : old_units);
    u32 available = heap_available(heap);
    check_block(block);
    if (units < old_units) {
        heap_trim(heap, block->at, old_units, units);
        disown(id, block->at + units, old_units - units);
    } else if (units > old_units && grow(block->at, old_units, units)) {
        CHECK(units - old_units <= available);
        CHECK(is_system(block_at(heap, block->at + old_units), SYSTEM_PINNED));
        CHECK(block_units(block_at(heap, block->at + old_units)) == units - old_units);
        own(id, block->at + old_units, units - old_units);
    } else {
        return;
    }
    block->units = units;
    check_words(block, 2, min_u32(units, old_units));
    write_header(block);
    write_words(block);
}

static void gather(u32 most) {
    ref hole = 0;
    for (u32 rank = draw_below(40) + 1; rank; rank--) hole = heap_next_hole(heap, hole);
    u32 units = draw_units(most), budget = draw_below(3) ? units * 2 + 64 : draw_below(units);
    if (!hole || count == BLOCKS_MAX - 1 || free_units(block_at(heap, hole)) >= units) return;
    enum gather_mode mode = (enum gather_mode)draw_below(3);
    u64 moved_before = heap->moved_bytes;
    u32 before = count, free = heap_free(heap);
    is_moving = true;
    may_evict = mode == GATHER_EVICT;
    ref at = heap_gather(heap, hole, units, budget, ~0u, mode);
    is_moving = false;
    CHECK(heap->moved_bytes - moved_before <= (u64)budget * UNIT);
    CHECK(mode == GATHER_EVICT || count == before);
    if (at)
        add_block(at, units, PINNED);
    else
        CHECK(heap_free(heap) >= free);
}

static void hold(void) {
    u32 i = draw_below(HELD_MAX - 1);
    if (heap->held[i]) {
        heap_release(heap, heap->held[i]);
        return;
    }
    const struct block *block = &blocks[any_block()]; /* only entries are ever held */
    if (block->kind == ENTRY && !heap_is_held(heap, block->at)) heap_hold(heap, block->at);
}

/* All but one block, or all, become free space. */
static void reset(void) {
    struct block kept = blocks[any_block()];
    bool keep = kept.kind == PINNED;
    u32 units = heap_free(heap);
    for (u32 i = 0; i < count; i++) units += blocks[live[i]].units;
    while (count) remove_block(live[0]);
    heap_reset(heap, keep ? kept.at : 0, keep ? kept.units : 0);
    if (keep) {
        check_words(&kept, first_word(kept.units), kept.units);
        add_block(kept.at, kept.units, PINNED);
        units -= kept.units;
    }
    CHECK(heap_free(heap) == units && heap->held[0] == 0);
}

static void act(u32 fill, u32 most) {
    u32 action = draw_below(100);
    if (count == 0 || action < fill)
        take(most);
    else if (action < 70)
        give();
    else if (action < 85)
        resize(most);
    else if (action < 96)
        gather(most);
    else
        hold();
}

/* The page source gives a little more than what is committed, or all there is. */
static void draw_refusal(u64 limit) {
    u64 committed = ((u64)heap->end + 1) * UNIT;
    u32 more = draw_below((u32)(limit - committed) / 2 + 1);
    pages_native_refuse_above = draw_below(2) ? limit : committed + more;
}

static void free_all(void) {
    while (count) {
        struct block block = blocks[live[draw_below(count)]];
        remove_block(owners[block.at]);
        heap_give(heap, block.at, block.units);
    }
    check_heap(heap);
    CHECK(heap->free_units == heap->end - heap->first);
    CHECK(heap_next_hole(heap, 0) == heap->first); /* one hole, and all of it can be had */
    heap->withheld = 0;
    u32 units = heap->free_units;
    CHECK(heap_take(heap, units - 2) == heap->first && heap->free_units == 2);
    CHECK(heap_give(heap, heap->first, units - 2) == heap->first && heap->free_units == units);
}

static void run(u64 budget, u32 rounds, bool may_refuse) {
    u8 *arena = aligned_alloc(64, budget);
    CHECK(arena != NULL);
    memset(arena, 0xa5, budget < 1 << 24 ? budget : 1 << 24);
    heap = (struct heap *)(void *)arena;
    owners = calloc(budget / UNIT, sizeof *owners);
    memset(blocks, 0, sizeof blocks);
    /* The heap counts from STATE_AT below itself, and finds out what is committed already. */
    heap->end = 0;
    pages_native_refuse_above = budget;
    CHECK(heap_init(heap, FIXED_BYTES + sizeof *heap + 1000, (u32)budget));
    CHECK(heap->first * UNIT >= FIXED_BYTES + sizeof *heap);
    check_all();
    u32 most = heap->limit >> (may_refuse ? 2 + draw_below(6) : 2), fill = 50;
    for (u32 round = 0; round < rounds; round++) {
        act(fill, most);
        CHECK(((u64)heap->end + 1) * UNIT <= pages_native_refuse_above);
        if (draw_below(500) == 0) fill = 30 + draw_below(35);
        if (draw_below(500) == 0)
            heap->withheld = draw_below(2) ? draw_below(heap_free(heap) + 1) : 0;
        if (may_refuse && draw_below(50) == 0) draw_refusal(budget);
        if (draw_below(3000) == 0 && count) reset();
        if (draw_below(1000) == 0) check_all();
    }
    check_all();
    free_all();
    free(arena);
    free(owners);
}

int main(int argc, char **argv) {
    static const u32 budgets[] = {256 << 10, 512 << 10, 1 << 20, 8 << 20};
    test_seed(argc, argv);
    u32 passed = 0;
    for (; passed < 32; passed++)
        run(budgets[passed % COUNT_OF(budgets)], 10000, draw_below(4) != 0);
    run(300 << 20, 500, false); /* holes so large that their size has a field of its own */
    printf("heap: %u passed, 0 failed\n", passed + 1);
}
