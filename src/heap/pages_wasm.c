/* Pages from the wasm engine: the only file that knows memory.grow. */
#include "heap/heap.h"

bool pages_commit(struct heap *heap, u32 pages) {
    u32 now = pages_committed(heap);
    return pages <= now || __builtin_wasm_memory_grow(0, pages - now) != ~(size_t)0;
}

u32 pages_committed(const struct heap *heap) {
    (void)heap;
    return __builtin_wasm_memory_size(0);
}
