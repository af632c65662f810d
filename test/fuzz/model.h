/*
 * A naive model of the keyspace: arrays that are searched from the front.
 */
#ifndef FERRITE_FUZZ_MODEL_H
#define FERRITE_FUZZ_MODEL_H

#include "../native/client.h"
#include "fuzz.h"

enum { KEYS = 10, ITEMS_MOST = 1024, TEXT_MOST = 1 << 14 };

/* An element, member, field or value is a number and a tail, which its code says. */
typedef u16 code;
static const u32 tails[] = {0, 1, 5, 17, 40, 200, 600, 1500};
enum { NUMBERS = 512, CODES = NUMBERS * COUNT_OF(tails), CODE_TEXT_MOST = 1504 };

struct member {
    code name, value;
    double score;
    i64 expires_at_ms; /* 0: never */
    bool lapsed;       /* it had expired once: it may be gone */
};

struct key {
    u32 type; /* TYPE_STRING, or a collection's; NONE: it is not there */
    i64 expires_at_ms;
    bool lapsed;
    u32 count;
    struct member items[ITEMS_MOST];
    u32 len;
    u8 text[TEXT_MOST];
};
enum { NONE = 99 };

static struct key keys[KEYS];
static struct ferrite *cache;

static struct slice key_name(u32 id) {
    static char names[KEYS][64];
    if (!*names[id])
        sprintf(names[id], "k%u%.*s", id, id % 3 == 2 ? 40 : 0,
                "________________________________________");
    return string_slice(names[id]);
}

static u32 code_text(char *to, code c) {
    u32 len = (u32)sprintf(to, "%u", c % NUMBERS), tail = tails[c / NUMBERS];
    memset(to + len, 'x', tail);
    return len + tail;
}

static code code_of(const u8 *text, u32 len) {
    u32 number = 0, digits = 0, tail = 0;
    while (digits < len && text[digits] != 'x') number = number * 10 + text[digits++] - '0';
    while (tail < COUNT_OF(tails) && tails[tail] != len - digits) tail++;
    CHECK(digits && number < NUMBERS && tail < COUNT_OF(tails));
    return (code)(tail * NUMBERS + number);
}

static int compare_codes(code a, code b) {
    char left[CODE_TEXT_MOST], right[CODE_TEXT_MOST];
    u32 left_len = code_text(left, a), right_len = code_text(right, b);
    int order = memcmp(left, right, min_u32(left_len, right_len));
    return order ? order : (int)left_len - (int)right_len;
}

static bool is_due(i64 expires_at_ms) {
    return expires_at_ms && expires_at_ms <= now_ms;
}

static u32 live_items(const struct key *key) {
    u32 count = 0;
    for (u32 i = 0; i < key->count; i++) count += !is_due(key->items[i].expires_at_ms);
    return count;
}

static bool is_live(const struct key *key) {
    if (key->type == NONE || is_due(key->expires_at_ms)) return false;
    return key->type == TYPE_STRING || live_items(key);
}

static void clear(struct key *key) {
    key->type = NONE;
    key->expires_at_ms = 0;
    key->lapsed = false;
    key->count = key->len = 0;
}

static void copy_key(struct key *to, const struct key *from) {
    memcpy(to, from, offsetof(struct key, items) + from->count * sizeof *from->items);
    to->len = from->len;
    memcpy(to->text, from->text, from->len);
}

static void remove_at(struct key *key, u32 i) {
    memmove(key->items + i, key->items + i + 1, (--key->count - i) * sizeof *key->items);
}

static void insert_at(struct key *key, u32 i, struct member item) {
    CHECK(key->count < ITEMS_MOST && i <= key->count);
    memmove(key->items + i + 1, key->items + i, (key->count++ - i) * sizeof *key->items);
    key->items[i] = item;
}

/* Where it is, of those that live; -1: nowhere. */
static i32 find(const struct key *key, code name) {
    for (u32 i = 0; i < key->count; i++)
        if (key->items[i].name == name && !is_due(key->items[i].expires_at_ms)) return (i32)i;
    return -1;
}

/* In a hash or set anywhere, in a sorted set at its place; instead of one that has expired. */
static void put(struct key *key, struct member item) {
    u32 at = 0;
    for (u32 i = 0; i < key->count; i++)
        if (key->items[i].name == item.name) remove_at(key, i--);
    while (
        at < key->count && key->type == TYPE_ZSET &&
        (key->items[at].score < item.score ||
         (key->items[at].score == item.score && compare_codes(key->items[at].name, item.name) < 0)))
        at++;
    insert_at(key, at, item);
}

#endif
