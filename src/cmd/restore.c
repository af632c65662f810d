/*
 * RESTORE: a value from Redis's format, in any of the forms that Redis has written it in.
 *
 * Whatever form it is in comes to one thing, a run of elements, which are texts; one or two of them
 * are an item, which goes into a collection in the making. That becomes the key's when all was
 * good, so a payload that ends in nonsense changes nothing. What is read beyond the end is 0 and
 * `bad`, so nothing but loops has to ask whether all is well.
 */
#include "cmd/items.h"
#include "cmd/rdb.h"

/* Options, a bit each, in the order of the words. KEEP is ours: the key keeps the value that it
 * has, whatever the payload is, and IDLETIME or FREQ is all that is restored. */
enum { REPLACE = 1, ABSTTL = 2, IDLETIME = 4, FREQ = 8, KEEP = 16 };

/* In call->state: the options given. */
enum { GIVEN };

/* In call->notes, when the table of the CRC has done its work. */
struct restored {
    struct slice in; /* what is left of the payload, or of what is packed in it */
    u32 bad, no_memory;
    u32 count;                     /* items that were put */
    u32 is_second;                 /* is the next element the item's second: its value or score? */
    struct slice name;             /* the first */
    u8 *scratch[2];                /* where the item's elements lie, if they were compressed */
    u8 texts[2][INTEGER_TEXT_MAX]; /* or if they were integers */
};
_Static_assert(sizeof(struct restored) <= CALL_NOTES * sizeof(u64), "it fits");

static struct restored *restored_of(const struct call *call) {
    return (struct restored *)(void *)(size_t)call->notes;
}

COLD static void spoil(struct call *call) {
    restored_of(call)->bad = true;
}

/* --- numbers and strings ---------------------------------------------------------------------- */

COLD static struct slice take(struct call *call, u32 len) {
    struct slice *in = &restored_of(call)->in, taken = {in->bytes, len};
    if (len > in->len) {
        spoil(call);
        taken.len = 0;
    }
    in->bytes += taken.len;
    in->len -= taken.len;
    return taken;
}

COLD static u32 take_byte(struct call *call) {
    struct slice byte = take(call, 1);
    return byte.len ? *byte.bytes : 0;
}

COLD static u64 take_number(struct call *call, u32 bytes) {
    u64 number = 0;
    for (u32 i = 0; i < bytes; i++) number |= (u64)take_byte(call) << i * 8;
    return number;
}

/* The highest byte first. */
COLD static u32 take_big(struct call *call) {
    return __builtin_bswap32((u32)take_number(call, 4));
}

/* A low part of a length, whose high part is the low bits of another byte. */
COLD static u32 take_low(struct call *call, u32 high) {
    return high << 8 | take_byte(call);
}

COLD static u32 take_length(struct call *call) {
    u32 first = take_byte(call);
    if (first < RDB_LENGTH_14) return first;
    if (first < RDB_LENGTH_32) return take_low(call, first & 0x3f);
    if (first == RDB_LENGTH_32) return take_big(call);
    spoil(call);
    return 0;
}

/* As the text of an element. */
COLD static struct slice print(struct call *call, i64 integer) {
    u8 *text = restored_of(call)->texts[restored_of(call)->is_second];
    return (struct slice){text, integer_print(text, integer)};
}

COLD static struct slice take_integer(struct call *call, u32 bytes) {
    u32 unused = (64 - bytes * 8) % 64;
    return print(call, (i64)(take_number(call, bytes) << unused) >> unused);
}

/* Lempel-Ziv by Marc Lehmann: runs of 1 to 32 bytes as they are, and copies of 3 to 264 bytes that
 * went before. */
COLD static void expand(struct call *call, u8 *to, u32 len) {
    enum { LITERALS = 32, LONG = 7, SHORTEST = 2 };
    struct restored *restored = restored_of(call);
    u32 at = 0;
    while (restored->in.len && !restored->bad) {
        u32 mark = take_byte(call), back = 0, bytes = mark + 1;
        struct slice run = restored->in;
        if (mark >= LITERALS) {
            bytes = mark >> 5;
            if (bytes == LONG) bytes += take_byte(call);
            bytes += SHORTEST;
            back = take_low(call, mark & 0x1f) + 1;
        } else {
            run = take(call, bytes);
        }
        if (bytes > len - at || back > at || !(back || run.len)) {
            spoil(call);
            return;
        }
        for (; bytes--; at++) to[at] = back ? to[at - back] : *run.bytes++;
    }
    if (at != len) spoil(call);
}

COLD static struct slice take_compressed(struct call *call) {
    enum { MOST_TIMES = 128 }; /* as long: 3 bytes become 264 at most */
    struct restored *restored = restored_of(call);
    u32 packed_len = take_length(call), len = take_length(call);
    struct slice packed = take(call, packed_len), outer = restored->in;
    if (len / MOST_TIMES > packed.len || !len) spoil(call);
    if (restored->bad) return packed;
    if (!take_scratch(call, len)) {
        restored->bad = restored->no_memory = true;
        return packed;
    }
    restored->scratch[restored->is_second] = call->scratch;
    restored->in = packed;
    expand(call, call->scratch, len);
    restored->in = outer;
    return (struct slice){call->scratch, len};
}

COLD static struct slice take_string(struct call *call) {
    enum { INTEGERS = 3 };
    const struct slice *in = &restored_of(call)->in;
    if (!in->len || *in->bytes < RDB_ENCODED) return take(call, take_length(call));
    u32 form = take_byte(call) - RDB_ENCODED;
    if (form < INTEGERS) return take_integer(call, 1u << form);
    if (form > INTEGERS) spoil(call);
    return take_compressed(call);
}

/* --- items ------------------------------------------------------------------------------------ */

COLD static void give_back(struct call *call) {
    struct restored *restored = restored_of(call);
    for (u32 i = 0; i < COUNT_OF(restored->scratch); i++) {
        if (restored->scratch[i]) store_give_scratch(store_of(call), restored->scratch[i]);
        restored->scratch[i] = NULL;
    }
}

/* Of a list at its end, else the only one of its name. */
COLD static bool add_item(struct call *call, const struct item *item) {
    struct collection *c = &call->work;
    if (c->type == TYPE_LIST) return collection_add(c, item, (u32)RANK_END, NULL);
    bool added = put_item(c, item, &call->tally);
    if (call->tally.created != restored_of(call)->count && added) spoil(call);
    return added;
}

/* A score without bytes has been read already. */
COLD static void put_element(struct call *call, struct slice text) {
    struct restored *restored = restored_of(call);
    u32 type = call->work.type;
    struct item *item = &call->spot.item;
    if (restored->bad) return;
    if (type >= TYPE_ZSET && !restored->is_second) {
        restored->name = text;
        restored->is_second = true;
        return;
    }
    item_name(item, type >= TYPE_ZSET ? restored->name : text);
    if (type == TYPE_HASH) item->value = text;
    if (type == TYPE_ZSET) {
        bool good = !text.bytes || double_parse(text, &call->real);
        if (!good || __builtin_isnan(call->real)) {
            spoil(call);
            return;
        }
        item->order = order_of_score(call->real);
    }
    restored->is_second = false;
    restored->count++;
    if (!add_item(call, item)) restored->bad = restored->no_memory = true;
    give_back(call);
}

/* --- what is packed --------------------------------------------------------------------------- */

enum form { PLAIN, ZIPLIST, LISTPACK, INTSET, ZIPMAP };

/* | length of the one before, 1 or 5 | 00 length, or 01 length (2), or 80 length (4) | bytes |
 *                                    | C0, D0, E0, F0, FE: 2, 4, 8, 3, 1 bytes | F1 to FD: 0 to 12
 * |
 */
COLD static struct slice next_of_ziplist(struct call *call) {
    enum { LONG = 254, SMALLEST = 0xf1, LARGEST = 0xfd };
    if (take_byte(call) == LONG) take(call, 4);
    u32 mark = take_byte(call);
    if (mark >= SMALLEST && mark <= LARGEST) return print(call, mark - SMALLEST);
    switch (mark) {
    case 0xc0: return take_integer(call, 2);
    case 0xd0: return take_integer(call, 4);
    case 0xe0: return take_integer(call, 8);
    case 0xf0: return take_integer(call, 3);
    case 0xfe: return take_integer(call, 1);
    case 0x80: return take(call, take_big(call));
    default: break;
    }
    if (mark >= 0x80) spoil(call);
    return take(call, mark < 0x40 ? mark : take_low(call, mark & 0x3f));
}

/* | 0 integer | or 10 length | bytes |, 110 integer (2), 1110 length (2), F0 length (4), or F1 to
 * F4 and 2, 3, 4 or 8 bytes; then how long that is, 7 bits a byte. */
COLD static struct slice next_of_listpack(struct call *call) {
    const u8 *start = restored_of(call)->in.bytes;
    u32 mark = take_byte(call);
    struct slice text;
    if (mark < 0x80) {
        text = print(call, mark);
    } else if (mark < 0xc0) {
        text = take(call, mark & 0x3f);
    } else if (mark < 0xe0) {
        i32 integer = (i32)take_low(call, mark & 0x1f);
        text = print(call, integer - (integer >> 12 << 13));
    } else if (mark < 0xf0) {
        text = take(call, take_low(call, mark & 0x0f));
    } else if (mark == 0xf0) {
        text = take(call, (u32)take_number(call, 4));
    } else {
        if (mark > 0xf4) spoil(call);
        text = take_integer(call, mark < 0xf4 ? mark - 0xef : 8);
    }
    u32 bytes = (u32)(restored_of(call)->in.bytes - start);
    take(call, bytes < 128         ? 1
               : bytes < 16383     ? 2
               : bytes < 2097151   ? 3
               : bytes < 268435455 ? 4
                                   : 5);
    return text;
}

/* | length, or FE length (4) | field | length | bytes that are not used | value | them | */
COLD static struct slice next_of_zipmap(struct call *call) {
    u32 len = take_byte(call), unused = 0;
    if (len == 254) len = (u32)take_number(call, 4);
    if (restored_of(call)->is_second) unused = take_byte(call);
    struct slice text = take(call, len);
    take(call, unused);
    return text;
}

COLD static void put_packed(struct call *call, struct slice packed, enum form form) {
    enum { END = 255 };
    struct restored *restored = restored_of(call);
    struct slice outer = restored->in, *in = &restored->in;
    u8 *scratch = restored->scratch[0];
    restored->scratch[0] = NULL;
    *in = packed;
    u32 head = form == ZIPMAP ? take_byte(call) : (u32)take_number(call, 4);
    if (form == INTSET &&
        ((head != 2 && head != 4 && head != 8) || take_number(call, 4) * head != in->len))
        spoil(call);
    if (form == ZIPLIST || form == LISTPACK) {
        if (head != packed.len) spoil(call);
        take(call, form == ZIPLIST ? 6 : 2);
    }
    while (!restored->bad && in->len > (form != INTSET) && (*in->bytes != END || form == INTSET))
        put_element(call, form == INTSET     ? take_integer(call, head)
                          : form == ZIPLIST  ? next_of_ziplist(call)
                          : form == LISTPACK ? next_of_listpack(call)
                                             : next_of_zipmap(call));
    if (form != INTSET && take_byte(call) != END) spoil(call);
    if (in->len || restored->is_second) spoil(call);
    *in = outer;
    if (scratch) store_give_scratch(store_of(call), scratch);
}

/* --- values ----------------------------------------------------------------------------------- */

/* Of an rdb_type: the type that it makes, and its form; 0: there is none. */
#define KIND(type, form) (u8)((type) | (form) << 4)
static const u8 kinds[RDB_TYPES] = {
    [RDB_LIST] = KIND(TYPE_LIST, PLAIN),
    [RDB_SET] = KIND(TYPE_SET, PLAIN),
    [RDB_ZSET_OF_TEXT] = KIND(TYPE_ZSET, PLAIN),
    [RDB_HASH] = KIND(TYPE_HASH, PLAIN),
    [RDB_ZSET] = KIND(TYPE_ZSET, PLAIN),
    [RDB_HASH_ZIPMAP] = KIND(TYPE_HASH, ZIPMAP),
    [RDB_LIST_ZIPLIST] = KIND(TYPE_LIST, ZIPLIST),
    [RDB_SET_INTSET] = KIND(TYPE_SET, INTSET),
    [RDB_ZSET_ZIPLIST] = KIND(TYPE_ZSET, ZIPLIST),
    [RDB_HASH_ZIPLIST] = KIND(TYPE_HASH, ZIPLIST),
    [RDB_LIST_ZIPLISTS] = KIND(TYPE_LIST, ZIPLIST),
    [RDB_HASH_LISTPACK] = KIND(TYPE_HASH, LISTPACK),
    [RDB_ZSET_LISTPACK] = KIND(TYPE_ZSET, LISTPACK),
    [RDB_LIST_LISTPACKS] = KIND(TYPE_LIST, LISTPACK),
    [RDB_SET_LISTPACK] = KIND(TYPE_SET, LISTPACK),
};

COLD static struct slice read_score(struct call *call, u32 type) {
    enum { NOT_A_NUMBER = 253, INFINITE, MINUS_INFINITE };
    if (type == RDB_ZSET_OF_TEXT) {
        u32 len = take_byte(call);
        if (len < NOT_A_NUMBER) return take(call, len);
        if (len == NOT_A_NUMBER) spoil(call);
        call->real = len == INFINITE ? __builtin_inf() : -__builtin_inf();
    } else {
        u64 bits = take_number(call, sizeof bits);
        __builtin_memcpy(&call->real, &bits, sizeof bits);
    }
    return (struct slice){0};
}

/* Reads all the items of a collection of that type. */
COLD static void put_all(struct call *call, u32 type, enum form form) {
    enum { NODE_PLAIN = 1, NODE_PACKED };
    const struct restored *restored = restored_of(call);
    bool nodes = type == RDB_LIST_ZIPLISTS || type == RDB_LIST_LISTPACKS;
    u64 left = form == PLAIN || nodes ? take_length(call) : 1;
    if (form == PLAIN && call->work.type >= TYPE_ZSET) left *= 2;
    for (; left && !restored->bad; left--) {
        u32 node = type == RDB_LIST_LISTPACKS ? take_length(call) : NODE_PACKED;
        bool is_score = restored->is_second && call->work.type == TYPE_ZSET;
        if (node != NODE_PLAIN && node != NODE_PACKED) spoil(call);
        struct slice text = is_score ? read_score(call, type) : take_string(call);
        if (form == PLAIN || node == NODE_PLAIN)
            put_element(call, text);
        else
            put_packed(call, text, form);
    }
}

/* Replies the error and returns false if what was read was bad, or there was no memory. */
COLD static bool was_good(struct call *call) {
    const struct restored *restored = restored_of(call);
    give_back(call);
    if (restored->no_memory) return fail_memory(call);
    return !restored->bad || fail(call, "Bad data format");
}

COLD static bool restore_string(struct call *call) {
    struct slice value = take_string(call);
    bool past = call->expires_at_ms && is_past(call), done = true;
    if (!restored_of(call)->bad && !past)
        done = store_set(store_of(call), arg(call, 1), TYPE_STRING, value, call->expires_at_ms, 0);
    if (!done) restored_of(call)->no_memory = true;
    if (!was_good(call)) return false;
    if (past) remove_key(call, 1);
    return true;
}

COLD static bool restore_collection(struct call *call, u32 type) {
    struct collection *c = &call->work;
    struct store *store = store_of(call);
    u32 kind = type < RDB_TYPES ? kinds[type] : 0;
    call->tally = (struct tally){0};
    c->type = kind & TYPE_BASE;
    if (!kind) spoil(call);
    collection_make(store, c->type, c);
    put_all(call, type, kind >> 4);
    if (!restored_of(call)->count) spoil(call);
    bool past = call->expires_at_ms && is_past(call), good = was_good(call);
    if (good && !past && collection_publish(c, arg(call, 1), call->expires_at_ms)) return true;
    collection_give_up(c);
    if (!good) return false;
    if (!past) return fail_memory(call);
    remove_key(call, 1);
    return true;
}

/* --- the command ------------------------------------------------------------------------------ */

/* Makes call->number the figure that IDLETIME or FREQ gives. */
COLD static bool take_restore_options(struct call *call) {
    u32 given = 0;
    i32 word;
    call->option = 4;
    while ((word = next_option(call, "REPLACE ABSTTL IDLETIME\1FREQ\1KEEP")) >= 0) {
        u32 option = 1u << word;
        given |= option;
        if (given & IDLETIME && given & FREQ) return fail_syntax(call);
        if (!(option & (IDLETIME | FREQ))) continue;
        if (!arg_integer(call, call->operand)) return false;
        if (option == IDLETIME && call->number < 0)
            return fail(call, "Invalid IDLETIME value, must be >= 0");
        if (option == FREQ && (u64)call->number > 255)
            return fail(call, "Invalid FREQ value, must be >= 0 and <= 255");
    }
    call->state[GIVEN] = given;
    return word == NO_OPTION;
}

COLD static bool take_ttl(struct call *call) {
    if (!arg_integer(call, 2)) return false;
    if (call->number < 0) return fail(call, "Invalid TTL value, must be >= 0");
    u64 start = call->state[GIVEN] & ABSTTL || !call->number ? 0 : (u64)store_of(call)->now_ms;
    call->expires_at_ms = (i64)(start + (u64)call->number);
    return true;
}

/* Makes the value what is to be read. */
COLD static bool open_payload(struct call *call) {
    struct restored *restored = restored_of(call);
    struct slice payload = arg(call, 3);
    u32 len = payload.len - RDB_FOOTER_BYTES;
    const u8 *footer = payload.bytes + len;
    bool good = payload.len >= RDB_FOOTER_BYTES && load16(footer) <= RDB_VERSION;
    if (good) {
        rdb_begin_crc(call);
        struct slice all = {payload.bytes, payload.len - RDB_CRC_BYTES};
        good = rdb_crc(call, 0, all) == load64(footer + 2);
    }
    if (!good) return fail(call, "DUMP payload version or checksum are wrong");
    *restored = (struct restored){.in = {payload.bytes, len}};
    return true;
}

COLD static bool restore(struct call *call) {
    if (!(call->state[GIVEN] & REPLACE) && touch_key(call, 1)) {
        reply_error(&call->reply, SLICE("BUSYKEY Target key name already exists."));
        return false;
    }
    if (!take_ttl(call) || !open_payload(call)) return false;
    u32 type = take_byte(call);
    return type == RDB_STRING ? restore_string(call) : restore_collection(call, type);
}

COLD HANDLER(cmd_restore) {
    if (!take_restore_options(call)) return;
    u32 given = call->state[GIVEN];
    i64 figure = call->number;
    if (!(given & KEEP) && !restore(call)) return;
    bool found = find_key(call, 1);
    if (given & KEEP && !found) {
        fail(call, "no such key");
        return;
    }
    if (found && given & (IDLETIME | FREQ))
        store_set_recency(store_of(call), &call->work.entry, given & FREQ, (u64)figure);
    reply_ok(&call->reply);
}
