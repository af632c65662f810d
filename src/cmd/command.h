/*
 * The command table, and what a handler gets to work with.
 *
 * The table is the manual: one line a command. COMMAND's output, arity checks and the coverage
 * counts of the tests derive from it. A handler checks its arguments, makes room, then changes
 * state; a handler that replies an error has changed nothing.
 */
#ifndef FERRITE_COMMAND_H
#define FERRITE_COMMAND_H

#include "base/decimal.h"
#include "type/collection.h"
#include "wire/reply.h"
#include "wire/request.h"

enum { CALL_NOTES = 44, COMMAND_COUNT = 188 };

/* Where the name of each line of the command table begins, lines counted from 1, and ends: a NUL in
 * front of the next; and a hash table of the lines. */
struct directory {
    u16 names[COMMAND_COUNT + 2];
    u8 lines[512]; /* 0: an empty slot */
};

/* What comes of putting: how many names are new, and how many others have another value or score
 * now. */
struct tally {
    u32 conditions; /* for members of sorted sets: enum condition */
    u32 created, changed;
};

/* What a handler works with lies here rather than on the stack where it can: in the module, its
 * address is a constant, and there is no frame to make and to leave. What is used most comes first,
 * at the smallest addresses. */
struct call {
    i64 number;             /* the integer that was read last */
    struct collection work; /* the key at work: what was looked for last */
    struct store *store;
    const struct command *command;
    u32 flags; /* its own */
    struct reply reply;
    struct collection source; /* where from, when work is where to */
    struct collection made;   /* one in the making */
    struct spot spot;         /* what was looked for in it last, or an item in the making */
    double real;              /* the double that was read last */
    struct extended extended;
    i64 expires_at_ms; /* what the key at work is given; 0, as each command begins: never */
    struct tally tally;
    u32 text_len;        /* of the text in the making: see text_begin */
    u32 option, operand; /* next_option: the argument it reads next, and the one behind the last */
    u32 state[8];        /* what options said; then of the stream that the reply ends with */
    /* What is left to do when the reply has left, or is given up: removing what it showed. The
     * request may be gone. NULL: nothing. */
    void (*finish)(struct call *call);
    struct directory *directory;
    u8 *scratch;                /* what take_scratch took */
    u64 notes[CALL_NOTES];      /* for a stream that needs more than the state */
    u8 digits[DOUBLE_TEXT_MAX]; /* a number as text */
    struct request request;
};

/* Redis's command flags. Two more follow from others here: movablekeys from which arguments are
 * keys, stale from loading. */
enum command_flag {
    CMD_WRITE = 1,
    CMD_READONLY = 2,
    CMD_DENYOOM = 4, /* may be refused when memory is full; all others succeed */
    CMD_ADMIN = 8,
    CMD_NOSCRIPT = 16,
    CMD_LOADING = 32,
    CMD_FAST = 64,
    CMD_BLOCKING = 128, /* by name: it answers at once */

    /* Ours. */
    CMD_CONTAINER = 256, /* its subcommands are the lines behind it in the table */
    /* What sets commands with one handler apart. */
    CMD_SECONDS = 512,    /* a time is in seconds, not in milliseconds */
    CMD_FROM_NOW = 1024,  /* a time is from now, not since the epoch */
    CMD_IF_NEW = 2048,    /* only for keys that are absent: ...NX */
    CMD_DOWN = 4096,      /* subtracts, sets too; goes from the highest score to the lowest */
    CMD_TAIL = 8192,      /* works at the tail of a list, not at its head */
    CMD_IF_THERE = 16384, /* only for keys that are there: ...X */
    /* Of sorted sets, where those have no meaning. */
    CMD_BY_SCORE = CMD_SECONDS,
    CMD_BY_LEX = CMD_FROM_NOW,
    CMD_BOTH = CMD_TAIL,        /* an intersection */
    CMD_ANY_RANGE = CMD_IF_NEW, /* options say of which kind the range is */
    CMD_AS_TEXT = CMD_TAIL,     /* a place, as its geohash */
};

/* The Redis version that brought a command. */
enum command_since {
    V1_0_0,
    V1_0_1,
    V1_0_5,
    V1_2_0,
    V2_0_0,
    V2_2_0,
    V2_2_3,
    V2_4_0,
    V2_6_0,
    V2_8_0,
    V2_8_7,
    V2_8_9,
    V2_8_13,
    V3_2_0,
    V3_2_1,
    V4_0_0,
    V5_0_0,
    V6_0_0,
    V6_0_6,
    V6_2_0,
    V7_0_0,
    V7_4_0,
};

enum command_group {
    GROUP_GENERIC,
    GROUP_STRING,
    GROUP_LIST,
    GROUP_SET,
    GROUP_SORTED_SET,
    GROUP_HASH,
    GROUP_BITMAP,
    GROUP_HYPERLOGLOG,
    GROUP_GEO,
    GROUP_SERVER,
    GROUP_CONNECTION,
};

/* Which arguments of a command are keys. The last two: there is a number of keys in front of them;
 * the first, and others wherever they are. */
enum command_keys {
    KEYS_NONE,
    KEYS_FIRST,
    KEYS_SECOND,
    KEYS_TWO,
    KEYS_ALL,
    KEYS_ALTERNATE,
    KEYS_ALL_BUT_FIRST,
    KEYS_ALL_BUT_LAST,
    KEYS_NUMBERED,
    KEYS_FIRST_AND_MORE,
};

/* The same as COMMAND INFO tells it: the first and the last key's index (negative: from the end)
 * and the step from one to the next. */
struct key_range {
    i8 first, last, step;
};
extern const struct key_range command_key_ranges[];

typedef void command_handler(struct call *call);

/* What is called by pointer is defined as HANDLER(cmd_name) { ... }; as STREAM(next_name) { ... }
 * if it is a reply's stream, as FINISH(name) { ... } if call->finish may be that. Each has one
 * parameter, `call`, of which the compiler learns in the module that there is but one; any other
 * pointer to it is told so by CALL_AT. */
#ifdef FERRITE_MODULE
#define THE_CALL ((struct call *)CALL_AT)
_Static_assert(CALL_AT + sizeof(struct call) <= CALL_END, "the call has its place");
#define CALL_AT(pointer) ((void)(pointer), THE_CALL)
#define OF_THE_CALL(scope, type, name)                                                             \
    static type name##_of(struct call *call);                                                      \
    scope type name(struct call *call) {                                                           \
        (void)call;                                                                                \
        return name##_of(THE_CALL);                                                                \
    }                                                                                              \
    static type name##_of(struct call *call)
#else
#define CALL_AT(pointer) ((struct call *)(pointer))
#define OF_THE_CALL(scope, type, name) scope type name(struct call *call)
#endif
#define HANDLER(name) OF_THE_CALL(, void, name)
#define STREAM(name) OF_THE_CALL(static, bool, name)
#define FINISH(name) OF_THE_CALL(static, void, name)

/* A line of the table: five bytes, at any address. In this order they pack best. */
struct __attribute__((packed)) command {
    u8 handler : 7;
    u8 is_part : 1; /* a subcommand: its name is "container|subcommand" */
    u8 : 0;         /* the rest is read at once */
    i32 arity : 4;  /* arguments with the name; negative: at least that many */
    u32 keys : 4;
    u32 flags : 15;
    u32 since : 5;
    u32 group : 4;
};

extern const struct command command_table[COMMAND_COUNT]; /* sorted by name; commands.inc */

/* Fills an empty directory. */
void command_index(struct directory *directory);

/* In lower case. */
const char *command_name(const struct call *call, const struct command *command);

/* The command of that name, in any case; "config|get" finds a subcommand. NULL: there is none. */
const struct command *command_find(struct call *call, struct slice word);

/* Executes call->request (count >= 1): finds the command, checks its arity, runs it; replies errors
 * as Redis does. call->store->now_ms is set; call->reply has REPLY_ROOM bytes free. */
void command_execute(struct call *call);

/* Does what the last command left to be done when its reply was through. */
HOT_INLINE void command_finish(struct call *call) {
    void (*finish)(struct call *call) = call->finish;
    call->finish = NULL;
    if (LIKELY(finish == NULL)) return;
    call->work.key = call->work.entry.key; /* the request may be gone */
    finish(call);
}

#endif
