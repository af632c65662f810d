/* Pages from the wasm engine: the only file that knows memory.grow. */
#include "heap/heap.h"

bool pages_commit(struct heap *heap, u64 bytes) {
    u64 now = pages_committed(heap);
    if (bytes <= now) return true;
    return __builtin_wasm_memory_grow(0, (size_t)((bytes - now) / PAGE_BYTES)) != (size_t)-1;
}

u64 pages_committed(const struct heap *heap) {
    (void)heap;
    return (u64)__builtin_wasm_memory_size(0) * PAGE_BYTES;
}
