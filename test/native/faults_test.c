/*
 * Out of memory at every point: each command that takes keys, over small and large collections,
 * with the heap refusing the 1st, the 2nd, the 3rd ... thing that is asked of it, until it gets
 * through; once, for a while, or for good. And in a cache that is full to the last hole, whose host
 * gives no more pages, as one key after the other is taken away.
 *
 * A command that was refused has answered OOM, and every key holds what it held, with its expiry
 * and those of its fields; one that was not has done what it does where nothing is refused. Under a
 * policy that evicts, keys may be gone, but none has changed that is not the command's own. The
 * checker walks the heap after each.
 *
 *   faults_test [seed]
 */
#include "client.h"
#include "heap/pages_native.h"

enum { BUDGET = 384 << 10, WORDS_MOST = 600, KEYS_MOST = 1024, FILLERS = 300 };

/* --- what is tried ---------------------------------------------------------------------------- */

/*
 * @N     a value of N bytes               %N     N members that are not there yet
 * =N     N of those that are              $N     N pairs: a number and a new member
 * L      a long name that is not there       <KEY   what DUMP answers for that key
 *
 * The keys: few (s...) and many (m...) items of each type; see fill_keyspace. Each command of the
 * table that takes keys must be here.
 */
static const char *const cases[] = {
    "append str @40",
    "append big @900",
    "append none @40",
    "append str @5000",
    "bitcount big",
    "bitfield str SET u8 #900 7 INCRBY i16 0 9",
    "bitfield none SET u8 0 1",
    "bitfield_ro big GET u8 9",
    "bitop AND none big str",
    "bitop NOT str big",
    "bitop XOR big str num",
    "bitpos big 1",
    "blmove slist mlist LEFT RIGHT 0",
    "blmove mlist none RIGHT LEFT 0",
    "blmpop 0 1 slist LEFT COUNT 2",
    "blpop none slist 0",
    "brpop mlist 0",
    "brpoplpush slist none 0",
    "brpoplpush mlist slist 0",
    "bzmpop 0 1 szset MIN COUNT 3",
    "bzpopmax mzset 0",
    "bzpopmin szset 0",
    "cl.throttle none 5 10 60",
    "cl.throttle L 5 10 60",
    "copy str L",
    "copy big none",
    "copy slist none",
    "copy mlist none",
    "copy mset L",
    "copy shash none",
    "copy mhash none",
    "copy mzset none",
    "copy mtimed none",
    "copy mhash szset REPLACE",
    "copy slist mzset REPLACE",
    "dump str",
    "dump mhash",
    "decr num",
    "decr none",
    "incr none",
    "hpexpire mhash 1000 FIELDS 1 50",
    "decrby none 5",
    "incr num",
    "incrby L 100000",
    "incrbyfloat num 0.1",
    "incrbyfloat none 1e300",
    "del str mlist mzset",
    "unlink mhash",
    "exists str",
    "touch big",
    "expire str 100",
    "pexpire mlist 100000 XX",
    "pexpire mlist 100000",
    "expireat num 99999999999",
    "pexpireat szset 99999999999999",
    "expiretime str",
    "pexpiretime str",
    "ttl str",
    "pttl str",
    "persist timed",
    "type mset",
    "geoadd none 13 38 a",
    "geoadd sgeo 1 1 new 2 2 newer",
    "geoadd mgeo 1 1 new 2 2 newer",
    "geodist mgeo 5 6",
    "geohash sgeo 5",
    "geopos mgeo 5",
    "geosearch mgeo FROMMEMBER 5 BYRADIUS 9000 km ASC COUNT 50 WITHDIST",
    "geosearch sgeo FROMLONLAT 1 1 BYBOX 9000 9000 km",
    "geosearchstore none mgeo FROMMEMBER 5 BYRADIUS 9000 km",
    "geosearchstore mset sgeo FROMMEMBER 5 BYRADIUS 9000 km STOREDIST",
    "get big",
    "getbit big 5",
    "getdel big",
    "getex str EX 100",
    "getex timed PERSIST",
    "getrange big 0 5",
    "getset str @100",
    "getset none @20",
    "getset big @20",
    "getset L @5000",
    "hdel shash =2",
    "hdel mhash =30",
    "hexists mhash 5",
    "hexpire shash 100 FIELDS 2 1 2",
    "hexpire mhash 100 FIELDS 3 1 2 3",
    "hpexpire mtimed 100000 FIELDS 4 1 2 3 4",
    "hexpireat shash 9999999999 FIELDS 1 1",
    "hpexpireat mhash 9999999999999 FIELDS 2 9 8",
    "hexpiretime stimed FIELDS 1 1",
    "hpexpiretime mtimed FIELDS 1 1",
    "httl stimed FIELDS 1 1",
    "hpttl mtimed FIELDS 1 1",
    "hpersist stimed FIELDS 1 1",
    "hpersist mtimed FIELDS 2 1 3",
    "hget mhash 5",
    "hgetall shash",
    "hgetall mhash",
    "hkeys mhash",
    "hvals shash",
    "hlen mtimed",
    "hincrby shash 1 5",
    "hincrby mhash new 5",
    "hincrby mtimed 5 1000000",
    "hincrby none f 1",
    "hincrbyfloat shash 1 0.5",
    "hincrbyfloat mtimed 6 0.125",
    "hincrbyfloat none f 1",
    "hmget mhash 1 2 x",
    "hmset shash $2",
    "hmset mhash $20",
    "hrandfield mhash 5 WITHVALUES",
    "hscan mhash 0 COUNT 50",
    "hset none $3",
    "hset L $100",
    "hset shash $3",
    "hset shash 1 @200",
    "hset shash $60",
    "hset mhash $3",
    "hset mhash 5 @900",
    "hset mhash 5 @5000",
    "hset mhash $60",
    "hset mtimed $9 1 again",
    "hset stimed 1 @600",
    "hset mhash 1 @60 2 @70 @300 @300",
    "hsetnx shash new @100",
    "hsetnx mhash new @100",
    "hsetnx none f v",
    "hstrlen mhash 5",
    "lcs big str",
    "lcs str num IDX",
    "lindex mlist 50",
    "linsert slist BEFORE 1 @100",
    "linsert mlist AFTER 50 @2000",
    "linsert mlist BEFORE 50 x",
    "llen mlist",
    "lmove slist mlist LEFT LEFT",
    "lmove mlist slist RIGHT RIGHT",
    "lmove mlist mlist LEFT RIGHT",
    "lmove mlist L LEFT LEFT",
    "lmpop 2 none mlist RIGHT COUNT 9",
    "lpop mlist 50",
    "lpop slist",
    "lpos mlist 5",
    "lpush none %3",
    "lpush L %60",
    "lpush slist %3",
    "lpush mlist %60",
    "lpush slist %60",
    "lpush mlist @3000",
    "lpushx slist @300",
    "lpushx mlist x",
    "lrange mlist 0 -1",
    "lrem slist 1 1",
    "lrem mlist 1 50",
    "lset slist 0 @300",
    "lset mlist 50 @1000",
    "lset mlist 50 @5000",
    "lset mlist 0 x",
    "ltrim slist 1 1",
    "ltrim mlist 50 -50",
    "restore none 0 <str",
    "restore none 0 <shash",
    "restore L 99 <mset",
    "restore mlist 0 <mhash REPLACE",
    "restore str 0 <mzset REPLACE FREQ 3",
    "rpop mlist 9",
    "rpoplpush slist none",
    "rpoplpush mlist mlist",
    "rpush slist %60",
    "rpush mlist %60",
    "rpush none @9000",
    "rpushx slist %9",
    "rpushx mlist %9",
    "memory|usage mlist",
    "object|encoding mlist",
    "object|freq str",
    "object|idletime str",
    "object|refcount str",
    "mget str big",
    "mset str @50 none @50",
    "mset none @10 L @500 big @10 num @900",
    "msetnx none @10 L @500",
    "rename str L",
    "rename mlist none",
    "rename mlist L",
    "rename mhash L",
    "rename big L",
    "rename szset mzset",
    "renamenx shash L",
    "renamenx mhash none",
    "pfadd none a b c",
    "pfadd ssketch %60",
    "pfadd dsketch %60",
    "pfadd ssketch",
    "pfcount ssketch",
    "pfcount dsketch ssketch",
    "pfmerge none ssketch",
    "pfmerge none dsketch ssketch",
    "pfmerge ssketch dsketch",
    "pfmerge dsketch ssketch",
    "psetex str 1000 @70",
    "setex none 9 @70",
    "set str @70",
    "set str @7",
    "set big @3100",
    "set none @70",
    "set L @9000",
    "set mlist @30",
    "set timed @30 KEEPTTL",
    "set str @90 GET EX 100",
    "setnx none @44",
    "setnx L @5000",
    "setbit str 900 1",
    "setbit none 9 1",
    "setrange str 900 @9",
    "setrange none 50 @50",
    "setrange big 10 @3000",
    "strlen big",
    "substr big 1 9",
    "sadd none %3",
    "sadd L %60",
    "sadd sset %3",
    "sadd sset %60",
    "sadd mset %60",
    "sadd mset @2000",
    "sadd none 1 2 3",
    "scard mset",
    "sdiff mset sset",
    "sdiffstore none mset sset",
    "sdiffstore mset mset sset",
    "sinter mset other",
    "sinterstore none mset other",
    "sinterstore sset mset other",
    "sintercard 2 mset other",
    "sismember mset 5",
    "smembers mset",
    "smismember mset 5 6",
    "smove sset mset 1",
    "smove mset sset 50",
    "smove mset none 50",
    "sort mlist STORE none",
    "sort mset BY nosort STORE mlist",
    "sort mlist BY w* GET # GET w* STORE none",
    "sort mlist DESC",
    "sort_ro mlist ALPHA",
    "sort slist STORE L",
    "spop sset",
    "spop mset 30",
    "srandmember mset 9",
    "srem sset 1",
    "srem mset =30",
    "sscan mset 0",
    "sunion mset other",
    "sunionstore none mset other",
    "sunionstore mset mset other sset",
    "sunionstore none sset",
    "zadd none $3",
    "zadd L $60",
    "zadd szset $3",
    "zadd szset $60",
    "zadd mzset $60",
    "zadd mzset 500 5 600 6",
    "zadd mzset INCR 900 7",
    "zadd mzset 1 @1500",
    "zadd szset 99 1",
    "zcard mzset",
    "zcount mzset 5 50",
    "zdiff 2 mzset szset WITHSCORES",
    "zdiffstore none 2 mzset szset",
    "zincrby szset 5 1",
    "zincrby mzset 500 5",
    "zincrby none 1 x",
    "zincrby mzset 5 new",
    "zinter 2 mzset mset WITHSCORES",
    "zintercard 2 mzset mset",
    "zinterstore none 2 mzset mset",
    "zinterstore szset 2 mzset mset WEIGHTS 2 3",
    "zlexcount mzset - +",
    "zmpop 1 mzset MAX COUNT 9",
    "zmscore mzset 5 6",
    "zpopmax mzset 9",
    "zpopmin szset 9",
    "zrandmember mzset 9 WITHSCORES",
    "zrange mzset 0 -1",
    "zrangebylex mzset - +",
    "zrangebyscore mzset 5 50",
    "zrangestore none mzset 5 60",
    "zrangestore szset mzset 5 -5",
    "zrangestore mlist szset 0 -1",
    "zrank mzset 5",
    "zrem szset 1",
    "zrem mzset =30",
    "zremrangebylex mzset - [2",
    "zremrangebyrank mzset 5 90",
    "zremrangebyscore mzset 5 90",
    "zrevrange mzset 0 9",
    "zrevrangebylex mzset + -",
    "zrevrangebyscore mzset 90 5",
    "zrevrank mzset 5",
    "zscan mzset 0",
    "zscore mzset 5",
    "zunion 2 mzset mset",
    "zunionstore none 2 mzset mset",
    "zunionstore mzset 2 mzset szset AGGREGATE MAX",
    "zunionstore none 1 szset",
};

static struct ferrite *cache;
static u32 passed;

static struct slice words[WORDS_MOST];
static u32 word_count;

static void add_word(const char *bytes, u32 len) {
    static char pool[1 << 16];
    static u32 used;
    if (word_count == 0) used = 0;
    CHECK(word_count < WORDS_MOST && used + len <= sizeof pool);
    memcpy(pool + used, bytes, len);
    words[word_count++] = (struct slice){(u8 *)pool + used, len};
    used += len;
}

static struct {
    const char *key;
    u32 len;
    u8 bytes[1 << 14];
} dumped[] = {
    {.key = "str"}, {.key = "shash"}, {.key = "mset"}, {.key = "mhash"}, {.key = "mzset"}};

static void take_dumped(void) {
    for (u32 i = 0; i < COUNT_OF(dumped); i++) {
        const char *reply = ask(cache, "DUMP", dumped[i].key, NULL);
        dumped[i].len = (u32)strtoul(reply + 1, NULL, 10);
        CHECK(*reply == '$' && dumped[i].len <= sizeof dumped[i].bytes);
        memcpy(dumped[i].bytes, strchr(reply, '\n') + 1, dumped[i].len);
    }
}

static void add_dumped(const char *key, u32 len) {
    u32 i = 0;
    while (strncmp(dumped[i].key, key, len) != 0) i++;
    add_word((const char *)dumped[i].bytes, dumped[i].len);
}

/* The words of a case, what is short for many written out. */
static void spell(const char *text) {
    word_count = 0;
    for (const char *at = text; *at;) {
        u32 len = (u32)strcspn(at, " |"), many = (u32)strtoul(at + 1, NULL, 10);
        static char filler[1 << 14];
        char word[64];
        memset(filler, 'x', sizeof filler);
        switch (*at) {
        case '@': add_word(filler, many); break;
        case '<': add_dumped(at + 1, len - 1); break;
        case '$':
        case '%':
        case '=':
            for (u32 i = 0; i < many; i++) {
                if (*at == '$') add_word(word, (u32)sprintf(word, "%u", i * 7 % 90));
                add_word(word, (u32)sprintf(word, *at == '=' ? "%u" : "new member %u", i));
            }
            break;
        case 'L':
            if (len == 1) {
                const char *name = "a name that is longer than any of the others, by far, as it is";
                add_word(name, (u32)strlen(name));
                break;
            } /* fall through */
        default: add_word(at, len); break;
        }
        at += len + (at[len] != 0);
    }
}

/* What was spelled, sent. NULL: there is no window for it. */
static const char *send(void) {
    return ask_slices(cache, word_count, words);
}

static const char *say(const char *text) {
    spell(text);
    return send();
}

/* --- what there is ---------------------------------------------------------------------------- */

static void fill_keyspace(void) {
    static const char *const few[] = {"RPUSH slist %u",    "SADD sset m%u",
                                      "ZADD szset %u %u",  "HSET shash %u %u",
                                      "HSET stimed %u %u", "GEOADD sgeo 1 %u %u"};
    static const char *const many[] = {
        "RPUSH mlist %u",    "SADD mset %u",  "ZADD mzset %u %u",      "HSET mhash %u value:%u",
        "HSET mtimed %u %u", "SADD other %u", "GEOADD mgeo 1 0.%u %u", "SET w%u %u"};
    char text[128];
    for (u32 i = 0; i < 140; i++) {
        for (u32 j = 0; j < COUNT_OF(few) && i < 6; j++) {
            sprintf(text, few[j], i, i);
            CHECK(*say(text) != '-');
        }
        for (u32 j = 0; j < COUNT_OF(many) - (i >= 20); j++) {
            sprintf(text, many[j], j == 5 ? 2 * i : i, i);
            CHECK(*say(text) != '-');
        }
    }
    static const char *const rest[] = {"SET str 10",
                                       "SET num 5",
                                       "SET big @3000",
                                       "SET timed 1 EX 1000",
                                       "PFADD ssketch a b c",
                                       "PFADD dsketch %60",
                                       "HEXPIRE stimed 100 FIELDS 2 1 2",
                                       "HEXPIRE mtimed 100 FIELDS 4 1 2 3 4",
                                       "PEXPIRE mlist 500000",
                                       "PEXPIRE shash 9999999",
                                       "PEXPIRE mzset 77777"};
    for (u32 i = 0; i < COUNT_OF(rest); i++) CHECK(*say(rest[i]) != '-');
    /* As dense as they come. */
    spell("SET dsketch @12304");
    u8 *sketch = (u8 *)(size_t)words[2].bytes;
    memset(sketch, 0, 16);
    memcpy(sketch, "HYLL", 4);
    CHECK(replied(send(), "+OK\r\n"));
    CHECK(*say("PFCOUNT dsketch") == ':');
}

/* --- as it was -------------------------------------------------------------------------------- */

/* Of every key, what it holds, whatever the order of what has none. */
struct dump {
    u32 count;
    struct seen {
        u64 key, value;
    } keys[KEYS_MOST];
};

static u64 digest(u64 hash, const void *bytes, size_t len) {
    const u8 *at = bytes;
    hash ^= len;
    for (size_t i = 0; i < len; i++) hash = (hash ^ at[i]) * 0x100000001b3ull;
    return hash * 0x9e3779b97f4a7c15ull;
}

static u64 digest_items(const struct entry *entry) {
    struct collection c = {.entry = *entry, .key = entry->key, .found = true};
    struct walk walk;
    struct item item;
    u64 all = 0;
    c.type = entry->type & TYPE_BASE;
    c.store = &cache->store;
    collection_walk(&c, 0, &walk);
    while (collection_next(&c, &walk, &item)) {
        u64 one = digest(item.order + (u64)item.expires_at_ms, item.name.bytes, item.name.len);
        if (c.type == TYPE_HASH) one = digest(one, item.value.bytes, item.value.len);
        all = c.type == TYPE_LIST ? all * 31 + one : all + one;
    }
    return all;
}

static int compare_seen(const void *a, const void *b) {
    u64 left = ((const struct seen *)a)->key, right = ((const struct seen *)b)->key;
    return left < right ? -1 : left > right;
}

static void take_dump(struct dump *dump) {
    struct store *store = &cache->store;
    dump->count = 0;
    for (u32 bucket = 0; bucket < store->keys.count; bucket++)
        for (u32 i = line_used(&store->heap, index_line(&store->heap, &store->keys, bucket));
             i-- > 0;) {
            struct entry entry;
            store_view(store,
                       slot_ref(line_slot(&store->heap,
                                          index_line(&store->heap, &store->keys, bucket), i)),
                       &entry);
            bool is_string = (entry.type & TYPE_BASE) < TYPE_LIST;
            u32 type = entry.type & ~(u32)(TYPE_TREE | TYPE_EXPIRES); /* what a client can see */
            u64 value = digest((u64)entry.expires_at_ms, &type, sizeof type);
            value += is_string ? digest(7, entry.value, entry.value_len) : digest_items(&entry);
            CHECK(dump->count < KEYS_MOST);
            dump->keys[dump->count++] =
                (struct seen){digest(1, entry.key.bytes, entry.key.len), value};
        }
    qsort(dump->keys, dump->count, sizeof *dump->keys, compare_seen);
}

static bool same_dumps(const struct dump *a, const struct dump *b) {
    return a->count == b->count && memcmp(a->keys, b->keys, a->count * sizeof *a->keys) == 0;
}

/* The first key that is another, by its name, if it is there now. */
static const char *other_key(const struct dump *a, const struct dump *b) {
    static char text[64];
    u32 i = 0;
    while (i < a->count && i < b->count && memcmp(&a->keys[i], &b->keys[i], sizeof *a->keys) == 0)
        i++;
    const struct seen *seen = i < a->count ? &a->keys[i] : &b->keys[i];
    struct store *store = &cache->store;
    for (u32 bucket = 0; bucket < store->keys.count; bucket++)
        for (u32 j = line_used(&store->heap, index_line(&store->heap, &store->keys, bucket));
             j-- > 0;) {
            struct entry entry;
            store_view(store,
                       slot_ref(line_slot(&store->heap,
                                          index_line(&store->heap, &store->keys, bucket), j)),
                       &entry);
            if (digest(1, entry.key.bytes, entry.key.len) == seen->key)
                snprintf(text, sizeof text, "%.*s, type %u, expires %lld", (int)entry.key.len,
                         (const char *)entry.key.bytes, entry.type, (long long)entry.expires_at_ms);
        }
    return text;
}

static bool is_named(u64 key) {
    for (u32 i = 1; i < word_count; i++)
        if (digest(1, words[i].bytes, words[i].len) == key) return true;
    return false;
}

/* What is there now was there before; but for what the command names, if it may have changed that.
 */
static bool is_part(const struct dump *now, const struct dump *before, bool changed) {
    for (u32 i = 0, j = 0; i < now->count; i++) {
        const struct seen *seen = &now->keys[i];
        while (j < before->count && before->keys[j].key < seen->key) j++;
        if (j < before->count && memcmp(&before->keys[j], seen, sizeof *seen) == 0) continue;
        if (!changed || !is_named(seen->key)) return false;
    }
    return true;
}

/* The whole cache is its bytes: a copy of them brings it back. */
static u8 *saved;

static void allow_all(void) {
    heap_allow(&cache->store.heap, STATE_AT / UNIT, (STATE_AT + BUDGET) / UNIT);
}
static void save(void) {
    allow_all();
    memcpy(saved, cache, BUDGET);
}
static void restore(void) {
    struct heap *heap = &cache->store.heap;
    allow_all();
    memcpy(cache, saved, BUDGET);
    for (ref at = heap->first; at < heap->end; at += block_units(block_at(heap, at)))
        if (tag_code(block_at(heap, at)) == CODE_FREE)
            heap_forbid(heap, at + 2, at + free_units(block_at(heap, at)) - 1);
}

/* --- faults ----------------------------------------------------------------------------------- */

struct counts {
    u32 asked, injected, refused; /* of the heap, by the test; by the command */
};
static struct counts counts[COMMAND_COUNT];

static const struct command *command_of(const char *text) {
    char name[32];
    sprintf(name, "%.*s", (int)strcspn(text, " "), text);
    const struct command *command = command_find(&cache->call, string_slice(name));
    if (!command) fprintf(stderr, "no such command: %s\n", name);
    CHECK(command);
    return command;
}

/* The window is there before anything is refused. */
static void open_window(void) {
    size_t bytes = 64;
    for (u32 i = 0; i < word_count; i++) bytes += 16 + words[i].len;
    CHECK(ferrite_request(cache, bytes, (double)now_ms) == FERRITE_OK);
}

static const char *send_refusing(u32 first, u32 last) {
    heap_faults = (struct heap_faults){.first = first, .last = last};
    const char *reply = send();
    heap_faults.first = heap_faults.last = 0;
    return reply;
}

static bool is_refusal(const char *reply) {
    return replied(reply, "-OOM command not allowed when used memory > 'maxmemory'.\r\n");
}

/* What the command left to be done is done, and nothing is left of it. */
static void finish(void) {
    CHECK(replied(ask(cache, "PING", NULL), "+PONG\r\n"));
    for (u32 i = 0; i < 2; i++) CHECK(load64(cache->store.built[i]) == 0);
    CHECK(ferrite_request(cache, 0, (double)now_ms) == FERRITE_OK);
    check_store(cache);
}

/* As it goes when nothing is refused. */
static struct {
    char reply[REPLY_MAX + 1];
    struct dump dump;
} done;

static struct dump before, now;

static void fail(const char *text, u32 nth, u32 mode, const char *what) {
    fprintf(stderr, "%s: refused %u (%u), policy %u: %s (%u keys, %u before, %u done)\n", text, nth,
            mode, cache->store.policy, what, now.count, before.count, done.dump.count);
    fprintf(stderr, "  %.60s; %s\n", done.reply, other_key(&now, &done.dump));
    abort();
}

static void judge(const char *text, const char *reply, u32 nth, u32 mode) {
    bool refused = is_refusal(reply), evicts = cache->store.policy != POLICY_NOEVICTION;
    bool same = replied(reply, done.reply);
    counts[command_of(text) - command_table].refused += refused;
    finish();
    take_dump(&now);
    spell(text);
    if (evicts) {
        if (!is_part(&now, &before, !refused)) fail(text, nth, mode, "a key is another");
    } else if (refused) {
        if (!same_dumps(&now, &before)) fail(text, nth, mode, "refused, and something changed");
    } else {
        if (!same) fail(text, nth, mode, "another reply");
        if (!same_dumps(&now, &done.dump)) fail(text, nth, mode, "another outcome");
    }
}

static void try_case(const char *text) {
    static const u32 for_so_many[] = {1, 40, UINT32_MAX / 2};
    struct counts *count = &counts[command_of(text) - command_table];
    restore();
    take_dump(&before);
    spell(text);
    open_window();
    strcpy(done.reply, send_refusing(0, 0));
    count->asked += heap_faults.asked;
    bool is_error = *done.reply == '-' && !strstr(done.reply, "not tracked"); /* by the policy */
    finish();
    take_dump(&done.dump);
    if (is_error) fail(text, 0, 0, done.reply);
    for (u32 mode = 0; mode < COUNT_OF(for_so_many); mode++)
        for (u32 nth = 1;; nth++) {
            restore();
            spell(text);
            open_window();
            const char *reply = send_refusing(nth, nth + for_so_many[mode] - 1);
            if (!heap_faults.refused) break;
            count->injected += heap_faults.refused;
            judge(text, reply, nth, mode);
        }
}

/* --- a full cache ----------------------------------------------------------------------------- */

static u32 truly_refused, truly_done;

static void fill_up(void) {
    char text[64];
    pages_native_refuse_above = store_committed_bytes(&cache->store);
    for (u32 i = 0, len = 2000; len > 3; i++) {
        sprintf(text, "SET fill:%u @%u", i, len);
        if (*say(text) == '-') len /= 3;
    }
}

/* One filler after the other goes, until there is room for it. */
static void try_full(const char *text) {
    char filler[32];
    for (u32 left = 0; left < FILLERS; left = left * 2 + 1) {
        restore();
        for (u32 i = 0; i < left; i++) {
            sprintf(filler, "fill:%u", 13 + i * 5);
            ask(cache, "DEL", filler, NULL);
        }
        take_dump(&before);
        spell(text);
        const char *reply = send();
        bool refused = !reply || is_refusal(reply);
        if (!reply) reply = "";
        truly_refused += refused;
        finish();
        take_dump(&now);
        if (refused && !same_dumps(&now, &before)) fail(text, left, 9, "refused, and changed");
        truly_done += !refused;
        spell(text);
        if (!refused && !is_part(&now, &before, true)) fail(text, left, 9, "a key is another");
        if (!refused) break;
    }
}

/* --- all of them ------------------------------------------------------------------------------ */

static void start(u32 policy) {
    free(cache);
    pages_native_refuse_above = ~(u64)0;
    cache = new_cache(BUDGET, policy);
    fill_keyspace();
    take_dumped();
    finish();
}

/* Of each command that takes keys there is a case; of each that may be refused, some were, and what
 * was asked of the heap was refused. */
static void check_counts(void) {
    u32 takes_memory = 0, injected = 0, refused = 0, missed = 0;
    for (u32 i = 0; i < COMMAND_COUNT; i++) {
        const struct command *command = &command_table[i];
        const char *name = command_name(&cache->call, command);
        bool tried = false;
        for (u32 j = 0; j < COUNT_OF(cases); j++) tried |= command_of(cases[j]) == command;
        if (tried != (command->keys != KEYS_NONE)) fprintf(stderr, "cases of %s\n", name);
        CHECK(tried == (command->keys != KEYS_NONE));
        if (command->flags & CMD_DENYOOM && !(counts[i].injected && counts[i].refused))
            fprintf(stderr, "%s: %u asked, %u refused\n", name, counts[i].asked, counts[i].refused);
        missed += (command->flags & CMD_DENYOOM) && !(counts[i].injected && counts[i].refused);
        CHECK(!counts[i].asked || counts[i].injected);
        takes_memory += counts[i].injected != 0;
        injected += counts[i].injected;
        refused += counts[i].refused;
    }
    CHECK(missed == 0);
    fprintf(stderr, "%u commands ask the heap; %u times it refused, %u times they did\n",
            takes_memory, injected, refused);
}

int main(int argc, char **argv) {
    static const u32 policies[] = {POLICY_NOEVICTION, POLICY_ALLKEYS_LRU, POLICY_VOLATILE_TTL,
                                   POLICY_ALLKEYS_ADAPTIVE};
    test_seed(argc, argv);
    saved = malloc(BUDGET);
    for (u32 p = 0; p < COUNT_OF(policies); p++) {
        start(policies[p]);
        save();
        for (u32 i = 0; i < COUNT_OF(cases); i++) try_case(cases[i]);
        passed++;
    }
    check_counts();
    passed++;
    start(POLICY_NOEVICTION);
    fill_up();
    finish();
    save();
    for (u32 i = 0; i < COUNT_OF(cases); i++) try_full(cases[i]);
    fprintf(stderr, "in a full cache %u were refused, %u done\n", truly_refused, truly_done);
    CHECK(truly_refused > 50 && truly_done > 200);
    passed++;
    allow_all();
    free(cache);
    free(saved);
    printf("faults: %u passed, 0 failed\n", passed);
}
