/* OBJECT and MEMORY: what a key is made of. */
#include "base/decimal.h"
#include "cmd/handler.h"

/* --- OBJECT --------------------------------------------------------------------------------- */

/* Finds the key; replies null and returns false if there is none. */
COLD static bool find_object(struct call *call, struct entry *entry) {
    bool found = peek(call->store, arg(call, 2), entry);
    if (!found) reply_null(&call->reply);
    return found;
}

enum { EMBSTR_MAX = 44 }; /* Redis's longest string in one piece with its header */

/* Would Redis keep the string as an integer? */
COLD static bool is_integer(const struct entry *entry, i64 *value) {
    return entry->type == TYPE_STRING && integer_parse(value_of(entry), value);
}

COLD void cmd_object_encoding(struct call *call) {
    struct entry entry;
    i64 value;
    if (!find_object(call, &entry)) return;
    struct slice encoding = SLICE("raw");
    if (is_integer(&entry, &value))
        encoding = SLICE("int");
    else if (entry.type != TYPE_STRING_RAW && entry.value_len <= EMBSTR_MAX)
        encoding = SLICE("embstr");
    reply_bulk(&call->reply, encoding);
}

/* As many as Redis would count, which shares small integers unless it needs the age of each. */
COLD void cmd_object_refcount(struct call *call) {
    enum { SHARED_INTEGERS = 10000, SHARED_REFCOUNT = INT32_MAX };
    struct entry entry;
    i64 value;
    if (!find_object(call, &entry)) return;
    u32 aging = 1u << POLICY_ALLKEYS_LRU | 1u << POLICY_ALLKEYS_LFU | 1u << POLICY_VOLATILE_LRU |
                1u << POLICY_VOLATILE_LFU;
    bool shared = !(aging >> call->store->policy & 1) && is_integer(&entry, &value) && value >= 0 &&
                  value < SHARED_INTEGERS;
    reply_integer(&call->reply, shared ? SHARED_REFCOUNT : 1);
}

COLD static void fail_policy(struct call *call, struct slice why) {
    fail_quoting(
        call, "ERR An LFU maxmemory policy is ", why,
        " not tracked. Please note that when switching between policies at runtime LRU and "
        "LFU data will take some time to adjust.");
}

COLD static bool is_lfu(const struct store *store) {
    return store->policy == POLICY_ALLKEYS_LFU || store->policy == POLICY_VOLATILE_LFU;
}

COLD void cmd_object_freq(struct call *call) {
    struct entry entry;
    if (!find_object(call, &entry)) return;
    if (is_lfu(call->store))
        reply_integer(&call->reply, store_frequency(call->store, &entry));
    else
        fail_policy(call, SLICE("not selected, access frequency"));
}

COLD void cmd_object_idletime(struct call *call) {
    struct entry entry;
    if (!find_object(call, &entry)) return;
    if (is_lfu(call->store))
        fail_policy(call, SLICE("selected, idle time"));
    else
        reply_integer(&call->reply, (i64)store_idle_seconds(call->store, &entry));
}

/* --- MEMORY --------------------------------------------------------------------------------- */

COLD void cmd_memory_usage(struct call *call) {
    struct entry entry;
    for (u32 i = 3; i < arg_count(call); i += 2) {
        i64 samples = -1;
        bool named = word_index(arg(call, i), "SAMPLES") == 0 && i + 1 < arg_count(call);
        if (named && !arg_integer(call, i + 1, &samples)) return;
        if (samples < 0) {
            fail_syntax(call);
            return;
        }
    }
    if (store_find(call->store, arg(call, 2), &entry))
        reply_integer(&call->reply, store_entry_bytes(call->store, &entry));
    else
        reply_null(&call->reply);
}

COLD void cmd_memory_stats(struct call *call) {
    struct reply *reply = &call->reply;
    const struct store *store = call->store;
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
