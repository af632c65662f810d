/*
 * RESTORE: any bytes as a value in Redis's format, with the checksum that makes them one.
 *
 * The first byte says what the key holds before, and the options. What has to hold: what is refused
 * changes nothing; of what is taken, a dump is restored under another name, and dumps the same; the
 * heap is whole.
 */
#include "../native/client.h"
#include "fuzz.h"

enum { VERSION = 10, FOOTER_BYTES = 10 };
enum { PAYLOAD_MAX = 1 << 13, DUMP_MAX = 1 << 20 };

static struct ferrite *cache;

static const char *send(const char *command, const char *key, struct slice payload,
                        const char *option) {
    struct slice words[] = {string_slice(command), string_slice(key), SLICE("0"), payload,
                            string_slice(option)};
    return ask_slices(cache, *option ? 5 : 4, words);
}

/* What DUMP answers of a key; of none, an empty one. */
static struct slice dump_of(const char *key, u8 *to) {
    const char *reply = ask(cache, "DUMP", key, NULL);
    struct slice dumped = {to, 0};
    CHECK(reply && *reply == '$');
    if (reply[1] == '-') return dumped;
    dumped.len = (u32)strtoul(reply + 1, NULL, 10);
    CHECK(dumped.len <= DUMP_MAX);
    memcpy(to, strchr(reply, '\n') + 1, dumped.len);
    return dumped;
}

/* CRC-64/Jones, bit by bit. */
static u64 crc_of(const u8 *bytes, u32 len) {
    u64 crc = 0;
    for (u32 i = 0; i < len; i++) {
        crc ^= bytes[i];
        for (u32 bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x95ac9329ac4bc9b5 : 0);
    }
    return crc;
}

static struct slice sealed(struct input *input) {
    static u8 payload[PAYLOAD_MAX + FOOTER_BYTES];
    struct slice value = take_slice(input, PAYLOAD_MAX);
    if (value.len) memcpy(payload, value.bytes, value.len);
    store16(payload + value.len, VERSION);
    store64(payload + value.len + 2, crc_of(payload, value.len + 2));
    return (struct slice){payload, value.len + FOOTER_BYTES};
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    static u8 before[DUMP_MAX], after[DUMP_MAX];
    struct input input = {bytes, bytes + len};
    u32 mode = take8(&input);
    cache = fuzz_cache(mode % COUNT_OF(fuzz_budgets), mode & 4 ? FERRITE_ALLKEYS_LRU : 0, false);
    if (mode & 8) ask(cache, "SET", "key", "a value", NULL);
    if (mode & 16) ask(cache, "RPUSH", "key", "an", "element", NULL);
    struct slice payload = sealed(&input), old = dump_of("key", before);
    const char *reply = send("RESTORE", "key", payload, mode & 32 ? "KEEP" : "REPLACE");
    CHECK(reply);
    bool done = *reply == '+', changes = done && !(mode & 32), evicts = mode & 4;
    struct slice now = dump_of("key", after);
    if (!changes && !evicts) CHECK(slice_equal(old, now));
    if (done) {
        CHECK(now.len);
        reply = send("RESTORE", "again", now, "REPLACE");
        CHECK(reply && (*reply == '+' || strncmp(reply, "-OOM", 4) == 0));
        bool copied = *reply == '+';
        struct slice again = dump_of("again", before);
        if (copied) CHECK(again.len == now.len);
    }
    check_store(cache);
    CHECK(store_committed_bytes(&cache->store) <= cache->io.budget_bytes);
    return 0;
}
