/*
 * rows.h - the rows of modes and capabilities, for tests that read lines
 * without a core.
 */
#ifndef LIB_ROWS_H
#define LIB_ROWS_H

#include "core/types/tables.h"

/* The rows that a server of a test may have next to the built-in ones: those of
 * some modules, and of fleet, whose letters are others. The first ROWS_ALWAYS
 * stand before the others, so they have the same numbers without these. */
#define ROWS_ADDED 5
#define ROWS_ALWAYS 1
const struct rows *const *rows_added(void);

/* Return the tables of a core that has all of these rows; they are never freed.
 */
const struct tables *rows_all(void);

/* The same for the modules that have a say in who hears a message, joins, or
 * changes nick. The first ROWS_ALWAYS are those of rows_added(). */
#define ROWS_MODULES 19
const struct rows *const *rows_modules(void);
const struct tables *rows_modules_all(void);

#endif
