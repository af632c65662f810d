/* Pages of a native cache: the caller's buffer is all there from the start, so committing is a
 * matter of counting. `pages_native_refuse_above` lets a test play a host that stops giving. */
#include "heap/heap.h"
#include "heap/pages_native.h"

u64 pages_native_refuse_above = ~(u64)0;

bool pages_commit(struct heap *heap, u32 pages) {
    (void)heap;
    return (u64)pages * PAGE_BYTES <= pages_native_refuse_above;
}

u32 pages_committed(const struct heap *heap) {
    (void)heap;
    return 0;
}
