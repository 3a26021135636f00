/*
 * shed.h - frees in slices what is let go in one step.
 */
#ifndef CORE_SHED_H
#define CORE_SHED_H

#include "core/state.h"

/* Free some of what was let go, as much as the running piece has room for; ctx
 * is the step. */
void shed_run(struct work_item *, void *ctx);

/* Free at the end of a core what facts_fini() does not free. */
void shed_fini(struct core *);

/* Free in the turns to come what was let go in this step. */
void shed_begin(struct core *);

#endif
