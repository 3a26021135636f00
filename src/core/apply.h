/*
 * apply.h - applies an entry of the log: the only writer of facts besides
 * snapshots.
 */
#ifndef CORE_APPLY_H
#define CORE_APPLY_H

#include "core/state.h"

/* Apply the entry, see core_apply(). */
void apply_entry(struct step *, const struct entry *, bool facts_known);

#endif
