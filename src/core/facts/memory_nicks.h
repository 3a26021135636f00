/*
 * memory_nicks.h - the nicks of which a row of a module remembers something,
 * one after the other, for a hand-over (core/handover.h). memory.c has the
 * code.
 */
#ifndef CORE_MEMORY_NICKS_H
#define CORE_MEMORY_NICKS_H

#include "core/facts/memory.h"

/* Return the block of the next nick, in the order in which they make room, and
 * set *nick, which is borrowed. *nick is empty at first. Return NULL after the
 * last. */
void *memory_next_nick(const struct facts *, const struct memory_row *,
    struct span *nick);

#endif
