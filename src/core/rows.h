/*
 * rows.h - the rows that are built in.
 */
#ifndef CORE_ROWS_H
#define CORE_ROWS_H

#include "core/types/tables.h"

extern const struct rows core_rows;

#endif
