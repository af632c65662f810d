/* The command table: what there is, and what runs a request. */
#include "cmd/handler.h"

enum {
    GENERIC = GROUP_GENERIC,
    STRING = GROUP_STRING,
    LIST = GROUP_LIST,
    SET = GROUP_SET,
    SORTED_SET = GROUP_SORTED_SET,
    HASH = GROUP_HASH,
    BITMAP = GROUP_BITMAP,
    HYPERLOGLOG = GROUP_HYPERLOGLOG,
    GEO = GROUP_GEO,
    SERVER = GROUP_SERVER,
    CONNECTION = GROUP_CONNECTION,

    NO_KEY = KEYS_NONE,
    FIRST = KEYS_FIRST,
    SECOND = KEYS_SECOND,
    TWO = KEYS_TWO,
    ALL = KEYS_ALL,
    ALL_BUT_FIRST = KEYS_ALL_BUT_FIRST,
    ALL_BUT_LAST = KEYS_ALL_BUT_LAST,
    NUMBERED = KEYS_NUMBERED,
    FIRST_AND_MORE = KEYS_FIRST_AND_MORE,
    ALTERNATE = KEYS_ALTERNATE,

    WRITE = CMD_WRITE,
    GROW = CMD_WRITE | CMD_DENYOOM, /* a write that may need memory */
    READ = CMD_READONLY,
    FAST = CMD_FAST,
    ANY_TIME = CMD_LOADING,
    NO_SCRIPT = CMD_NOSCRIPT,
    OPERATOR = CMD_ADMIN | NO_SCRIPT | ANY_TIME,
    BLOCKING = CMD_BLOCKING,
    CONTAINER = CMD_CONTAINER,
    SECONDS = CMD_SECONDS,
    FROM_NOW = CMD_FROM_NOW,
    IF_NEW = CMD_IF_NEW,
    DOWN = CMD_DOWN,
    TAIL = CMD_TAIL,
    IF_THERE = CMD_IF_THERE,
    BY_SCORE = CMD_BY_SCORE,
    BY_LEX = CMD_BY_LEX,
    ANY_RANGE = CMD_ANY_RANGE,
    BOTH = CMD_BOTH,
    AS_TEXT = CMD_AS_TEXT,
    LESS = CMD_DOWN,
};

#define NUMBER(name) RUN_##name
enum { HANDLERS(NUMBER), HANDLER_COUNT };
_Static_assert(HANDLER_COUNT <= 128, "a line has 7 bits for its handler");
static command_handler *const handlers[] = {HANDLERS(NAME)};

const struct command command_table[] = {
#define COMMAND(name, handler, flags, since, group, keys, arity)                                   \
    {RUN_##handler, __builtin_strchr(name, '|') != NULL, arity, keys, flags, since, group},
#include "cmd/commands.inc"
#undef COMMAND
};
_Static_assert(COUNT_OF(command_table) == COMMAND_COUNT, "each has a place for its name");
_Static_assert(sizeof command_table == 5 * COMMAND_COUNT, "lines without gaps");

/* Each with its NUL, in the order of the table. */
static const char names[] =
#define COMMAND(name, ...) name "\0"
#include "cmd/commands.inc"
    ;

const struct key_range command_key_ranges[] = {
    [KEYS_FIRST] = {1, 1, 1},
    [KEYS_SECOND] = {2, 2, 1},
    [KEYS_TWO] = {1, 2, 1},
    [KEYS_ALL] = {1, -1, 1},
    [KEYS_ALTERNATE] = {1, -1, 2},
    [KEYS_ALL_BUT_FIRST] = {2, -1, 1},
    [KEYS_ALL_BUT_LAST] = {1, -2, 1},
    [KEYS_NUMBERED] = {0, 0, 0},
    [KEYS_FIRST_AND_MORE] = {1, 1, 1},
};

/* --- finding ---------------------------------------------------------------------------------- */

/*
 * A name is found by a hash that is the same in any case of letters: in the slot that it says, or
 * behind that, before an empty one. With this factor, the best of many drawn at random, nineteen in
 * twenty names are in their first slot, and none is behind the third. (A binary search took 20 ns
 * more, a fifth of a GET, and going by bytes rather than by words 5 ns.)
 */
#define FACTOR 0x14efcb2379a4c465
enum { NAME_MOST = 16 }; /* bytes */

/* The first eight bytes of a name, what is not there being 0, and its last eight, if it has more.
 */
struct spelling {
    u64 first, last;
};

/* Behind a short name there is always more of the arena, which is none of the name, and of no
 * consequence; fuzzers, who forbid what is behind a request, let it pass. */
#ifdef FERRITE_CHECKED
__attribute__((noinline, no_sanitize("address"))) static u64 load_beyond(const u8 *at) {
    u64 bytes = 0;
    for (u32 i = 0; i < 8; i++) bytes |= (u64)at[i] << 8 * i;
    return bytes;
}
#else
#define load_beyond load64
#endif

HOT_INLINE struct spelling spelling_of(const u8 *name, u32 len) {
    u64 first = load_beyond(name);
    if (len > 8) return (struct spelling){first, load64(name + (len - 8))};
    return (struct spelling){first & (~0ull >> (64 - 8 * len)), 0};
}

#define EACH_BYTE(byte) ((byte) * 0x0101010101010101)

/* As a name is spelled in the table, is the other the same but for the case of its letters? Of what
 * is there, letters alone have bits 0x40 and 0x20 set, but for '|', which has 0x1c as well. */
HOT_INLINE bool is_alike(u64 name, u64 other) {
    u64 letters = name >> 1 & name & ~(name << 1 & name << 2 & name << 3);
    return !((name ^ other) & ~(letters & EACH_BYTE(0x20)));
}

HOT_INLINE u32 first_slot(struct spelling name) {
    u64 first = name.first | EACH_BYTE(0x20);
    u64 last = name.last ? name.last | EACH_BYTE(0x20) : 0;
    return (u32)((first ^ last) * FACTOR >> 55);
}

HOT_INLINE u8 *slot_at(struct directory *directory, u32 hash) {
    return &directory->lines[hash % COUNT_OF(directory->lines)];
}

COLD void command_index(struct directory *directory) {
    const char *name = names;
    for (u32 line = 1; line <= COMMAND_COUNT; line++) {
        u32 len = string_len(name), hash = first_slot(spelling_of((const u8 *)name, len));
        while (*slot_at(directory, hash)) hash++;
        *slot_at(directory, hash) = (u8)line;
        name += len + 1;
        directory->names[line + 1] = (u16)(name - names);
    }
}

const char *command_name(const struct call *call, const struct command *command) {
    return names + call->directory->names[command - command_table + 1];
}

const struct command *command_find(struct call *call, struct slice word) {
    u32 line;
    if (UNLIKELY(word.len - 1 >= NAME_MOST)) return NULL;
    struct spelling asked = spelling_of(word.bytes, word.len);
    for (u32 hash = first_slot(asked); (line = *slot_at(call->directory, hash)); hash++) {
        const u16 *at = &call->directory->names[line];
        if (word.len != at[1] - at[0] - 1u) continue;
        struct spelling name = spelling_of((const u8 *)names + at[0], word.len);
        if (is_alike(name.first, asked.first) && is_alike(name.last, asked.last))
            return &command_table[line - 1];
    }
    return NULL;
}

COLD static const struct command *
find_subcommand(struct call *call, const struct command *container, struct slice word) {
    text_begin(call);
    text_add_string(call, command_name(call, container));
    text_add_string(call, "|");
    text_add(call, word);
    return command_find(call, text_made(call));
}

/* The command, or the subcommand, that the request asks for; NULL if there is none. */
static const struct command *resolve(struct call *call) {
    const struct command *command = command_find(call, arg(call, 0));
    if (!command) return NULL;
    if (command->flags & CMD_CONTAINER && arg_count(call) > 1)
        return find_subcommand(call, command, arg(call, 1));
    return command->is_part ? NULL : command;
}

/* Does it take so many arguments, its name included? */
static bool takes(const struct command *command, u32 count) {
    i32 arity = command->arity;
    return arity < 0 ? count >= (u32)-arity : count == (u32)arity;
}

/* --- running ---------------------------------------------------------------------------------- */

COLD static void refuse(struct call *call, const struct command *command) {
    enum { QUOTED_MAX = 128 }; /* Redis's, both for the name and for all arguments together */
    if (command) {
        fail_arity(call, command);
        return;
    }
    struct slice name = arg(call, 0);
    command = command_find(call, name);
    text_begin(call);
    if (command && command->flags & CMD_CONTAINER) {
        text_add_string(call, "unknown subcommand '");
        text_add_foreign(call, arg(call, 1), QUOTED_MAX);
        text_add_string(call, "'. Try ");
        text_add_upper(call, name);
        text_add_string(call, " HELP.");
    } else {
        text_add_string(call, "unknown command '");
        text_add_foreign(call, name, QUOTED_MAX);
        text_add_string(call, "', with args beginning with: ");
        u32 start = call->text_len;
        for (u32 i = 1; i < arg_count(call) && call->text_len - start < QUOTED_MAX; i++) {
            u32 most = QUOTED_MAX - (call->text_len - start);
            text_add_string(call, "'");
            text_add_foreign(call, arg(call, i), most);
            text_add_string(call, "' ");
        }
    }
    fail_quoting(call, "", text_made(call), "");
}

void command_execute(struct call *call) {
    const struct command *command = resolve(call);
    if (UNLIKELY(!command || !takes(command, arg_count(call)))) {
        refuse(call, command);
        return;
    }
    call->command = command;
    call->flags = command->flags;
    call->expires_at_ms = 0;
    store_of(call)->may_use_spare = !(command->flags & CMD_DENYOOM);
    handlers[command->handler](call);
}
