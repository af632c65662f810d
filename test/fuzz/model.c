/*
 * The keyspace against a naive model: sequences of commands, under every policy, while pages are
 * refused and given again, maxmemory is lowered and raised, and the clock jumps both ways.
 *
 * The model is arrays that are searched from the front. It knows what each command answers and
 * leaves. An eviction may take keys, as the policy allows, but never change one; a command that is
 * refused for want of memory has changed nothing. After each step the keys it named are compared
 * with the model's, in full, and the checker walks the heap.
 *
 * Two things the model cannot know. What has expired may have been removed or not, which shows when
 * the clock goes back: it asks then. And of the keys that a command names, some may be evicted
 * before the command gets to them: it tries all ways, and one of them has to agree.
 */
#include "answers.h"

enum { STEPS_MOST = 200 };

/* --- what the cache holds --------------------------------------------------------------------- */

/* As the store has it, without a trace but for what has expired. */
static bool look(u32 id, struct collection *c) {
    *c = (struct collection){.store = &cache->store, .key = key_name(id)};
    c->found = store_find(&cache->store, c->key, &c->entry);
    c->type = c->entry.type & TYPE_BASE;
    return c->found;
}

/* Which items there are: marks[code] is where in the model's each is, counted from 1. */
static bool items_match(const struct collection *c, const struct key *key) {
    bool ordered = key->type == TYPE_LIST || key->type == TYPE_ZSET;
    static u32 seen[CODES], turn;
    struct walk walk;
    struct item item;
    u32 i = 0, count = collection_count(c);
    if (count != live_items(key)) return false;
    static u32 where[CODES];
    for (u32 j = 0; j < key->count; j++)
        if (!is_due(key->items[j].expires_at_ms)) where[key->items[j].name] = j + 1;
    turn++;
    for (collection_walk(c, 0, &walk); i < count && collection_next(c, &walk, &item); i++) {
        code name = code_of(item.name.bytes, item.name.len);
        u32 at = ordered ? i + 1 : where[name];
        if (!at || key->items[at - 1].name != name) break;
        const struct member *member = &key->items[at - 1];
        if (!ordered && seen[name] == turn) break;
        seen[name] = turn;
        if (key->type == TYPE_ZSET && score_of_order(item.order) != member->score) break;
        if (key->type == TYPE_HASH && (code_of(item.value.bytes, item.value.len) != member->value ||
                                       item.expires_at_ms != member->expires_at_ms))
            break;
    }
    for (u32 j = 0; j < key->count; j++) where[key->items[j].name] = 0;
    return i == count;
}

static bool key_matches(u32 id) {
    const struct key *key = &keys[id];
    struct collection c;
    bool found = look(id, &c);
    if (!found || !is_live(key)) return !found && !is_live(key);
    if (c.entry.expires_at_ms != key->expires_at_ms) return false;
    if (key->type == TYPE_STRING)
        return c.type < TYPE_LIST && c.entry.value_len == key->len &&
               memcmp(c.entry.value, key->text, key->len) == 0;
    return c.type == key->type && items_match(&c, key);
}

/* --- time ------------------------------------------------------------------------------------- */

static void time_passed(void) {
    for (u32 id = 0; id < KEYS; id++) {
        struct key *key = &keys[id];
        key->lapsed |= is_due(key->expires_at_ms);
        for (u32 i = 0; i < key->count; i++)
            key->items[i].lapsed |= is_due(key->items[i].expires_at_ms);
    }
}

static bool has_item(const struct collection *c, code name) {
    char text[CODE_TEXT_MOST];
    struct spot spot;
    struct slice slice = {(const u8 *)text, code_text(text, name)};
    return c->found && c->type == TYPE_HASH && collection_find(c, slice, FIRST_ONE, &spot);
}

/* The clock has gone back: what is there of what had expired already? */
static void time_went_back(void) {
    ferrite_tick(cache, (double)now_ms);
    for (u32 id = 0; id < KEYS; id++) {
        struct key *key = &keys[id];
        struct collection c;
        if (key->type == NONE) continue;
        bool asks = key->lapsed && !is_due(key->expires_at_ms);
        for (u32 i = 0; i < key->count; i++)
            asks |= key->items[i].lapsed && !is_due(key->items[i].expires_at_ms);
        if (!asks || is_due(key->expires_at_ms)) continue;
        look(id, &c);
        if (!c.found && key->lapsed) clear(key);
        for (u32 i = 0; i < key->count; i++)
            if (key->items[i].lapsed && !is_due(key->items[i].expires_at_ms)) {
                if (has_item(&c, key->items[i].name))
                    key->items[i].lapsed = false;
                else
                    remove_at(key, i--);
            }
        key->lapsed = false;
        if (key->type != TYPE_STRING && key->count == 0) clear(key);
    }
}

/* --- steps ------------------------------------------------------------------------------------ */

static const char *const copy_options[] = {"", "REPLACE"};
static const char *const insert_options[] = {"BEFORE", "AFTER"};

#define OPTIONS(words) words, COUNT_OF(words)
static const struct form {
    const char *name, *args; /* see take_arg */
    u32 type;                /* of its keys; NONE: any */
    void (*answer)(void);
    const char *const *options;
    u32 option_count;
} forms[] = {
    {"SET", "kbo", NONE, cmd_set, OPTIONS(set_options)},
    {"GET", "k", TYPE_STRING, cmd_get, NULL, 0},
    {"GETDEL", "k", TYPE_STRING, cmd_getdel, NULL, 0},
    {"APPEND", "kb", TYPE_STRING, cmd_append, NULL, 0},
    {"SETRANGE", "kib", TYPE_STRING, cmd_setrange, NULL, 0},
    {"GETRANGE", "kii", TYPE_STRING, cmd_getrange, NULL, 0},
    {"STRLEN", "k", TYPE_STRING, cmd_strlen, NULL, 0},
    {"INCRBY", "ki", TYPE_STRING, cmd_incrby, NULL, 0},
    {"MSET", "kmkmkm", NONE, cmd_mset, NULL, 0},
    {"DEL", "kk", NONE, cmd_del, NULL, 0},
    {"EXISTS", "kkk", NONE, cmd_exists, NULL, 0},
    {"TYPE", "k", NONE, cmd_type, NULL, 0},
    {"PEXPIRE", "kpo", NONE, cmd_pexpire, OPTIONS(conditions)},
    {"PERSIST", "k", NONE, cmd_persist, NULL, 0},
    {"PTTL", "k", NONE, cmd_pttl, NULL, 0},
    {"RENAME", "kk", NONE, cmd_rename, NULL, 0},
    {"RENAMENX", "kk", NONE, cmd_rename, NULL, 0},
    {"COPY", "kko", NONE, cmd_copy, OPTIONS(copy_options)},
    {"LPUSH", "kM", TYPE_LIST, cmd_push, NULL, 0},
    {"RPUSH", "kM", TYPE_LIST, cmd_push, NULL, 0},
    {"LPOP", "kc", TYPE_LIST, cmd_pop, NULL, 0},
    {"RPOP", "kc", TYPE_LIST, cmd_pop, NULL, 0},
    {"LLEN", "k", TYPE_LIST, cmd_llen, NULL, 0},
    {"LRANGE", "kii", TYPE_LIST, cmd_lrange, NULL, 0},
    {"LINDEX", "ki", TYPE_LIST, cmd_lindex, NULL, 0},
    {"LSET", "kim", TYPE_LIST, cmd_lset, NULL, 0},
    {"LREM", "kim", TYPE_LIST, cmd_lrem, NULL, 0},
    {"LTRIM", "kii", TYPE_LIST, cmd_ltrim, NULL, 0},
    {"LINSERT", "komm", TYPE_LIST, cmd_linsert, OPTIONS(insert_options)},
    {"LMOVE", "kko", TYPE_LIST, cmd_lmove, OPTIONS(sides)},
    {"HSET", "kV", TYPE_HASH, cmd_hset, NULL, 0},
    {"HGET", "km", TYPE_HASH, cmd_hget, NULL, 0},
    {"HDEL", "kM", TYPE_HASH, cmd_hdel, NULL, 0},
    {"HLEN", "k", TYPE_HASH, cmd_hlen, NULL, 0},
    {"HGETALL", "k", TYPE_HASH, cmd_hgetall, NULL, 0},
    {"HPEXPIRE", "kpof", TYPE_HASH, cmd_hpexpire, OPTIONS(conditions)},
    {"HPTTL", "kf", TYPE_HASH, cmd_hpttl, NULL, 0},
    {"HPERSIST", "kf", TYPE_HASH, cmd_hpttl, NULL, 0},
    {"SADD", "kM", TYPE_SET, cmd_sadd, NULL, 0},
    {"SREM", "kM", TYPE_SET, cmd_srem, NULL, 0},
    {"SISMEMBER", "km", TYPE_SET, cmd_sismember, NULL, 0},
    {"SCARD", "k", TYPE_SET, cmd_scard, NULL, 0},
    {"SMEMBERS", "k", TYPE_SET, cmd_smembers, NULL, 0},
    {"SPOP", "k", TYPE_SET, cmd_spop, NULL, 0},
    {"SMOVE", "kkm", TYPE_SET, cmd_smove, NULL, 0},
    {"SUNIONSTORE", "kkk", TYPE_SET, cmd_sstore, NULL, 0},
    {"SINTERSTORE", "kkk", TYPE_SET, cmd_sstore, NULL, 0},
    {"SDIFFSTORE", "kkk", TYPE_SET, cmd_sstore, NULL, 0},
    {"ZADD", "kZ", TYPE_ZSET, cmd_zadd, NULL, 0},
    {"ZINCRBY", "ksm", TYPE_ZSET, cmd_zincrby, NULL, 0},
    {"ZREM", "kM", TYPE_ZSET, cmd_zrem, NULL, 0},
    {"ZSCORE", "km", TYPE_ZSET, cmd_zscore, NULL, 0},
    {"ZRANK", "km", TYPE_ZSET, cmd_zrank, NULL, 0},
    {"ZREVRANK", "km", TYPE_ZSET, cmd_zrank, NULL, 0},
    {"ZCARD", "k", TYPE_ZSET, cmd_zcard, NULL, 0},
    {"ZRANGE", "kii", TYPE_ZSET, cmd_zrange, NULL, 0},
    {"ZREMRANGEBYRANK", "kii", TYPE_ZSET, cmd_zrange, NULL, 0},
    {"ZCOUNT", "kss", TYPE_ZSET, cmd_zbyscore, NULL, 0},
    {"ZRANGEBYSCORE", "kss", TYPE_ZSET, cmd_zbyscore, NULL, 0},
    {"ZREMRANGEBYSCORE", "kss", TYPE_ZSET, cmd_zbyscore, NULL, 0},
    {"ZPOPMIN", "kc", TYPE_ZSET, cmd_zpop, NULL, 0},
    {"ZPOPMAX", "kc", TYPE_ZSET, cmd_zpop, NULL, 0},
    {"ZUNIONSTORE", "k2kk", TYPE_ZSET, cmd_zstore, NULL, 0},
    {"ZINTERSTORE", "k2kk", TYPE_ZSET, cmd_zstore, NULL, 0},
    {"ZDIFFSTORE", "k2kk", TYPE_ZSET, cmd_zstore, NULL, 0},
    {"ZRANGESTORE", "kkii", TYPE_ZSET, cmd_zrangestore, NULL, 0},
    {"FLUSHALL", "", NONE, cmd_flushall, NULL, 0},
};

static void take_command(struct input *input, const struct form *form) {
    memset(&op, 0, sizeof op);
    pool_used = 0;
    add_text(form->name);
    for (const char *kind = form->args; *kind; kind++) {
        if (*kind != 'o') {
            take_arg(input, *kind, form->type);
            continue;
        }
        char words[32];
        op.option = take8(input) % form->option_count;
        strcpy(words, form->options[op.option]);
        for (char *word = strtok(words, " "); word; word = strtok(NULL, " ")) add_text(word);
    }
}

/* What would grow beyond the model's bounds is not tried. */
static bool is_too_much(void) {
    for (u32 i = 0; i < op.key_count; i++) {
        const struct key *key = &keys[op.key[i]];
        if (key->count + op.item_count > ITEMS_MOST / 2) return true;
        if (key->len + op.bytes.len + (u32)llabs(op.number[0]) > TEXT_MOST) return true;
    }
    return false;
}

/* Were keys evicted since the last step? */
static u64 evicted_before;
static bool some_evicted(void) {
    return cache->store.stats.gone[CHANGE_EVICTED] != evicted_before;
}

static bool may_be_evicted(const struct key *key) {
    u32 policy = cache->store.policy;
    return policy != POLICY_NOEVICTION && (!policy_is_volatile(policy) || key->expires_at_ms);
}

/* What an MSET has put may be evicted for what it puts next, what COPY has copied for the rest, and
 * what SUNIONSTORE and its like have read for what they put. */
static bool went_at_once(const struct form *form, u32 id) {
    struct collection c;
    void (*answer)(void) = form->answer;
    bool stores = answer == cmd_sstore || answer == cmd_zstore || answer == cmd_zrangestore;
    bool may_go = answer == cmd_mset || (answer == cmd_copy && id == op.key[0]) ||
                  (stores && id != op.key[0]);
    bool went = may_go && some_evicted() && may_be_evicted(&keys[id]) && !look(id, &c);
    if (went) clear(&keys[id]);
    return went;
}

static bool answers(const struct form *form) {
    expected_len = 0;
    form->answer();
    if (expected_len != reply_bytes) return false;
    if (reply_bytes <= REPLY_MAX && memcmp(expected, reply_text, reply_bytes) != 0) return false;
    for (u32 i = 0; i < op.key_count; i++)
        if (!key_matches(op.key[i]) && !went_at_once(form, op.key[i])) return false;
    return true;
}

/* Of the keys that are named, those in the set of bits are evicted, then the command is run. */
static bool answers_without(const struct form *form, u32 evicted, const struct key *saved) {
    for (u32 i = 0; i < op.key_count; i++) copy_key(&keys[op.key[i]], &saved[i]);
    for (u32 i = 0; i < op.key_count; i++) {
        if (!(evicted >> i & 1)) continue;
        if (!may_be_evicted(&keys[op.key[i]])) return false;
        clear(&keys[op.key[i]]);
    }
    return answers(form);
}

static void refuse(void) {
    out("-OOM command not allowed when used memory > 'maxmemory'.\r\n");
}
static const struct form refused = {.answer = refuse};

static void explain(const struct form *form) {
    fprintf(stderr, "%s:", form->name);
    for (u32 i = 1; i < op.argc; i++)
        fprintf(stderr, " %.*s", (int)min_u32(op.args[i].len, 40), (const char *)op.args[i].bytes);
    expected_len = 0;
    fprintf(stderr, "\n  answered %.200s\n", reply_text);
    for (u32 i = 0; i < op.key_count; i++) {
        const struct key *key = &keys[op.key[i]];
        struct collection c;
        bool found = look(op.key[i], &c);
        fprintf(stderr, "  key %u: there %d, expected %d; type %u, expected %u", op.key[i], found,
                is_live(key), c.type, key->type);
        fprintf(stderr, "; expires %lld, expected %lld; lapsed %d; evicted %d\n",
                (long long)c.entry.expires_at_ms, (long long)key->expires_at_ms, key->lapsed,
                some_evicted());
    }
}

/* What ferrite_changes told since the last step. */
static struct {
    bool lost;
    u32 len;
    u8 records[1 << 15];
} told;

static void take_changes(void) {
    const struct ferrite_io *io = ferrite_io(cache);
    told.lost = ferrite_changes(cache, 1) == FERRITE_LOST;
    told.len = (u32)io->data_bytes;
    CHECK(told.len <= sizeof told.records);
    if (told.len) memcpy(told.records, io->data, told.len);
}

static bool was_told(u32 id, u32 change) {
    struct slice name = key_name(id);
    for (u32 at = 0; at < told.len;) {
        u32 head = load32(told.records + at), len = head / 256;
        struct slice key = {told.records + at + 4, len};
        if (slice_equal(key, name) && head % 256 == change) return true;
        at += 4 + len;
    }
    return told.lost;
}

static bool same_keys(const struct key *a, const struct key *b) {
    if (is_live(a) != is_live(b)) return false;
    if (!is_live(a)) return true;
    if (a->type != b->type || a->expires_at_ms != b->expires_at_ms || a->count != b->count ||
        a->len != b->len || memcmp(a->text, b->text, a->len) != 0)
        return false;
    for (u32 i = 0; i < a->count; i++) {
        const struct member *x = &a->items[i], *y = &b->items[i];
        if (x->name != y->name || x->value != y->value || x->score != y->score ||
            x->expires_at_ms != y->expires_at_ms)
            return false;
    }
    return true;
}

/* Evicted keys that the command does not name are gone; the rest is there. */
static void forget_evicted(void) {
    bool some_were = some_evicted();
    evicted_before = cache->store.stats.gone[CHANGE_EVICTED];
    for (u32 id = 0; id < KEYS; id++) {
        struct collection c;
        bool named = false;
        for (u32 i = 0; i < op.key_count; i++) named |= op.key[i] == id;
        if (named || !is_live(&keys[id]) || look(id, &c)) continue;
        CHECK(some_were && may_be_evicted(&keys[id]) && was_told(id, FERRITE_EVICTED));
        clear(&keys[id]);
    }
}

static void run_command(struct input *input, const struct form *form) {
    static struct key saved[3];
    take_command(input, form);
    if (is_too_much()) return;
    for (u32 i = 0; i < op.key_count; i++) copy_key(&saved[i], &keys[op.key[i]]);
    if (!ask_slices(cache, op.argc, op.args)) { /* no window for it */
        op.key_count = 0;
        take_changes();
        forget_evicted();
        return;
    }
    bool right = false, is_refused = strncmp(reply_text, "-OOM", 4) == 0;
    u32 ways = some_evicted() ? 1u << op.key_count : 1;
    for (u32 way = 0; way < ways && !right; way++)
        right = answers_without(is_refused ? &refused : form, way, saved);
    if (!right) explain(form);
    CHECK(right);
    take_changes();
    for (u32 i = 0; i < op.key_count; i++)
        CHECK(same_keys(&saved[i], &keys[op.key[i]]) || was_told(op.key[i], FERRITE_CHANGED) ||
              was_told(op.key[i], FERRITE_EVICTED));
    op.key_count = 0; /* those may have been evicted since */
    forget_evicted();
}

/* Keys that the model does not know fill the cache, or make some room again. */
static void fill(u32 count, u32 len) {
    static char value[2048];
    char name[24];
    memset(value, 'f', len);
    value[len] = 0;
    for (u32 i = 0; i < count; i++) {
        sprintf(name, "fill:%u:%u", len, i);
        const char *reply = ask(cache, "SET", name, value, NULL);
        if (!reply || *reply == '-') break;
    }
}
static void thin(u32 count, u32 len) {
    char name[24];
    for (u32 i = 0; i < count; i++) {
        sprintf(name, "fill:%u:%u", len, i * 3);
        ask(cache, "DEL", name, NULL);
    }
}

static void change_surroundings(struct input *input) {
    static const u32 lens[] = {8, 60, 300, 700, 1000, 1500, 2000, 2040};
    char number[24];
    u32 what = take8(input), much = take8(input);
    u64 budget = cache->io.budget_bytes;
    switch (what % 9) {
    case 0: pages_native_refuse_above = budget / 256 * much; break;
    case 1: pages_native_refuse_above = ~(u64)0; break;
    case 2: {
        sprintf(number, "%llu", (unsigned long long)(budget / 256 * (much + 1)));
        ask(cache, "CONFIG", "SET", "maxmemory", number, NULL);
        break;
    }
    case 3: ferrite_tick(cache, (double)now_ms); break;
    case 4: ferrite_request(cache, (size_t)much << (what / 8), (double)now_ms); break;
    case 5: fill(what / 8 % 8 < 3 ? much / 4 : much, lens[what / 8 % 8]); break;
    case 6: thin(much / 4, lens[what / 8 % 8]); break;
    case 7: now_ms += much * (1 << what / 16); break;
    default:
        now_ms -= much * (1 << what / 16);
        time_went_back();
        break;
    }
    time_passed();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct input input = {bytes, bytes + len};
    u32 what = take8(&input);
    cache = fuzz_cache(what / POLICY_COUNT % COUNT_OF(fuzz_budgets), what % POLICY_COUNT, false);
    now_ms = 1790000000000;
    evicted_before = 0;
    take_changes(); /* from now on they are noted */
    for (u32 i = 0; i < KEYS; i++) clear(&keys[i]);
    for (u32 step = 0; step < STEPS_MOST && input_left(&input); step++) {
        u32 which = take8(&input);
        op.key_count = 0;
        if (which < 3 * COUNT_OF(forms)) {
            run_command(&input, &forms[which % COUNT_OF(forms)]);
        } else {
            change_surroundings(&input);
            take_changes();
            forget_evicted();
        }
        ferrite_request(cache, 0, (double)now_ms);
        check_store(cache);
        CHECK(cache->store.policy != POLICY_NOEVICTION ||
              cache->store.stats.gone[CHANGE_EVICTED] == 0);
        CHECK(store_committed_bytes(&cache->store) <= cache->io.budget_bytes);
    }
    op.key_count = 0;
    take_changes();
    forget_evicted();
    for (u32 id = 0; id < KEYS; id++) CHECK(key_matches(id));
    return 0;
}
