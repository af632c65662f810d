/*
 * Hash flooding: names that collide wherever the hash has no key, or a known one, cost no more to
 * find than random ones, as keys, fields and members: what a lookup looks at is counted. And the
 * hash is the one it says it is.
 *
 * The families are the classic ones: two pieces that a weak hash does not tell apart, in all 2^12
 * orders; and, as the worst there could be, names that were chosen by the very hash under a seed
 * that is known. Each family is shown to collide under what it was made for.
 */
#include "client.h"

enum { CHOICES = 12, NAMES = 1 << CHOICES, NAME_MOST = 8 * CHOICES };

static u8 names[NAMES][NAME_MOST];
static u32 name_len;

static struct slice name_of(u32 i) {
    return (struct slice){names[i], name_len};
}

/* --- the hash --------------------------------------------------------------------------------- */

/* Of the bytes 0, 1, 2 ... n - 1 under the key 0, 1 ... 15, for n from 0 on: as the reference
 * implementation gives them, and Rust's and Swift's tests list them. */
static const u64 published[64] = {
    0xabac0158050fc4dc, 0xc9f49bf37d57ca93, 0x82cb9b024dc7d44d, 0x8bf80ab8e7ddf7fb,
    0xcf75576088d38328, 0xdef9d52f49533b67, 0xc50d2b50c59f22a7, 0xd3927d989bb11140,
    0x369095118d299a8e, 0x25a48eb36c063de4, 0x79de85ee92ff097f, 0x70c118c1f94dc352,
    0x78a384b157b4d9a2, 0x306f760c1229ffa7, 0x605aa111c0f95d34, 0xd320d86d2a519956,
    0xcc4fdd1a7d908b66, 0x9cf2689063dbd80c, 0x8ffc389cb473e63e, 0xf21f9de58d297d1c,
    0xc0dc2f46a6cce040, 0xb992abfe2b45f844, 0x7ffe7b9ba320872e, 0x525a0e7fdae6c123,
    0xf464aeb267349c8c, 0x45cd5928705b0979, 0x3a3e35e3ca9913a5, 0xa91dc74e4ade3b35,
    0xfb0bed02ef6cd00d, 0x88d93cb44ab1e1f4, 0x540f11d643c5e663, 0x2370dd1f8c21d1bc,
    0x81157b6c16a7b60d, 0x4d54b9e57a8ff9bf, 0x759f12781f2a753e, 0xcea1a3bebf186b91,
    0x2cf508d3ada26206, 0xb6101c2da3c33057, 0xb3f47496ae3a36a1, 0x626b57547b108392,
    0xc1d2363299e41531, 0x667cc1923f1ad944, 0x65704ffec8138825, 0x24f280d1c28949a6,
    0xc2ca1cedfaf8876b, 0xc2164bfc9f042196, 0xa16e9c9368b1d623, 0x49fb169c8b5114fd,
    0x9f3143f8df074c46, 0xc6fdaf2412cc86b3, 0x7eaf49d10a52098f, 0x1cf313559d292f9a,
    0xc44a30dda2f41f12, 0x36fae98943a71ed0, 0x318fb34c73f0bce6, 0xa27abf3670a7e980,
    0xb4bcc0db243c6d75, 0x23f8d852fdb71513, 0x8f035f4da67d8a08, 0xd89cd0e5b7e8f148,
    0xf6f4e6bcf7a644ee, 0xaec59ad80f1837f2, 0xc3b2f6154b6694e0, 0x9d199062b7bbb3a8,
};

static void test_published(void) {
    struct hash_key key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
    u8 bytes[64];
    for (u32 len = 0; len < COUNT_OF(published); len++) {
        CHECK(hash_bytes(&key, bytes, len) == published[len]);
        bytes[len] = (u8)len;
    }
}

/* --- weak hashes ------------------------------------------------------------------------------ */

typedef u32 weak_hash(u32 seed, const u8 *bytes, u32 len);

static u32 sum(u32 seed, const u8 *bytes, u32 len) {
    while (len--) seed += *bytes++;
    return seed;
}

static u32 times_31(u32 seed, const u8 *bytes, u32 len) {
    while (len--) seed = seed * 31 + *bytes++;
    return seed;
}

static u32 times_33(u32 seed, const u8 *bytes, u32 len) {
    while (len--) seed = seed * 33 + *bytes++;
    return seed;
}

enum { CRC_REVERSED = 0xedb88320u };

static u32 crc(u32 seed, const u8 *bytes, u32 len) {
    for (; len--; bytes++) {
        seed ^= *bytes;
        for (u32 bit = 0; bit < 8; bit++) seed = seed >> 1 ^ (seed & 1 ? CRC_REVERSED : 0);
    }
    return seed;
}

static u32 rotate32(u32 x, u32 bits) {
    return x << bits | x >> (32 - bits);
}

/* The bodies of MurmurHash2 and 3; what follows depends on their results alone. */
enum { MURMUR2 = 0x5bd1e995u, MURMUR3_A = 0xcc9e2d51u, MURMUR3_B = 0x1b873593u };

static u32 murmur2(u32 seed, const u8 *bytes, u32 len) {
    for (u32 i = 0; i < len; i += 4) {
        u32 word = load32(bytes + i) * MURMUR2;
        word = (word ^ word >> 24) * MURMUR2;
        seed = seed * MURMUR2 ^ word;
    }
    return seed;
}

static u32 murmur3(u32 seed, const u8 *bytes, u32 len) {
    for (u32 i = 0; i < len; i += 4) {
        u32 word = rotate32(load32(bytes + i) * MURMUR3_A, 15) * MURMUR3_B;
        seed = rotate32(seed ^ word, 13) * 5 + 0xe6546b64;
    }
    return seed;
}

/* Of an odd number, modulo 2^32. */
static u32 inverse(u32 odd) {
    u32 x = odd;
    for (u32 i = 0; i < 5; i++) x *= 2 - odd * x;
    return x;
}

/* The words that these make `mixed` of. */
static u32 unmix2(u32 mixed) {
    u32 word = mixed * inverse(MURMUR2);
    return (word ^ word >> 24) * inverse(MURMUR2);
}

static u32 unmix3(u32 mixed) {
    return rotate32(mixed * inverse(MURMUR3_B), 17) * inverse(MURMUR3_A);
}

/* --- families of names ------------------------------------------------------------------------ */

typedef void make_piece(u8 *to, bool second);

static void piece_sum(u8 *to, bool second) {
    memcpy(to, second ? "ba" : "ab", 2);
}
static void piece_31(u8 *to, bool second) {
    memcpy(to, second ? "BB" : "Aa", 2);
}
static void piece_33(u8 *to, bool second) {
    memcpy(to, second ? "FY" : "Ez", 2);
}
/* A difference that reaches the highest bit of the state, which the next word's undoes. */
static void piece_murmur2(u8 *to, bool second) {
    store32(to, unmix2(second ? 0x80000123 : 0x123));
    store32(to + 4, unmix2(second ? 0x80000456 : 0x456));
}
static void piece_murmur3(u8 *to, bool second) {
    store32(to, unmix3(second ? 0x00040123 : 0x123));
    store32(to + 4, unmix3(second ? 0x80000456 : 0x456));
}

static void make_of_pieces(make_piece *piece, u32 piece_bytes) {
    name_len = CHOICES * piece_bytes;
    for (u32 i = 0; i < NAMES; i++)
        for (u32 choice = 0; choice < CHOICES; choice++)
            piece(names[i] + choice * piece_bytes, i >> choice & 1);
}

/* What differs by a multiple of the polynomial has the same CRC. */
static void make_crc(void) {
    name_len = 6;
    for (u32 i = 0; i < NAMES; i++) {
        u64 bits = 0x6b6579;
        for (u32 choice = 0; choice < CHOICES; choice++)
            if (i >> choice & 1) bits ^= ((u64)CRC_REVERSED << 1 | 1) << choice;
        memcpy(names[i], &bits, name_len);
    }
}

static void make_random(u32 len) {
    name_len = len;
    for (u32 i = 0; i < NAMES; i++)
        for (u32 j = 0; j < len; j++) names[i][j] = (u8)draw();
}

static void make_numbered(void) {
    name_len = 20;
    for (u32 i = 0; i < NAMES; i++) sprintf((char *)names[i], "user:%015u", 1000000 + i);
}

/* Names whose hash under `key` is the same in so many bits from `shift` on. */
static void make_chosen(struct hash_key key, u32 shift, u32 bits) {
    u64 candidate = (u64)draw() << 32, mask = ((1ull << bits) - 1) << shift;
    name_len = 16;
    for (u32 i = 0; i < NAMES; candidate++) {
        memcpy(names[i], &candidate, 8);
        memcpy(names[i] + 8, "chosen::", 8);
        i += (hash_bytes(&key, names[i], name_len) & mask) == 0;
    }
}

static void expect_collisions(weak_hash *hash) {
    for (u32 round = 0; round < 3; round++) {
        u32 seed = draw(), first = hash(seed, names[0], name_len);
        for (u32 i = 1; i < NAMES; i++) CHECK(hash(seed, names[i], name_len) == first);
    }
}

/* --- what it costs to find them --------------------------------------------------------------- */

enum { AS_KEY, AS_FIELD, AS_MEMBER, AS_SCORED, KINDS };

struct cost {
    u64 all, most; /* probes to find each name once; those of the worst */
    u32 refused;   /* names that could not be added */
};

static struct hash_key seed_of(const struct ferrite *cache) {
    return cache->store.hash_key;
}

static const char *put(struct ferrite *cache, u32 kind, u32 i) {
    struct slice name = name_of(i);
    switch (kind) {
    case AS_KEY: return ask_slices(cache, 3, (struct slice[]){SLICE("SET"), name, SLICE("v")});
    case AS_FIELD:
        return ask_slices(cache, 4, (struct slice[]){SLICE("HSET"), SLICE("c"), name, SLICE("v")});
    case AS_MEMBER: return ask_slices(cache, 3, (struct slice[]){SLICE("SADD"), SLICE("c"), name});
    default:
        return ask_slices(cache, 4, (struct slice[]){SLICE("ZADD"), SLICE("c"), SLICE("1"), name});
    }
}

static const char *get(struct ferrite *cache, u32 kind, u32 i) {
    static const struct slice readers[] = {SLICE("GET"), SLICE("HGET"), SLICE("SISMEMBER"),
                                           SLICE("ZSCORE")};
    struct slice name = name_of(i);
    if (kind == AS_KEY) return ask_slices(cache, 2, (struct slice[]){readers[0], name});
    return ask_slices(cache, 3, (struct slice[]){readers[kind], SLICE("c"), name});
}

static struct cost cost_of(struct ferrite *cache, u32 kind) {
    static const char *const found[] = {"$1\r\nv\r\n", "$1\r\nv\r\n", ":1\r\n", "$1\r\n1\r\n"};
    struct cost cost = {0};
    CHECK(replied(ask(cache, "FLUSHALL", NULL), "+OK\r\n"));
    for (u32 i = 0; i < NAMES; i++) cost.refused += put(cache, kind, i)[0] == '-';
    for (u32 i = 0; i < NAMES; i++) {
        u64 before = probes;
        const char *reply = get(cache, kind, i);
        CHECK(cost.refused || replied(reply, found[kind]));
        cost.all += probes - before;
        if (probes - before > cost.most) cost.most = probes - before;
    }
    check_store(cache);
    return cost;
}

static struct cost baseline[KINDS];

/* The cost of as many random names, as long as those at hand, which stay. */
static void measure_baseline(struct ferrite *cache) {
    static u8 kept[NAMES][NAME_MOST];
    memcpy(kept, names, sizeof names);
    make_random(name_len);
    for (u32 kind = 0; kind < KINDS; kind++) {
        baseline[kind] = cost_of(cache, kind);
        CHECK(baseline[kind].refused == 0);
    }
    memcpy(names, kept, sizeof names);
}

static void expect_no_slower(struct ferrite *cache, const char *family) {
    measure_baseline(cache);
    printf("  %-12s", family);
    for (u32 kind = 0; kind < KINDS; kind++) {
        struct cost cost = cost_of(cache, kind);
        double ratio = (double)cost.all / (double)baseline[kind].all;
        printf("  %.2f %llu:%llu", ratio, (unsigned long long)cost.most,
               (unsigned long long)baseline[kind].most);
        CHECK(cost.refused == 0);
        CHECK(cost.all <= 2 * baseline[kind].all && cost.most <= 2 * baseline[kind].most);
    }
    printf("\n");
}

/* The measure sees a flood where there is one: with the seed that the names were chosen by. */
static void expect_slower(struct ferrite *cache, u32 kind) {
    measure_baseline(cache);
    struct cost cost = cost_of(cache, kind);
    CHECK(cost.refused || cost.all > 2 * baseline[kind].all || cost.most > 2 * baseline[kind].most);
}

int main(int argc, char **argv) {
    enum { BUDGET = 16 << 20, BITS = 12 };
    static const struct {
        const char *name;
        make_piece *piece;
        u32 piece_bytes;
        weak_hash *hash;
    } families[] = {
        {"sum", piece_sum, 2, sum},
        {"times 31", piece_31, 2, times_31},
        {"times 33", piece_33, 2, times_33},
        {"Murmur 2", piece_murmur2, 8, murmur2},
        {"Murmur 3", piece_murmur3, 8, murmur3},
    };
    test_seed(argc, argv);
    test_published();
    struct ferrite *cache = new_cache(BUDGET, POLICY_NOEVICTION);
    struct ferrite *known = new_cache(BUDGET, POLICY_NOEVICTION); /* its seed got out */
    printf("  what names of a family cost, to random ones; the worst, and of random ones: as keys, "
           "fields, members, with scores\n");
    for (u32 i = 0; i < COUNT_OF(families); i++) {
        make_of_pieces(families[i].piece, families[i].piece_bytes);
        expect_collisions(families[i].hash);
        expect_no_slower(cache, families[i].name);
    }
    make_crc();
    expect_collisions(crc);
    expect_no_slower(cache, "CRC-32");
    make_numbered();
    expect_no_slower(cache, "numbered");
    make_chosen((struct hash_key){0}, 0, BITS);
    expect_no_slower(cache, "key 0");
    make_chosen(seed_of(known), 0, BITS); /* the bits that choose a bucket */
    expect_slower(known, AS_KEY);
    expect_no_slower(cache, "one bucket");
    make_chosen(seed_of(known), 64 - BITS, BITS); /* those that choose a leaf */
    expect_no_slower(cache, "one leaf");
    free(known);
    free(cache);
    printf("flood: %u passed, 0 failed\n", 1 + COUNT_OF(families) + 5);
}
