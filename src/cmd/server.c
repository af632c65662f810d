/* Commands on the cache as a whole: PING, ECHO, DBSIZE, FLUSHALL, INFO, CONFIG. */
#include "cmd/glob.h"
#include "cmd/handler.h"

COLD HANDLER(cmd_ping) {
    if (arg_count(call) > 2)
        fail_arity(call, call->command);
    else if (arg_count(call) == 2)
        reply_bulk(&call->reply, arg(call, 1));
    else
        reply_simple(&call->reply, SLICE("PONG"));
}

COLD HANDLER(cmd_echo) {
    reply_bulk(&call->reply, arg(call, 1));
}

COLD HANDLER(cmd_dbsize) {
    reply_integer(&call->reply, store_count(store_of(call)));
}

/* Whichever is asked for: nothing is visited, so it takes no time, and reclaims as it goes on. */
COLD HANDLER(cmd_flush) {
    if (arg_count(call) > 2 || (arg_count(call) == 2 && arg_word(call, 1, "ASYNC SYNC") < 0)) {
        fail_syntax(call);
        return;
    }
    store_flush(store_of(call));
    reply_ok(&call->reply);
}

/* --- CONFIG ----------------------------------------------------------------------------------- */

enum setting { MAXMEMORY, MAXMEMORY_POLICY, MAXMEMORY_SAMPLES, SETTING_COUNT };
static const char *const setting_words = "maxmemory maxmemory-policy maxmemory-samples";

/* In the order of enum policy. */
static const char *const policy_words = "noeviction allkeys-lru allkeys-lfu allkeys-random "
                                        "volatile-lru volatile-lfu volatile-random volatile-ttl "
                                        "allkeys-adaptive volatile-adaptive "
                                        "allkeys-adaptive-bytes volatile-adaptive-bytes";

COLD static void add_setting(struct call *call, u32 setting) {
    const struct store *store = store_of(call);
    if (setting == MAXMEMORY)
        text_add_number(call, store->maxmemory);
    else if (setting == MAXMEMORY_SAMPLES)
        text_add_number(call, store->samples);
    else
        text_add(call, word_at(policy_words, store->policy));
}

/* The argument that asks for a setting; 0: none. */
COLD static u32 asking_arg(struct call *call, u32 setting) {
    for (u32 i = 2; i < arg_count(call); i++)
        if (glob_matches(arg(call, i), word_at(setting_words, setting), true)) return i;
    return 0;
}

/* A setting that was asked for by its name is shown under the name as it was spelled, as in Redis.
 */
COLD HANDLER(cmd_config_get) {
    u32 count = 0;
    for (u32 i = 0; i < SETTING_COUNT; i++) count += asking_arg(call, i) > 0;
    reply_map(&call->reply, count);
    for (u32 i = 0; i < SETTING_COUNT; i++) {
        u32 asking = asking_arg(call, i);
        if (!asking) continue;
        struct slice name = word_at(setting_words, i), spelled = arg(call, asking);
        reply_bulk(&call->reply, same_word(spelled, name) ? spelled : name);
        text_begin(call);
        add_setting(call, i);
        reply_bulk(&call->reply, text_made(call));
    }
}

#define BEFORE_NAME "CONFIG SET failed (possibly related to argument '"
#define AFTER_NAME "') - "

/* `why` begins with AFTER_NAME. */
COLD static bool fail_setting(struct call *call, u32 setting, const char *why) {
    return fail_quoting(call, BEFORE_NAME, word_at(setting_words, setting), why);
}

/* "64mb" and the like: digits, then a unit. No digits are 0, as in Redis; what is more than any
 * memory has need not be exact. */
COLD static bool parse_bytes(struct slice text, u64 *bytes) {
    static const u32 units[] = {1, 1000, 1 << 10, 1000000, 1 << 20, 1000000000, 1 << 30};
    u64 value = 0;
    u32 i = 0;
    for (; i < text.len && (u8)(text.bytes[i] - '0') < 10; i++)
        value = value < 1 << 29 ? value * 10 + (u8)(text.bytes[i] - '0') : 1ull << 33;
    struct slice unit = {text.bytes + i, text.len - i};
    i32 found = unit.len ? word_index(unit, "b k kb m mb g gb") : 0;
    if (found < 0) return false;
    *bytes = value * units[found];
    return true;
}

COLD static bool take_change(struct call *call, u32 setting, struct slice text) {
    u64 *to = &call->notes[setting];
    const char *why = NULL;
    if (setting == MAXMEMORY) {
        if (parse_bytes(text, to)) return true;
        why = AFTER_NAME "argument must be a memory value";
    } else if (setting == MAXMEMORY_POLICY) {
        call->number = word_index(text, policy_words);
        if (call->number < 0)
            why = AFTER_NAME "argument(s) must be one of the following: volatile-lru, "
                             "volatile-lfu, volatile-random, volatile-ttl, allkeys-lru, "
                             "allkeys-lfu, allkeys-random, noeviction";
    } else if (!read_integer(call, text)) {
        why = AFTER_NAME "argument couldn't be parsed into an integer";
    } else if (call->number < 1 || call->number > INT32_MAX) {
        why = AFTER_NAME "argument must be between 1 and 2147483647 inclusive";
    }
    *to = (u64)call->number;
    return !why || fail_setting(call, setting, why);
}

/* Makes call->notes the new values; those that are not given stay. All names are looked at before
 * the first value. */
COLD static bool take_changes(struct call *call) {
    u32 given = 0;
    if (arg_count(call) % 2) return fail_syntax(call);
    for (u32 i = 2; i < arg_count(call); i += 2) {
        i32 setting = arg_word(call, i, setting_words);
        if (setting < 0)
            return fail_quoting(call, "Unknown option or number of arguments for CONFIG SET - '",
                                arg(call, i), "'");
        if (given >> setting & 1)
            return fail_quoting(call, BEFORE_NAME, arg(call, i), AFTER_NAME "duplicate parameter");
        given |= 1u << setting;
    }
    for (u32 i = 2; i < arg_count(call); i += 2) {
        u32 setting = (u32)arg_word(call, i, setting_words);
        if (!take_change(call, setting, arg(call, i + 1))) return false;
    }
    return true;
}

COLD HANDLER(cmd_config_set) {
    struct store *store = store_of(call);
    u64 *to = call->notes;
    to[MAXMEMORY] = store->maxmemory;
    to[MAXMEMORY_POLICY] = store->policy;
    to[MAXMEMORY_SAMPLES] = store->samples;
    if (!take_changes(call)) return;
    if (!store_set_maxmemory(store, to[MAXMEMORY])) {
        fail_setting(call, MAXMEMORY,
                     AFTER_NAME "argument must not be above the memory the cache was made with");
        return;
    }
    store_set_policy(store, (u32)to[MAXMEMORY_POLICY]);
    store->samples = (u32)to[MAXMEMORY_SAMPLES];
    reply_ok(&call->reply);
}

COLD HANDLER(cmd_config_resetstat) {
    store_of(call)->stats = (struct stats){0};
    reply_ok(&call->reply);
}

/* --- INFO ------------------------------------------------------------------------------------- */

/* Adds a section if it is asked for. Its fields begin with its title; '#' stands for the next of
 * the figures, '@' for the policy, and a line ends with "\n" alone. */
COLD static void add_section(struct call *call, const char *fields, const u64 *figures) {
    struct slice title = {(const u8 *)fields, word_len((const u8 *)fields)};
    bool wanted = arg_count(call) == 1;
    for (u32 i = 1; i < arg_count(call) && !wanted; i++)
        wanted = same_word(arg(call, i), title) || arg_word(call, i, "default all everything") >= 0;
    if (!wanted) return;
    text_add_string(call, call->text_len ? "\r\n# " : "# ");
    for (; *fields; fields++) {
        if (*fields == '#')
            text_add_number(call, *figures++);
        else if (*fields == '@')
            text_add(call, word_at(policy_words, store_of(call)->policy));
        else
            text_add(call, *fields == '\n' ? SLICE("\r\n") : (struct slice){(const u8 *)fields, 1});
    }
}

COLD HANDLER(cmd_info) {
    const struct store *store = store_of(call);
    u64 used = store_used_bytes(store), index = store_index_bytes(store);
    u32 keys = store_count(store);
    text_begin(call);
    add_section(call,
                "Server\n"
                "redis_version:7.0.15\n"
                "redis_mode:standalone\n"
                "arch_bits:32\n"
                "server_time_usec:#\n",
                (u64[]){(u64)store->now_ms * 1000});
    add_section(call,
                "Memory\n"
                "used_memory:#\n"
                "used_memory_rss:#\n"
                "used_memory_overhead:#\n"
                "used_memory_dataset:#\n"
                "maxmemory:#\n"
                "maxmemory_policy:@\n",
                (u64[]){used, store_committed_bytes(store), index, used - index, store->maxmemory});
    add_section(call,
                "Stats\n"
                "total_commands_processed:#\n"
                "expired_keys:#\n"
                "evicted_keys:#\n"
                "keyspace_hits:#\n"
                "keyspace_misses:#\n",
                (u64[]){store->stats.commands, store->stats.gone[CHANGE_EXPIRED],
                        store->stats.gone[CHANGE_EVICTED], store->stats.hits, store->stats.misses});
    add_section(call, keys ? "Keyspace\ndb0:keys=#,expires=#,avg_ttl=0\n" : "Keyspace\n",
                (u64[]){keys, store_count_volatile(store)});
    reply_verbatim(&call->reply, text_made(call));
}
