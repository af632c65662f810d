/*
 * The index, through the keyspace: it holds what was put in it, from no entries to millions and
 * back, in space proportional to the entries; a scan returns what was there throughout; ten keys
 * with an expiry among a million are found; and the hash is the one it says it is.
 */
#include "check.h"

static const i64 NOW_MS = 1790000000000, LATER_MS = 1790000900000;

/* --- SipHash-1-3 ------------------------------------------------------------------------------ */

static u64 rotate(u64 x, u32 bits) {
    return x << bits | x >> (64 - bits);
}

static void sip_rounds(u64 v[4], u32 rounds) {
    while (rounds--) {
        v[0] += v[1], v[1] = rotate(v[1], 13), v[1] ^= v[0], v[0] = rotate(v[0], 32);
        v[2] += v[3], v[3] = rotate(v[3], 16), v[3] ^= v[2];
        v[0] += v[3], v[3] = rotate(v[3], 21), v[3] ^= v[0];
        v[2] += v[1], v[1] = rotate(v[1], 17), v[1] ^= v[2], v[2] = rotate(v[2], 32);
    }
}

/* SipHash-c-d as the paper's text has it, a byte at a time. */
static u64 plain_siphash(u32 c, u32 d, struct hash_key key, const u8 *bytes, u32 len) {
    u64 v[4] = {key.k0 ^ 0x736f6d6570736575, key.k1 ^ 0x646f72616e646f6d,
                key.k0 ^ 0x6c7967656e657261, key.k1 ^ 0x7465646279746573};
    u32 padded = len / 8 * 8 + 8;
    u64 word = 0;
    for (u32 i = 0; i < padded; i++) {
        u8 byte = i < len ? bytes[i] : i == padded - 1 ? (u8)len : 0;
        word |= (u64)byte << i % 8 * 8;
        if (i % 8 != 7) continue;
        v[3] ^= word;
        sip_rounds(v, c);
        v[0] ^= word;
        word = 0;
    }
    v[2] ^= 0xff;
    sip_rounds(v, d);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* The plain form gives the published values of SipHash-2-4; ours gives what the plain form gives
 * with fewer rounds, of which the value for no bytes is published too. */
static void test_siphash(void) {
    struct hash_key key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
    u8 bytes[600];
    for (u32 i = 0; i < sizeof bytes; i++) bytes[i] = (u8)i;
    CHECK(plain_siphash(2, 4, key, bytes, 0) == 0x726fdb47dd0e0e31);
    CHECK(plain_siphash(2, 4, key, bytes, 15) == 0xa129ca6149be45e5);
    CHECK(plain_siphash(2, 4, key, bytes, 63) == 0x958a324ceb064572);
    CHECK(hash_bytes(&key, bytes, 0) == 0xabac0158050fc4dc);
    for (u32 len = 0; len <= sizeof bytes; len++) {
        CHECK(hash_bytes(&key, bytes, len) == plain_siphash(1, 3, key, bytes, len));
        key.k0 ^= (u64)draw() << 32 | draw();
        key.k1 ^= (u64)draw() << 32 | draw();
        for (u32 i = 0; i < len; i++) bytes[i] = (u8)draw();
    }
}

/* --- a naive model: which numbers are there --------------------------------------------------- */

enum { NUMBERS = 1 << 23 };

static u8 present[NUMBERS];
static u32 present_count, present_volatile;

static struct slice key_of(const u32 *number) {
    return (struct slice){(const u8 *)number, sizeof *number};
}

static bool is_volatile(u32 number) {
    return number % 97 == 0;
}

/* Its value is the number's lowest byte, as often as the number's second bit says. */
static bool insert(struct store *store, u32 number) {
    u8 value[2] = {(u8)number, (u8)number};
    struct slice bytes = {value, 1 + (number >> 1 & 1)};
    i64 expires_at_ms = is_volatile(number) ? LATER_MS : 0;
    if (!store_set(store, key_of(&number), TYPE_STRING, bytes, expires_at_ms, 0)) return false;
    present_count += !present[number];
    present_volatile += !present[number] && is_volatile(number);
    present[number] = 1;
    return true;
}

static void remove_number(struct store *store, u32 number) {
    CHECK(store_remove(store, key_of(&number)) == present[number]);
    present_count -= present[number];
    present_volatile -= present[number] && is_volatile(number);
    present[number] = 0;
}

static void check_number(struct store *store, u32 number) {
    struct entry entry;
    bool found = store_find(store, key_of(&number), &entry);
    CHECK(found == present[number]);
    if (!found) return;
    CHECK(entry.value_len == 1 + (number >> 1 & 1) && entry.value[0] == (u8)number);
    CHECK(entry.expires_at_ms == (is_volatile(number) ? LATER_MS : 0));
}

static void check_numbers(struct ferrite *cache, u32 below, u32 step) {
    struct store *store = &cache->store;
    CHECK(store_count(store) == present_count);
    CHECK(store_count_volatile(store) == present_volatile);
    /* A bucket of 64 bytes for each 7 entries at the least, and a few pages. */
    CHECK(store_index_bytes(store) <= (u64)present_count * 12 + 16384);
    for (u32 number = 0; number < below; number += step) check_number(store, number);
    check_store(cache);
}

static struct store *begin(struct ferrite *cache) {
    memset(present, 0, sizeof present);
    present_count = present_volatile = 0;
    store_begin(&cache->store, NOW_MS);
    return &cache->store;
}

/* --- growth and shrinking --------------------------------------------------------------------- */

/* Three steps towards more entries, or less, for one back. */
static void test_growth(u64 budget, u32 most, u32 depth) {
    struct ferrite *cache = new_cache(budget, POLICY_NOEVICTION);
    struct store *store = begin(cache);
    u32 free_at_first = heap_free(&store->heap), next = 0, check_at = 1;
    for (; present_count < most; next++) {
        CHECK(insert(store, next));
        if (draw_below(4) == 0) remove_number(store, draw_below(next + 1));
        if (present_count < check_at) continue;
        check_numbers(cache, next + 1, 1 + next / 10000);
        check_at *= 6;
    }
    CHECK(store->keys.depth == depth);
    check_numbers(cache, next, 1);
    check_at = present_count / 6;
    for (u32 number = 0; number < next; number++) {
        remove_number(store, number);
        if (draw_below(4) == 0 && next < NUMBERS && present_count > 1000)
            CHECK(insert(store, next++));
        if (present_count >= check_at) continue;
        check_numbers(cache, next, 1 + next / 10000);
        check_at /= 6;
    }
    check_numbers(cache, next, 1);
    CHECK(present_count == 0 && heap_free(&store->heap) == free_at_first);
    CHECK(store->keys.depth == 0 && store->keys.count == FANOUT);
    free(cache);
}

/* --- without memory --------------------------------------------------------------------------- */

enum { GRABS = 64 };
static ref grabbed[GRABS];

/* Takes what memory there is, but for a little, or little more than a page of the index needs. */
static void grab(struct heap *heap) {
    u32 leave = draw_below(4) ? PAGE_UNITS + draw_below(120) : draw_below(60), n = 0;
    for (u32 units = heap_available(heap); units > 1 && n < GRABS; units /= 2) {
        ref at = heap_available(heap) >= units + leave ? heap_take(heap, units) : 0;
        if (at) grabbed[n++] = at;
    }
}

static void let_go(struct heap *heap) {
    for (u32 i = 0; i < GRABS; i++)
        if (grabbed[i]) heap_give(heap, grabbed[i], block_units(block_at(heap, grabbed[i])));
    memset(grabbed, 0, sizeof grabbed);
}

/* Memory comes and goes, mostly where the index needs a new page: then a split fails, or fails half
 * way, and nothing may be lost by it, nor leak. Returns how many insertions were refused. */
static u32 test_growth_without_memory(u32 most) {
    struct ferrite *cache = new_cache(4 << 20, POLICY_NOEVICTION);
    struct store *store = begin(cache);
    struct heap *heap = &store->heap;
    u32 free_at_first = heap_free(heap), oldest = 0, next = 0, refused = 0;
    for (bool grows = true; grows || present_count > 0;) {
        u32 last_count = store->keys.count;
        if (draw_below(4) == 0 ? grows : !grows)
            remove_number(store, oldest < next ? oldest++ : next);
        else if (insert(store, next))
            next++;
        else
            refused++;
        bool at_page = store->keys.count % FANOUT == 0 && store->keys.count != last_count;
        if (grabbed[0] ? draw_below(300) == 0 : at_page || draw_below(3000) == 0) {
            let_go(heap);
            if (draw_below(2)) grab(heap);
        }
        if (next == most || (grabbed[0] && draw_below(2000) == 0)) grows = false;
    }
    let_go(heap);
    check_numbers(cache, 1, 1);
    CHECK(heap_free(heap) == free_at_first);
    CHECK(store->keys.depth == 0 && store->keys.count == FANOUT);
    free(cache);
    return refused;
}

/* --- SCAN ------------------------------------------------------------------------------------- */

enum { STAYING = 300, COMING_AND_GOING = 60000 };
static u8 seen[STAYING + COMING_AND_GOING];

static void see(void *context, const struct entry *entry) {
    u32 number = load32(entry->key.bytes);
    (void)context;
    CHECK(entry->key.len == 4 && number < sizeof seen && present[number]);
    seen[number] = 1;
}

/* The first numbers stay, the others come and go in bursts between the steps of scans. */
static void test_scan(void) {
    struct ferrite *cache = new_cache(8 << 20, POLICY_NOEVICTION);
    struct store *store = begin(cache);
    u32 least_count = ~0u, most_count = 0;
    for (u32 number = 0; number < STAYING; number++) CHECK(insert(store, number));
    for (u32 scans = 0; scans < 60; scans++) {
        bool grows = draw_below(2);
        u32 pace = 1 + draw_below(60), steps = 0;
        u32 cursor = 0;
        memset(seen, 0, sizeof seen);
        do {
            cursor = store_scan(store, cursor, see, NULL);
            CHECK(++steps < 100000);
            for (u32 i = draw_below(pace); i > 0; i--) {
                u32 number = STAYING + draw_below(COMING_AND_GOING);
                if (grows)
                    CHECK(insert(store, number));
                else
                    remove_number(store, number);
            }
            if (draw_below(2000) == 0) grows = !grows;
            least_count = min_u32(least_count, store->keys.count);
            most_count = max_u32(most_count, store->keys.count);
        } while (cursor);
        for (u32 number = 0; number < STAYING; number++) CHECK(seen[number]);
    }
    CHECK(least_count < 500 && most_count > 2000);
    check_numbers(cache, sizeof seen, 1);
    free(cache);
}

/* --- volatile marks --------------------------------------------------------------------------- */

/* With the budget full of keys that may not be evicted, ten get an expiry: they go, no other does,
 * each in a bounded number of steps; then nothing may be evicted is a fact. */
static void test_ten_among_a_million(void) {
    struct ferrite *cache = new_cache(24 << 20, POLICY_VOLATILE_LRU);
    struct store *store = begin(cache);
    u32 next = 1;
    while (next % 97 == 0 || insert(store, next)) next++;
    CHECK(present_count > 1000000 && store_count_volatile(store) == 0);
    for (u32 policy = POLICY_VOLATILE_LRU; policy <= POLICY_VOLATILE_TTL; policy++) {
        store_set_policy(store, policy);
        u32 chosen[10], before = store_count(store);
        u64 evicted = store->stats.gone[CHANGE_EVICTED];
        for (u32 i = 0; i < 10; i++) {
            do chosen[i] = draw_below(next);
            while (!present[chosen[i]]);
            present[chosen[i]] = 0;
            store->may_use_spare = true;
            CHECK(store_expire(store, key_of(&chosen[i]), LATER_MS + (i64)i));
        }
        store_begin(store, NOW_MS);
        CHECK(store_count_volatile(store) == 10);
        present_count -= 10;
        for (bool fits = true; fits;) {
            store_begin_counting(store);
            while (is_volatile(next)) next++;
            fits = insert(store, next);
            next += fits;
            CHECK(store->heap.steps <= 4096);
        }
        CHECK(store_count_volatile(store) == 0 &&
              store->stats.gone[CHANGE_EVICTED] == evicted + 10);
        for (u32 i = 0; i < 10; i++) check_number(store, chosen[i]);
        CHECK(store_count(store) == present_count && store_count(store) > before - 10 + 4);
    }
    check_numbers(cache, next, 1);
    free(cache);
}

int main(int argc, char **argv) {
    test_seed(argc, argv);
    test_siphash();
    test_growth(1 << 20, 700, 0);
    test_growth(4 << 20, 40000, 1);
    test_growth(128 << 20, (LOAD_SPLIT << 3 * FANOUT_LOG2) + 10000, 3); /* a few million */
    u32 refused = 0;
    for (u32 i = 0; i < 300; i++) refused += test_growth_without_memory(i % 50 ? 6000 : 60000);
    CHECK(refused > 1000);
    test_scan();
    test_ten_among_a_million();
    printf("index: 7 passed, 0 failed\n");
}
