/* Redis's glob patterns: * ? [a-z] [^a] and \ before a byte that is to mean itself. */
#ifndef FERRITE_GLOB_H
#define FERRITE_GLOB_H

#include "base/base.h"

/* Does the pattern match all of the text? Time is at most pattern.len * text.len steps. */
bool glob_matches(struct slice pattern, struct slice text, bool any_case);

#endif
