/*
 * Redis's stringmatchlen, quirks included, without its recursion: every part of a pattern but the
 * star takes exactly one byte, so that when a part does not match it is enough to go back to the
 * last star and let that take one byte more; what earlier stars took need not be thought over.
 */
#include "cmd/glob.h"

COLD static i32 folded(u8 byte, bool any_case) {
    if (any_case && (u8)(byte - 'A') < 26) byte |= 0x20;
    return (i8)byte; /* char is signed where Redis is at home, and ranges compare chars */
}

/* Does the byte belong to the class behind a '[' at *at? Leaves *at behind its ']', or, if it has
 * none, at the pattern's end. */
COLD static bool class_has(const u8 **at, const u8 *end, i32 byte, bool any_case) {
    const u8 *part = *at;
    bool negated = part != end && *part == '^', found = false;
    for (part += negated; part != end && *part != ']'; part++) {
        bool escaped = *part == '\\' && end - part >= 2;
        part += escaped;
        i32 first = folded(*part, any_case), last = first;
        if (!escaped && end - part >= 3 && part[1] == '-') {
            part += 2;
            last = folded(*part, any_case);
        }
        found |= (first - byte) * (last - byte) <= 0; /* between them, whichever is first */
    }
    *at = part == end ? end : part + 1;
    return found != negated;
}

/* Does the byte match the part of a pattern at *at, which is not a star? Steps over the part. */
COLD static bool part_matches(const u8 **at, const u8 *end, i32 byte, bool any_case) {
    u8 part = *(*at)++;
    if (part == '?') return true;
    if (part == '[') return class_has(at, end, byte, any_case);
    if (part == '\\' && *at != end) part = *(*at)++;
    return folded(part, any_case) == byte;
}

COLD bool glob_matches(struct slice pattern, struct slice text, bool any_case) {
    const u8 *part = pattern.bytes, *end = part + pattern.len;
    const u8 *byte = text.bytes, *stop = byte + text.len;
    const u8 *behind_star = NULL, *star_took = NULL;
    if (text.len == 0) return pattern.len == 0 || (pattern.len == 1 && *part == '*');
    while (byte != stop) {
        if (part != end && *part == '*') {
            behind_star = ++part;
            star_took = byte;
        } else if (part != end && part_matches(&part, end, folded(*byte, any_case), any_case)) {
            byte++;
        } else if (behind_star) {
            part = behind_star;
            byte = ++star_took;
        } else {
            return false;
        }
    }
    while (part != end && *part == '*') part++;
    return part == end;
}
