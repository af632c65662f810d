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

const struct command command_table[] = {
    {"append", cmd_append, GROW | FAST, V2_0_0, STRING, FIRST, 3},
    {"bitcount", cmd_bitcount, READ, V2_6_0, BITMAP, FIRST, -2},
    {"bitfield", cmd_bitfield, GROW, V3_2_0, BITMAP, FIRST, -2},
    {"bitfield_ro", cmd_bitfield, READ | FAST, V6_0_0, BITMAP, FIRST, -2},
    {"bitop", cmd_bitop, GROW, V2_6_0, BITMAP, ALL_BUT_FIRST, -4},
    {"bitpos", cmd_bitpos, READ, V2_8_7, BITMAP, FIRST, -3},
    {"blmove", cmd_lmove, GROW | NO_SCRIPT | BLOCKING, V6_2_0, LIST, TWO, 6},
    {"blmpop", cmd_pop_first, WRITE | BLOCKING, V7_0_0, LIST, NUMBERED, -5},
    {"blpop", cmd_pop_first, WRITE | NO_SCRIPT | BLOCKING, V2_0_0, LIST, ALL_BUT_LAST, -3},
    {"brpop", cmd_pop_first, WRITE | NO_SCRIPT | BLOCKING | TAIL, V2_0_0, LIST, ALL_BUT_LAST, -3},
    {"brpoplpush", cmd_lmove, GROW | NO_SCRIPT | BLOCKING, V2_2_0, LIST, TWO, 4},
    {"bzmpop", cmd_pop_first, WRITE | BLOCKING, V7_0_0, SORTED_SET, NUMBERED, -5},
    {"bzpopmax", cmd_pop_first, WRITE | NO_SCRIPT | FAST | BLOCKING | TAIL, V5_0_0, SORTED_SET,
     ALL_BUT_LAST, -3},
    {"bzpopmin", cmd_pop_first, WRITE | NO_SCRIPT | FAST | BLOCKING, V5_0_0, SORTED_SET,
     ALL_BUT_LAST, -3},
    {"cl.throttle", cmd_throttle, GROW | FAST, V4_0_0, GENERIC, FIRST, -5},
    {"command", cmd_command_info, ANY_TIME | CONTAINER, V2_8_13, SERVER, NO_KEY, -1},
    {"command|count", cmd_command_count, ANY_TIME, V2_8_13, SERVER, NO_KEY, 2},
    {"command|docs", cmd_command_docs, ANY_TIME, V7_0_0, SERVER, NO_KEY, -2},
    {"command|help", cmd_help, ANY_TIME, V5_0_0, SERVER, NO_KEY, 2},
    {"command|info", cmd_command_info, ANY_TIME, V2_8_13, SERVER, NO_KEY, -2},
    {"config", NULL, CONTAINER, V2_0_0, SERVER, NO_KEY, -2},
    {"config|get", cmd_config_get, OPERATOR, V2_0_0, SERVER, NO_KEY, -3},
    {"config|help", cmd_help, ANY_TIME, V5_0_0, SERVER, NO_KEY, 2},
    {"config|resetstat", cmd_config_resetstat, OPERATOR, V2_0_0, SERVER, NO_KEY, 2},
    {"config|set", cmd_config_set, OPERATOR, V2_0_0, SERVER, NO_KEY, -4},
    {"copy", cmd_copy, GROW, V6_2_0, GENERIC, TWO, -3},
    {"dbsize", cmd_dbsize, READ | FAST, V1_0_0, SERVER, NO_KEY, 1},
    {"decr", cmd_incr, GROW | FAST | DOWN, V1_0_0, STRING, FIRST, 2},
    {"decrby", cmd_incr, GROW | FAST | DOWN, V1_0_0, STRING, FIRST, 3},
    {"del", cmd_count_keys, WRITE, V1_0_0, GENERIC, ALL, -2},
    {"echo", cmd_echo, ANY_TIME | FAST, V1_0_0, CONNECTION, NO_KEY, 2},
    {"exists", cmd_count_keys, READ | FAST | IF_THERE, V1_0_0, GENERIC, ALL, -2},
    {"expire", cmd_expire, WRITE | FAST | SECONDS | FROM_NOW, V1_0_0, GENERIC, FIRST, -3},
    {"expireat", cmd_expire, WRITE | FAST | SECONDS, V1_2_0, GENERIC, FIRST, -3},
    {"expiretime", cmd_ttl, READ | FAST | SECONDS, V7_0_0, GENERIC, FIRST, 2},
    {"flushall", cmd_flush, WRITE, V1_0_0, SERVER, NO_KEY, -1},
    {"flushdb", cmd_flush, WRITE, V1_0_0, SERVER, NO_KEY, -1},
    {"geoadd", cmd_zadd, GROW, V3_2_0, GEO, FIRST, -5},
    {"geodist", cmd_geodist, READ, V3_2_0, GEO, FIRST, -4},
    {"geohash", cmd_hmget, READ | AS_TEXT, V3_2_0, GEO, FIRST, -2},
    {"geopos", cmd_hmget, READ, V3_2_0, GEO, FIRST, -2},
    {"geosearch", cmd_geosearch, READ, V6_2_0, GEO, FIRST, -7},
    {"geosearchstore", cmd_geosearch, GROW, V6_2_0, GEO, TWO, -8},
    {"get", cmd_get, READ | FAST, V1_0_0, STRING, FIRST, 2},
    {"getbit", cmd_getbit, READ | FAST, V2_2_0, BITMAP, FIRST, 3},
    {"getdel", cmd_getdel, WRITE | FAST, V6_2_0, STRING, FIRST, 2},
    {"getex", cmd_getex, WRITE | FAST, V6_2_0, STRING, FIRST, -2},
    {"getrange", cmd_getrange, READ, V2_4_0, STRING, FIRST, 4},
    {"getset", cmd_getset, GROW | FAST, V1_0_0, STRING, FIRST, 3},
    {"hdel", cmd_remove_items, WRITE | FAST, V2_0_0, HASH, FIRST, -3},
    {"hexists", cmd_hexists, READ | FAST, V2_0_0, HASH, FIRST, 3},
    {"hexpire", cmd_hexpire, GROW | FAST | SECONDS | FROM_NOW, V7_4_0, HASH, FIRST, -6},
    {"hexpireat", cmd_hexpire, GROW | FAST | SECONDS, V7_4_0, HASH, FIRST, -6},
    {"hexpiretime", cmd_httl, READ | FAST | SECONDS, V7_4_0, HASH, FIRST, -5},
    {"hget", cmd_hget, READ | FAST, V2_0_0, HASH, FIRST, 3},
    {"hgetall", cmd_hgetall, READ, V2_0_0, HASH, FIRST, 2},
    {"hincrby", cmd_hincrby, GROW | FAST, V2_0_0, HASH, FIRST, 4},
    {"hincrbyfloat", cmd_hincrbyfloat, GROW | FAST, V2_6_0, HASH, FIRST, 4},
    {"hkeys", cmd_hkeys, READ, V2_0_0, HASH, FIRST, 2},
    {"hlen", cmd_count, READ | FAST, V2_0_0, HASH, FIRST, 2},
    {"hmget", cmd_hmget, READ | FAST, V2_0_0, HASH, FIRST, -3},
    {"hmset", cmd_hmset, GROW | FAST, V2_0_0, HASH, FIRST, -4},
    {"hpersist", cmd_hexpire, WRITE | FAST, V7_4_0, HASH, FIRST, -5},
    {"hpexpire", cmd_hexpire, GROW | FAST | FROM_NOW, V7_4_0, HASH, FIRST, -6},
    {"hpexpireat", cmd_hexpire, GROW | FAST, V7_4_0, HASH, FIRST, -6},
    {"hpexpiretime", cmd_httl, READ | FAST, V7_4_0, HASH, FIRST, -5},
    {"hpttl", cmd_httl, READ | FAST | FROM_NOW, V7_4_0, HASH, FIRST, -5},
    {"hrandfield", cmd_randmember, READ, V6_2_0, HASH, FIRST, -2},
    {"hscan", cmd_scan_items, READ, V2_8_0, HASH, FIRST, -3},
    {"hset", cmd_hset, GROW | FAST, V2_0_0, HASH, FIRST, -4},
    {"hsetnx", cmd_hsetnx, GROW | FAST, V2_0_0, HASH, FIRST, 4},
    {"hstrlen", cmd_hstrlen, READ | FAST, V3_2_0, HASH, FIRST, 3},
    {"httl", cmd_httl, READ | FAST | SECONDS | FROM_NOW, V7_4_0, HASH, FIRST, -5},
    {"hvals", cmd_hvals, READ, V2_0_0, HASH, FIRST, 2},
    {"incr", cmd_incr, GROW | FAST, V1_0_0, STRING, FIRST, 2},
    {"incrby", cmd_incr, GROW | FAST, V1_0_0, STRING, FIRST, 3},
    {"incrbyfloat", cmd_incrbyfloat, GROW | FAST, V2_6_0, STRING, FIRST, 3},
    {"info", cmd_info, ANY_TIME, V1_0_0, SERVER, NO_KEY, -1},
    {"keys", cmd_keys, READ, V1_0_0, GENERIC, NO_KEY, 2},
    {"lcs", cmd_lcs, READ, V7_0_0, STRING, TWO, -3},
    {"lindex", cmd_lindex, READ, V1_0_0, LIST, FIRST, 3},
    {"linsert", cmd_linsert, GROW, V2_2_0, LIST, FIRST, 5},
    {"llen", cmd_count, READ | FAST, V1_0_0, LIST, FIRST, 2},
    {"lmove", cmd_lmove, GROW, V6_2_0, LIST, TWO, 5},
    {"lmpop", cmd_pop_first, WRITE, V7_0_0, LIST, NUMBERED, -4},
    {"lpop", cmd_pop, WRITE | FAST, V1_0_0, LIST, FIRST, -2},
    {"lpos", cmd_lpos, READ, V6_0_6, LIST, FIRST, -3},
    {"lpush", cmd_push, GROW | FAST, V1_0_0, LIST, FIRST, -3},
    {"lpushx", cmd_push, GROW | FAST | IF_THERE, V2_2_0, LIST, FIRST, -3},
    {"lrange", cmd_lrange, READ, V1_0_0, LIST, FIRST, 4},
    {"lrem", cmd_lrem, WRITE, V1_0_0, LIST, FIRST, 4},
    {"lset", cmd_lset, GROW, V1_0_0, LIST, FIRST, 4},
    {"ltrim", cmd_ltrim, WRITE, V1_0_0, LIST, FIRST, 4},
    {"memory", NULL, CONTAINER, V4_0_0, SERVER, NO_KEY, -2},
    {"memory|help", cmd_help, ANY_TIME, V4_0_0, SERVER, NO_KEY, 2},
    {"memory|stats", cmd_memory_stats, 0, V4_0_0, SERVER, NO_KEY, 2},
    {"memory|usage", cmd_memory_usage, READ, V4_0_0, SERVER, SECOND, -3},
    {"mget", cmd_mget, READ | FAST, V1_0_0, STRING, ALL, -2},
    {"mset", cmd_mset, GROW, V1_0_1, STRING, ALTERNATE, -3},
    {"msetnx", cmd_mset, GROW | IF_NEW, V1_0_1, STRING, ALTERNATE, -3},
    {"object", NULL, CONTAINER, V2_2_3, GENERIC, NO_KEY, -2},
    {"object|encoding", cmd_object_encoding, READ, V2_2_3, GENERIC, SECOND, 3},
    {"object|freq", cmd_object_freq, READ, V4_0_0, GENERIC, SECOND, 3},
    {"object|help", cmd_help, ANY_TIME, V6_2_0, GENERIC, NO_KEY, 2},
    {"object|idletime", cmd_object_idletime, READ, V2_2_3, GENERIC, SECOND, 3},
    {"object|refcount", cmd_object_refcount, READ, V2_2_3, GENERIC, SECOND, 3},
    {"persist", cmd_persist, WRITE | FAST, V2_2_0, GENERIC, FIRST, 2},
    {"pexpire", cmd_expire, WRITE | FAST | FROM_NOW, V2_6_0, GENERIC, FIRST, -3},
    {"pexpireat", cmd_expire, WRITE | FAST, V2_6_0, GENERIC, FIRST, -3},
    {"pexpiretime", cmd_ttl, READ | FAST, V7_0_0, GENERIC, FIRST, 2},
    {"pfadd", cmd_pfadd, GROW | FAST, V2_8_9, HYPERLOGLOG, FIRST, -2},
    {"pfcount", cmd_pfcount, READ, V2_8_9, HYPERLOGLOG, ALL, -2},
    {"pfmerge", cmd_pfmerge, GROW, V2_8_9, HYPERLOGLOG, ALL, -2},
    {"ping", cmd_ping, FAST, V1_0_0, CONNECTION, NO_KEY, -1},
    {"psetex", cmd_setex, GROW | FROM_NOW, V2_6_0, STRING, FIRST, 4},
    {"pttl", cmd_ttl, READ | FAST | FROM_NOW, V2_6_0, GENERIC, FIRST, 2},
    {"randomkey", cmd_randomkey, READ, V1_0_0, GENERIC, NO_KEY, 1},
    {"rename", cmd_rename, WRITE, V1_0_0, GENERIC, TWO, 3},
    {"renamenx", cmd_rename, WRITE | FAST | IF_NEW, V1_0_0, GENERIC, TWO, 3},
    {"rpop", cmd_pop, WRITE | FAST | TAIL, V1_0_0, LIST, FIRST, -2},
    {"rpoplpush", cmd_lmove, GROW, V1_2_0, LIST, TWO, 3},
    {"rpush", cmd_push, GROW | FAST | TAIL, V1_0_0, LIST, FIRST, -3},
    {"rpushx", cmd_push, GROW | FAST | IF_THERE | TAIL, V2_2_0, LIST, FIRST, -3},
    {"sadd", cmd_sadd, GROW | FAST, V1_0_0, SET, FIRST, -3},
    {"scan", cmd_scan, READ, V2_8_0, GENERIC, NO_KEY, -2},
    {"scard", cmd_count, READ | FAST, V1_0_0, SET, FIRST, 2},
    {"sdiff", cmd_set_algebra, READ | LESS, V1_0_0, SET, ALL, -2},
    {"sdiffstore", cmd_set_algebra, GROW | LESS, V1_0_0, SET, ALL, -3},
    {"set", cmd_set, GROW, V1_0_0, STRING, FIRST, -3},
    {"setbit", cmd_setbit, GROW, V2_2_0, BITMAP, FIRST, 4},
    {"setex", cmd_setex, GROW | SECONDS | FROM_NOW, V2_0_0, STRING, FIRST, 4},
    {"setnx", cmd_setnx, GROW | FAST, V1_0_0, STRING, FIRST, 3},
    {"setrange", cmd_setrange, GROW, V2_2_0, STRING, FIRST, 4},
    {"sinter", cmd_set_algebra, READ | BOTH, V1_0_0, SET, ALL, -2},
    {"sintercard", cmd_intercard, READ | BOTH, V7_0_0, SET, NUMBERED, -3},
    {"sinterstore", cmd_set_algebra, GROW | BOTH, V1_0_0, SET, ALL, -3},
    {"sismember", cmd_hexists, READ | FAST, V1_0_0, SET, FIRST, 3},
    {"smembers", cmd_hkeys, READ, V1_0_0, SET, FIRST, 2},
    {"smismember", cmd_hmget, READ | FAST, V6_2_0, SET, FIRST, -3},
    {"smove", cmd_smove, WRITE | FAST, V1_0_0, SET, TWO, 4},
    {"sort", cmd_sort, GROW, V1_0_0, GENERIC, FIRST_AND_MORE, -2},
    {"sort_ro", cmd_sort, READ, V7_0_0, GENERIC, FIRST_AND_MORE, -2},
    {"spop", cmd_spop, WRITE | FAST, V1_0_0, SET, FIRST, -2},
    {"srandmember", cmd_randmember, READ, V1_0_0, SET, FIRST, -2},
    {"srem", cmd_remove_items, WRITE | FAST, V1_0_0, SET, FIRST, -3},
    {"sscan", cmd_scan_items, READ, V2_8_0, SET, FIRST, -3},
    {"strlen", cmd_strlen, READ | FAST, V2_2_0, STRING, FIRST, 2},
    {"substr", cmd_getrange, READ, V1_0_0, STRING, FIRST, 4},
    {"sunion", cmd_set_algebra, READ, V1_0_0, SET, ALL, -2},
    {"sunionstore", cmd_set_algebra, GROW, V1_0_0, SET, ALL, -3},
    {"touch", cmd_count_keys, READ | FAST, V3_2_1, GENERIC, ALL, -2},
    {"ttl", cmd_ttl, READ | FAST | SECONDS | FROM_NOW, V1_0_0, GENERIC, FIRST, 2},
    {"type", cmd_type, READ | FAST, V1_0_0, GENERIC, FIRST, 2},
    {"unlink", cmd_count_keys, WRITE | FAST, V4_0_0, GENERIC, ALL, -2},
    {"zadd", cmd_zadd, GROW | FAST, V1_2_0, SORTED_SET, FIRST, -4},
    {"zcard", cmd_count, READ | FAST, V1_2_0, SORTED_SET, FIRST, 2},
    {"zcount", cmd_zrange, READ | FAST | BY_SCORE, V2_0_0, SORTED_SET, FIRST, 4},
    {"zdiff", cmd_sorted_algebra, READ | LESS, V6_2_0, SORTED_SET, NUMBERED, -3},
    {"zdiffstore", cmd_sorted_algebra, GROW | LESS, V6_2_0, SORTED_SET, FIRST_AND_MORE, -4},
    {"zincrby", cmd_zadd, GROW | FAST, V1_2_0, SORTED_SET, FIRST, 4},
    {"zinter", cmd_sorted_algebra, READ | BOTH, V6_2_0, SORTED_SET, NUMBERED, -3},
    {"zintercard", cmd_intercard, READ | BOTH, V7_0_0, SORTED_SET, NUMBERED, -3},
    {"zinterstore", cmd_sorted_algebra, GROW | BOTH, V2_0_0, SORTED_SET, FIRST_AND_MORE, -4},
    {"zlexcount", cmd_zrange, READ | FAST | BY_LEX, V2_8_9, SORTED_SET, FIRST, 4},
    {"zmpop", cmd_pop_first, WRITE, V7_0_0, SORTED_SET, NUMBERED, -4},
    {"zmscore", cmd_hmget, READ | FAST, V6_2_0, SORTED_SET, FIRST, -3},
    {"zpopmax", cmd_pop, WRITE | FAST | TAIL, V5_0_0, SORTED_SET, FIRST, -2},
    {"zpopmin", cmd_pop, WRITE | FAST, V5_0_0, SORTED_SET, FIRST, -2},
    {"zrandmember", cmd_randmember, READ, V6_2_0, SORTED_SET, FIRST, -2},
    {"zrange", cmd_zrange, READ | ANY_RANGE, V1_2_0, SORTED_SET, FIRST, -4},
    {"zrangebylex", cmd_zrange, READ | BY_LEX, V2_8_9, SORTED_SET, FIRST, -4},
    {"zrangebyscore", cmd_zrange, READ | BY_SCORE, V1_0_5, SORTED_SET, FIRST, -4},
    {"zrangestore", cmd_zrange, GROW | ANY_RANGE, V6_2_0, SORTED_SET, TWO, -5},
    {"zrank", cmd_zrank, READ | FAST, V2_0_0, SORTED_SET, FIRST, 3},
    {"zrem", cmd_remove_items, WRITE | FAST, V1_2_0, SORTED_SET, FIRST, -3},
    {"zremrangebylex", cmd_zrange, WRITE | BY_LEX, V2_8_9, SORTED_SET, FIRST, 4},
    {"zremrangebyrank", cmd_zrange, WRITE, V2_0_0, SORTED_SET, FIRST, 4},
    {"zremrangebyscore", cmd_zrange, WRITE | BY_SCORE, V1_2_0, SORTED_SET, FIRST, 4},
    {"zrevrange", cmd_zrange, READ | DOWN, V1_2_0, SORTED_SET, FIRST, -4},
    {"zrevrangebylex", cmd_zrange, READ | BY_LEX | DOWN, V2_8_9, SORTED_SET, FIRST, -4},
    {"zrevrangebyscore", cmd_zrange, READ | BY_SCORE | DOWN, V2_2_0, SORTED_SET, FIRST, -4},
    {"zrevrank", cmd_zrank, READ | FAST | DOWN, V2_0_0, SORTED_SET, FIRST, 3},
    {"zscan", cmd_scan_items, READ, V2_8_0, SORTED_SET, FIRST, -3},
    {"zscore", cmd_hget, READ | FAST, V1_2_0, SORTED_SET, FIRST, 3},
    {"zunion", cmd_sorted_algebra, READ, V6_2_0, SORTED_SET, NUMBERED, -3},
    {"zunionstore", cmd_sorted_algebra, GROW, V2_0_0, SORTED_SET, FIRST_AND_MORE, -4},
};
const u32 command_count = COUNT_OF(command_table);

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

/* Below 0, 0 or above 0: how a request's word, in any case, compares with a name of the table. */
static i32 compare(struct slice word, const char *name) {
    for (u32 i = 0; i < word.len; i++) {
        u8 byte = word.bytes[i];
        if ((u8)(byte - 'A') < 26) byte |= 0x20;
        i32 order = byte - (u8)name[i];
        if (order) return order;
        if (!byte) return 1; /* a NUL is no end */
    }
    return -(i32)(u8)name[word.len];
}

const struct command *command_find(struct slice name) {
    const struct command *low = command_table;
    for (u32 count = command_count; count;) {
        const struct command *middle = low + count / 2;
        i32 order = compare(name, middle->name);
        if (order == 0) return middle;
        if (order > 0) low = middle + 1, count--;
        count /= 2;
    }
    return NULL;
}

COLD static const struct command *
find_subcommand(struct call *call, const struct command *container, struct slice word) {
    text_begin(call);
    text_add_string(call, container->name);
    text_add_string(call, "|");
    text_add(call, word);
    return command_find(text_made(call));
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
        return find_subcommand(call, command, arg(call, index + 1));
    return command_is_part(command) ? NULL : command;
}

bool command_takes(const struct command *command, u32 count) {
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
    command = command_find(name);
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
    const struct command *command = command_resolve(call, 0);
    if (UNLIKELY(!command || !command_takes(command, arg_count(call)))) {
        refuse(call, command);
        return;
    }
    call->command = command;
    call->flags = command->flags;
    call->expires_at_ms = 0;
    store_of(call)->may_use_spare = !(command->flags & CMD_DENYOOM);
    command->run(call);
}
