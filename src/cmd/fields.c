/* Fields of hashes that expire. */
#include "cmd/items.h"

/* Of call->state, behind the conditions that keys.c has there. */
enum { CONDITIONS, FIRST, DONE };

/* FIELDS numfields field ..., from argument `at` on; call->state[FIRST] becomes the first field. */
COLD static bool take_fields(struct call *call, u32 at, const char *no_count) {
    u32 first = call->state[FIRST] = at + 2;
    if (arg_word(call, at, "FIELDS") < 0)
        return fail(call, "Mandatory argument FIELDS is missing or not at the right position");
    if (!read_integer(call, arg(call, at + 1)) || call->number < 1) return fail(call, no_count);
    return call->number == arg_count(call) - first ||
           fail(call, "The `numfields` parameter must match the number of arguments");
}

static const char no_positive_count[] = "Number of fields must be a positive integer";

/* HTTL, HPTTL, HEXPIRETIME, HPEXPIRETIME. */
COLD HANDLER(cmd_httl) {
    if (open_to_read(call, 1) && take_fields(call, 2, no_positive_count))
        reply_sought(call, call->state[FIRST]);
}

/* --- changing --------------------------------------------------------------------------------- */

/* Is there such a field that takes the new expiry, which is another than its own? */
COLD static bool is_to_change(struct call *call, u32 i) {
    if (!find_item(call, i)) return false;
    call->work.entry.expires_at_ms = call->spot.item.expires_at_ms;
    return meets_conditions(call) && call->spot.item.expires_at_ms != call->expires_at_ms;
}

COLD static bool find_second(struct call *call, u32 i) {
    return collection_find(&call->work, arg(call, i), SECOND_ONE, &call->spot);
}

/* Puts beside a field one that is like it, but for the expiry. */
COLD static bool put_beside(struct call *call, u32 i) {
    struct item *item = &call->spot.item;
    find_item(call, i);
    item->name = arg(call, i);
    item->value.bytes = NULL;
    item->expires_at_ms = call->expires_at_ms;
    return collection_add(&call->work, item, 0, NULL);
}

/* Of two fields of that name, one goes; if there is but one, call->spot is where, of FIRST_ONE. */
COLD static bool remove_one(struct call *call, u32 i, enum which which) {
    bool two = find_second(call, i);
    if (which == FIRST_ONE) find_item(call, i);
    if (two) collection_remove(&call->work, &call->spot);
    return two;
}

/* Makes sure that all fields can be changed: a small hash becomes as long as it may have to be; in
 * a large one the new fields are put beside the old ones. */
COLD static bool prepare(struct call *call) {
    struct collection *c = &call->work;
    u32 bytes = 0, first = call->state[FIRST];
    for (u32 i = first; i < arg_count(call); i++) {
        if (!is_to_change(call, i)) continue;
        bytes += EXPIRY_BYTES;
        if (!collection_is_tree(c) || find_second(call, i) || put_beside(call, i)) continue;
        for (u32 j = first; j < i; j++) remove_one(call, j, SECOND_ONE);
        return fail_memory(call);
    }
    return collection_is_tree(c) || !bytes || collection_widen(c, bytes) || fail_memory(call);
}

/* Returns what is replied of one field. */
COLD static i32 change_field(struct call *call, u32 i) {
    struct collection *c = &call->work;
    if (!find_item(call, i)) return -2;
    i64 old_ms = call->spot.item.expires_at_ms, new_ms = call->expires_at_ms;
    call->work.entry.expires_at_ms = old_ms;
    if (!new_ms && !old_ms) return -1; /* HPERSIST */
    if (!meets_conditions(call)) return 0;
    if (new_ms && is_past(call)) {
        collection_remove(c, &call->spot);
        return 2;
    }
    if (old_ms != new_ms && !remove_one(call, i, FIRST_ONE))
        collection_time(c, &call->spot, new_ms);
    return 1;
}

/* What is replied of the fields is noted, a byte for each, in the request, from where their number
 * was: each lies in front of the fields that are still to be read. */
COLD STREAM(next_note) {
    u32 first = call->state[FIRST], i = call->state[DONE]++;
    if (first + i == arg_count(call)) return false;
    reply_integer(&call->reply, (i8)arg(call, first - 1).bytes[i]);
    return true;
}

COLD static bool take_new_time(struct call *call) {
    if (!arg_integer(call, 2)) return false;
    if (call->number < 0) return fail(call, "invalid expire time, must be >= 0");
    if (!arg_time(call, 2, call->flags)) return false;
    return call->expires_at_ms < EXPIRY_END || fail_expiry(call);
}

/* HEXPIRE, HPEXPIRE, HEXPIREAT, HPEXPIREAT, HPERSIST. */
COLD HANDLER(cmd_hexpire) {
    struct collection *c = &call->work;
    u32 at = 2;
    call->state[CONDITIONS] = 0;
    const char *no_count = no_positive_count;
    if (!open_to_write(call, 1)) return;
    bool expire = call->flags & CMD_DENYOOM;
    if (expire) {
        if (!take_new_time(call)) return;
        i32 word = arg_word(call, 3, CONDITION_WORDS);
        at = 3;
        if (word >= 0) {
            call->state[CONDITIONS] = 1u << word;
            at = 4;
        }
        no_count = "Parameter `numFields` should be greater than 0";
    }
    if (!take_fields(call, at, no_count)) return;
    if (expire && !is_past(call) && !prepare(call)) return;
    u32 first = call->state[FIRST];
    u8 *note = (u8 *)(size_t)arg(call, first - 1).bytes;
    for (u32 i = first; i < arg_count(call); i++) *note++ = (u8)change_field(call, i);
    if (expire) {
        collection_trim(c);
        collection_mark(c, TYPE_EXPIRES);
        store_of(call)->fields_expire = true;
    }
    call->state[DONE] = 0;
    reply_array(&call->reply, arg_count(call) - first);
    reply_stream_items(&call->reply, next_note);
}
