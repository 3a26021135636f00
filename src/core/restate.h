/*
 * restate.h - says again what two entries of one number touch
 * (link-protocol.md, 6.23).
 */
#ifndef CORE_RESTATE_H
#define CORE_RESTATE_H

#include "core/state.h"

struct entry;

/*
 * Make entries after which all servers have equal facts, whichever of the two
 * entries they have: that of this run, or another one of its number. Both stay
 * the caller's. Invariants: all own entries are processed, and the clock has
 * seen the stamps of both.
 */
void restate_fork(struct step *, const struct entry *own,
    const struct entry *other);

/* Make an entry that changes nothing. */
void restate_nothing(struct step *);

#endif
