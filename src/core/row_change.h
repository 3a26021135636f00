/*
 * row_change.h - rows that come and go with a new configuration, while users
 * are on (doc/decisions/0035).
 *
 * Clients are shown that rows which go are gone: `MODE -x` by this server for
 * modes and statuses, CAP DEL for capabilities, which their sessions lose. Then
 * they are shown what the facts say of the rows that have come. No fact
 * changes. Both go in slices of a turn, as clients read (core/sessions/lag.h).
 * From the first step on no command, letter, name or prefix finds a row that
 * goes; its number is in tables.leaving until all is hidden.
 */
#ifndef CORE_ROW_CHANGE_H
#define CORE_ROW_CHANGE_H

#include "core/state.h"

/*
 * Begin to give the core the rows of its settings in place of those that it
 * has, if they are other ones, and do a piece of it. Return the tables before,
 * in the step's arena, if the core has the new ones already, or NULL. If the
 * tables change later, reload_rows() is called.
 */
const struct tables *row_change(struct step *);

/* Do a piece; ctx is the step. Do nothing while clients have to read what they
 * were given before. */
void row_change_run(struct work_item *, void *ctx);

/* Queue the next piece, if there is any and nothing has to come before. */
void row_change_go_on(struct core *);

/* Forget all, at the end of a core. */
void row_change_fini(struct core *);

#endif
