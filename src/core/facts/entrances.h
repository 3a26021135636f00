/*
 * entrances.h - the elements +TRUNK among the facts: where servers take gates
 * (link-protocol.md, 11.54).
 *
 * A run may have several, as a change makes a new one before the old one goes.
 * The one with the greatest dot counts. An element that does not have the form
 * of a +TRUNK is kept as any fact of a later verb, and is none here.
 */
#ifndef CORE_ENTRANCES_H
#define CORE_ENTRANCES_H

#include "core/facts/tree.h"
#include "core/facts/unknown.h"
#include "core/part/entrance.h"

struct entrance {
	const struct unknown *fact; /* has the text; borrowed */
	RB_ENTRY(entrance) link;
};

/* Return the first element of all, and the element after e; or NULL. Those of
 * one run stand together, and the first of these counts. */
const struct entrance *entrances_first(const struct facts *);
const struct entrance *entrances_next(const struct entrance *e);
/* Return the one that counts for the run, or NULL. */
const struct entrance *entrances_of(const struct facts *, struct origin);
/* Return the one that counts for the next run that has any, or NULL. */
const struct entrance *entrances_after(const struct facts *, struct origin);

struct dot entrance_dot(const struct entrance *);
/* Return the run that has made it. */
struct origin entrance_run(const struct entrance *);
/* Read what it says; the texts are borrowed until it goes. */
void entrance_read(const struct entrance *, struct entrance_text *);

/* Return a number that is another one whenever an element comes or goes. */
uint64_t entrances_serial(const struct facts *);

/* ---- for facts.c and unknown.c ---- */

struct entrances *entrances_new(void);
/* Free the table. Return how many elements were left. */
size_t entrances_free(struct facts *);

/* Take note of an element of the verb TRUNK that has come, or that goes. */
void entrances_fact_comes(struct facts *, const struct unknown *);
void entrances_fact_goes(struct facts *, const struct unknown *);

#endif
