/*
 * rows.h - the rows that are built in.
 */
#ifndef CORE_ROWS_H
#define CORE_ROWS_H

#include "core/types/tables.h"

extern const struct rows core_rows;

/*
 * Fill the tables with the built-in rows and those that are added. Return false
 * and write the reason to why if an added row is refused (tables_add()). A
 * core trusts the rows of its settings; whoever puts rows there calls this
 * first.
 */
bool core_tables(struct tables *, const struct rows *const *added, size_t n,
    struct writer *why);

/* The same for rows that core_tables() has taken before. */
void core_tables_trust(struct tables *, const struct rows *const *added,
    size_t n);

#endif
