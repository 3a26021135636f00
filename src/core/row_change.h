/*
 * row_change.h - rows that come and go with a new configuration.
 */
#ifndef CORE_ROW_CHANGE_H
#define CORE_ROW_CHANGE_H

#include "core/state.h"
#include "core/types/row_keep.h"

/*
 * Give the core the rows of its settings in place of those that it has. First
 * show clients that the rows which go are gone: `MODE -x` by this server for
 * modes and statuses, CAP DEL for capabilities, which their sessions lose. Then
 * show what the facts say of the rows that have come. No fact changes. When
 * this returns, nothing but `was` points to rows of the settings before.
 *
 * Write the tables before to *was, in the step's arena, and return which
 * capabilities are to be told as new.
 */
uint64_t row_change(struct step *, const struct tables **was);

#endif
