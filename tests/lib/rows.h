/*
 * rows.h - the rows of modes and capabilities, for tests that read lines
 * without a core.
 */
#ifndef LIB_ROWS_H
#define LIB_ROWS_H

#include "core/types/tables.h"

/* The rows that a server of a test may have next to the built-in ones. */
#define ROWS_ADDED 1
extern const struct rows *const rows_added[ROWS_ADDED];

/*
 * Return the tables of a core that has all of these rows; they are never freed.
 * As long as the rows are of one source, a core that has them gives them the
 * same numbers.
 */
const struct tables *rows_all(void);

#endif
