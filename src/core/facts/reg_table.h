/*
 * reg_table.h - the registers of an owner that has very many; for reg.c alone.
 *
 * Only a linked server that lies gives an owner more than some. A block of them
 * is searched and copied at each write, so they stand in a table instead, which
 * finds one of n with some log(n) looks.
 */
#ifndef CORE_REG_TABLE_H
#define CORE_REG_TABLE_H

#include "core/facts/reg.h"

struct reg_item;
struct reg_table;

/* Make an empty table, which the caller gives to reg_table_shed(). */
struct reg_table *reg_table_new(void);

/* Put a table that nobody reads any more before those of `shed`. */
void reg_table_shed(struct reg_table *, struct reg_table **shed);
/* Free registers of the tables in `shed`, at most n, and give up their values.
 * Return how many are freed: less than n if nothing is left. */
size_t reg_table_free(struct reg_table **shed, size_t n);

uint32_t reg_table_count(const struct reg_table *);

/* Return the register with that name, or NULL. Add to *visits how many were
 * looked at. It may be written to, but for its name. */
struct reg *reg_table_find(const struct reg_table *, const struct name *,
    uint64_t *visits);

/* Add a register, whose name is not in the table. It is copied; the reference
 * to its value goes with it. */
void reg_table_add(struct reg_table *, const struct reg *);

/* Return the first register, or the one that was added next; NULL after the
 * last. */
const struct reg_item *reg_table_first(const struct reg_table *);
const struct reg_item *reg_item_next(const struct reg_item *);
const struct reg *reg_item_reg(const struct reg_item *);

#endif
