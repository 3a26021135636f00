/*
 * rows.h - the built-in rows of modes and capabilities, for tests that read
 * lines without a core.
 */
#ifndef LIB_ROWS_H
#define LIB_ROWS_H

#include "core/types/tables.h"

/* Return the tables of a core without added rows; they live for ever. */
const struct tables *rows_builtin(void);

#endif
