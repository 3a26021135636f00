/*
 * row_change.h - rows that come and go with a new configuration.
 */
#ifndef CORE_ROW_CHANGE_H
#define CORE_ROW_CHANGE_H

#include "core/state.h"
#include "core/types/row_keep.h"

/*
 * Give the core the rows of its settings in the place of those it has. Clients
 * are shown that what a row stood for is gone: `MODE -x` by this server for
 * modes and statuses, CAP DEL for capabilities, which their sessions lose. The
 * facts stay. Then what the facts say of the rows that have come is shown. No
 * row of the settings before is read any more when this returns, except by
 * `was`.
 *
 * Write the tables before to *was, in the step's arena, and return which
 * capabilities are to be told as new.
 */
uint64_t row_change(struct step *, const struct tables **was);

#endif
