/*
 * row_names.h - which rows the names among the facts have.
 *
 * A register, a list and a status are known by their names, and a name knows
 * the numbers of its rows. When the rows of a core change, the names get other
 * numbers, and the facts with these names are marked as if they had been
 * written anew. No fact changes: a fact without a row is kept, and shown to
 * nobody.
 */
#ifndef CORE_ROW_NAMES_H
#define CORE_ROW_NAMES_H

#include "core/facts/facts.h"
#include "core/types/row_keep.h"

/* Set the numbers of a name, whose text is set. */
void row_names_set(const struct tables *, struct name *);

/*
 * Set the numbers of all names by the tables of the facts, but give no name a
 * row of `hidden`. Mark what may look different: all that has a name with
 * other numbers, or with one of the channel modes in `values`.
 */
void row_names_renew(struct facts *, const struct row_set *hidden,
    uint64_t values);

#endif
