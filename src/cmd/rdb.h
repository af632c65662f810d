/*
 * Redis's RDB format, of version 10, as far as a value goes: what DUMP and RESTORE speak.
 *
 *     | type | value | version (2) | CRC-64 of all that is in front of it (8) |
 *
 * Numbers of more than a byte are little-endian, lengths of strings and collections are not:
 *
 *     0-63            | length |
 *     64-16383        | 01 length | length |
 *     above           | 80 | length (4) |
 *
 * Private to cmd/.
 */
#ifndef FERRITE_RDB_H
#define FERRITE_RDB_H

#include "cmd/handler.h"

enum { RDB_VERSION = 10, RDB_CRC_BYTES = 8, RDB_FOOTER_BYTES = 2 + RDB_CRC_BYTES };
enum { RDB_LENGTH_14 = 0x40, RDB_LENGTH_32 = 0x80, RDB_ENCODED = 0xc0 };

/* How a value is written. What is packed is a string of one of the forms that Redis keeps small
 * collections in; DUMP writes none of them, but all of Redis's can be read. */
enum rdb_type {
    RDB_STRING,
    RDB_LIST,
    RDB_SET,
    RDB_ZSET_OF_TEXT, /* scores are text */
    RDB_HASH,
    RDB_ZSET,
    RDB_HASH_ZIPMAP = 9,
    RDB_LIST_ZIPLIST,
    RDB_SET_INTSET,
    RDB_ZSET_ZIPLIST,
    RDB_HASH_ZIPLIST,
    RDB_LIST_ZIPLISTS,
    RDB_HASH_LISTPACK = 16,
    RDB_ZSET_LISTPACK,
    RDB_LIST_LISTPACKS,
    RDB_SET_LISTPACK = 20, /* since version 11 */
    RDB_TYPES,
};

/* The CRC of bytes behind those that have the one given, 0 if there are none: CRC-64/Jones, as
 * Redis has it. Its table, which rdb_begin_crc fills, is the beginning of call->notes. */
enum { RDB_CRC_ENTRIES = 16 };
void rdb_begin_crc(struct call *call);
u64 rdb_crc(const struct call *call, u64 crc, struct slice bytes);

#endif
