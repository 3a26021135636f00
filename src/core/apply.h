/*
 * apply.h - applies an entry of the log: the only writer of facts besides
 * snapshots.
 *
 * A large entry takes several turns. In between, core_is_partial() is true:
 * the facts are those of no vector.
 */
#ifndef CORE_APPLY_H
#define CORE_APPLY_H

#include "core/state.h"

/* Apply the entry, or go on with it, while more than `floor` units of the turn
 * are left. Return false if some of it is left for a later turn, see
 * core_apply(). */
bool apply_entry(struct step *, const struct entry *, bool facts_known,
    int64_t floor);
void apply_fini(struct core *);

/* Return the command that made the membership of a JOIN, in an entry with that
 * cause (link-protocol.md, 11.24); all 0 for other parts. */
struct made apply_made(const struct part *, const struct cause *);

#endif
