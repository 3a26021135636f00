/*
 * row_keep.h - rows keep their numbers while others come and go.
 *
 * Sets of modes, statuses and capabilities are masks of numbers, and every
 * channel, user, membership and session has some. So a row that stays keeps its
 * number; a row that comes takes a number that is free, and a row that goes
 * leaves a gap. In a gap stands a row that no name, letter or prefix finds.
 */
#ifndef CORE_ROW_KEEP_H
#define CORE_ROW_KEEP_H

#include "core/types/tables.h"

/* The difference of two tables. */
struct row_change {
	struct row_set gone; /* numbers in the old tables */
	struct row_set come; /* numbers in the new tables */
	uint64_t values;     /* channel modes that stay, whose value has another
			    type */
	uint64_t caps;	     /* capabilities that stay, but with other values */
	uint64_t memory;     /* numbers of memory, in the old tables, that goes
			    */
};

/*
 * Give each row of `next`, which core_tables() has filled, the number that it
 * has in `was`. Give a new row a number that no row which stays has. Write the
 * difference to *change. A row that looks different to clients (its letter,
 * prefix, rank, name or type) counts as another row: the old one is gone, and
 * the new one has come.
 */
void rows_keep(struct tables *next, const struct tables *was,
    struct row_change *change);

/* Return true if the tables were filled from these very sources of rows. */
bool rows_are_same(const struct tables *, const struct rows *const *added,
    size_t n);

#endif
