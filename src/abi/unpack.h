/*
 * Static data (the command table, names, texts) is packed in ferrite.wasm, a byte in two, and
 * unpacked by the first ferrite_init. pack.mjs, the other half of this, packs it when the module
 * has been linked. Before that init nothing reads static data: only ferrite_abi_version and
 * ferrite_io have anything to answer then.
 *
 *     0               __global_base      FIXED_BYTES    PACKED_AT     ODDS_AT               a page
 *     | stack | state | static data, 0   |              | packed      | odds      |         |
 *
 * What is packed, and the odds that unpacking goes by, lie where windows and heap will be.
 */
#ifndef FERRITE_UNPACK_H
#define FERRITE_UNPACK_H

#include "heap/heap.h"

enum { PACKED_AT = 20480, ODDS_AT = 28672 }; /* pack.mjs reads these */

_Static_assert(FIXED_BYTES <= PACKED_AT, "what is packed is not in the way of static data");

/* Unpacks what is at PACKED_AT, once. The odds are 0, as memory begins. */
void unpack(u8 *to);

#endif
