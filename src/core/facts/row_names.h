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

/* Set the numbers of a name, whose text is set, by the tables of the facts. Add
 * it to facts->meant if it has a row of a mode, or is the topic. */
void row_names_set(struct facts *, struct name *);

/* Names that have got other numbers (name.renewed). Those who own the names let
 * clients see the difference, object by object. */
struct renewed {
	struct name **v; /* of the facts */
	size_t n, cap;
};

/* Set the numbers of the names of these rows by the tables of the facts, and
 * add the names that the facts have to *renewed. */
void row_names_renew(struct facts *, const struct row_set *rows,
    struct renewed *);

/* Forget which names have got other numbers. */
void row_names_end(struct renewed *);

/* Return true if the user has a register, or the membership a status, with such
 * a name. */
bool row_names_of_user(const struct facts *, const struct user *);
bool row_names_of_member(const struct member *);

/* Return what the current incarnation of the channel has with such a name:
 * CHAN_REGS, CHAN_LISTS, both or 0. */
unsigned row_names_of_chan(const struct facts *, const struct chan *,
    const struct renewed *);

#endif
