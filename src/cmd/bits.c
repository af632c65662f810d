/* Commands on strings as arrays of bits, the first of which is the highest of the first byte. */
#include "cmd/handler.h"

/* Bit `at`; those behind the end are 0. */
COLD static u32 bit_at(const struct call *call, u64 at) {
    const struct entry *entry = &call->work.entry;
    return at / 8 < entry->value_len ? entry->value[at / 8] >> (~at & 7) & 1 : 0;
}

COLD static void write_bit(struct call *call, u64 at, u32 bit) {
    u8 *byte = call->work.entry.value + at / 8;
    u32 shift = ~at & 7;
    *byte = (u8)((*byte & ~(1u << shift)) | bit << shift);
}

/* Makes argument i, the place of a bit, call->number. With `bits` above 0, "#7" is the place of
 * field 7 of as many bits; the product wraps, as in Redis. */
COLD static bool arg_place(struct call *call, u32 i, u32 bits) {
    struct slice text = arg(call, i);
    bool of_field = bits && text.len && *text.bytes == '#';
    if (of_field) text.bytes++, text.len--;
    bool valid = read_integer(call, text);
    u64 at = (u64)call->number * (of_field ? bits : 1);
    call->number = (i64)at;
    return (valid && at / 8 < STRING_MAX) || fail_range(call, "bit offset");
}

COLD HANDLER(cmd_getbit) {
    if (arg_place(call, 2, 0) && read_string(call))
        reply_integer(&call->reply, bit_at(call, (u64)call->number));
}

COLD HANDLER(cmd_setbit) {
    if (!arg_place(call, 2, 0)) return;
    u64 at = (u64)call->number;
    if (!read_integer(call, arg(call, 3)) || call->number & ~1ll) {
        fail_range(call, "bit");
        return;
    }
    if (!touch_string(call) || !widen_string(call, (u32)(at / 8) + 1)) return;
    reply_integer(&call->reply, bit_at(call, at));
    write_bit(call, at, (u32)call->number);
}

/* --- counting and searching ------------------------------------------------------------------- */

enum { UNIT_IS_BYTE }; /* in call->state: 1 or 0 */

COLD static bool take_unit(struct call *call, u32 i) {
    i32 word = i < arg_count(call) ? arg_word(call, i, "BIT BYTE") : 1;
    call->state[UNIT_IS_BYTE] = (u32)word;
    return word >= 0 || fail_syntax(call);
}

/* Reads a span, of bits of the key at work, from argument `i` on: start, end and unit. BITCOUNT,
 * with i at 2, takes both or neither of start and end, and looks at the unit last. */
COLD static bool take_span(struct call *call, u32 i) {
    struct span *span = span_of(call);
    u32 count = arg_count(call);
    bool counts = i == 2;
    *span = (struct span){0, -1};
    if (count > i + 3 || (counts && count == i + 1)) return fail_syntax(call);
    if (count > i) {
        if (!arg_integer(call, i)) return false;
        span->first = call->number;
    }
    if (!counts && !take_unit(call, i + 2)) return false;
    if (count > i + 1) {
        if (!arg_integer(call, i + 1)) return false;
        span->last = call->number;
    }
    bool crossed = counts && is_crossed(span);
    if (counts && !crossed && !take_unit(call, i + 2)) return false;
    i64 unit = call->state[UNIT_IS_BYTE] ? 8 : 1, len = (i64)call->work.entry.value_len * 8 / unit;
    if (crossed || !resolve_span(call, len)) {
        *span = (struct span){0, -1};
        return true;
    }
    span->first *= unit;
    span->last = (span->last + 1) * unit - 1;
    return true;
}

/* An absent key is counted whatever the arguments are. */
COLD HANDLER(cmd_bitcount) {
    struct span *span = span_of(call);
    *span = (struct span){0, -1};
    if (!read_string(call) || (call->work.found && !take_span(call, 2))) return;
    const u8 *value = call->work.entry.value;
    i64 ones = 0;
    for (u64 at = (u64)span->first, end = (u64)span->last + 1; at < end; at++) {
        for (; at % 8 == 0 && end - at >= 64; at += 64)
            ones += __builtin_popcountll(load64(value + at / 8));
        if (at < end) ones += bit_at(call, at);
    }
    reply_integer(&call->reply, ones);
}

/* The first such bit of the span; behind it if there is none. */
COLD static i64 find_bit(struct call *call, u32 bit) {
    const struct span *span = span_of(call);
    i64 at = span->first;
    while (at <= span->last && bit_at(call, (u64)at) != bit) {
        bool skips = at % 8 == 0 && span->last - at >= 63 &&
                     load64(call->work.entry.value + at / 8) == (u64)bit - 1;
        at += skips ? 64 : 1;
    }
    return at;
}

COLD HANDLER(cmd_bitpos) {
    const struct span *span = span_of(call);
    if (!arg_integer(call, 2)) return;
    i64 bit = call->number;
    if (bit & ~1ll) {
        fail(call, "The bit argument must be 1 or 0.");
        return;
    }
    i64 at = -bit;
    if (!read_string(call)) return;
    if (call->work.found) {
        if (!take_span(call, 3)) return;
        at = span->first <= span->last ? find_bit(call, (u32)bit) : -1;
        /* With no end given, zeros follow the string. */
        if (at > span->last && (bit || arg_count(call) > 4)) at = -1;
    }
    reply_integer(&call->reply, at);
}

/* --- BITOP ------------------------------------------------------------------------------------ */

enum { AND, OR, XOR, NOT };
enum { DESTINATION = 2, FIRST_SOURCE = 3 };

COLD static u64 combine(u32 operation, u64 a, u64 b) {
    return operation == AND ? a & b : operation == OR ? a | b : a ^ b;
}

/* Combines a source, behind which zeros follow, with the `len` bytes there are. */
COLD static void combine_source(u32 operation, u8 *to, u32 len, const struct entry *source) {
    u32 i = 0;
    for (; i + 8 <= source->value_len; i += 8)
        store64(to + i, combine(operation, load64(to + i), load64(source->value + i)));
    for (; i < source->value_len; i++) to[i] = (u8)combine(operation, to[i], source->value[i]);
    if (operation == AND) __builtin_memset(to + i, 0, len - i);
}

/* Makes the result in the block that is to be the destination's; of the sources the longest has
 * *len bytes. Making room may evict one: it is as if it had gone before the command, so the result
 * may be shorter than what was reserved. NOT is XOR with ones. */
COLD static bool reserve_result(struct call *call, u32 operation, u32 *len) {
    u32 longest = *len;
    do {
        *len = longest;
        store_give_up(store_of(call));
        if (!longest) return true;
        u8 *to = store_reserve(store_of(call), arg(call, DESTINATION), TYPE_STRING_RAW, longest, 0);
        if (!to) return false;
        __builtin_memset(to, operation == AND || operation == NOT ? 0xff : 0, longest);
        longest = 0;
        for (u32 i = FIRST_SOURCE; i < arg_count(call); i++) {
            touch_key(call, i);
            longest = max_u32(longest, call->work.entry.value_len);
            combine_source(operation, to, *len, &call->work.entry);
        }
    } while (longest != *len);
    return true;
}

COLD HANDLER(cmd_bitop) {
    u32 operation = (u32)arg_word(call, 1, "AND OR XOR NOT"), len = 0;
    if (operation > NOT) {
        fail_syntax(call);
        return;
    }
    if (operation == NOT && arg_count(call) != FIRST_SOURCE + 1) {
        fail(call, "BITOP NOT must be called with a single source key.");
        return;
    }
    for (u32 i = FIRST_SOURCE; i < arg_count(call); i++) {
        read_key(call, i);
        if (!expect_string(call)) return;
        len = max_u32(len, call->work.entry.value_len);
    }
    bool done = reserve_result(call, operation, &len);
    if (!len)
        remove_key(call, DESTINATION);
    else if (done)
        done = store_commit(store_of(call));
    if (done)
        reply_integer(&call->reply, len);
    else
        fail_memory(call);
}

/* --- BITFIELD --------------------------------------------------------------------------------- */

/* In call->state: what becomes of results that do not fit. */
enum { OVERFLOW };
enum { WRAP, SAT, FAIL };

enum field_action { GET, SET, INCRBY, SET_OVERFLOW };

/* In call->notes. */
struct field {
    u32 action, bits, is_signed;
    u64 at; /* the place of its first bit */
};

COLD static struct field *field_of(struct call *call) {
    return (struct field *)(void *)call->notes;
}

COLD static bool arg_field(struct call *call, u32 i) {
    struct field *field = field_of(call);
    struct slice text = arg(call, i);
    u8 sign = text.len ? *text.bytes : 0;
    field->is_signed = sign == 'i';
    bool valid = (sign == 'u' || sign == 'i') &&
                 read_integer(call, (struct slice){text.bytes + 1, text.len - 1}) &&
                 call->number > 0 && call->number <= 63 + field->is_signed;
    field->bits = (u32)call->number;
    return valid || fail(call, "Invalid bitfield type. Use something like i16 u8. "
                               "Note that u64 is not supported but i64 is.");
}

/* Reads the next operation; what it sets or adds is left in call->number. */
COLD static bool take_field(struct call *call) {
    struct field *field = field_of(call);
    i32 word = next_option(call, "GET\2SET\3INCRBY\3OVERFLOW\1");
    u32 i = call->operand;
    if (word < 0) return false;
    field->action = (u32)word;
    if (word == SET_OVERFLOW) {
        i32 overflow = arg_word(call, i, "WRAP SAT FAIL");
        call->state[OVERFLOW] = (u32)overflow;
        return overflow >= 0 || fail(call, "Invalid OVERFLOW type specified");
    }
    if (!arg_field(call, i) || !arg_place(call, i + 1, field->bits)) return false;
    field->at = (u64)call->number;
    return word == GET || arg_integer(call, i + 2);
}

/* How many bits of a word the field does not have. */
static u32 others_of(struct call *call) {
    return (64 - field_of(call)->bits) % 64;
}

/* The lowest bits of a value as the field has them. */
COLD static i64 fitted(struct call *call, u64 value) {
    u32 others = others_of(call);
    value <<= others;
    return field_of(call)->is_signed ? (i64)value >> others : (i64)(value >> others);
}

/* The field's new value, of its old one. False: it does not fit, and OVERFLOW is FAIL. What is set
 * is too much to Redis also if its distance from the most overflows. */
COLD static bool change(struct call *call, i64 old, i64 *value) {
    const struct field *field = field_of(call);
    i64 by = call->number, sum;
    bool adds = field->action == INCRBY;
    bool over = __builtin_add_overflow(adds ? old : 0, by, &sum);
    *value = fitted(call, (u64)sum);
    if (!over && *value == sum) return true;
    if (call->state[OVERFLOW] == SAT) {
        u64 max = UINT64_MAX >> others_of(call) >> field->is_signed;
        bool above = adds ? by > 0 : !field->is_signed || (i64)(max - (u64)by) < 0;
        *value = (i64)(above ? max : field->is_signed ? ~max : 0);
    }
    return call->state[OVERFLOW] != FAIL;
}

/* A stream. All operations have been read once, and the string is as long as they need. */
COLD STREAM(next_field) {
    struct field *field = field_of(call);
    u64 bits = 0;
    do
        if (!take_field(call)) return false;
    while (field->action == SET_OVERFLOW);
    for (u32 i = 0; i < field->bits; i++) bits = bits << 1 | bit_at(call, field->at + i);
    i64 old = fitted(call, bits), value = old;
    if (field->action != GET) {
        if (!change(call, old, &value)) {
            reply_null(&call->reply);
            return true;
        }
        for (u32 i = field->bits; i--; field->at++)
            write_bit(call, field->at, (u32)(value >> i & 1));
    }
    reply_integer(&call->reply, field->action == INCRBY ? value : old);
    return true;
}

/* BITFIELD and BITFIELD_RO. */
COLD HANDLER(cmd_bitfield) {
    const struct field *field = field_of(call);
    u32 count = 0;
    u64 end = 0; /* of what is written */
    for (call->option = 2; call->option < arg_count(call);) {
        if (!take_field(call)) return;
        count += field->action != SET_OVERFLOW;
        if (field->action == SET || field->action == INCRBY)
            end = field->at + field->bits > end ? field->at + field->bits : end;
    }
    if (end && call->flags & CMD_READONLY) {
        fail(call, "BITFIELD_RO only supports the GET subcommand");
        return;
    }
    if (end ? !touch_string(call) || !widen_string(call, (u32)((end + 7) / 8)) : !read_string(call))
        return;
    call->option = 2;
    call->state[OVERFLOW] = WRAP;
    reply_array(&call->reply, count);
    reply_stream_items(&call->reply, next_field);
}
