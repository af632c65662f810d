/* Pages of a native cache: the caller's buffer is all there from the start, so committing is a
 * matter of counting. `pages_native_refuse_above` lets a test play a host that stops giving. */
#include "heap/heap.h"
#include "heap/pages_native.h"

u64 pages_native_refuse_above = ~(u64)0;

bool pages_commit(struct heap *heap, u64 bytes) {
    (void)heap;
    return bytes <= pages_native_refuse_above;
}

u64 pages_committed(const struct heap *heap) {
    return (u64)heap->end * UNIT;
}
