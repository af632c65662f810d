/*
 * Requests: whatever bytes a client sends, cut wherever the network cuts them.
 *
 * The first bytes of an input say how: policy, budget, form of replies, where to cut, whether the
 * clock moves, pages are refused, replies are given up half way. The rest is what is sent, or, so
 * that arrays of bulks need no lengths that are right, lines of words that become such.
 *
 * What has to hold: replies are RESP, no byte behind a request is looked at, the heap is whole; and
 * what is sent in pieces is answered as the same bytes at once.
 */
#include "fuzz.h"

enum { SENT_MAX = 1 << 16 };

struct plan {
    u32 policy, form, cut_seed;
    u32 budget; /* of fuzz_budgets */
    bool as_words, clock_moves, refuses_pages, gives_up;
};

static struct plan take_plan(struct input *input) {
    struct plan plan;
    u32 mode = take8(input);
    plan.policy = mode % POLICY_COUNT;
    plan.form = mode & 8 ? FERRITE_RESP3 : FERRITE_RESP2;
    plan.as_words = mode & 16;
    plan.clock_moves = mode & 32;
    plan.refuses_pages = mode & 64;
    plan.gives_up = mode & 128;
    plan.cut_seed = take8(input);
    plan.budget = plan.cut_seed % COUNT_OF(fuzz_budgets);
    return plan;
}

/* Lines of words, blanks between them, as arrays of bulks. */
static u32 encode_words(u8 *to, struct slice text) {
    u8 *begin = to;
    for (u32 i = 0; i < text.len;) {
        u32 end = i, words = 0;
        while (end < text.len && text.bytes[end] != '\n') end++;
        for (u32 j = i; j < end; j++)
            words += text.bytes[j] != ' ' && (j == i || text.bytes[j - 1] == ' ');
        if (end - i + 16 * (words + 1) > SENT_MAX - (u32)(to - begin)) break;
        if (words) to += sprintf((char *)to, "*%u\r\n", words);
        while (i < end) {
            u32 start = i;
            while (i < end && text.bytes[i] != ' ') i++;
            if (i > start) {
                to += sprintf((char *)to, "$%u\r\n", i - start);
                memcpy(to, text.bytes + start, i - start);
                to += i - start;
                to += sprintf((char *)to, "\r\n");
            }
            i += i < end;
        }
        i = end + 1;
    }
    return (u32)(to - begin);
}

/* One connection, as a host keeps it: what has come and has not been executed. */
struct connection {
    struct ferrite *cache;
    const struct plan *plan;
    u8 pending[SENT_MAX];
    u32 pending_len;
    double now_ms;
    bool closed;
    struct replies replies;
};

/* Hands over what is pending; false if there is no room for it. */
static bool execute(struct connection *c) {
    struct ferrite *cache = c->cache;
    struct ferrite_io *io = ferrite_io(cache);
    u32 len = c->pending_len;
    if (len > io->request_capacity || (len < 1024 && cache->store.request_block))
        if (ferrite_request(cache, len, c->now_ms) != FERRITE_OK) return false;
    bool is_small = io->request == cache->small_request;
    size_t offset = is_small ? draw_below((u32)io->request_capacity - len + 1) : 0;
    u8 *at = io->request + offset;
    if (len) memcpy(at, c->pending, len);
    size_t behind = io->request_capacity - offset - len;
    if (is_small) ASAN_POISON_MEMORY_REGION(at + len, behind);
    enum ferrite_status status = ferrite_run(cache, offset, len, c->plan->form, c->now_ms);
    replies_add(&c->replies, io);
    while (status == FERRITE_MORE && !(c->plan->gives_up && draw_below(4) == 0)) {
        CHECK(io->consumed_bytes <= len && io->data_bytes);
        status = ferrite_more(cache);
        replies_add(&c->replies, io);
    }
    if (is_small) ASAN_UNPOISON_MEMORY_REGION(at + len, behind);
    CHECK(status == FERRITE_OK || status == FERRITE_MORE || status == FERRITE_PROTOCOL);
    CHECK(io->consumed_bytes <= len);
    c->pending_len = len - (u32)io->consumed_bytes;
    memmove(c->pending, c->pending + io->consumed_bytes, c->pending_len);
    c->closed = status == FERRITE_PROTOCOL;
    return true;
}

static void send_all(struct connection *c, struct ferrite *cache, const struct plan *plan,
                     struct slice sent, u32 cut_most) {
    c->cache = cache;
    c->plan = plan;
    c->pending_len = 0;
    c->now_ms = 1790000000000;
    c->closed = false;
    c->replies.len = 0;
    test_random_state = plan->cut_seed + 1;
    for (u32 i = 0; i < sent.len && !c->closed;) {
        u32 len = min_u32(1 + draw_below(cut_most), sent.len - i);
        memcpy(c->pending + c->pending_len, sent.bytes + i, len);
        c->pending_len += len;
        i += len;
        if (!execute(c)) break;
        if (plan->clock_moves)
            c->now_ms += draw_below(8) ? draw_below(99) : -(double)draw_below(999);
        if (plan->refuses_pages)
            pages_native_refuse_above = cache->io.budget_bytes - PAGE_BYTES * draw_below(5);
    }
    if (!plan->gives_up) check_replies(&c->replies);
    ferrite_tick(cache, c->now_ms);
    check_store(cache);
    CHECK(store_committed_bytes(&cache->store) <= cache->io.budget_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    static struct connection cut, whole;
    static u8 words[SENT_MAX];
    struct input input = {bytes, bytes + len};
    struct plan plan = take_plan(&input);
    struct slice sent = take_slice(&input, SENT_MAX);
    if (plan.as_words) sent = (struct slice){words, encode_words(words, sent)};
    struct ferrite *cache = fuzz_cache(plan.budget, plan.policy, false);
    bool comparable = sent.len <= cache->small_capacity && !plan.gives_up && !plan.clock_moves &&
                      !plan.refuses_pages;
    send_all(&cut, cache, &plan, sent, plan.cut_seed < 128 ? 16 : SENT_MAX);
    if (!comparable || sent.len == 0) return 0;
    send_all(&whole, fuzz_cache(plan.budget, plan.policy, true), &plan, sent, SENT_MAX);
    CHECK(cut.replies.len == whole.replies.len);
    if (cut.replies.len <= REPLIES_MAX)
        CHECK(memcmp(cut.replies.bytes, whole.replies.bytes, cut.replies.len) == 0);
    CHECK(cut.closed == whole.closed && (cut.closed || cut.pending_len == whole.pending_len));
    return 0;
}
