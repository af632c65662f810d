/* The command table: what there is, and what runs a request. */
#include "cmd/handler.h"

enum {
    GENERIC = GROUP_GENERIC,
    STRING = GROUP_STRING,
    SERVER = GROUP_SERVER,
    CONNECTION = GROUP_CONNECTION,

    NO_KEY = KEYS_NONE,
    FIRST = KEYS_FIRST,
    SECOND = KEYS_SECOND,
    TWO = KEYS_TWO,
    ALL = KEYS_ALL,
    ALTERNATE = KEYS_ALTERNATE,

    WRITE = CMD_WRITE,
    GROW = CMD_WRITE | CMD_DENYOOM, /* a write that may need memory */
    READ = CMD_READONLY,
    FAST = CMD_FAST,
    ANY_TIME = CMD_LOADING | CMD_STALE,
    OPERATOR = CMD_ADMIN | CMD_NOSCRIPT | ANY_TIME,
    CONTAINER = CMD_CONTAINER,
    SECONDS = CMD_SECONDS,
    FROM_NOW = CMD_FROM_NOW,
    IF_NEW = CMD_IF_NEW,
    DOWN = CMD_DOWN,
};

const struct command command_table[] = {
    {"append", cmd_append, STRING, 3, FIRST, GROW | FAST, V2_0_0},
    {"command", cmd_command_info, SERVER, -1, NO_KEY, ANY_TIME | CONTAINER, V2_8_13},
    {"command|count", cmd_command_count, SERVER, 2, NO_KEY, ANY_TIME, V2_8_13},
    {"command|docs", cmd_command_docs, SERVER, -2, NO_KEY, ANY_TIME, V7_0_0},
    {"command|getkeys", cmd_command_getkeys, SERVER, -4, NO_KEY, ANY_TIME, V2_8_13},
    {"command|help", cmd_help, SERVER, 2, NO_KEY, ANY_TIME, V5_0_0},
    {"command|info", cmd_command_info, SERVER, -2, NO_KEY, ANY_TIME, V2_8_13},
    {"command|list", cmd_command_list, SERVER, -2, NO_KEY, ANY_TIME, V7_0_0},
    {"config", NULL, SERVER, -2, NO_KEY, CONTAINER, V2_0_0},
    {"config|get", cmd_config_get, SERVER, -3, NO_KEY, OPERATOR, V2_0_0},
    {"config|help", cmd_help, SERVER, 2, NO_KEY, ANY_TIME, V5_0_0},
    {"config|resetstat", cmd_config_resetstat, SERVER, 2, NO_KEY, OPERATOR, V2_0_0},
    {"config|set", cmd_config_set, SERVER, -4, NO_KEY, OPERATOR, V2_0_0},
    {"copy", cmd_copy, GENERIC, -3, TWO, GROW, V6_2_0},
    {"dbsize", cmd_dbsize, SERVER, 1, NO_KEY, READ | FAST, V1_0_0},
    {"decr", cmd_incr, STRING, 2, FIRST, GROW | FAST | DOWN, V1_0_0},
    {"decrby", cmd_incr, STRING, 3, FIRST, GROW | FAST | DOWN, V1_0_0},
    {"del", cmd_del, GENERIC, -2, ALL, WRITE, V1_0_0},
    {"echo", cmd_echo, CONNECTION, 2, NO_KEY, ANY_TIME | FAST, V1_0_0},
    {"exists", cmd_exists, GENERIC, -2, ALL, READ | FAST, V1_0_0},
    {"expire", cmd_expire, GENERIC, -3, FIRST, WRITE | FAST | SECONDS | FROM_NOW, V1_0_0},
    {"expireat", cmd_expire, GENERIC, -3, FIRST, WRITE | FAST | SECONDS, V1_2_0},
    {"expiretime", cmd_ttl, GENERIC, 2, FIRST, READ | FAST | SECONDS, V7_0_0},
    {"flushall", cmd_flush, SERVER, -1, NO_KEY, WRITE, V1_0_0},
    {"flushdb", cmd_flush, SERVER, -1, NO_KEY, WRITE, V1_0_0},
    {"get", cmd_get, STRING, 2, FIRST, READ | FAST, V1_0_0},
    {"getdel", cmd_getdel, STRING, 2, FIRST, WRITE | FAST, V6_2_0},
    {"getex", cmd_getex, STRING, -2, FIRST, WRITE | FAST, V6_2_0},
    {"getrange", cmd_getrange, STRING, 4, FIRST, READ, V2_4_0},
    {"getset", cmd_getset, STRING, 3, FIRST, GROW | FAST, V1_0_0},
    {"incr", cmd_incr, STRING, 2, FIRST, GROW | FAST, V1_0_0},
    {"incrby", cmd_incr, STRING, 3, FIRST, GROW | FAST, V1_0_0},
    {"incrbyfloat", cmd_incrbyfloat, STRING, 3, FIRST, GROW | FAST, V2_6_0},
    {"info", cmd_info, SERVER, -1, NO_KEY, ANY_TIME, V1_0_0},
    {"keys", cmd_keys, GENERIC, 2, NO_KEY, READ, V1_0_0},
    {"memory", NULL, SERVER, -2, NO_KEY, CONTAINER, V4_0_0},
    {"memory|help", cmd_help, SERVER, 2, NO_KEY, ANY_TIME, V4_0_0},
    {"memory|stats", cmd_memory_stats, SERVER, 2, NO_KEY, 0, V4_0_0},
    {"memory|usage", cmd_memory_usage, SERVER, -3, SECOND, READ, V4_0_0},
    {"mget", cmd_mget, STRING, -2, ALL, READ | FAST, V1_0_0},
    {"mset", cmd_mset, STRING, -3, ALTERNATE, GROW, V1_0_1},
    {"msetnx", cmd_mset, STRING, -3, ALTERNATE, GROW | IF_NEW, V1_0_1},
    {"object", NULL, GENERIC, -2, NO_KEY, CONTAINER, V2_2_3},
    {"object|encoding", cmd_object_encoding, GENERIC, 3, SECOND, READ, V2_2_3},
    {"object|freq", cmd_object_freq, GENERIC, 3, SECOND, READ, V4_0_0},
    {"object|help", cmd_help, GENERIC, 2, NO_KEY, ANY_TIME, V6_2_0},
    {"object|idletime", cmd_object_idletime, GENERIC, 3, SECOND, READ, V2_2_3},
    {"object|refcount", cmd_object_refcount, GENERIC, 3, SECOND, READ, V2_2_3},
    {"persist", cmd_persist, GENERIC, 2, FIRST, WRITE | FAST, V2_2_0},
    {"pexpire", cmd_expire, GENERIC, -3, FIRST, WRITE | FAST | FROM_NOW, V2_6_0},
    {"pexpireat", cmd_expire, GENERIC, -3, FIRST, WRITE | FAST, V2_6_0},
    {"pexpiretime", cmd_ttl, GENERIC, 2, FIRST, READ | FAST, V7_0_0},
    {"ping", cmd_ping, CONNECTION, -1, NO_KEY, FAST, V1_0_0},
    {"psetex", cmd_setex, STRING, 4, FIRST, GROW | FROM_NOW, V2_6_0},
    {"pttl", cmd_ttl, GENERIC, 2, FIRST, READ | FAST | FROM_NOW, V2_6_0},
    {"randomkey", cmd_randomkey, GENERIC, 1, NO_KEY, READ, V1_0_0},
    {"rename", cmd_rename, GENERIC, 3, TWO, WRITE, V1_0_0},
    {"renamenx", cmd_rename, GENERIC, 3, TWO, WRITE | FAST | IF_NEW, V1_0_0},
    {"scan", cmd_scan, GENERIC, -2, NO_KEY, READ, V2_8_0},
    {"set", cmd_set, STRING, -3, FIRST, GROW, V1_0_0},
    {"setex", cmd_setex, STRING, 4, FIRST, GROW | SECONDS | FROM_NOW, V2_0_0},
    {"setnx", cmd_setnx, STRING, 3, FIRST, GROW | FAST, V1_0_0},
    {"setrange", cmd_setrange, STRING, 4, FIRST, GROW, V2_2_0},
    {"strlen", cmd_strlen, STRING, 2, FIRST, READ | FAST, V2_2_0},
    {"substr", cmd_getrange, STRING, 4, FIRST, READ, V1_0_0},
    {"touch", cmd_touch, GENERIC, -2, ALL, READ | FAST, V3_2_1},
    {"ttl", cmd_ttl, GENERIC, 2, FIRST, READ | FAST | SECONDS | FROM_NOW, V1_0_0},
    {"type", cmd_type, GENERIC, 2, FIRST, READ | FAST, V1_0_0},
    {"unlink", cmd_del, GENERIC, -2, ALL, WRITE | FAST, V4_0_0},
};
const u32 command_count = COUNT_OF(command_table);

const struct key_range command_key_ranges[] = {
    [KEYS_FIRST] = {1, 1, 1}, [KEYS_SECOND] = {2, 2, 1},     [KEYS_TWO] = {1, 2, 1},
    [KEYS_ALL] = {1, -1, 1},  [KEYS_ALTERNATE] = {1, -1, 2},
};

/* --- finding -------------------------------------------------------------------------------- */

enum { NAME_MAX = 32 };

/* Below 0, 0 or above 0: how a request's word, in any case, compares with a name of the table. */
static int compare(struct slice word, const char *name) {
    for (u32 i = 0; i < word.len; i++) {
        u8 byte = word.bytes[i];
        if ((u8)(byte - 'A') < 26) byte |= 0x20;
        if (!name[i]) return 1;
        if (byte != (u8)name[i]) return byte - (u8)name[i];
    }
    return name[word.len] ? -1 : 0;
}

const struct command *command_find(struct slice name) {
    for (u32 low = 0, high = command_count; low < high;) {
        u32 middle = (low + high) / 2;
        const struct command *command = &command_table[middle];
        int order = compare(name, command->name);
        if (order == 0) return command;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

COLD static const struct command *find_subcommand(const struct command *container,
                                                  struct slice word) {
    TEXT(name, NAME_MAX);
    text_add_string(&name, container->name);
    text_add_string(&name, "|");
    text_add(&name, word);
    return name.used == NAME_MAX ? NULL : command_find(text_slice(&name));
}

bool command_is_part(const struct command *command) {
    const char *at = command->name;
    while (*at && *at != '|') at++;
    return *at;
}

const struct command *command_resolve(struct call *call, u32 index) {
    const struct command *command = command_find(arg(call, index));
    if (!command) return NULL;
    if (command->flags & CMD_CONTAINER && index + 1 < arg_count(call))
        return find_subcommand(command, arg(call, index + 1));
    return command_is_part(command) ? NULL : command;
}

bool command_takes(const struct command *command, u32 count) {
    i32 arity = command->arity;
    return arity < 0 ? count >= (u32)-arity : count == (u32)arity;
}

/* --- running -------------------------------------------------------------------------------- */

COLD static void refuse(struct call *call, const struct command *command) {
    enum { QUOTED_MAX = 128 }; /* Redis's, both for the name and for all arguments together */
    if (command) {
        fail_arity(call, command);
        return;
    }
    struct slice name = arg(call, 0);
    command = command_find(name);
    TEXT(text, 512);
    if (command && command->flags & CMD_CONTAINER) {
        text_add_string(&text, "unknown subcommand '");
        text_add_foreign(&text, arg(call, 1), QUOTED_MAX);
        text_add_string(&text, "'. Try ");
        text_add_upper(&text, name);
        text_add_string(&text, " HELP.");
    } else {
        text_add_string(&text, "unknown command '");
        text_add_foreign(&text, name, QUOTED_MAX);
        text_add_string(&text, "', with args beginning with: ");
        u32 start = text.used;
        for (u32 i = 1; i < arg_count(call) && text.used - start < QUOTED_MAX; i++) {
            u32 most = QUOTED_MAX - (text.used - start);
            text_add_string(&text, "'");
            text_add_foreign(&text, arg(call, i), most);
            text_add_string(&text, "' ");
        }
    }
    reply_error_quoting(&call->reply, SLICE(""), text_slice(&text), SLICE(""));
}

void command_execute(struct call *call) {
    const struct command *command = command_resolve(call, 0);
    if (UNLIKELY(!command || !command_takes(command, arg_count(call)))) {
        refuse(call, command);
        return;
    }
    call->command = command;
    call->expires_at_ms = 0;
    call->store->may_use_spare = !(command->flags & CMD_DENYOOM);
    command->run(call);
}
