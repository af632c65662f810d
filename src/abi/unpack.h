/*
 * Static data (the command table, names, texts) is packed in ferrite.wasm, five bytes of nine, and
 * unpacked by the first ferrite_init. pack.mjs, the other half of this, packs it when the module
 * has been linked. Before that init nothing reads static data: only ferrite_abi_version and
 * ferrite_io have anything to answer then.
 *
 *     0               __global_base      FIXED_BYTES    PACKED_AT               a page
 *     | stack | state | static data, 0   |              | packed      |         |
 *
 * What is packed lies where windows and heap will be.
 */
#ifndef FERRITE_UNPACK_H
#define FERRITE_UNPACK_H

#include "heap/heap.h"

enum { PACKED_AT = 20480 }; /* pack.mjs reads it */

_Static_assert(FIXED_BYTES <= PACKED_AT, "what is packed is not in the way of static data");

/* Unpacks what is at PACKED_AT. */
void unpack(u8 *to);

#endif
