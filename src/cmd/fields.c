/* Fields of hashes that expire. */
#include "base/decimal.h"
#include "cmd/items.h"

/* Of call->state, behind the conditions that keys.c has there. */
enum { CONDITIONS, AT, LEFT };

/* FIELDS numfields field ..., from argument `at` on; call->state tells where the fields are. */
COLD static bool take_fields(struct call *call, u32 at, const char *no_count) {
    if (arg_word(call, at, "FIELDS") < 0)
        return fail(call, "Mandatory argument FIELDS is missing or not at the right position");
    if (!integer_parse(arg(call, at + 1), &call->number) || call->number < 1)
        return fail(call, no_count);
    call->state[AT] = at + 2;
    call->state[LEFT] = arg_count(call) - at - 2;
    return call->number == call->state[LEFT] ||
           fail(call, "The `numfields` parameter must match the number of arguments");
}

static const char no_positive_count[] = "Number of fields must be a positive integer";

static void reply_fields(struct call *call, reply_stream *next) {
    reply_array(&call->reply, call->state[LEFT]);
    reply_stream_items(&call->reply, next);
}

/* --- asking ----------------------------------------------------------------------------------- */

COLD static bool next_time(struct call *call) {
    struct collection c = at_work(call);
    struct spot spot;
    if (!call->state[LEFT]) return false;
    call->state[LEFT]--;
    bool found = collection_find(&c, arg(call, call->state[AT]++), FIRST_ONE, &spot);
    reply_expiry(call, found ? spot.item.expires_at_ms : -2, 999);
    return true;
}

/* HTTL, HPTTL, HEXPIRETIME, HPEXPIRETIME. */
COLD void cmd_httl(struct call *call) {
    struct collection c;
    if (open_to_read(call, 1, TYPE_HASH, &c) && take_fields(call, 2, no_positive_count))
        reply_fields(call, next_time);
}

/* --- changing --------------------------------------------------------------------------------- */

/* Is there such a field that takes the new expiry, which is another than its own? */
COLD static bool is_to_change(struct call *call, const struct collection *c, struct slice name,
                              struct spot *spot) {
    if (!collection_find(c, name, FIRST_ONE, spot)) return false;
    call->entry.expires_at_ms = spot->item.expires_at_ms;
    return meets_conditions(call) && spot->item.expires_at_ms != call->expires_at_ms;
}

/* Puts beside a field one that is like it, but for the expiry. */
COLD static bool put_beside(struct call *call, struct collection *c, struct slice name,
                            const struct spot *spot) {
    struct item item = {.name = name, .expires_at_ms = call->expires_at_ms};
    item.value.len = spot->item.value.len;
    return collection_add(c, &item, 0);
}

/* Of two fields of that name, one goes. */
COLD static bool remove_one(struct collection *c, struct slice name, enum which which) {
    struct spot spot;
    if (!collection_find(c, name, SECOND_ONE, &spot)) return false;
    collection_find(c, name, which, &spot);
    collection_remove(c, &spot);
    return true;
}

/* Makes sure that all fields can be changed: either by what is free, one after the other, or by
 * putting the new ones beside the old ones now. */
COLD static bool prepare(struct call *call, struct collection *c) {
    struct spot spot;
    u32 bytes = 0, most = 0, i, first = call->state[AT];
    for (i = first; i < arg_count(call); i++) {
        if (!is_to_change(call, c, arg(call, i), &spot)) continue;
        bytes += 8;
        most = max_u32(most, item_bytes(TYPE_HASH, &spot.item));
    }
    if (!bytes || collection_reserve(c, bytes + most)) return true;
    for (i = first; i < arg_count(call); i++) {
        struct slice name = arg(call, i);
        if (!is_to_change(call, c, name, &spot) || collection_find(c, name, SECOND_ONE, &spot) ||
            put_beside(call, c, name, &spot))
            continue;
        for (u32 j = first; j < i; j++) remove_one(c, arg(call, j), SECOND_ONE);
        return fail_memory(call);
    }
    return true;
}

/* Returns what is replied of one field. */
COLD static i32 change_field(struct call *call, struct collection *c, struct slice name) {
    struct spot spot;
    if (!collection_find(c, name, FIRST_ONE, &spot)) return -2;
    if (!(call->command->flags & CMD_DENYOOM)) { /* HPERSIST */
        if (!spot.item.expires_at_ms) return -1;
        collection_persist(c, &spot);
        return 1;
    }
    call->entry.expires_at_ms = spot.item.expires_at_ms;
    if (!meets_conditions(call)) return 0;
    if (is_past(call)) {
        collection_remove(c, &spot);
        return 2;
    }
    if (spot.item.expires_at_ms != call->expires_at_ms && !remove_one(c, name, FIRST_ONE)) {
        put_beside(call, c, name, &spot);
        remove_one(c, name, FIRST_ONE);
    }
    return 1;
}

/* What was replied of the fields is noted, a byte for each, where they were in the request. */
COLD static bool next_note(struct call *call) {
    const u8 *notes = arg(call, call->state[AT]).bytes;
    u32 count = arg_count(call) - call->state[AT];
    if (!call->state[LEFT]) return false;
    reply_integer(&call->reply, (i8)notes[count - call->state[LEFT]--]);
    return true;
}

COLD static bool take_new_time(struct call *call) {
    if (!arg_integer(call, 2)) return false;
    if (call->number < 0) return fail(call, "invalid expire time, must be >= 0");
    if (!arg_time(call, 2, call->command->flags)) return false;
    return call->expires_at_ms < EXPIRY_END || fail_expiry(call);
}

/* HEXPIRE, HPEXPIRE, HEXPIREAT, HPEXPIREAT, HPERSIST. */
COLD void cmd_hexpire(struct call *call) {
    struct collection c;
    u32 at = 2;
    const char *no_count = no_positive_count;
    if (!open_to_write(call, 1, TYPE_HASH, &c)) return;
    bool expire = call->command->flags & CMD_DENYOOM;
    if (expire) {
        if (!take_new_time(call)) return;
        i32 word = arg_word(call, 3, CONDITION_WORDS);
        call->state[CONDITIONS] = word < 0 ? 0 : 1u << word;
        at = word < 0 ? 3 : 4;
        no_count = "Parameter `numFields` should be greater than 0";
    }
    if (!take_fields(call, at, no_count)) return;
    if (expire && !is_past(call) && !prepare(call, &c)) return;
    u8 *note = (u8 *)(size_t)arg(call, call->state[AT]).bytes;
    for (u32 i = call->state[AT]; i < arg_count(call); i++)
        *note++ = (u8)change_field(call, &c, arg(call, i));
    if (expire) {
        collection_mark(&c, TYPE_EXPIRES);
        call->store->fields_expire = true;
    }
    reply_fields(call, next_note);
}
