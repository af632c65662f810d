/* OBJECT and MEMORY: what a key is made of. */
#include "cmd/handler.h"

/* --- OBJECT ----------------------------------------------------------------------------------- */

enum { EMBSTR_MAX = 44 }; /* Redis's longest string in one piece with its header */

/* Finds the key that is argument 2; replies null and returns false if there is none. */
COLD static bool find_object(struct call *call) {
    bool found = peek_key(call, 2);
    if (!found) reply_null(&call->reply);
    return found;
}

/* Would Redis keep the string as an integer, which is call->number then? */
COLD static bool is_integer(struct call *call) {
    return call->work.entry.type == TYPE_STRING && read_integer(call, value_of(call));
}

COLD HANDLER(cmd_object_encoding) {
    if (!find_object(call)) return;
    u32 word = 2, type = call->work.entry.type;
    if (!holds_string(call)) {
        bool grown = type & TYPE_GROWN;
        u32 base = type & TYPE_BASE;
        word = base == TYPE_LIST     ? 7
               : base == TYPE_SET    ? 4 - grown
               : base == TYPE_ZSET   ? 5 + grown
               : grown               ? 3
               : type & TYPE_EXPIRES ? 8
                                     : 5;
    } else if (is_integer(call))
        word = 0;
    else if (call->work.entry.type != TYPE_STRING_RAW && call->work.entry.value_len <= EMBSTR_MAX)
        word = 1;
    reply_word(&call->reply,
               "int embstr raw hashtable intset listpack skiplist quicklist "
               "listpackex",
               word);
}

/* As many as Redis would count, which shares small integers unless it needs the age of each. */
COLD HANDLER(cmd_object_refcount) {
    enum { SHARED_INTEGERS = 10000, SHARED_REFCOUNT = INT32_MAX };
    enum {
        AGING = 1 << POLICY_ALLKEYS_LRU | 1 << POLICY_ALLKEYS_LFU | 1 << POLICY_VOLATILE_LRU |
                1 << POLICY_VOLATILE_LFU
    };
    if (!find_object(call)) return;
    bool shared = !(AGING >> store_of(call)->policy & 1) && is_integer(call) &&
                  (u64)call->number < SHARED_INTEGERS;
    reply_integer(&call->reply, shared ? SHARED_REFCOUNT : 1);
}

/* Finds the key if the policy keeps the figure asked for: how often it was used, or when last. */
COLD static bool find_figure(struct call *call, bool lfu) {
    u32 policy = store_of(call)->policy;
    bool is_lfu = policy_is_lfu(policy), is_adaptive = policy_is_adaptive(policy);
    if (!find_object(call)) return false;
    if (lfu ? is_lfu : !is_lfu && !is_adaptive) return true;
    return fail_quoting(
        call,
        is_adaptive && !lfu ? "An adaptive maxmemory policy is " : "An LFU maxmemory policy is ",
        lfu ? SLICE("not selected, access frequency") : SLICE("selected, idle time"),
        " not tracked. Please note that when switching between policies at runtime "
        "LRU and LFU data will take some time to adjust.");
}

COLD HANDLER(cmd_object_freq) {
    if (find_figure(call, true))
        reply_integer(&call->reply, store_frequency(store_of(call), &call->work.entry));
}

COLD HANDLER(cmd_object_idletime) {
    if (find_figure(call, false))
        reply_integer(&call->reply, (i64)store_idle_seconds(store_of(call), &call->work.entry));
}

/* --- MEMORY ----------------------------------------------------------------------------------- */

COLD HANDLER(cmd_memory_usage) {
    i32 option;
    call->option = 3;
    while ((option = next_option(call, "SAMPLES\1")) >= 0) {
        if (!arg_integer(call, call->operand)) return;
        if (call->number < 0) {
            fail_syntax(call);
            return;
        }
    }
    if (option == BAD_OPTION) return;
    if (find_key(call, 2))
        reply_integer(&call->reply, (i64)store_entry_bytes(store_of(call), &call->work.entry));
    else
        reply_null(&call->reply);
}

COLD static void reply_figure(struct reply *reply, const char *name, u64 figure) {
    reply_string(reply, name);
    reply_integer(reply, (i64)figure);
}

COLD HANDLER(cmd_memory_stats) {
    struct reply *reply = &call->reply;
    const struct store *store = store_of(call);
    u64 used = store_used_bytes(store), index = store_index_bytes(store);
    u32 keys = store_count(store);
    reply_map(reply, 6);
    reply_figure(reply, "peak.allocated", store_committed_bytes(store));
    reply_figure(reply, "total.allocated", used);
    reply_figure(reply, "overhead.total", index);
    reply_figure(reply, "keys.count", keys);
    reply_figure(reply, "keys.bytes-per-key", keys ? used / keys : 0);
    reply_figure(reply, "dataset.bytes", used - index);
}
