/*
 * format.h - the formatting codes in texts of clients (the page "IRC
 * Formatting" of modern-irc): bold, colour, and so on.
 */
#ifndef WIRE_FORMAT_H
#define WIRE_FORMAT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/span.h"

/* Return true if the text has a formatting code. */
bool format_has(struct span);

/* Return the text without formatting codes: a copy in the arena if the text has
 * any. */
struct span format_strip(struct arena *, struct span);

#endif
