/*
 * What each command answers, and leaves, in the model: Redis's rules, written down a second time
 * and in the plainest way. A command's arguments are in `op`; each function writes what is
 * expected.
 */
#ifndef FERRITE_FUZZ_ANSWERS_H
#define FERRITE_FUZZ_ANSWERS_H

#include "model.h"

enum { MANY = 48 };

/* --- a command at work ------------------------------------------------------------------------ */

static struct {
    struct slice args[3 * MANY + 16];
    u32 argc;
    u32 key[3], key_count;
    i64 number[4];
    u32 number_count;
    code items[MANY], values[MANY];
    double scores[MANY];
    u32 item_count;
    struct slice bytes;
    u32 option;
} op;

static char pool[1 << 17];
static u32 pool_used;

static void add_arg(const void *bytes, u32 len) {
    CHECK(pool_used + len <= sizeof pool && op.argc < COUNT_OF(op.args));
    if (len) memcpy(pool + pool_used, bytes, len);
    op.args[op.argc++] = (struct slice){(u8 *)pool + pool_used, len};
    pool_used += len;
}
static void add_text(const char *text) {
    add_arg(text, (u32)strlen(text));
}
static void add_number(i64 number) {
    char text[24];
    add_arg(text, (u32)sprintf(text, "%lld", (long long)number));
}
static void add_code(code c) {
    char text[CODE_TEXT_MOST];
    add_arg(text, code_text(text, c));
}

static code take_code(struct input *input) {
    u32 what = take8(input);
    u32 tail = what < 200 ? what % 4 : what % 8, range = what & 16 ? 12 : NUMBERS;
    return (code)(tail * NUMBERS + take_below(input, range));
}

static double take_score(struct input *input) {
    return (take8(input) % 65 - 32) / 4.0;
}

static void take_items(struct input *input, char kind) {
    u32 what = take8(input), count = what < 160 ? 1 + what % 4 : 1 + what % MANY;
    /* Many are made of few bytes: each of the number that follows. */
    bool derived = count > 8;
    u32 seed = derived ? take16(input) : 0;
    if (kind == 'f') add_text("FIELDS"), add_number(count);
    for (u32 i = 0; i < count; i++) {
        code c =
            derived ? (code)((seed % 4 * NUMBERS) + (seed + i * 7) % NUMBERS) : take_code(input);
        op.items[op.item_count] = c;
        op.scores[op.item_count] = derived ? (double)(seed * (i + 1) % 61) : 0;
        if (kind == 'Z') {
            char text[32];
            if (!derived) op.scores[op.item_count] = take_score(input);
            add_arg(text, (u32)sprintf(text, "%.17g", op.scores[op.item_count]));
        }
        add_code(c);
        if (kind == 'V') {
            op.values[op.item_count] = derived ? (code)((seed + i) % NUMBERS) : take_code(input);
            add_code(op.values[op.item_count]);
        }
        op.item_count++;
    }
}

/* Most often one that the command can do something with. */
static u32 take_key(struct input *input, u32 type) {
    u32 what = take8(input), id = what % KEYS;
    if (type == NONE || what >= 224) return id;
    for (u32 i = 0; i < KEYS && is_live(&keys[id]) && keys[id].type != type; i++)
        id = (id + 1) % KEYS;
    return id;
}

/* One letter of a command's signature:
 * k a key, i an index, c a count, p milliseconds, s a score, b bytes, m an item, M items, V fields
 * and values, Z scores and members, f FIELDS, count, fields; o an option, of the words in front */
static void take_arg(struct input *input, char kind, u32 type) {
    char text[32];
    i64 number = 0;
    switch (kind) {
    case 'k':
        op.key[op.key_count] = take_key(input, type);
        struct slice name = key_name(op.key[op.key_count++]);
        add_arg(name.bytes, name.len);
        return;
    case 'i': number = (i8)take8(input) * (take8(input) % 8 ? 1 : 9); break;
    case 'c': number = take8(input) % 16; break;
    case 'p': number = take8(input) * (i64)(take8(input) % 128) - 9; break;
    case 's':
        op.scores[op.item_count] = take_score(input);
        add_arg(text, (u32)sprintf(text, "%.17g", op.scores[op.item_count++]));
        return;
    case 'b': {
        u32 len = take8(input), fill = len < 220 ? 0 : (len - 219) * 300;
        static u8 filled[TEXT_MOST];
        memset(filled, (int)len, fill);
        op.bytes = fill ? (struct slice){filled, fill} : take_slice(input, len % 64);
        if (len % 5 == 0) op.bytes.len = (u32)sprintf((char *)filled, "%d", (i8)take8(input));
        if (len % 5 == 0) op.bytes.bytes = filled;
        add_arg(op.bytes.bytes, op.bytes.len);
        return;
    }
    case 'm':
        op.items[op.item_count] = take_code(input);
        add_code(op.items[op.item_count++]);
        return;
    case '2': add_text("2"); return;
    default: take_items(input, kind); return;
    }
    op.number[op.number_count++] = number;
    add_number(number);
}

/* --- what is to be answered ------------------------------------------------------------------- */

static char expected[REPLY_MAX + 4096];
static u32 expected_len;

static void out_bytes(const void *bytes, u32 len) {
    if (len && expected_len + len <= sizeof expected) memcpy(expected + expected_len, bytes, len);
    expected_len += len;
}
static void out(const char *text) {
    out_bytes(text, (u32)strlen(text));
}
static void out_integer(i64 number) {
    char line[32];
    out_bytes(line, (u32)sprintf(line, ":%lld\r\n", (long long)number));
}
static void out_array(u32 count) {
    char line[32];
    out_bytes(line, (u32)sprintf(line, "*%u\r\n", count));
}
static void out_bulk(const void *bytes, u32 len) {
    char line[32];
    out_bytes(line, (u32)sprintf(line, "$%u\r\n", len));
    out_bytes(bytes, len);
    out("\r\n");
}
static void out_code(code c) {
    char text[CODE_TEXT_MOST];
    out_bulk(text, code_text(text, c));
}
static void out_score(double score) {
    char text[32];
    out_bulk(text, (u32)sprintf(text, "%.17g", score));
}
#define NIL "$-1\r\n"
#define OK "+OK\r\n"
#define WRONG "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"

/* The nth key of the command, if it is of that type or not there; NULL: that was answered. What has
 * expired is not there. */
static struct key *at(u32 nth, u32 type) {
    struct key *key = &keys[op.key[nth]];
    static struct key nothing[3];
    if (is_live(key)) {
        if (key->type == type) return key;
        out(WRONG);
        return NULL;
    }
    clear(&nothing[nth]);
    nothing[nth].type = type;
    return &nothing[nth];
}

/* The same to be written to: it is there from now on. */
static struct key *open(u32 nth, u32 type) {
    struct key *key = &keys[op.key[nth]];
    if (is_live(key)) {
        if (key->type == type) return key;
        out(WRONG);
        return NULL;
    }
    clear(key);
    key->type = type;
    return key;
}

/* A collection without items is no key. */
static void close(struct key *key) {
    if (key->type != TYPE_STRING && key->type != NONE && live_items(key) == 0) clear(key);
}

/* --- strings ---------------------------------------------------------------------------------- */

static void set_text(struct key *key, const void *bytes, u32 len) {
    key->type = TYPE_STRING;
    key->count = 0;
    key->len = len;
    if (len) memcpy(key->text, bytes, len);
}

static const char *const set_options[] = {"", "PX 5000", "NX", "XX", "KEEPTTL", "GET", "XX GET"};

static void cmd_set(void) {
    struct key *key = &keys[op.key[0]];
    bool live = is_live(key), gets = op.option >= 5;
    i64 expiry = op.option == 1 ? now_ms + 5000 : op.option == 4 && live ? key->expires_at_ms : 0;
    if (gets && live && key->type != TYPE_STRING) {
        out(WRONG);
        return;
    }
    if (gets && live) out_bulk(key->text, key->len);
    bool refused = (op.option == 2 && live) || ((op.option == 3 || op.option == 6) && !live);
    if (!gets || !live) out(refused || gets ? NIL : OK);
    if (refused) return;
    clear(key);
    set_text(key, op.bytes.bytes, op.bytes.len);
    key->expires_at_ms = expiry;
}

static void cmd_get(void) {
    struct key *key = at(0, TYPE_STRING);
    if (!key) return;
    if (is_live(&keys[op.key[0]]))
        out_bulk(key->text, key->len);
    else
        out(NIL);
}

static void cmd_getdel(void) {
    cmd_get();
    if (is_live(&keys[op.key[0]]) && keys[op.key[0]].type == TYPE_STRING) clear(&keys[op.key[0]]);
}

static void cmd_append(void) {
    struct key *key = open(0, TYPE_STRING);
    if (!key) return;
    memcpy(key->text + key->len, op.bytes.bytes, op.bytes.len);
    out_integer(key->len += op.bytes.len);
}

static void cmd_setrange(void) {
    bool live = is_live(&keys[op.key[0]]);
    struct key *key = at(0, TYPE_STRING);
    if (op.number[0] < 0) {
        expected_len = 0;
        out("-ERR offset is out of range\r\n");
        return;
    }
    if (!key) return;
    u32 from = (u32)op.number[0], end = from + op.bytes.len;
    if (op.bytes.len) {
        if (!live) key = open(0, TYPE_STRING);
        if (end > key->len) memset(key->text + key->len, 0, end - key->len);
        key->len = max_u32(key->len, end);
        memcpy(key->text + from, op.bytes.bytes, op.bytes.len);
    }
    out_integer(key->len);
}

/* A range of indexes, those below 0 from the end, of so many; *from > *to if there is nothing. */
static void resolve(i64 first, i64 last, u32 len, i64 *from, i64 *to) {
    *from = first < 0 ? first + len : first;
    *to = last < 0 ? last + len : last;
    if (*from < 0) *from = 0;
    if (*to >= len) *to = (i64)len - 1;
}

static void cmd_getrange(void) {
    struct key *key = at(0, TYPE_STRING);
    i64 first = op.number[0], last = op.number[1], from, to;
    if (!key) return;
    resolve(first, last, key->len, &from, &to);
    if (to < 0) to = 0;
    bool none = from > to || key->len == 0 || (first < 0 && last < 0 && first > last);
    out_bulk(key->text + from, none ? 0 : (u32)(to - from + 1));
}

static void cmd_strlen(void) {
    struct key *key = at(0, TYPE_STRING);
    if (key) out_integer(key->len);
}

static void cmd_incrby(void) {
    struct key *key = at(0, TYPE_STRING);
    char text[32];
    if (!key) return;
    long long value = 0;
    memcpy(text, key->text, min_u32(key->len, 31));
    text[min_u32(key->len, 31)] = 0;
    bool live = is_live(&keys[op.key[0]]);
    if (live) {
        char again[32];
        value = strtoll(text, NULL, 10);
        sprintf(again, "%lld", value);
        if (key->len > 20 || strlen(again) != key->len || strcmp(text, again) != 0) {
            out("-ERR value is not an integer or out of range\r\n");
            return;
        }
    }
    long long sum;
    if (__builtin_add_overflow(value, op.number[0], &sum)) {
        out("-ERR increment or decrement would overflow\r\n");
        return;
    }
    key = open(0, TYPE_STRING);
    set_text(key, text, (u32)sprintf(text, "%lld", sum));
    out_integer(sum);
}

static void cmd_mset(void) {
    for (u32 i = 0; i < op.key_count; i++) {
        struct key *key = &keys[op.key[i]];
        char text[CODE_TEXT_MOST];
        clear(key);
        set_text(key, text, code_text(text, op.items[i]));
    }
    out(OK);
}

/* --- keys ------------------------------------------------------------------------------------- */

static void cmd_del(void) {
    u32 count = 0;
    for (u32 i = 0; i < op.key_count; i++) {
        count += is_live(&keys[op.key[i]]);
        clear(&keys[op.key[i]]);
    }
    out_integer(count);
}

static void cmd_exists(void) {
    u32 count = 0;
    for (u32 i = 0; i < op.key_count; i++) count += is_live(&keys[op.key[i]]);
    out_integer(count);
}

static void cmd_type(void) {
    static const char *const names[] = {[TYPE_STRING] = "string",
                                        [TYPE_LIST] = "list",
                                        [TYPE_SET] = "set",
                                        [TYPE_ZSET] = "zset",
                                        [TYPE_HASH] = "hash"};
    out("+");
    out(is_live(&keys[op.key[0]]) ? names[keys[op.key[0]].type] : "none");
    out("\r\n");
}

static const char *const conditions[] = {"", "NX", "XX", "GT", "LT"};

/* Does what has this expiry, 0 being later than any, take the new one? */
static bool takes(u32 condition, i64 old, i64 new) {
    switch (condition) {
    case 1: return !old;
    case 2: return old;
    case 3: return old && new > old;
    case 4: return !old || new < old;
    default: return true;
    }
}

static void cmd_pexpire(void) {
    struct key *key = &keys[op.key[0]];
    i64 when = now_ms + op.number[0];
    bool done = is_live(key) && takes(op.option, key->expires_at_ms, when);
    out_integer(done);
    if (!done) return;
    key->expires_at_ms = when;
    key->lapsed = false;
    if (when <= now_ms) clear(key);
}

static void cmd_persist(void) {
    struct key *key = &keys[op.key[0]];
    out_integer(is_live(key) && key->expires_at_ms);
    if (!is_live(key)) return;
    key->expires_at_ms = 0;
    key->lapsed = false;
}

static void cmd_pttl(void) {
    const struct key *key = &keys[op.key[0]];
    out_integer(!is_live(key) ? -2 : key->expires_at_ms ? key->expires_at_ms - now_ms : -1);
}

static void cmd_rename(void) {
    struct key *from = &keys[op.key[0]], *to = &keys[op.key[1]];
    bool only_new = op.args[0].len == 8;
    if (!is_live(from)) {
        out("-ERR no such key\r\n");
        return;
    }
    bool done = !only_new || (!is_live(to) && from != to);
    if (only_new)
        out_integer(done);
    else
        out(OK);
    if (!done || from == to) return;
    copy_key(to, from);
    clear(from);
}

static void cmd_copy(void) {
    struct key *from = &keys[op.key[0]], *to = &keys[op.key[1]];
    if (from == to) {
        out("-ERR source and destination objects are the same\r\n");
        return;
    }
    bool done = is_live(from) && (op.option || !is_live(to));
    if (done) copy_key(to, from);
    out_integer(done);
}

/* --- lists ------------------------------------------------------------------------------------ */

static bool is_named(const char *name) {
    return slice_equal(op.args[0], string_slice(name));
}

static void cmd_push(void) {
    struct key *key = open(0, TYPE_LIST);
    if (!key) return;
    for (u32 i = 0; i < op.item_count; i++)
        insert_at(key, is_named("LPUSH") ? 0 : key->count, (struct member){.name = op.items[i]});
    out_integer(key->count);
}

static void cmd_pop(void) {
    struct key *key = at(0, TYPE_LIST);
    bool tail = is_named("RPOP");
    if (!key) return;
    if (!key->count) {
        out("*-1\r\n");
        return;
    }
    u32 count = min_u32((u32)op.number[0], key->count);
    out_array(count);
    for (u32 i = 0; i < count; i++) {
        u32 which = tail ? key->count - 1 : 0;
        out_code(key->items[which].name);
        remove_at(key, which);
    }
    close(key);
}

static void cmd_llen(void) {
    struct key *key = at(0, TYPE_LIST);
    if (key) out_integer(key->count);
}

static void cmd_lrange(void) {
    struct key *key = at(0, TYPE_LIST);
    i64 from, to;
    if (!key) return;
    resolve(op.number[0], op.number[1], key->count, &from, &to);
    out_array(from > to ? 0 : (u32)(to - from + 1));
    for (; from <= to; from++) out_code(key->items[from].name);
}

static void cmd_lindex(void) {
    struct key *key = at(0, TYPE_LIST);
    if (!key) return;
    i64 i = op.number[0] < 0 ? op.number[0] + key->count : op.number[0];
    if (i < 0 || i >= key->count)
        out(NIL);
    else
        out_code(key->items[i].name);
}

static void cmd_lset(void) {
    struct key *key = at(0, TYPE_LIST);
    if (!key) return;
    i64 i = op.number[0] < 0 ? op.number[0] + key->count : op.number[0];
    if (!key->count) {
        out("-ERR no such key\r\n");
    } else if (i < 0 || i >= key->count) {
        out("-ERR index out of range\r\n");
    } else {
        key->items[i].name = op.items[0];
        out(OK);
    }
}

static void cmd_lrem(void) {
    struct key *key = at(0, TYPE_LIST);
    i64 wanted = op.number[0];
    u32 removed = 0, most = wanted ? (u32)llabs(wanted) : ITEMS_MOST;
    if (!key) return;
    for (u32 i = 0; wanted >= 0 && i < key->count && removed < most; i++)
        if (key->items[i].name == op.items[0]) remove_at(key, i--), removed++;
    for (u32 i = key->count; wanted < 0 && i-- > 0 && removed < most;)
        if (key->items[i].name == op.items[0]) remove_at(key, i), removed++;
    out_integer(removed);
    close(key);
}

static void cmd_ltrim(void) {
    struct key *key = at(0, TYPE_LIST);
    i64 from, to;
    if (!key) return;
    resolve(op.number[0], op.number[1], key->count, &from, &to);
    out(OK);
    for (u32 i = key->count; i-- > 0;)
        if (i < from || i > to) remove_at(key, i);
    close(key);
}

static void cmd_linsert(void) {
    struct key *key = at(0, TYPE_LIST);
    if (!key) return;
    i32 i = find(key, op.items[0]);
    if (i >= 0) insert_at(key, (u32)i + op.option, (struct member){.name = op.items[1]});
    out_integer(i >= 0 ? (i64)key->count : key->count ? -1 : 0);
}

static const char *const sides[] = {"LEFT LEFT", "LEFT RIGHT", "RIGHT LEFT", "RIGHT RIGHT"};

static void cmd_lmove(void) {
    struct key *from = at(0, TYPE_LIST);
    if (!from) return;
    if (!from->count) {
        out(NIL);
        return;
    }
    struct key *to = at(1, TYPE_LIST);
    if (!to) return;
    u32 which = op.option / 2 ? from->count - 1 : 0;
    struct member item = from->items[which];
    to = open(1, TYPE_LIST);
    remove_at(from, which);
    insert_at(to, op.option % 2 ? to->count : 0, item);
    out_code(item.name);
    close(from);
}

/* --- hashes ----------------------------------------------------------------------------------- */

static void cmd_hset(void) {
    struct key *key = open(0, TYPE_HASH);
    u32 created = 0;
    if (!key) return;
    for (u32 i = 0; i < op.item_count; i++) {
        created += find(key, op.items[i]) < 0;
        put(key, (struct member){.name = op.items[i], .value = op.values[i]});
    }
    out_integer(created);
}

static void cmd_hget(void) {
    struct key *key = at(0, TYPE_HASH);
    if (!key) return;
    i32 i = find(key, op.items[0]);
    if (i < 0)
        out(NIL);
    else
        out_code(key->items[i].value);
}

/* HDEL, SREM, ZREM */
static void remove_items(u32 type) {
    struct key *key = at(0, type);
    u32 removed = 0;
    if (!key) return;
    for (u32 j = 0; j < op.item_count; j++) {
        i32 i = find(key, op.items[j]);
        if (i >= 0) remove_at(key, (u32)i), removed++;
    }
    out_integer(removed);
    close(key);
}
static void cmd_hdel(void) {
    remove_items(TYPE_HASH);
}

static void cmd_hlen(void) {
    struct key *key = at(0, TYPE_HASH);
    if (key) out_integer(live_items(key));
}

static void cmd_hpexpire(void) {
    bool live = is_live(&keys[op.key[0]]);
    struct key *key = at(0, TYPE_HASH);
    i64 when = now_ms + op.number[0];
    if (!key) return;
    if (op.number[0] < 0) {
        out("-ERR invalid expire time, must be >= 0\r\n");
        return;
    }
    out_array(op.item_count);
    for (u32 j = 0; j < op.item_count; j++) {
        i32 i = live ? find(key, op.items[j]) : -1;
        bool done = i >= 0 && takes(op.option, key->items[i].expires_at_ms, when);
        out_integer(i < 0 ? -2 : !done ? 0 : when <= now_ms ? 2 : 1);
        if (!done) continue;
        key->items[i].expires_at_ms = when;
        key->items[i].lapsed = false;
        if (when <= now_ms) remove_at(key, (u32)i);
    }
    close(key);
}

static void cmd_hpttl(void) {
    struct key *key = at(0, TYPE_HASH);
    bool persists = is_named("HPERSIST");
    if (!key) return;
    out_array(op.item_count);
    for (u32 j = 0; j < op.item_count; j++) {
        i32 i = find(key, op.items[j]);
        i64 expires_at_ms = i < 0 ? 0 : key->items[i].expires_at_ms;
        out_integer(i < 0 ? -2 : !expires_at_ms ? -1 : persists ? 1 : expires_at_ms - now_ms);
        if (i < 0 || !persists) continue;
        key->items[i].expires_at_ms = 0;
        key->items[i].lapsed = false;
    }
}

/* --- replies in any order --------------------------------------------------------------------- */

/* Reads the bulk that a reply goes on with. */
static const char *next_bulk(const char *reply, code *c) {
    char *end;
    CHECK(*reply == '$');
    u32 len = (u32)strtoul(reply + 1, &end, 10);
    *c = code_of((const u8 *)end + 2, len);
    return end + 2 + len + 2;
}

/* What was answered is taken for what is expected if it is the items in another order. */
static void any_order(const struct key *key, bool values) {
    u32 count = live_items(key);
    out_array(count << values);
    if (reply_bytes > REPLY_MAX || strncmp(reply_text, expected, expected_len) != 0) return;
    const char *reply = reply_text + expected_len;
    static u32 seen[CODES], turn;
    turn++;
    for (u32 i = 0; i < count; i++) {
        code name, value = 0;
        reply = next_bulk(reply, &name);
        if (values) reply = next_bulk(reply, &value);
        i32 where = find(key, name);
        if (where < 0 || seen[name] == turn || (values && key->items[where].value != value)) return;
        seen[name] = turn;
    }
    expected_len = 0;
    out_bytes(reply_text, (u32)reply_bytes);
}

static void cmd_hgetall(void) {
    struct key *key = at(0, TYPE_HASH);
    if (key) any_order(key, true);
}
static void cmd_smembers(void) {
    struct key *key = at(0, TYPE_SET);
    if (key) any_order(key, false);
}

/* Any of them. */
static void cmd_spop(void) {
    struct key *key = at(0, TYPE_SET);
    code popped;
    if (!key) return;
    if (!key->count) {
        out(NIL);
        return;
    }
    if (*reply_text != '$' || reply_text[1] == '-') return;
    next_bulk(reply_text, &popped);
    i32 i = find(key, popped);
    if (i < 0) return;
    out_code(popped);
    remove_at(key, (u32)i);
    close(key);
}

/* --- sets ------------------------------------------------------------------------------------- */

static void cmd_sadd(void) {
    struct key *key = open(0, TYPE_SET);
    u32 created = 0;
    if (!key) return;
    for (u32 i = 0; i < op.item_count; i++)
        if (find(key, op.items[i]) < 0) {
            put(key, (struct member){.name = op.items[i]});
            created++;
        }
    out_integer(created);
}

static void cmd_srem(void) {
    remove_items(TYPE_SET);
}

static void cmd_sismember(void) {
    struct key *key = at(0, TYPE_SET);
    if (key) out_integer(find(key, op.items[0]) >= 0);
}

static void cmd_scard(void) {
    struct key *key = at(0, TYPE_SET);
    if (key) out_integer(key->count);
}

static void cmd_smove(void) {
    bool live = is_live(&keys[op.key[0]]);
    struct key *from = at(0, TYPE_SET), *to = from && live ? at(1, TYPE_SET) : from;
    if (!from || !to) return;
    i32 i = find(from, op.items[0]);
    out_integer(i >= 0);
    if (i < 0 || op.key[0] == op.key[1]) return;
    to = open(1, TYPE_SET);
    remove_at(from, (u32)i);
    if (find(to, op.items[0]) < 0) put(to, (struct member){.name = op.items[0]});
    close(from);
}

static bool is_kept(bool first, bool second) {
    u8 kind = op.args[0].bytes[1];
    return kind == 'U' ? first || second : kind == 'I' ? first && second : first && !second;
}

/* Sets and sorted sets (scores are added): what two keys have together becomes the first's. */
static struct key combined;
static void store_combined(u32 type) {
    struct key *const sources[] = {&keys[op.key[1]], &keys[op.key[2]]};
    clear(&combined);
    combined.type = type;
    for (u32 s = 0; s < 2; s++)
        if (is_live(sources[s]) && sources[s]->type != TYPE_SET && sources[s]->type != type) {
            out(WRONG);
            return;
        }
    for (u32 s = 0; s < 2; s++)
        for (u32 i = 0; is_live(sources[s]) && i < sources[s]->count; i++) {
            struct member item = sources[s]->items[i];
            i32 other = is_live(sources[!s]) ? find(sources[!s], item.name) : -1;
            if (!is_kept(s == 0 || other >= 0, s == 1 || other >= 0)) continue;
            if (find(&combined, item.name) >= 0) continue;
            if (type == TYPE_ZSET && sources[s]->type == TYPE_SET) item.score = 1;
            if (type == TYPE_ZSET && other >= 0)
                item.score += sources[!s]->type == TYPE_SET ? 1 : sources[!s]->items[other].score;
            put(&combined, item);
        }
    out_integer(combined.count);
    copy_key(&keys[op.key[0]], &combined);
    close(&keys[op.key[0]]);
}
static void cmd_sstore(void) {
    store_combined(TYPE_SET);
}
static void cmd_zstore(void) {
    store_combined(TYPE_ZSET);
}

/* --- sorted sets ------------------------------------------------------------------------------ */

static void cmd_zadd(void) {
    struct key *key = open(0, TYPE_ZSET);
    u32 created = 0;
    if (!key) return;
    for (u32 i = 0; i < op.item_count; i++) {
        created += find(key, op.items[i]) < 0;
        put(key, (struct member){.name = op.items[i], .score = op.scores[i]});
    }
    out_integer(created);
}

static void cmd_zincrby(void) {
    struct key *key = open(0, TYPE_ZSET);
    if (!key) return;
    i32 i = find(key, op.items[1]);
    double score = op.scores[0] + (i < 0 ? 0 : key->items[i].score);
    put(key, (struct member){.name = op.items[1], .score = score});
    out_score(score);
}

static void cmd_zrem(void) {
    remove_items(TYPE_ZSET);
}

static void cmd_zscore(void) {
    struct key *key = at(0, TYPE_ZSET);
    if (!key) return;
    i32 i = find(key, op.items[0]);
    if (i < 0)
        out(NIL);
    else
        out_score(key->items[i].score);
}

static void cmd_zrank(void) {
    struct key *key = at(0, TYPE_ZSET);
    if (!key) return;
    i32 i = find(key, op.items[0]);
    if (i < 0)
        out(NIL);
    else
        out_integer(is_named("ZRANK") ? i : (i32)key->count - 1 - i);
}

static void cmd_zcard(void) {
    struct key *key = at(0, TYPE_ZSET);
    if (key) out_integer(key->count);
}

static void cmd_zrange(void) {
    struct key *key = at(0, TYPE_ZSET);
    i64 from, to;
    bool removes = is_named("ZREMRANGEBYRANK");
    if (!key) return;
    resolve(op.number[0], op.number[1], key->count, &from, &to);
    u32 count = from > to ? 0 : (u32)(to - from + 1);
    if (removes)
        out_integer(count);
    else
        out_array(count);
    for (u32 i = 0; i < count; i++) {
        if (removes)
            remove_at(key, (u32)from);
        else
            out_code(key->items[from + i].name);
    }
    close(key);
}

/* ZCOUNT, ZRANGEBYSCORE, ZREMRANGEBYSCORE */
static void cmd_zbyscore(void) {
    struct key *key = at(0, TYPE_ZSET);
    bool shows = is_named("ZRANGEBYSCORE"), removes = is_named("ZREMRANGEBYSCORE");
    u32 count = 0;
    if (!key) return;
    for (u32 i = 0; i < key->count; i++)
        count += key->items[i].score >= op.scores[0] && key->items[i].score <= op.scores[1];
    if (shows)
        out_array(count);
    else
        out_integer(count);
    for (u32 i = 0; i < key->count; i++) {
        if (key->items[i].score < op.scores[0] || key->items[i].score > op.scores[1]) continue;
        if (shows) out_code(key->items[i].name);
        if (removes) remove_at(key, i--);
    }
    close(key);
}

static void cmd_zpop(void) {
    struct key *key = at(0, TYPE_ZSET);
    bool tail = is_named("ZPOPMAX");
    if (!key) return;
    u32 count = min_u32((u32)op.number[0], key->count);
    out_array(2 * count);
    for (u32 i = 0; i < count; i++) {
        u32 which = tail ? key->count - 1 : 0;
        out_code(key->items[which].name);
        out_score(key->items[which].score);
        remove_at(key, which);
    }
    close(key);
}

static void cmd_zrangestore(void) {
    struct key *key = at(1, TYPE_ZSET);
    i64 from, to;
    if (!key) return;
    resolve(op.number[0], op.number[1], key->count, &from, &to);
    clear(&combined);
    combined.type = TYPE_ZSET;
    for (; from <= to; from++) put(&combined, key->items[from]);
    out_integer(combined.count);
    copy_key(&keys[op.key[0]], &combined);
    close(&keys[op.key[0]]);
}

static void cmd_flushall(void) {
    for (u32 i = 0; i < KEYS; i++) clear(&keys[i]);
    out(OK);
}

#endif
