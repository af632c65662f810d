// @ts-self-types="./snapshot.d.ts"
/*
 * Snapshots in Redis's own format: an RDB file of version 10, as Redis 7.0 writes it.
 *
 *     for await (const chunk of dump(cache)) ...         what a redis-server starts from
 *     await load(cache, stream)                          what a redis-server has saved
 *
 *     REDIS0010 | opcode ... | expiry? idle or uses? type key value | ... | FF | CRC-64 of all that (8)
 *
 * What a value is made of is the module's business (DUMP, RESTORE). Here only its extent has to be
 * known, so that memory stays bounded: what is larger than PIECE goes to the module in pieces, under
 * another name, which becomes the key's when all of it is there.
 *
 * Version 10 knows no fields that expire. When they do follows their hash, in AUX fields, which a
 * redis-server passes over:
 *
 *     FA | "ferrite-hexpire" | string of: time (8) field time (8) field ... |
 */
export { dump, dumpStream } from "./snapshot/dump.js";
export { load } from "./snapshot/load.js";
