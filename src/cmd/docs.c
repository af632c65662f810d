/* COMMAND: what the command table says of itself. */
#include "cmd/handler.h"

/* Each in the order of its enum. */
static const char *const flag_words =
    "write readonly denyoom admin noscript loading fast blocking movablekeys stale";
static const char *const group_words =
    "generic string list set sorted-set hash bitmap hyperloglog geo server connection";
static const char *const since_words =
    "1.0.0 1.0.1 1.0.5 1.2.0 2.0.0 2.2.0 2.2.3 2.4.0 2.6.0 2.8.0 2.8.7 2.8.9 2.8.13 3.2.0 3.2.1 "
    "4.0.0 5.0.0 6.0.0 6.0.6 6.2.0 7.0.0 7.4.0";
enum { MOVABLE_KEYS = 256, TO_STALE = 16 }; /* of the flags that follow from others */

/* The subcommands of a container are the lines behind it. */
COLD static u32 part_count(const struct command *command) {
    u32 count = 0;
    if (command->flags & CMD_CONTAINER)
        while (command[count + 1].is_part) count++;
    return count;
}

/* --- which commands --------------------------------------------------------------------------- */

/*
 * COMMAND INFO and DOCS tell of the commands whose names the request has from argument 2 on, or,
 * if it has none, of all that are no subcommands. A stream; its state is the argument, or the line
 * of the table, it is at.
 */
enum { AT };
#define TABLE_END (command_table + COMMAND_COUNT)

COLD static bool names_commands(const struct call *call) {
    return arg_count(call) > 2;
}

/* The next command to tell of; NULL for a name that is no command's; the table's end if there is
 * none. */
COLD static const struct command *next_command(struct call *call) {
    u32 *at = &call->state[AT];
    if (names_commands(call))
        return *at + 2 < arg_count(call) ? command_find(call, arg(call, (*at)++ + 2)) : TABLE_END;
    while (*at < COMMAND_COUNT && command_table[*at].is_part) ++*at;
    return &command_table[*at < COMMAND_COUNT ? (*at)++ : *at];
}

/* How many there are: names that are no command's too, if `unknown`. */
COLD static u32 count_commands(struct call *call, bool unknown) {
    const struct command *command;
    u32 count = 0;
    call->state[AT] = 0;
    while ((command = next_command(call)) != TABLE_END) count += command || unknown;
    call->state[AT] = 0;
    return count;
}

/* --- INFO ------------------------------------------------------------------------------------- */

/* Of the ten elements of Redis 7.0, the ACL categories, tips and key specifications are empty. */
COLD static void reply_info(struct call *call, const struct command *command) {
    struct reply *reply = &call->reply;
    const struct key_range *keys = &command_key_ranges[command->keys];
    u32 flags = command->flags % MOVABLE_KEYS, parts = part_count(command);
    flags |= (flags & CMD_LOADING) * TO_STALE;
    if (command->keys >= KEYS_NUMBERED) flags |= MOVABLE_KEYS;
    reply_array(reply, 10);
    reply_string(reply, command_name(call, command));
    reply_integer(reply, command->arity);
    reply_set(reply, (u32)__builtin_popcount(flags));
    for (u32 i = 0; flags >> i; i++)
        if (flags >> i & 1) reply_simple(reply, word_at(flag_words, i));
    reply_integer(reply, keys->first);
    reply_integer(reply, keys->last);
    reply_integer(reply, keys->step);
    reply_set(reply, 0);
    reply_set(reply, 0);
    reply_set(reply, 0);
    if (parts)
        reply_array(reply, parts);
    else
        reply_set(reply, 0);
    for (u32 i = 1; i <= parts; i++) reply_info(call, command + i);
}

COLD STREAM(next_info) {
    const struct command *command = next_command(call);
    if (command == TABLE_END) return false;
    if (command)
        reply_info(call, command);
    else
        reply_null(&call->reply);
    return true;
}

COLD HANDLER(cmd_command_info) {
    reply_array(&call->reply, count_commands(call, true));
    reply_stream_items(&call->reply, next_info);
}

COLD HANDLER(cmd_command_count) {
    reply_integer(&call->reply, count_commands(call, true));
}

/* --- DOCS ------------------------------------------------------------------------------------- */

/* In brief: since when, and what group. */
COLD static void reply_docs(struct call *call, const struct command *command) {
    struct reply *reply = &call->reply;
    u32 parts = part_count(command);
    reply_string(reply, command_name(call, command));
    reply_map(reply, parts ? 3 : 2);
    reply_string(reply, "since");
    reply_word(reply, since_words, command->since);
    reply_string(reply, "group");
    reply_word(reply, group_words, command->group);
    if (parts) {
        reply_string(reply, "subcommands");
        reply_map(reply, parts);
    }
    for (u32 i = 1; i <= parts; i++) reply_docs(call, command + i);
}

COLD STREAM(next_docs) {
    const struct command *command = next_command(call);
    if (command == TABLE_END) return false;
    if (command) reply_docs(call, command);
    return true;
}

COLD HANDLER(cmd_command_docs) {
    reply_map(&call->reply, count_commands(call, false));
    reply_stream_items(&call->reply, next_docs);
}

/* --- HELP ------------------------------------------------------------------------------------- */

COLD static void reply_upper(struct call *call, const char *word, const char *more) {
    text_begin(call);
    text_add_upper(call, string_slice(word));
    text_add_string(call, more);
    reply_simple(&call->reply, text_made(call));
}

/* Of a container: in brief, its subcommands. */
COLD HANDLER(cmd_help) {
    const struct command *container = command_find(call, arg(call, 0));
    const char *name = command_name(call, container);
    u32 parts = part_count(container), prefix = string_len(name) + 1;
    reply_array(&call->reply, parts + 1);
    reply_upper(call, name, " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
    for (u32 i = 1; i <= parts; i++)
        reply_upper(call, command_name(call, container + i) + prefix, "");
}
