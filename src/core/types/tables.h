/*
 * tables.h - the rows of modes, statuses and capabilities that a core has, by
 * number (doc/decisions/0024).
 *
 * Built-in rows come first and have the numbers of their constants (CM_BAN,
 * ST_OP). Nothing may rely on the number of rows but the bounds, CM_NONE and
 * so on: a set of rows is a mask, and a loop over rows ends at the n of the
 * table. mode.h and cap.h have the functions that look a row up.
 */
#ifndef CORE_TABLES_H
#define CORE_TABLES_H

#include "core/types/cap.h"
#include "core/types/mode.h"

struct tables {
	unsigned nchan_mode, nstatus, nuser_mode, ncap;
	const struct chan_mode_row *chan_mode[CM_NONE];
	const struct status_row *status[ST_NONE];
	const struct user_mode_row *user_mode[UM_NONE];
	const struct cap_row *cap[CAP_NONE];
};

/* Fill the tables with the built-in rows. */
void tables_init(struct tables *);

#endif
